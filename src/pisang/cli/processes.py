"""Several processes behind one address: a parent that opens it, and workers that serve on it.

The parent does no work of its own: it waits. A worker that ends is started anew; a signal to stop
goes to all of them, and each finishes what it has begun. Workers share nothing but the socket that
they inherit, the data folder and the database, so each could as well run on a machine of its own.
When the parent is killed, they stop as well: they hold the end of a pipe that nobody else writes.
"""

import asyncio
import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from pisang.core.errors import EngineUnavailable, SettingsError

log = structlog.get_logger("pisang.processes")

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)
_HEEDED: Final = (*_STOPS, signal.SIGCHLD)
_LONGEST_PAUSE: Final = 10.0
_LIVED: Final = 60.0
"""Seconds after which a worker that ends did not end because it cannot start."""

_READY: Final = b"."


@dataclass(frozen=True, slots=True)
class Worker:
    """This process, where it is a worker. ``number`` counts from 0."""

    number: int
    _tells: int
    _parent: int

    def ready(self) -> None:
        """Tells the parent that requests are taken now."""
        os.write(self._tells, _READY)
        os.close(self._tells)

    @contextmanager
    def until_parent_ends(self, stop: Callable[[], None]) -> Iterator[None]:
        """Calls ``stop`` when the parent is no more."""
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(self._parent)
            stop()

        loop.add_reader(self._parent, ended)
        try:
            yield
        finally:
            loop.remove_reader(self._parent)


def supervise(count: int, *, started: Callable[[], None]) -> Worker | None:
    """Makes so many workers of this process, and returns in each of them. In the parent it returns
    None when all have stopped; ``started`` is called there when all are ready for the first time.

    Call it while no other thread runs. Raises ``EngineUnavailable`` where a worker cannot start.
    """
    if not hasattr(os, "fork"):
        raise SettingsError(
            "Several processes need Linux, macOS or another Unix.", field="processes"
        )
    return _Parent(count, started).run()


@dataclass(slots=True)
class _Child:
    number: int
    pipe: int
    since: float
    ready: bool = False


class _Parent:
    def __init__(self, count: int, started: Callable[[], None]) -> None:
        self._count = count
        self._started: Callable[[], None] | None = started
        self._children: dict[int, _Child] = {}
        self._due: list[tuple[float, int]] = []  # when which worker is started anew
        self._failed = [0] * count  # how often in a row each ended before it had lived
        self._stopping = False
        self._gone: int | None = None
        self._alive: tuple[int, int] = (-1, -1)
        self._woken: tuple[int, int] = (-1, -1)
        self._before: dict[signal.Signals, Any] = {}

    def run(self) -> Worker | None:
        self._alive, self._woken = os.pipe(), os.pipe()
        for end in self._woken:
            os.set_blocking(end, False)
        self._listen()
        self._due = [(0.0, number) for number in range(self._count)]
        while self._children or (self._due and not self._stopping):
            if worker := self._start_due():
                return worker
            self._wait()
        self._let_go()
        for end in (*self._woken, *self._alive):
            os.close(end)
        if self._gone is not None:
            raise EngineUnavailable(
                f"A process of this server could not start (it ended with {self._gone}); what it "
                "said stands above."
            )
        return None

    def _listen(self) -> None:
        """Signals wake the parent up, and do nothing else by themselves."""
        self._before = {number: signal.getsignal(number) for number in _HEEDED}
        signal.set_wakeup_fd(self._woken[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _STOPS:
            signal.signal(number, self._stop)

    def _let_go(self) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _start_due(self) -> Worker | None:
        now = time.monotonic()
        for each in [each for each in self._due if each[0] <= now]:
            if self._stopping:
                break
            self._due.remove(each)
            if worker := self._fork(each[1]):
                return worker
        return None

    def _fork(self, number: int) -> Worker | None:
        reads, writes = os.pipe()
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEEDED)  # a worker is not to act as the parent
        try:
            pid = os.fork()
            if pid == 0:
                self._let_go()
                mine = [reads, *self._woken, self._alive[1]]
                for end in (*mine, *(child.pipe for child in self._children.values())):
                    os.close(end)
                return Worker(number, writes, self._alive[0])
            self._children[pid] = _Child(number, reads, time.monotonic())
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEEDED)
        os.close(writes)
        return None

    def _wait(self) -> None:
        """Sleeps until something happens, and sees to what that was."""
        pipes = [child.pipe for child in self._children.values() if not child.ready]
        until = min((at for at, _ in self._due), default=None)
        wait = None if until is None else max(until - time.monotonic(), 0)
        found, _, _ = select.select([self._woken[0], *pipes], [], [], wait)
        if self._woken[0] in found:
            os.read(self._woken[0], 4096)
        for child in list(self._children.values()):
            if child.pipe in found and os.read(child.pipe, 1) == _READY:
                self._is_ready(child)
        self._reap()

    def _is_ready(self, child: _Child) -> None:
        child.ready = True
        all_ready = all(each.ready for each in self._children.values())
        if self._started and all_ready and len(self._children) == self._count:
            self._started()
            self._started = None

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is None:
                continue
            os.close(child.pipe)
            if not self._stopping:
                self._ended(child, os.waitstatus_to_exitcode(status))

    def _ended(self, child: _Child, code: int) -> None:
        """A worker ended by itself, or somebody killed it."""
        if self._started and not child.ready:  # then the next one would not start either
            self._gone = code
            self._stop()
            return
        lived = time.monotonic() - child.since
        failed = self._failed[child.number] = (
            0 if lived > _LIVED else self._failed[child.number] + 1
        )
        pause = min(failed - 1, _LONGEST_PAUSE) if failed > 1 else 0.0
        log.error("a process of this server ended", worker=child.number, exit=code, again_in=pause)
        self._due.append((time.monotonic() + pause, child.number))

    def _stop(self, *_: object) -> None:
        self._stopping = True
        for pid in self._children:
            os.kill(pid, signal.SIGTERM)
