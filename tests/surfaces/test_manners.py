"""What goes out in slices, and what a caller who is still sending gets to see."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from pisang.surfaces import manners
from pisang.surfaces.manners import Manners


async def sent_by(
    body: bytes, *, headers: Sequence[tuple[bytes, bytes]] = (), arrives: Sequence[bytes] = ()
) -> tuple[list[Message], int]:
    """The messages that leave, and how many pieces of the request were taken in."""
    out: list[Message] = []
    waiting = list(arrives)

    async def receive() -> Message:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        out.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body)(scope, receive, send)

    scope = {"type": "http", "headers": list(headers)}
    await Manners(app)(scope, receive, send)
    return out, len(arrives) - len(waiting)


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 524_288, 700_000])
async def test_every_byte_is_sent_once_in_slices(size: int) -> None:
    body = bytes(number % 251 for number in range(size))
    start, *rest = (await sent_by(body))[0]
    assert start["type"] == "http.response.start"
    assert b"".join(message["body"] for message in rest) == body
    assert max(len(message["body"]) for message in rest) <= 262_144
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [
        False
    ]


async def test_the_rest_of_a_refused_body_is_taken_in_before_the_end() -> None:
    headers = [(b"content-length", b"30")]
    out, taken = await sent_by(b"no", headers=headers, arrives=[b"x" * 10] * 3)
    assert taken == 3
    assert (b"connection", b"close") in out[0]["headers"]
    assert [(m["body"], m["more_body"]) for m in out[1:]] == [(b"no", True), (b"", False)]


async def test_a_flood_is_not_taken_in_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "LINGER_BYTES", 25)
    headers = [(b"transfer-encoding", b"chunked")]
    _, taken = await sent_by(b"no", headers=headers, arrives=[b"x" * 10] * 9)
    assert taken == 3


async def test_nothing_is_read_from_who_waits_for_a_go_ahead() -> None:
    headers = [(b"content-length", b"30"), (b"expect", b"100-continue")]
    out, taken = await sent_by(b"no", headers=headers, arrives=[b"x" * 30])
    assert taken == 0
    assert out[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_a_request_without_a_body_keeps_its_connection() -> None:
    out, _ = await sent_by(b"yes")
    assert not any(name == b"connection" for name, _ in out[0]["headers"])


async def test_one_who_stops_reading_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "IDLE_SECONDS", 0.8)
    sent = 0

    async def receive() -> Message:
        raise AssertionError("nobody asks for a body")

    async def send(_: Message) -> None:
        nonlocal sent
        sent += 1
        await asyncio.sleep(0.3 if sent < 4 else 60)  # slow for a while, and then not at all

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"x" * 3_000_000)(scope, receive, send)

    with pytest.raises(ClientDisconnect):
        await asyncio.wait_for(Manners(app)({"type": "http", "headers": []}, receive, send), 5)
    assert sent == 4


async def test_a_shutdown_is_not_taken_for_a_slow_reader() -> None:
    async def send(_: Message) -> None:
        await asyncio.Event().wait()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(b"x")(scope, receive, send)

    scope = {"type": "http", "headers": []}
    sending = asyncio.ensure_future(Manners(app)(scope, send, send))  # type: ignore[arg-type]
    await asyncio.sleep(0.01)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
