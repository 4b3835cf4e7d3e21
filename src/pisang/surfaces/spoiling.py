"""Middleware for answers that were ordered with a fault: Google's exact form, and what happens to
them on their way out.

An answer is held back until it is whole, because what is to be cut in its middle must be there.
"""

import asyncio
import gzip
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.faults import transport
from pisang.faults.catalogue import FAULTS, HEADER
from pisang.faults.fault import Cut, ErrorFault, Order, Play, TransportFault, Wait
from pisang.faults.fault import Send as SendBytes
from pisang.faults.reshaping import reshaped
from pisang.surfaces.answers import JSON, Pieces, unless_gone
from pisang.surfaces.faults import ADDRESS, Ordered, answer

_IN_STREAM: Final = "error-in-stream"
_INSTEAD: Final = FAULTS["overloaded"]
"""What an error inside a stream is where there is no stream."""


@dataclass(slots=True)
class _Answer:
    """A whole answer that was held back."""

    start: Message | None = None
    chunks: list[bytes] = field(default_factory=list)

    async def hold(self, message: Message) -> None:
        """Takes what would have been sent."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.chunks.append(message.get("body", b""))

    @property
    def status(self) -> int:
        return int(self.start["status"]) if self.start else 0

    @property
    def headers(self) -> Headers:
        return Headers(raw=self.start["headers"] if self.start else [])

    @property
    def body(self) -> bytes:
        whole = b"".join(self.chunks)
        return gzip.decompress(whole) if self.headers.get("content-encoding") == "gzip" else whole


_NOTHING: Final = _Answer()


class Faults:
    """Middleware: an answer that was ordered with a fault is held back until it is
    whole, put into Google's form, and sent as the fault has it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state, held = scope.setdefault("state", {}), _NOTHING

        def outwards(message: Message) -> Awaitable[None]:
            nonlocal held
            if "fault" not in state:
                return send(message)
            held = _Answer() if held is _NOTHING else held
            return held.hold(message)

        await self.app(scope, receive, outwards)
        if held.start is not None:
            call, order = Request(scope, receive), state["fault"]
            if held.status == 503 and order.answer is FAULTS[_IN_STREAM]:
                held = await _refused(call, order)
            await unless_gone(call, _play(order, held, path=scope["path"], send=send))


async def _refused(call: Request, order: Order) -> _Answer:
    """An error that was to come inside a stream, where the answer is none."""
    assert isinstance(_INSTEAD, ErrorFault)
    told = await answer(call, Ordered(order, _INSTEAD, b""))
    assert isinstance(told, Pieces)
    start = {"type": "http.response.start", "status": told.status_code, "headers": told.raw_headers}
    return _Answer(start, told.pieces)


async def _play(order: Order, held: _Answer, *, path: str, send: Send) -> None:
    """Sends the answer as it was ordered. Raises ``ClientDisconnect`` to cut the connection: the
    server closes one whose answer is not complete."""
    kind, body = held.headers.get("content-type", JSON), held.body
    found = ADDRESS.fullmatch(path)
    if found and found["generate"] and held.status == 200:
        body = await asyncio.to_thread(reshaped, kind, body, partial(_changed, order))
    play = transport.play(kind, body)
    for one in order.chosen:
        if isinstance(one.fault, TransportFault):
            play = one.fault.spoil(play, order.value(one.fault) or 0.0)
    await asyncio.sleep(play.before)
    await send({**(held.start or {}), "headers": list(_headers(held.headers, play, order))})
    for step in play.steps:
        match step:
            case SendBytes(data):
                await send({"type": "http.response.body", "body": data, "more_body": True})
            case Wait(seconds):
                await asyncio.sleep(seconds)
            case Cut():
                raise ClientDisconnect
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _changed(order: Order, tree: dict[str, Any]) -> dict[str, Any]:
    fault = order.answer
    return fault.reshape(tree, order.value(fault) or 0.0) if fault else tree


def _headers(headers: Headers, play: Play, order: Order) -> Iterable[tuple[bytes, bytes]]:
    ours = {"content-length", "content-type", "content-encoding"}
    yield from (
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
        if name not in ours
    )
    yield b"content-type", play.content_type.encode()
    yield HEADER.encode(), order.name.encode()
    if play.length is not None:
        yield b"content-length", str(play.length).encode()
