"""Bodies of ``POST interactions``: every spelling means one thing; nothing breaks the reader."""

import base64
import copy
import json
import random
from pathlib import Path
from typing import Any

import pytest

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import Code, MalformedRequest, RequestError, UnsupportedParameter
from pisang.core.request import Modality, SafetySetting, ServiceTier, ThinkingLevel, Tool
from pisang.wire.interactions.request import Asked, decode
from pisang.wire.interactions.schema import Generation, generation_of

MODEL = "gemini-3.1-flash-image"
PNG = base64.b64encode(b"\x89PNG rest").decode()


def asked(**body: Any) -> Asked:
    return decode(json.dumps({"model": MODEL, "input": "a red cube"} | body).encode())


def contents(said: Any) -> list[tuple[str, list[Any]]]:
    """Contents in short: the role, and for each part its text or bytes or address."""
    return [
        (
            content.role.value,
            [
                part.text or (part.blob.data if part.blob else part.file and part.file.uri)
                for part in content.parts
            ],
        )
        for content in asked(input=said).request.contents
    ]


@pytest.mark.parametrize(
    "said",
    [
        "a red cube",
        {"type": "text", "text": "a red cube"},
        [{"type": "text", "text": "a red cube"}],
        ["a red cube"],
        [{"type": "user_input", "content": [{"type": "text", "text": "a red cube"}]}],
        [{"type": "user_input", "content": {"type": "text", "text": "a red cube"}}],
        [{"type": "user_input", "content": "a red cube"}],
        [{"role": "user", "content": "a red cube"}],
        [{"content": [{"type": "text", "text": "a red cube"}]}],
        {"role": "user", "content": ["a red cube"]},
    ],
)
def test_input_has_many_forms(said: Any) -> None:
    assert contents(said) == [("user", ["a red cube"])]


def test_pictures_come_as_data_or_by_address() -> None:
    said = [
        {"type": "text", "text": "mix"},
        {"type": "image", "data": PNG, "mimeType": "image/png", "resolution": "high"},
        {"type": "image", "uri": "gs://b/f.png", "mime_type": "image/png"},
        {"type": "image", "data": base64.b64encode(b"\xff\xd8 rest").decode()},
    ]
    (content,) = asked(input=said).request.contents
    assert content == Content(
        Role.USER,
        (
            Part(text="mix"),
            Part(blob=Blob("image/png", b"\x89PNG rest")),
            Part(file=FileRef("gs://b/f.png", "image/png")),
            Part(blob=Blob("image/jpeg", b"\xff\xd8 rest")),
        ),
    )


def test_a_signature_stands_on_what_the_model_said_after_it() -> None:
    text, picture = {"type": "text", "text": "So."}, {"type": "image", "data": PNG}
    sign = {"type": "thought", "signature": base64.b64encode(b"s").decode()}
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": "draw"}]},
        sign | {"summary": [{"type": "text", "text": "A plan."}]},
        {"type": "google_search_call", "id": "1", "arguments": {"queries": ["x"]}},
        {"type": "google_search_result", "call_id": "1", "result": []},
        {"type": "model_output", "content": [text, picture]},
        {"type": "user_input", "content": [{"type": "text", "text": "blue"}]},
        {"type": "model_output", "content": [text]},
    ]
    turns = [
        {"role": "user", "content": "draw"},
        {"role": "model", "content": [sign, text, picture]},
        {"role": "user", "content": "blue"},
        {"role": "model", "content": [text]},
    ]
    told = asked(input=steps).request.contents
    assert [content.role for content in told] == [Role.USER, Role.MODEL, Role.USER, Role.MODEL]
    assert [part.thought_signature for part in told[1].parts] == [b"s", b"s"]
    assert [part.thought_signature for part in told[3].parts] == [None]
    assert asked(input=turns).request.contents == told


def test_every_option_is_read_in_either_spelling() -> None:
    read = asked(
        system_instruction="As an engraving.",
        generation_config={
            "temperature": 1,
            "top_p": 0.9,
            "seed": 7,
            "max_output_tokens": 4000,
            "stop_sequences": ["x"],
            "thinking_level": "high",
            "thinkingSummaries": "auto",
            "imageConfig": {"aspectRatio": "16:9", "image_size": "2K"},
            "speech_config": [],
        },
        response_modalities=["text", "image"],
        service_tier="flex",
        tools=[{"type": "google_search", "search_types": ["web_search", "image_search"]}],
        safety_settings=[{"type": "hate_speech", "threshold": "block_none"}],
        labels={"team": "web"},
        previousInteractionId="v1_x",
        store=False,
        stream=True,
    )
    request = read.request
    assert request.system_instruction == Content(Role.USER, (Part(text="As an engraving."),))
    assert (request.sampling.seed, request.sampling.max_output_tokens) == (7, 4000)
    assert (request.sampling.temperature, request.sampling.top_p) == (1, 0.9)
    assert request.thinking.level is ThinkingLevel.HIGH
    assert request.thinking.include_thoughts
    assert (request.image.aspect_ratio, request.image.image_size) == ("16:9", "2K")
    assert request.modalities == {Modality.TEXT, Modality.IMAGE}
    assert request.service_tier is ServiceTier.FLEX
    assert request.tools == {Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH}
    assert request.safety == (SafetySetting("HARM_CATEGORY_HATE_SPEECH", "BLOCK_NONE"),)
    assert request.labels == {"team": "web"}
    assert (read.previous_id, read.store, read.stream) == ("v1_x", False, True)
    assert request.unknown == ()


