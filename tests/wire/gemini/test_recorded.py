"""What real clients sent and what Google really answered must all be readable."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pisang.core.content import Blob, FileRef
from pisang.core.errors import EngineUnavailable, InvalidKey, NotFound, RequestError
from pisang.core.events import FinishReason, Image, Text
from pisang.core.request import Modality, ServiceTier, ThinkingLevel, Tool
from pisang.wire import faults
from pisang.wire.gemini import request, response, tokens

VERTEX_ONLY = {"prominentPeople", "imageOutputOptions", "outputConfig", "modelArmorConfig"}
CLIENTS = ("genai", "legacy", "ai-sdk", "aiplatform")


def recorded(shared: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every Gemini request of the recorded clients: case, verb, body."""
    for file in sorted((shared / "contract" / "sdk-requests").glob("*.json")):
        case = json.loads(file.read_bytes())
        for sent in case.get("requests", []) if file.name.startswith(CLIENTS) else []:
            path, _, verb = sent["path"].rpartition(":")
            if verb in ("generateContent", "streamGenerateContent", "countTokens"):
                yield f"{case['case']} {path}", verb, sent["body"]


def sent(shared: Path, case: str, index: int = 0) -> Any:
    found = [body for name, _, body in recorded(shared) if name.startswith(f"{case} ")]
    return request.decode(json.dumps(found[index]).encode(), model="gemini-3.1-flash-image")


def test_every_request_of_every_client_is_read_with_nothing_unknown(shared: Path) -> None:
    seen = 0
    for case, verb, body in recorded(shared):
        model = case.rpartition("/")[2]
        decode = tokens.decode if verb == "countTokens" else request.decode
        asked = decode(json.dumps(body).encode(), model=model)
        unknown = {field.name for field in asked.unknown}
        assert unknown <= (VERTEX_ONLY if "/publishers/" in case else set()), case
        assert sum(1 for _ in asked.parts()) == sum(len(c["parts"]) for c in body["contents"])
        again = request.decode(request.encode(asked), model=model)
        assert again == replace(asked, unknown=())
        seen += 1
    assert seen > 60


def test_recorded_requests_mean_what_their_authors_meant(shared: Path) -> None:
    asked = sent(shared, "genai-dev-02-image-config")
    assert (asked.image.aspect_ratio, asked.image.image_size) == ("16:9", "2K")
    assert asked.modalities == {Modality.TEXT, Modality.IMAGE}
    asked = sent(shared, "genai-dev-08-response-format-extra-body")
    assert (asked.image.aspect_ratio, asked.modalities) == ("16:9", {Modality.IMAGE})
    asked = sent(shared, "genai-dev-09-thinking")
    assert (asked.thinking.include_thoughts, asked.thinking.level) == (True, ThinkingLevel.HIGH)
    assert sent(shared, "genai-dev-10-thinking-budget").thinking.budget == -1
    asked = sent(shared, "genai-dev-12-google-search-image")
    assert asked.tools == {Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH}
    assert sent(shared, "genai-dev-13-service-tier-flex").service_tier is ServiceTier.FLEX
    asked = sent(shared, "genai-dev-15-all-generation-config")
    assert (asked.sampling.top_k, asked.sampling.seed) == (40.0, 7)
    assert (asked.sampling.stop_sequences, asked.labels) == (("END",), {"a": "b"})
    asked = sent(shared, "genai-dev-25-filedata-uri")
    assert asked.contents[0].parts[0].file == FileRef("https://example.com/a.png", "image/png")
    asked = sent(shared, "genai-dev-05-chat-multiturn", 1)
    assert [content.role.value for content in asked.contents] == ["user", "model", "user"]
    assert asked.contents[1].parts[1].thought_signature == b"sig"
    (blob,) = (part.blob for _, part in sent(shared, "genai-dev-40-base64-alphabet").parts())
    assert isinstance(blob, Blob)
    assert blob.data == bytes.fromhex("fbfffeef") * 4
    asked = sent(shared, "aiplatform-2.7.0-04-generative-models")
    assert asked.modalities == {Modality.TEXT, Modality.IMAGE}


def test_answers_of_googles_image_models_are_read_whole(shared: Path) -> None:
    folder = shared / "recordings"
    wanted = {
        "pydantic-ai/TestImageGenerationCapability.test_image_generation_local_fallback_google": (
            22, 96, 1120, 179),
        "pydantic-ai/test_google_image_and_text_output": (17, 46, 1290, 0),
        "pydantic-ai/test_google_vertexai_image_generation_with_output_format": (9, 0, 1290, 0),
        "ruby_llm/image_basic_functionality_gemini_gemini-3_1-flash-lite-image_can_paint_images": (
            5, 398, 1120, 0),
    }  # fmt: skip
    for name, counts in wanted.items():
        result = response.decode((folder / f"{name}.response.json").read_bytes())
        usage = result.finished.usage
        assert usage is not None
        assert (usage.prompt_text, usage.text_output, usage.image_output, usage.thoughts) == counts
        assert (result.finished.reason, usage.images) == (FinishReason.STOP, 1)
        (picture,) = (part for part in result.parts if isinstance(part, Image))
        assert isinstance(picture.content, Blob)
        assert picture.content.data[:3] in (b"\xff\xd8\xff", b"\x89PN")
        again = response.encode(result, response_id="r", include_thoughts=True)
        untold = replace(result.finished, tier="")  # who writes an answer says which tier served it
        assert response.decode(again) == replace(result, finished=untold)


def test_a_recorded_stream_is_read_chunk_by_chunk(shared: Path) -> None:
    (file,) = (shared / "recordings" / "js-genai").glob("*generateContentStream*image_output.json")
    segments = json.loads(file.read_bytes())["interactions"][0]["response"]["bodySegments"]
    events = [e for chunk in segments for e in response.decode_chunk(json.dumps(chunk).encode())]
    text = "".join(event.text for event in events if isinstance(event, Text))
    assert text.startswith("I will generate an image of the Eiffel Tower")
    assert sum(isinstance(event, Image) for event in events) == 1
    assert getattr(events[-1], "reason", None) is FinishReason.STOP


@pytest.mark.parametrize(
    ("name", "kind", "says"),
    [
        ("ruby_llm/chat_error_handling*auth_error", InvalidKey, "API key not valid"),
        ("ruby_llm/chat_real_error*", EngineUnavailable, "exceeded your current quota"),
        ("opentelemetry-contrib/*invalid_role", RequestError, "Please use a valid role"),
        ("opentelemetry-contrib/*missing_model", NotFound, "gemini-does-not-exist"),
        ("pydantic-ai/test_model_name_suggestion-google", NotFound, "is not found for API"),
    ],
)
def test_recorded_errors_are_read(
    shared: Path, name: str, kind: type[Exception], says: str
) -> None:
    (file,) = (shared / "recordings").glob(f"{name}.response.json")
    body = file.read_bytes()
    error = faults.from_google(json.loads(body)["error"]["code"], body)
    assert type(error) is kind
    assert says in error.message
