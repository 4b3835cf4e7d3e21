"""The straight way of answers: every byte once, in order, and none for who does not read."""

import asyncio
import gc
import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pisang.surfaces.straight import passed, straight
from tests.cli.test_intake import MIB, opened, serving
from tests.engines.certificates import certificate

BODY = os.urandom(6 * MIB)
CUTS = (0, 1, 70_000, 1_000_000, 3 * MIB, 3 * MIB, 5 * MIB + 7, len(BODY) - 5)
PIECES = [BODY[a:b] for a, b in zip(CUTS, (*CUTS[1:], len(BODY)), strict=True)]


def passing(usual: list[bytes], *, told: bool = True) -> ASGIApp:
    """Answers with all pieces, of which it notes those that went the usual way."""

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            usual.append(message.get("body", b""))
            await send(message)

        length = [(b"content-length", b"%d" % len(BODY))] if told else []
        await noted({"type": "http.response.start", "status": 200, "headers": length})
        way = straight(scope)
        for piece in PIECES[:-1]:
            await passed(piece, way, noted)
        await noted({"type": "http.response.body", "body": PIECES[-1]})

    return app


def ask(method: str) -> bytes:
    return f"{method} / HTTP/1.1\r\nhost: x\r\n\r\n".encode()


@pytest.mark.parametrize("with_tls", [False, True])
async def test_every_byte_goes_once_and_in_order(tmp_path: Path, with_tls: bool) -> None:
    made, usual = certificate(tmp_path) if with_tls else None, list[bytes]()
    async with serving(passing(usual), made) as port:
        reader, writer = await opened(port, made)
        for _ in range(3):  # one after another, on one connection
            writer.write(ask("GET"))
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len(BODY)) == BODY
        writer.close()
    assert sum(map(len, usual)) == 3 * len(PIECES[-1])  # only the end, besides the head


async def test_answers_to_requests_that_came_together_stay_apart() -> None:
    usual = list[bytes]()
    async with serving(passing(usual)) as port:
        reader, writer = await opened(port)
        writer.write(ask("GET") * 3)
        for _ in range(3):
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len(BODY)) == BODY
        writer.close()


async def test_the_begin_of_the_next_request_does_not_disturb_an_answer() -> None:
    async with serving(passing([])) as port:
        reader, writer = await opened(port)
        writer.write(ask("GET") + b"GET / HT")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(len(BODY)) == BODY
        writer.write(b"TP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(len(BODY)) == BODY
        writer.close()


async def test_what_has_no_length_goes_the_usual_way() -> None:
    usual, got = list[bytes](), b""
    async with serving(passing(usual, told=False)) as port:
        reader, writer = await opened(port)
        writer.write(ask("GET"))
        assert b"chunked" in await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readline(), 16):
            got += await reader.readexactly(size)
            await reader.readline()
        writer.close()
    assert got == BODY
    assert usual[1:] == PIECES


async def test_who_asked_for_the_head_alone_gets_it_alone() -> None:
    async with serving(passing([])) as port:
        reader, writer = await opened(port)
        writer.write(ask("HEAD") + ask("GET"))
        await reader.readuntil(b"\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.close()


async def test_nothing_more_is_fetched_for_who_does_not_read() -> None:
    sent, total = 0, 500 * MIB

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        nonlocal sent
        length = [(b"content-length", b"%d" % total)]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        while sent < total:
            await passed(b"x" * MIB, straight(scope), send)
            sent += MIB

    async with serving(app) as port:
        reader, writer = await opened(port)
        writer.write(ask("GET"))
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while before < sent:  # until it has filled what the system holds
            before = sent
            await asyncio.sleep(0.2)
        assert sent < total // 4
        writer.transport.abort()


async def test_a_server_without_a_straight_way_is_sent_every_piece() -> None:
    messages = list[Message]()

    async def send(message: Message) -> None:
        messages.append(message)

    await _sent(PIECES, send)
    assert [message["body"] for message in messages] == PIECES
    assert all(message["more_body"] for message in messages)


async def test_nothing_of_an_answer_is_left_to_the_search_for_garbage() -> None:
    left = list[weakref.ref[object]]()

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        left.append(weakref.ref(cast(Any, send).__self__))
        length = [(b"content-length", b"4")]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await passed(b"bo", straight(scope), send)
        await send({"type": "http.response.body", "body": b"dy"})

    gc.disable()
    try:
        async with serving(app) as port:
            reader, writer = await opened(port)
            for _ in range(2):  # the server keeps the last one
                writer.write(ask("GET"))
                await reader.readuntil(b"body")
            await asyncio.sleep(0)
            assert left[0]() is None
            writer.close()
    finally:
        gc.enable()


async def _sent(pieces: Sequence[bytes], send: Send) -> None:
    way = straight({"type": "http"})
    assert way is None
    for piece in pieces:
        await passed(piece, way, send)
