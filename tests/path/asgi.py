"""A client for applications in the same process that can do what real clients should not: stop in
the middle of a body, hang up, send lengths that are not true."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from pisang.testing import Server

PROMPT = {"contents": [{"parts": [{"text": "a yellow field"}]}]}
MODEL = "gemini-3-pro-image"


@dataclass
class Reply:
    """What came back; ``read`` is how many bytes of the body the application asked for, ``ended``
    whether it said that its answer ends."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    read: int = 0
    ended: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        envelope = self.json["error"]
        assert envelope["code"] == self.status
        assert isinstance(envelope["message"], str)
        return dict(envelope)


async def call(
    app: ASGIApp,
    method: str,
    address: str,
    *,
    headers: Mapping[str, str] | None = None,
    chunks: Iterable[bytes] = (b"",),
    hang_up: asyncio.Event | None = None,
    reads: int | None = None,
    into: Reply | None = None,
) -> Reply:
    """Sends one request. After the body the caller waits, or hangs up when ``hang_up`` is set.

    ``reads`` is how many pieces of the answer they read before they stop (None: all). ``into``
    takes what comes back for who does not get to see this return.
    """
    path, _, query = address.partition("?")
    reply, source = into or Reply(), iter(chunks)
    upcoming = next(source, None)

    async def receive() -> Message:
        nonlocal upcoming
        if upcoming is None:
            await (hang_up.wait() if hang_up else asyncio.Event().wait())
            return {"type": "http.disconnect"}
        chunk, upcoming = upcoming, next(source, None)
        reply.read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": upcoming is not None}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            pairs = ((name.decode(), value.decode()) for name, value in message["headers"])
            reply.headers = dict(pairs)
        elif message["body"]:
            if reads is not None and len(reply.pieces) >= reads:
                await asyncio.Event().wait()
            reply.pieces.append(message["body"])
        reply.ended = message["type"] == "http.response.body" and not message.get("more_body")

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    await app(scope, receive, send)
    return reply


async def post(
    server: Server,
    address: str,
    body: object = PROMPT,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Sends a JSON body, or raw bytes, with the server's key unless another is given."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"content-length": str(len(data)), "content-type": "application/json"}
    if key != "":
        sent["x-goog-api-key"] = key or server.key
    return await call(
        server.app.asgi, "POST", address, headers=sent | dict(headers or {}), chunks=[data]
    )


async def get(server: Server, address: str, **headers: str) -> Reply:
    """Sends a GET with the server's key."""
    return await call(
        server.app.asgi, "GET", address, headers={"x-goog-api-key": server.key} | headers
    )


def generate(model: str = MODEL, version: str = "v1beta") -> str:
    return f"/{version}/models/{model}:generateContent"


def streamed(query: str = "?alt=sse") -> str:
    return f"/v1beta/models/{MODEL}:streamGenerateContent{query}"
