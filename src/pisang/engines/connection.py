"""One HTTP/1.1 connection to a server: a request goes out in pieces, an answer comes as it arrives.

Why not a client library: docs/decisions/0019-upstream-client.md. In short, the one that is fast
leaves a picture being made (and paid) when its caller has gone, and the one that does not is slow.
So there is as little between socket and caller as there can be: the head of an answer is read by
httptools; a body whose length was told is handed on as the very ``bytes`` that were received.
"""

import asyncio
import os
import select
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, cast
from weakref import WeakSet

import httptools

from pisang.core.upstream import Broken
from pisang.engines.base import Piece

_HIGH: Final = 192 * 1024  # received and not fetched: above this, reading pauses
_LOW: Final = 64 * 1024
_PIECES: Final = 48 * 1024 * 1024  # of all answers together: at most one piece of each is held
_PIECE: Final = 1024 * 1024  # read from a socket at once: what a caller is sent at once
_LEAST: Final = 128 * 1024  # the same, where very many answers come at the same time
_LAST: Final = 16 * 1024  # of a body: the piece that waits until all is settled, so a small one
_TURN: Final = 2 * 1024 * 1024  # bytes of one answer, after which others have their turn
_SLICE: Final = 256 * 1024  # of a body, between two looks at whether the server still listens
_SMALL: Final = 64 * 1024  # a request up to this goes out in one write
_MOST_HEAD: Final = 128 * 1024

_large = WeakSet["Connection"]()
"""Those with a large answer that is on its way."""


