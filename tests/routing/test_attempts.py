"""What is tried again, where, after how long; and what callers get where nothing helped."""

import asyncio
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from pisang.core.errors import (
    EngineBillingStopped,
    EngineGarbled,
    EngineMisconfigured,
    EngineRateLimited,
    EngineRejected,
    EngineTimeout,
    EngineUnavailable,
    MalformedRequest,
)
from pisang.engines.base import Engine, UpstreamFault
from pisang.routing.plan import Step
from pisang.routing.router import RetryRules
from tests.routing.stage import (
    BAD_KEY,
    BAD_REQUEST,
    BROKE,
    CUT,
    MODEL,
    NO_MONEY,
    OVERLOADED,
    UNREACHABLE,
    Clock,
    Player,
    Stage,
    google,
    limited,
    play,
)


def studio(*acts: object) -> Player:
    return Player("studio", acts)  # type: ignore[arg-type]


def relay(*acts: object) -> Player:
    return Player("relay", acts or ("picture",))  # type: ignore[arg-type]


async def test_nothing_is_tried_twice_where_all_is_well() -> None:
    stage = Stage([studio("picture"), relay()])
    assert await stage.ask() == "studio#0 served"
    assert stage.clock.slept == []


async def test_what_passes_is_tried_again_after_longer_and_longer_waits() -> None:
    stage = Stage([studio(OVERLOADED, BROKE, OVERLOADED, "picture")])
    assert await stage.ask() == (
        "studio#0 overloaded, studio#0 internal, studio#0 overloaded, studio#0 served"
    )
    assert stage.clock.slept == [0.5, 1, 2]


async def test_waits_are_random_between_nothing_and_all_of_it() -> None:
    stage = Stage([studio(OVERLOADED, OVERLOADED, "picture")], chance=0.25)
    await stage.ask()
    assert stage.clock.slept == [0.125, 0.25]


async def test_after_some_tries_it_is_given_up_and_all_are_told() -> None:
    stage = Stage([studio(OVERLOADED)])
    with pytest.raises(EngineUnavailable) as caught:
        await stage.ask()
    assert stage.players[0].asked == 4
    assert caught.value.metadata["engine"] == "studio"
    assert caught.value.metadata["attempts"].count("studio#0 503 overloaded") == 4
    assert caught.value.original is not None
    assert caught.value.original.body == OVERLOADED.body


async def test_the_upstreams_own_time_is_waited_for_at_least() -> None:
    stage = Stage([studio(limited(7), "picture")])
    assert await stage.ask() == "studio#0 rate-minute, studio#0 served"
    assert stage.clock.slept == [7.5]


async def test_a_wait_that_the_deadline_has_no_room_for_is_not_made() -> None:
    stage = Stage([studio(limited(7))])
    with pytest.raises(EngineRateLimited) as caught:
        await stage.ask(seconds=8)
    assert stage.clock.slept == []
    assert caught.value.retry_after == 7


async def test_a_very_long_wait_is_left_to_the_caller() -> None:
    stage = Stage([studio(limited(300))])
    with pytest.raises(EngineRateLimited) as caught:
        await stage.ask()
    assert stage.clock.slept == []
    assert caught.value.retry_after == 300


async def test_while_a_limit_is_used_up_nobody_is_sent_there() -> None:
    stage = Stage([studio(limited(300), "picture")])
    with pytest.raises(EngineRateLimited):
        await stage.ask()
    stage.clock.now += 100
    with pytest.raises(EngineRateLimited) as caught:
        await stage.ask()
    assert stage.players[0].asked == 1
    assert caught.value.retry_after == 200
    assert caught.value.metadata["attempts"] == "studio rate-minute (not asked)"
    assert caught.value.original is not None
    stage.clock.now += 200
    assert await stage.ask() == "studio#0 served"


async def test_with_another_engine_at_hand_a_long_wait_is_not_made() -> None:
    stage = Stage([studio(limited(7)), relay()])
    assert await stage.ask() == "studio#0 rate-minute, relay#0 served"
    assert stage.clock.slept == []


