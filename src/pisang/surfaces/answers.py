"""Answers that Starlette has no class for, and work that ends when the caller leaves.

An answer with pictures is a list of pieces: joining 25 MB of them would hold everything twice. A
stream of ours waits for its first frame before it begins, so that an error until then still has a
status of its own. Short JSON is compressed for callers who take that, as Google does; an answer
with a picture is not, because base64 of compressed pixels costs much time and wins a quarter.
"""

import asyncio
import gzip
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import aclosing, suppress
from math import inf
from types import TracebackType
from typing import Final, Self, TypeVar

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pisang.core.errors import PisangError
from pisang.surfaces.straight import passed, straight

T = TypeVar("T")
Frames = AsyncGenerator[list[bytes], None]

JSON: Final = "application/json; charset=UTF-8"
SSE: Final = "text/event-stream"
_WHOLE_PIECE: Final = 65_536  # smaller pieces are joined before they go to the socket
_LISTENS_AFTER: Final = 0.05  # seconds; more than small answers take when many are asked for
_COMPRESSED: Final = range(1_000, 64_000)  # bytes of an answer that compressing is worth it for


class Pieces(Response):
    """A JSON answer that comes in pieces and is sent in pieces, with its length told first."""

    media_type = JSON

    def __init__(
        self,
        pieces: Iterable[bytes],
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.pieces = list(_joined(pieces))
        size = {"content-length": str(sum(map(len, self.pieces)))}
        super().__init__(status_code=status_code, headers=size | dict(headers or {}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        self._compress(Headers(scope=scope))
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        for piece in self.pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _compress(self, asked: Headers) -> None:
        if int(self.headers["content-length"]) not in _COMPRESSED:
            return
        self.headers["vary"] = "Accept-Encoding"
        if "gzip" in asked.get("accept-encoding", ""):
            self.pieces = [gzip.compress(b"".join(self.pieces), 6, mtime=0)]
            self.headers["content-encoding"] = "gzip"
            self.headers["content-length"] = str(len(self.pieces[0]))


class _Stream(StreamingResponse):
    """Stops the source of its frames at once, however it ends: Starlette leaves that to chance."""

    def __init__(
        self, first: list[bytes], rest: Frames, *, media_type: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(_following(first, rest), headers=headers)
        self.headers["content-type"] = media_type  # Starlette would add a charset to text/…
        self.source = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self.source):
            await super().__call__(scope, receive, send)


async def stream(
    request: Request,
    frames: Frames,
    *,
    media_type: str,
    headers: Callable[[], Mapping[str, str]],
) -> Response:
    """An answer that is sent as it is made, once its first frame is there; what its headers say may
    be known only then.

    Raises what happens before that frame, and ``ClientDisconnect`` as ``unless_gone`` does.
    """
    first = await unless_gone(request, anext(frames, list[bytes]()))
    return _Stream(first, frames, media_type=media_type, headers=headers())


class Chunks(Response):
    """An answer whose bytes come from elsewhere and are sent on as they arrive.

    When the caller hangs up, their source is closed at once. Where it breaks off, ``broken`` says
    what is sent as the last, or raises.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        *,
        length: int | None,
        headers: Mapping[str, str],
        broken: Callable[[PisangError], bytes],
    ) -> None:
        self.status_code, self.background = 200, None
        self.raw_headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ]
        if length is not None:
            self.raw_headers.append((b"content-length", b"%d" % length))
        self.chunks, self.broken = chunks, broken
        self.left = inf if length is None else length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        chunks, way = self.chunks, straight(scope)
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        try:
            with UnlessGone(receive):
                # Before all else: a generator that was never begun stops nothing when it is closed.
                try:
                    chunk, left = await self._next(chunks), self.left
                except ClientDisconnect:  # its first bytes are its last: it breaks off like others
                    await send(start)
                    raise
                await send(start)
                while chunk is not None and (left := left - len(chunk)) > 0:
                    await passed(chunk, way, send)
                    chunk = await self._next(chunks)
                # The last bytes by the length: they go once it is sure that nothing is amiss.
                while chunk is not None and (more := await self._next(chunks)) is not None:
                    chunk += more
                await send({"type": "http.response.body", "body": chunk or b"", "more_body": False})
        finally:
            await chunks.aclose()

    async def _next(self, chunks: AsyncGenerator[bytes, None]) -> bytes | None:
        """The next bytes, which may be none; None at the end."""
        try:
            return await anext(chunks, None)
        except PisangError as error:
            return self.broken(error)


class UnlessGone:
    """``with UnlessGone(receive): ...`` cancels what is awaited inside when the caller hangs up,
    and then raises ``ClientDisconnect``. Use it after the body was read.

    Somebody has to listen for that. A task for it costs as much as a good part of a small answer,
    so there is one only for work that lasts a moment.
    """

    __slots__ = ("_gone", "_listening", "_loop", "_receive", "_soon", "_task")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._listening: asyncio.Task[None] | None = None
        self._gone = False

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(self._loop)
        self._soon = self._loop.call_later(_LISTENS_AFTER, self._listen)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        self._soon.cancel()
        if self._listening is not None:
            self._listening.cancel()
        if self._gone and self._task is not None:
            others = self._task.uncancel()  # somebody else may have cancelled the task as well
            if kind is asyncio.CancelledError and not others:
                raise ClientDisconnect from None

    def _listen(self) -> None:
        self._listening = self._loop.create_task(self._until_gone())

    async def _until_gone(self) -> None:
        with suppress(Exception):
            while (await self._receive())["type"] != "http.disconnect":
                pass
        self._gone = True
        if self._task is not None:
            self._task.cancel()


async def unless_gone(request: Request, work: Awaitable[T]) -> T:
    """Does the work, and cancels it when the caller hangs up (then raises ``ClientDisconnect``).

    Call it after the body was read. Starlette listens for that only while it streams.
    """
    with UnlessGone(request.receive):
        return await work


def header_text(text: str) -> str:
    """A sentence as a header value: what is not printable ASCII becomes a question mark."""
    if text.isascii() and text.isprintable():
        return text[:500]
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)[:500]


async def _following(first: list[bytes], rest: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    for piece in _joined(first):
        yield piece
    async for frame in rest:
        for piece in _joined(frame):
            yield piece


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
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
