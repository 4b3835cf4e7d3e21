"""Counting tokens: both forms of the question, and the answer."""

import json
from typing import Any

import pytest

from pisang.core.content import Content, Part, Role
from pisang.core.errors import MalformedRequest
from pisang.core.events import Usage
from pisang.core.request import ImageConfig
from pisang.wire.gemini import tokens

MODEL = "gemini-3.1-flash-image"
CONTENTS = [{"parts": [{"text": "hello"}]}]


def decode(body: Any) -> Any:
    return tokens.decode(json.dumps(body).encode(), model=MODEL)


@pytest.mark.parametrize(
    "body",
    [
        {"contents": CONTENTS},
        {"generateContentRequest": {"model": f"models/{MODEL}", "contents": CONTENTS}},
        {"generate_content_request": {"contents": CONTENTS}},
    ],
)
def test_contents_come_alone_or_in_a_whole_request(body: Any) -> None:
    assert decode(body).contents == (Content(Role.USER, (Part(text="hello"),)),)


def test_a_whole_request_keeps_its_config() -> None:
    config = {"imageConfig": {"imageSize": "4K"}}
    body = {"generateContentRequest": {"contents": CONTENTS, "generationConfig": config}}
    assert decode(body).image == ImageConfig(image_size="4K")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "contents"),
        ({"contents": CONTENTS, "generateContentRequest": {"contents": CONTENTS}}, "contents"),
        ({"generateContentRequest": {}}, "generate_content_request.contents"),
        ({"generateContentRequest": 5}, "generate_content_request"),
        ({"contents": CONTENTS, "model": "models/other"}, "model"),
    ],
)
def test_a_wrong_question_is_refused_with_its_path(body: Any, field: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        decode(body)
    assert caught.value.field == field


def test_the_answer_counts_the_prompt_by_kind() -> None:
    usage = Usage(prompt_text=3, prompt_image=1120, text_output=9)
    assert json.loads(tokens.encode(usage)) == {
        "totalTokens": 1123,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 3},
            {"modality": "IMAGE", "tokenCount": 1120},
        ],
    }
