"""Work that ends when the caller leaves, and only then."""

import asyncio

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from pisang.surfaces.answers import unless_gone


def request(gone: asyncio.Event) -> Request:
    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http"}, receive)


async def test_work_is_cancelled_when_the_caller_hangs_up() -> None:
    gone, cancelled = asyncio.Event(), False

    async def work() -> None:
        nonlocal cancelled
        try:
            asyncio.get_running_loop().call_later(0.02, gone.set)
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled = True
            raise

    with pytest.raises(ClientDisconnect):
        await asyncio.wait_for(unless_gone(request(gone), work()), 5)
    assert cancelled
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_one_who_left_before_the_work_began_is_noticed() -> None:
    gone = asyncio.Event()
    gone.set()
    with pytest.raises(ClientDisconnect):
        await asyncio.wait_for(unless_gone(request(gone), asyncio.Event().wait()), 5)


@pytest.mark.parametrize("seconds", [0, 0.02])
async def test_a_caller_who_stays_gets_the_result(seconds: float) -> None:
    assert await unless_gone(request(asyncio.Event()), asyncio.sleep(seconds, "made")) == "made"
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    await asyncio.gather(*left, return_exceptions=True)


@pytest.mark.parametrize("seconds", [0, 0.02])
async def test_what_the_work_raises_is_raised(seconds: float) -> None:
    async def work() -> None:
        await asyncio.sleep(seconds)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await unless_gone(request(asyncio.Event()), work())


async def test_a_shutdown_is_not_taken_for_a_caller_who_left() -> None:
    waiting = asyncio.ensure_future(unless_gone(request(asyncio.Event()), asyncio.Event().wait()))
    await asyncio.sleep(0.02)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
