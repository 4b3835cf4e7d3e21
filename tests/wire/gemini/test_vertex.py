"""What Vertex AI reads and writes otherwise than the Gemini Developer API."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from pisang.core.content import Blob
from pisang.core.errors import MalformedRequest, UnsupportedParameter
from pisang.core.events import Finished, FinishReason, Image, Result, Text, Usage
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.wire.gemini import request, response, tokens
from pisang.wire.gemini.schema import DEVELOPER, Variant
from pisang.wire.gemini.vertex import VERTEX

CONTENTS = [{"role": "user", "parts": [{"text": "a fox"}]}]


def decode(variant: Variant = VERTEX, model: str = "m", **fields: object) -> GenerateRequest:
    body = json.dumps({"contents": CONTENTS, **fields}).encode()
    return request.decode(body, model=model, variant=variant)


def encode(reason: FinishReason = FinishReason.STOP, **fields: Any) -> dict[str, Any]:
    usage = Usage(prompt_text=2, image_output=1120, images=1)
    parts = (Text("Here."), Image(Blob("image/png", b"x")))
    result = Result("m", parts, Finished(reason, usage=usage))
    found: dict[str, Any] = json.loads(response.encode(result, response_id="r", **fields))
    return found


IMAGE_CONFIG = {
    "prominentPeople": "BLOCK_PROMINENT_PEOPLE",
    "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 80},
}


def test_image_config_has_more_words_on_vertex() -> None:
    image = decode(generationConfig={"imageConfig": IMAGE_CONFIG}).image
    assert (image.mime_type, image.quality) == ("image/jpeg", 80)
    assert image.prominent_people == "BLOCK_PROMINENT_PEOPLE"
    elsewhere = decode(DEVELOPER, generationConfig={"imageConfig": IMAGE_CONFIG})
    assert {u.name for u in elsewhere.unknown} == {"prominentPeople", "imageOutputOptions"}


def test_safety_categories_have_other_numbers_and_a_method() -> None:
    setting = {"category": 3, "threshold": 4, "method": 1}
    (read,) = decode(safetySettings=[setting]).safety
    assert (read.category, read.threshold) == ("HARM_CATEGORY_HARASSMENT", "BLOCK_NONE")
    (spelled,) = decode(safetySettings=[{"category": 3, "method": "probability"}]).safety
    assert spelled.category == read.category
    with pytest.raises(MalformedRequest, match=r"safety_settings\[0\]\.method"):
        decode(safetySettings=[{"category": 3, "method": "LUCK"}])
    named = {"category": "HARM_CATEGORY_HARASSMENT", "method": "SEVERITY"}
    assert decode(DEVELOPER, safetySettings=[named]).unknown[0].name == "method"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("modelArmorConfig", {"promptTemplateName": "projects/p/locations/l/templates/t"}),
        ("outputConfig", {"outputUriPrefix": "gs://b/out"}),
    ],
)
def test_what_only_google_can_do_is_refused_and_not_ignored(name: str, value: object) -> None:
    with pytest.raises(UnsupportedParameter, match="Leave it out"):
        decode(**{name: value})
    assert decode(DEVELOPER, **{name: value}).unknown[0].name == name


@pytest.mark.parametrize(
    "model", ["m", "models/m", "publishers/google/models/m", "projects/p/locations/l/models/m"]
)
def test_a_model_in_the_body_may_have_its_full_name(model: str) -> None:
    body = json.dumps({"contents": CONTENTS, "model": model}).encode()
    assert tokens.decode(body, model="m", variant=VERTEX).model == "m"
    with pytest.raises(MalformedRequest, match="not the one in the address"):
        tokens.decode(body, model="other", variant=VERTEX)


def test_a_picture_in_the_request_has_vertex_ais_limit() -> None:
    data = "A" * (7 * 1024 * 1024 // 3 * 4 + 8)
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    with pytest.raises(UnsupportedParameter, match=r"contents\[0\]\.parts\[0\]\.inline_data"):
        decode(contents=[{"role": "user", "parts": [part]}])
    assert decode(DEVELOPER, contents=[{"role": "user", "parts": [part]}]).contents


def test_an_answer_tells_its_time_and_its_traffic() -> None:
    moment = datetime(2026, 11, 21, 12, 0, 1, 2, tzinfo=UTC)
    said = encode(variant=VERTEX, service_tier=ServiceTier.FLEX, created=moment)
    assert said["createTime"] == "2026-11-21T12:00:01.000002Z"
    assert said["usageMetadata"]["trafficType"] == "ON_DEMAND_FLEX"
    assert "serviceTier" not in said["usageMetadata"]
    plain = encode(service_tier=ServiceTier.FLEX, created=moment)
    assert plain["usageMetadata"]["serviceTier"] == "flex"
    assert "createTime" not in plain
    assert "trafficType" not in plain["usageMetadata"]


def test_a_finish_reason_that_vertex_has_no_word_for_is_other() -> None:
    said = encode(FinishReason.LANGUAGE, variant=VERTEX)
    assert said["candidates"][0]["finishReason"] == "OTHER"
    assert encode(FinishReason.LANGUAGE)["candidates"][0]["finishReason"] == "LANGUAGE"


def test_counting_tells_characters_without_white_space() -> None:
    asked = decode(systemInstruction={"parts": [{"text": "be brief"}]})
    counted = json.loads(tokens.encode(Usage(prompt_text=4), asked, variant=VERTEX))
    assert (counted["totalTokens"], counted["totalBillableCharacters"]) == (4, len("afoxbebrief"))
    assert "totalBillableCharacters" not in json.loads(tokens.encode(Usage(prompt_text=4), asked))


def test_instances_are_an_older_way_to_send_contents() -> None:
    body = b'{"instances": [{"prompt": "a fox"}, {"content": "a hen"}]}'
    asked = tokens.decode(body, model="m", variant=VERTEX)
    assert [content.parts[0].text for content in asked.contents] == ["a fox", "a hen"]
    for wrong in (b'{"instances": [{"prompt": 1}]}', b'{"instances": 3}', b'{"instances": [1]}'):
        with pytest.raises(MalformedRequest, match="contents is not specified"):
            tokens.decode(wrong, model="m", variant=VERTEX)


def test_computed_tokens_are_the_text_and_always_the_same() -> None:
    asked = decode(contents=[*CONTENTS, {"role": "model", "parts": [{"text": "a fox a hen"}]}])
    first, second = json.loads(tokens.encode_computed(asked))["tokensInfo"]
    assert (first["role"], second["role"]) == ("user", "model")
    assert first["tokens"] == ["YSA=", "Zm94"]
    assert len(second["tokens"]) == len(second["tokenIds"]) == 4
    assert second["tokenIds"][0] == first["tokenIds"][0]
    assert all(token.isdigit() for token in second["tokenIds"])
    picture = {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]}
    with pytest.raises(UnsupportedParameter, match="countTokens"):
        tokens.encode_computed(decode(contents=[picture]))


def test_a_refused_prompt_has_no_candidates_and_vertex_says_why() -> None:
    end = Finished(FinishReason.SAFETY, "Say it otherwise.", Usage(prompt_text=2), blocked=True)
    for variant, told in ((VERTEX, {"blockReasonMessage": "Say it otherwise."}), (DEVELOPER, {})):
        body = response.encode(Result("m", (), end), response_id="r", variant=variant)
        said = json.loads(body)
        assert said["promptFeedback"] == {"blockReason": "SAFETY", **told}
        assert "candidates" not in said
        assert said["usageMetadata"]["promptTokenCount"] == 2
        back = response.decode(body).finished
        assert (back.reason, back.blocked) == (FinishReason.SAFETY, True)
    rare = Finished(FinishReason.SPII, blocked=True)
    said = json.loads(response.encode(Result("m", (), rare), response_id="r", variant=VERTEX))
    assert said["promptFeedback"] == {"blockReason": "OTHER"}


def test_messages_name_the_types_of_the_surface() -> None:
    for variant, package in ((VERTEX, "cloud.aiplatform"), (DEVELOPER, "ai.generativelanguage")):
        with pytest.raises(MalformedRequest, match=rf"google\.{package}.*GenerationConfig"):
            decode(variant, generationConfig=3)
