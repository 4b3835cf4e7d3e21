"""An engine that is a server of OpenAI's kind: what it asks, and what becomes of the answers."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.core.caller import ChatImages
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import EngineRejected
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Preview,
    Started,
    Text,
    Thought,
    Usage,
)
from pisang.core.image import MediaType, Pixels
from pisang.core.request import GenerateRequest, ImageConfig
from pisang.core.upstream import Broken, Dialect
from pisang.engines import registry
from pisang.engines.base import Forward, UpstreamFault
from pisang.engines.openai.engine import OpenAIEngine
from pisang.engines.registry import Config, Means
from pisang.provenance.encode import encode
from pisang.wire.openai.chat_calls import CHAT
from pisang.wire.openai.image_calls import EDITS, GENERATIONS
from pisang.wire.openai.words import Shape, Wanted
from tests.upstream import CUT, Answer, Script, Upstream, chunked, sse, upstream, whole

KEY = "sk-a-secret-of-the-relay"
CARD = catalog().cards["gemini-3.1-flash-image"]
CANVAS = CARD.canvas("16:9", "2K")
RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/jpeg", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.JPEG))
B64 = base64.b64encode(RED.data).decode()
ASKED = GenerateRequest(
    model=CARD.id,
    contents=(Content(Role.USER, (Part(text="a lake"),)),),
    image=ImageConfig(aspect_ratio="16:9", image_size="2K"),
    deadline=5,
)
PICTURE = whole({"created": 1, "data": [{"b64_json": B64}]})
BLOCKED = {"code": "moderation_blocked", "type": "image_generation_user_error", "message": "No."}


@asynccontextmanager
async def engine(
    *script: Script, profile: str = "images", **config: Any
) -> AsyncIterator[tuple[OpenAIEngine, Upstream]]:
    async with upstream(*script) as there:
        config.setdefault("api_keys", (KEY,))
        settings = Config(name="relay", profile=profile, base_url=f"{there.url}/v1", **config)
        (member,) = registry.build("openai", settings, Means(secret=b"s"))
        assert isinstance(member, OpenAIEngine)
        try:
            yield member, there
        finally:
            await member.close()


async def drawn(member: OpenAIEngine, request: GenerateRequest = ASKED) -> list[Event]:
    return [event async for event in member.generate(request, card=CARD, canvas=CANVAS)]


async def fault(member: OpenAIEngine, request: GenerateRequest = ASKED) -> UpstreamFault:
    with pytest.raises(UpstreamFault) as caught:
        await drawn(member, request)
    return caught.value


def chat(message: dict[str, Any], **more: Any) -> Answer:
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return whole({"model": "their-name", "choices": [choice], **more})


async def test_a_picture_is_asked_for_with_our_key_and_googles_words() -> None:
    async with engine(PICTURE) as (member, there):
        events = await drawn(member)
    (asked,) = there.requests
    assert (asked.method, asked.target) == ("POST", "/v1/images/generations")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.json == {
        "model": CARD.id,
        "prompt": "a lake",
        "response_format": "b64_json",
        "aspect_ratio": "16:9",
        "image_size": "2K",
    }
    end = Finished(FinishReason.STOP, tier="standard")  # the image API has no other
    assert events == [Started(CARD.id), Image(RED), end]


async def test_references_go_as_files_to_the_edits() -> None:
    request = replace(
        ASKED, contents=(Content(Role.USER, (Part(text="snow"), Part(blob=RED), Part(blob=BLUE))),)
    )
    async with engine(PICTURE) as (member, there):
        await drawn(member, request)
    (asked,) = there.requests
    assert asked.target == "/v1/images/edits"
    assert asked.body.count(b'name="image[]"') == 2
    assert RED.data in asked.body
    assert BLUE.data in asked.body


async def test_a_server_of_ones_own_is_not_asked_for_a_model_of_googles() -> None:
    async with engine(PICTURE, profile="sd-cpp", api_keys=()) as (member, there):
        await drawn(member)
        await drawn(member, replace(ASKED, model="flux"))
    first, second = there.requests
    assert "authorization" not in first.headers
    assert "model" not in first.json
    assert first.json["size"] == f"{CANVAS.width}x{CANVAS.height}"
    assert second.json["model"] == "flux"


async def test_a_chat_tells_everything_it_holds() -> None:
    signature = bytes(range(256)) * 12_000  # as long as Google's
    image = {
        "type": "image_url",
        "image_url": {"url": f"data:image/png;base64,{B64}"},
        "extra_content": {"google": {"thought_signature": base64.b64encode(signature).decode()}},
    }
    usage = {
        "prompt_tokens": 22,
        "completion_tokens": 1395,
        "prompt_tokens_details": {"image_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 179, "image_tokens": 1120},
    }
    message = {"content": "Here.", "reasoning_content": "a plan", "images": [image]}
    async with engine(chat(message, usage=usage), profile="chat-images") as (member, there):
        events = await drawn(member)
    (asked,) = there.requests
    assert asked.target == "/v1/chat/completions"
    assert asked.json["modalities"] == ["image", "text"]
    assert asked.json["image_config"] == {"aspect_ratio": "16:9", "image_size": "2K"}
    assert events == [
        Started("their-name"),
        Thought("a plan"),
        Text("Here."),
        Image(RED, signature),
        Finished(
            FinishReason.STOP,
            usage=Usage(prompt_text=22, text_output=96, image_output=1120, thoughts=179, images=1),
        ),
    ]


async def test_a_relay_that_streams_though_it_was_not_asked_to_is_read_as_well() -> None:
    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        return {"model": "m", "choices": [{"delta": delta, "finish_reason": reason}]}

    half = len(B64) // 2
    answer = sse(
        chunk({"role": "assistant", "content": "Look ![image](data:image/png;bas"}),
        chunk({"content": f"e64,{B64[:half]}"}),
        chunk({"content": f"{B64[half:]})"}),
        chunk({}, "stop"),
        b"data: [DONE]\n\n",
    )
    async with engine(answer, profile="chat-markdown") as (member, _):
        events = await drawn(member)
    assert events == [Started("m"), Text("Look"), Image(RED), Finished(FinishReason.STOP)]


async def test_previews_come_before_their_picture() -> None:
    answer = sse(
        {"type": "image_generation.partial_image", "b64_json": B64, "partial_image_index": 0},
        {
            "type": "image_generation.completed",
            "b64_json": B64,
            "usage": {"input_tokens": 5, "output_tokens": 100, "total_tokens": 105},
        },
    )
    request = replace(ASKED, image=ImageConfig(), previews=1)
    async with engine(answer, profile="openai") as (member, there):
        events = await drawn(member, request)
    assert there.requests[0].json["partial_images"] == 1
    usage = Usage(prompt_text=5, image_output=100, images=1)
    end = Finished(FinishReason.STOP, usage=usage, tier="standard")
    assert events == [Started(CARD.id), Preview(RED), Image(RED), end]


async def test_a_link_to_the_relay_itself_is_followed() -> None:
    link = whole({"data": [{"url": "/files/a.png"}]})
    async with engine(link, whole(RED.data, content_type="image/png")) as (member, there):
        events = await drawn(member)
    assert there.requests[1].target == "/files/a.png"
    assert "authorization" not in there.requests[1].headers
    assert events[1] == Image(RED)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/x.png", "https://169.254.169.254/x", "http://example.com/x"]
)
async def test_a_link_into_our_network_is_not_followed(address: str) -> None:
    async with engine(whole({"data": [{"url": address}]})) as (member, there):
        broken = await fault(member)
    assert len(there.requests) == 1
    assert broken.symptom.broken is Broken.UNUSABLE
    assert "cannot be fetched" in broken.symptom.detail


@pytest.mark.parametrize("address", ["http://[::1", "https://[x/a.png"])
async def test_a_link_that_is_no_address_is_no_answer(address: str) -> None:
    async with engine(whole({"data": [{"url": address}]})) as (member, _):
        assert "is no address" in (await fault(member)).symptom.detail


async def test_a_refusal_is_an_answer_with_googles_reason() -> None:
    async with engine(whole({"error": BLOCKED}, status=400)) as (member, _):
        assert await drawn(member) == [
            Started(CARD.id),
            Finished(FinishReason.IMAGE_SAFETY, "No."),
        ]


async def test_a_refusal_in_an_answers_clothes_is_one_too() -> None:
    async with engine(whole({"error": BLOCKED})) as (member, _):
        assert await drawn(member) == [
            Started(CARD.id),
            Finished(FinishReason.IMAGE_SAFETY, "No."),
        ]


async def test_our_key_is_in_nothing_that_an_answer_says() -> None:
    told = {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}
    async with engine(whole({"error": told})) as (member, _):
        symptom = (await fault(member)).symptom
    assert b"Incorrect API key provided" in symptom.body
    assert KEY.encode() not in symptom.body
    assert KEY not in symptom.detail


async def test_a_refusal_may_come_after_a_preview() -> None:
    answer = sse(
        {"type": "image_generation.partial_image", "b64_json": B64},
        {"type": "error", "error": BLOCKED},
    )
    async with engine(answer, profile="openai") as (member, _):
        assert await drawn(member, replace(ASKED, image=ImageConfig(), previews=1)) == [
            Started(CARD.id),
            Preview(RED),
            Finished(FinishReason.IMAGE_SAFETY, "No."),
        ]


async def test_any_other_error_is_a_fault_with_its_own_words() -> None:
    error = {"error": {"message": f"no money for {KEY}", "code": "insufficient_quota"}}
    answer = whole(error, status=429, headers={"retry-after": "7"})
    async with engine(answer) as (member, _):
        symptom = (await fault(member)).symptom
    assert (symptom.dialect, symptom.status, symptom.broken) == (Dialect.OPENAI, 429, None)
    assert symptom.headers["retry-after"] == "7"
    assert b"insufficient_quota" in symptom.body
    assert KEY.encode() not in symptom.body


@pytest.mark.parametrize(
    ("answer", "broken", "status"),
    [
        (whole(b'{"data": [{"b64_json": "iVBORw'), Broken.GARBLED, 200),
        (whole(b'{"data": [{"b64_json": "AAAA"}]}'), Broken.UNUSABLE, 200),
        (whole(b"<html>sign in</html>", content_type="text/html"), Broken.GARBLED, 200),
        (whole(b'{"data": [', length=500), Broken.CUT, 200),
        (chunked(b'{"data": [', CUT), Broken.CUT, 200),
        (sse({"type": "image_generation.partial_image", "b64_json": B64}), Broken.CUT, 200),
        (whole({"error": {"message": "busy", "code": 503}}), None, 503),
        (whole({"error": {"message": "busy", "code": "overloaded"}}), None, 500),
    ],
)
async def test_an_answer_that_is_none_is_a_fault(
    answer: Answer, broken: Broken | None, status: int
) -> None:
    async with engine(answer) as (member, _):
        symptom = (await fault(member)).symptom
    assert (symptom.broken, symptom.status) == (broken, status)
    if broken is None:
        assert json.loads(symptom.body)["error"]["message"] == "busy"


async def test_what_the_server_cannot_draw_is_refused_before_it_is_asked() -> None:
    async with engine(PICTURE, profile="openai") as (member, there):
        with pytest.raises(EngineRejected, match="no 16:9 at 2K"):
            await drawn(member)
    assert not there.requests


async def test_a_caller_who_leaves_stops_the_server() -> None:
    answer = sse(
        {"type": "image_generation.partial_image", "b64_json": B64}, 30.0, {"type": "never"}
    )
    async with engine(answer, profile="openai") as (member, there):
        request = replace(ASKED, image=ImageConfig(), previews=1)
        events = member.generate(request, card=CARD, canvas=CANVAS)
        async for event in events:
            if isinstance(event, Preview):
                break
        await events.aclose()  # type: ignore[attr-defined]
        await there.hung_up.wait()


def forwarded(body: bytes, **more: Any) -> Forward:
    more.setdefault("method", "images/generations")
    return Forward(dialect=Dialect.OPENAI, model="theirs", body=(body,), **more)


async def test_a_body_passes_with_nothing_changed_but_its_model() -> None:
    body = b'{ "strange":1.0, "model":"nano-banana",\n "prompt":"\\u00fc" , "strange":2 }'
    answer = b'{"created":1, "data":[{"b64_json":"%s"}], "unknown": 1e3}' % B64.encode()
    async with engine(whole(answer, headers={"openai-processing-ms": "12"})) as (member, there):
        passing = await member.forward(forwarded(body, headers={"openai-beta": "x", "cookie": "c"}))
        got = b"".join([chunk async for chunk in passing.chunks])
    (asked,) = there.requests
    assert asked.target == "/v1/images/generations"
    assert asked.body == body.replace(b"nano-banana", b"theirs")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["openai-beta"] == "x"
    assert "cookie" not in asked.headers
    assert got == answer
    assert passing.headers["openai-processing-ms"] == "12"
    assert passing.length == len(answer)


async def test_a_form_passes_with_nothing_changed_but_its_model() -> None:
    head = b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
    rest = b'\r\n--B\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
    body = head + b"nano-banana" + rest + RED.data + b"\r\n--B--\r\n"
    sent = forwarded(body, method="images/edits", media_type="multipart/form-data; boundary=B")
    async with engine(PICTURE) as (member, there):
        passing = await member.forward(sent)
        await passing.chunks.aclose()
    (asked,) = there.requests
    assert asked.headers["content-type"] == "multipart/form-data; boundary=B"
    assert asked.body == body.replace(b"nano-banana", b"theirs", 1)


@pytest.mark.parametrize(
    ("profile", "method", "wanted", "taken"),
    [
        ("images", GENERATIONS, Wanted(), True),
        ("images", GENERATIONS, Wanted(frozenset({Shape.FIELDS})), True),
        ("images", GENERATIONS, Wanted(frozenset({Shape.GOOGLE})), False),
        ("images", CHAT, Wanted(), False),
        ("openai", GENERATIONS, Wanted(), True),
        ("openai", GENERATIONS, Wanted(frozenset({Shape.FIELDS})), False),
        ("vllm-omni", EDITS, Wanted(), True),
        ("vllm-omni", EDITS, Wanted(frozenset({Shape.FIELDS})), False),
        ("chat-images", CHAT, Wanted(frozenset({Shape.IMAGE_CONFIG}), ChatImages.IMAGES), True),
        ("chat-images", CHAT, Wanted(place=ChatImages.MARKDOWN), False),
        ("chat-markdown", CHAT, Wanted(place=ChatImages.MARKDOWN), True),
        ("chat-markdown", CHAT, Wanted(frozenset({Shape.GOOGLE})), True),
        ("chat-markdown", CHAT, Wanted(frozenset({Shape.IMAGE_CONFIG})), False),
        ("chat-markdown", GENERATIONS, Wanted(), False),
    ],
)
async def test_only_what_the_server_understands_whole_is_sent_as_it_came(
    profile: str, method: str, wanted: Wanted, taken: bool
) -> None:
    async with engine(PICTURE, profile=profile) as (member, _):
        assert member.takes(method, wanted) is taken


async def test_the_probe_asks_for_models_and_costs_nothing() -> None:
    models = whole({"object": "list", "data": []})
    async with engine(models) as (member, there):
        await member.probe("m")
    assert (there.requests[0].method, there.requests[0].target) == ("GET", "/v1/models")
    async with engine(models, profile="openai") as (member, there):
        await member.probe("gpt/image")
    assert there.requests[0].target == "/v1/models/gpt%2Fimage"
    async with engine(models, profile="sglang") as (member, there):
        await member.probe("m")
    assert there.requests[0].target == "/models"
    async with engine(whole({"error": {"code": "invalid_api_key"}}, status=401)) as (member, _):
        with pytest.raises(UpstreamFault):
            await member.probe("m")
