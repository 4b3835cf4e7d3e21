"""A deadline ends the work inside it, and nothing else."""

import asyncio

import pytest

from pisang.core.until import Until


def soon() -> float:
    return asyncio.get_running_loop().time() + 0.01


async def test_work_beyond_its_time_is_stopped() -> None:
    limit, stopped = Until(soon()), list[bool]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append(True)

    with pytest.raises(TimeoutError), limit:
        await work()
    assert stopped == [True]
    assert limit.expired


async def test_work_within_its_time_is_left_alone() -> None:
    with Until(soon()) as limit:
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    assert not limit.expired


async def test_a_timeout_of_the_work_itself_is_no_end_of_the_time() -> None:
    limit = Until(asyncio.get_running_loop().time() + 60)
    with pytest.raises(TimeoutError), limit:
        raise TimeoutError
    assert not limit.expired


async def test_a_task_that_is_cancelled_stays_cancelled() -> None:
    async def work() -> None:
        with Until(asyncio.get_running_loop().time() + 60):
            await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_task_whose_time_ends_as_well_stays_cancelled() -> None:
    async def work() -> None:
        with Until(soon()):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.Event().wait()

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
