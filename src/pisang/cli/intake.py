"""Takes large bodies in without copying them on the way: uvicorn's protocol, with other buffers.

uvicorn parses a body in pieces of 250 KB, appends each to a bytearray, and copies that for whoever
asks: a request with 14 pictures was moved four times, 14 MB each time. Here pieces are kept as they
came. And an application that wants a body whole can say so (``surfaces/bodies.py``); from then on
the socket is read straight into the memory that the application will get.

The middle of a large answer goes out without uvicorn's part in it, which is to count
(``surfaces/straight.py``).
"""

import asyncio
import ctypes
from io import BytesIO
from typing import Final, Self

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pisang.surfaces.bodies import WHOLE
from pisang.surfaces.straight import STRAIGHT

_LARGE: Final = 512 * 1024  # bytes of a body that it is worth it for
_PIECE: Final = 1024 * 1024  # read from a socket at once
_FIRST: Final = 1024 * 1024  # for which there is room before they have come
_TELL: Final = 1.0  # seconds, after which the application hears that there is more

# Bytes of some length, with nothing in them yet: filling 14 MB with zeros takes a millisecond.
_unwritten = ctypes.pythonapi.PyBytes_FromStringAndSize
_unwritten.restype, _unwritten.argtypes = ctypes.py_object, (ctypes.c_char_p, ctypes.c_ssize_t)


class _Pieces:
    """Does what uvicorn does with its buffer: appends, measures, and takes all of it out."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def __iadd__(self, piece: bytes) -> Self:
        self._pieces.append(piece)
        self._size += len(piece)
        return self

    def __len__(self) -> int:
        return self._size

    def __bytes__(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


class Intake(HttpToolsProtocol):
    """uvicorn's protocol for HTTP/1.1 by httptools."""

    _length = _seen = 0  # of a large body: what was announced, and what of it the parser saw

    def on_headers_complete(self) -> None:
        """The head of a request is here: who wants its body whole, if that is large, may say so."""
        self._length, self._seen = _announced(self.headers), 0
        extensions = self.scope["extensions"] = {STRAIGHT: self}  # type: ignore[dict-item]
        if self._length > _LARGE and not self.parser.should_upgrade():
            extensions[WHOLE] = self._gather  # type: ignore[assignment]
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body has come."""
        self._seen += len(body)
        if not self.cycle.body:
            self.cycle.body = _Pieces()  # type: ignore[assignment]
        super().on_body(body)

    def put(self, chunk: bytes) -> bool:
        """Sends bytes of the middle of an answer. False where its head did not tell a length, these
        are its last bytes, there is no room, or another request has come meanwhile."""
        cycle = self.cycle
        if self.pipeline or self.flow.write_paused or cycle.disconnected:
            return False
        if cycle.chunked_encoding is not False or len(chunk) >= cycle.expected_content_length:
            return False
        if cycle.scope["method"] == "HEAD":  # the scope here may be that of a request to come
            return False
        cycle.expected_content_length -= len(chunk)
        cycle.transport.write(chunk)
        return True

    def is_full(self) -> bool:
        """Whether the caller has to read before there is room for more."""
        return self.flow.write_paused

    def resume(self) -> None:
        """What follows a body that went past the parser is for the parser again: another one,
        since that one still waits for the body."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
        self.flow.pause_reading()  # a transport looks at its protocol when it begins to read
        self.transport.set_protocol(self)
        self.flow.resume_reading()

    def _gather(self) -> None:
        """Has the rest of this body gathered in one piece of memory. While another request is
        being answered, it is that one's body that is wanted, and it is here already."""
        cycle = self.cycle
        if self.pipeline or not cycle.more_body or cycle.disconnected or cycle.response_complete:
            return
        self.flow.pause_reading()  # until it is asked for
        self.transport.set_protocol(_Gathering(self, cycle, self._length - self._seen))


class _Gathering(asyncio.BufferedProtocol):
    """Receives the rest of one body instead of ``Intake``; is the cycle's body when it is whole.

    ``BytesIO`` has memory that can be received into, and that it hands out as ``bytes`` without
    copying. There is little of it until the first of the body has come.
    """

    def __init__(self, intake: Intake, cycle: RequestResponseCycle, left: int) -> None:
        self._intake, self._cycle = intake, cycle
        self._memory, self._at, self._left = BytesIO(), 0, left
        self._grow(bytes(cycle.body), most=_FIRST)
        self._told = intake.loop.time()
        cycle.body = bytearray()
        cycle.message_event.clear()

    def __bytes__(self) -> bytes:
        whole, self._memory = self._memory.getvalue(), BytesIO()
        return whole

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        """Where the next bytes go."""
        if self._at == self._room:
            self._grow(self._memory.getvalue())
        end = self._at + min(self._left, _PIECE)
        return self._memory.getbuffer()[self._at : min(self._room, end)]

    def buffer_updated(self, nbytes: int) -> None:
        """So many bytes have come."""
        cycle = self._cycle
        self._left -= nbytes
        if not cycle.response_complete:  # else nobody wants it any more
            self._at += nbytes
        if not self._left:
            self._intake.resume()
            if not cycle.response_complete:
                cycle.body, cycle.more_body = self, False  # type: ignore[assignment]
            cycle.message_event.set()
        elif (now := self._intake.loop.time()) - self._told > _TELL:
            self._told = now
            cycle.message_event.set()  # with nothing in it, so that nobody gives us up

    def _grow(self, came: bytes, *, most: int | None = None) -> None:
        """Makes room for what has come and for the rest, or ``most`` of it."""
        self._room = len(came) + min(self._left, most or self._left)
        self._memory = BytesIO(_unwritten(None, self._room))
        self._at = self._memory.write(came)

    def connection_lost(self, exc: Exception | None) -> None:
        self._intake.connection_lost(exc)

    def pause_writing(self) -> None:
        self._intake.pause_writing()

    def resume_writing(self) -> None:
        self._intake.resume_writing()


def _announced(headers: list[tuple[bytes, bytes]]) -> int:
    """The length of a body as its head has it; none of a body in chunks."""
    return next((int(value) for name, value in headers if name == b"content-length"), 0)