async def test_with_another_engine_at_hand_a_short_wait_is() -> None:
    stage = Stage([studio(OVERLOADED, "picture"), relay()])
    assert await stage.ask() == "studio#0 overloaded, studio#0 served"


async def test_with_another_engine_at_hand_there_are_fewer_tries() -> None:
    stage = Stage([studio(OVERLOADED), relay()])
    assert await stage.ask() == "studio#0 overloaded, studio#0 overloaded, relay#0 served"


async def test_an_engine_that_is_out_is_no_other_engine_at_hand() -> None:
    stage = Stage([studio(OVERLOADED, OVERLOADED, OVERLOADED, "picture"), relay(NO_MONEY)])
    stage.rules = stage.router.rules
    with pytest.raises(EngineBillingStopped):
        await stage.router.run(
            replace(stage.plan, steps=(Step("relay", ""),)),
            play,
            ends=stage.clock.now + 600,
            model=MODEL,
        )
    assert (await stage.ask()).endswith("studio#0 overloaded, studio#0 served")


async def test_trouble_with_a_key_brings_the_next_key_at_once() -> None:
    stage = Stage([studio(limited(30)), studio(BAD_KEY), studio("picture"), relay()])
    assert await stage.ask() == "studio#0 rate-minute, studio#1 bad-key, studio#2 served"
    assert stage.clock.slept == []


async def test_with_all_keys_used_up_the_soonest_is_waited_for() -> None:
    stage = Stage([studio(limited(30)), studio(limited(6), "picture")])
    assert await stage.ask() == "studio#0 rate-minute, studio#1 rate-minute, studio#1 served"
    assert stage.clock.slept == [6.5]


async def test_an_overloaded_upstream_is_not_asked_with_every_key_at_once() -> None:
    stage = Stage([studio(OVERLOADED), studio("picture")])
    assert await stage.ask() == "studio#0 overloaded, studio#1 served"
    assert stage.clock.slept == [0.5]


async def test_keys_take_turns() -> None:
    players = [studio("picture"), studio("picture"), studio("picture")]
    stage = Stage(players)
    for _ in range(9):
        await stage.ask()
    assert [player.asked for player in players] == [3, 3, 3]


async def test_who_has_least_to_do_is_asked() -> None:
    players = [studio("picture"), studio("picture")]
    stage = Stage(players)
    held = [
        (await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL))[1]
        for _ in range(2)
    ]
    held[1].ended()
    for _ in range(3):
        await stage.ask()
    assert [player.asked for player in players] == [1, 4]


async def test_an_empty_wallet_is_never_tried_again() -> None:
    stage = Stage([studio(NO_MONEY, "picture")])
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(EngineBillingStopped) as caught:
                await stage.ask()
            assert caught.value.retry_after is None
        stage.clock.now += 1_000_000
        with pytest.raises(EngineBillingStopped):
            await stage.ask()
    assert stage.players[0].asked == 1
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["engine out"]
    stage.router.readmit("studio")
    assert await stage.ask() == "studio#0 served"


async def test_a_request_at_fault_is_told_so_and_nobody_else_is_asked() -> None:
    stage = Stage([studio(BAD_REQUEST), relay()])
    with pytest.raises(EngineRejected):
        await stage.ask()
    assert stage.players[1].asked == 0


async def test_where_nothing_helps_the_caller_gets_what_they_can_do_something_about() -> None:
    """An empty wallet says nothing to a caller; that the other engine has room in 9 s does."""
    stage = Stage([relay(limited(9)), studio(NO_MONEY)])
    with pytest.raises(EngineRateLimited) as caught:
        await stage.ask(seconds=5)
    assert caught.value.retry_after == 9
    assert caught.value.metadata["attempts"] == (
        "relay#0 429 rate-minute 0.0s; studio#0 429 billing-stopped 0.0s"
    )