def test_response_format_says_which_kinds_of_answer() -> None:
    image = {"type": "image", "aspect_ratio": "4:3", "delivery": "uri"}
    only = asked(response_format=image)
    assert only.request.modalities == {Modality.IMAGE}
    assert (only.request.image.aspect_ratio, only.delivery) == ("4:3", "uri")
    both = asked(response_format=[image, {"type": "text", "mime_type": "text/plain"}])
    assert both.request.modalities == {Modality.TEXT, Modality.IMAGE}
    named = asked(response_format=image, response_modalities=["text", "image"])
    assert named.request.modalities == {Modality.TEXT, Modality.IMAGE}
    assert asked().request.modalities == frozenset()
    for form in (
        {"type": "text", "mime_type": "application/json"},
        {"type": "text", "schema": {"type": "object"}},
        {"properties": {}},
    ):
        with pytest.raises(UnsupportedParameter):
            asked(response_format=form)


def test_names_that_nobody_knows_are_kept_for_admission() -> None:
    read = asked(generation_config={"brush": 1}, size="1K")
    assert {(name.path, name.name) for name in read.request.unknown} == {
        ("generation_config", "brush"),
        ("", "size"),
    }


def test_a_content_with_two_sources_is_refused() -> None:
    with pytest.raises(MalformedRequest, match="both data and uri"):
        asked(input=[{"type": "image", "data": PNG, "uri": "https://x"}])


@pytest.mark.parametrize(
    ("headers", "generation"),
    [
        ({}, Generation.STEPS),
        ({"user-agent": "google-genai-sdk/3.4.0 gl-python/3.11.7"}, Generation.STEPS),
        ({"user-agent": "google-genai-sdk/1.75.0 gl-python/3.11.7"}, Generation.OUTPUTS),
        ({"x-goog-api-client": "google-genai-sdk/1.52.1 gl-node/v20"}, Generation.OUTPUTS),
        ({"user-agent": "google-genai-sdk/10.0.0"}, Generation.STEPS),
        ({"user-agent": "curl/8", "api-revision": "2026-05-07"}, Generation.OUTPUTS),
        (
            {"user-agent": "google-genai-sdk/1.75.0", "api-revision": "2026-05-20"},
            Generation.STEPS,
        ),
        ({"user-agent": "curl/8", "api-revision": "soon"}, Generation.STEPS),
    ],
)
def test_the_generation_of_a_client_is_told_by_its_headers(
    headers: dict[str, str], generation: Generation
) -> None:
    assert generation_of(headers) is generation


STRANGE: list[Any] = [
    None, True, 0, -1, 1.5, 10**25, "", "x", [], [[]], [None], {}, {"": ""}, {"type": "image"},
    {"type": "thought", "signature": 1}, {"type": "model_output"}, {"role": "model"},
    {"content": {}}, {"type": "user_input", "content": [None, [], 1, "x", {}]}, {"type": []},
]  # fmt: skip

WHOLE: dict[str, Any] = {
    "model": MODEL,
    "input": [
        {"type": "user_input", "content": [{"type": "text", "text": "x"}]},
        {"type": "thought", "signature": "cw==", "summary": []},
        {"type": "model_output", "content": [{"type": "image", "data": PNG}]},
        {"role": "user", "content": "y"},
    ],
    "generation_config": {"image_config": {"aspect_ratio": "1:1"}, "thinking_level": "low"},
    "response_format": [{"type": "image", "delivery": "inline"}],
    "response_modalities": ["image"],
    "tools": [{"type": "google_search", "search_types": ["web_search"]}],
    "safety_settings": [{"type": "jailbreak", "threshold": "off"}],
    "labels": {"a": "b"},
    "store": True,
    "background": False,
    "stream": False,
    "previous_interaction_id": "v1_x",
}


def places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        for key in keys:
            found += [(value, key), *places(value[key])]
    return found


def refusal(body: bytes) -> RequestError | None:
    """The caller's error; any other fails the test by itself."""
    try:
        decode(body)
    except RequestError as error:
        return error
    return None


@pytest.mark.parametrize("seed", range(40))
def test_no_body_breaks_the_reader(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(50):
        body = copy.deepcopy(WHOLE)
        for _ in range(dice.randint(1, 3)):
            holder, key = dice.choice(places(body))
            holder[key] = copy.deepcopy(dice.choice(STRANGE))
        error = refusal(json.dumps(body).encode())
        if error is not None:
            assert error.code is Code.INVALID_ARGUMENT
            assert error.message


def test_what_google_clients_were_recorded_sending_is_read(shared: Path) -> None:
    folder = shared / "contract" / "sdk-requests"
    bodies = [
        request["body"]
        for file in sorted(folder.glob("*interactions*.json"))
        for request in json.loads(file.read_bytes())["requests"]
        if request["body"] is not None
    ]
    assert len(bodies) >= 5
    for body in bodies:
        assert decode(json.dumps(body).encode()).request.unknown == ()
