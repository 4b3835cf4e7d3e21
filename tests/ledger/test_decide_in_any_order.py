"""What decides keeps every rule in random orders of holds, ends and jumps of the clock.

Without a database an order of hundreds of steps takes milliseconds, so that windows fill up, slide
and fill again. What is right is counted here once more, from what was answered and nothing else.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pisang.core.caller import Caller
from pisang.core.errors import BalanceExhausted, BudgetExhausted, RateLimited
from pisang.core.money import Money
from pisang.core.terms import Billing, Budget, Dimension, Limit, Period, Terms
from pisang.ledger.operations import (
    Answer,
    Granting,
    Holding,
    Operation,
    Posting,
    Sweeping,
    Voiding,
)
from pisang.ledger.words import Demand, Hold
from tests.ledger.conftest import MODEL, Clock, bill
from tests.ledger.memory import Memory

CENT = 10_000_000
RPM, IPM, RPD, CONCURRENT = 7, 12, 40, 5
DAY, TEN_MINUTES = 60, 12  # cents
SHARE = RPM * 3 // 10
BEGIN = datetime(2026, 11, 1, 6, 30, tzinfo=UTC).timestamp()  # half an hour before that day begins


@dataclass
class Taken:
    """A hold that was made, and what became of it."""

    hold: Hold
    at: float
    images: int
    cents: int
    priority: bool
    open: bool = True
    late: bool = False
    counted: bool = True
    charged: int = 0
    charged_at: float = 0.0

    @property
    def spent_at(self) -> float:
        """When it counts as spent: with its hold, or when it was charged where that was over."""
        over = self.late and int(self.at) // 10 <= int(self.charged_at) // 10 - 61
        return self.charged_at if over else self.at


@dataclass
class Run:
    """One random order. Windows are looked at from hold number ``era`` on: the first after the
    clock was last set back."""

    chance: random.Random
    prepaid: bool
    clock: Clock = field(default_factory=lambda: Clock(BEGIN))
    taken: list[Taken] = field(default_factory=list)
    granted: int = 0
    era: int = 0

    def __post_init__(self) -> None:
        self.memory = Memory(self.clock)
        scope = "project:p"
        limits = {
            Dimension.RPM: RPM,
            Dimension.IPM: IPM,
            Dimension.RPD: RPD,
            Dimension.CONCURRENT: CONCURRENT,
        }
        self.caller = Caller(
            "p",
            "k",
            terms=Terms(
                billing=Billing.PREPAID if self.prepaid else Billing.POSTPAID,
                limits=tuple(Limit(scope, MODEL, d, n, "project") for d, n in limits.items()),
                budgets=(
                    Budget("day", "day", scope, Period.DAY, Money(DAY * CENT)),
                    Budget("ten", "ten", scope, Period.TEN_MINUTES, Money(TEN_MINUTES * CENT)),
                ),
            ),
        )
        if self.prepaid:
            self.grant(30)

    def do(self, *operations: Operation) -> list[Answer]:
        return self.memory.done("me", list(operations))

    def grant(self, cents: int) -> None:
        self.do(Granting("p", Money(cents * CENT), "top_up", None, "local:test", ""))
        self.granted += cents

    def hold(self) -> None:
        images, cents = self.chance.choice((1, 1, 1, 2, 4)), self.chance.choice((0, 1, 1, 2, 6))
        priority = self.chance.random() < 0.2
        demand = Demand(
            caller=self.caller,
            request_id="req",
            model=MODEL,
            images=images,
            tokens=1,
            amount=Money(cents * CENT),
            seconds=60,
            priority=priority,
        )
        (answer,) = self.do(Holding.of(demand, 120))
        if isinstance(answer, Hold):
            served = priority and not answer.downgraded
            self.taken.append(Taken(answer, self.clock.at, images, cents, served))
            return
        assert isinstance(answer, RateLimited | BudgetExhausted | BalanceExhausted), answer
        self.has_reason(answer, cents)

    def has_reason(self, refusal: Exception, cents: int) -> None:
        """Nobody is refused who fits: an hour without requests later, only the caps of the day and
        the balance may say no."""
        since = max((each.at for each in self.taken), default=0.0)
        idle = not any(each.open for each in self.taken) and self.clock.at - since >= 3600
        if idle and self.era == 0:
            today = [each for each in self.taken if _day(each.at) == _day(self.clock.at)]
            spent = sum(each.charged for each in today) + cents
            counted = sum(each.counted and not each.priority for each in today)
            full = counted >= RPD or spent > DAY or (self.prepaid and cents > self.available)
            assert full, refusal

    @property
    def available(self) -> int:
        held = sum(each.cents for each in self.taken if each.open)
        return self.granted - held - sum(each.charged for each in self.taken)

    def post(self) -> None:
        if (each := self.any_of(self.taken)) is None:
            return
        cents = self.chance.choice((0, each.cents, each.cents, each.cents + 3))
        amount = Money(cents * CENT)
        used = bill(str(amount.dollars), components={"output_image": amount})
        before = each.open
        posting = Posting(each.hold, used)
        expected = self.ended(each)
        answers = self.do(posting, posting)  # twice is once
        if expected == "void":
            assert all(isinstance(answer, Exception) for answer in answers)
            return
        posts = [row for row in self.memory.entries if row["hold_id"] == each.hold.id]
        posts = [row for row in posts if row["kind"] == "post"]
        assert len(posts) == 1
        if expected == "post":
            return
        (row,) = posts
        assert row["amount"] + row["absorbed"] == cents * CENT
        if before:  # what was held is always charged
            assert row["amount"] >= min(cents, each.cents) * CENT
        each.late = not before
        each.open, each.charged, each.charged_at = False, row["amount"] // CENT, self.clock.at

    def ended(self, each: Taken) -> str:
        found = [
            row["kind"]
            for row in self.memory.entries
            if row["hold_id"] == each.hold.id and row["resolves"]
        ]
        return found[-1] if found else ""

    def void(self) -> None:
        each = self.any_of([one for one in self.taken if one.open])
        if each is None:
            return
        each.counted = self.chance.random() < 0.5
        voiding = Voiding(each.hold, "", each.counted)
        self.do(voiding, voiding)
        each.open = False

    def any_of(self, some: list[Taken]) -> Taken | None:
        return self.chance.choice(some[-12:]) if some else None

    def sweep(self) -> None:
        self.do(Sweeping())
        there = {row["id"] for row in self.memory.holds()}
        for each in self.taken:
            if each.open and each.hold.id not in there:
                assert self.era or self.clock.at - each.at >= 120
                each.open = False

    def step(self) -> None:
        deed = self.chance.random()
        if deed < 0.5:
            self.hold()
        elif deed < 0.7:
            self.post()
        elif deed < 0.78:
            self.void()
        elif deed < 0.82:
            self.sweep()
        elif deed < 0.99:
            self.clock.at += self.chance.choice((0.4, 1, 5, 13, 29, 55, 59.2, 61, 300, 585, 594))
        elif deed < 0.995:
            self.clock.at += self.chance.choice((3600, 9000, 50_000))
        else:
            self.clock.at -= self.chance.choice((1, 40, 4000, 100_000))
            self.era = len(self.taken)
        self.check()

    def check(self) -> None:
        self.check_books()
        self.check_windows()

    def check_books(self) -> None:
        """All sums agree with what was answered, and nothing is above its cap."""
        held = sum(each.cents for each in self.taken if each.open)
        charged = sum(each.charged for each in self.taken)
        accounts = self.memory.table("ledger_accounts")
        if accounts:
            (row,) = accounts.values()
            assert row[1:] == (self.granted * CENT, charged * CENT, held * CENT)
        rows = self.memory.holds()
        assert {row["id"] for row in rows} == {t.hold.id for t in self.taken if t.open}
        assert len(rows) <= CONCURRENT
        if self.prepaid:
            assert charged + held <= self.granted
        spent = self.memory.table("spending").values()
        assert all(min(each[2:4]) >= 0 for each in spent)
        assert all(each[2] + each[3] <= DAY * CENT for each in spent)
        by_day = dict[int, int]()
        for each in self.taken:
            cents = each.cents if each.open else each.charged
            by_day[_day(each.at)] = by_day.get(_day(each.at), 0) + cents
        assert all(cents <= DAY for cents in by_day.values())
        assert sum(each[2] + each[3] for each in spent) == sum(by_day.values()) * CENT

    def check_windows(self) -> None:
        """Every window that ends with a new hold; those before the clock was set back are over."""
        if len(self.taken) <= self.era:
            return
        last = self.taken[-1]
        new = self.taken[self.era :]
        minute = [t for t in new if t.counted and last.at - 60 < t.at <= last.at]
        standard = [t for t in minute if not t.priority]
        assert sum(1 for _ in standard) <= RPM
        assert sum(t.images for t in standard) <= IPM
        assert sum(1 for t in minute if t.priority) <= SHARE
        today = [t for t in new if t.counted and _day(t.at) == _day(last.at)]
        assert sum(not t.priority for t in today) <= RPD
        ten = [t for t in new if last.at - 600 < t.spent_at <= last.at]
        assert sum(t.cents if t.open else min(t.charged, t.cents) for t in ten) <= TEN_MINUTES


def _day(at: float) -> int:
    return datetime.fromtimestamp(at, ZoneInfo("America/Los_Angeles")).toordinal()


@pytest.mark.parametrize("prepaid", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_no_rule_is_broken(seed: int, prepaid: bool) -> None:
    run = Run(random.Random(seed), prepaid)
    for _ in range(400):
        run.step()
    assert run.taken


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("prepaid", [False, True])
def test_no_rule_is_broken_for_long(prepaid: bool) -> None:
    for seed in range(1000, 1300):
        run = Run(random.Random(seed), prepaid)
        for _ in range(600):
            run.step()
