"""Budgets as they are set, and what is spent of them as the desk counts it."""

from datetime import UTC, datetime

import pytest

from pisang.accounts.terms import terms_of
from pisang.core.clock import moment
from pisang.core.errors import BudgetExhausted, NotFound, RequestError
from pisang.core.money import Money
from pisang.core.terms import Billing, Period, Terms
from pisang.ledger import budgets
from pisang.ledger.budgets import BudgetUse, KeptBudget
from pisang.store.revisions import CREDENTIALS, numbers
from tests.ledger.billed import SKETCH, STUDIO, billed
from tests.ledger.conftest import Clock, Ledger

CENTS = Money.of("0.50")


async def put(ledger: Ledger, **values: object) -> KeptBudget:
    words = {"name": "cap", "period": Period.DAY, "amount": CENTS, **values}
    async with ledger.database.write() as connection:
        return await budgets.put(connection, project_id=ledger.project, **words)  # type: ignore[arg-type]


async def terms(ledger: Ledger, key: str = "key_1", tier: str = "") -> Terms:
    async with ledger.database.read() as connection:
        return await terms_of(connection, ledger.project, tier, Billing.POSTPAID, "", key)


async def used(ledger: Ledger, of: Terms) -> list[BudgetUse]:
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        return await budgets.use(connection, of.budgets, at=ledger.clock())


async def test_a_budget_is_made_changed_and_removed(ledger: Ledger) -> None:
    made = await put(ledger, thresholds=(90, 50, 50), hook="https://x.example", hook_secret="s")
    assert (made.thresholds, made.hook_secret) == ((50, 90), "s")
    changed = await put(ledger, amount=Money.of(2), period=Period.MONTH)
    assert (changed.id, changed.amount, changed.period) == (made.id, Money.of(2), Period.MONTH)
    assert (changed.thresholds, changed.hook_secret) == ((), "s")
    other = await put(ledger, key_id="key_1")
    async with ledger.database.write() as connection:
        assert await budgets.listed(connection, [ledger.project]) == [changed, other]
        assert await budgets.listed(connection, ["prj_other"]) == []
        assert await budgets.find(connection, other.id) == other
        assert await budgets.remove(connection, made.id) == changed
        with pytest.raises(NotFound, match="There is no budget"):
            await budgets.remove(connection, made.id)
        assert await budgets.listed(connection) == [other]


async def test_every_change_is_seen_by_all_servers(ledger: Ledger) -> None:
    seen = []
    watch = numbers(ledger.database)

    async def look() -> None:
        number = watch.now(CREDENTIALS)
        seen.append(number if isinstance(number, int) else await number)

    await look()
    made = await put(ledger)
    await look()
    await put(ledger, amount=Money.of(3))
    await look()
    async with ledger.database.write() as connection:
        await budgets.remove(connection, made.id)
    await look()
    watch.close()
    assert seen == sorted(set(seen))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "1 to 63 letters"),
        ({"name": "x" * 64}, "1 to 63 letters"),
        ({"amount": Money(-1)}, "0 dollars or more"),
        ({"thresholds": (0,)}, "each from 1 to 1000"),
        ({"thresholds": tuple(range(1, 12))}, "up to 10 percents"),
    ],
)
async def test_what_cannot_be_is_refused(
    ledger: Ledger, values: dict[str, object], said: str
) -> None:
    with pytest.raises(RequestError, match=said):
        await put(ledger, **values)


async def test_what_is_spent_and_held_is_told(ledger: Ledger) -> None:
    await put(ledger, name="day")
    await put(ledger, name="all", period=Period.TOTAL, key_id="key_1")
    mine = await terms(ledger)
    caller = ledger.caller(budgets=mine.budgets)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed())
    await ledger.desk.hold(ledger.demand(caller, "0.20"))
    day, whole = await used(ledger, mine)
    for each in (day, whole):
        assert (each.posted, each.held) == (billed().amount, Money.of("0.20"))
        assert each.left == CENTS - billed().amount - Money.of("0.20")
    assert day.resets_at == datetime(2026, 11, 22, 8, 0)
    assert whole.resets_at is None
    with pytest.raises(BudgetExhausted):
        await ledger.desk.hold(ledger.demand(caller, "0.30"))


async def test_a_new_period_begins_with_nothing_spent(ledger: Ledger, clock: Clock) -> None:
    await put(ledger)
    mine = await terms(ledger)
    caller = ledger.caller(budgets=mine.budgets)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed())
    clock.at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC).timestamp()
    (day,) = await used(ledger, mine)
    assert (day.posted, day.left) == (Money(0), CENTS)


async def test_the_spend_limits_of_a_tier_are_budgets(ledger: Ledger, clock: Clock) -> None:
    mine = await terms(ledger, tier="1")
    caller = ledger.caller(budgets=mine.budgets)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed())
    lately, month = await used(ledger, mine)
    assert (lately.budget.amount, lately.posted) == (Money.of(10), billed().amount)
    assert (month.budget.amount, month.posted) == (Money.of(250), billed().amount)
    clock.at += 1200
    lately, month = await used(ledger, mine)
    assert (lately.posted, month.posted) == (Money(0), billed().amount)


async def test_what_of_it_is_a_rehearsal_is_told(ledger: Ledger) -> None:
    await put(ledger, name="day")
    await put(ledger, name="lately", period=Period.TEN_MINUTES)
    await put(ledger, name="all", period=Period.TOTAL, key_id="key_1")
    mine = await terms(ledger)
    for engine in (SKETCH, STUDIO):
        caller = ledger.caller(budgets=mine.budgets)
        await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed(engine=engine))
    uses = await used(ledger, mine)
    async with ledger.database.read() as connection:
        for each in uses:
            assert each.posted == billed().amount * 2
            told = await budgets.rehearsed(connection, each, ledger.project, at=ledger.clock())
            assert told == billed(engine=SKETCH).amount
            later = moment(ledger.clock() + 60)
            told = await budgets.rehearsed(
                connection, each, ledger.project, at=ledger.clock(), since=later
            )
            assert told == Money(0)
    other = await terms(ledger, key="key_2")
    caller = ledger.caller(key="key_2", budgets=other.budgets)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed(engine=SKETCH))
    (of_key,) = (each for each in await used(ledger, mine) if each.budget.name == "all")
    async with ledger.database.read() as connection:
        told = await budgets.rehearsed(connection, of_key, ledger.project, at=ledger.clock())
    assert told == billed(engine=SKETCH).amount
