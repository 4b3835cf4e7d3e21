"""Answers hold nothing but what Google's own descriptions name: the SDK's types for the Gemini API,
the discovery document for Vertex AI."""

import json
import urllib.request
from typing import Any

import pytest
from google.genai import types
from pydantic import BaseModel

from pisang.wire.sse import EventReader
from tests.live import Account, Live
from tests.sdk import discovery

MODEL = "gemini-3.1-flash-image"
ASKED = {
    "contents": [{"role": "user", "parts": [{"text": "a red cube"}]}],
    "generationConfig": {
        "responseModalities": ["TEXT", "IMAGE"],
        "thinkingConfig": {"includeThoughts": True},
        "imageConfig": {"aspectRatio": "16:9", "imageSize": "512"},
    },
}
NO_PICTURE = {"contents": [{"role": "user", "parts": [{"text": "What is your name?"}]}]}
IMAGEN = {"instances": [{"prompt": "a red cube"}], "parameters": {"sampleCount": 2}}
OF_THE_PROTO = {
    types.GenerateContentResponse: ("serviceTier",),
    types.CountTokensResponse: ("promptTokensDetails",),
}
"""Fields of Google's public protos that the SDK's types of usage and of counts do not name."""


def ask(url: str, body: object = None, **headers: str) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as answer:
        whole: bytes = answer.read()
    return whole


@pytest.mark.parametrize("version", ["v1", "v1beta"])
@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        (f"models/{MODEL}:generateContent", ASKED, types.GenerateContentResponse),
        (f"models/{MODEL}:generateContent", NO_PICTURE, types.GenerateContentResponse),
        (f"models/{MODEL}:streamGenerateContent?alt=sse", ASKED, types.GenerateContentResponse),
        (f"models/{MODEL}:countTokens", NO_PICTURE, types.CountTokensResponse),
    ],
)
def test_gemini_answers_are_as_the_sdks_types_say(
    live: Live, version: str, path: str, body: object, kind: type[BaseModel]
) -> None:
    answer = ask(f"{live.url}/{version}/{path}", body, **{"x-goog-api-key": live.key})
    for chunk in _chunks(path, answer):
        counts = chunk.get("usageMetadata", chunk)
        for name in OF_THE_PROTO[kind]:
            counts.pop(name, None)
        kind.model_validate(chunk, extra="forbid")


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
@pytest.mark.parametrize(
    ("path", "body", "schema"),
    [
        (f"{MODEL}:generateContent", ASKED, "GenerateContentResponse"),
        (f"{MODEL}:generateContent", NO_PICTURE, "GenerateContentResponse"),
        (f"{MODEL}:streamGenerateContent?alt=sse", ASKED, "GenerateContentResponse"),
        (f"{MODEL}:countTokens", NO_PICTURE, "CountTokensResponse"),
        (f"{MODEL}:computeTokens", NO_PICTURE, "ComputeTokensResponse"),
        ("imagen-4.0-generate-001:predict", IMAGEN, "PredictResponse"),
    ],
)
@pytest.mark.parametrize("place", ["express", "account"])
def test_vertex_answers_are_as_the_discovery_document_says(
    live: Live, account: Account, place: str, version: str, path: str, body: object, schema: str
) -> None:
    models = f"{live.url}/{version}"
    headers = {"x-goog-api-key": live.key}
    if place == "account":
        models += f"/projects/{account.project}/locations/global"
        headers = {"authorization": f"Bearer {account.token}"}
    answer = ask(f"{models}/publishers/google/models/{path}", body, **headers)
    for chunk in _chunks(path, answer):
        assert discovery.faults(chunk, schema, version=version) == []


def test_publisher_models_are_as_the_discovery_document_says(live: Live) -> None:
    headers = {"x-goog-api-key": live.key}
    one = json.loads(ask(f"{live.url}/v1/publishers/google/models/{MODEL}", **headers))
    assert discovery.faults(one, "PublisherModel", version="v1") == []
    listed = json.loads(ask(f"{live.url}/v1beta1/publishers/google/models", **headers))
    assert discovery.faults(listed, "ListPublisherModelsResponse", version="v1beta1") == []


def test_a_name_that_is_no_field_is_found() -> None:
    wrong = {"candidates": [{"finishReason": "DONE", "wrong": 1}], "usageMetadata": []}
    found = discovery.faults(wrong, "GenerateContentResponse", version="v1")
    assert [fault.split()[0] for fault in found] == [
        ".candidates[0].finishReason",
        ".candidates[0].wrong",
        ".usageMetadata",
    ]


def _chunks(path: str, answer: bytes) -> list[dict[str, Any]]:
    if ":stream" not in path:
        return [json.loads(answer)]
    return [json.loads(event.data) for event in EventReader().feed(answer)]
