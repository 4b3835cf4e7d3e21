"""Reading ``generateContent`` bodies: every form that is right, every answer to what is wrong."""

import base64
import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.errors import MalformedRequest, UnsupportedParameter
from pisang.core.request import (
    GenerateRequest,
    ImageConfig,
    Modality,
    SafetySetting,
    Sampling,
    ServiceTier,
    Thinking,
    ThinkingLevel,
    Tool,
    UnknownField,
)
from pisang.wire.gemini import request

from .strategies import requests

MODEL = "gemini-3.1-flash-image"
DATA = Path(__file__).resolve().parents[2] / "data" / "gemini"
HELLO: dict[str, Any] = {"contents": [{"parts": [{"text": "hello"}]}]}


def decode(**fields: Any) -> GenerateRequest:
    return request.decode(json.dumps(HELLO | fields).encode(), model=MODEL)


def config(**fields: Any) -> GenerateRequest:
    return decode(generationConfig=fields)


def refusal(kind: type[Exception] = MalformedRequest, **fields: Any) -> Any:
    with pytest.raises(kind) as caught:
        decode(**fields)
    return caught.value


def part(**fields: Any) -> list[Any]:
    return [{"parts": [fields]}]


def test_a_body_in_mixed_spellings_reads_as_one_request() -> None:
    body = (DATA / "request.json").read_bytes()
    assert request.decode(body, model=MODEL, deadline=30) == GenerateRequest(
        model=MODEL,
        contents=(
            Content(
                Role.USER,
                (Part(text="a red cube"), Part(blob=Blob("image/png", b"\xfb\xff\xfe\xef"))),
            ),
            Content(
                Role.MODEL,
                (
                    Part(text="ok", thought=True),
                    Part(
                        blob=Blob("image/png", b"\xfb\xff\xfe\xef"), thought_signature=b"sig"
                    ),
                ),
            ),
            Content(
                Role.USER,
                (
                    Part(file=FileRef("https://example.com/a.png", "image/webp")),
                    Part(text="now blue"),
                ),
            ),
        ),
        system_instruction=Content(Role.USER, (Part(text="be brief"),)),
        modalities=frozenset({Modality.TEXT, Modality.IMAGE}),
        image=ImageConfig(aspect_ratio="16:9", image_size="2K", mime_type="image/jpeg"),
        thinking=Thinking(include_thoughts=True, level=ThinkingLevel.HIGH),
        sampling=Sampling(
            seed=7,
            temperature=1.0,
            top_p=0.9,
            top_k=40.0,
            candidate_count=1,
            max_output_tokens=100,
            stop_sequences=("END",),
        ),
        safety=(SafetySetting("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE"),),
        tools=frozenset({Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH}),
        service_tier=ServiceTier.FLEX,
        labels={"a": "b"},
        unknown=(UnknownField("", "sizes"),),
        deadline=30,
    )  # fmt: skip


@given(requests)
def test_what_is_written_is_read_back_the_same(asked: GenerateRequest) -> None:
    body = request.encode(asked)
    assert request.decode(body, model=asked.model, deadline=asked.deadline) == asked


@pytest.mark.parametrize(
    "form",
    [
        {"imageConfig": {"aspectRatio": "21:9", "imageSize": "1K"}},
        {"image_config": {"aspect_ratio": "21:9", "image_size": "1K"}},
        {"responseFormat": {"image": {"aspectRatio": "21:9", "imageSize": "1K"}}},
        {"response_format": [{"image": {"aspect_ratio": "21:9"}}, {"image": {"image_size": "1K"}}]},
        {
            "responseFormat": [
                {
                    "image": {
                        "aspectRatio": "ASPECT_RATIO_TWENTY_ONE_BY_NINE",
                        "imageSize": "IMAGE_SIZE_ONE_K",
                        "delivery": "INLINE",
                    }
                },
                {"text": {}},
            ]
        },
        {
            "responseFormat": {"image": {"aspectRatio": "aspect_ratio_twenty_one_by_nine"}},
            "imageConfig": {"aspectRatio": "21:9", "imageSize": "1K"},
        },
    ],
)
def test_every_form_of_the_picture_reads_the_same(form: dict[str, Any]) -> None:
    assert config(**form).image == ImageConfig(aspect_ratio="21:9", image_size="1K")


