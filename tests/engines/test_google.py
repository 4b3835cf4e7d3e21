"""The Developer API as an engine: what Google's servers get, and what is made of what they say."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.events import Event, Finished, FinishReason, Image, Started, Text, Thought, Usage
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ImageConfig, SafetySetting, ServiceTier
from pisang.core.upstream import Broken, Dialect
from pisang.engines import registry
from pisang.engines.base import Forward, Upstream, UpstreamFault, server_of
from pisang.engines.google import HOST, GoogleEngine, is_googles
from pisang.engines.registry import Config, ConfigError, Means
from pisang.wire.base64 import encode_base64
from tests.upstream import CUT, Answer, Script, error, sse, whole
from tests.upstream import Upstream as There
from tests.upstream import upstream as serving

KEY = "AIzaSy-secret-of-ours"
MEANS = Means(secret=b"s")
MODEL = "gemini-3-pro-image"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def part(**fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": [fields]}, "index": 0}]}


def picture() -> dict[str, Any]:
    return part(inlineData={"mimeType": "image/png", "data": encode_base64(PNG).decode()})


FINISH: dict[str, Any] = {
    "candidates": [{"finishReason": "STOP", "index": 0}],
    "usageMetadata": {
        "promptTokenCount": 5,
        "candidatesTokenCount": 2240,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 2240}],
        "totalTokenCount": 2245,
    },
    "modelVersion": MODEL,
}


def built(url: str, *keys: str) -> list[GoogleEngine]:
    config = Config(name="studio", api_keys=keys or (KEY,), base_url=url)
    return [
        each for each in registry.build("google", config, MEANS) if isinstance(each, GoogleEngine)
    ]


@asynccontextmanager
async def engine(*script: Script, path: str = "") -> AsyncIterator[tuple[GoogleEngine, There]]:
    async with serving(*script) as there:
        (made,) = built(there.url + path)
        yield made, there
        await made.close()


async def events(made: Upstream, request: GenerateRequest) -> list[Event]:
    card = catalog().get(MODEL)
    assert card is not None
    asked = made.generate(request, card=card, canvas=Canvas(1024, 1024, "1:1", "1K"))
    return [event async for event in asked]


def asking(text: str = "a fox", **more: Any) -> GenerateRequest:
    contents = (Content(Role.USER, (Part(text=text),)),)
    return GenerateRequest(model=MODEL, contents=contents, **more)


def sent(**more: Any) -> Forward:
    fields: dict[str, Any] = {"model": MODEL, "method": "generateContent", "body": (b"{}",)}
    return Forward(dialect=Dialect.GEMINI, **fields | more)


async def test_it_is_an_upstream_of_googles_dialects() -> None:
    (made,) = built(HOST)
    assert isinstance(made, Upstream)
    assert made.dialects == {Dialect.GEMINI, Dialect.IMAGEN}
    assert (made.name, made.vertex, made.keeps_dates) == ("studio", False, True)
    assert server_of(made) == ("generativelanguage.googleapis.com", 443)


async def test_a_body_goes_up_as_it_came_and_comes_back_as_it_is() -> None:
    answer = b'{"candidates" : [ ],\n"new":1}'
    async with engine(whole(answer)) as (made, there):
        passing = await made.forward(
            sent(
                body=(b'{"contents":[],', b'"unheardOf":1}'),
                version="v1",
                headers={"x-goog-user-project": "theirs"},
                query={"alt": "json", "key": "theirs"},
                seconds=30.5,
            )
        )
        assert b"".join([chunk async for chunk in passing.chunks]) == answer
    (got,) = there.requests
    assert (got.method, got.target) == ("POST", f"/v1/models/{MODEL}:generateContent?alt=json")
    assert got.body == b'{"contents":[],"unheardOf":1}'
    assert got.headers["x-goog-api-key"] == KEY
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-server-timeout"] == "30"
    assert "x-goog-user-project" not in got.headers


@pytest.mark.parametrize(
    ("path", "version", "model", "method", "target"),
    [
        ("", "", "m", "predict", "/v1beta/models/m:predict"),
        ("/", "v1alpha", "m", "countTokens", "/v1alpha/models/m:countTokens"),
        ("", "v1beta1", "m", "predict", "/v1beta/models/m:predict"),  # Vertex AI's, not ours
        ("/v1", "v1beta", "m", "predict", "/v1/models/m:predict"),
        ("/relay/v1beta/", "v1", "m", "predict", "/relay/v1beta/models/m:predict"),
        ("/relay", "v1", "m", "predict", "/relay/v1/models/m:predict"),
        ("", "", "tunedModels/mine", "generateContent", "/v1beta/tunedModels/mine:generateContent"),
        ("", "", "models/m", "predict", "/v1beta/models/m:predict"),  # as Google writes its name
        ("", "", "../files/x?", "predict", "/v1beta/models/..%2Ffiles%2Fx%3F:predict"),
    ],
)
async def test_where_a_request_goes(
    path: str, version: str, model: str, method: str, target: str
) -> None:
    async with engine(whole("{}"), path=path) as (made, there):
        passing = await made.forward(sent(model=model, version=version, method=method))
        await passing.chunks.aclose()
    assert there.requests[0].target == target


async def test_every_key_is_a_member_and_all_share_their_connections() -> None:
    async with serving(whole("{}")) as there:
        members = built(there.url, "key-number-one", "key-number-two")
        for each in (*members, *members):
            passing = await each.forward(sent())
            assert [chunk async for chunk in passing.chunks] == [b"{}"]
        assert there.connections == 1
        assert [each.name for each in members] == ["studio", "studio"]
        keys = [got.headers["x-goog-api-key"] for got in there.requests]
        assert keys == ["key-number-one", "key-number-two"] * 2
        for each in members:
            await each.close()


async def test_an_answer_of_the_model_becomes_events() -> None:
    answer = {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "Thinking.", "thought": True},
                        {"text": "Here.", "thoughtSignature": "c2ln"},
                        *picture()["candidates"][0]["content"]["parts"],
                        *picture()["candidates"][0]["content"]["parts"],
                    ]
                },
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": FINISH["usageMetadata"],
        "modelVersion": f"{MODEL}-001",
    }
    async with engine(whole(answer)) as (made, there):
        found = await events(made, asking(deadline=12.0))
    usage = Usage(prompt_text=5, image_output=2240, images=2)
    image = Image(Blob("image/png", PNG))
    assert found == [
        Started(f"{MODEL}-001"),
        Thought("Thinking."),
        Text("Here.", b"sig"),
        image,
        image,
        Finished(FinishReason.STOP, None, usage),
    ]
    (got,) = there.requests
    assert got.target == f"/v1beta/models/{MODEL}:generateContent"
    assert got.json == {"contents": [{"role": "user", "parts": [{"text": "a fox"}]}]}
    assert got.headers["x-server-timeout"] == "12"


async def test_a_server_that_streams_is_read_all_the_same() -> None:
    async with engine(sse(part(text="Here."), 0.01, picture(), picture(), FINISH)) as (made, _):
        found = await events(made, asking())
    kinds = [type(event) for event in found]
    assert kinds == [Started, Text, Image, Image, Finished]
    assert isinstance(found[-1], Finished)
    assert found[-1].usage == Usage(prompt_text=5, image_output=2240, images=2)
    assert found[0] == Started(MODEL)


async def test_a_server_that_streams_an_array_is_read_all_the_same() -> None:
    values = [part(text="Here."), picture(), {**picture(), "usageMetadata": {}}, FINISH]
    body = ",\r\n".join(json.dumps(value, indent=1) for value in values)
    async with engine(whole(f"[{body}]\n")) as (made, _):
        found = await events(made, asking())
    kinds = [type(event) for event in found]
    assert kinds == [Started, Text, Image, Image, Finished]
    assert isinstance(found[-1], Finished)
    assert found[-1].usage == Usage(prompt_text=5, image_output=2240, images=2)


async def test_a_long_picture_in_an_array_is_whole() -> None:
    data = encode_base64(PNG * 500).decode()
    shown = part(inlineData={"mimeType": "image/png", "data": data}, thoughtSignature=data)
    async with engine(whole(f"[{json.dumps(shown)},{json.dumps(FINISH)}]")) as (made, _):
        _, image, _ = await events(made, asking())
    assert image == Image(Blob("image/png", PNG * 500), PNG * 500)


async def test_a_whole_picture_needs_no_reason_to_be_an_answer() -> None:
    """It was paid, so nobody is asked again."""
    used = {"usageMetadata": FINISH["usageMetadata"]}
    async with engine(whole({**picture(), **used})) as (made, _):
        *_, image, last = await events(made, asking())
    assert isinstance(image, Image)
    usage = Usage(prompt_text=5, image_output=2240, images=1)
    assert last == Finished(FinishReason.STOP, usage=usage)


@pytest.mark.parametrize("answered", [whole, sse])
async def test_a_picture_whose_reason_has_no_word_yet_is_no_refusal(
    answered: Callable[[dict[str, Any]], Answer],
) -> None:
    shown = picture()
    shown["candidates"][0]["finishReason"] = "A_NEW_ONE"
    async with engine(answered(shown)) as (made, _):
        *_, last = await events(made, asking())
    assert last == Finished(FinishReason.STOP)


@pytest.mark.parametrize(
    ("answer", "reason", "blocked"),
    [
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, "PROHIBITED_CONTENT", True),
        ({"candidates": [{"finishReason": "NO_IMAGE", "content": {}}]}, "NO_IMAGE", False),
        ({"candidates": [{"finishReason": "A_NEW_ONE"}]}, "OTHER", False),
    ],
)
async def test_a_refusal_is_an_end_and_no_fault(
    answer: dict[str, Any], reason: str, blocked: bool
) -> None:
    async with engine(whole(answer)) as (made, _):
        *_, last = await events(made, asking())
    assert isinstance(last, Finished)
    assert (last.reason, last.blocked) == (reason, blocked)


@pytest.mark.parametrize(
    ("answer", "broken", "status"),
    [
        (whole("not JSON at all"), Broken.GARBLED, 200),
        (whole("[]"), Broken.GARBLED, 200),
        (whole("[{},"), Broken.GARBLED, 200),
        (whole(f"[{json.dumps(picture())}]"), Broken.GARBLED, 200),
        (
            whole('[{"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}]'),
            None,
            503,
        ),
        (whole("{}"), Broken.GARBLED, 200),
        (whole({"candidates": "none"}), Broken.GARBLED, 200),
        (whole(part(text="and no end")), Broken.GARBLED, 200),
        (sse(part(text="and no end")), Broken.GARBLED, 200),
        (sse(picture()), Broken.GARBLED, 200),
        (sse({"usageMetadata": {"promptTokenCount": 5}}), Broken.GARBLED, 200),
        (sse(part(text="cut"), CUT), Broken.CUT, 200),
        (whole({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}), None, 503),
        (sse(part(text="a"), {"error": {"code": 429, "message": "no more"}}), None, 429),
        (error(404, "no such model", word="NOT_FOUND"), None, 404),
    ],
)
async def test_what_is_no_answer_is_a_fault_with_what_was_seen(
    answer: Script, broken: Broken | None, status: int
) -> None:
    async with engine(answer) as (made, _):
        with pytest.raises(UpstreamFault) as caught:
            await events(made, asking())
    symptom = caught.value.symptom
    assert (symptom.broken, symptom.status) == (broken, status)
    assert symptom.detail


async def test_what_only_vertex_ai_knows_is_not_sent() -> None:
    """Google answers 400 to a name that it does not know."""
    asked = asking(
        image=ImageConfig(
            aspect_ratio="16:9", prominent_people="BLOCK", mime_type="image/jpeg", quality=75
        ),
        safety=(
            SafetySetting("HARM_CATEGORY_IMAGE_HATE", "OFF"),
            SafetySetting("HARM_CATEGORY_HARASSMENT", "OFF"),
        ),
        service_tier=ServiceTier.FLEX,
    )
    async with engine(whole(FINISH)) as (made, there):
        await events(made, asked)
    body = there.requests[0].json
    assert body["generationConfig"] == {"imageConfig": {"aspectRatio": "16:9"}}
    assert [row["category"] for row in body["safetySettings"]] == ["HARM_CATEGORY_HARASSMENT"]
    assert body["serviceTier"] == "flex"


async def test_a_probe_looks_the_model_up() -> None:
    async with engine(whole({"name": f"models/{MODEL}"}), error(404, "gone")) as (made, there):
        await made.probe(MODEL)
        with pytest.raises(UpstreamFault, match="404"):
            await made.probe("gone")
    assert [(got.method, got.target) for got in there.requests] == [
        ("GET", f"/v1beta/models/{MODEL}"),
        ("GET", "/v1beta/models/gone"),
    ]


async def test_a_caller_who_leaves_stops_the_model() -> None:
    async with engine((60.0,)) as (made, there):
        task = asyncio.create_task(events(made, asking()))
        await asyncio.wait_for(there.asked.wait(), 5)
        task.cancel()
        await asyncio.wait_for(there.hung_up.wait(), 5)
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("config", "field"),
    [
        (Config(name="e"), "api_keys"),
        (Config(name="e", api_keys=("k",), base_url="localhost:80"), "base_url"),
        (Config(name="e", api_keys=("k",), base_url="https://me@host/"), "base_url"),
        (Config(name="e", api_keys=("k",), base_url="https://host:99999"), "base_url"),
        (Config(name="e", api_keys=("k",), base_url="https://[host"), "base_url"),
        (Config(name="e", api_keys=("k",), base_url="https://host/?key=k"), "base_url"),
        (Config(name="e", api_keys=("k",), project="p"), "project"),
        (Config(name="e", api_keys=("k",), options={"ca_flie": "x"}), "ca_flie"),
        (Config(name="e", api_keys=("k",), options={"ca_file": "/no/such"}), "ca_file"),
        (Config(name="e", api_keys=("k",), options={"ca_file": 1}), "ca_file"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_by_field(config: Config, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build("google", config, MEANS)
    assert caught.value.field == field
    assert caught.value.sentence.endswith(".")


def test_only_at_google_do_googles_dates_count() -> None:
    assert is_googles(HOST)
    assert is_googles("https://us-central1-aiplatform.googleapis.com/v1")
    assert not is_googles("http://127.0.0.1:8000")
    assert not is_googles("https://googleapis.com.example")
    assert not is_googles("https://notgoogleapis.com")


async def test_a_large_answer_is_read_beside_other_work() -> None:
    """The loop goes on while 8 MB of base64 are decoded."""
    data = encode_base64(bytes(6_000_000)).decode()
    answer = part(inlineData={"mimeType": "image/png", "data": data})
    answer["candidates"][0]["finishReason"] = "STOP"
    async with engine(whole(json.dumps(answer))) as (made, _):
        found = await events(made, asking())
    (image,) = (event for event in found if isinstance(event, Image))
    assert isinstance(image.content, Blob)
    assert image.content.data == bytes(6_000_000)
