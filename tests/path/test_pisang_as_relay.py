"""A pisang in front of a pisang: what the profiles ask is what a real server of this API takes.

The stand-ins of other tests answer whatever they are asked; this one does not.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pisang.core.image import sniff
from tests.live import Live
from tests.path.asgi import Reply
from tests.path.routed import Routed, routed

MODEL = "gemini-3.1-flash-image"
# Every profile, with the words that this server has for what another one calls differently.
ENGINES: dict[str, dict[str, Any]] = {
    "images": {},
    "openai": {"sizes": ["1376x768", "1024x1024"]},
    "chat-images": {},
    "chat-markdown": {"extra": {"chat_images": "markdown"}},
    "chat-data-url": {"extra": {"chat_images": "data-url"}},
    "sglang": {"upstream_model": MODEL, "options": {}},
}
STREAMED = {"chat-images": {}, "chat-markdown": {"extra": {"chat_images": "markdown"}}}


def engine(live: Live, profile: str, **options: Any) -> dict[str, Any]:
    return {
        "kind": "openai",
        "profile": profile,
        "api_keys": [live.key],
        "base_url": f"{live.url}/v1",
        **options,
    }


def options_of(profile: str) -> dict[str, Any]:
    return {k: v for k, v in ENGINES[profile].items() if k in ("sizes", "extra")}


async def ask(server: Routed, *contents: dict[str, Any], **config: Any) -> Reply:
    body = {
        "contents": list(contents) or [{"role": "user", "parts": [{"text": "a blue bicycle"}]}],
        "generationConfig": {"imageConfig": {"aspectRatio": "16:9"}, **config},
    }
    return await server.post(f"/v1beta/models/{MODEL}:generateContent", json.dumps(body).encode())


def picture(reply: Reply) -> bytes:
    assert reply.status == 200, reply.body
    parts = reply.json["candidates"][0]["content"]["parts"]
    (data,) = [part["inlineData"]["data"] for part in parts if "inlineData" in part]
    return base64.b64decode(data)


def shape(file: bytes) -> tuple[int, int]:
    header = sniff(file)
    assert header is not None
    return header.width, header.height


@pytest.mark.parametrize("profile", ENGINES)
async def test_a_picture_of_the_right_shape_comes_through(
    profile: str, live: Live, tmp_path: Path
) -> None:
    made = engine(live, profile, **options_of(profile))
    async with routed(tmp_path, {"relay": made}) as server:
        reply = await ask(server)
    assert reply.headers["x-pisang-engine"] == "relay"
    assert shape(picture(reply)) == (1376, 768)


@pytest.mark.parametrize("profile", ["images", "chat-images", "chat-markdown", "chat-data-url"])
async def test_what_a_picture_costs_comes_through(profile: str, live: Live, tmp_path: Path) -> None:
    made = engine(live, profile, **options_of(profile))
    async with routed(tmp_path, {"relay": made}) as server:
        reply = await ask(server, thinkingConfig={"thinkingLevel": "HIGH"})
    usage = reply.json["usageMetadata"]
    assert usage["promptTokenCount"] == 4
    assert {"modality": "IMAGE", "tokenCount": 1120} in usage["candidatesTokensDetails"]


@pytest.mark.parametrize("profile", ["images", "chat-images", "chat-markdown", "sglang"])
async def test_a_reference_comes_through_and_is_edited(
    profile: str, live: Live, tmp_path: Path
) -> None:
    made = engine(live, profile, **options_of(profile))
    async with routed(tmp_path, {"relay": made}) as server:
        first = picture(await ask(server))
        inline = {"mimeType": "image/png", "data": base64.b64encode(first).decode()}
        parts = [{"inlineData": inline}, {"text": "make it black and white"}]
        second = picture(await ask(server, {"role": "user", "parts": parts}))
    assert shape(second) == (1376, 768)
    assert second != first


@pytest.mark.parametrize("profile", ["chat-images", "chat-markdown"])
async def test_a_conversation_goes_on_with_its_picture(
    profile: str, live: Live, tmp_path: Path
) -> None:
    made = engine(live, profile, **options_of(profile))
    async with routed(tmp_path, {"relay": made}) as server:
        first = await ask(server)
        turn = first.json["candidates"][0]["content"]
        said = {"role": "user", "parts": [{"text": "make the bicycle red"}]}
        start = {"role": "user", "parts": [{"text": "a blue bicycle"}]}
        second = await ask(server, start, turn, said)
    assert picture(second) != picture(first)


@pytest.mark.parametrize("profile", STREAMED)
async def test_the_stream_of_a_chat_tells_the_same(
    profile: str, live: Live, tmp_path: Path
) -> None:
    plain = engine(live, profile, **STREAMED[profile])
    streamed = {**plain, "stream": True}
    async with routed(tmp_path / "a", {"relay": plain}) as server:
        whole = await ask(server)
    async with routed(tmp_path / "b", {"relay": streamed}) as server:
        pieces = await ask(server)
    assert picture(pieces) == picture(whole)
    assert pieces.json["usageMetadata"] == whole.json["usageMetadata"]


async def test_previews_come_through(live: Live, tmp_path: Path) -> None:
    made = engine(live, "openai", **options_of("openai"))
    body = {"model": MODEL, "prompt": "a fox", "stream": True, "partial_images": 2}
    body |= {"aspect_ratio": "1:1"}  # a word that OpenAI lacks, so that the body is read
    async with routed(tmp_path, {"relay": made}) as server:
        reply = await server.post(
            "/v1/images/generations",
            json.dumps(body).encode(),
            authorization=f"Bearer {server.key}",
        )
    assert reply.status == 200, reply.body
    assert 1 <= reply.body.count(b"event: image_generation.partial_image") <= 2
    assert reply.body.count(b"event: image_generation.completed") == 1


async def test_a_wrong_key_is_the_operators_trouble(live: Live, tmp_path: Path) -> None:
    made = {**engine(live, "images"), "api_keys": ["psk_of_nobody_at_all"]}
    async with routed(tmp_path, {"relay": made}) as server:
        reply = await ask(server)
    assert reply.status >= 400
    assert "psk_of_nobody_at_all" not in reply.body.decode()
