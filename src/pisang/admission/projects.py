"""May this caller name this project? Google writes a project into addresses.

A credential belongs to one project and may name that one only, by its name or its number. Google
does not say whether another project exists, and neither do we: the answer for a foreign project and
for one that is nowhere is the same. The header ``x-goog-user-project`` is not looked at: clients
send the quota project of a person's Google Cloud set-up, and here the own project pays anyway.
"""

from typing import Final
from urllib.parse import quote

from pisang.core.caller import Caller
from pisang.core.errors import ProjectDenied

PREDICT: Final = "aiplatform.endpoints.predict"
_LONGEST: Final = 200  # of what a caller wrote and an error repeats


def check_project(
    caller: Caller,
    project: str,
    *,
    permission: str = PREDICT,
    location: str = "",
    model: str = "",
) -> None:
    """Raises ``ProjectDenied`` unless ``project`` is how the caller's own project is called.

    ``location`` and ``model`` (of publisher google) only make the resource's full name, as Google
    tells it. The sentence is Google's (surfaces contract, section 11); the cure is ours.
    """
    if caller.may_name(project):
        return
    resource = f"//aiplatform.googleapis.com/projects/{quote(project, safe='')}"
    if location:
        resource += f"/locations/{quote(location, safe='')}"
    if model:
        resource += f"/publishers/google/models/{quote(model, safe='@')}"
    resource = resource[:_LONGEST]
    raise ProjectDenied(
        f"Permission '{permission}' denied on resource '{resource}' (or it may not exist). "
        f"{_own(caller)}",
        metadata={"permission": permission, "resource": resource},
    )


def _own(caller: Caller) -> str:
    return (
        f"This credential belongs to project {caller.project_name!r} "
        f"(number {caller.project_number}) and may use that one only."
    )
