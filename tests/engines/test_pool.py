"""The HTTP client of engines: what it makes of every way in which a server can answer or not."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import pytest

from pisang.core.upstream import Broken
from pisang.engines import pool as pool_module
from pisang.engines.connection import Broke
from pisang.engines.pool import Patience, Pool, Reply
from tests.engines.certificates import Certificate, certificate
from tests.engines.proxy import proxy
from tests.upstream import CUT, HANG, RESET, Answer, Upstream, chunked, error, upstream, whole

BIG = bytes(range(256)) * 40_000  # 10 MB


def as_it_is(broke: Broke, status: int, headers: Mapping[str, str]) -> Exception:
    del status, headers
    return broke


async def asked(
    pool: Pool, url: str, body: tuple[bytes, ...] = (b"{}",), seconds: float = 5
) -> Reply:
    return await pool.ask("POST", url, headers={}, body=body, seconds=seconds, told=as_it_is)


async def read(reply: Reply) -> bytes:
    return b"".join([chunk async for chunk in reply.chunks])


@pytest.mark.parametrize(
    "answer",
    [
        whole(BIG),
        chunked(*(BIG[at : at + 1_000_000] for at in range(0, len(BIG), 1_000_000))),
        (b"HTTP/1.1 200 OK\r\n\r\n", BIG, CUT),  # a body that ends where the connection does
    ],
    ids=["length", "chunked", "to the end"],
)
async def test_a_body_comes_as_it_was_sent_in_plain_bytes(answer: Answer) -> None:
    pool = Pool()
    async with upstream(answer) as there:
        reply = await asked(pool, f"{there.url}/v1/x?alt=sse")
        chunks = [chunk async for chunk in reply.chunks]
        await pool.close()
    assert all(type(chunk) is bytes for chunk in chunks)
    assert b"".join(chunks) == BIG
    assert there.requests[0].target == "/v1/x?alt=sse"


async def test_a_request_of_many_pieces_arrives_as_one_body() -> None:
    pieces = (b"[", BIG, b",", b"x" * 300_000, b"]")
    pool = Pool()
    async with upstream(whole("{}")) as there:
        await read(await asked(pool, there.url, pieces))
        await pool.close()
    assert there.requests[0].body == b"".join(pieces)
    assert there.requests[0].headers["content-length"] == str(len(BIG) + 300_003)


async def test_a_connection_is_used_again_after_a_whole_answer() -> None:
    pool = Pool()
    async with upstream(whole("{}"), chunked(b"a", b"b"), error(503), whole("{}")) as there:
        for _ in range(4):
            await read(await asked(pool, there.url))
        assert there.connections == 1
        await asyncio.gather(*(asked(pool, there.url) for _ in range(3)))
        assert there.connections == 3
        await pool.close()


async def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    pool = Pool()
    async with upstream((*whole("{}"), CUT)) as there:
        for _ in range(3):
            await read(await asked(pool, there.url))
            await asyncio.sleep(0.01)
        assert there.connections == 3
        await pool.close()


async def test_a_connection_that_was_closed_before_the_loop_heard_of_it_is_not_used() -> None:
    pool, server = Pool(), socket.create_server(("127.0.0.1", 0))

    def serve_one() -> None:
        there, _ = server.accept()
        there.recv(65_536)
        there.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        there.close()

    url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
    for _ in range(2):
        serving = threading.Thread(target=serve_one)
        serving.start()
        assert await read(await asked(pool, url)) == b"{}"
        serving.join(5)  # the loop stands still meanwhile
    await pool.close()
    server.close()


async def test_an_answer_that_says_close_is_the_last_of_its_connection() -> None:
    pool = Pool()
    async with upstream(whole("{}", headers={"connection": "close"})) as there:
        for _ in range(2):
            await read(await asked(pool, there.url))
        assert there.connections == 2
        await pool.close()


@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize("first", [whole(b"mine"), chunked(b"mine")])
async def test_an_answer_that_nobody_asked_for_is_nobodys(first: Answer, pause: float) -> None:
    """Else the next caller would get the picture of somebody else."""
    second = b"".join(step for step in whole(b"theirs") if isinstance(step, bytes))
    together = b"".join(step for step in first if isinstance(step, bytes)) + second
    pool = Pool()
    answer: Answer = (*first, pause, second) if pause else (together,)
    async with upstream(answer) as there:
        for _ in range(3):
            reply = await asked(pool, there.url)
            assert await read(reply) == b"mine"
            assert reply.headers.get("content-length") in ("4", None)
            await asyncio.sleep(2 * pause)
        assert there.connections == 3
        await pool.close()


@pytest.mark.parametrize(
    ("answer", "kind", "received"),
    [
        ((RESET,), Broken.RESET, None),
        ((CUT,), Broken.RESET, None),
        ((b"HTTP/1.1 200 OK\r\ncontent-le", CUT), Broken.RESET, None),
        (whole("four", length=9), Broken.CUT, b"four"),
        (chunked(b"four", CUT), Broken.CUT, b"four"),
        (chunked(b"four", RESET), Broken.CUT, b"four"),
        ((b"220 a mail server\r\n\r\n", HANG), Broken.GARBLED, None),
        ((b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, HANG), Broken.GARBLED, None),
        ((HANG,), Broken.TIMEOUT, None),
        (chunked(b"four", HANG), Broken.TIMEOUT, b"four"),
    ],
)
async def test_what_breaks_is_told_by_how_it_broke(
    answer: Answer, kind: Broken, received: bytes | None
) -> None:
    pool, found = Pool(), bytearray()

    async def all_of_it(url: str) -> None:
        reply = await asked(pool, url, seconds=0.5)
        async for chunk in reply.chunks:
            found.extend(chunk)

    async with upstream(answer) as there:
        with pytest.raises(Broke) as caught:
            await all_of_it(there.url)
        await pool.close()
    assert caught.value.kind is kind
    assert bytes(found) == (received or b"")


async def test_a_server_that_falls_silent_in_the_middle_is_given_up_before_the_deadline() -> None:
    pool = Pool(patience=Patience(silence=0.2))
    async with upstream(chunked(b"a", 0.1, b"b", 0.1, b"c", HANG)) as there:
        with pytest.raises(Broke, match=r"nothing more for 0\.2 s"):
            await read(await asked(pool, there.url, seconds=60))
        await asyncio.wait_for(there.hung_up.wait(), 2)
        await pool.close()


async def test_a_reader_who_takes_their_time_is_not_a_silent_server() -> None:
    pool = Pool(patience=Patience(silence=0.1))
    async with upstream(whole(BIG)) as there:
        reply, found = await asked(pool, there.url), 0
        async for chunk in reply.chunks:
            if not found:
                await asyncio.sleep(0.4)
            found += len(chunk)
        await pool.close()
    assert found == len(BIG)


async def test_what_is_not_fetched_is_not_received_either() -> None:
    """Else two hundred callers on slow lines would fill the memory with pictures."""
    written = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * 1_000_000)
            await writer.drain()
            written += 1

    pool = Pool()
    async with _server(serve) as url:
        reply = await asked(pool, url)
        await anext(reply.chunks)
        await asyncio.sleep(0.3)
        stopped_at = written
        await reply.chunks.aclose()
        await pool.close()
    assert stopped_at < 30


async def _cancelled(pool: Pool, there: Upstream) -> None:
    task = asyncio.create_task(asked(pool, there.url))
    await asyncio.wait_for(there.asked.wait(), 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _closed_unread(pool: Pool, there: Upstream) -> None:
    await (await asked(pool, there.url)).chunks.aclose()


async def _closed_in_the_middle(pool: Pool, there: Upstream) -> None:
    reply = await asked(pool, there.url)
    await anext(reply.chunks)
    await reply.chunks.aclose()


async def _cancelled_in_the_middle(pool: Pool, there: Upstream) -> None:
    reply = await asked(pool, there.url)
    task = asyncio.create_task(read(reply))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _pool_closed(pool: Pool, there: Upstream) -> None:
    task = asyncio.create_task(asked(pool, there.url))
    await asyncio.wait_for(there.asked.wait(), 5)
    await pool.close()
    with pytest.raises(Broke, match="shutting down"):
        await task


@pytest.mark.parametrize(
    ("leave", "answer"),
    [
        (_cancelled, (HANG,)),
        (_pool_closed, (HANG,)),
        (_closed_unread, chunked(b"a", HANG)),
        (_closed_in_the_middle, chunked(b"a", HANG)),
        (_cancelled_in_the_middle, chunked(b"a", HANG)),
    ],
)
async def test_whoever_leaves_stops_the_server_at_once(
    leave: Callable[[Pool, Upstream], Awaitable[None]], answer: Answer
) -> None:
    pool = Pool()
    async with upstream(answer) as there:
        await leave(pool, there)
        await asyncio.wait_for(there.hung_up.wait(), 2)
        await pool.close()


async def test_an_answer_before_the_body_was_sent_is_heard() -> None:
    """A server that refuses a large body answers at once and stops reading."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig")
        await writer.drain()
        await asyncio.sleep(60)

    pool = Pool()
    async with _server(serve) as url:
        reply = await asked(pool, url, (b"x" * 50_000_000,))
        assert (reply.status, await read(reply)) == (413, b"big")
        await pool.close()


