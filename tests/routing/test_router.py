"""The table changes while requests are under way; engines are closed when nobody needs them."""

import asyncio
from dataclasses import replace

import pytest

from pisang.core.errors import EngineBillingStopped, EngineUnavailable
from pisang.core.upstream import Dialect
from pisang.routing.plan import Question
from pisang.routing.router import RetryRules, Router, only
from pisang.routing.table import Route, Table, Target
from pisang.testing import ScriptedEngine
from tests.routing.stage import (
    MODEL,
    NO_MONEY,
    OVERLOADED,
    UNREACHABLE,
    Player,
    Stage,
    limited,
    play,
    steps,
    table,
)

PRO = Question(asked=MODEL, names=frozenset({MODEL}), known=True)


async def test_engines_that_nobody_needs_are_closed_at_once() -> None:
    stage, new = Stage([Player("studio")]), Player("cloud")
    stage.router.replace(table("cloud"), {"cloud": [new]})
    await _rest()
    assert stage.players[0].closed == 1
    assert new.closed == 0
    assert stage.router.plan(PRO).steps == steps("cloud").steps


async def test_engines_with_requests_under_way_are_closed_after_the_last() -> None:
    stage = Stage([Player("studio")])
    plan, ends = stage.plan, stage.clock.now + 60
    first = (await stage.router.run(plan, play, ends=ends, model=MODEL))[1]
    second = (await stage.router.run(plan, play, ends=ends, model=MODEL))[1]
    stage.router.replace(table("cloud"), {"cloud": [Player("cloud")]})
    first.ended()
    await _rest()
    assert stage.players[0].closed == 0
    second.ended()
    second.ended()
    await _rest()
    assert stage.players[0].closed == 1


async def test_an_answer_that_nobody_took_is_given_up() -> None:
    """Its caller hung up before it was begun to be read."""
    stage = Stage([Player("studio", (UNREACHABLE, "picture"))], RetryRules(failures=1, tries=1))
    with pytest.raises(EngineUnavailable):
        await stage.ask()
    stage.clock.now += 60
    looking = await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL)
    with pytest.raises(EngineUnavailable):
        await stage.ask()
    del looking
    assert await stage.ask() == "studio#0 served"


async def test_a_request_that_was_planned_before_may_still_fail_over_as_planned() -> None:
    new = Player("cloud")

    async def replaced() -> str:
        stage.router.replace(table("cloud"), {"cloud": [new]})
        await _rest()
        return await Player("studio", (OVERLOADED,)).play()

    stage = Stage([Player("studio", (replaced, OVERLOADED)), Player("relay")])
    assert (await stage.ask()).endswith("relay#0 served")
    await _rest()
    assert [player.closed for player in stage.players] == [1, 1]


async def test_a_request_whose_engines_left_before_it_began_is_told_to_come_again() -> None:
    stage = Stage([Player("studio")])
    stage.router.replace(table("cloud"), {"cloud": [Player("cloud")]})
    with pytest.raises(EngineUnavailable, match="changed"):
        await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL)


async def test_engines_that_stay_are_not_closed_whatever_leaves() -> None:
    """Three tables; the engine of the first two is needed by a request of the first until then."""
    stage, other = Stage([Player("studio")]), Player("cloud")
    studio = stage.players[0]
    served = (await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL))[1]
    stage.router.replace(table("studio", "cloud"), {"studio": [studio], "cloud": [other]})
    stage.router.replace(table("cloud"), {"cloud": [other]})
    await _rest()
    assert (studio.closed, other.closed) == (0, 0)
    served.ended()
    await _rest()
    assert (studio.closed, other.closed) == (1, 0)


async def test_an_engine_that_stays_keeps_its_history_and_a_new_one_has_none() -> None:
    stage = Stage([Player("studio", (NO_MONEY,))])
    with pytest.raises(EngineBillingStopped):
        await stage.ask()
    stage.router.replace(stage.router.table, {"studio": stage.players})
    with pytest.raises(EngineBillingStopped):
        await stage.ask()
    assert stage.players[0].asked == 1
    stage.router.replace(stage.router.table, {"studio": [Player("studio")]})
    assert await stage.ask() == "studio#0 served"


