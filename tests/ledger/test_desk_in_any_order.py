"""Any order of holds, posts, voids, top-ups, crashes and jumps of the clock: the books stay right.

The tables are looked at after each step, and compared with what the test itself has written down of
what was answered. Both databases run the same rules.
"""

import asyncio
import os
import shutil
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
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
from pisang.ledger.postgres import PostgresWriter
from pisang.ledger.sqlite import SQLiteWriter
from pisang.ledger.windows import period_start
from pisang.ledger.words import Demand, Hold
from pisang.store import schema
from pisang.store.open import opened
from tests.ledger.conftest import MODEL, Clock, bill

_ANSWER = TypeVar("_ANSWER")

BEFORE_THE_CHANGE = 1_793_523_600.0  # 2026-11-01 01:00 in Los Angeles, an hour that comes twice
CENTS = st.integers(0, 12)
IPM, CONCURRENT, RPD = 9, 4, 25
DAY_BUDGET, TEN_MINUTES_BUDGET = Money.of("0.60"), Money.of("0.40")


@dataclass(frozen=True)
class Made:
    """A hold that was answered: by which desk, and when."""

    hold: Hold
    desk: int
    images: int
    at: float


class Books(RuleBasedStateMachine):
    """Two desks on one ledger; either may die at any time, and is replaced."""

    address: str | None = None
    holds: Bundle[Made] = Bundle("holds")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(mkdtemp(prefix="pisang-test-"))
        self.clock = Clock(BEFORE_THE_CHANGE)
        self.jumped = False
        self.granted = 0
        self.charged: dict[str, int] = {}
        self.admitted: list[Made] = []
        self.back: set[str] = set()  # holds whose counts were given back

    def run(self, what: Awaitable[_ANSWER]) -> _ANSWER:
        async def done() -> _ANSWER:
            return await what

        return self.runner.run(done())

    @initialize(prepaid=st.booleans())
    def open(self, prepaid: bool) -> None:
        self.prepaid = prepaid
        self.stack = opened(self.folder / "data", self.address)
        _, self.database = self.run(self.stack.__aenter__())
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

    async def _project(self) -> str:
        async with self.database.write() as connection:
            return (await projects.create(connection, name=f"p{os.urandom(6).hex()}")).id

    def _desk(self) -> LedgerDesk:
        async def made() -> LedgerDesk:
            writer: Any = (
                PostgresWriter(self.address, clock=self.clock)
                if self.address
                else SQLiteWriter(self.database.path, clock=self.clock)
            )
            return LedgerDesk(writer, owner=writer.owner.id)

        desk = self.run(made())
        self.run(desk.sweep())  # as every start does
        return desk

    @rule(
        target=holds,
        desk=st.integers(0, 1),
        cents=CENTS,
        images=st.integers(1, 4),
        seconds=st.sampled_from([5.0, 60.0, 1800.0]),
    )
    def hold(self, desk: int, cents: int, images: int, seconds: float) -> Any:
        demand = Demand(
            caller=self.caller,
            request_id="req",
            model=MODEL,
            images=images,
            tokens=10,
            amount=Money.of("0.01") * cents,
            seconds=seconds,
        )
        try:
            hold = self.run(self.desks[desk].hold(demand))
        except (RateLimited, BudgetExhausted, BalanceExhausted):
            return None
        made = Made(hold, desk, images, self.clock.at)
        self.admitted.append(made)
        return made

    @rule(made=consumes(holds), cents=CENTS)
    def post(self, made: Made | None, cents: int) -> None:
        if made is None or made.hold.id in self.back:
            return
        amount = "0.00" if not cents else str((Money.of("0.01") * cents).dollars)
        used = bill(amount, components={"output_image": Money.of(amount)})
        for _ in range(2):  # twice is once
            self.run(self.desks[made.desk].post(made.hold, used))
        self.charged[made.hold.id] = used.amount.nanos

    @rule(made=consumes(holds), counted=st.booleans())
    def void(self, made: Made | None, counted: bool) -> None:
        if made is None:
            return

        async def voided() -> None:
            self.desks[made.desk].void(made.hold, counted=counted)
            await self.desks[made.desk].sweep()

        was_open = made.hold.id in {row.id for row in self.rows(select(schema.holds))}
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
            assert row.expires_at.timestamp() > 0
            assert _utc(row.expires_at) > self.clock.at

    @rule(desk=st.integers(0, 1))
    def crash(self, desk: int) -> None:
        """A process dies: the system takes its locks, and the next start frees what it held."""
        dead = self.desks[desk]
        self.run(_killed(dead))
        self.desks[desk] = self._desk()
        owned = self.rows(select(schema.holds).where(schema.holds.c.owner == dead.owner))
        assert owned == []

    def rows(self, query: Any) -> list[Any]:
        async def read() -> list[Any]:
            async with self.database.read() as connection:
                return list(await connection.execute(query))

        return self.run(read())

    @invariant()
    def books_are_right(self) -> None:
        if not hasattr(self, "desks"):
            return
        entries, accounts = schema.entries, schema.ledger_accounts
        of_it = entries.c.project_id == self.project
        sums = dict(
            self.rows(
                select(entries.c.kind, func.sum(entries.c.amount))
                .where(of_it)
                .group_by(entries.c.kind)
            )
        )
        found = self.rows(select(accounts).where(accounts.c.project_id == self.project))
        if not found:
            assert not sums
            return
        (account,) = found
        held = self.rows(select(schema.holds).where(schema.holds.c.project_id == self.project))
        assert account.granted == int(sums.get("top_up", 0)) == self.granted
        assert account.posted == int(sums.get("post", 0))
        assert account.held == sum(row.amount for row in held)
        if self.prepaid:
            assert account.posted + account.held <= account.granted
        posts = self.rows(select(entries).where(of_it, entries.c.kind == "post"))
        assert {row.hold_id: row.amount + row.absorbed for row in posts} == self.charged
        for row in self.rows(select(schema.spending)):
            assert 0 <= row.posted + row.held <= DAY_BUDGET.nanos
            assert row.held >= 0
        assert len(held) <= CONCURRENT
        limit = max((_utc(row.expires_at) - _utc(row.created_at) for row in held), default=0)
        assert limit <= 1800 + GRACE_SECONDS
        if not self.jumped:
            self.no_window_is_too_full()

    def no_window_is_too_full(self) -> None:
        counted = [made for made in self.admitted if made.hold.id not in self.back]
        spent = {
            row.hold_id: row.amount
            for row in self.rows(select(schema.entries).where(schema.entries.c.kind == "post"))
        }
        for first in counted:
            minute = [each for each in counted if 0 <= each.at - first.at < 60]
            assert sum(each.images for each in minute) <= IPM
            day = period_start(Period.DAY, first.at)
            same = [each for each in counted if period_start(Period.DAY, each.at) == day]
            assert len(same) <= RPD
            ten = [each for each in self.admitted if 0 <= each.at - first.at < 600]
            assert sum(spent.get(each.hold.id, 0) for each in ten) <= TEN_MINUTES_BUDGET.nanos

    def teardown(self) -> None:
        for desk in getattr(self, "desks", []):
            self.run(desk.close())
        if hasattr(self, "stack"):
            self.run(self.stack.__aexit__(None, None, None))
        self.runner.close()
        shutil.rmtree(self.folder)


def _utc(at: Any) -> float:
    return float((at - type(at)(1970, 1, 1)).total_seconds())


async def _killed(desk: LedgerDesk) -> None:
    """What the system does to a process that is killed: its locks go, and nothing else is done."""
    writer: Any = desk._writer
    if isinstance(writer, SQLiteWriter):
        os.close(writer.owner._file)
        writer.owner._file = os.open("/dev/null", os.O_RDONLY)
        writer.owner.id = "gone"  # so that its file stays where it is
        await writer.close()
    else:
        connection, writer._connection = writer._connection, None
        if connection is not None:
            await connection.close()


def _run(address: str | None, *, examples: int, steps: int) -> None:
    machine = type("Books", (Books,), {"address": address})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_books_stay_right_in_any_order(database_url: str | None) -> None:
    _run(database_url, examples=12, steps=40)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_books_stay_right_in_any_order_for_long(database_url: str | None) -> None:
    _run(database_url, examples=200, steps=60)
