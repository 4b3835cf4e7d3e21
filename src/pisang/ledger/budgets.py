"""Budgets: how much a project or one of its keys may spend in a time, and what is spent of it.

An operator or a project's owner makes them; ``accounts/terms.py`` puts them into the terms of each
key, and the desk holds every request against them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core import scopes
from pisang.core.clock import moment, now
from pisang.core.errors import NotFound, RequestError
from pisang.core.ids import new_id
from pisang.core.money import Money
from pisang.core.terms import Budget, Period
from pisang.ledger.operations import spend_key
from pisang.ledger.windows import SPEND, TEN_MINUTES, period_end, period_start, used_now
from pisang.store.revisions import CREDENTIALS, count
from pisang.store.schema import budgets, counters, entries, spending

MOST_NAME: Final = 63
MOST_THRESHOLD: Final = 1_000
MOST_THRESHOLDS: Final = 10
_MOST_AMOUNT: Final = Money(2**62)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBudget:
    """A budget as it was set. ``key_id`` is empty for one of the whole project; ``hook`` is told
    when a threshold (in percent) is passed, and signed with ``hook_secret``, which is kept
    encrypted."""

    id: str
    project_id: str
    key_id: str
    name: str
    period: Period
    amount: Money
    enforced: bool = True
    thresholds: tuple[int, ...] = ()
    hook: str = ""
    hook_secret: str = ""
    created_at: datetime | None = None

    @property
    def budget(self) -> Budget:
        """The same as the terms of a key have it."""
        return Budget(
            id=self.id,
            name=self.name,
            scope=scopes.of_key_or_project(self.key_id, self.project_id),
            period=self.period,
            amount=self.amount,
            enforced=self.enforced,
            thresholds=self.thresholds,
            origin=scopes.KEY if self.key_id else scopes.PROJECT,
        )


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """What is spent of a budget in its present period, and when the next one begins (UTC without a
    zone; None for one that never does). Of any ten minutes ``posted`` has what is held too."""

    budget: Budget
    posted: Money
    held: Money
    resets_at: datetime | None

    @property
    def left(self) -> Money:
        return self.budget.amount - self.posted - self.held


async def put(
    connection: AsyncConnection,
    *,
    project_id: str,
    key_id: str = "",
    name: str,
    period: Period,
    amount: Money,
    enforced: bool = True,
    thresholds: Sequence[int] = (),
    hook: str = "",
    hook_secret: str | None = None,
) -> KeptBudget:
    """Makes a budget, or changes the one of this name; what was spent of it goes on counting. A
    ``hook_secret`` of None stays as it is. Call it inside a write transaction. Raises
    ``RequestError``."""
    _check(name, amount, thresholds)
    values = {
        "period": period.value,
        "amount": amount.nanos,
        "enforced": enforced,
        "thresholds": ",".join(str(each) for each in sorted(set(thresholds))),
        "hook": hook,
    } | ({} if hook_secret is None else {"hook_secret": hook_secret})
    row = (
        (budgets.c.project_id == project_id)
        & (budgets.c.key_id == key_id)
        & (budgets.c.name == name)
    )
    changed = await connection.execute(update(budgets).where(row).values(**values))
    if not changed.rowcount:
        fixed = {"id": new_id("bgt"), "project_id": project_id, "key_id": key_id, "name": name}
        await connection.execute(insert(budgets).values(**fixed, **values, created_at=now()))
    await count(connection, CREDENTIALS)
    return _kept((await connection.execute(select(budgets).where(row))).one())


async def listed(
    connection: AsyncConnection, projects: Collection[str] | None = None
) -> list[KeptBudget]:
    """The budgets of these projects, or all there are; oldest first."""
    query = select(budgets).order_by(budgets.c.id)
    if projects is not None:
        query = query.where(budgets.c.project_id.in_(projects))
    return [_kept(row) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, id_: str) -> KeptBudget:
    """One budget. Raises ``NotFound``."""
    row = (await connection.execute(select(budgets).where(budgets.c.id == id_))).first()
    if row is None:
        raise NotFound(f"There is no budget {id_[:80]!r}.", field="budget")
    return _kept(row)


async def remove(connection: AsyncConnection, id_: str) -> KeptBudget:
    """Takes a budget away; what was spent stays in the entries. Call it inside a write transaction.
    Raises ``NotFound``."""
    found = await find(connection, id_)
    await connection.execute(delete(budgets).where(budgets.c.id == id_))
    await count(connection, CREDENTIALS)
    return found


async def rehearsed(
    connection: AsyncConnection,
    use: BudgetUse,
    project_id: str,
    *,
    at: float,
    since: datetime | None = None,
) -> Money:
    """How much of what is spent of a budget of this project nobody has to pay; ``since`` is when
    the budget was made (UTC without a zone)."""
    if not use.posted:
        return use.posted
    begun = moment(_begun(use.budget.period, at))
    query = select(func.sum(entries.c.amount)).where(
        entries.c.project_id == project_id,
        entries.c.kind == "post",
        entries.c.rehearsal,
        entries.c.at >= max(begun, since or begun),
    )
    if scopes.kind_of(use.budget.scope) == scopes.KEY:
        query = query.where(entries.c.key_id == scopes.name_of(use.budget.scope))
    return min(use.posted, Money(int(await connection.scalar(query) or 0)))


def _begun(period: Period, at: float) -> float:
    if period is Period.TEN_MINUTES:
        return TEN_MINUTES.begins(TEN_MINUTES.bucket(at) - TEN_MINUTES.span + 1)
    return period_start(period, at)


async def use(connection: AsyncConnection, of: Sequence[Budget], *, at: float) -> list[BudgetUse]:
    """What is spent of each of these budgets at a moment (seconds since 1970)."""
    ids = [budget.id for budget in of]
    spent = {
        (row.budget_id, row.period_start): row
        for row in await connection.execute(select(spending).where(spending.c.budget_id.in_(ids)))
    }
    subjects = [spend_key(budget)[0] for budget in of]
    query = select(counters.c.subject, counters.c.used).where(
        counters.c.subject.in_(subjects), counters.c.dimension == SPEND
    )
    lately = {
        subject: used_now(SPEND, used, at) for subject, used in await connection.execute(query)
    }
    uses = []
    for budget in of:
        if budget.period is Period.TEN_MINUTES:
            uses.append(
                BudgetUse(budget, Money(lately.get(spend_key(budget)[0], 0)), Money(0), None)
            )
            continue
        row = spent.get((budget.id, period_start(budget.period, at)))
        posted, held = (row.posted, row.held) if row else (0, 0)
        ends = period_end(budget.period, at)
        resets_at = None if ends is None else moment(ends)
        uses.append(BudgetUse(budget, Money(posted), Money(held), resets_at))
    return uses


def _check(name: str, amount: Money, thresholds: Sequence[int]) -> None:
    if not 0 < len(name) <= MOST_NAME or not name.isprintable() or name != name.strip():
        raise RequestError(
            f"The name of a budget has 1 to {MOST_NAME} letters and no space at its ends.",
            field="name",
        )
    if not Money(0) <= amount <= _MOST_AMOUNT:
        raise RequestError("The amount of a budget is 0 dollars or more.", field="amount")
    if len(thresholds) > MOST_THRESHOLDS or not all(0 < n <= MOST_THRESHOLD for n in thresholds):
        raise RequestError(
            f"Warn at up to {MOST_THRESHOLDS} percents, each from 1 to {MOST_THRESHOLD}.",
            field="warn",
        )


def _kept(row: Row[Any]) -> KeptBudget:
    return KeptBudget(
        id=row.id,
        project_id=row.project_id,
        key_id=row.key_id,
        name=row.name,
        period=Period(row.period),
        amount=Money(row.amount),
        enforced=bool(row.enforced),
        thresholds=tuple(map(int, filter(None, row.thresholds.split(",")))),
        hook=row.hook,
        hook_secret=row.hook_secret,
        created_at=row.created_at,
    )
