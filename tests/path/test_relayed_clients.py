"""What OpenAI's own clients were recorded sending, sent through this server to a relay."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.path import recorded
from tests.path.asgi import call
from tests.path.recorded import PNG, Case
from tests.path.routed import openai, routed
from tests.upstream import upstream, whole

RELAYED = ("/images/generations", "/images/edits", "/chat/completions")
CASES = [
    case
    for case in recorded.cases()
    if case.name.startswith("openai-") and case.requests[0]["path"].endswith(RELAYED)
]
# Names of OpenAI's that no route is for, and words that the profile does not have, are read.
READ = {
    "openai-03-gemini-compat-chat-image": "16:9",
    "openai-05-images-generate-full": "p",
    "openai-06-images-generate-dalle-url": "p",
    "openai-07-images-generate-stream": "p",
}

pytestmark = pytest.mark.skipif(
    not CASES, reason="the recorded requests are not beside the checkout"
)


def answer(case: Case) -> Any:
    picture = recorded_base64()
    if case.requests[0]["path"].endswith("/chat/completions"):
        image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}}
        message = {"role": "assistant", "content": None, "images": [image]}
        return whole({"choices": [{"message": message, "finish_reason": "stop"}], "id": "theirs"})
    return whole({"created": 1, "data": [{"b64_json": picture}], "id": "theirs"})


def recorded_base64() -> str:
    return base64.b64encode(PNG).decode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_a_client_sends_reaches_the_relay(case: Case, tmp_path: Path) -> None:
    (sent,) = case.requests
    body = case._body(sent)
    profile = "chat-images" if sent["path"].endswith("/chat/completions") else "images"
    async with (
        upstream(answer(case)) as there,
        routed(tmp_path, {"relay": openai(there.url, profile)}) as server,
    ):
        headers = {name.lower(): value for name, value in sent["headers"]}
        headers |= {"authorization": f"Bearer {server.key}", "content-length": str(len(body))}
        reply = await call(server.app.asgi, "POST", sent["path"], headers=headers, chunks=[body])
    assert reply.status == 200, reply.body
    asked = there.requests[0]
    assert asked.headers["authorization"] == "Bearer upstream-key-3"
    assert not any(name.startswith("x-stainless") for name in asked.headers)
    if case.name in READ:
        assert READ[case.name] in json.dumps(asked.json)
        assert asked.json["model"] == "gemini-3.1-flash-image"
    else:
        assert len(there.requests) == 1
        assert asked.body == body.replace(b"-image-preview", b"-image")  # an id of the past
        assert reply.json["id"] == "theirs"
