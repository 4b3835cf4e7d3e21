"""Any order of holds, posts, voids, top-ups, crashes and jumps of the clock: the books stay right.

The tables are looked at after each step, and compared with what the test itself has written down of
what was answered. Both databases run the same rules.
"""

import asyncio
import os
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from pisang.accounts import projects
from pisang.core.caller import Caller
from pisang.core.errors import BalanceExhausted, BudgetExhausted, RateLimited
from pisang.core.money import Money
from pisang.core.terms import Billing, Budget, Dimension, Limit, Period, Terms
from pisang.ledger.desk import GRACE_SECONDS, LedgerDesk
from pisang.ledger.windows import period_start
from pisang.ledger.words import Demand, Hold
from pisang.store import schema
from pisang.store.database import Database
from pisang.store.open import opened
from tests.ledger.conftest import MODEL, Clock, bill, killed, mortal

_ANSWER = TypeVar("_ANSWER")

BEFORE_THE_CHANGE = 1_793_523_600.0  # 2026-11-01 01:00 in Los Angeles, an hour that comes twice
CENTS = st.integers(0, 12)
IPM, CONCURRENT, RPD = 6, 4, 9
DAY_BUDGET, TEN_MINUTES_BUDGET = Money.of("0.30"), Money.of("0.20")


@dataclass(frozen=True)
class Made:
    """A hold that was answered: by which desk, and when."""

    hold: Hold
    desk: int
    images: int
    at: float


