"""May this caller name this project? Google writes a project into addresses and into one header.

A credential belongs to one project and may name that one only, by its name or its number. Google
does not say whether another project exists, and neither do we: the answer for a foreign project and
for one that is nowhere is the same.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from pisang.core.caller import Caller
from pisang.core.errors import ProjectDenied, QuotaProjectDenied

PREDICT: Final = "aiplatform.endpoints.predict"
USER_PROJECT: Final = "x-goog-user-project"
_USE_SERVICES: Final = "serviceusage.services.use"
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


def check_user_project(caller: Caller, headers: Mapping[str, str]) -> None:
    """Raises ``QuotaProjectDenied`` where ``x-goog-user-project`` bills a project that is not the
    caller's own; header names are lower case (surfaces contract, section 0.2)."""
    named = headers.get(USER_PROJECT, "").strip()
    if not named or caller.may_name(named.removeprefix("projects/")):
        return
    shown = quote(named, safe="/")[:_LONGEST]
    raise QuotaProjectDenied(
        "Caller does not have required permission to use project "
        f"{shown}. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom "
        f"role with the {_USE_SERVICES} permission. {_own(caller)} Leave the header "
        f"{USER_PROJECT} out (a client sends it for a quota project), or name that one.",
        metadata={"permission": _USE_SERVICES, "consumer": f"projects/{shown}"},
    )


def _own(caller: Caller) -> str:
    return (
        f"This credential belongs to project {caller.project_name!r} "
        f"(number {caller.project_number}) and may use that one only."
    )
