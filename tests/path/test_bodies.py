"""Bodies that are too large, too slow, cut off, compressed, or not what they claim to be."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pisang.core.content import Blob
from pisang.core.events import Finished, FinishReason, Image, Started, Text
from pisang.surfaces import manners
from pisang.testing import Server, server
from tests.path.asgi import PROMPT, call, generate, post, streamed


@pytest.fixture
async def small(tmp_path: Path) -> AsyncIterator[Server]:
    async with server(tmp_path / "small", max_body_mb=1) as running:
        yield running


def chunks(count: int, size: int = 65_536) -> Iterator[bytes]:
    return (b"x" * size for _ in range(count))


async def test_a_body_over_the_limit_is_refused_by_its_length(small: Server) -> None:
    headers = {"x-goog-api-key": small.key, "content-length": str(10**12), "expect": "100-continue"}
    reply = await call(
        small.app.asgi, "POST", generate(), headers=headers, chunks=chunks(1_000_000)
    )
    assert reply.status == 400
    assert "exceeds the limit: 1000000 bytes" in reply.error["message"]
    assert reply.headers["connection"] == "close"
    assert reply.read == 0


async def test_a_body_without_a_length_is_counted_and_not_read_whole(small: Server) -> None:
    headers = {"x-goog-api-key": small.key, "transfer-encoding": "chunked"}
    reply = await call(
        small.app.asgi, "POST", generate(), headers=headers, chunks=chunks(1_000_000)
    )
    assert reply.status == 400
    assert reply.read < 1_000_000 + manners.LINGER_BYTES + 3 * 65_536


async def test_a_refused_sender_is_listened_to_until_they_stop(small: Server) -> None:
    headers = {"x-goog-api-key": small.key, "content-length": "2000000"}
    reply = await call(small.app.asgi, "POST", generate(), headers=headers, chunks=chunks(31))
    assert reply.status == 400
    assert reply.read == 31 * 65_536


async def test_a_stranger_is_refused_before_their_body_is_read(small: Server) -> None:
    headers = {"x-goog-api-key": "wrong", "content-length": "900000", "expect": "100-continue"}
    reply = await call(small.app.asgi, "POST", generate(), headers=headers, chunks=chunks(14))
    assert (reply.status, reply.read) == (400, 0)


async def test_a_compressed_body_is_refused(small: Server) -> None:
    reply = await post(small, generate(), b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert reply.status == 400
    assert "uncompressed" in reply.error["message"]


async def test_a_body_that_stops_coming_is_given_up(
    small: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "IDLE_SECONDS", 0.05)
    headers = {"x-goog-api-key": small.key, "content-length": "10"}

    async def app_without_end() -> int:
        reply = await call(small.app.asgi, "POST", generate(), headers=headers, chunks=())
        return reply.status

    assert await asyncio.wait_for(app_without_end(), 10) == 400


async def test_a_caller_who_leaves_in_the_body_gets_nothing(small: Server) -> None:
    gone = asyncio.Event()
    gone.set()
    reply = await call(
        small.app.asgi,
        "POST",
        generate(),
        headers={"x-goog-api-key": small.key, "content-length": "10"},
        chunks=(),
        hang_up=gone,
    )
    assert reply.status == 0
    assert small.engine.asked == []


async def test_the_content_type_does_not_matter(small: Server) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded"}
    assert (await post(small, generate(), headers=sent)).status == 200


@pytest.mark.parametrize("reads", [0, 2])
async def test_a_caller_who_stops_reading_is_not_waited_for(
    small: Server, monkeypatch: pytest.MonkeyPatch, reads: int
) -> None:
    monkeypatch.setattr(manners, "IDLE_SECONDS", 0.2)
    big = Blob("image/png", bytes(1_000_000))
    small.engine.script = [Started("m"), Image(big), Finished(FinishReason.STOP)]
    work = call(
        small.app.asgi,
        "POST",
        generate(),
        headers={"x-goog-api-key": small.key},
        chunks=[json.dumps(PROMPT).encode()],
        reads=reads,
    )
    reply = await asyncio.wait_for(work, 20)
    assert len(reply.pieces) == reads
    assert all(len(piece) <= 300_000 for piece in reply.pieces)


async def test_a_stream_that_nobody_reads_stops_the_work(
    small: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manners, "IDLE_SECONDS", 0.05)
    small.engine.script = [Started("m"), Text("One."), Text("Two."), Text("Three.")]
    work = call(
        small.app.asgi,
        "POST",
        streamed(),
        headers={"x-goog-api-key": small.key},
        chunks=[json.dumps(PROMPT).encode()],
        reads=0,
    )
    reply = await asyncio.wait_for(work, 20)
    assert (reply.status, reply.pieces) == (200, [])
    assert small.engine.cancelled == 1
