"""A second engine is asked only where the first takes long, and the slower one is stopped."""

import asyncio
from collections.abc import Callable

import pytest

from pisang.core.errors import EngineUnavailable, MalformedRequest
from pisang.routing.plan import Step
from pisang.routing.router import RetryRules
from tests.routing.stage import MODEL, OVERLOADED, Player, Stage

RULES = RetryRules(hedge_after=3, tries=1)


class Slow:
    """Something to wait for: it ends when ``go`` is set, and knows whether it was stopped."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.stopped = False

    async def __call__(self) -> str:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.stopped = True
            raise
        return "picture"


def under_way(stage: Stage) -> list[object]:
    return [key["under_way"] for engine in stage.router.snapshot() for key in engine["keys"]]  # type: ignore[attr-defined]


async def test_it_is_off_unless_asked_for() -> None:
    slow = Slow()
    stage = Stage([Player("studio", (slow,)), Player("relay")])
    task = asyncio.create_task(stage.ask())
    await _settled(lambda: stage.players[0].asked == 1)
    slow.go.set()
    assert await task == "studio#0 served"
    assert stage.players[1].asked == 0


async def test_a_quick_first_is_all_there_is() -> None:
    stage = Stage([Player("studio"), Player("relay")], RULES)
    stage.clock.sleep = _never  # type: ignore[method-assign]
    stage = Stage(stage.players, RULES, stage.clock)
    assert await stage.ask() == "studio#0 served"
    assert stage.players[1].asked == 0


async def test_a_slow_first_is_overtaken_and_stopped() -> None:
    slow = Slow()
    stage = Stage([Player("studio", (slow,)), Player("relay")], RULES)
    assert await stage.ask() == "relay#0 served"
    assert slow.stopped
    assert under_way(stage) == [0, 0]
    assert not stage.router.health.troubles, "being slow is not being sick"


async def test_another_key_of_the_same_engine_comes_before_another_engine() -> None:
    stage = Stage([Player("studio", (Slow(),)), Player("studio"), Player("relay")], RULES)
    assert await stage.ask() == "studio#1 served"


async def test_a_second_that_fails_leaves_the_first_its_time() -> None:
    slow = Slow()
    stage = Stage([Player("studio", (slow,)), Player("relay", (OVERLOADED,))], RULES)
    task = asyncio.create_task(stage.ask())
    await _settled(lambda: stage.players[1].asked == 1)
    slow.go.set()
    assert await task == "relay#0 overloaded, studio#0 served"


async def test_where_both_fail_the_error_has_both() -> None:
    async def fails() -> str:
        await slow.go.wait()
        return await Player("studio", (OVERLOADED,)).play()

    slow = Slow()
    stage = Stage([Player("studio", (fails,)), Player("relay", (OVERLOADED,))], RULES)
    task = asyncio.create_task(stage.ask())
    await _settled(lambda: stage.players[1].asked == 1)
    slow.go.set()
    with pytest.raises(EngineUnavailable) as caught:
        await task
    assert "relay#0" in caught.value.metadata["attempts"]
    assert "studio#0" in caught.value.metadata["attempts"]


async def test_a_second_that_cannot_read_the_request_leaves_the_first_its_time() -> None:
    slow, refused = Slow(), MalformedRequest("I speak another dialect.")
    stage = Stage([Player("studio", (slow,)), Player("relay", (refused,))], RULES)
    task = asyncio.create_task(stage.ask())
    await _settled(lambda: stage.players[1].asked == 1)
    slow.go.set()
    assert (await task).endswith("studio#0 served")


async def test_what_the_first_refuses_is_refused() -> None:
    async def refuses() -> str:
        await asyncio.sleep(0.01)
        raise MalformedRequest("No such thing.")

    second = Slow()
    stage = Stage([Player("studio", (refuses,)), Player("relay", (second,))], RULES)
    with pytest.raises(MalformedRequest):
        await stage.ask()
    assert second.stopped


async def test_an_answer_that_came_at_the_same_moment_is_closed() -> None:
    slow, closed = Slow(), list[str]()

    async def both(step: Step, _: object) -> str:
        if step.engine == "relay":
            slow.go.set()
            return "relay's"
        await slow.go.wait()
        return "studio's"

    async def discard(opened: str) -> None:
        closed.append(opened)

    stage = Stage([Player("studio"), Player("relay")], RULES)
    got, served = await stage.router.run(
        stage.plan, both, ends=stage.clock.now + 60, model=MODEL, discard=discard
    )
    served.ended()
    assert {got, *closed} <= {"studio's", "relay's"}
    assert got not in closed
    assert under_way(stage) == [0, 0]


async def test_a_caller_who_hangs_up_stops_both() -> None:
    first, second = Slow(), Slow()
    stage = Stage([Player("studio", (first,)), Player("relay", (second,))], RULES)
    task = asyncio.create_task(stage.ask())
    await _settled(lambda: stage.players[1].asked == 1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert first.stopped
    assert second.stopped
    assert under_way(stage) == [0, 0]


async def _settled(done: Callable[[], bool]) -> None:
    for _ in range(100):
        if done():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to that")


async def _never(_: float) -> None:
    await asyncio.Event().wait()
