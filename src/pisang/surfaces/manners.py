"""Manners towards slow and refused callers, as middleware around everything that is served.

Three rules. One who stops sending, or reading, is not waited for. What is sent goes out in slices,
so that this is noticed and nothing is held twice. A refusal reaches a caller who is still sending:
closing a connection with unread bytes would reset it, so they are thrown away for a moment first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.core.errors import MalformedRequest
from pisang.surfaces.heads import heads

T = TypeVar("T")

IDLE_SECONDS: Final = 60.0  # without a byte of the body, or without one of the answer being read
LINGER_SECONDS: Final = 3.0
LINGER_BYTES: Final = 32_000_000
_SLICE: Final = 262_144


class Manners:
    """Middleware: watches both directions of each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        line = _Line(heads(scope), receive, send)
        try:
            await self.app(scope, line.receive, line.send)
        finally:
            line.patience.end()


class _Patience:
    """Gives up what is waited for too long. One timer for a whole request, which is moved when it
    rings: one for each of the hundred pieces of a picture would cost as much as sending them."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._ends = 0.0
        self._lost = False

    async def wait(self, work: Awaitable[T], late: Callable[[], Exception]) -> T:
        """Raises what is ``late`` after ``IDLE_SECONDS``."""
        self._ends = self._loop.time() + IDLE_SECONDS
        self._waiting = asyncio.current_task(self._loop)
        if self._timer is None:
            self._timer = self._loop.call_at(self._ends, self._ring)
        try:
            return await work
        except asyncio.CancelledError:
            if self._lost:
                self._lost = False
                if self._waiting and not self._waiting.uncancel():
                    raise late() from None
            raise
        finally:
            self._waiting = None

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        if self._waiting is None:
            self._timer = None
        elif self._loop.time() < self._ends:
            self._timer = self._loop.call_at(self._ends, self._ring)
        else:
            self._timer, self._lost = None, True
            self._waiting.cancel()


class _Line:
    """One request's two directions; ``unread`` while more of its body is to come."""

    def __init__(self, headers: Headers, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self.unread = has_body
        self.waits_for_us = "expect" in headers  # for "100 Continue": nothing is on its way yet
        self.patience = _Patience()

    async def receive(self) -> Message:
        """Raises ``MalformedRequest`` where the body stops coming."""
        if not self.unread:
            return await self._receive()  # that is waiting for the caller to leave
        message = await self.patience.wait(self._receive(), _stopped_sending)
        self.unread = bool(message.get("more_body", False))
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Raises ``ClientDisconnect`` where nobody reads."""
        if self.unread or len(message.get("body", b"")) > _SLICE:
            return self._send_slices(message)
        return self.patience.wait(self._send(message), ClientDisconnect)

    async def _send_slices(self, message: Message) -> None:
        body = message.get("body", b"")
        if len(body) > _SLICE:
            for at in range(0, len(body) - _SLICE, _SLICE):
                await self._pass({**message, "body": body[at : at + _SLICE], "more_body": True})
            message = {**message, "body": body[-(len(body) % _SLICE or _SLICE) :]}
        if self.unread and message["type"] == "http.response.start":
            MutableHeaders(scope=message)["connection"] = "close"
        elif self.unread and not message.get("more_body", False):
            await self._pass({**message, "more_body": True})
            message = {"type": "http.response.body", "body": b"", "more_body": False}
            await self._linger()
        await self._pass(message)

    def _pass(self, message: Message) -> Awaitable[None]:
        return self.patience.wait(self._send(message), ClientDisconnect)

    async def _linger(self) -> None:
        if self.waits_for_us:
            return
        thrown_away = 0
        with suppress(TimeoutError, MalformedRequest):
            async with asyncio.timeout(LINGER_SECONDS):
                while self.unread and thrown_away < LINGER_BYTES:
                    thrown_away += len((await self.receive()).get("body", b""))


def _stopped_sending() -> MalformedRequest:
    return MalformedRequest(
        f"The body did not arrive: no byte came for {IDLE_SECONDS:.0f} seconds. Send it again."
    )
