"""Calls OpenAI's image API of a server in this process, with JSON and with forms."""

import base64
import json
from typing import Any

from pisang.core.image import MediaType, Pixels, sniff
from pisang.provenance.encode import encode
from pisang.testing import Server
from pisang.wire.sse import EventReader
from tests.path.asgi import Reply, call, post

GENERATIONS = "/v1/images/generations"
EDITS = "/v1/images/edits"
VARIATIONS = "/v1/images/variations"
RED = encode(Pixels(64, 48, 3, bytes((200, 30, 30)) * 3072), MediaType.PNG)
HOLES = encode(Pixels(64, 48, 4, bytes((0, 0, 0, 0)) * 3072), MediaType.PNG)


async def ask(pisang: Server, body: object, address: str = GENERATIONS) -> Reply:
    headers = {"authorization": f"Bearer {pisang.key}"}
    return await post(pisang, address, body, key="", headers=headers)


async def draw(pisang: Server, address: str = GENERATIONS, /, **body: object) -> Reply:
    return await ask(pisang, {"prompt": "a yellow field"} | body, address)


def form(*fields: tuple[str, str | bytes]) -> tuple[bytes, str]:
    """A multipart body as clients write it, and its content type; bytes are files."""
    parts = []
    for name, value in fields:
        file = '; filename="x.png"\r\nContent-Type: image/png' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + b"--B--\r\n", "multipart/form-data; boundary=B"


async def send(pisang: Server, *fields: tuple[str, str | bytes], address: str = EDITS) -> Reply:
    body, kind = form(*fields)
    return await raw(pisang, body, kind, address)


async def raw(pisang: Server, body: bytes, kind: str, address: str = EDITS) -> Reply:
    headers = {"authorization": f"Bearer {pisang.key}", "content-type": kind}
    return await call(pisang.app.asgi, "POST", address, headers=headers, chunks=[body])


def error(reply: Reply) -> dict[str, Any]:
    told = dict(reply.json["error"])
    assert set(told) - {"details"} == {"message", "type", "param", "code", "reason"}
    return told


def picture(reply: Reply, at: int = 0) -> tuple[str, int, int]:
    assert reply.status == 200, reply.body[:500]
    header = sniff(base64.b64decode(reply.json["data"][at]["b64_json"]))
    assert header
    return header.media_type, header.width, header.height


def events(reply: Reply) -> list[dict[str, Any]]:
    reader = EventReader()
    found = reader.feed(reply.body) + reader.close()
    read = [json.loads(event.data) for event in found]
    assert [event.name for event in found] == [each["type"] for each in read]
    return read
