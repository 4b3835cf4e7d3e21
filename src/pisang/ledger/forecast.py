"""What a month will come to, if it goes on as the last week went."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import moment
from pisang.core.money import Money
from pisang.core.terms import Period
from pisang.ledger.windows import period_end, period_start
from pisang.store.schema import usage_hours

DAYS: Final = 7
"""How many days back say how it goes."""

_HOUR: Final = 3_600
_DAY: Final = timedelta(days=1).total_seconds()


@dataclass(frozen=True, slots=True)
class Forecast:
    """``spent`` is what this month (of Los Angeles) has cost so far, ``a_day`` what a day cost of
    late, ``total`` what the month will come to. ``rehearsal`` is how much of ``spent`` nobody has
    to pay."""

    start: datetime
    end: datetime
    spent: Money
    rehearsal: Money
    a_day: Money
    total: Money

    @property
    def explanation(self) -> str:
        """How it was computed, in a sentence."""
        return (
            f"{self.spent} so far, and {self.a_day} a day (as in the last {DAYS} days) until "
            f"{self.end:%Y-%m-%d %H:%M} UTC."
        )


async def forecast(
    connection: AsyncConnection, *, at: float, projects: Collection[str] | None = None
) -> Forecast:
    """The forecast at a moment (seconds since 1970), of these projects or of all together.

    Where usage began less than a week ago, days are those since it began, and at least one: an
    hour's work says little about a day's.
    """
    start, end = period_start(Period.MONTH, at), period_end(Period.MONTH, at)
    assert end is not None
    since = at - DAYS * _DAY
    recent = await _spent(connection, since, projects)
    began = max(await _began(connection, projects), since)
    days = Decimal(max(at - began, _DAY)) / Decimal(_DAY)
    a_day = Money.of(recent.dollars / days)
    left = Decimal(end - at) / Decimal(_DAY)
    spent = await _spent(connection, start, projects)
    rehearsal = await _spent(connection, start, projects, rehearsal=True)
    return Forecast(
        start=moment(start),
        end=moment(end),
        spent=spent,
        rehearsal=rehearsal,
        a_day=a_day,
        total=spent + Money.of(a_day.dollars * left),
    )


async def _spent(
    connection: AsyncConnection,
    since: float,
    projects: Collection[str] | None,
    *,
    rehearsal: bool = False,
) -> Money:
    """What was charged since then."""
    query = select(func.sum(usage_hours.c.amount)).where(
        usage_hours.c.hour >= int(since) // _HOUR * _HOUR
    )
    if projects is not None:
        query = query.where(usage_hours.c.project_id.in_(projects))
    if rehearsal:
        query = query.where(usage_hours.c.rehearsal)
    return Money(int(await connection.scalar(query) or 0))


async def _began(connection: AsyncConnection, projects: Collection[str] | None) -> float:
    """When anything was used for the first time."""
    query = select(func.min(usage_hours.c.hour))
    if projects is not None:
        query = query.where(usage_hours.c.project_id.in_(projects))
    return float(await connection.scalar(query) or 0)
