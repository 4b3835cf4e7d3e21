"""Orders faults of a server in this process: each surface once, and how its answers are read."""

import json
from collections.abc import Mapping
from typing import Any

from pisang.faults.errors import ERRORS
from pisang.faults.fault import ErrorFault
from pisang.faults.telling import FailedCall
from pisang.testing import Server
from pisang.wire.sse import EventReader
from tests.path.asgi import MODEL, PROMPT, Reply, generate, post, streamed

FLASH = "gemini-3.1-flash-image"
OF_VERTEX = f"projects/default/locations/global/publishers/google/models/{MODEL}"
IMAGEN = "imagen-4.0-generate-001"
CHAT = {"model": FLASH, "messages": [{"role": "user", "content": "a yellow field"}]}
WORDS = {"model": FLASH, "prompt": "a yellow field"}
INPUT = {"model": FLASH, "input": "a yellow field"}
PREDICT = {"instances": [{"prompt": "a"}], "parameters": {"includeRaiReason": True}}
STREAM = {"stream": True}

GOOGLE = {
    "gemini": (generate(), PROMPT, FailedCall(model=MODEL)),
    "stream": (streamed(), PROMPT, FailedCall(model=MODEL, method="streamGenerateContent")),
    "array": (streamed(""), PROMPT, FailedCall(model=MODEL, method="streamGenerateContent")),
    "imagen": (
        f"/v1beta/models/{IMAGEN}:predict",
        PREDICT,
        FailedCall(model=IMAGEN, method="predict"),
    ),
    "vertex": (
        f"/v1/{OF_VERTEX}:generateContent",
        PROMPT,
        FailedCall(model=MODEL, version="v1", vertex=True, name=OF_VERTEX),
    ),
    "vertex, listing details": (
        f"/v1/{OF_VERTEX}:generateContent?$alt=json;enum-encoding=int",
        PROMPT,
        FailedCall(model=MODEL, version="v1", vertex=True, name=OF_VERTEX, lists_details=True),
    ),
}
OPENAI: Mapping[str, tuple[str, dict[str, Any]]] = {
    "images": ("/v1/images/generations", WORDS),
    "images, streamed": ("/v1/images/generations", WORDS | STREAM),
    "images in Google's layer": ("/v1beta/openai/images/generations", WORDS),
    "chat": ("/v1/chat/completions", CHAT),
    "chat, streamed": ("/v1/chat/completions", CHAT | STREAM),
    "chat in Google's layer": ("/v1beta/openai/chat/completions", CHAT),
    "responses": ("/v1/responses", INPUT),
    "responses, streamed": ("/v1/responses", INPUT | STREAM),
}
INTERACTIONS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "interactions": ("/v1beta/interactions", INPUT),
    "interactions, streamed": ("/v1beta/interactions", INPUT | STREAM),
}
EVERYWHERE: Mapping[str, tuple[str, dict[str, Any]]] = {
    **{name: (address, body) for name, (address, body, _) in GOOGLE.items()},
    **OPENAI,
    **INTERACTIONS,
}


async def order(
    server: Server, fault: str, address: str = generate(), body: object = PROMPT, **more: Any
) -> Reply:
    return await post(server, address, body, headers={"x-pisang-fault": fault}, **more)


def error(name: str) -> ErrorFault:
    return next(fault for fault in ERRORS if fault.name == name)


def values(reply: Reply) -> list[dict[str, Any]]:
    """The values of an answer of generateContent, whole or as a stream of either form."""
    assert reply.status == 200, reply.body[:300]
    if reply.headers["content-type"] == "text/event-stream":
        return [json.loads(event.data) for event in EventReader().feed(reply.body)]
    return reply.json if isinstance(reply.json, list) else [reply.json]


def pieces(body: bytes) -> list[bytes]:
    """The JSON values of an answer; of a stream one for each event."""
    if b"data: " not in body[:200]:
        return [body]
    found = (piece.partition(b"data: ")[2] for piece in body.split(b"\r\n\r\n"))
    return [piece for piece in found if piece and piece != b"[DONE]"]
