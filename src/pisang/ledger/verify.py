"""Checks the books: every bill computed again from what was used, every sum from its entries.

Nothing is believed that can be computed. A bill has its usage, its rates and its markup written
beside it, so the formula (``catalog/charges.py``) has to give the same nano-dollars. Whatever is
kept as a sum so that it need not be added up each time (accounts, hours, what budgets hold) has to
be the sum of the rows it stands for. One transaction sees one state, so this may run any time.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.catalog.charges import COMPONENTS, NO_COST, Rates
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.entries import Entry, Kind, entry
from pisang.ledger.operations import LATE
from pisang.ledger.state import Takes
from pisang.ledger.usage import SUMS, hour_of
from pisang.store.schema import entries, holds, ledger_accounts, spending, usage_hours

MOST: Final = 1_000
"""Findings that are listed; books that are this wrong need no longer list."""

_BY: Final = ("project_id", "key_id", "model", "engine", "surface", "tier")
_CHECKED: Final = tuple(name for name in SUMS if name != "failed")
_NOTHING: Final = (0,) * len(_CHECKED)
_ROWS: Final = 2_000

_Hour = tuple[Any, ...]
"""The key of a row of hours; of requests that failed, its hour, project and key."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit: what was checked, on which thing, and how far it is off."""

    check: str
    subject: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.check} of {self.subject}: {self.found}, and it should be {self.expected}"


@dataclass(slots=True)
class Report:
    """``entries`` were read, ``bills`` of them computed again; ``findings`` are empty where all is
    right, and end at ``MOST``."""

    entries: int = 0
    bills: int = 0
    findings: list[Finding] = field(default_factory=list)

    def expect(self, check: str, subject: str, expected: object, found: object) -> None:
        """Notes a finding where the two are not the same."""
        if expected != found and len(self.findings) < MOST:
            self.findings.append(Finding(check, subject, str(expected), str(found)))


@dataclass(slots=True)
class _Holds:
    """Holds that were made and are not ended yet, and ends of holds that were not seen yet: a hold
    and its end may come in any order, for ids of one millisecond have none."""

    made: dict[str, Money] = field(default_factory=dict)
    ended: dict[str, Money | None] = field(default_factory=dict)

    def make(self, id_: str, amount: Money, report: Report) -> None:
        """A hold is made."""
        if id_ in self.made:
            report.expect("times the hold is made", id_, 1, 2)
        elif id_ in self.ended:
            freed = self.ended.pop(id_)
            report.expect("amount that is freed", id_, amount, amount if freed is None else freed)
        else:
            self.made[id_] = amount

    def end(self, id_: str, freed: Money | None, report: Report) -> None:
        """A hold is ended; ``freed`` is None where it was posted."""
        if id_ in self.ended:
            report.expect("times the hold is ended", id_, 1, 2)
        elif id_ in self.made:
            amount = self.made.pop(id_)
            report.expect("amount that is freed", id_, amount, amount if freed is None else freed)
        else:
            self.ended[id_] = freed


@dataclass(slots=True)
class _Sums:
    """What the entries of a project add up to; ``late`` are holds that were posted when they had
    expired."""

    granted: int = 0
    posted: int = 0
    holds: _Holds = field(default_factory=_Holds)
    late: list[str] = field(default_factory=list)


async def verify(connection: AsyncConnection, projects: Collection[str] | None = None) -> Report:
    """Checks the books of these projects, or all of them."""
    report = Report()
    sums: dict[str, _Sums] = defaultdict(_Sums)
    hours: dict[_Hour, list[int]] = {}
    failed: dict[_Hour, int] = defaultdict(int)
    async for one in _entries(connection, projects):
        report.entries += 1
        _add(one, sums[one.project_id], report)
        if one.kind is Kind.POST:
            report.bills += 1
            check_bill(one, report)
            _count(one, hours)
        _count_failures(one, failed)
    await _check_accounts(connection, projects, sums, report)
    await _check_hours(connection, projects, hours, report)
    await _check_failures(connection, projects, failed, report)
    await _check_budgets(connection, projects, report)
    return report


