"""What belongs to a project and is asked for by its own name: a key, a service account.

Who may not see the project it is in gets the same answer as for a thing that is nowhere.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pisang.accounts.principals import EVERYWHERE, Principal
from pisang.core.errors import NotFound, PermissionDenied
from pisang.core.roles import Action, covers
from pisang.surfaces.admin.asking import denied

T = TypeVar("T")


def check(asks: Principal, action: Action, resource: str, project_id: str | None) -> None:
    """Raises unless they may do this to a thing of this project; ``None`` is a thing that is
    nowhere. ``resource`` is how it was asked for: ``keys/key_01hq...``."""
    if project_id is None:
        if asks.may(action):
            noun, _, name = resource.partition("/")
            raise NotFound(
                f"There is no {name[:200]!r} among {noun}: `pisang {noun} list` shows those there "
                "are.",
                field=noun,
            )
        raise denied(asks, action, resource)
    if asks.may(action, project_id):
        return
    held = asks.roles_in(project_id)
    if not held:
        raise denied(asks, action, resource)
    raise PermissionDenied(
        f"{asks.name} may not do this ({action.value}): the role in this project is "
        f"{' and '.join(dict.fromkeys(held))}.",
        metadata={"permission": action.value},
    )


def check_above(asks: Principal, other: Principal, what: str) -> None:
    """Raises ``PermissionDenied`` where somebody would get at a secret of who may do more than
    they."""
    for place, role in other.roles.items():
        if not any(covers(own, role) for own in asks.roles_in(place)):
            where = "the whole server" if place == EVERYWHERE else "a project"
            raise PermissionDenied(
                f"{what} has the role {role.value} in {where}, which {asks.name} has not: somebody "
                "with that role has to do this.",
                metadata={"role": role.value},
            )


def paged(
    found: Sequence[T], size: int, token: str, named: Callable[[T], str]
) -> tuple[Sequence[T], str]:
    """One page of a list, and the token of the next one; empty at the end."""
    rest = sorted((each for each in found if named(each) > token), key=named)
    page = rest[:size]
    return page, named(page[-1]) if len(rest) > size else ""
