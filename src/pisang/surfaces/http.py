"""Reading a body and writing an answer over HTTP, as carefully as strangers on a network demand.

Four rules. A body over the limit is refused without being read whole. A caller who hangs up
cancels their work. One who stops sending, or reading, is not waited for. A refusal reaches the
caller although they are still sending: closing a connection with unread bytes would reset it, so a
refused body is thrown away for a moment first.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

from pisang.core.errors import MalformedRequest, RequestTooLarge, UnsupportedParameter
from pisang.core.ids import new_id

T = TypeVar("T")

JSON: Final = "application/json; charset=UTF-8"
SSE: Final = "text/event-stream"

IDLE_SECONDS: Final = 60.0  # without a byte of the body, or without one of the answer being read
LINGER_SECONDS: Final = 3.0
LINGER_BYTES: Final = 32_000_000
_SLICE: Final = 262_144
_WHOLE_PIECE: Final = 65_536  # smaller pieces are joined before they go to the socket


class Gone(Exception):
    """The caller hung up: nobody is left to answer."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer. ``notes`` are what its log line will say beside the usual."""

    scope: Scope
    receive: Receive
    send: Send
    headers: Mapping[str, str]
    query: Mapping[str, str]
    id: str
    notes: dict[str, object] = field(default_factory=dict)
    status: int = 0
    read_to_end: bool = False

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def method(self) -> str:
        return str(self.scope["method"])


def exchange(scope: Scope, receive: Receive, send: Send) -> Exchange:
    """Wraps what the server hands in. Of a header or parameter given twice the first counts."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    text = scope["query_string"].decode("latin-1")
    query = parse_qsl(text, keep_blank_values=True, max_num_fields=None)
    return Exchange(
        scope=scope,
        receive=receive,
        send=send,
        headers=dict(reversed(pairs)),
        query=dict(reversed(query)),
        id=new_id("req"),
    )


async def read_body(call: Exchange, *, limit: int) -> bytes:
    """The whole body, at most ``limit`` bytes.

    Raises ``RequestTooLarge`` by the announced length before a byte is read, else as soon as one
    byte too many has come; ``Gone`` where the caller hung up.
    """
    encoding = call.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise UnsupportedParameter(
            f"Content-Encoding {encoding[:40]!r} is not supported: send the body uncompressed.",
            field="content-encoding",
        )
    announced = call.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    chunks, size = list[bytes](), 0
    while not call.read_to_end:
        message = await _next(call)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
    return b"".join(chunks)


async def unless_gone(call: Exchange, work: Awaitable[T]) -> T:
    """Does the work, and cancels it as soon as the caller hangs up (then raises ``Gone``).

    Call it after the body was read.
    """
    task = asyncio.ensure_future(work)
    watcher = asyncio.ensure_future(_hung_up(call))
    try:
        await asyncio.wait({task, watcher}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Gone
    finally:
        for other in (task, watcher):
            if not other.done():
                other.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await other


async def answer(
    call: Exchange,
    pieces: Iterable[bytes],
    *,
    status: int = 200,
    content_type: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Sends a whole answer. A caller whose body was refused gets a moment to stop sending."""
    joined = list(_joined(pieces))
    sent = {"content-length": str(sum(map(len, joined))), **(headers or {})}
    refused = not call.read_to_end and _has_body(call)
    if refused:
        sent["connection"] = "close"
    await _start(call, status, content_type, sent)
    for piece in joined:
        await _write(call, piece)
    if refused and "expect" not in call.headers:  # who waits for "100 Continue" sends nothing yet
        await _linger(call)
    await call.send({"type": "http.response.body", "body": b"", "more_body": False})


async def stream(
    call: Exchange,
    frames: AsyncIterator[list[bytes]],
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Sends frames as they come. Nothing is sent before the first: until then an error may be
    raised and still get a status of its own."""
    async for frame in frames:
        if not call.status:
            await _start(call, 200, content_type, headers or {})
        for piece in _joined(frame):
            await _write(call, piece)
    if not call.status:
        await _start(call, 200, content_type, headers or {})
    await call.send({"type": "http.response.body", "body": b"", "more_body": False})


def header_text(text: str) -> str:
    """A sentence as a header value: what is not printable ASCII becomes a question mark."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)[:500]


async def _start(
    call: Exchange, status: int, content_type: str, headers: Mapping[str, str]
) -> None:
    call.status = status
    sent = {
        "content-type": content_type,
        "x-request-id": call.id,
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
        **headers,
    }
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
    await call.send({"type": "http.response.start", "status": status, "headers": pairs})


async def _write(call: Exchange, piece: bytes) -> None:
    """Sends a piece slice by slice: the server waits while the caller's side is full, so a caller
    who has stopped reading is noticed, and a big answer is not held twice."""
    for at in range(0, len(piece), _SLICE):
        message = {
            "type": "http.response.body",
            "body": piece[at : at + _SLICE],
            "more_body": True,
        }
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                await call.send(message)
        except TimeoutError:
            raise Gone from None


async def _next(call: Exchange) -> Message:
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            message = await call.receive()
    except TimeoutError:
        raise MalformedRequest(
            f"The body did not arrive: no byte came for {IDLE_SECONDS:.0f} seconds. Send it again."
        ) from None
    if message["type"] == "http.disconnect":
        raise Gone
    call.read_to_end = not message.get("more_body", False)
    return message


async def _linger(call: Exchange) -> None:
    thrown_away = 0
    with suppress(TimeoutError, MalformedRequest, Gone):
        async with asyncio.timeout(LINGER_SECONDS):
            while not call.read_to_end and thrown_away < LINGER_BYTES:
                thrown_away += len((await _next(call)).get("body", b""))


async def _hung_up(call: Exchange) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


def _has_body(call: Exchange) -> bool:
    length = call.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in call.headers


def _joined(pieces: Iterable[bytes]) -> Iterable[bytes]:
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) < _WHOLE_PIECE:
            small.append(piece)
            continue
        if small:
            yield b"".join(small)
            small = []
        yield piece
    if small:
        yield b"".join(small)


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(
        f"Request payload size exceeds the limit: {limit} bytes. Send fewer or smaller pictures; "
        "the operator sets the limit with max_body_mb."
    )
