"""``/admin/v1/projects``: what keys, members, limits and money belong to.

How a project pays, and whether it is served at all, is the operator's to say; the rest is its
owners'.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import projects
from pisang.accounts.projects import Project, Wish
from pisang.core.errors import MalformedRequest, RequestError
from pisang.core.roles import Action
from pisang.core.terms import Billing
from pisang.faults.order import read as read_fault
from pisang.surfaces.admin import asking, fields, owned
from pisang.surfaces.admin.records import records

_OWNERS: Final = ("locations", "fault", "audit_content", "block_dormant")
_OPERATORS: Final = ("billing", "tier", "markup")
_LONGEST_FAULT: Final = 63


async def list_(call: Request) -> Response:
    """The projects that one may see, oldest first."""
    size, token = fields.page(fields.query(call, fields.PAGED))
    _, where = await asking.reach(call, Action.PROJECTS_GET)
    async with records(call).database.read() as connection:
        found = await projects.listed(connection)
    seen = [each for each in found if where is None or each.id in where]
    page, more = owned.paged(seen, size, token, lambda each: each.id)
    return asking.listing("projects", [plain(each) for each in page], more)


async def get(call: Request) -> Response:
    """One project, by its name, number or id."""
    _, found = await asking.authorised(call, Action.PROJECTS_GET, _named(call))
    return asking.answer(plain(found))


async def create(call: Request) -> Response:
    """Makes a project: postpaid, with no cap and no limits, unless it says otherwise."""
    await asking.allowed(call, Action.PROJECTS_CREATE)
    sent = await fields.read(call, ("name", *_OWNERS, *_OPERATORS))
    name, wish = fields.exact(sent, "name"), _wish(sent)
    async with records(call).database.write() as connection:
        made = await projects.create(connection, name, wish=wish)
        await asking.changed(
            call,
            connection,
            Action.PROJECTS_CREATE,
            target=f"projects/{made.name}",
            project_id=made.id,
            after=plain(made),
        )
    return asking.answer(plain(made))


async def update(call: Request) -> Response:
    """Changes what is sent of a project, from its next request on."""
    sent = await _permitted(call)
    asks = await asking.principal(call)
    wish = _wish(sent)
    async with records(call).database.write() as connection:
        before = await asking.granted(connection, asks, Action.PROJECTS_GET, _named(call))
        after = await projects.change(connection, before.id, wish=wish)
        await asking.changed(
            call,
            connection,
            Action.PROJECTS_UPDATE,
            target=f"projects/{after.name}",
            project_id=after.id,
            before=plain(before),
            after=plain(after),
        )
    return asking.answer(plain(after))


async def delete(call: Request) -> Response:
    """Deletes a project of which nothing is left that must not be lost."""
    await asking.allowed(call, Action.PROJECTS_DELETE)
    async with records(call).database.write() as connection:
        gone = await projects.remove(connection, _named(call))
        await asking.changed(
            call,
            connection,
            Action.PROJECTS_DELETE,
            target=f"projects/{gone.name}",
            project_id=gone.id,
            before=plain(gone),
        )
    return asking.answer({})


async def suspend(call: Request) -> Response:
    """Switches a project off: all of its requests are refused until it is resumed."""
    return await _switched(call, suspended=True)


async def resume(call: Request) -> Response:
    """Switches a project on again."""
    return await _switched(call, suspended=False)


def plain(project: Project) -> dict[str, Any]:
    """A project for programs."""
    return {
        "id": project.id,
        "name": project.name,
        "number": project.number,
        "billing": project.billing.value,
        "tier": project.tier or None,
        "markup": str(project.markup),
        "locations": list(project.locations),
        "fault": project.fault or None,
        "audit_content": project.audit_content,
        "block_dormant": project.block_dormant,
        "created_at": fields.shown(project.created_at),
        "suspended_at": fields.shown(project.suspended_at),
    }


async def _permitted(call: Request) -> dict[str, Any]:
    """What was sent to change a project, if they may change all of it."""
    name = _named(call)
    asks, found = await asking.authorised(call, Action.PROJECTS_GET, name)
    sent = await fields.read(call, (*_OWNERS, *_OPERATORS))
    if not sent:
        raise MalformedRequest(f"Say what to change: {', '.join((*_OWNERS, *_OPERATORS))}.")
    for action, names in ((Action.PROJECTS_UPDATE, _OWNERS), (Action.PROJECTS_BILL, _OPERATORS)):
        if any(each in sent for each in names):
            owned.check(asks, action, f"projects/{name}", found.id)
    return sent


def _wish(sent: Mapping[str, Any]) -> Wish:
    return Wish(
        locations=fields.texts(sent, "locations"),
        fault=_fault(fields.text(sent, "fault")) if "fault" in sent else None,
        billing=fields.word(sent, "billing", Billing),
        tier=fields.text(sent, "tier") if "tier" in sent else None,
        markup=(fields.text(sent, "markup") or "0") if "markup" in sent else None,
        audit_content=fields.truth(sent, "audit_content") if "audit_content" in sent else None,
        block_dormant=fields.truth(sent, "block_dormant") if "block_dormant" in sent else None,
    )


def _fault(order: str) -> str:
    """The fault of all answers of a project; empty for none."""
    if order and not read_fault(order).chosen:
        raise RequestError("That is no fault; an empty text ends the one there is.", field="fault")
    if len(order) > _LONGEST_FAULT:
        raise RequestError(f"A fault has at most {_LONGEST_FAULT} letters here.", field="fault")
    return order


async def _switched(call: Request, *, suspended: bool) -> Response:
    _, found = await asking.authorised(call, Action.PROJECTS_SUSPEND, _named(call))
    switch = projects.suspend if suspended else projects.resume
    async with records(call).database.write() as connection:
        after = await switch(connection, found.id)
        await asking.changed(
            call,
            connection,
            Action.PROJECTS_SUSPEND,
            target=f"projects/{after.name}",
            project_id=after.id,
            before=plain(found),
            after=plain(after),
        )
    return asking.answer(plain(after))


def _named(call: Request) -> str:
    return str(call.path_params["project"])


ONE: Final = "/admin/v1/projects/{project}"

ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/projects", asking.told(list_), methods=("GET",)),
    Route("/admin/v1/projects", asking.told(create), methods=("POST",)),
    Route(f"{ONE}:suspend", asking.told(suspend), methods=("POST",)),
    Route(f"{ONE}:resume", asking.told(resume), methods=("POST",)),
    Route(ONE, asking.told(get), methods=("GET",)),
    Route(ONE, asking.told(update), methods=("PATCH",)),
    Route(ONE, asking.told(delete), methods=("DELETE",)),
)
