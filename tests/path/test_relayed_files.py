"""A file that only this server has goes to an upstream as bytes; any other as it was named."""

import json
from pathlib import Path

from pisang.testing import ScriptedEngine, Server
from tests.path.routed import google, routed
from tests.path.uploading import uploaded
from tests.upstream import upstream, whole

_ADDRESS = "/v1beta/models/gemini-3-pro-image:generateContent"
_ANSWER = {
    "candidates": [{"content": {"parts": [{"text": "x"}]}, "finishReason": "STOP"}],
    "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
}


async def test_an_uploaded_file_is_inlined_and_an_address_is_not(tmp_path: Path) -> None:
    async with (
        upstream(whole(_ANSWER)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        server = Server(pisang.app, ScriptedEngine(), pisang.key, pisang.settings)
        name = (await uploaded(server))["name"]
        parts = [
            {"text": "a hat on it", "vendorField": 1.50},
            {"fileData": {"fileUri": f"http://somewhere/v1beta/{name}"}},
            {"fileData": {"fileUri": "https://example.com/cat.png", "mimeType": "image/png"}},
        ]
        body = json.dumps({"contents": [{"parts": parts}]}).encode()
        reply = await pisang.post(_ADDRESS, body)
        assert reply.status == 200, reply.body
        sent = there.requests[0].json["contents"][0]["parts"]
    assert sent[0] == parts[0]
    assert sent[1]["inlineData"]["mimeType"] == "image/png"
    assert sent[2] == parts[2]


async def test_another_projects_file_stays_a_name(tmp_path: Path) -> None:
    async with (
        upstream(whole(_ANSWER)) as there,
        routed(tmp_path / "data", {"studio": google(there.url)}) as pisang,
    ):
        body = {"contents": [{"parts": [{"fileData": {"fileUri": "files/not-ours"}}]}]}
        await pisang.post(_ADDRESS, json.dumps(body).encode())
        assert there.requests[0].json == body
