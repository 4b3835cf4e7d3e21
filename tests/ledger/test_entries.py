"""Entries and balances as they are read: newest first, page by page, and of those asked for."""

from datetime import UTC, datetime, timedelta

from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.balance import balance, running
from pisang.ledger.entries import Filter, Kind, listed
from tests.ledger.billed import DRAWN, RELAY, SKETCH, billed
from tests.ledger.conftest import MODEL, NOON, Clock, Ledger


async def some(ledger: Ledger) -> None:
    """A top-up, a bill, a rehearsal, a hold that was freed, and one that is open."""
    await ledger.desk.top_up(
        ledger.project, Money.of(5), actor="local:test", reference="inv-1", note="paid"
    )
    hold = await ledger.desk.hold(ledger.demand(ledger.caller(key="key_2")))
    await ledger.desk.post(hold, billed(engine=RELAY, labels={"team": "a"}))
    await ledger.desk.post(
        await ledger.desk.hold(ledger.demand(ledger.caller())), billed(engine=SKETCH)
    )
    ledger.desk.void(await ledger.desk.hold(ledger.demand(ledger.caller())), finish="SAFETY")
    await ledger.desk.hold(ledger.demand(ledger.caller(), "0.25"))


async def test_an_entry_tells_all_that_a_bill_is_made_of(ledger: Ledger) -> None:
    await some(ledger)
    async with ledger.database.read() as connection:
        (one,) = (await listed(connection, Filter(engine="relay"))).entries
    made = billed(engine=RELAY)
    assert (one.kind, one.model, one.size, one.finish) == (Kind.POST, MODEL, "1K", "STOP")
    assert (one.amount, one.cost, one.absorbed) == (made.amount, made.cost, Money(0))
    assert one.components == made.components
    assert one.rates == made.rates
    assert one.usage == DRAWN
    assert one.labels == {"team": "a"}
    assert one.price == "engine:relay"
    assert one.resolves == one.hold_id != ""
    assert one.at == datetime.fromtimestamp(NOON, UTC).replace(tzinfo=None)


async def test_entries_come_page_by_page_newest_first(ledger: Ledger) -> None:
    await some(ledger)
    await ledger.desk.sweep()
    found, token = [], None
    async with ledger.database.read() as connection:
        for _ in range(10):
            page = await listed(connection, Filter(), most=3, before=token)
            assert len(page.entries) <= 3
            found += page.entries
            token = page.next
            if token is None:
                break
        whole = await listed(connection, Filter(), most=8)
    assert len(found) == 8
    assert whole.next is None
    assert [each.id for each in found] == sorted((each.id for each in found), reverse=True)
    assert tuple(found) == whole.entries


async def test_only_what_is_asked_for_is_listed(ledger: Ledger, clock: Clock) -> None:
    await some(ledger)
    await ledger.desk.sweep()
    before = datetime.fromtimestamp(NOON, UTC).replace(tzinfo=None)
    clock.at += 60
    await ledger.desk.top_up(ledger.project, Money.of(1), actor="local:test")

    async def kinds(**wanted: object) -> list[str]:
        async with ledger.database.read() as connection:
            page = await listed(connection, Filter(**wanted))  # type: ignore[arg-type]
        return sorted(each.kind.value for each in page.entries)

    assert await kinds(kinds=("top_up", "void")) == ["top_up", "top_up", "void"]
    assert await kinds(key_id="key_2") == ["hold", "post"]
    assert await kinds(request_id="req_1") == ["hold", "post"]
    assert await kinds(model=MODEL, kinds=("post",)) == ["post", "post"]
    assert await kinds(start=before + timedelta(seconds=1)) == ["top_up"]
    assert len(await kinds(end=before + timedelta(seconds=1))) == 8
    assert await kinds(projects=()) == []
    assert len(await kinds(projects=(ledger.project,))) == 9


async def test_a_balance_says_what_is_left_and_what_is_a_rehearsal(ledger: Ledger) -> None:
    await some(ledger)
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        found = await balance(connection, ledger.project)
        none = await balance(connection, "prj_other")
    assert found.granted == Money.of(5)
    assert found.posted == billed(engine=RELAY).amount + billed(engine=SKETCH).amount
    assert found.held == Money.of("0.25")
    assert found.rehearsal == billed(engine=SKETCH).amount
    assert found.available == found.granted - found.posted - found.held
    assert none.available == Money(0)


async def test_open_holds_are_listed(ledger: Ledger) -> None:
    await some(ledger)
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        (one,) = await running(connection)
        assert await running(connection, ["prj_other"]) == []
    assert (one.amount, one.model, one.key_id) == (Money.of("0.25"), MODEL, "key_1")
    assert one.expires_at - one.created_at <= timedelta(seconds=30 + 60)


async def test_an_answer_that_told_no_usage_has_none(ledger: Ledger) -> None:
    for usage in (None, Usage()):
        hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
        await ledger.desk.post(hold, billed(usage))
    async with ledger.database.read() as connection:
        page = await listed(connection, Filter(kinds=("post",)))
    assert [each.usage for each in page.entries] == [None, None]