async def test_early_hints_are_not_the_answer() -> None:
    pool = Pool()
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    async with upstream((early, 0.05, *whole("{}"))) as there:
        reply = await asked(pool, there.url)
        assert (reply.status, await read(reply)) == (200, b"{}")
        assert "link" not in reply.headers
        await pool.close()


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    pool = Pool()
    async with upstream(
        whole("", status=302, headers={"location": "http://127.0.0.1:1/"})
    ) as there:
        reply = await asked(pool, there.url)
        assert reply.status == 302
        await reply.chunks.aclose()
        await pool.close()
    assert len(there.requests) == 1


async def test_a_header_cannot_break_out_of_its_line() -> None:
    pool = Pool()
    async with upstream(whole("{}")) as there:
        with pytest.raises(ValueError, match="line break"):
            await pool.ask("POST", there.url, headers={"a": "b\r\nc: d"}, seconds=5, told=as_it_is)
        await pool.close()
    assert not there.requests


async def test_nobody_there_is_told_as_that() -> None:
    pool = Pool(patience=Patience(connect=2))
    for url in ("http://127.0.0.1:1/", "http://no-such-host.invalid/", "ftp://127.0.0.1/"):
        with pytest.raises(Broke) as caught:
            await asked(pool, url)
        assert caught.value.kind is Broken.CONNECT


