"""Responses: whatever comes, it is read or refused; and what was written is read again."""

import contextlib
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pisang.catalog.models import Resolution, catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import PisangError
from pisang.wire import payload
from pisang.wire.openai import stored
from pisang.wire.openai.response_items import Said, read_items, references
from pisang.wire.openai.responses import ResponseRequest, decode
from tests.wire.openai.test_messages import PNG

CARD = catalog().cards["gemini-3.1-flash-image"]
NAMES = [
    "model",
    "input",
    "instructions",
    "tools",
    "tool_choice",
    "previous_response_id",
    "stream",
    "store",
    "metadata",
    "type",
    "role",
    "content",
    "text",
    "image_url",
    "file_id",
    "id",
    "result",
    "size",
    "quality",
    "output_format",
    "background",
    "format",
    "output_compression",
    "partial_images",
    "input_image_mask",
    "reasoning",
    "effort",
    "summary",
    "truncation",
    "temperature",
    "max_output_tokens",
    "service_tier",
    "parallel_tool_calls",
    "user",
    "aspect_ratio",
    "image_config",
]
WORDS = [
    "user",
    "assistant",
    "message",
    "image_generation",
    "image_generation_call",
    "item_reference",
    "input_text",
    "input_image",
    "auto",
    "none",
    "ig_01m7z1jjsfbgfcnzgzcykyrnjm_1",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=15,
)


def find(name: str | None) -> Resolution:
    return Resolution(CARD, name or "default")


def read(tree: dict[str, Any], *before: bytes) -> ResponseRequest:
    return decode({"model": "m", "input": "a cat"} | tree, find=find, before=before)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_no_body_breaks_the_reader(tree: dict[str, Any]) -> None:
    references(tree)
    with contextlib.suppress(PisangError):
        assert payload.pieces(dict(read(tree).echo))


TEXTS = st.text(min_size=1, max_size=8).filter(lambda text: text == text.strip())
PARTS = st.builds(Part, text=TEXTS) | st.just(Part(blob=Blob("image/png", PNG)))
TURNS = st.lists(st.lists(PARTS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=4)


@given(TURNS)
def test_what_was_asked_is_read_again_as_it_was(turns: list[tuple[Part, ...]]) -> None:
    contents = tuple(
        Content(Role.MODEL if index % 2 else Role.USER, parts) for index, parts in enumerate(turns)
    )
    items = json.loads(stored.dump(contents, (), {}, response_id="resp_1"))["input"]
    said = Said()
    read_items([("", item) for item in items], said)
    assert tuple(said.contents) == contents
    assert len({item["id"] for item in items}) == len(items)


def test_a_continued_response_has_both_halves_of_the_one_before() -> None:
    exchange = {
        "input": [{"role": "system", "content": "in pencil"}, {"role": "user", "content": "a cat"}],
        "response": {
            "output": [
                {"type": "reasoning", "id": "rs_1"},
                {
                    "type": "message",
                    "role": "assistant",
                    "content": [{"type": "output_text", "text": "Here."}],
                },
            ]
        },
    }
    asked = read({"input": "blue"}, json.dumps(exchange).encode())
    assert [turn.text for turn in asked.request.contents] == ["a cat", "Here.", "blue"]
    assert (asked.new, asked.system) == (1, ())
    assert asked.request.system_instruction is not None
    assert asked.request.system_instruction.text == "in pencil"


def test_names_of_stored_responses_are_found_in_the_input() -> None:
    name = "01m7z1jjsfbgfcnzgzcykyrnjm"
    items = [
        {"type": "image_generation_call", "id": f"ig_{name}_1"},
        {"type": "item_reference", "id": f"msg_{name}_0"},
        {"type": "image_generation_call", "id": "ig_" + "x" * 26 + "_0", "result": "AAAA"},
        {"type": "item_reference", "id": "msg_other"},
        {"id": 5},
        "text",
    ]
    assert references({"input": items}) == {f"resp_{name}"}
    assert references({"input": "text"}) == set()