def test_a_lower_case_size_is_kept_for_the_policy_to_refuse() -> None:
    assert config(imageConfig={"imageSize": "2k"}).image.image_size == "2k"


@pytest.mark.parametrize("form", ["object", "array"])
def test_two_pictures_that_disagree_are_refused(form: str) -> None:
    picture = {"image": {"imageSize": "IMAGE_SIZE_TWO_K"}}
    error = refusal(
        generationConfig={
            "imageConfig": {"imageSize": "4K"},
            "responseFormat": picture if form == "object" else [picture],
        }
    )
    assert "is '2K' but was given as '4K'" in error.message
    assert error.field.startswith("generation_config.response_format")


@pytest.mark.parametrize("name", ["ASPECT_RATIO_TEN_BY_TWO", "aspect_ratio_", "IMAGE_SIZE_ONE_K"])
def test_a_ratio_name_that_does_not_exist_is_refused(name: str) -> None:
    error = refusal(generationConfig={"responseFormat": {"image": {"aspectRatio": name}}})
    assert error.field == "generation_config.response_format.image.aspect_ratio"


def test_fields_of_the_other_surface_are_unknown_here() -> None:
    asked = config(imageConfig={"imageOutputOptions": {"mimeType": "image/png"}, "size": "1K"})
    assert asked.unknown == (
        UnknownField("generation_config.image_config", "imageOutputOptions"),
        UnknownField("generation_config.image_config", "size"),
    )


def test_unknown_names_are_kept_with_the_path_of_what_holds_them() -> None:
    asked = decode(
        contents=[{"parts": [{"text": "x"}, {"text": "y", "colour": 1}], "name": "me"}],
        outputMimeType="image/png",
    )
    assert set(asked.unknown) == {
        UnknownField("", "outputMimeType"),
        UnknownField("contents[0]", "name"),
        UnknownField("contents[0].parts[1]", "colour"),
    }


@pytest.mark.parametrize("spoken", ["TEXT", "Text", "text", 1, "1", 1.0])
def test_modalities_come_in_any_form(spoken: object) -> None:
    assert config(responseModalities=[spoken]).modalities == {Modality.TEXT}


@pytest.mark.parametrize("tier", ["flex", "FLEX", "Flex"])
def test_the_service_tier_comes_in_any_case(tier: str) -> None:
    assert decode(serviceTier=tier).service_tier is ServiceTier.FLEX


@pytest.mark.parametrize("tier", ["unspecified", "SERVICE_TIER_UNSPECIFIED", None])
def test_an_unspecified_tier_is_none(tier: str | None) -> None:
    assert decode(service_tier=tier).service_tier is None


@pytest.mark.parametrize(
    ("tools", "found"),
    [
        ([{"googleSearch": {}}], {Tool.GOOGLE_SEARCH}),
        ([{"google_search": {"search_types": {}}}], {Tool.GOOGLE_SEARCH}),
        ([{"googleSearch": {"searchTypes": {"imageSearch": {}}}}], {Tool.IMAGE_SEARCH}),
        (
            [{"googleSearch": {"searchTypes": {"web_search": {}, "image_search": {}}}}],
            {Tool.GOOGLE_SEARCH, Tool.IMAGE_SEARCH},
        ),
        ([{"googleSearch": {"exclude_domains": ["a"]}}], {Tool.GOOGLE_SEARCH}),
        ([{"urlContext": {}}, {"code_execution": {}}], {Tool.URL_CONTEXT, Tool.CODE_EXECUTION}),
        ([{"functionDeclarations": [{"name": "f"}]}], {Tool.FUNCTION_DECLARATIONS}),
    ],
)
def test_tools_are_read_in_both_spellings(tools: list[Any], found: set[Tool]) -> None:
    asked = decode(tools=tools)
    assert asked.tools == found
    assert asked.unknown == ()


