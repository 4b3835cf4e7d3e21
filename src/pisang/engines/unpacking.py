"""Unpacks an answer that came compressed, as some proxies send it to who asked for it plain.

An answer like that is good and was paid for, so it is read and not asked for again. Callers get it
plain, piece by piece; whatever its length was, theirs is another. Others unpack a body and leave
the header that says it is packed: by its first byte such a body is known, and handed on.
"""

import zlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

_WBITS: Final[Mapping[str, int]] = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # for zlib
_FIRST: Final[Mapping[str, bytes]] = {"gzip": b"\x1f", "x-gzip": b"\x1f", "deflate": b"\x78"}
_PIECE: Final = 1024 * 1024  # bytes that are unpacked at once: few packed ones may become many
_PLAIN: Final = "identity"


def coding_of(headers: Mapping[str, str]) -> str:
    """How a body is packed; empty for one that is not."""
    coding = headers.get("content-encoding", _PLAIN).strip().lower()
    return "" if coding == _PLAIN else coding


def is_known(coding: str) -> bool:
    """Whether a body that is packed so can be unpacked here; one that is not packed can."""
    return not coding or coding in _WBITS


def beginning(body: bytes, coding: str, *, most: int) -> bytes:
    """The words of a body, as far as it goes; none where they cannot be read."""
    if not coding:
        return body
    with suppress(zlib.error, KeyError):
        return zlib.decompressobj(_WBITS[coding]).decompress(body, most)
    return b""


class Unpacked(AsyncGenerator[bytes, None]):
    """The plain bytes of a packed body. ``broken`` makes the fault of one that cannot be read.

    Not a generator function: closing one of those before its first step would end nothing.
    """

    def __init__(
        self, packed: AsyncGenerator[bytes, None], coding: str, *, broken: Callable[[], Exception]
    ) -> None:
        self._packed = packed
        self._machine = zlib.decompressobj(_WBITS[coding])
        self._first = _FIRST[coding]
        self._broken = broken
        self._rest = b""
        self._plain: bool | None = None  # until its first byte is there

    async def asend(self, _: None) -> bytes:
        while True:
            if not self._rest:
                try:
                    self._rest = await anext(self._packed)
                except StopAsyncIteration:
                    if self._plain or self._machine.eof:
                        raise
                    raise self._broken() from None
                if self._plain is None and self._rest:
                    self._plain = not self._rest.startswith(self._first)
            if piece := await self._next():
                return piece

    async def athrow(self, kind: Any, *_: Any) -> bytes:
        await self.aclose()
        raise kind

    async def aclose(self) -> None:
        await self._packed.aclose()

    async def _next(self) -> bytes:
        """The next plain bytes of what has come, which may be none yet."""
        if self._plain:
            piece, self._rest = self._rest, b""
            return piece
        try:
            piece = self._machine.decompress(self._rest, _PIECE)
        except zlib.error:
            await self.aclose()
            raise self._broken() from None
        self._rest = self._machine.unconsumed_tail
        return piece
