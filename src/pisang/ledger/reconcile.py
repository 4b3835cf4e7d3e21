"""Compares the bill of an upstream with the ledger: what it asks for, and what was computed here.

The rows of a bill (``upstream_bills.py``) are added up by day and model, and set beside the cost of
the ledger's entries. Only what had to be paid is compared: a rehearsal is no bill.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.charges import FREE
from pisang.core.money import Money
from pisang.ledger.upstream_bills import read
from pisang.ledger.windows import PACIFIC
from pisang.store.schema import entries

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Compared:
    """One day of one model: what the bill asks for, and what the ledger has."""

    day: date
    model: str
    billed: Money
    ledger: Money

    @property
    def difference(self) -> Money:
        """How much more the bill asks for."""
        return self.billed - self.ledger


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """``rows`` are all days and models of either side, ``skipped`` the lines of the bill that are
    of no day (sums, notes). ``columns`` are those that were read. Amounts that are off by no more
    than ``tolerance`` are no difference: many bills are rounded to the cent."""

    rows: tuple[Compared, ...]
    columns: Mapping[str, str]
    skipped: int = 0
    tolerance: Money = FREE

    @property
    def differences(self) -> tuple[Compared, ...]:
        """The rows that do not agree."""
        most = self.tolerance.nanos
        return tuple(row for row in self.rows if abs(row.difference.nanos) > most)

    @property
    def billed(self) -> Money:
        return Money(sum(row.billed.nanos for row in self.rows))

    @property
    def ledger(self) -> Money:
        return Money(sum(row.ledger.nanos for row in self.rows))


async def reconcile(
    connection: AsyncConnection,
    text: str,
    *,
    projects: Collection[str] | None = None,
    engine: str = "",
    start: date | None = None,
    end: date | None = None,
    columns: Mapping[str, str] = _EMPTY,
    tolerance: Money = FREE,
    utc: bool = False,
) -> Reconciliation:
    """Compares a bill with what an ``engine`` cost (any, if empty). Days from ``start`` to before
    ``end`` count, without them those that the bill has; they are days of Los Angeles, as Google's
    are, or with ``utc`` of UTC. ``columns`` name those of the bill that it would not find itself.
    Raises ``RequestError``."""
    bill = read(text, columns)
    days = {day for day, _ in bill.sums}
    if not days and (start is None or end is None):
        return Reconciliation((), bill.columns, bill.skipped, tolerance)
    first = min(days) if start is None else start
    last = max(days) + timedelta(days=1) if end is None else end
    billed = {key: amount for key, amount in bill.sums.items() if first <= key[0] < last}
    zone = UTC if utc else PACIFIC
    ours = await _costs(connection, projects, engine, first, last, zone)
    rows = [
        Compared(*key, billed.get(key, FREE), ours.get(key, FREE))
        for key in sorted(billed.keys() | ours.keys())
    ]
    return Reconciliation(tuple(rows), bill.columns, bill.skipped, tolerance)


async def _costs(
    connection: AsyncConnection,
    projects: Collection[str] | None,
    engine: str,
    first: date,
    last: date,
    zone: tzinfo,
) -> dict[tuple[date, str], Money]:
    """What the ledger's real bills cost, by the day in which each was posted."""
    query = select(entries.c.at, entries.c.model, entries.c.cost).where(
        entries.c.kind == "post",
        entries.c.rehearsal.is_(False),
        entries.c.at >= _begins(first, zone),
        entries.c.at < _begins(last, zone),
    )
    if projects is not None:
        query = query.where(entries.c.project_id.in_(projects))
    if engine:
        query = query.where(entries.c.engine == engine)
    sums: dict[tuple[date, str], int] = defaultdict(int)
    async for at, model, cost in await connection.stream(query):
        sums[at.replace(tzinfo=UTC).astimezone(zone).date(), model] += cost
    return {key: Money(nanos) for key, nanos in sums.items() if nanos}


def _begins(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)
