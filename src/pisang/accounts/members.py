"""Members: who has which role, in one project or in all of the server.

A member is a principal (``accounts/principals.py``): a person, who need not have signed in yet, a
service account of any project, or a key of this one. Each has one role in a project.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts.principals import ACCOUNT, EVERYWHERE, KEY, USER, Principal, of_user
from pisang.accounts.projects import Project
from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, NotFound, PermissionDenied, RequestError
from pisang.core.roles import Role, covers
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import keys, members, projects, service_accounts

_EMAIL: Final = re.compile(r"[^\s@:/\\\"<>]{1,64}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?")
_HEADS: Final = {Role.OWNER: "owner", Role.OPERATOR: "operator"}
"""Roles without which nobody could give another one."""


@dataclass(frozen=True, slots=True)
class Member:
    """``project`` is the project's name, ``project_id`` its id; both are empty for a role in all of
    the server."""

    principal: str
    role: Role
    project_id: str
    project: str
    created_at: datetime


async def put(
    connection: AsyncConnection,
    principal: str,
    role: Role,
    project: Project | None,
    *,
    by: Principal | None = None,
) -> Member:
    """Gives somebody a role in a project, or (``None``) in all of the server, in place of the one
    they have there. ``by`` is who gives it, and must have at least that role. Call it inside a
    write transaction.

    Raises ``RequestError`` for who can be none, ``NotFound`` for a key or an account that is not
    there, ``PermissionDenied`` for a role above their own, ``FailedPrecondition`` where it would
    leave nobody at the head.
    """
    who = await _checked(connection, principal, project)
    if project is not None and role is Role.OPERATOR:
        raise RequestError("An operator is one of the whole server.", field="role")
    place = project.id if project else EVERYWHERE
    before = await _find(connection, who, place)
    for given in (role, *((before.role,) if before else ())):
        _check_giver(by, given, place)
    if before is None:
        await connection.execute(
            members.insert().values(
                project_id=place, principal=who, role=role.value, created_at=now()
            )
        )
    elif before.role is not role:
        await _check_head(connection, before)
        await connection.execute(update(members).where(_row(who, place)).values(role=role.value))
    await count(connection, CREDENTIALS)
    return await get(connection, who, project)


async def remove(
    connection: AsyncConnection,
    principal: str,
    project: Project | None,
    *,
    by: Principal | None = None,
) -> Member:
    """Takes somebody's role away; returns what they had. As ``put``, but raises ``NotFound`` for
    who is no member."""
    found = await get(connection, principal, project)
    _check_giver(by, found.role, found.project_id)
    await _check_head(connection, found)
    await connection.execute(delete(members).where(_row(found.principal, found.project_id)))
    await count(connection, CREDENTIALS)
    return found


async def get(connection: AsyncConnection, principal: str, project: Project | None) -> Member:
    """One member. Raises ``NotFound``."""
    who = spelled(principal)
    found = await _find(connection, who, project.id if project else EVERYWHERE)
    if found is None:
        where = f"of project {project.name!r}" if project else "of the whole server"
        raise NotFound(f"{who[:300]} is no member {where}.", field="member")
    return found


async def listed(
    connection: AsyncConnection,
    project: Project | None = None,
    *,
    within: Collection[str] | None = None,
    everywhere: bool = False,
) -> list[Member]:
    """All members: of one project, ``within`` those with these ids, or of all; ``everywhere`` has
    only those with a role in all of the server."""
    query = _rows().order_by(members.c.project_id, members.c.principal)
    if project is not None:
        query = query.where(members.c.project_id == project.id)
    if within is not None:
        query = query.where(members.c.project_id.in_(within))
    if everywhere:
        query = query.where(members.c.project_id == EVERYWHERE)
    return [_member(row) for row in await connection.execute(query)]


def spelled(principal: str) -> str:
    """A principal as members are kept: emails in lower case."""
    kind, colon, name = principal.strip().partition(":")
    return (
        f"{kind}:{name.lower()}" if colon and f"{kind}:" in (USER, ACCOUNT) else principal.strip()
    )


def checked_email(text: str) -> str:
    """An email address in lower case. Raises ``RequestError``."""
    email = text.strip().lower()
    if not _EMAIL.fullmatch(email) or not email.isprintable() or len(email) > 254:
        raise RequestError(f"{text[:80]!r} is no email address.", field="email")
    return email


async def _checked(connection: AsyncConnection, principal: str, project: Project | None) -> str:
    who = spelled(principal)
    if who.startswith(USER):
        return of_user(checked_email(who.removeprefix(USER)))
    if who.startswith(ACCOUNT):
        email = who.removeprefix(ACCOUNT)
        there = select(service_accounts.c.id).where(
            service_accounts.c.email == email, service_accounts.c.revoked_at.is_(None)
        )
    elif who.startswith(KEY):
        there = select(keys.c.id).where(keys.c.id == who.removeprefix(KEY))
        if project is not None:
            there = there.where(keys.c.project_id == project.id)
    else:
        raise RequestError(
            f"{who[:80]!r} can be no member: write user:MAIL, serviceAccount:MAIL or key:ID.",
            field="member",
        )
    if await connection.scalar(there) is None:
        raise NotFound(f"There is no {who[:300]} that could be a member here.", field="member")
    return who


def _check_giver(by: Principal | None, role: Role, place: str) -> None:
    if by is None or any(covers(own, role) for own in by.roles_in(place)):
        return
    raise PermissionDenied(
        f"{by.name} cannot give or take the role {role.value}: it is above their own.",
        metadata={"role": role.value},
    )


async def _check_head(connection: AsyncConnection, leaves: Member) -> None:
    """Raises unless somebody else is at the head as well."""
    if leaves.role not in _HEADS:
        return
    heads = select(members.c.principal).where(
        members.c.project_id == leaves.project_id, members.c.role == leaves.role.value
    )
    # Two who leave at the same moment wait for each other, in one order.
    locked = heads.order_by(members.c.principal).with_for_update()
    if set(await connection.scalars(locked)) <= {leaves.principal}:
        what = _HEADS[leaves.role]
        raise FailedPrecondition(
            f"{leaves.principal} is the last {what}: make somebody else {what} first.",
            field="member",
        )


async def _find(connection: AsyncConnection, who: str, place: str) -> Member | None:
    row = (await connection.execute(_rows().where(_row(who, place)))).first()
    return _member(row) if row else None


def _rows() -> Select[Any]:
    return select(members, projects.c.name.label("project")).join(
        projects, projects.c.id == members.c.project_id, isouter=True
    )


def _row(who: str, place: str) -> ColumnElement[bool]:
    return (members.c.principal == who) & (members.c.project_id == place)


def _member(row: Row[Any]) -> Member:
    return Member(row.principal, Role(row.role), row.project_id, row.project or "", row.created_at)