async def test_nobody_who_is_resting_is_asked_and_then_one_looks() -> None:
    rules = RetryRules(failures=2, tries=1, rest=5)
    stage = Stage([studio(UNREACHABLE, UNREACHABLE, "picture")], rules)
    for _ in range(4):
        with pytest.raises(EngineUnavailable):
            await stage.ask()
    assert stage.players[0].asked == 2
    stage.clock.now += 5
    assert await stage.ask() == "studio#0 served"


async def test_a_request_waits_for_one_rest_and_not_for_the_next() -> None:
    """A short trouble is sat out; in a long one, callers are told soon, and rests stay short."""
    stage = Stage([studio(*[OVERLOADED] * 5, "picture")], RetryRules(tries=4), chance=0.0)
    with pytest.raises(EngineUnavailable):
        await stage.ask(seconds=600)
    assert await stage.ask(seconds=600) == "studio#0 overloaded, studio#0 served"

    stage = Stage([studio(*[OVERLOADED] * 6, "picture")], RetryRules(tries=4), chance=0.0)
    with pytest.raises(EngineUnavailable):
        await stage.ask(seconds=600)
    with pytest.raises(EngineUnavailable) as caught:
        await stage.ask(seconds=600)
    assert caught.value.retry_after == 10
    assert stage.players[0].asked == 6
    stage.clock.now += 10
    assert await stage.ask() == "studio#0 served"


async def test_a_look_whose_caller_hung_up_does_not_block_the_next() -> None:
    rules = RetryRules(failures=1, tries=1, rest=5)

    async def forever() -> str:
        await asyncio.Event().wait()
        return ""

    stage = Stage([studio(UNREACHABLE, forever, "picture")], rules)
    with pytest.raises(EngineUnavailable):
        await stage.ask()
    stage.clock.now += 5
    looking = asyncio.create_task(stage.ask())
    await asyncio.sleep(0)
    with pytest.raises(EngineUnavailable):
        await stage.ask()  # only one at a time
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert await stage.ask() == "studio#0 served"


async def test_out_of_time_is_told_with_all_that_was_tried() -> None:
    async def forever() -> str:
        await asyncio.Event().wait()
        return ""

    stage = Stage([studio(OVERLOADED, forever)], RetryRules(least_work=0), chance=0.0)
    with pytest.raises(EngineTimeout) as caught:
        await stage.ask(seconds=0.02)
    assert caught.value.metadata["attempts"].startswith(
        "studio#0 503 overloaded 0.0s; studio#0 time"
    )
    assert not stage.router.health.troubles or stage.router.health.wait("studio", 0, MODEL) == 0


async def test_a_deadline_that_has_passed_stops_everything() -> None:
    stage = Stage([studio(OVERLOADED), relay()])

    async def slow(step: Step, engine: Engine) -> str:
        stage.clock.now += 10
        return await play(step, engine)

    with pytest.raises(EngineTimeout):
        await stage.router.run(stage.plan, slow, ends=stage.clock.now + 9, model=MODEL)
    assert stage.players[1].asked == 0


async def test_what_an_engine_of_ours_refuses_is_told_unchanged() -> None:
    refused = MalformedRequest("No such thing.")
    stage = Stage([studio(refused), relay()])
    with pytest.raises(MalformedRequest) as caught:
        await stage.ask()
    assert caught.value is refused
    assert stage.players[1].asked == 0


async def test_an_engine_of_ours_with_too_much_to_do_hands_over() -> None:
    full = EngineUnavailable("Too much queued.")
    assert await Stage([studio(full), relay()]).ask() == "studio#0 full, relay#0 served"
    with pytest.raises(EngineUnavailable) as caught:
        await Stage([studio(full)]).ask()
    assert caught.value is full


async def test_a_defect_is_not_hidden() -> None:
    stage = Stage([studio(ZeroDivisionError("a defect")), relay()])
    with pytest.raises(ZeroDivisionError):
        await stage.ask()
    assert stage.router.snapshot()[0]["keys"][0]["under_way"] == 0  # type: ignore[index]