@pytest.mark.parametrize("word", ["skip_thought_signature_validator",
                                  "context_engineering_is_the_way_to_go"])  # fmt: skip
def test_a_bypass_word_stands_for_itself_raw_or_encoded(word: str) -> None:
    for sent in (word, base64.b64encode(word.encode()).decode()):
        asked = decode(contents=part(text="x", thoughtSignature=sent))
        assert asked.contents[0].parts[0].thought_signature == word.encode()


def test_a_signature_is_read_in_either_alphabet() -> None:
    for sent in ("-__-7w", "+//+7w=="):
        asked = decode(contents=part(text="x", thought_signature=sent))
        assert asked.contents[0].parts[0].thought_signature == b"\xfb\xff\xfe\xef"


def test_an_empty_signature_is_none() -> None:
    assert decode(contents=part(text="x", thoughtSignature="")) == decode(contents=part(text="x"))


def test_a_lone_part_or_tool_is_a_list_of_one() -> None:
    lone = decode(
        contents=[{"parts": {"text": "x"}}],
        systemInstruction={"parts": {"text": "y"}},
        tools={"google_search": {}},
    )
    assert lone == decode(
        contents=part(text="x"),
        systemInstruction={"parts": [{"text": "y"}]},
        tools=[{"google_search": {}}],
    )


def test_an_empty_system_instruction_is_none() -> None:
    asked = decode(contents=part(text="x"), systemInstruction={})
    assert asked == decode(contents=part(text="x"))


def test_a_part_with_only_a_signature_is_an_empty_text() -> None:
    asked = decode(contents=part(thoughtSignature="c2ln"))
    assert asked.contents[0].parts == (Part(text="", thought_signature=b"sig"),)


def test_the_model_may_be_repeated_in_the_body() -> None:
    assert decode(model=f"models/{MODEL}") == decode(model=MODEL) == decode()
    assert refusal(model="models/other").field == "model"


@pytest.mark.parametrize(
    ("contents", "field", "says"),
    [
        (None, "contents", "* GenerateContentRequest.contents: contents is not specified"),
        ([], "contents", "contents is not specified"),
        ({"parts": [{"text": "x"}]}, "contents", "put the value into [ ]"),
        ("draw a cat", "contents", "put the value into [ ]"),
        (["draw a cat"], "contents[0]", "v1beta.Content), \"draw a cat\". Send an object"),
        ([{"role": "user"}], "contents[0].parts", "contents.parts must not be empty."),
        ([{"role": "user", "parts": []}], "contents[0].parts", "must not be empty"),
        ([{"role": "system", "parts": [{"text": "x"}]}], "contents[0].role",
         "Please use a valid role: user, model."),
        (part(), "contents[0].parts[0].data", "must have one initialized field"),
        (part(text=5), "contents[0].parts[0].text",
         "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 5"),
        (part(text="x", inlineData={"mimeType": "image/png", "data": "AAAA"}),
         "contents[0].parts[0]", "(oneof), oneof field 'data' is already set"),
        (part(inlineData={"mimeType": "image/png", "data": "%%%"}),
         "contents[0].parts[0].inline_data.data", "Base64 decoding failed for \"%%%\""),
        (part(inlineData={"mimeType": "image/png", "data": "data:image/png;base64,AAAA"}),
         "contents[0].parts[0].inline_data.data", "without the 'data:"),
        (part(inlineData={"mimeType": "image/png", "data": ""}),
         "contents[0].parts[0].inline_data.data", "data is empty"),
        (part(inlineData={"mimeType": "image/png"}),
         "contents[0].parts[0].inline_data.data", "data is empty"),
        (part(inlineData={"data": "AAAA"}),
         "contents[0].parts[0].inline_data.mime_type", "mime_type is not specified"),
        (part(fileData={}), "contents[0].parts[0].file_data.file_uri", "is not specified"),
        (part(thoughtSignature="%", text="x"),
         "contents[0].parts[0].thought_signature", "Base64 decoding failed"),
    ],
)  # fmt: skip
def test_a_wrong_content_is_refused_with_its_path(contents: Any, field: str, says: str) -> None:
    error = refusal(contents=contents)
    assert says in error.message
    assert error.field == field
    assert len(error.violations) == 1


