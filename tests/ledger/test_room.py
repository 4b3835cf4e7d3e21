"""Limits and budgets: what fits, what is refused and in which words, when there is room again."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pisang.core.errors import BalanceExhausted, BudgetExhausted, PisangError, RateLimited
from pisang.core.money import Money
from pisang.core.terms import Billing, Dimension, Limit, Period
from pisang.ledger.words import Hold
from tests.ledger.conftest import MODEL, NOON, Clock, Ledger, bill

OTHER = "gemini-3-pro-image"


async def refusal(asked: Awaitable[Hold]) -> PisangError:
    with pytest.raises((RateLimited, BudgetExhausted)) as caught:
        await asked
    return caught.value


async def test_a_limit_is_refused_in_plain_words_until_there_is_room(
    ledger: Ledger, clock: Clock
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.IPM, 3))
    for images in (1, 2):
        await ledger.desk.hold(ledger.demand(caller, images=images))
        clock.at += 10.25
    error = await refusal(ledger.desk.hold(ledger.demand(caller, images=2)))
    assert error.message == (
        f"The limit of 3 images a minute (ipm) of this project for {MODEL} is used up: 3 counted, "
        "and this request asks for 2 more. There is room again in 51 seconds, at 2026-11-21 "
        "20:01:11 UTC (12:01 Pacific time). Wait, or ask who runs this server for a higher limit "
        "(pisang limits set)."
    )
    assert error.metadata == {"dimension": "ipm", "model": MODEL, "limit": "3", "scope": "project"}
    assert error.retry_after == 71 - 20.5
    clock.at += error.retry_after - 0.01
    await refusal(ledger.desk.hold(ledger.demand(caller, images=2)))
    clock.at += 0.01
    await ledger.desk.hold(ledger.demand(caller, images=2))


async def test_a_limit_of_nothing_and_one_smaller_than_the_request_have_no_time(
    ledger: Ledger,
) -> None:
    none = Limit(f"project:{ledger.project}", "*", Dimension.IPM, 0, "tier 0")
    error = await refusal(ledger.desk.hold(ledger.demand(ledger.caller(none))))
    assert error.retry_after is None
    assert error.metadata["tier"] == "0"
    assert "Waiting does not help" in error.message
    small = ledger.caller(ledger.limit(Dimension.TPM, 50))
    error = await refusal(ledger.desk.hold(ledger.demand(small, tokens=51)))
    assert error.retry_after is None
    assert "asks for 51. Ask for less at once" in error.message


async def test_a_refused_request_is_counted_nowhere(ledger: Ledger) -> None:
    limits = [ledger.limit(Dimension.RPM, 10), ledger.limit(Dimension.TPM, 150)]
    caller = ledger.caller(*limits)
    await ledger.desk.hold(ledger.demand(caller, tokens=100))
    for _ in range(20):
        await refusal(ledger.desk.hold(ledger.demand(caller, tokens=100)))
    assert await ledger.counted("rpm") == 1
    assert await ledger.account() == ("$0.00", "$0.00", "$0.10")


async def test_of_several_limits_the_one_is_named_that_takes_longest(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.RPM, 1), ledger.limit(Dimension.RPD, 1))
    await ledger.desk.hold(ledger.demand(caller))
    error = await refusal(ledger.desk.hold(ledger.demand(caller)))
    assert error.metadata["dimension"] == "rpd"
    assert error.retry_after == datetime(2026, 11, 22, 8, tzinfo=UTC).timestamp() - NOON


async def test_a_limit_on_all_models_counts_each_that_has_none_of_its_own(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.RPM, 1, "*"), ledger.limit(Dimension.RPM, 2))
    await ledger.desk.hold(ledger.demand(caller))
    await ledger.desk.hold(ledger.demand(caller))
    await ledger.desk.hold(ledger.demand(caller, model=OTHER))
    await ledger.desk.hold(ledger.demand(caller, model="another"))
    for model in (MODEL, OTHER, "another"):
        await refusal(ledger.desk.hold(ledger.demand(caller, model=model)))


async def test_a_keys_limit_on_all_models_is_on_all_of_its_requests(ledger: Ledger) -> None:
    caller = ledger.caller(Limit("key:key_1", "*", Dimension.RPM, 2, "key"))
    await ledger.desk.hold(ledger.demand(caller))
    await ledger.desk.hold(ledger.demand(caller, model=OTHER))
    error = await refusal(ledger.desk.hold(ledger.demand(caller, model="another")))
    assert error.metadata["scope"] == "key"
    assert "of this key on all models" in error.message


async def test_requests_at_the_same_time_make_room_as_they_end(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 2))
    first, second = [await ledger.desk.hold(ledger.demand(caller)) for _ in range(2)]
    error = await refusal(ledger.desk.hold(ledger.demand(caller)))
    assert error.retry_after == 1.0
    assert "at the same time (concurrent)" in error.message
    await ledger.desk.post(first, bill())
    await ledger.desk.hold(ledger.demand(caller))
    ledger.desk.void(second)
    await ledger.desk.hold(ledger.demand(caller))
    await refusal(ledger.desk.hold(ledger.demand(caller)))


async def test_a_limit_counts_the_requests_that_were_under_way_before_it_was_set(
    ledger: Ledger,
) -> None:
    """Also those of other models' and keys' limits, and of those that nobody waited to be held."""
    before = [await ledger.desk.hold(ledger.demand(ledger.caller())) for _ in range(2)]
    soon = ledger.desk.hold_soon(ledger.demand(ledger.caller(key="key_2")))
    assert soon is not None
    before.append(await ledger.desk.hold(ledger.demand(ledger.caller(), model=OTHER)))
    await asyncio.sleep(0.1)  # so that it is written
    for limit, there in (
        (ledger.limit(Dimension.CONCURRENT, 4), 3),
        (Limit("key:key_1", "*", Dimension.CONCURRENT, 4, "key"), 3),
        (Limit("key:key_1", MODEL, Dimension.CONCURRENT, 4, "key"), 2),
    ):
        caller = ledger.caller(limit)
        made = [await ledger.desk.hold(ledger.demand(caller)) for _ in range(4 - there)]
        error = await refusal(ledger.desk.hold(ledger.demand(caller)))
        assert "4 are under way" in error.message
        for hold in made:
            ledger.desk.void(hold)
        await ledger.desk.sweep()
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 3))
    await refusal(ledger.desk.hold(ledger.demand(caller)))
    await ledger.desk.post(soon, bill())
    await ledger.desk.hold(ledger.demand(caller))


async def test_what_begins_and_ends_together_is_counted_in_its_turn(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 2))
    first = await ledger.desk.hold(ledger.demand(caller))
    ledger.desk.void(first)
    unlimited = ledger.desk.hold(ledger.demand(ledger.caller()))
    asked = [ledger.desk.hold(ledger.demand(caller)) for _ in range(3)]
    found = await asyncio.gather(unlimited, *asked, return_exceptions=True)
    assert [isinstance(each, Hold) for each in found] == [True, True, False, False]


async def test_an_expired_hold_makes_room_too(ledger: Ledger, clock: Clock) -> None:
    caller = ledger.caller(ledger.limit(Dimension.CONCURRENT, 1))
    await ledger.desk.hold(ledger.demand(caller))
    clock.at += 120
    await ledger.desk.sweep()
    await ledger.desk.hold(ledger.demand(caller))


async def test_what_reached_an_engine_stays_counted_and_what_did_not_is_given_back(
    ledger: Ledger,
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.IPM, 2), ledger.limit(Dimension.RPD, 2))
    ledger.desk.void(await ledger.desk.hold(ledger.demand(caller)), counted=False)
    ledger.desk.void(await ledger.desk.hold(ledger.demand(caller)), counted=True)
    await ledger.desk.hold(ledger.demand(caller))
    await refusal(ledger.desk.hold(ledger.demand(caller)))


async def test_priority_has_three_tenths_of_its_own_and_then_is_served_as_standard(
    ledger: Ledger,
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.RPM, 10))
    holds = [await ledger.desk.hold(ledger.demand(caller, priority=True)) for _ in range(13)]
    assert [hold.downgraded for hold in holds] == [False] * 3 + [True] * 10
    await refusal(ledger.desk.hold(ledger.demand(caller, priority=True)))
    await refusal(ledger.desk.hold(ledger.demand(caller)))


async def test_priority_has_at_least_one_where_there_is_a_limit_at_all(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.RPM, 2))
    assert not (await ledger.desk.hold(ledger.demand(caller, priority=True))).downgraded
    assert (await ledger.desk.hold(ledger.demand(caller, priority=True))).downgraded
    none = ledger.caller(ledger.limit(Dimension.RPM, 0, OTHER))
    await refusal(ledger.desk.hold(ledger.demand(none, model=OTHER, priority=True)))


@pytest.mark.parametrize("desks", [1, 3])
async def test_500_callers_get_exactly_the_limit(ledger: Ledger, desks: int) -> None:
    caller = ledger.caller(ledger.limit(Dimension.IPM, 100))
    all_desks = [ledger.desk, *[await ledger.more() for _ in range(desks - 1)]]
    demands = [ledger.demand(caller) for _ in range(500)]
    found = await asyncio.gather(
        *(all_desks[at % desks].hold(demand) for at, demand in enumerate(demands)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Hold) for each in found) == 100
    assert sum(isinstance(each, RateLimited) for each in found) == 400


async def test_several_pictures_of_one_request_count_as_one_request(ledger: Ledger) -> None:
    limits = [ledger.limit(each, 10) for each in (Dimension.RPM, Dimension.IPM, Dimension.RPD)]
    caller = ledger.caller(*limits, ledger.limit(Dimension.CONCURRENT, 1))
    first = ledger.demand(caller)
    holds = await ledger.desk.hold_all([first, *[replace(first, requests=0) for _ in range(3)]])
    assert [await ledger.counted(each) for each in ("rpm", "rpd", "ipm")] == [1, 1, 4]
    await asyncio.gather(*(ledger.desk.post(hold, bill()) for hold in holds))
    assert await ledger.counted("concurrent") == 0
    await ledger.check()


async def test_all_pictures_of_a_request_are_held_or_none(ledger: Ledger) -> None:
    """None takes the room that another needs to have all of its own."""
    room = ledger.caller(ledger.limit(Dimension.IPM, 10))
    await ledger.prepaid("1.05")
    for caller in (room, ledger.caller(billing=Billing.PREPAID)):
        first = ledger.demand(caller)
        demands = [first, *[replace(first, requests=0) for _ in range(3)]]
        found = await asyncio.gather(
            *(ledger.desk.hold_all(demands) for _ in range(20)), return_exceptions=True
        )
        made = [each for each in found if isinstance(each, list)]
        refused = [each for each in found if isinstance(each, RateLimited | BalanceExhausted)]
        assert (len(made), len(refused)) == (2, 18)
        assert await ledger.open_holds() == 8
        for hold in (hold for each in made for hold in each):
            ledger.desk.void(hold, counted=False)
        await ledger.check()


async def test_holds_that_nobody_waits_for_are_freed(ledger: Ledger) -> None:
    caller = ledger.caller(ledger.limit(Dimension.IPM, 2))
    asked = asyncio.create_task(ledger.desk.hold_all([ledger.demand(caller)] * 2))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await ledger.check()
    assert (await ledger.open_holds(), await ledger.counted("ipm")) == (0, 0)


async def test_a_budget_holds_out_until_its_period_ends(ledger: Ledger, clock: Clock) -> None:
    caller = ledger.caller(budgets=(ledger.budget("0.25"),))
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill("0.10"))
    await ledger.desk.hold(ledger.demand(caller))
    error = await refusal(ledger.desk.hold(ledger.demand(caller)))
    assert error.message == (
        "The budget 'bud_day' of this project, $0.25 a day, does not cover this request: it may "
        "cost up to $0.10, and $0.05 are left. There is room again at 2026-11-22 08:00:00 UTC "
        "(00:00 Pacific time) (in 43200 seconds). Ask for fewer or smaller images, or ask who runs "
        "this server for a higher one (pisang budgets)."
    )
    assert error.retry_after == 43_200
    assert error.metadata["budget"] == "bud_day"
    clock.at += 43_200
    await ledger.desk.hold(ledger.demand(caller))
    rehearsed = ledger.demand(caller, "0.30", rehearsal=True)
    error = await refusal(ledger.desk.hold(rehearsed))
    assert "This is a rehearsal, not a bill" in error.message


async def test_a_post_goes_to_the_period_of_its_hold(ledger: Ledger, clock: Clock) -> None:
    caller = ledger.caller(budgets=(ledger.budget("0.25"),))
    clock.at += 43_195
    hold = await ledger.desk.hold(ledger.demand(caller))
    clock.at += 10
    await ledger.desk.post(hold, bill("0.10"))
    await ledger.desk.hold(ledger.demand(caller, "0.25"))
    await refusal(ledger.desk.hold(ledger.demand(caller, "0.01")))


async def test_a_budget_that_never_ends_has_no_time(ledger: Ledger) -> None:
    caller = ledger.caller(budgets=(ledger.budget("0.05", Period.TOTAL),))
    error = await refusal(ledger.desk.hold(ledger.demand(caller)))
    assert error.retry_after is None
    assert "It does not reset by itself" in error.message


async def test_one_that_only_warns_refuses_nothing(ledger: Ledger) -> None:
    caller = ledger.caller(budgets=(ledger.budget("0.05", enforced=False),))
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill("0.10"))
    assert await ledger.spending() == {"bud_day": (100_000_000, 0)}


async def test_ten_minutes_slide(ledger: Ledger, clock: Clock) -> None:
    caller = ledger.caller(budgets=(ledger.budget("0.25", Period.TEN_MINUTES),))
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill("0.10"))
    clock.at += 300
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill("0.07"))
    await ledger.desk.hold(ledger.demand(caller, "0.08"))
    error = await refusal(ledger.desk.hold(ledger.demand(caller, "0.05")))
    assert error.retry_after == 310
    assert "spend limit 'bud_10m' of this project, $0.25 in any ten minutes" in error.message
    clock.at += 310
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    await refusal(ledger.desk.hold(ledger.demand(caller, "0.01")))


async def test_a_post_of_more_stays_within_every_budget(ledger: Ledger) -> None:
    budgets = (ledger.budget("1", Period.MONTH), ledger.budget("0.25", Period.TEN_MINUTES))
    caller = ledger.caller(budgets=budgets)
    hold = await ledger.desk.hold(ledger.demand(caller))
    await ledger.desk.hold(ledger.demand(caller))
    await ledger.desk.post(hold, bill("0.30"))
    assert await ledger.account() == ("$0.00", "$0.15", "$0.10")
    assert await ledger.spending() == {"bud_month": (150_000_000, 100_000_000)}
    assert await ledger.counted("spend") == Money.of("0.25").nanos
