"""Whatever another server answers, it is read or it is no answer: nothing else is raised."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.events import Finished, FinishReason, Image, Started, Usage
from pisang.core.image import MediaType, Pixels
from pisang.provenance.encode import encode
from pisang.wire.openai import chat_results, image_results
from pisang.wire.openai.results import (
    EventOrLink,
    Link,
    NoAnswer,
    read_reason,
    read_refusal,
    read_usage,
)

NAMES = [
    "choices", "message", "delta", "content", "images", "image_url", "url", "type", "text", "model",
    "finish_reason", "native_finish_reason", "reasoning", "refusal", "usage", "usageMetadata",
    "prompt_tokens", "completion_tokens", "completion_tokens_details", "image_tokens", "data",
    "b64_json", "error", "code", "extra_content", "google", "thought_signature", "input_tokens",
    "candidatesTokenCount", "promptTokensDetails", "modality", "tokenCount", "moderation_details",
]  # fmt: skip
WORDS = ["stop", "STOP", "data:image/png;base64,AAAA", "https://x/y", "![a](https://x/y)", "AAAA"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
MESSAGES = st.builds(
    lambda message, choice, rest: {**rest, "choices": [{**choice, "message": message}]},
    OBJECTS,
    OBJECTS,
    OBJECTS.map(lambda rest: {k: v for k, v in rest.items() if k != "error"}),
)


def in_order(pieces: list[EventOrLink]) -> bool:
    return isinstance(pieces[0], Started) and isinstance(pieces[-1], Finished)


@given(st.one_of(OBJECTS, MESSAGES), st.booleans())
def test_any_chat_is_read_or_is_no_answer(tree: dict[str, Any], links: bool) -> None:
    try:
        pieces = chat_results.read(json.dumps(tree).encode(), each=1120, links=links)
    except NoAnswer:
        return
    assert in_order(pieces)


@given(OBJECTS, st.lists(OBJECTS, max_size=3))
def test_any_pictures_are_read_or_are_no_answer(
    tree: dict[str, Any], data: list[dict[str, Any]]
) -> None:
    for body in (tree, {**tree, "data": data}):
        try:
            pieces = image_results.read(json.dumps(body).encode(), each=1120)
        except NoAnswer:
            continue
        assert in_order(pieces)


@given(
    st.lists(st.one_of(OBJECTS, MESSAGES, st.binary(max_size=20)), max_size=4), st.integers(1, 9)
)
def test_any_stream_is_read_or_is_no_answer(frames: list[Any], step: int) -> None:
    told = (f if isinstance(f, bytes) else json.dumps(f).encode() for f in frames)
    body = b"".join(b"data: " + each + b"\n\n" for each in told)
    for stream in (chat_results.Stream(each=1, links=True), image_results.Stream(each=1)):
        try:
            for at in range(0, len(body), step):
                stream.feed(body[at : at + step])
            assert isinstance(stream.close()[-1], Finished)
        except NoAnswer:
            pass


@given(st.one_of(st.binary(), OBJECTS.map(lambda tree: json.dumps(tree).encode())))
def test_any_error_is_a_refusal_or_none(body: bytes) -> None:
    finished = read_refusal(body)
    assert finished is None or finished.reason is not FinishReason.STOP


@given(OBJECTS, st.integers(0, 3), st.integers(0, 3000))
def test_tokens_are_never_less_than_none(tree: dict[str, Any], images: int, each: int) -> None:
    usage = read_usage(tree, images=images, each=each)
    if usage is not None:
        counts = (usage.prompt_text, usage.prompt_image, usage.text_output, usage.image_output)
        assert min(*counts, usage.thoughts) >= 0


def test_a_sum_without_pictures_is_text() -> None:
    usage = read_usage({"usage": {"prompt_tokens": 5, "completion_tokens": 9}}, images=0, each=1120)
    assert usage == Usage(prompt_text=5, text_output=9)


def test_a_number_without_end_is_no_answer() -> None:
    with pytest.raises(NoAnswer):
        image_results.read(b'{"data": [], "usage": {"output_tokens": Infinity}}', each=1)


def test_a_reason_that_nobody_knows_is_another_one() -> None:
    assert read_reason("something") is FinishReason.OTHER
    assert read_reason(None) is FinishReason.OTHER
    assert read_reason("stop", "NO_IMAGE") is FinishReason.NO_IMAGE
    assert read_reason("stop", "STOP") is FinishReason.STOP


def test_pieces_of_answers_are_what_engines_and_links_are_made_of() -> None:
    file = encode(Pixels(1, 1, 3, b"abc"), MediaType.PNG)
    picture = base64.b64encode(file).decode()
    body = {"data": [{"b64_json": picture}, {"url": "https://x/y"}, {}, 3, {"b64_json": ""}]}
    pieces = image_results.read(json.dumps(body).encode(), each=0)
    assert [type(piece) for piece in pieces] == [Started, Image, Link, Finished]
