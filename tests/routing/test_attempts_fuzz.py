"""Whatever engines do, in whatever order: what must hold for every request."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from pisang.core.errors import EngineError, EngineUnavailable
from pisang.core.upstream import Symptom
from pisang.routing.rules import RetryRules
from tests.routing.stage import (
    BAD_KEY,
    BAD_REQUEST,
    BROKE,
    CUT,
    NO_MONEY,
    OVERLOADED,
    UNREACHABLE,
    Act,
    Player,
    Stage,
    limited,
)

RULES = RetryRules(failures=3, rest=5.0, longest_rest=20.0, longest_wait=20.0)
FULL = (EngineUnavailable("Too much queued."),)
FOR_EVER = (NO_MONEY,)
ACTS: Sequence[Act] = (
    "picture",
    "picture",
    OVERLOADED,
    BROKE,
    CUT,
    UNREACHABLE,
    limited(3),
    limited(40),
    limited(4000),
    NO_MONEY,
    BAD_KEY,
    BAD_REQUEST,
    *FULL,
)


class Watched(Player):
    """Notices whether it is asked after it said that it is of no use any more."""

    useless = False

    async def play(self) -> str:
        assert not self.useless, "nothing asks an empty wallet again"
        act = self.acts[min(self.asked, len(self.acts) - 1)]
        self.useless = isinstance(act, Symptom) and act in FOR_EVER
        return await super().play()


KEYS = st.lists(st.lists(st.sampled_from(ACTS), min_size=1, max_size=6), min_size=1, max_size=3)
ENGINES = st.lists(KEYS, min_size=1, max_size=3)
REQUESTS = st.lists(
    st.tuples(st.sampled_from([2.0, 30.0, 600.0]), st.sampled_from([0.0, 1.0, 5.0, 100.0])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=200, deadline=None)
@given(ENGINES, REQUESTS, st.floats(0, 1))
def test_every_request_ends_in_time_and_well(
    engines: list[list[list[Act]]], requests: list[tuple[float, float]], chance: float
) -> None:
    players = [
        Watched(f"engine-{number}", acts) for number, keys in enumerate(engines) for acts in keys
    ]
    stage = Stage(players, RULES, chance=chance)
    asyncio.run(_all(stage, requests))


async def _all(stage: Stage, requests: list[tuple[float, float]]) -> None:
    for seconds, pause in requests:
        began, stage.clock.slept[:] = stage.clock.now, []
        asked = sum(player.asked for player in stage.players)
        (outcome,) = await asyncio.gather(stage.ask(seconds=seconds), return_exceptions=True)
        assert isinstance(outcome, str | EngineError)
        if isinstance(outcome, EngineError):
            assert outcome.retry_after is None or outcome.retry_after > 0
            assert outcome.metadata.get("attempts") or outcome in FULL
        tries = sum(player.asked for player in stage.players) - asked
        assert stage.clock.now < began + seconds, "waits leave time to work"
        assert sum(stage.clock.slept) <= RULES.longest_wait
        assert tries <= RULES.tries * len(stage.players)
        for engine in stage.router.snapshot():
            assert all(key["under_way"] == 0 for key in engine["keys"])  # type: ignore[attr-defined]
        stage.clock.now += pause


@settings(max_examples=60, deadline=None)
@given(ENGINES, st.integers(2, 12))
def test_requests_at_the_same_time_leave_nothing_behind(
    engines: list[list[list[Act]]], count: int
) -> None:
    players = [
        Player(f"engine-{number}", acts) for number, keys in enumerate(engines) for acts in keys
    ]
    stage = Stage(players, RULES)

    async def crowd() -> None:
        outcomes = await asyncio.gather(
            *(stage.ask() for _ in range(count)), return_exceptions=True
        )
        for outcome in outcomes:
            assert isinstance(outcome, str | EngineError)
        for engine in stage.router.snapshot():
            assert all(key["under_way"] == 0 for key in engine["keys"])  # type: ignore[attr-defined]
        assert not any(trouble.probed for trouble in stage.router.health.troubles.values())

    asyncio.run(crowd())
