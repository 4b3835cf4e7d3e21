"""How chats and responses end when the client hangs up, the engine breaks, or names are strict."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from pisang.conversations.store import Conversations
from pisang.core.errors import StoreError
from pisang.core.events import Finished, FinishReason, Image, Preview, Started, Text
from pisang.core.image import Canvas
from pisang.store.schema import conversations, signatures
from pisang.surfaces.openai import memory
from pisang.testing import Server, plain_pixels, server
from tests.path.asgi import Reply, call
from tests.path.openai_talk import MODEL, error

CHAT = ("/v1/chat/completions", {"messages": [{"role": "user", "content": "a cat"}]})
RESPONSE = ("/v1/responses", {"input": "a cat"})
SMALL, END = plain_pixels(Canvas(8, 8, "1:1", "1K")), Finished(FinishReason.STOP)
BOTH = pytest.mark.parametrize(("address", "body"), [CHAT, RESPONSE], ids=["chat", "response"])


async def send(
    running: Server, address: str, body: dict[str, object], *, gone: asyncio.Event | None = None
) -> Reply:
    return await call(
        running.app.asgi,
        "POST",
        address,
        headers={"authorization": f"Bearer {running.key}"},
        chunks=[json.dumps({"model": MODEL, **body}).encode()],
        hang_up=gone,
    )


async def kept(running: Server) -> int:
    async with running.app.database.read() as connection:
        tables = (conversations, signatures)
        queries = (select(func.count()).select_from(table) for table in tables)
        return sum([int(await connection.scalar(query) or 0) for query in queries])


@BOTH
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_who_hangs_up_stops_the_work_and_nothing_is_kept(
    pisang: Server, address: str, body: dict[str, object], stream: bool
) -> None:
    engine, gone = pisang.engine, asyncio.Event()
    engine.hold = True
    waiting = asyncio.create_task(send(pisang, address, {**body, "stream": stream}, gone=gone))
    await engine.begun.wait()
    gone.set()
    await asyncio.wait_for(waiting, 5)
    assert engine.cancelled == 1
    assert await kept(pisang) == 0


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_choices_are_made_side_by_side_and_hanging_up_stops_all(
    pisang: Server, stream: bool
) -> None:
    engine, gone = pisang.engine, asyncio.Event()
    engine.hold = True
    body = {**CHAT[1], "n": 3, "stream": stream}
    waiting = asyncio.create_task(send(pisang, CHAT[0], body, gone=gone))
    await engine.begun.wait()
    await asyncio.sleep(0.1)
    assert len(engine.asked) == 3
    gone.set()
    await asyncio.wait_for(waiting, 5)
    assert engine.cancelled == 3


@BOTH
async def test_a_defect_is_in_the_log_once_and_told_to_nobody(
    pisang: Server, address: str, body: dict[str, object]
) -> None:
    for before in ([Started("m")], [Started("m"), Text("One."), Text("Two.")]):
        pisang.engine.script = [*before, ZeroDivisionError("secret detail")]
        with capture_logs() as logged:
            reply = await send(pisang, address, {**body, "stream": True})
        assert b"secret detail" not in reply.body
        failed = [line for line in logged if line["event"] == "failed"]
        assert [repr(line["exc_info"]) for line in failed] == ["ZeroDivisionError('secret detail')"]


async def test_a_response_that_failed_is_not_kept(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.IMAGE_SAFETY, "No.")]
    for stream in (False, True):
        await send(pisang, RESPONSE[0], {**RESPONSE[1], "stream": stream})
    assert await kept(pisang) == 0


async def test_strict_signatures_do_not_stop_clients_that_have_none(tmp_path: Path) -> None:
    said = [
        {"role": "user", "content": "a cat"},
        {"role": "assistant", "content": "Here it is."},
        {"role": "user", "content": "blue"},
    ]
    async with server(tmp_path / "data", thought_signatures="strict") as running:
        assert (await send(running, CHAT[0], {"messages": said})).status == 200
        assert (await send(running, RESPONSE[0], {"input": said})).status == 200


@pytest.mark.parametrize("model", ["gpt-5", "gpt-image-1"])
async def test_strict_names_are_googles_only(tmp_path: Path, model: str) -> None:
    tools = [{"type": "image_generation"}]
    async with server(tmp_path / "data", compatibility="strict") as running:
        for address, body in (CHAT, (RESPONSE[0], {**RESPONSE[1], "tools": tools})):
            reply = await send(running, address, {**body, "model": model})
            assert (reply.status, error(reply)["code"]) == (404, "model_not_found")


@BOTH
async def test_errors_come_as_googles_layer_writes_them_if_asked(
    tmp_path: Path, address: str, body: dict[str, object]
) -> None:
    async with server(tmp_path / "data", openai_errors="google") as running:
        reply = await send(running, address, {**body, "model": "gpt-4"})
        (told,) = reply.json
        assert (told["error"]["code"], told["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff", b'{"model": "a", "model": "b"}']
)
@pytest.mark.parametrize("address", [CHAT[0], RESPONSE[0]])
async def test_what_is_no_json_object_is_refused(pisang: Server, address: str, data: bytes) -> None:
    headers = {"authorization": f"Bearer {pisang.key}"}
    reply = await call(pisang.app.asgi, "POST", address, headers=headers, chunks=[data])
    assert (reply.status, error(reply)["type"]) == (400, "invalid_request_error")
    assert "Invalid JSON payload" in error(reply)["message"]


@pytest.mark.parametrize(
    ("address", "body"),
    [CHAT, RESPONSE, ("/v1/images/generations", {"prompt": "a cat", "partial_images": 1})],
    ids=["chat", "response", "images"],
)
async def test_a_stream_tells_nobody_where_a_full_disk_is(
    pisang: Server, address: str, body: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreError("The disk of /secret/folder is full.")

    monkeypatch.setattr(memory.signatures, "remember", full)
    monkeypatch.setattr(Conversations, "keep", full)
    pisang.engine.script = [Started("m"), Preview(SMALL), Text("One."), Image(SMALL, b"s"), END]
    with capture_logs() as logged:
        reply = await send(pisang, address, {**body, "stream": True})
    assert reply.status == 200
    assert b"/secret/folder" not in reply.body
    assert b"its log says why under request req_" in reply.body
    assert [line["why"] for line in logged if line["event"] == "store"] == [
        "The disk of /secret/folder is full."
    ]