async def test_a_certificate_counts_by_the_authorities_that_are_named(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    async with upstream(whole("{}"), tls=_server_side(made)) as there:
        stranger, friend = Pool(), Pool(ca_file=made.authority)
        with pytest.raises(Broke) as caught:
            await asked(stranger, there.url)
        assert caught.value.kind is Broken.TLS
        assert await read(await asked(friend, there.url)) == b"{}"
        with pytest.raises(Broke) as caught:  # signed for 127.0.0.1 only
            await asked(friend, there.url.replace("127.0.0.1", "localhost"))
        assert caught.value.kind is Broken.TLS
        await friend.close()


async def test_a_large_body_survives_tls(tmp_path: Path) -> None:
    made = certificate(tmp_path)
    pool = Pool(ca_file=made.authority)
    async with upstream(whole(BIG), tls=_server_side(made)) as there:
        assert await read(await asked(pool, there.url, (BIG,))) == BIG
        assert there.requests[0].body == BIG
        await pool.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_the_proxy_of_the_environment_is_used(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certificate(tmp_path, "upstream.example")
    tls = _server_side(made) if scheme == "https" else None
    async with upstream(whole("{}"), tls=tls) as there, proxy(there.url) as between:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://me:secret@127.0.0.1:{between.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        pool = Pool(ca_file=made.authority)
        assert await read(await asked(pool, f"{scheme}://upstream.example/x")) == b"{}"
        assert await read(await asked(pool, f"{scheme}://upstream.example/x")) == b"{}"
        with pytest.raises(Broke):  # this machine itself is never behind a proxy
            await asked(pool, f"{scheme}://127.0.0.1:1/x")
        await pool.close()
    assert all("upstream.example" in head for head in between.heads)
    assert "authorization: Basic bWU6c2VjcmV0" in between.heads[0]


def _server_side(made: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain)
    return context


@asynccontextmanager
async def _server(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """A server that speaks before it has read the request, which a stand-in does not."""
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks)


async def test_an_address_that_leads_nowhere_is_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def addresses(host: str, port: int) -> list[str]:
        assert (host, port > 0) == ("several.example", True)
        return ["127.0.0.9", "10.255.255.1", "127.0.0.1"]  # nobody there, silence, and the server

    monkeypatch.setattr(pool_module, "_addresses", addresses)
    monkeypatch.setattr(pool_module, "_NEXT_ADDRESS", 0.2)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    pool = Pool()
    async with upstream(whole("{}")) as there:
        url = there.url.replace("127.0.0.1", "several.example")
        assert await read(await asked(pool, url)) == b"{}"
        await pool.close()


async def test_a_large_body_in_bursts_is_whole_for_quick_and_for_slow_readers() -> None:
    body = os.urandom(3_000_000)
    sent = b"".join(step for step in whole(body) if isinstance(step, bytes))
    cuts = [0, 700, 200_000, 1_500_000, 2_999_999, len(sent)]
    answer = [step for a, b in pairwise(cuts) for step in (sent[a:b], 0.01)]
    pool = Pool()
    async with upstream(tuple(answer)) as there:
        for pause in (0.0, 0.005):
            reply, received = await asked(pool, there.url), list[bytes]()
            async for chunk in reply.chunks:
                received.append(chunk)
                await asyncio.sleep(pause)
            assert b"".join(received) == body
    assert there.connections == 1
    await pool.close()


async def test_the_last_piece_of_a_large_body_is_a_small_one() -> None:
    """It is kept until all is settled; what is before it goes to the caller meanwhile."""
    pool = Pool()
    async with upstream(whole(BIG)) as there:
        reply = await asked(pool, there.url)
        *before, last = [chunk async for chunk in reply.chunks]
        assert b"".join(before) + last == BIG
        await pool.close()
    assert len(last) < 100_000 < max(map(len, before))


async def test_many_large_answers_are_held_in_smaller_pieces() -> None:
    count, pool, longest = 120, Pool(), list[int]()
    async with upstream(whole(BIG)) as there:
        replies = [await asked(pool, there.url, seconds=60) for _ in range(count)]
        await asyncio.sleep(0.1)
        for reply in replies:
            longest.append(max([len(await anext(reply.chunks)) for _ in range(4)]))
        for reply in replies:
            await reply.chunks.aclose()
        await pool.close()
    assert max(longest) * count <= 48 * 1024 * 1024
