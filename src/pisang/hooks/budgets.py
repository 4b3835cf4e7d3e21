"""Tells the web hooks of budgets that a threshold was passed: once for each period and threshold.

The ledger writes the highest threshold that was passed beside what is spent, in the transaction of
the charge; here it is compared with what was told. So a crash between the two forgets nothing, and
nothing is told twice: the hook's id is made from budget, period and threshold. Where one charge
passes several thresholds, each is told. A budget of any ten minutes has no periods: there the
ledger writes for each threshold when it was passed last, and every time that it was is told.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import moment, now, rfc3339, seconds_of
from pisang.core.errors import PisangError
from pisang.core.money import Money
from pisang.core.terms import WARNED, Budget
from pisang.hooks.deliveries import enqueue
from pisang.store.database import Database
from pisang.store.schema import budgets, counters, deliveries, entries, projects, spending

log = structlog.get_logger("pisang.hooks")

REACHED: Final = "budget.threshold_reached"
OFTEN: Final = 300.0  # seconds between two looks, where the ledger says nothing
_LATELY: Final = timedelta(days=1)  # in which a server may have been down
_TEN_MINUTES: Final = 600
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
        for each in untold:
            await enqueue(
                connection,
                project_id=each.budget.project_id,
                url=each.budget.hook,
                secret=each.budget.hook_secret,
                event=REACHED,
                data=await _data(connection, each),
                id_=each.id,
            )
        return len(untold)


def hook_id(budget_id: str, period_start: int, threshold: int) -> str:
    """The id of the one hook that tells this."""
    said = f"{budget_id}/{period_start}/{threshold}"
    return f"once_{hashlib.sha256(said.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class _Passed:
    """A threshold that was passed: of which budget (a row), since when its spending is added up,
    and how much was spent."""

    budget: Row[Any]
    threshold: int
    start: int
    spent: int

    @property
    def id(self) -> str:
        return hook_id(self.budget.id, self.start, self.threshold)


async def _untold(connection: AsyncConnection) -> list[_Passed]:
    """Each threshold that was passed and not told."""
    passed = [
        _Passed(row, int(threshold), row.period_start, row.posted)
        for row in await connection.execute(_warned())
        for threshold in row.thresholds.split(",")
        if threshold and int(threshold) <= row.warned
    ]
    for row in await connection.execute(_warned_lately()):
        at, spent = json.loads(row.used)
        if at >= seconds_of(now() - _LATELY) and row.model in row.thresholds.split(","):
            passed.append(_Passed(row, int(row.model), at - _TEN_MINUTES, spent))
    query = select(deliveries.c.id).where(deliveries.c.id.in_(sorted(each.id for each in passed)))
    known = set(await connection.scalars(query))
    return [each for each in passed if each.id not in known]


_BUDGET: Final = (
    *(budgets.c[name] for name in ("id", "project_id", "key_id", "name", "period", "amount")),
    *(budgets.c[name] for name in ("enforced", "thresholds", "hook", "hook_secret")),
    projects.c.name.label("project"),
)


def _warned() -> Select[Any]:
    since = now() - _RECENT
    recent = spending.c.period_start >= seconds_of(since)
    whole = (spending.c.period_start == 0) & (budgets.c.created_at >= now() - timedelta(days=365))
    return (
        select(*_BUDGET, *(spending.c[name] for name in ("period_start", "posted", "warned")))
        .join(spending, spending.c.budget_id == budgets.c.id)
        .join(projects, projects.c.id == budgets.c.project_id)
        .where(budgets.c.hook != "", spending.c.warned > 0, recent | whole)
        .order_by(budgets.c.id, spending.c.period_start)
    )


def _warned_lately() -> Select[Any]:
    """Thresholds of budgets of any ten minutes: each has a row, of when it was passed last."""
    return (
        select(*_BUDGET, counters.c.model, counters.c.used)
        .join(counters, counters.c.subject == literal("budget:").concat(budgets.c.id))
        .join(projects, projects.c.id == budgets.c.project_id)
        .where(budgets.c.hook != "", counters.c.dimension == WARNED)
        .order_by(budgets.c.id, counters.c.model)
    )


async def _data(connection: AsyncConnection, passed: _Passed) -> dict[str, Any]:
    """What the hook says; amounts are dollars as text."""
    row, start = passed.budget, moment(passed.start)
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
        "period_start": rfc3339(start) if passed.start else None,
        "threshold_percent": passed.threshold,
        "amount_usd": Money(row.amount).usd,
        "spent_usd": Money(passed.spent).usd,
        "rehearsal_usd": Money(int(await connection.scalar(rehearsed) or 0)).usd,
        "enforced": bool(row.enforced),
    }