async def test_a_caller_who_hangs_up_stops_the_engine_at_once() -> None:
    stopped = asyncio.Event()

    async def working() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            stopped.set()
            raise
        return ""

    stage = Stage([studio(working), relay()])
    task = asyncio.create_task(stage.ask())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()
    assert stage.players[1].asked == 0
    assert stage.router.snapshot()[0]["keys"][0]["under_way"] == 0  # type: ignore[index]


async def test_answers_that_break_off_count_against_an_engine() -> None:
    stage = Stage([studio("picture")], RetryRules(failures=2))
    for _ in range(2):
        _, served = await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL)
        error = served.broke(CUT)
        served.ended()  # whoever reads an answer may say so twice
        assert isinstance(error, EngineGarbled)
        assert error.metadata["engine"] == "studio"
        assert error.metadata["attempts"] == "studio#0 200 truncated 0.0s"
    with pytest.raises(EngineGarbled):
        await stage.ask()
    assert stage.players[0].asked == 2


async def test_the_models_of_an_upstream_are_sick_one_by_one() -> None:
    stage = Stage([studio(limited(100), "picture")])
    with pytest.raises(EngineRateLimited):
        await stage.ask()
    assert await stage.ask(model="gemini-2.5-flash-image") == "studio#0 served"


async def test_a_model_that_is_called_otherwise_upstream_is_known_by_that_name() -> None:
    stage = Stage([studio(limited(100), "picture")])
    with pytest.raises(EngineRateLimited):
        await stage.ask()
    plan = replace(stage.plan, steps=(Step("studio", MODEL),))
    with pytest.raises(EngineRateLimited):
        await stage.router.run(plan, play, ends=stage.clock.now + 9, model="my-alias")
    assert stage.players[0].asked == 1


async def test_an_operators_mistake_goes_to_the_next_engine_and_is_remembered() -> None:
    gone = google(404, "models/x is not found for API version v1beta", word="NOT_FOUND")
    stage = Stage([studio(gone), relay()])
    assert await stage.ask() == "studio#0 model-not-found, relay#0 served"
    assert await stage.ask() == "studio#0 model-not-found, relay#0 served"
    assert stage.players[0].asked == 1
    lonely = Stage([studio(gone)])
    with pytest.raises(EngineMisconfigured):
        await lonely.ask()


class Running(Clock):
    """A clock that goes on whenever someone looks at it, as real ones do."""

    def __call__(self) -> float:
        self.now += 0.01
        return self.now


async def test_a_wait_that_ends_while_it_is_looked_at_is_over() -> None:
    for late in range(40):
        clock = Running()
        stage = Stage([Player("a", [limited(100), "picture"])], clock=clock)
        with pytest.raises(EngineRateLimited):
            await stage.ask()
        (trouble,) = stage.router.health.troubles.values()
        clock.now = trouble.until - 0.01 * late
        try:
            assert await stage.ask(seconds=0.5) == "a#0 served"
        except EngineRateLimited:
            assert late > 2


@pytest.mark.parametrize(("seconds", "rests"), [(2.0, False), (200.0, True)])
async def test_callers_in_a_hurry_make_no_engine_sick(seconds: float, rests: bool) -> None:
    stage = Stage([studio()])

    async def too_late() -> str:
        stage.clock.now += seconds
        raise UpstreamFault(google(504, "Deadline expired.", word="DEADLINE_EXCEEDED"))

    stage.players[0].acts = [too_late]
    for _ in range(stage.rules.failures):
        with pytest.raises(EngineTimeout):
            await stage.ask(seconds=seconds)

    assert (stage.router.health.wait("studio", 0, MODEL) > 0) is rests


async def test_silence_until_a_long_deadline_counts_against_an_engine() -> None:
    async def silent() -> str:
        stage.clock.now += 200  # what the caller's patience is by this clock
        await asyncio.Event().wait()
        return ""

    stage = Stage([studio(silent)], RetryRules(failures=1))
    with pytest.raises(EngineTimeout):
        await stage.ask(seconds=0.02)

    assert stage.router.health.wait("studio", 0, MODEL) > 0