def test_the_path_counts_contents_and_parts() -> None:
    blob = {"inlineData": {"mimeType": "image/png", "data": "*"}}
    error = refusal(contents=[{"parts": [{"text": "x"}, blob]}])
    assert error.field == "contents[0].parts[1].inline_data.data"


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"temperature": "hot"}, "temperature", "(TYPE_FLOAT), \"hot\""),
        ({"topK": True}, "top_k", "(TYPE_FLOAT), true"),
        ({"seed": 2**31}, "seed", "(TYPE_INT32)"),
        ({"candidateCount": 1.5}, "candidate_count", "(TYPE_INT32), 1.5"),
        ({"stopSequences": ["a", 1]}, "stop_sequences[1]", "(TYPE_STRING), 1"),
        ({"responseModalities": ["PICTURE"]}, "response_modalities[0]",
         "Allowed: TEXT, IMAGE, AUDIO"),
        ({"responseModalities": "IMAGE"}, "response_modalities", "put the value into [ ]"),
        ({"imageConfig": {"aspectRatio": 1.5}}, "image_config.aspect_ratio", "(TYPE_STRING), 1.5"),
        ({"imageConfig": []}, "image_config", "ImageConfig"),
        ({"thinkingConfig": {"thinkingLevel": "LOTS"}}, "thinking_config.thinking_level",
         "Allowed: MINIMAL, LOW, MEDIUM, HIGH, XHIGH"),
    ],
)  # fmt: skip
def test_a_wrong_config_is_refused_with_its_path(fields: Any, field: str, says: str) -> None:
    error = refusal(generationConfig=fields)
    assert error.field == f"generation_config.{field}"
    assert says in error.message


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"cachedContent": "cachedContents/x"}, "cached_content"),
        ({"tools": [{"googleMaps": {}}]}, "tools[0].google_maps"),
        ({"contents": part(functionCall={"name": "f"})}, "contents[0].parts[0].function_call"),
        ({"generationConfig": {"responseFormat": [{"audio": {}}]}},
         "generation_config.response_format[0].audio"),
        ({"generationConfig": {"responseFormat": {"image": {"delivery": "uri"}}}},
         "generation_config.response_format.image.delivery"),
    ],
)  # fmt: skip
def test_what_no_image_model_takes_is_unsupported(fields: Any, field: str) -> None:
    error = refusal(UnsupportedParameter, **fields)
    assert error.field == field
    assert "not supported" in error.message


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"systemInstruction": "be brief"}, "system_instruction"),
        ({"safetySettings": [{"category": "HARM"}]}, "safety_settings[0].category"),
        ({"safetySettings": [{}]}, "safety_settings[0].category"),
        ({"serviceTier": "gold"}, "service_tier"),
        ({"labels": {"a": 1}}, "labels"),
        ({"labels": {str(n): "" for n in range(65)}}, "labels"),
        ({"tools": "google_search"}, "tools"),
        ({"tools": [{"googleSearch": True}]}, "tools[0].google_search"),
    ],
)
def test_other_wrong_fields_are_refused_with_their_path(fields: Any, field: str) -> None:
    assert refusal(**fields).field == field


def test_the_same_field_in_both_spellings_is_refused() -> None:
    error = refusal(generationConfig={}, generation_config={})
    assert error.field == "generation_config"


def test_reading_many_references_holds_the_body_at_most_once_more() -> None:
    body = references(14, size=300_000)
    tracemalloc.start()
    try:
        asked = request.decode(body, model=MODEL)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(1 for _, part in asked.parts() if part.blob) == 14
    assert peak < 1.5 * len(body)  # and the body itself: under 4 x in all, with room to spare


def references(count: int, *, size: int) -> bytes:
    picture = {"mimeType": "image/png", "data": base64.b64encode(os.urandom(size)).decode()}
    parts = [{"text": "Put them together"}] + [{"inlineData": picture}] * count
    return json.dumps({"contents": [{"parts": parts}]}).encode()
