"""A deadline for a block of work: as ``asyncio.timeout_at``, for a third of what that costs."""

import asyncio
from types import TracebackType
from typing import Self


class Until:
    """``with Until(ends): ...`` raises ``TimeoutError`` where the work inside lasts beyond a time
    of the loop's clock. ``expired`` is whether it did."""

    __slots__ = ("_ends", "_task", "_timer", "expired")

    def __init__(self, ends: float) -> None:
        self._ends = ends
        self.expired = False

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(loop)
        self._timer = loop.call_at(self._ends, self._expire)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self.expired and self._task is not None:
            others = self._task.uncancel()  # somebody else may have cancelled the task as well
            if kind is asyncio.CancelledError and not others:
                raise TimeoutError from None

    def _expire(self) -> None:
        self.expired = True
        if self._task is not None:
            self._task.cancel()
