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
    """The result of whichever is the first that has ``won``; where neither has, that of ``first``.
    ``second`` begins when ``after`` is over. The other try is stopped at once; ``lose`` gets its
    result where that came at the same moment, or could not be stopped any more. What ``first``
    raises is raised; what ``second`` raises is dropped."""
    timer = asyncio.ensure_future(after)
    tasks = [asyncio.create_task(first())]
    try:
        await asyncio.wait((timer, *tasks), return_when=asyncio.FIRST_COMPLETED)
        if not tasks[0].done():
            tasks.append(asyncio.create_task(second()))
        waiting = set(tasks)
        while True:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            best = next((task for task in tasks if task in done and _has_won(task, won)), None)
            if best is None and tasks[0].done() and (tasks[0].exception() or not waiting):
                best = tasks[0]
            if best is not None:
                tasks.remove(best)
                return best.result()
    finally:
        timer.cancel()
        await _stop(tasks, won, lose)


def _has_won(task: asyncio.Task[T], won: Callable[[T], bool]) -> bool:
    return task.exception() is None and won(task.result())


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