def check_bill(one: Entry, report: Report) -> None:
    """Computes a bill again from its usage, rates and markup."""
    try:
        cost = Rates.read(one.rates).cost(one.usage) if one.usage else NO_COST
        charged = cost.marked_up(Decimal(one.rates.get("markup", 0)))
    except (ValueError, ArithmeticError):
        report.expect("rates", one.id, "decimals", dict(one.rates))
        return
    for name in COMPONENTS:
        again, written = charged.components.get(name), one.components.get(name)
        report.expect(f"component {name}", one.id, again or Money(0), written or Money(0))
    report.expect("cost", one.id, cost.total, one.cost)
    report.expect("amount and absorbed", one.id, charged.total, one.amount + one.absorbed)
    if not Money(0) <= one.amount or one.absorbed < Money(0):
        report.expect("sign", one.id, "nothing below zero", f"{one.amount}, {one.absorbed}")


async def _entries(
    connection: AsyncConnection, projects: Collection[str] | None
) -> AsyncIterator[Entry]:
    last = ""
    while True:
        query = select(entries).where(entries.c.id > last).order_by(entries.c.id).limit(_ROWS)
        rows = (await connection.execute(_of(query, entries.c.project_id, projects))).all()
        for row in rows:
            yield entry(row)
        if len(rows) < _ROWS:
            return
        last = rows[-1].id


def _add(one: Entry, sums: _Sums, report: Report) -> None:
    """Adds an entry to its project."""
    match one.kind:
        case Kind.TOP_UP | Kind.ADJUST:
            sums.granted += one.amount.nanos
        case Kind.HOLD:
            sums.holds.make(one.hold_id, one.amount, report)
        case Kind.VOID | Kind.EXPIRE:
            report.expect("hold that is resolved", one.id, one.hold_id, one.resolves)
            sums.holds.end(one.hold_id, one.amount, report)
        case Kind.POST:
            sums.posted += one.amount.nanos
            if one.resolves == one.hold_id + LATE:
                sums.late.append(one.hold_id)
            else:
                report.expect("hold that is resolved", one.id, one.hold_id, one.resolves)
                sums.holds.end(one.hold_id, None, report)


def _count(one: Entry, hours: dict[_Hour, list[int]]) -> None:
    """Adds a bill to its hour, as the desk does."""
    key = (hour_of(one.at), *(getattr(one, name) for name in _BY), one.rehearsal)
    used = one.usage or Usage()
    more = {"requests": one.requests, "amount": one.amount.nanos, "cost": one.cost.nanos}
    total = hours.setdefault(key, [0] * len(_CHECKED))
    for at, name in enumerate(_CHECKED):
        total[at] += more[name] if name in more else getattr(used, name)


def _count_failures(one: Entry, failed: dict[_Hour, int]) -> None:
    """Adds requests that failed to their hour; what is posted late did not after all."""
    key = (hour_of(one.at), one.project_id, one.key_id)
    if one.kind in (Kind.VOID, Kind.EXPIRE):
        failed[key] += one.requests
    elif one.kind is Kind.POST and one.resolves == one.hold_id + LATE:
        failed[key] -= one.requests


async def _check_accounts(
    connection: AsyncConnection,
    projects: Collection[str] | None,
    sums: Mapping[str, _Sums],
    report: Report,
) -> None:
    query = _of(select(ledger_accounts), ledger_accounts.c.project_id, projects)
    accounts = {row.project_id: row for row in await connection.execute(query)}
    there = _of(select(holds.c.id, holds.c.project_id, holds.c.amount), *_mine(projects))
    running: dict[str, dict[str, int]] = defaultdict(dict)
    for id_, project, amount in await connection.execute(there):
        running[project][id_] = amount
    for project in sorted(accounts.keys() | sums.keys() | running.keys()):
        ours, account = sums.get(project) or _Sums(), accounts.get(project)
        of_holds = {id_: amount.nanos for id_, amount in ours.holds.made.items()}
        for name, expected in (
            ("granted", ours.granted),
            ("posted", ours.posted),
            ("held", sum(of_holds.values())),
        ):
            kept = getattr(account, name) if account else 0
            report.expect(name, f"project {project}", Money(expected), Money(kept))
        for id_ in sorted(of_holds.keys() | running[project].keys()):
            report.expect(
                "open hold", id_, of_holds.get(id_, "none"), running[project].get(id_, "none")
            )
        for id_ in sorted(ours.holds.ended):
            report.expect("entry that makes the hold", id_, "one", "none")
        await _check_late(connection, ours.late, report)


