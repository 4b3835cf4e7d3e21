"""Compares the bill of an upstream with the ledger: what it asks, and what was reckoned here.

A bill is a CSV with at least a day, a model and an amount in each row, under whatever names: those
of Google Cloud's cost table and billing export are known, and so are the plain words that relays
use; any other column can be named. Rows are added up by day and model, and set beside the cost of
the ledger's entries. Only what had to be paid is compared: a rehearsal is no bill.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.charges import FREE
from pisang.catalog.models import catalog
from pisang.core.errors import RequestError
from pisang.core.money import Money
from pisang.ledger.windows import PACIFIC
from pisang.store.schema import entries

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "day": (
            "day",
            "date",
            "usage start date",
            "usage_start_time",
            "usage_date",
            "start time",
            "created_at",
            "timestamp",
            "time",
        ),
        "model": (
            "model",
            "model_name",
            "sku description",
            "sku.description",
            "sku",
            "description",
        ),
        "amount": (
            "amount",
            "cost",
            "cost ($)",
            "cost_usd",
            "amount_usd",
            "subtotal ($)",
            "unrounded cost ($)",
            "price",
            "spend",
            "total",
        ),
    }
)
"""What a row must have, and what its column may be called, the best name first."""

_NO_MODEL: Final = "(no model)"
_WORDS: Final = re.compile(r"[a-z0-9.]+")
_MOST_ROWS: Final = 1_000_000
_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Compared:
    """One day of one model: what the bill asks, and what the ledger has."""

    day: date
    model: str
    billed: Money
    ledger: Money

    @property
    def difference(self) -> Money:
        """How much more the bill asks."""
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


@dataclass(frozen=True, slots=True)
class Bill:
    """What a CSV says, by day and model."""

    sums: Mapping[tuple[date, str], Money]
    columns: Mapping[str, str]
    skipped: int


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


def read(text: str, columns: Mapping[str, str] = _EMPTY) -> Bill:
    """Adds up a bill. Raises ``RequestError`` for a CSV without a column that is needed, or with
    an amount that is none."""
    lines = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    names, places = _header(lines, columns)
    sums: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    skipped = 0
    for number, row in enumerate(lines, 1):
        if number > _MOST_ROWS:
            raise RequestError(f"The bill has more than {_MOST_ROWS} rows.", field="csv")
        day = _day(_cell(row, places["day"]))
        if day is None:
            skipped += any(row)
            continue
        amount = _amount(_cell(row, places["amount"]), lines.line_num)
        sums[day, model_of(_cell(row, places["model"]))] += amount
    return Bill({key: Money.of(total) for key, total in sums.items()}, names, skipped)


def model_of(said: str) -> str:
    """The id of the model that a row is about: an id or other name in it, or the name that people
    know it by, the longest that fits; else what it says."""
    text = said.strip()
    name = text.removeprefix("models/").rpartition("/")[2]
    if card := catalog().get(name):
        return card.id
    words = f" {' '.join(_WORDS.findall(text.lower().replace('-', ' ')))} "
    best = ("", "")
    for card in catalog().cards.values():
        for known in (card.id, card.name, *card.aliases):
            spoken = " ".join(_WORDS.findall(known.lower().replace("-", " ")))
            if f" {spoken} " in words and len(spoken) > len(best[0]):
                best = (spoken, card.id)
    return best[1] or text or _NO_MODEL


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


def _header(
    lines: Iterable[Sequence[str]], columns: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, int]]:
    """The row that names the columns: a bill may have a title and addresses before it."""
    for named in lines:
        lower = [name.strip().lower() for name in named]
        places: dict[str, int] = {}
        for what, known in COLUMNS.items():
            wanted = (columns[what].strip().lower(),) if what in columns else known
            found = next((lower.index(name) for name in wanted if name in lower), None)
            if found is not None:
                places[what] = found
        if len(places) == len(COLUMNS):
            return {what: named[at].strip() for what, at in places.items()}, places
    raise RequestError(
        "The bill has no row that names its columns: a day, a model and an amount. Known names are "
        + "; ".join(f"{what}: {', '.join(known)}" for what, known in COLUMNS.items())
        + ". Any other can be named with --column, as --column amount=Price.",
        field="csv",
    )


def _cell(row: Sequence[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _day(text: str) -> date | None:
    """The day a row is of; None for a row that is none, as a sum. A moment with a zone is taken in
    the zone it is written in."""
    text = text.removesuffix(" UTC")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    for form in ("%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%b %d, %Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _amount(text: str, line: int) -> Decimal:
    plain = text.replace("$", "").replace("USD", "").replace(",", "").replace("\u2212", "-").strip()
    if plain.startswith("(") and plain.endswith(")"):  # as accountants write what is taken off
        plain = f"-{plain[1:-1]}"
    try:
        amount = Decimal(plain or 0)
        if amount.is_finite():
            return amount
    except InvalidOperation:
        pass
    raise RequestError(f"Line {line} of the bill: {text[:40]!r} is no amount.", field="csv")