class Books(RuleBasedStateMachine):
    """Two desks on one ledger; either may die at any time, and is replaced."""

    runner: asyncio.Runner  # one for all examples, and one database: each has a project of its own
    database: Database
    holds: Bundle[Made] = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.changed = False
        self.clock = Clock(BEFORE_THE_CHANGE)
        self.jumped = False
        self.granted = 0
        self.charged: dict[str, int] = {}
        self.posted: dict[str, tuple[int, float]] = {}  # what was held of each then, and when
        self.admitted: list[Made] = []
        self.back: set[str] = set()  # holds whose counts were given back

    def run(self, what: Awaitable[_ANSWER]) -> _ANSWER:
        async def done() -> _ANSWER:
            return await what

        self.changed = True
        return self.runner.run(done())

    @initialize(prepaid=st.booleans())
    def open(self, prepaid: bool) -> None:
        self.prepaid = prepaid
        self.project = self.run(self._project())
        scope = f"project:{self.project}"
        self.caller = Caller(
            self.project,
            "key_1",
            terms=Terms(
                billing=Billing.PREPAID if prepaid else Billing.POSTPAID,
                limits=tuple(
                    Limit(scope, MODEL, dimension, value, "project")
                    for dimension, value in (
                        (Dimension.IPM, IPM),
                        (Dimension.CONCURRENT, CONCURRENT),
                        (Dimension.RPD, RPD),
                    )
                ),
                budgets=(
                    Budget(f"d{self.project}", "day", scope, Period.DAY, DAY_BUDGET),
                    Budget(
                        f"t{self.project}", "spend", scope, Period.TEN_MINUTES, TEN_MINUTES_BUDGET
                    ),
                ),
            ),
        )
        self.desks = [self._desk(), self._desk()]
        if prepaid:
            self.top_up(50, None)

    async def _project(self) -> str:
        async with self.database.write() as connection:
            return (await projects.create(connection, name=f"p{os.urandom(6).hex()}")).id

    def _desk(self) -> LedgerDesk:
        async def made() -> LedgerDesk:
            return mortal(self.database, self.clock)

        desk = self.run(made())
        self.run(desk.sweep())  # as every start does
        return desk

    @rule(
        target=holds,
        desk=st.integers(0, 1),
        asked=st.lists(st.tuples(CENTS, st.integers(1, 4)), min_size=1, max_size=5),
        seconds=st.sampled_from([5.0, 60.0, 1800.0]),
    )
    def hold(self, desk: int, asked: list[tuple[int, int]], seconds: float) -> Any:
        """Several at once; returns those that were made."""

        async def all_of_them() -> list[Made]:
            demands = [
                Demand(
                    caller=self.caller,
                    request_id="req",
                    model=MODEL,
                    images=images,
                    tokens=10,
                    amount=Money.of("0.01") * cents,
                    seconds=seconds,
                )
                for cents, images in asked
            ]
            asking = (self.desks[desk].hold(demand) for demand in demands)
            found = await asyncio.gather(*asking, return_exceptions=True)
            for each in found:
                if not isinstance(each, (Hold, RateLimited, BudgetExhausted, BalanceExhausted)):
                    raise AssertionError(each)
            return [
                Made(answer, desk, images, self.clock.at)
                for (_, images), answer in zip(asked, found, strict=True)
                if isinstance(answer, Hold)
            ]

        made = self.run(all_of_them())
        self.admitted += made
        return multiple(*made)

    @rule(made=consumes(holds), cents=CENTS)
    def post(self, made: Made, cents: int) -> None:
        amount = "0.00" if not cents else str((Money.of("0.01") * cents).dollars)
        used = bill(amount, components={"output_image": Money.of(amount)})
        self.posted[made.hold.id] = (self.held_of(made), self.clock.at)
        for _ in range(2):  # twice is once
            self.run(self.desks[made.desk].post(made.hold, used))
        self.charged[made.hold.id] = used.amount.nanos

    @rule(made=consumes(holds), counted=st.booleans())
    def void(self, made: Made, counted: bool) -> None:

        async def voided() -> None:
            self.desks[made.desk].void(made.hold, counted=counted)
            await self.desks[made.desk].sweep()

        was_open = self.is_open(made)
        self.run(voided())
        if was_open and not counted:
            self.back.add(made.hold.id)

    @rule(cents=st.integers(1, 100), reference=st.sampled_from([None, "a", "b"]))
    def top_up(self, cents: int, reference: str | None) -> None:
        amount = Money.of("0.01") * (cents if reference is None else 50)
        granted = self.run(
            self.desks[0].top_up(self.project, amount, actor="local:test", reference=reference)
        )
        if not granted.repeated:
            self.granted += amount.nanos

    @rule(seconds=st.sampled_from([0.3, 1.0, 7.0, 45.0, 61.0, 599.0, 3600.0, 43_200.0]))
    def wait(self, seconds: float) -> None:
        self.clock.at += seconds

    @rule(seconds=st.sampled_from([1.0, 30.0, 3600.0, 90_000.0, 10_000_000.0]))
    def clock_jumps_back(self, seconds: float) -> None:
        self.clock.at -= seconds
        self.jumped = True

    @rule(desk=st.integers(0, 1))
    def sweep(self, desk: int) -> None:
        self.run(self.desks[desk].sweep())
        for row in self.rows(select(schema.holds)):
            assert _utc(row.expires_at) > self.clock.at

    @rule(desk=st.integers(0, 1))
    def crash(self, desk: int) -> None:
        """A process dies: the system takes its locks, and the next start frees what it held."""
        dead = self.desks[desk]
        self.run(killed(dead))
        self.desks[desk] = self._desk()
        owned = self.rows(select(schema.holds).where(schema.holds.c.owner == dead.owner))
        assert owned == []

    def is_open(self, made: Made) -> bool:
        return bool(self.rows(select(schema.holds).where(schema.holds.c.id == made.hold.id)))

    def held_of(self, made: Made) -> int:
        return made.hold.amount.nanos if self.is_open(made) else 0

    def rows(self, query: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.read() as connection:
                return list(await connection.execute(query))

        return self.run(read())

    @invariant()
    def books_are_right(self) -> None:
        if not self.changed or not hasattr(self, "desks"):
            return
        account, sums, posts, held, spent = self.run(self._books())
        self.changed = False
        assert account.granted == int(sums.get("top_up", 0)) == self.granted
        assert account.posted == int(sums.get("post", 0))
        assert account.held == sum(row.amount for row in held)
        if self.prepaid:
            assert account.posted + account.held <= account.granted
        assert {row.hold_id: row.amount + row.absorbed for row in posts} == self.charged
        assert {row.hold_id for row in posts if row.amount < 0 or row.absorbed < 0} == set()
        for row in spent:
            assert row.held >= 0
            assert 0 <= row.posted + row.held <= DAY_BUDGET.nanos
        assert len(held) <= CONCURRENT
        longest = max((_utc(row.expires_at) - _utc(row.created_at) for row in held), default=0)
        assert longest <= 1800 + GRACE_SECONDS
        if not self.jumped:
            self.no_window_is_too_full({row.hold_id: row.amount for row in posts})

    async def _books(self) -> tuple[Any, dict[str, int], list[Any], list[Any], list[Any]]:
        """The account, what its entries sum to, its posts, its open holds, and its budget."""
        entries, holds, accounts = schema.entries, schema.holds, schema.ledger_accounts
        of_it = entries.c.project_id == self.project
        sums = select(entries.c.kind, func.sum(entries.c.amount)).where(of_it)
        budget = schema.spending.c.budget_id == f"d{self.project}"
        async with self.database.read() as connection:
            query = select(accounts).where(accounts.c.project_id == self.project)
            account = (await connection.execute(query)).first() or _NO_ACCOUNT
            by_kind = dict((await connection.execute(sums.group_by(entries.c.kind))).all())
            query = select(entries).where(of_it, entries.c.kind == "post")
            posts = (await connection.execute(query)).all()
            query = select(holds).where(holds.c.project_id == self.project)
            held = (await connection.execute(query)).all()
            spent = (await connection.execute(select(schema.spending).where(budget))).all()
        return account, by_kind, list(posts), list(held), list(spent)

    def no_window_is_too_full(self, spent: dict[str, int]) -> None:
        counted = [made for made in self.admitted if made.hold.id not in self.back]
        for first in counted:
            minute = [each for each in counted if 0 <= each.at - first.at < 60]
            assert sum(each.images for each in minute) <= IPM
            day = period_start(Period.DAY, first.at)
            same = [each for each in counted if period_start(Period.DAY, each.at) == day]
            assert len(same) <= RPD
        charges = [each for made in self.admitted for each in self.charges(made, spent)]
        for begin, _ in charges:
            ten = [amount for at, amount in charges if 0 <= at - begin < 600]
            assert sum(ten) <= TEN_MINUTES_BUDGET.nanos

    def charges(self, made: Made, spent: dict[str, int]) -> list[tuple[float, int]]:
        """When which part of a charge counts: what was held with the hold; what was not there too,
        or now, where nobody knows any more what else was spent then."""
        if made.hold.id not in spent:
            return []
        amount, (held, at) = spent[made.hold.id], self.posted[made.hold.id]
        over = int(made.at) // 10 <= int(at) // 10 - 61
        return [(made.at, min(amount, held)), (at if over else made.at, max(amount - held, 0))]

    def teardown(self) -> None:
        for desk in getattr(self, "desks", []):
            self.run(desk.close())


_NO_ACCOUNT = SimpleNamespace(granted=0, posted=0, held=0)


def _utc(at: Any) -> float:
    return float((at - type(at)(1970, 1, 1)).total_seconds())


def _run(database_url: str | None, folder: Path, *, examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        stack = opened(folder, database_url)
        _, database = runner.run(stack.__aenter__())
        try:
            run_state_machine_as_test(
                type("Books", (Books,), {"runner": runner, "database": database}),
                settings=settings(
                    max_examples=examples,
                    stateful_step_count=steps,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(stack.__aexit__(None, None, None))


def test_books_stay_right_in_any_order(tmp_path: Path, database_url: str | None) -> None:
    _run(database_url, tmp_path, examples=25 if database_url else 60, steps=30)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_books_stay_right_in_any_order_for_long(tmp_path: Path, database_url: str | None) -> None:
    _run(database_url, tmp_path, examples=1000, steps=60)
