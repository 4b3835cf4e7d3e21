"""Large bodies, taken in piece by piece: every byte once, in order, none of the request before."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from pisang.cli.intake import Intake


async def digests(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the digest of what came, after a moment in which more can come."""
    assert scope["type"] == "http"
    found, more = hashlib.sha256(), True
    while more:
        await asyncio.sleep(0.002)
        message = await receive()
        assert type(message["body"]) is bytes
        found.update(message["body"])
        more = message["more_body"]
    answer = found.hexdigest().encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(digests, port=0, http=Intake, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def test_every_byte_comes_once_and_in_order(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for size in (0, 1, 70_000, 3_000_000, 5):  # one after another, on one connection
        body = os.urandom(size)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size)
        for at in range(0, size, 100_000):
            writer.write(body[at : at + 100_000])
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert (await reader.readexactly(64)).decode() == hashlib.sha256(body).hexdigest()
    writer.close()
    await writer.wait_closed()


async def test_a_body_in_chunks_is_put_together(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
    writer.write(b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (b"one", b"two" * 99)))
    writer.write(b"0\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    expected = hashlib.sha256(b"one" + b"two" * 99).hexdigest()
    assert (await reader.readexactly(64)).decode() == expected
    writer.close()
    await writer.wait_closed()
