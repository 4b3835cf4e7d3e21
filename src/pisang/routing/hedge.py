"""Two tries of one thing, of which the second starts only where the first takes long."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def race(
    first: Callable[[], Coroutine[Any, Any, T]],
    second: Callable[[], Coroutine[Any, Any, T]],
    *,
    after: Awaitable[object],
    won: Callable[[T], bool],
    lose: Callable[[T], Awaitable[None]],
) -> T:
    """The first result that ``won``, or else the first there is. ``after`` is how long the second
    waits. Whoever is still at it then is stopped at once; ``lose`` gets a result that came at the
    same moment, or that could not be stopped any more."""
    timer = asyncio.ensure_future(after)
    tasks = [asyncio.create_task(first())]
    try:
        await asyncio.wait((timer, *tasks), return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            tasks.append(asyncio.create_task(second()))
        waiting = set(tasks)
        while True:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            ended = [task for task in tasks if task in done]
            best = next((task for task in ended if won(task.result())), None)
            if best is not None or not waiting:
                chosen = best or tasks[0]
                tasks.remove(chosen)
                return chosen.result()
    finally:
        timer.cancel()
        await _stop(tasks, won, lose)


async def _stop(
    tasks: list[asyncio.Task[T]],
    won: Callable[[T], bool],
    lose: Callable[[T], Awaitable[None]],
) -> None:
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if not isinstance(result, BaseException) and won(result):
            await lose(result)