async def _check_late(connection: AsyncConnection, late: Sequence[str], report: Report) -> None:
    """A post that came late is of a hold that had expired."""
    for first in range(0, len(late), _ROWS):
        ids = late[first : first + _ROWS]
        query = select(entries.c.resolves).where(
            entries.c.resolves.in_(ids), entries.c.kind == Kind.EXPIRE.value
        )
        expired = set(await connection.scalars(query))
        for id_ in ids:
            report.expect("end of the hold", id_, True, id_ in expired)


async def _check_hours(
    connection: AsyncConnection,
    projects: Collection[str] | None,
    hours: Mapping[_Hour, Sequence[int]],
    report: Report,
) -> None:
    """Bills only: where those would be made that failed is not known."""
    query = select(usage_hours).where(usage_hours.c.engine != "")
    kept: dict[_Hour, list[int]] = {}
    async for row in await connection.stream(_of(query, usage_hours.c.project_id, projects)):
        key = (row.hour, *(getattr(row, name) for name in _BY), bool(row.rehearsal))
        kept[key] = [getattr(row, name) for name in _CHECKED]
    for key in sorted(hours.keys() | kept.keys()):
        expected, found = hours.get(key, _NOTHING), kept.get(key, _NOTHING)
        if expected == found:
            continue
        subject = " ".join(str(each) for each in key if each != "")
        for name, one, other in zip(_CHECKED, expected, found, strict=True):
            report.expect(f"{name} of the hour", subject, one, other)


async def _check_failures(
    connection: AsyncConnection,
    projects: Collection[str] | None,
    failed: Mapping[_Hour, int],
    report: Report,
) -> None:
    columns = (usage_hours.c.hour, usage_hours.c.project_id, usage_hours.c.key_id)
    sums = select(*columns, func.sum(usage_hours.c.failed)).group_by(*columns)
    rows = await connection.execute(_of(sums, usage_hours.c.project_id, projects))
    kept = {(hour, project, key): int(count) for hour, project, key, count in rows}
    for key in sorted(failed.keys() | kept.keys()):
        subject = " ".join(str(each) for each in key if each != "")
        report.expect("failed requests of the hour", subject, failed.get(key, 0), kept.get(key, 0))


async def _check_budgets(
    connection: AsyncConnection, projects: Collection[str] | None, report: Report
) -> None:
    """What budgets hold is what the open holds took from them."""
    query = _of(select(holds.c.project_id, holds.c.amount, holds.c.takes), *_mine(projects))
    held: dict[tuple[str, int], int] = defaultdict(int)
    for _, amount, takes in await connection.execute(query):
        for budget in Takes.of(takes).budgets:
            held[budget] += amount
    rows = select(spending.c.budget_id, spending.c.period_start, spending.c.held)
    if projects is not None:  # whose budget another one is cannot be seen here
        rows = rows.where(spending.c.budget_id.in_({id_ for id_, _ in held}))
    kept = {
        (id_, start): amount
        for id_, start, amount in await connection.execute(rows)
        if amount or (id_, start) in held
    }
    for key in sorted(held.keys() | kept.keys()):
        expected, found = Money(held.get(key, 0)), Money(kept.get(key, 0))
        report.expect("held", f"budget {key[0]}", expected, found)


def _mine(projects: Collection[str] | None) -> tuple[ColumnElement[Any], Collection[str] | None]:
    return holds.c.project_id, projects


def _of(
    query: Select[Any], column: ColumnElement[Any], projects: Collection[str] | None
) -> Select[Any]:
    return query if projects is None else query.where(column.in_(projects))
