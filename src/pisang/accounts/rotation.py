"""Replaces a key without a pause: a new one like it, and a time in which both are good.

The new key takes over what the old one is limited to and may spend, so that nobody gets a fresh
budget by rotating: limits and budgets move to it, and the old key counts for the same ones as long
as it lives (``keys.verify``).
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import keys, principals
from pisang.accounts.keys import Key, NewKey, State
from pisang.accounts.projects import Project, find
from pisang.core import scopes
from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, RequestError
from pisang.store import schema
from pisang.store.revisions import CREDENTIALS, count

OVERLAP: Final = timedelta(days=1)
LONGEST: Final = timedelta(days=365)


async def rotate(
    connection: AsyncConnection,
    given: str,
    project: Project | None = None,
    *,
    overlap: timedelta = OVERLAP,
) -> tuple[NewKey, Key]:
    """Makes a key that takes over from this one, which ends after ``overlap``; returns the new one,
    and the old one as it is now. Call it inside a write transaction.

    Raises ``NotFound``, ``RequestError`` for an overlap that is none, and ``FailedPrecondition``
    for a key that has ended or was rotated already.
    """
    if not timedelta(0) <= overlap <= LONGEST:
        raise RequestError("The overlap must be 0 to 365 days.", field="overlap")
    found = await keys.find(connection, given, project)
    row = select(schema.keys.c.id).where(schema.keys.c.id == found)
    await connection.execute(row.with_for_update())  # two at once would make two successors
    old = await keys.get(connection, found)
    await _check(connection, old)
    made = await keys.create(
        connection,
        await find(connection, old.project_id),
        name=old.name,
        chat_images=old.chat_images,
        allowed=old.allowed,
        restrictions=old.restrictions,
        expires_at=old.expires_at,
        replaces=old.id,
    )
    await _move(connection, old.id, made.id)
    ends = now() + overlap
    ends = ends if old.expires_at is None else min(ends, old.expires_at)
    await connection.execute(
        update(schema.keys).where(schema.keys.c.id == old.id).values(expires_at=ends)
    )
    await count(connection, CREDENTIALS)
    return made, await keys.get(connection, old.id)


async def _check(connection: AsyncConnection, old: Key) -> None:
    state = old.state(now())
    if state in (State.REVOKED, State.EXPIRED):
        raise FailedPrecondition(f"This key is {state.value}: make a new one.", field="key")
    taken = select(schema.keys.c.id).where(schema.keys.c.replaces == old.id)
    if successor := await connection.scalar(taken):
        raise FailedPrecondition(
            f"This key was rotated already, to {successor}: rotate that one.", field="key"
        )


async def _move(connection: AsyncConnection, old: str, new: str) -> None:
    """Gives the new key what counts for the old one: its limits, its budgets, its roles."""
    limits, budgets, members = schema.limits, schema.budgets, schema.members
    await connection.execute(
        update(limits).where(limits.c.scope == scopes.of_key(old)).values(scope=scopes.of_key(new))
    )
    await connection.execute(update(budgets).where(budgets.c.key_id == old).values(key_id=new))
    roles = select(members).where(members.c.principal == principals.of_key(old))
    for row in (await connection.execute(roles)).all():
        await connection.execute(
            members.insert().values(
                project_id=row.project_id,
                principal=principals.of_key(new),
                role=row.role,
                created_at=now(),
            )
        )
