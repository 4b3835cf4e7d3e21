"""Multipart bodies whose last word is a file of up to 2 GB: read as they come, never held whole.

Starlette's form reader puts files into the system's folder for temporary ones, which may be small,
or memory. Here each part is handed on while it arrives. It serves both kinds, OpenAI's
``multipart/form-data`` and Google's ``multipart/related``.
"""

from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from pisang.core.errors import MalformedRequest

_MOST_PARTS: Final = 64
_SLICE: Final = 262_144


class Parts:
    """The parts of a body, one after another: ``next``, then ``data`` or ``whole`` for each.

    Every method raises ``MalformedRequest`` for a body that is not well formed.
    """

    def __init__(self, call: Request) -> None:
        _, options = parse_options_header(call.headers.get("content-type", ""))
        boundary = options.get(b"boundary", b"")
        if not boundary:
            raise MalformedRequest("The multipart body's Content-Type names no boundary.")
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._header_name,
                    "on_header_value": self._header_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_end,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedRequest("The multipart body's boundary is too long.") from error
        self._stream = call.stream()
        self._found: deque[Mapping[str, str] | bytes | None] = deque()  # None ends a part
        self._headers: dict[str, str] = {}
        self._name, self._value = bytearray(), bytearray()
        self._count = 0
        self._ended = False

    async def next(self) -> Mapping[str, str] | None:
        """The headers of the next part (lower case), None after the last. Skips unread data."""
        while (found := await self._pull()) is not _NOTHING:
            if isinstance(found, Mapping):
                return found
        return None

    async def data(self) -> AsyncIterator[bytes]:
        """The bytes of the part that ``next`` told of."""
        while (found := await self._pull()) is not None:
            if not isinstance(found, bytes):
                raise _cut()
            yield found

    async def whole(self, *, most: int) -> bytes:
        """All bytes of a small part. Raises ``MalformedRequest`` for one that is not small."""
        data = bytearray()
        async for piece in self.data():
            data += piece
            if len(data) > most:
                raise MalformedRequest(f"A part of the body has more than {most} bytes.")
        return bytes(data)

    async def _pull(self) -> "Mapping[str, str] | bytes | _Nothing | None":
        while not self._found:
            if self._ended:
                return _NOTHING
            piece = await anext(self._stream, None)
            if piece is None:
                raise _cut()
            try:
                for at in range(0, len(piece), _SLICE):
                    self._parser.write(piece[at : at + _SLICE])
            except FormParserError as error:
                raise MalformedRequest("The multipart body is not well formed.") from error
        return self._found.popleft()

    def _begin(self) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise MalformedRequest(f"The body has more than {_MOST_PARTS} parts.")
        self._headers = {}

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value.decode("utf-8", "replace")
        self._name, self._value = bytearray(), bytearray()

    def _headers_finished(self) -> None:
        self._found.append(self._headers)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if end > start:
            self._found.append(data[start:end])

    def _part_end(self) -> None:
        self._found.append(None)

    def _end(self) -> None:
        self._ended = True


def disposition(headers: Mapping[str, str]) -> tuple[str, str]:
    """The field's name and the file's name of a form's part; empty where there are none."""
    said = headers.get("content-disposition", "").encode()
    _, options = parse_options_header(said.decode("latin-1"))  # the form that it takes apart
    name, file = options.get(b"name", b""), options.get(b"filename", b"")
    return name.decode("utf-8", "replace"), file.decode("utf-8", "replace")


class _Nothing:
    """What comes after the last part."""


_NOTHING: Final = _Nothing()


def _cut() -> MalformedRequest:
    return MalformedRequest("The multipart body ends before its last boundary.")
