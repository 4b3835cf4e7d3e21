"""``/admin/v1/members``: who has which role, in a project or (without one) in all of the server."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import members
from pisang.accounts.members import Member
from pisang.accounts.principals import Principal
from pisang.accounts.projects import Project
from pisang.core.errors import MalformedRequest
from pisang.core.roles import Action, Role
from pisang.surfaces.admin import asking, fields, owned
from pisang.surfaces.admin.records import records


async def list_(call: Request) -> Response:
    """The members of a project, or of all that one may see. ``everywhere=true`` has those with a
    role in all of the server."""
    query = fields.query(call, ("project", "everywhere", *fields.PAGED))
    size, token = fields.page(query)
    everywhere = fields.truth(query, "everywhere")
    if everywhere:
        await asking.allowed(call, Action.MEMBERS_LIST)
        where = None
    else:
        _, where = await asking.reach(call, Action.MEMBERS_LIST, fields.text(query, "project"))
    async with records(call).database.read() as connection:
        found = await members.listed(connection, within=where, everywhere=everywhere)
    page, more = owned.paged(found, size, token, lambda each: f"{each.project_id} {each.principal}")
    return asking.listing("members", [plain(each) for each in page], more)


async def put(call: Request) -> Response:
    """Gives somebody a role, in place of the one they have there."""
    await asking.principal(call)
    sent = await fields.read(call, ("project", "member", "role"))
    asks, project = await _place(call, sent)
    who, role = fields.needed(sent, "member"), fields.word(sent, "role", Role)
    if role is None:
        raise MalformedRequest("role is missing.", field="role")
    async with records(call).database.write() as connection:
        before = [
            each
            for each in await members.listed(
                connection, project, within=None, everywhere=project is None
            )
            if each.principal == members.spelled(who)
        ]
        made = await members.put(connection, who, role, project, by=asks)
        await asking.changed(
            call,
            connection,
            Action.MEMBERS_UPDATE,
            target=f"members/{made.principal}",
            project_id=made.project_id,
            before=plain(before[0]) if before else {},
            after=plain(made),
        )
    return asking.answer(plain(made))


async def delete(call: Request) -> Response:
    """Takes somebody's role away."""
    query = fields.query(call, ("project", "member"))
    asks, project = await _place(call, query)
    who = fields.needed(query, "member")
    async with records(call).database.write() as connection:
        gone = await members.remove(connection, who, project, by=asks)
        await asking.changed(
            call,
            connection,
            Action.MEMBERS_UPDATE,
            target=f"members/{gone.principal}",
            project_id=gone.project_id,
            before=plain(gone),
        )
    return asking.answer({})


def plain(member: Member) -> dict[str, Any]:
    """A member for programs."""
    return {
        "member": member.principal,
        "role": member.role.value,
        "project": member.project or None,
        "created_at": fields.shown(member.created_at),
    }


async def _place(call: Request, given: Mapping[str, Any]) -> tuple[Principal, Project | None]:
    """Who asks, and the project that was named; None for all of the server."""
    if name := fields.text(given, "project"):
        return await asking.authorised(call, Action.MEMBERS_UPDATE, name)
    return await asking.allowed(call, Action.MEMBERS_UPDATE), None


_PATH: Final = "/admin/v1/members"

ROUTES: Final[Sequence[Route]] = (
    Route(_PATH, asking.told(list_), methods=("GET",)),
    Route(_PATH, asking.told(put), methods=("PUT",)),
    Route(_PATH, asking.told(delete), methods=("DELETE",)),
)
