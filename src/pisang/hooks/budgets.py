"""Tells the web hooks of budgets that a threshold was passed: once for each period and threshold.

The ledger writes the highest threshold that was passed beside what is spent, in the transaction of
the charge; here it is compared with what was told. So a crash between the two forgets nothing, and
nothing is told twice: the hook's id is made from budget, period and threshold. Where one charge
passes several thresholds, each is told.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import moment, now, rfc3339, seconds_of
from pisang.core.errors import PisangError
from pisang.core.money import Money
from pisang.core.terms import Budget
from pisang.hooks.deliveries import enqueue
from pisang.store.database import Database
from pisang.store.schema import budgets, deliveries, entries, projects, spending

log = structlog.get_logger("pisang.hooks")

REACHED: Final = "budget.threshold_reached"
OFTEN: Final = 300.0  # seconds between two looks, where the ledger says nothing
_RECENT: Final = timedelta(days=40)  # a month, and the days in which a server may have been down


class BudgetWarnings:
    """Waits for the ledger to say that a threshold was passed (``warn``), and has it told.
    ``call`` is what wakes the sender."""

    def __init__(self, database: Database, *, call: Callable[[], None] = lambda: None) -> None:
        self._database = database
        self._call = call
        self._warned = asyncio.Event()

    def warn(self, budget: Budget, percent: int, spent: Money) -> None:
        """The ledger's call: so many percent are spent."""
        log.warning("budget", id=budget.id, name=budget.name, percent=percent, spent=str(spent))
        self._warned.set()

    async def run(self, *, often: float = OFTEN) -> None:
        """Tells until it is cancelled; looks at its start, for what a crash left untold."""
        while True:
            self._warned.clear()
            try:
                if await tell(self._database):
                    self._call()
            except PisangError as error:
                self._warned.set()
                log.error("budgets cannot be told about", why=error.message)
                await asyncio.sleep(1)
            except Exception:
                log.exception("budgets cannot be told about")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._warned.wait(), often)


@asynccontextmanager
async def warning(warnings: BudgetWarnings, *, often: float = OFTEN) -> AsyncIterator[None]:
    """Tells in the background until the block is left."""
    task = asyncio.create_task(warnings.run(often=often), name="budget warnings")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def tell(database: Database) -> int:
    """Has everything told that is not yet; returns how many hooks that are. Raises
    ``StoreError``."""
    async with database.read() as connection:
        if not await _untold(connection):
            return 0
    async with database.write() as connection:
        untold = await _untold(connection)
        for row, threshold in untold:
            await enqueue(
                connection,
                project_id=row.project_id,
                url=row.hook,
                secret=row.hook_secret,
                event=REACHED,
                data=await _data(connection, row, threshold),
                id_=hook_id(row.id, row.period_start, threshold),
            )
        return len(untold)


def hook_id(budget_id: str, period_start: int, threshold: int) -> str:
    """The id of the one hook that tells this."""
    said = f"{budget_id}/{period_start}/{threshold}"
    return f"once_{hashlib.sha256(said.encode()).hexdigest()[:32]}"


async def _untold(connection: AsyncConnection) -> list[tuple[Row[Any], int]]:
    """Periods of budgets, with each threshold that was passed and not told."""
    passed = [
        (row, int(threshold))
        for row in await connection.execute(_warned())
        for threshold in row.thresholds.split(",")
        if threshold and int(threshold) <= row.warned
    ]
    ids = {hook_id(row.id, row.period_start, threshold) for row, threshold in passed}
    query = select(deliveries.c.id).where(deliveries.c.id.in_(sorted(ids)))
    known = set(await connection.scalars(query))
    return [
        (row, threshold)
        for row, threshold in passed
        if hook_id(row.id, row.period_start, threshold) not in known
    ]


def _warned() -> Select[Any]:
    since = now() - _RECENT
    recent = spending.c.period_start >= seconds_of(since)
    whole = (spending.c.period_start == 0) & (budgets.c.created_at >= now() - timedelta(days=365))
    return (
        select(
            *(budgets.c[name] for name in ("id", "project_id", "key_id", "name", "period")),
            *(budgets.c[name] for name in ("amount", "enforced", "thresholds")),
            *(budgets.c[name] for name in ("hook", "hook_secret")),
            *(spending.c[name] for name in ("period_start", "posted", "warned")),
            projects.c.name.label("project"),
        )
        .join(spending, spending.c.budget_id == budgets.c.id)
        .join(projects, projects.c.id == budgets.c.project_id)
        .where(budgets.c.hook != "", spending.c.warned > 0, recent | whole)
        .order_by(budgets.c.id, spending.c.period_start)
    )


async def _data(connection: AsyncConnection, row: Row[Any], threshold: int) -> dict[str, Any]:
    """What the hook says; amounts are dollars as text."""
    start = moment(row.period_start)
    rehearsed = select(func.sum(entries.c.amount)).where(
        entries.c.project_id == row.project_id,
        entries.c.kind == "post",
        entries.c.rehearsal,
        entries.c.at >= start,
    )
    if row.key_id:
        rehearsed = rehearsed.where(entries.c.key_id == row.key_id)
    return {
        "budget": {"id": row.id, "name": row.name},
        "project": {"id": row.project_id, "name": row.project},
        "key": row.key_id or None,
        "period": row.period,
        "period_start": rfc3339(start) if row.period_start else None,
        "threshold_percent": threshold,
        "amount_usd": Money(row.amount).usd,
        "spent_usd": Money(row.posted).usd,
        "rehearsal_usd": Money(int(await connection.scalar(rehearsed) or 0)).usd,
        "enforced": bool(row.enforced),
    }
