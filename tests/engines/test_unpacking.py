"""Answers that came compressed though nobody asked for that are read all the same."""

import gzip
import random
import zlib
from collections.abc import AsyncGenerator

import pytest

from pisang.engines.unpacking import Unpacked, beginning, coding_of, is_known

BODY = random.Random(7).randbytes(300_000) + bytes(5_000_000)
PACKED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
}


class Odd(Exception):
    """What a body that cannot be read is told as."""


class Source:
    """Packed bytes as they arrive; ``closed`` once nobody wants more."""

    def __init__(self, body: bytes, size: int) -> None:
        self.closed = False
        self.chunks = self._told(body, size)

    async def _told(self, body: bytes, size: int) -> AsyncGenerator[bytes, None]:
        try:
            for at in range(0, len(body), size):
                yield body[at : at + size]
        finally:
            self.closed = True


def unpacked(source: Source, coding: str = "gzip") -> Unpacked:
    return Unpacked(source.chunks, coding, broken=Odd)


@pytest.mark.parametrize("size", [1_000, 1 << 20])
@pytest.mark.parametrize("coding", PACKED)
async def test_a_packed_body_comes_out_plain_in_pieces(coding: str, size: int) -> None:
    source = Source(PACKED[coding], size)
    pieces = [piece async for piece in unpacked(source, coding)]
    assert b"".join(pieces) == BODY
    assert all(0 < len(piece) <= 1 << 20 for piece in pieces)
    assert source.closed


@pytest.mark.parametrize("body", [b"", PACKED["gzip"][:-30], b"\x1f\x8b and more"])
async def test_what_cannot_be_unpacked_is_a_fault(body: bytes) -> None:
    source = Source(body, 50_000)
    with pytest.raises(Odd):
        async for _ in unpacked(source):
            pass
    assert source.closed


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("body", [b'{"a": 1}', b"data: {}\r\n\r\n"])
async def test_what_others_have_unpacked_is_handed_on(coding: str, body: bytes) -> None:
    for size in (1, 100):
        pieces = [piece async for piece in unpacked(Source(body, size), coding)]
        assert b"".join(pieces) == body


async def test_who_leaves_early_stops_the_source() -> None:
    source = Source(PACKED["gzip"], 1_000)
    found = unpacked(source)
    assert await anext(found)
    await found.aclose()
    assert source.closed


@pytest.mark.parametrize(
    ("said", "coding", "known"),
    [
        ({}, "", True),
        ({"content-encoding": "Identity"}, "", True),
        ({"content-encoding": " GZIP"}, "gzip", True),
        ({"content-encoding": "br"}, "br", False),
        ({"content-encoding": "gzip, gzip"}, "gzip, gzip", False),
    ],
)
def test_how_a_body_is_packed_is_read_of_its_head(
    said: dict[str, str], coding: str, known: bool
) -> None:
    assert coding_of(said) == coding
    assert is_known(coding) is known


def test_of_an_error_there_is_as_much_as_can_be_read() -> None:
    assert beginning(b"as it is", "", most=9) == b"as it is"
    assert beginning(PACKED["gzip"], "gzip", most=500) == BODY[:500]
    assert beginning(b"no gzip", "gzip", most=500) == b""
    assert beginning(b"unheard of", "br", most=500) == b""
