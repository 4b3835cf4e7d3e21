"""Large bodies: every byte once, in order, none of another request; in pieces, or whole where that
is wanted, over plain connections and TLS."""

import asyncio
import hashlib
import os
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.cli import intake
from pisang.cli.intake import Intake
from pisang.surfaces.bodies import WHOLE
from tests.engines.certificates import Certificate, certificate

MIB = 1024 * 1024
SIZES = (0, 1, 70_000, 600_000, 2 * MIB, 3_000_000, 5, 9 * MIB + 1, 524_289)
Opened = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answered(send: Send, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


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
    await answered(send, found.hexdigest().encode())


async def digests_whole(scope: Scope, receive: Receive, send: Send) -> None:
    """The same, of a body that it asks for as one."""
    await asyncio.sleep(0.002)
    messages = await whole(scope, receive)
    pieces = [message["body"] for message in messages if message["body"]]
    assert len(pieces) <= 1 or WHOLE not in scope.get("extensions", {})
    await answered(send, hashlib.sha256(b"".join(pieces)).hexdigest().encode())


async def whole(scope: Scope, receive: Receive) -> list[Message]:
    if WHOLE in scope.get("extensions", {}):
        scope["extensions"][WHOLE]()
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
        assert messages[-1]["type"] == "http.disconnect" or type(messages[-1]["body"]) is bytes
    return messages


@asynccontextmanager
async def serving(app: ASGIApp, made: Certificate | None = None) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app,
        port=0,
        http=Intake,
        lifespan="off",
        log_config=None,
        ssl_certfile=made.chain if made else None,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


def head(size: int, *more: bytes) -> bytes:
    lines = (b"POST / HTTP/1.1", b"host: x", b"content-length: %d" % size, *more, b"", b"")
    return b"\r\n".join(lines)


async def opened(port: int, made: Certificate | None = None) -> Opened:
    trusting = ssl.create_default_context(cafile=made.authority) if made else None
    return await asyncio.open_connection("127.0.0.1", port, ssl=trusting)


async def digest(reader: asyncio.StreamReader) -> str:
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    return (await reader.readexactly(64)).decode()


@pytest.mark.parametrize("with_tls", [False, True])
@pytest.mark.parametrize("app", [digests, digests_whole])
async def test_every_byte_comes_once_and_in_order(
    tmp_path: Path, app: ASGIApp, with_tls: bool
) -> None:
    made = certificate(tmp_path) if with_tls else None
    async with serving(app, made) as port:
        reader, writer = await opened(port, made)
        for size in SIZES:  # one after another, on one connection
            body = os.urandom(size)
            writer.write(head(size))
            for at in range(0, size, 100_000):
                writer.write(body[at : at + 100_000])
                await writer.drain()
            assert await digest(reader) == hashlib.sha256(body).hexdigest()
        writer.close()


@pytest.mark.parametrize("app", [digests, digests_whole])
async def test_what_follows_a_body_is_the_next_request(app: ASGIApp) -> None:
    bodies = [os.urandom(size) for size in SIZES * 2]
    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(b"".join(head(len(body)) + body for body in bodies))
        for body in bodies:
            assert await digest(reader) == hashlib.sha256(body).hexdigest()
        writer.close()


@pytest.mark.parametrize("app", [digests, digests_whole])
async def test_a_body_in_chunks_is_put_together(app: ASGIApp) -> None:
    pieces = (b"one", b"two" * 99, b"three" * 200_000)
    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces))
        writer.write(b"0\r\n\r\n")
        assert await digest(reader) == hashlib.sha256(b"".join(pieces)).hexdigest()
        writer.close()


async def test_nothing_is_kept_for_bytes_that_do_not_come() -> None:
    """Whoever announces 90 MB gets no memory for it before some of it is there."""
    took = asyncio.Event()

    async def app(scope: Scope, receive: Receive, _: Send) -> None:
        tracemalloc.start()
        scope["extensions"][WHOLE]()
        await receive()
        took.set()

    async with serving(app) as port:
        _, writer = await opened(port)
        writer.write(head(90 * MIB) + b"x" * 700_000)
        while not tracemalloc.is_tracing():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        writer.close()
        await took.wait()
    assert peak < 4 * MIB


async def test_a_body_is_held_once() -> None:
    peak = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal peak
        tracemalloc.start()
        (message,) = [each for each in await whole(scope, receive) if each["body"]]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        await answered(send, b"%d" % len(message["body"]))

    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(head(24 * MIB))
        for _ in range(24):
            writer.write(b"x" * MIB)
            await writer.drain()
        await reader.readuntil(b"%d" % (24 * MIB))
        writer.close()
    assert 24 * MIB < peak < 32 * MIB


async def test_a_body_that_comes_slowly_is_told_of_on_its_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(intake, "_TELL", 0.05)
    got = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        got.set_result(await whole(scope, receive))
        await answered(send, b"")

    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(head(600_006) + b"x" * 600_000)
        for _ in range(6):
            await asyncio.sleep(0.06)
            writer.write(b"y")
        *on_its_way, last = await got
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert on_its_way
    assert all(message["body"] == b"" and message["more_body"] for message in on_its_way)
    assert last["body"] == b"x" * 600_000 + b"yyyyyy"


async def test_who_hangs_up_in_the_middle_is_gone() -> None:
    got = asyncio.get_running_loop().create_future()

    async def app(scope: Scope, receive: Receive, _: Send) -> None:
        got.set_result(await whole(scope, receive))

    async with serving(app) as port:
        _, writer = await opened(port)
        writer.write(head(9 * MIB) + b"x" * 5 * MIB)
        await writer.drain()
        writer.close()
        assert (await got)[-1] == {"type": "http.disconnect"}


async def test_who_waits_for_a_go_ahead_gets_it_when_the_body_is_wanted() -> None:
    wanted = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await wanted.wait()
        await digests_whole(scope, receive, send)

    body = os.urandom(3 * MIB)
    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(head(len(body), b"expect: 100-continue"))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        wanted.set()
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(body)
        assert await digest(reader) == hashlib.sha256(body).hexdigest()
        writer.close()


async def test_a_body_that_nobody_wants_any_more_is_thrown_away() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["path"] == "/"
        if asked:
            scope["extensions"][WHOLE]()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(receive(), 0.1)
        await answered(send, b"early" if asked else b"later")

    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(head(5 * MIB) + b"x" * MIB)
        assert (await reader.readuntil(b"early")).startswith(b"HTTP/1.1 200")
        writer.write(b"x" * 4 * MIB + b"GET /next HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"later")).startswith(b"HTTP/1.1 200")
        writer.close()
