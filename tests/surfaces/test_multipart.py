"""Multipart bodies come in pieces of any size, and their parts are always the same."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from pisang.core.errors import MalformedRequest
from pisang.surfaces.multipart import Parts, disposition

Found = list[tuple[dict[str, str], bytes]]


def request(chunks: Sequence[bytes], kind: str = "multipart/form-data; boundary=B") -> Request:
    waiting = list(chunks)

    async def receive() -> Message:
        if not waiting:
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": True}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}
    return Request(scope, receive)


async def read(chunks: Sequence[bytes]) -> Found:
    parts, found = Parts(request(chunks)), Found()
    while (headers := await parts.next()) is not None:
        data = b"".join([piece async for piece in parts.data()])
        found.append((dict(headers), data))
    return found


def written(files: Sequence[bytes]) -> bytes:
    lines = [
        f'--B\r\nContent-Disposition: form-data; name="n{i}"\r\nX: {i}\r\n\r\n'.encode() + data
        for i, data in enumerate(files)
    ]
    return b"\r\n".join([*lines, b"--B--\r\n"])


DATA = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [b"\r\n--", b"\r\n--B\r", b"--B--", b"\r\n-", b"\r", b"\n--B", b"\r\n\r\n"]
        ),
    ).filter(lambda data: b"\r\n--B" not in b"\r\n" + data),
    min_size=1,
    max_size=4,
)


@given(files=DATA, cuts=st.lists(st.integers(0, 400), max_size=12))
@settings(max_examples=200, deadline=None)
def test_parts_are_the_same_however_the_body_is_cut(files: list[bytes], cuts: list[int]) -> None:
    body = written(files)
    at = [0, *sorted(min(cut, len(body)) for cut in cuts), len(body)]
    chunks = [body[a:b] for a, b in pairwise(at)]
    found = asyncio.run(read(chunks))
    assert [data for _, data in found] == files
    assert [headers["x"] for headers, _ in found] == [str(i) for i in range(len(files))]
    assert [disposition(headers)[0] for headers, _ in found] == [f"n{i}" for i in range(len(files))]


@given(files=DATA, end=st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_a_body_that_is_cut_off_is_never_taken_for_a_whole_one(
    files: list[bytes], end: int
) -> None:
    body = written(files)
    whole = body.rindex(b"--B--") + 5
    with pytest.raises(MalformedRequest):
        asyncio.run(read([body[: min(end, whole - 1)]]))


async def test_what_nobody_reads_is_skipped() -> None:
    parts = Parts(request([written([b"one", b"two"])]))
    assert await parts.next() is not None
    assert await parts.next() is not None
    assert await parts.whole(most=3) == b"two"
    assert await parts.next() is None


async def test_a_part_that_should_be_small_is_not_read_to_its_end() -> None:
    parts = Parts(request([written([b"x" * 100])]))
    await parts.next()
    with pytest.raises(MalformedRequest, match="more than 10 bytes"):
        await parts.whole(most=10)


@pytest.mark.parametrize(
    "kind",
    ["multipart/form-data", "multipart/form-data; boundary=", "x", f"m/x; boundary={'b' * 999}"],
)
def test_a_body_needs_a_boundary(kind: str) -> None:
    with pytest.raises(MalformedRequest, match="boundary"):
        Parts(request([], kind))
