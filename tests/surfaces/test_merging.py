"""Several streams as one: in the order of arrival, and none left running."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from pisang.surfaces.merging import merged


class Source:
    """Yields what it is told to, one each time it is let go; knows if it was closed."""

    def __init__(self, *values: str | Exception) -> None:
        self.values = values
        self.go = asyncio.Semaphore(0)
        self.closed = False

    async def stream(self) -> AsyncGenerator[str, None]:
        try:
            for value in self.values:
                await self.go.acquire()
                if isinstance(value, Exception):
                    raise value
                yield value
        finally:
            self.closed = True


async def test_values_come_in_the_order_in_which_they_happen() -> None:
    one, two = Source("a", "b"), Source("x", "y")
    async with aclosing(merged([one.stream(), two.stream()])) as values:
        for source, expected in ((two, "x"), (one, "a"), (two, "y"), (one, "b")):
            source.go.release()
            assert await anext(values) == expected
        assert await anext(values, None) is None
    assert one.closed
    assert two.closed


async def test_the_first_to_break_is_raised_and_all_are_closed() -> None:
    one, two = Source("a", "b"), Source(ValueError("broken"))
    found: list[str] = []
    one.go.release()
    values = merged([one.stream(), two.stream()])
    found.append(await anext(values))
    two.go.release()
    with pytest.raises(ValueError, match="broken"):
        await anext(values)
    assert (found, one.closed, two.closed) == (["a"], True, True)


async def test_who_stops_reading_closes_all() -> None:
    one, two = Source("a", "b"), Source("x")
    one.go.release()
    async with aclosing(merged([one.stream(), two.stream()])) as values:
        assert await anext(values) == "a"
    assert one.closed
    assert two.closed


async def test_nothing_is_the_merge_of_nothing() -> None:
    assert [value async for value in merged(list[AsyncGenerator[str, None]]())] == []
