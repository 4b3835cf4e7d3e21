"""Several streams as one, in the order in which things happen."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import TypeVar

T = TypeVar("T")


async def merged(sources: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yields what any source yields, until all have ended.

    Raises what the first source to break raises. However it ends, every source is closed.
    """
    arrived: asyncio.Queue[tuple[T, ...]] = asyncio.Queue()

    async def pump(source: AsyncGenerator[T, None]) -> None:
        async with aclosing(source):
            async for value in source:
                arrived.put_nowait((value,))

    async def pump_all() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for source in sources:
                    group.create_task(pump(source))
        finally:
            arrived.put_nowait(())  # the end, good or bad

    work = asyncio.create_task(pump_all())
    try:
        while value := await arrived.get():
            yield value[0]
        await work
    except ExceptionGroup as failed:  # the group is nobody's business: the first one answers
        first = failed.exceptions[0]
        raise first from first.__cause__
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError, ExceptionGroup):
            await work