class Broke(Exception):
    """There is no whole answer; ``kind`` says why, ``detail`` in a sentence."""

    def __init__(self, kind: Broken, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


class Connection(asyncio.Protocol):
    """A connection, good for one exchange after another. ``on_lost`` is told when it is gone.

    Only one task uses it at a time: ``send``, ``head``, then ``read`` until it says None, then
    ``finish``. ``abort`` ends it at any moment, and so does ``fail``, which also says why.
    """

    def __init__(self, on_lost: Callable[["Connection"], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._full = False  # the socket takes no more for now
        self._held = False  # we read no more for now
        self._news: select.poll | None = None  # whether anything has come to its socket
        self._file: int | None = None  # the same, where there is no TLS
        self._fetched = 0
        self.lost = False
        self.kept_since = 0.0
        self._begin()
        self._done = True

    def _begin(self) -> None:
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)
        self._chunks = deque[bytes]()
        self._waiting = 0
        self._seen = 0
        self._left: int | None = None  # of a body whose length was told
        self._to_the_end = False  # of a body that ends where the connection does
        self._heard = False  # the head is whole
        self._done = False
        self._error: Broke | None = None
        self._reusable = True
        self.status = 0
        self.headers: dict[str, str] = {}

    # What a task asks for.

    async def send(self, head: bytes, body: Sequence[Piece]) -> None:
        """Writes a request. Stops early where the server has already answered, or has gone."""
        self._begin()
        for piece in _pieces(head, body):
            if self._full:
                await self._until(lambda: self._heard or not self._full)
            if self._heard or self._error:
                self._reusable = False  # the rest of the body is never sent
                return
            if self._transport is not None:
                self._transport.write(piece)

    async def head(self) -> tuple[int, Mapping[str, str]]:
        """The status and the headers, in lower case, once they are there. Raises ``Broke``."""
        if not self._heard:
            await self._until(lambda: self._heard)
        if not self._heard and self._error:
            raise self._error
        return self.status, self.headers

    async def read(self) -> bytes | None:
        """The next bytes of the body; None at its end. Raises ``Broke`` where it breaks off."""
        if not self._chunks and self._left:
            await self._fetch()
        if not self._chunks and not self._done:
            self._go_on()
            await self._until(lambda: bool(self._chunks) or self._done)
        if self._chunks:
            chunk = self._chunks.popleft()
            self._waiting -= len(chunk)
            if self._waiting < _LOW and self._file is None:
                self._go_on()
            return chunk
        if self._error:
            raise self._error
        return None

    async def _fetch(self) -> None:
        """Reads from the socket itself what is there, while the transport does not: a large piece
        that nobody copies, and that is passed on while it is in the processor's cache. (With TLS
        only the transport can read.)"""
        transport, file, left = self._transport, self._file, self._left
        if transport is None or file is None or not left:
            return
        if not self._held:
            self._held = True
            transport.pause_reading()
        if self._fetched >= _TURN:
            self._fetched = 0
            await asyncio.sleep(0)  # others have their turn
        if self._error or transport.is_closing():  # then the number may be another file's
            return
        try:
            data = os.read(file, _next_piece(left))
        except OSError:  # nothing there yet, or something that the transport will see as well
            return
        if data:
            self._seen += len(data)
            self._fetched += len(data)
            self._take(data)

    def _go_on(self) -> None:
        """Lets the transport read again."""
        if self._held and self._transport is not None:
            self._held = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def finish(self) -> bool:
        """The exchange is over; whether the connection is good for another one. Else it is shut."""
        _large.discard(self)
        good = self._done and self._reusable and not (self._error or self.lost or self._full)
        if not good:
            self.abort()
            return False
        self._chunks.clear()
        self._go_on()
        return True

    def abort(self) -> None:
        """Ends it at once: the other side sees the connection break."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()

    def fail(self, why: Broke) -> None:
        """Ends it at once; whoever waits for it is told why."""
        if not self._done:
            self._fail(why)
        self.abort()

    def length(self) -> int | None:
        """How long the body is, where that was told."""
        told = self.headers.get("content-length", "")
        return int(told) if told.isdecimal() and not self._is_chunked() else None

    def is_waiting(self) -> bool:
        """Whether it is the server that has to say something now."""
        return not (self._chunks or self._done)

    def is_quiet(self) -> bool:
        """Whether it is still open, and nothing has come that nobody asked for. A server that has
        closed it just now is known to the socket before the loop hears of it."""
        if self.lost or self._transport is None:
            return False
        return self._news is None or not self._news.poll(0)

    @property
    def seen(self) -> int:
        """How much has been received of the answer."""
        return self._seen

    def detach(self) -> asyncio.Transport:
        """Hands the transport over, to be used with TLS from here on."""
        if self._transport is None:
            raise Broke(Broken.CONNECT, "The connection is gone.")
        return self._transport

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods only
        found = transport.get_extra_info("socket")
        plain = os.name == "posix" and transport.get_extra_info("sslcontext") is None
        if found is not None:
            self._news = select.poll()
            self._news.register(found.fileno(), select.POLLIN)
        self._file = found.fileno() if found is not None and plain else None

    def data_received(self, data: bytes) -> None:
        self._seen += len(data)
        if self._done:  # nobody asked for anything: a server that says so is closing
            self.abort()
            return
        if self._left is not None:
            self._take(data)
        elif self._to_the_end:
            self._add(data)
        else:
            self._parse(data)
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True
        if not self._done:
            if self._to_the_end and exc is None:
                self._done = True
            elif self._heard:
                self._fail(Broke(Broken.CUT, f"The answer stopped after {self._seen} bytes."))
            else:
                why = f": {exc}" if exc else ""
                self._fail(Broke(Broken.RESET, f"The connection broke before an answer{why}."))
        self._wake()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    # What httptools tells, of a head and of a body in chunks.

    def on_message_begin(self) -> None:
        if self._done:  # an answer that nobody asked for must not become that of the next request
            self._reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._done or self._heard:  # what follows a body is not of its head
            return
        key, told = name.decode("latin-1").lower(), value.decode("latin-1")
        self.headers[key] = f"{self.headers[key]}, {told}" if key in self.headers else told

    def on_headers_complete(self) -> None:
        if self._done or self._parser is None:
            return
        status = self._parser.get_status_code()
        if status < 200:  # "early hints" and their like; the answer is still to come
            self.headers = {}
            return
        self.status, self._heard = status, True
        self._reusable = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        if not self._done:
            self._add(body)

    def on_message_complete(self) -> None:
        if self._heard:
            self._done = True

    def _parse(self, data: bytes) -> None:
        assert self._parser is not None
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.fail(Broke(Broken.GARBLED, f"The answer is no HTTP/1.1: {error}."))
            return
        if not self._heard and self._seen > _MOST_HEAD:
            self.fail(Broke(Broken.GARBLED, "The head of the answer does not end."))
        elif self._heard and not self._done and not self._is_chunked():
            self._parser = None  # the rest is counted, not parsed
            length, received = self.length(), self._waiting
            if length is None:
                self._to_the_end, self._reusable = True, False
            else:
                self._left = length - received
                if self._left > _LAST:
                    _large.add(self)

    def _take(self, data: bytes) -> None:
        left = self._left or 0
        if len(data) > left:
            data, self._reusable = data[:left], False
        self._left = left - len(data)
        self._done = self._left == 0
        self._add(data)

    def _add(self, data: bytes) -> None:
        self._chunks.append(data)
        self._waiting += len(data)
        if self._waiting > _HIGH and not self._held and self._transport is not None:
            self._held = True
            self._transport.pause_reading()

    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("transfer-encoding", "").lower()

    def _fail(self, why: Broke) -> None:
        self._error, self._done, self._reusable = why, True, False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _until(self, ready: Callable[[], bool]) -> None:
        while not ready() and not self._error:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None


def _next_piece(left: int) -> int:
    """How much of a body to read at once, of which so much is to come."""
    if left <= _LAST:
        return left
    return min(max(_PIECES // max(len(_large), 1), _LEAST), _PIECE, left - _LAST)


def _pieces(head: bytes, body: Sequence[Piece]) -> Iterator[Piece]:
    """What is written at a time: all at once where it is small, and never very much."""
    if sum(map(len, body)) <= _SMALL:
        yield b"".join((head, *body))
        return
    yield head
    for piece in body:
        if len(piece) <= _SLICE:
            yield piece
        else:
            view = memoryview(piece)
            yield from (view[at : at + _SLICE] for at in range(0, len(piece), _SLICE))
