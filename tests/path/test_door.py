"""What every request gets: an id, a line in the log, and an answer even when things break."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message
from structlog.testing import capture_logs

from pisang.app import asgi
from pisang.core.current import bound
from pisang.gateway import Gateway
from pisang.settings import Settings
from pisang.testing import ScriptedEngine, Server
from tests.path.asgi import PROMPT, Reply, call, generate, get, post


async def test_every_answer_has_the_id_that_the_log_has(pisang: Server) -> None:
    for address in ("/v1/models", "/nowhere", "/healthz"):
        reply = await get(pisang, address)
        assert reply.headers["x-request-id"].startswith("req_")
        assert reply.headers["x-request-id"] == bound()["request"]
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "private, no-store"


async def test_the_log_has_one_line_without_key_prompt_or_query(pisang: Server) -> None:
    with capture_logs() as logged:
        await post(pisang, f"{generate()}?key={pisang.key}")
    lines = [line for line in logged if line["event"] == "request"]
    assert len(lines) == 1
    assert (lines[0]["method"], lines[0]["path"], lines[0]["status"]) == ("POST", generate(), 200)
    assert bound()["model"] == "gemini-3-pro-image"
    for secret in (pisang.key, "yellow"):
        assert secret not in repr((logged, bound()))


async def test_a_defect_of_the_server_is_a_500_with_its_id(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Gateway, "find", broken)
    got: list[Message] = []

    async def send(message: Message) -> None:
        got.append(message)

    with pytest.raises(ZeroDivisionError):  # for the server's log
        await call_into(pisang, send)
    told = json.loads(got[1]["body"])["error"]
    headers = dict(got[0]["headers"])
    assert (got[0]["status"], told["status"]) == (500, "INTERNAL")
    assert headers[b"x-request-id"].decode() in told["message"]
    assert "secret" not in told["message"]


async def call_into(pisang: Server, send: Any) -> None:
    headers = [(b"x-goog-api-key", pisang.key.encode())]

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/models/gemini-3-pro-image",
        "query_string": b"",
        "headers": headers,
    }
    await pisang.app.asgi(scope, receive, send)


async def test_who_is_served_when_the_server_has_to_stop_is_told_so(pisang: Server) -> None:
    pisang.engine.hold = True
    reply = Reply()

    async def keep(reply: Reply) -> None:
        body = json.dumps(PROMPT).encode()
        sent = {"x-goog-api-key": pisang.key}
        await call(pisang.app.asgi, "POST", generate(), headers=sent, chunks=[body], into=reply)

    work = asyncio.create_task(keep(reply))
    await pisang.engine.begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert reply.status == 503
    assert "shutting down" in reply.error["message"]
    assert pisang.engine.cancelled == 1


async def test_any_asgi_server_can_open_and_close_it(tmp_path: Path) -> None:
    engine, said = ScriptedEngine(), asyncio.Queue[Message]()
    app = asgi(Settings(data=tmp_path / "data"), engine=engine)
    asked: asyncio.Queue[Message] = asyncio.Queue()
    running = asyncio.create_task(app({"type": "lifespan", "state": {}}, asked.get, said.put))
    await asked.put({"type": "lifespan.startup"})
    assert (await said.get())["type"] == "lifespan.startup.complete"
    assert (await call(app, "GET", "/readyz")).status == 200
    await asked.put({"type": "lifespan.shutdown"})
    assert (await said.get())["type"] == "lifespan.shutdown.complete"
    await running
    assert engine.closed


async def test_a_short_answer_is_compressed_for_who_takes_that(pisang: Server) -> None:
    plain = await get(pisang, "/v1beta/models")
    packed = await get(pisang, "/v1beta/models", **{"accept-encoding": "gzip, deflate"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body) / 3
    assert gzip.decompress(packed.body) == plain.body
