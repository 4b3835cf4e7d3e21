"""What a project has: what it was given, what was charged, what is held, and what is left."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.charges import FREE
from pisang.core.money import Money
from pisang.store.schema import entries, holds, ledger_accounts

MOST_HOLDS = 1_000


@dataclass(frozen=True, slots=True)
class Balance:
    """Money of one project. ``rehearsal`` is how much of ``posted`` nobody has to pay: it was drawn
    by an engine of ours at list price."""

    granted: Money = FREE
    posted: Money = FREE
    held: Money = FREE
    rehearsal: Money = FREE

    @property
    def available(self) -> Money:
        """What is left; below zero for a project that pays afterwards."""
        return self.granted - self.posted - self.held


@dataclass(frozen=True, slots=True)
class RunningHold:
    """Money that is set aside now, and until when at most."""

    id: str
    project_id: str
    key_id: str
    request_id: str
    model: str
    amount: Money
    created_at: datetime
    expires_at: datetime


async def all_open(connection: AsyncConnection) -> tuple[int, Money]:
    """How many holds are open in all projects, and what they set aside."""
    query = select(func.count(), func.coalesce(func.sum(holds.c.amount), 0)).select_from(holds)
    count, amount = (await connection.execute(query)).one()
    return count, Money(int(amount))


async def balance(connection: AsyncConnection, project_id: str) -> Balance:
    """The balance of a project; all zero for one that has no entries."""
    query = select(ledger_accounts).where(ledger_accounts.c.project_id == project_id)
    row = (await connection.execute(query)).first()
    if row is None:
        return Balance()
    rehearsed = select(func.sum(entries.c.amount)).where(
        entries.c.project_id == project_id, entries.c.kind == "post", entries.c.rehearsal
    )
    return Balance(
        granted=Money(row.granted),
        posted=Money(row.posted),
        held=Money(row.held),
        rehearsal=Money(int(await connection.scalar(rehearsed) or 0)),
    )


async def running(
    connection: AsyncConnection,
    projects: Collection[str] | None = None,
    *,
    most: int = MOST_HOLDS,
) -> list[RunningHold]:
    """The holds that are open now, oldest first; of these projects, or of all."""
    query = select(holds).order_by(holds.c.created_at, holds.c.id).limit(most)
    if projects is not None:
        query = query.where(holds.c.project_id.in_(projects))
    return [_hold(row) for row in await connection.execute(query)]


def _hold(row: Row[Any]) -> RunningHold:
    return RunningHold(
        id=row.id,
        project_id=row.project_id,
        key_id=row.key_id,
        request_id=row.request_id,
        model=row.model,
        amount=Money(row.amount),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
