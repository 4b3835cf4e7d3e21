"""The desk: holds, posts, voids and top-ups, all together or none; many callers, several desks."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from pisang.core.caller import Caller
from pisang.core.errors import AlreadyExists, BalanceExhausted, LedgerError, StoreError
from pisang.core.money import Money
from pisang.core.terms import WARNED, Billing, Dimension, Period
from pisang.ledger.desk import LedgerDesk
from pisang.ledger.operations import Answer, Holding, Operation, Posting, Probing, Sweeping
from pisang.ledger.words import Bill, Demand, Hold
from pisang.store import schema
from tests.ledger.conftest import MODEL, Clock, Ledger, bill


async def test_a_hold_is_set_aside_until_it_is_posted(ledger: Ledger) -> None:
    caller = await ledger.prepaid("1")
    hold = await ledger.desk.hold(ledger.demand(caller, "0.10"))
    assert await ledger.account() == ("$1.00", "$0.00", "$0.10")
    await ledger.desk.post(hold, bill("0.0672"))
    assert await ledger.account() == ("$1.00", "$0.0672", "$0.00")
    assert await ledger.open_holds() == 0
    kinds = sorted(await ledger.entries("kind"))
    assert kinds == [("hold",), ("post",), ("top_up",)]


async def test_a_post_names_all_that_the_amount_is_made_of(ledger: Ledger) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    await ledger.desk.post(hold, bill(labels={"team": "a"}, size="1K", finish="STOP"))
    names = ("hold_id", "resolves", "request_id", "cost", "size", "usage", "components", "labels")
    (row,) = [row for row in await ledger.entries("kind", *names) if row[0] == "post"]
    assert row[1:4] == (hold.id, hold.id, hold.request_id)
    assert row[4:6] == (67_200_000, "1K")
    assert row[6] == '{"prompt_text":10,"image_output":1120,"images":1}'
    assert row[7] == '{"input_text":5000,"output_image":67195000}'
    assert row[8] == '{"team":"a"}'


async def test_a_second_post_of_a_hold_charges_nothing(ledger: Ledger) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    await asyncio.gather(*(ledger.desk.post(hold, bill()) for _ in range(3)))
    await ledger.desk.post(hold, bill())
    assert await ledger.account() == ("$0.00", "$0.0672", "$0.00")
    await ledger.check()


async def test_a_void_gives_the_money_back_and_cannot_be_posted(ledger: Ledger) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    ledger.desk.void(hold, finish="ENGINE_FAILED")
    with pytest.raises(LedgerError, match="was voided"):
        await ledger.desk.post(hold, bill())
    assert await ledger.account() == ("$0.00", "$0.00", "$0.00")
    assert ("void", "ENGINE_FAILED") in await ledger.entries("kind", "finish")


async def test_a_hold_that_was_never_made_is_not_posted(ledger: Ledger) -> None:
    hold = Hold(
        id="hold_none",
        project_id=ledger.project,
        key_id="key_1",
        request_id="req",
        model=MODEL,
        amount=Money.of("0.1"),
    )
    with pytest.raises(LedgerError, match="there is none"):
        await ledger.desk.post(hold, bill())


async def test_a_balance_that_does_not_cover_the_worst_case_refuses(ledger: Ledger) -> None:
    caller = await ledger.prepaid("0.15")
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    with pytest.raises(BalanceExhausted, match=r"up to \$0.10, and \$0.05 are available") as caught:
        await ledger.desk.hold(ledger.demand(caller, "0.10"))
    assert "$0.10 are set aside for requests under way" in caught.value.message
    assert "pisang ledger top-up" in caught.value.message
    await ledger.desk.hold(ledger.demand(caller, "0.05"))


async def test_what_costs_nothing_needs_no_balance(ledger: Ledger) -> None:
    caller = ledger.caller(billing=Billing.PREPAID)
    hold = await ledger.desk.hold(ledger.demand(caller, "0"))
    await ledger.desk.post(hold, bill("0", components={}))
    assert await ledger.account() == ("$0.00", "$0.00", "$0.00")


async def test_a_post_of_more_than_was_held_is_charged_as_far_as_the_balance_goes(
    ledger: Ledger,
) -> None:
    caller = await ledger.prepaid("0.25")
    hold = await ledger.desk.hold(ledger.demand(caller, "0.10"))
    other = await ledger.desk.hold(ledger.demand(caller, "0.10"))
    await ledger.desk.post(hold, bill("0.20"))
    assert await ledger.account() == ("$0.25", "$0.15", "$0.10")
    assert ("post", 150_000_000, 50_000_000) in await ledger.entries("kind", "amount", "absorbed")
    ledger.desk.void(other)
    await ledger.check()


async def test_a_post_of_more_is_charged_whole_where_nothing_caps_it(ledger: Ledger) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller(), "0.10"))
    await ledger.desk.post(hold, bill("0.20"))
    assert await ledger.account() == ("$0.00", "$0.20", "$0.00")


async def test_a_top_up_with_a_reference_happens_once(ledger: Ledger) -> None:
    words = {"actor": "local:test", "reference": "invoice 7"}
    first, second = await asyncio.gather(
        ledger.desk.top_up(ledger.project, Money.of("5"), **words),  # type: ignore[arg-type]
        ledger.desk.top_up(ledger.project, Money.of("5"), **words),  # type: ignore[arg-type]
    )
    third = await ledger.desk.top_up(ledger.project, Money.of("5"), **words)  # type: ignore[arg-type]
    assert first.entry_id == second.entry_id == third.entry_id
    assert [each.repeated for each in (first, second, third)] == [False, True, True]
    assert await ledger.account() == ("$5.00", "$0.00", "$0.00")
    with pytest.raises(AlreadyExists, match="invoice 7"):
        await ledger.desk.top_up(ledger.project, Money.of("6"), **words)  # type: ignore[arg-type]


async def test_a_correction_goes_both_ways_and_a_top_up_only_up(ledger: Ledger) -> None:
    await ledger.desk.top_up(ledger.project, Money(1), actor="local:test")
    await ledger.desk.adjust(ledger.project, Money.of("-0.5"), actor="local:test", note="paid back")
    assert (await ledger.account())[0] == "-$0.499999999"
    assert ("adjust", "paid back", "local:test") in await ledger.entries("kind", "note", "actor")
    with pytest.raises(LedgerError, match="more than nothing"):
        await ledger.desk.top_up(ledger.project, Money(0), actor="local:test")
    await ledger.check()


async def test_one_bad_operation_does_not_fail_those_beside_it(ledger: Ledger) -> None:
    nobody = ledger.caller()
    stranger = type(nobody)("prj_none", "key_9")
    good, bad = await asyncio.gather(
        ledger.desk.hold(ledger.demand(nobody)),
        ledger.desk.hold(ledger.demand(stranger)),
        return_exceptions=True,
    )
    assert isinstance(good, Hold)
    assert isinstance(bad, StoreError)
    assert await ledger.open_holds() == 1


async def test_a_caller_who_leaves_while_the_hold_is_made_leaves_none(ledger: Ledger) -> None:
    asking = asyncio.create_task(ledger.desk.hold(ledger.demand(ledger.caller())))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await ledger.desk.sweep()
    await ledger.desk.sweep()
    assert await ledger.open_holds() == 0


async def test_a_post_whose_caller_leaves_is_charged(ledger: Ledger) -> None:
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    posting = asyncio.create_task(ledger.desk.post(hold, bill()))
    await asyncio.sleep(0)
    posting.cancel()
    await asyncio.wait([posting])
    await ledger.desk.sweep()
    assert await ledger.account() == ("$0.00", "$0.0672", "$0.00")


async def test_a_hold_expires_a_minute_after_its_deadline(ledger: Ledger, clock: Clock) -> None:
    caller = await ledger.prepaid("1")
    hold = await ledger.desk.hold(ledger.demand(caller, seconds=30.0))
    clock.at += 86
    assert await ledger.desk.sweep() == 0
    clock.at += 4
    assert await ledger.desk.sweep() == 1
    assert await ledger.account() == ("$1.00", "$0.00", "$0.00")
    await ledger.desk.post(hold, bill())
    await ledger.desk.post(hold, bill())
    assert await ledger.account() == ("$1.00", "$0.0672", "$0.00")
    kinds = sorted(await ledger.entries("kind"))
    assert kinds == [("expire",), ("hold",), ("post",), ("top_up",)]
    await ledger.check()


async def test_a_post_after_the_hold_expired_stays_within_the_balance(
    ledger: Ledger, clock: Clock
) -> None:
    caller = await ledger.prepaid("0.10")
    hold = await ledger.desk.hold(ledger.demand(caller, "0.10"))
    clock.at += 100
    await ledger.desk.sweep()
    await ledger.desk.hold(ledger.demand(caller, "0.08"))
    await ledger.desk.post(hold, bill("0.09"))
    assert await ledger.account() == ("$0.10", "$0.02", "$0.08")
    assert (20_000_000, 70_000_000) in await ledger.entries("amount", "absorbed")


async def test_closing_frees_the_holds_of_this_process_only(ledger: Ledger) -> None:
    other = await ledger.more()
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    await other.hold(ledger.demand(ledger.caller()))
    await other.close()
    assert await ledger.open_holds() == 1
    with pytest.raises(StoreError, match="stopping"):
        await other.hold(ledger.demand(ledger.caller()))
    assert await ledger.desk.sweep() == 0


async def test_hours_sum_what_was_used_and_what_failed(ledger: Ledger) -> None:
    caller = ledger.caller()
    holds = [await ledger.desk.hold(ledger.demand(caller)) for _ in range(4)]
    await asyncio.gather(*(ledger.desk.post(hold, bill()) for hold in holds[:2]))
    ledger.desk.void(holds[2])
    ledger.desk.void(holds[3], counted=False)  # no engine was asked
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        rows = (await connection.execute(select(schema.usage_hours))).all()
    by_engine = {row.engine: row for row in rows}
    assert (by_engine["google"].requests, by_engine["google"].failed) == (2, 0)
    assert (by_engine["google"].images, by_engine["google"].image_output) == (2, 2240)
    assert by_engine["google"].amount == 134_400_000
    assert (by_engine[""].requests, by_engine[""].failed) == (1, 1)
    assert by_engine["google"].hour == int(ledger.clock.at // 3600 * 3600)


async def _draw(desk: LedgerDesk, demand: Demand, used: Bill) -> bool:
    try:
        hold = await desk.hold(demand)
    except BalanceExhausted:
        return False
    await asyncio.sleep(0)
    await desk.post(hold, used)
    return True


@pytest.mark.parametrize("desks", [1, 4])
async def test_500_callers_get_exactly_as_many_pictures_as_are_paid(
    ledger: Ledger, desks: int
) -> None:
    caller = await ledger.prepaid("6.72")
    all_desks = [ledger.desk, *[await ledger.more() for _ in range(desks - 1)]]
    demands = [ledger.demand(caller, "0.0672") for _ in range(500)]
    drawn = await asyncio.gather(
        *(
            _draw(all_desks[number % desks], demand, bill("0.0672"))
            for number, demand in enumerate(demands)
        )
    )
    assert sum(drawn) == 100
    assert await ledger.account() == ("$6.72", "$6.72", "$0.00")
    await ledger.check()


async def test_warnings_are_told_once_each(ledger: Ledger) -> None:
    budget = ledger.budget("1", Period.MONTH, thresholds=(50, 90), enforced=False)
    caller = ledger.caller(budgets=(budget,))
    for amount in ("0.4", "0.05", "0.1", "0.3", "0.1", "0.3"):
        await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller, amount)), bill(amount))
    assert ledger.warned == [
        ("bud_month", 50, Money.of("0.55")),
        ("bud_month", 90, Money.of("0.95")),
    ]


async def spend(ledger: Ledger, caller: Caller, *amounts: str) -> None:
    for amount in amounts:
        await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller, amount)), bill(amount))


async def test_any_ten_minutes_warn_once_until_they_were_below_for_as_long(
    ledger: Ledger, clock: Clock
) -> None:
    budget = ledger.budget("1", Period.TEN_MINUTES, thresholds=(50, 90))
    caller = ledger.caller(budgets=(budget,))
    held = await ledger.desk.hold(ledger.demand(caller, "0.4"))  # what is only held is not spent
    await spend(ledger, caller, "0.4", "0.05")
    ledger.desk.void(held)
    assert ledger.warned == []
    await spend(ledger, caller, "0.1", "0.05")
    assert ledger.warned == [("bud_10m", 50, Money.of("0.55"))]
    clock.at += 300
    await spend(ledger, caller, "0.35")
    assert ledger.warned[1:] == [("bud_10m", 90, Money.of("0.95"))]
    clock.at += 320
    await spend(ledger, caller, "0.1", "0.1", "0.1")  # below half, and above it again
    assert len(ledger.warned) == 2
    clock.at += 1300
    await spend(ledger, caller, "0.6")
    assert ledger.warned[2:] == [("bud_10m", 50, Money.of("0.60"))]
    await ledger.check()
    async with ledger.database.read() as connection:  # for the web hooks
        query = select(schema.counters.c.model, schema.counters.c.used)
        told = await connection.execute(query.where(schema.counters.c.dimension == WARNED))
        assert dict(tuple(row) for row in told) == {
            "50": f"[{int(clock.at)},{Money.of('0.6').nanos}]",
            "90": f"[{int(clock.at) - 1620},{Money.of('0.95').nanos}]",
        }


async def test_any_ten_minutes_warn_of_what_is_posted_late(ledger: Ledger, clock: Clock) -> None:
    budget = ledger.budget("1", Period.TEN_MINUTES, thresholds=(50,), enforced=False)
    caller = ledger.caller(budgets=(budget,))
    hold = await ledger.desk.hold(ledger.demand(caller, "0.6"))
    clock.at += 120
    assert await ledger.desk.sweep() == 1
    await ledger.desk.post(hold, bill("0.6"))
    assert ledger.warned == [("bud_10m", 50, Money.of("0.60"))]


async def test_times_are_kept_as_everything_else_keeps_them(ledger: Ledger) -> None:
    await ledger.desk.hold(ledger.demand(ledger.caller(), seconds=30.0))
    async with ledger.database.read() as connection:
        row = (await connection.execute(select(schema.holds))).one()
    assert row.created_at == datetime(2026, 11, 21, 20, 0)
    assert (row.expires_at - row.created_at).total_seconds() == 87


async def test_a_hold_that_nothing_counts_is_written_with_its_post(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisang.ledger.desk._SOON", 600)  # it is not written by itself meanwhile
    hold = ledger.desk.hold_soon(ledger.demand(ledger.caller()))
    assert hold is not None
    assert await ledger.entries("kind") == []
    await ledger.desk.post(hold, bill("0.0672"))
    assert await ledger.account() == ("$0.00", "$0.0672", "$0.00")
    assert sorted(await ledger.entries("kind", "hold_id")) == [("hold", hold.id), ("post", hold.id)]
    assert await ledger.open_holds() == 0
    await ledger.check()


async def test_a_hold_that_nothing_counts_is_written_though_nobody_resolves_it(
    ledger: Ledger,
) -> None:
    hold = ledger.desk.hold_soon(ledger.demand(ledger.caller(), "0.10"))
    assert hold is not None
    for _ in range(500):
        if await ledger.open_holds():
            break
        await asyncio.sleep(0.01)
    assert await ledger.account() == ("$0.00", "$0.00", "$0.10")
    ledger.desk.void(hold)
    await ledger.desk.sweep()
    assert await ledger.account() == ("$0.00", "$0.00", "$0.00")
    await ledger.check()


async def test_a_hold_that_is_voided_before_it_was_written_leaves_nothing_open(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pisang.ledger.desk._SOON", 600)
    hold = ledger.desk.hold_soon(ledger.demand(ledger.caller()))
    assert hold is not None
    ledger.desk.void(hold, finish="ENGINE_FAILED")
    await ledger.desk.sweep()
    assert sorted(await ledger.entries("kind")) == [("hold",), ("void",)]
    assert await ledger.open_holds() == 0
    with pytest.raises(LedgerError, match="was voided"):
        await ledger.desk.post(hold, bill())


async def test_a_hold_has_to_be_waited_for_where_anything_counts(ledger: Ledger) -> None:
    for caller in (
        await ledger.prepaid("1"),
        ledger.caller(ledger.limit(Dimension.RPM, 1)),
        ledger.caller(budgets=(ledger.budget("1", enforced=False),)),
    ):
        assert ledger.desk.hold_soon(ledger.demand(caller)) is None


async def test_what_could_not_be_written_is_written_when_it_can_be() -> None:
    writer = Failing()
    desk = LedgerDesk(writer, owner="test")
    demand = Demand(
        caller=Caller("p", "k"),
        request_id="r",
        model=MODEL,
        images=1,
        tokens=5,
        amount=Money(1),
        seconds=30,
    )
    hold = desk.hold_soon(demand)
    assert hold is not None
    with pytest.raises(StoreError):
        await desk.post(hold, bill())
    assert desk.hold_soon(demand) is None  # the next has to wait, to hear that it cannot be done
    writer.works = True
    await desk.sweep()
    again = desk.hold_soon(demand)
    assert again is not None
    await desk.post(hold, bill())
    assert [type(each).__name__ for each in writer.done[-2:]] == ["Holding", "Posting"]
    await desk.close()
    assert {each.made.id for each in writer.done if isinstance(each, Holding) and each.made} == {
        hold.id,
        again.id,
    }


async def test_a_probe_writes_that_the_process_lives(ledger: Ledger) -> None:
    await ledger.desk.probe()
    query = select(schema.owners.c.id, schema.owners.c.seen_at)
    async with ledger.database.read() as connection:
        ((owner, at),) = (await connection.execute(query)).all()
    assert owner == ledger.desk.owner
    assert at.replace(tzinfo=UTC).timestamp() == ledger.clock.at


async def test_a_probe_fails_while_nothing_can_be_written() -> None:
    writer = Failing()
    desk = LedgerDesk(writer, owner="test")
    for _ in range(2):
        with pytest.raises(StoreError, match="away"):
            await asyncio.gather(desk.probe(), desk.probe())
    writer.works = True
    await asyncio.gather(desk.probe(), desk.probe())
    await desk.probe()
    assert len(writer.done) == 1  # of those that ask at once, and soon after
    writer.works = False
    with pytest.raises(StoreError):
        await desk.sweep()
    with pytest.raises(StoreError):  # what failed since then is not forgotten for a second
        await desk.probe()
    await desk.close()


class Failing:
    """A writer whose database is away until it ``works``."""

    def __init__(self) -> None:
        self.works = False
        self.done: list[Operation] = []

    def submit(
        self, operations: list[Operation], answered: Callable[[list[Answer] | Exception], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        if not self.works:
            loop.call_soon(answered, StoreError("away"))
            return
        self.done += operations
        answers = {Holding: None, Posting: (), Sweeping: 0, Probing: None}
        loop.call_soon(answered, [answers[type(each)] for each in operations])

    async def close(self) -> None:
        """Has nothing open."""