async def test_what_becomes_of_an_old_engine_is_not_held_against_the_new_one() -> None:
    stage = Stage([Player("studio")])
    plan, ends = stage.plan, stage.clock.now + 60
    served = (await stage.router.run(plan, play, ends=ends, model=MODEL))[1]
    stage.router.replace(stage.router.table, {"studio": [Player("studio")]})
    assert isinstance(served.broke(NO_MONEY), EngineBillingStopped)
    assert await stage.ask() == "studio#0 served"


async def test_closing_closes_all_there_are() -> None:
    stage, new = Stage([Player("studio"), Player("studio")]), Player("cloud")
    await stage.router.run(stage.plan, play, ends=stage.clock.now + 9, model=MODEL)
    stage.router.replace(table("cloud"), {"cloud": [new]})
    await stage.router.close()
    assert [player.closed for player in (*stage.players, new)] == [1, 1, 1]


async def test_an_engine_that_does_not_close_stops_nobody() -> None:
    class Stuck(Player):
        async def close(self) -> None:
            raise OSError("it does not want to")

    stage = Stage([Stuck("studio"), Player("relay")])
    stage.router.replace(table("cloud"), {"cloud": [Player("cloud")]})
    await _rest()
    assert stage.players[1].closed == 1


async def test_people_see_how_every_engine_is() -> None:
    stage = Stage([Player("studio", (NO_MONEY,)), Player("studio"), Player("relay", (limited(9),))])
    await stage.ask()
    studio, relay = stage.router.snapshot()
    assert studio["engine"] == "studio"
    assert studio["kind"] == "google"
    first, second = studio["keys"]  # type: ignore[misc]
    assert first["troubles"][0]["state"] == "out"
    assert first["troubles"][0]["kind"] == "billing-stopped"
    assert second == {"key": 1, "under_way": 0, "troubles": [], "limits": []}
    assert relay["keys"][0]["troubles"] == []  # type: ignore[index]
    assert stage.router.readmit("studio", 0) == 1
    assert stage.router.snapshot()[0]["keys"][0]["troubles"] == []  # type: ignore[index]


async def test_routes_name_models() -> None:
    router = Stage([Player("studio")]).router
    assert not router.names(MODEL), "a route for everything names nothing"
    router.replace(
        Table(router.table.engines, (Route(id="r", models=(MODEL,), targets=(Target("studio"),)),)),
        {"studio": router.members("studio")},
    )
    assert router.names(MODEL)


async def test_a_plan_is_made_once_unless_lots_are_drawn_or_the_table_changes() -> None:
    lots = iter([0.1, 0.9, 0.9, 0.1])
    both = {name: [Player(name)] for name in ("studio", "cloud")}
    in_turn = table("studio", "cloud")
    router = Router(in_turn, both, choose=lambda: next(lots))
    assert router.plan(PRO) is router.plan(PRO)
    shared = replace(in_turn.routes[0], targets=(Target("studio", 1), Target("cloud", 1)))
    router.replace(Table(in_turn.engines, (shared,)), both)
    assert [router.plan(PRO).steps[0].engine for _ in range(2)] == ["cloud", "studio"]


async def test_one_engine_alone_makes_everything() -> None:
    engine = ScriptedEngine()
    router = only(engine)
    plan = router.plan(PRO)
    assert [step.engine for step in plan.steps] == [engine.name]
    assert router.members(engine.name) == (engine,)
    assert not router.speaks(Dialect.GEMINI)
    await router.close()
    assert engine.closed


async def test_a_router_knows_the_dialects_of_its_engines() -> None:
    class Speaking(Player):
        dialects = frozenset({Dialect.OPENAI})

    router = Router(table("relay"), {"relay": [Speaking("relay")]})
    assert router.speaks(Dialect.OPENAI)
    assert not router.speaks(Dialect.GEMINI)
    router.replace(table("studio"), {"studio": [Player("studio")]})
    assert not router.speaks(Dialect.OPENAI)


async def _rest() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
