"""Server-sent events, both ways and piece by piece: written for our callers, read from a server.

Writing has one trap: google-genai for Python reads only ``data: {json}`` and breaks on comments,
``event:`` lines and ``[DONE]`` (surfaces contract, section 4), so nothing else is ever written to
Google's clients. OpenAI's want a name on some events, and ``DONE`` after the last of a chat.
Reading follows the full format, because upstreams and proxies use all of it: CR, LF or CRLF, even
split between two reads; comments; several ``data`` lines to one event.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, TypeVar

from pisang.core.errors import PisangError

T = TypeVar("T")
END: Final = b"\r\n\r\n"
"""What ends an event."""

DONE: Final = b"data: [DONE]" + END
"""What OpenAI's chat ends with."""


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its data (lines joined by LF) and its name, mostly empty."""

    data: bytes
    name: str = ""


def frame(pieces: list[bytes], *, name: str = "") -> list[bytes]:
    """Wraps one JSON value, given in pieces, as one event; ``name`` is of a dialect that has it."""
    head = b"event: " + name.encode() + b"\r\ndata: " if name else b"data: "
    return [head, *pieces, END]


async def framed(
    values: AsyncGenerator[T, None],
    write: Callable[[T], list[bytes]],
    *,
    failed: Callable[[PisangError], list[bytes]],
    last: list[bytes] | None = None,
) -> AsyncGenerator[list[bytes], None]:
    """Writes each value of a stream as a frame, and ``last`` after those of one that ended well.

    An error before the first value is raised: the surface can still choose a status. A later one is
    told in a frame that ``failed`` makes, the last one. However it ends, the values are closed.
    """
    begun = False
    async with aclosing(values):
        try:
            async for value in values:
                begun = True
                yield write(value)
        except PisangError as error:
            if not begun:
                raise
            yield failed(error)
            return
    if last is not None:
        yield last


class EventReader:
    """Takes bytes as they arrive and hands out whole events.

    A 25 MB picture is one line that arrives in a thousand reads: the search for its end goes on
    where it stopped, and the line is put together once.
    """

    def __init__(self) -> None:
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._name = ""
        self._after_cr = False
        self._started = False

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Takes the next bytes; returns the events they complete."""
        events: list[ServerEvent] = []
        if self._after_cr and chunk[:1] == b"\n":  # the second half of a CRLF
            chunk = chunk[1:]
            self._after_cr = False
        at = 0
        while at < len(chunk):
            end = _line_end(chunk, at)
            if end < 0:
                self._line.append(chunk[at:])
                self._after_cr = False
                break
            self._line.append(chunk[at:end])
            self._take_line(events)
            crlf = chunk[end : end + 2] == b"\r\n"
            self._after_cr = chunk[end:] == b"\r"
            at = end + (2 if crlf else 1)
        return events

    def close(self) -> list[ServerEvent]:
        """The stream has ended; returns an event whose closing blank line is missing."""
        events: list[ServerEvent] = []
        if self._line:
            self._take_line(events)
        self._finish(events)
        return events

    def _take_line(self, events: list[ServerEvent]) -> None:
        line = b"".join(self._line)
        self._line = []
        if not self._started:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._started = True
        if not line:
            self._finish(events)
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")

    def _finish(self, events: list[ServerEvent]) -> None:
        if self._data:
            events.append(ServerEvent(b"\n".join(self._data), self._name))
        self._data, self._name = [], ""


def _line_end(chunk: bytes, at: int) -> int:
    feed = chunk.find(b"\n", at)
    back = chunk.find(b"\r", at, feed if feed >= 0 else len(chunk))
    return back if back >= 0 else feed
