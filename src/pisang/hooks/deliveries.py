"""Web hooks that wait to be told, and for some weeks those that were: one row for each.

A row is written in the transaction of what it tells about, so that nothing is told that did not
happen, and nothing that happened is forgotten. Whoever sends takes rows for a minute: another
process leaves them alone, and gets them where the first one died. So a hook comes at least once,
and rarely twice, then with the same id.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import NotFound
from pisang.core.ids import new_id
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.schema import deliveries

LEASE: Final = timedelta(seconds=60)
"""For how long who sends has a row for themselves; sending takes less."""

DELAYS: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 300, 1800, 7200, 18_000, 28_800, 28_800)
)
"""How long to wait after each try that failed: in all a day, in which somebody may mend it."""

KEPT: Final = timedelta(days=30)
"""How long one that was told, or given up, can be looked at."""

_KEPT_ONCE: Final = timedelta(days=400)
_LONGEST_ERROR: Final = 500


class Status(StrEnum):
    """What became of a hook."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One hook. ``secret`` is sealed; ``last_error`` says why the last try failed."""

    id: str
    project_id: str
    url: str
    secret: str
    event: str
    body: str
    attempts: int
    status: Status
    last_error: str
    next_at: datetime
    created_at: datetime


async def enqueue(
    connection: AsyncConnection,
    *,
    project_id: str,
    url: str,
    secret: str,
    event: str,
    data: Mapping[str, Any],
    id_: str | None = None,
) -> str:
    """Has something told to an address, soon; returns the hook's id. Call it inside the write
    transaction of what it tells about. ``secret`` is as it is kept: sealed."""
    made = id_ or new_id("msg")
    at = now()
    await connection.execute(
        insert(deliveries).values(
            id=made,
            project_id=project_id,
            url=url,
            secret=secret,
            event=event,
            body=body_of(event, data, at),
            attempts=0,
            status=Status.PENDING.value,
            next_at=at,
            created_at=at,
        )
    )
    return made


def body_of(event: str, data: Mapping[str, Any], at: datetime) -> str:
    """What is sent: JSON, in the form of Standard Webhooks."""
    said = {"type": event, "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "data": data}
    return json.dumps(said, separators=(",", ":"))


async def claim(connection: AsyncConnection, at: datetime, *, most: int) -> list[Delivery]:
    """Takes hooks that are due, for as long as ``LEASE``. Call this, and all below that change
    something, inside a write transaction."""
    due = (deliveries.c.status == Status.PENDING.value) & (deliveries.c.next_at <= at)
    query = select(deliveries).where(due).order_by(deliveries.c.next_at, deliveries.c.id)
    found = [
        _delivery(row)
        for row in await connection.execute(query.limit(most).with_for_update(skip_locked=True))
    ]
    await connection.execute(
        update(deliveries)
        .where(deliveries.c.id.in_([each.id for each in found]))
        .values(next_at=at + LEASE, attempts=deliveries.c.attempts + 1)
    )
    return found


async def backlog(connection: AsyncConnection, at: datetime) -> tuple[int, float]:
    """How many are still to be told, and for how many seconds the oldest has been."""
    pending = deliveries.c.status == Status.PENDING.value
    query = select(func.count(), func.min(deliveries.c.created_at)).where(pending)
    count, oldest = (await connection.execute(query)).one()
    return count, max((at - oldest).total_seconds(), 0.0) if oldest else 0.0


async def waiting(connection: AsyncConnection, at: datetime) -> bool:
    """Whether any is due."""
    due = (deliveries.c.status == Status.PENDING.value) & (deliveries.c.next_at <= at)
    return (
        await connection.execute(select(deliveries.c.id).where(due).limit(1))
    ).first() is not None


async def settle(
    connection: AsyncConnection, delivery: Delivery, at: datetime, *, error: str, final: bool
) -> Status:
    """Writes down what became of a try; ``error`` is empty where it went well, ``final`` has none
    after it. ``delivery`` is as ``claim`` gave it."""
    values: dict[str, Any] = {"last_error": error[:_LONGEST_ERROR]}
    if not error:
        status = Status.DELIVERED
    elif final or delivery.attempts >= len(DELAYS):
        status = Status.FAILED
    else:
        status = Status.PENDING
        values["next_at"] = at + DELAYS[delivery.attempts]
    row = deliveries.c.id == delivery.id
    await connection.execute(update(deliveries).where(row).values(status=status.value, **values))
    return status


async def listed(
    connection: AsyncConnection,
    *,
    projects: Collection[str] | None = None,
    status: Status | None = None,
    event: str = "",
    most: int = 100,
    before: str = "",
) -> Sequence[Delivery]:
    """Hooks, newest first; of these projects, or all there are. ``before`` is the id of one: those
    after it in the list are meant."""
    query = select(deliveries).order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
    if projects is not None:
        query = query.where(deliveries.c.project_id.in_(sorted(projects)))
    if status is not None:
        query = query.where(deliveries.c.status == status.value)
    if event:
        query = query.where(deliveries.c.event == event)
    if before:
        last = await find(connection, before)
        query = query.where(
            (deliveries.c.created_at < last.created_at)
            | ((deliveries.c.created_at == last.created_at) & (deliveries.c.id < last.id))
        )
    return [_delivery(row) for row in await connection.execute(query.limit(most))]


async def find(connection: AsyncConnection, id_: str) -> Delivery:
    """One hook. Raises ``NotFound``."""
    row = (await connection.execute(select(deliveries).where(deliveries.c.id == id_))).first()
    if row is None:
        raise NotFound(
            f"There is no web hook {id_[:80]!r}. `pisang hooks list` shows those of the last "
            f"{KEPT.days} days.",
            field="hook",
        )
    return _delivery(row)


async def redeliver(connection: AsyncConnection, id_: str) -> Delivery:
    """Has a hook told once more, whatever became of it, with all its tries. Raises ``NotFound``."""
    found = await find(connection, id_)
    values = {"status": Status.PENDING.value, "attempts": 0, "next_at": now()}
    await connection.execute(update(deliveries).where(deliveries.c.id == id_).values(**values))
    return await find(connection, found.id)


async def sweep(database: Database, _: Blobs, at: datetime) -> int:
    """Deletes what was told or given up long enough ago. Ids that say what they tell about
    (``hooks/budgets.py``) stay longer, so that it is not told again."""
    over = (deliveries.c.status != Status.PENDING.value) & (
        (deliveries.c.created_at <= at - _KEPT_ONCE)
        | (
            (deliveries.c.created_at <= at - KEPT)
            & deliveries.c.id.startswith("msg_", autoescape=True)
        )
    )
    async with database.read() as connection:
        if (await connection.execute(select(deliveries.c.id).where(over).limit(1))).first() is None:
            return 0
    async with database.write() as connection:
        return (await connection.execute(delete(deliveries).where(over))).rowcount


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "status": Status(row.status)})
