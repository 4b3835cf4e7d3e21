"""How a client of OpenAI's chats and asks for responses: requests, and what comes back, parsed."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from pisang.accounts import keys, projects
from pisang.testing import Server
from tests.path.asgi import Reply, call

CHATS = (
    "/v1/chat/completions",
    "/v1beta/openai/chat/completions",
    "/v1/openai/chat/completions",
)
MODEL = "gemini-3.1-flash-image"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()


async def ask(
    server: Server,
    body: object,
    *,
    address: str = CHATS[0],
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"authorization": f"Bearer {key or server.key}", "content-length": str(len(data))}
    return await call(
        server.app.asgi, "POST", address, headers=sent | dict(headers or {}), chunks=[data]
    )


def chat(*messages: dict[str, object], **more: object) -> dict[str, object]:
    return {"model": MODEL, "messages": list(messages), **more}


def user(content: object = "a yellow field") -> dict[str, object]:
    return {"role": "user", "content": content}


def message(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200, reply.body
    (choice,) = reply.json["choices"]
    return dict(choice["message"])


def chunks(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "text/event-stream"
    lines = [line for line in reply.body.decode().split("\r\n") if line]
    assert lines.pop() == "data: [DONE]"
    return [json.loads(line.removeprefix("data: ")) for line in lines]


def error(reply: Reply) -> dict[str, Any]:
    found = reply.json["error"]
    assert set(found) >= {"message", "type", "param", "code"}
    return dict(found)


RESPONSES = "/v1/responses"
TOOL = {"type": "image_generation"}


async def send(
    server: Server, method: str, address: str, body: object = None, *, key: str | None = None
) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"authorization": f"Bearer {key or server.key}", "content-length": str(len(data))}
    return await call(server.app.asgi, method, address, headers=headers, chunks=[data])


async def respond(server: Server, input: object = "a yellow field", **more: object) -> Reply:
    return await send(server, "POST", RESPONSES, {"model": MODEL, "input": input, **more})


def output(reply: Reply, kind: str) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    return [item for item in reply.json["output"] if item["type"] == kind]


def events(reply: Reply) -> list[dict[str, Any]]:
    assert reply.status == 200, reply.body
    found = []
    for frame in reply.body.decode().removesuffix("\r\n\r\n").split("\r\n\r\n"):
        name, _, data = frame.partition("\r\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    return found


async def other_key(server: Server) -> str:
    async with server.app.database.write() as connection:
        other = await projects.ensure(connection, "other")
        return (await keys.create(connection, other, name="k")).key
