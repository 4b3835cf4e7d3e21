"""Chat requests: whatever comes, it is read or refused with the place to blame."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pisang.catalog.models import Resolution, catalog
from pisang.core.errors import PisangError
from pisang.core.request import Thinking, ThinkingLevel
from pisang.wire.openai.chat import ChatRequest, decode, settled

CARD = catalog().cards["gemini-3.1-flash-image"]
PRO = catalog().cards["gemini-3-pro-image"]
NAMES = [
    "model",
    "messages",
    "role",
    "content",
    "images",
    "image_url",
    "url",
    "type",
    "text",
    "extra_body",
    "google",
    "image_config",
    "thinking_config",
    "aspect_ratio",
    "image_size",
    "size",
    "modalities",
    "stream",
    "n",
    "stop",
    "tools",
    "response_format",
    "extra_content",
    "thought_signature",
    "reasoning_effort",
    "stream_options",
    "include_usage",
    "seed",
    "max_tokens",
    "chat_images",
    "service_tier",
    "temperature",
    "refusal",
    "tool_calls",
]
WORDS = ["user", "assistant", "system", "text", "image_url", "data:image/png;base64,AAAA", "16:9"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=15,
)


def find(name: str) -> Resolution:
    return Resolution(CARD, name)


def refusal(reading: Callable[[], object]) -> PisangError | None:
    try:
        reading()
    except PisangError as error:
        return error
    return None


def read(**body: Any) -> ChatRequest:
    body = {"model": "m", "messages": [{"role": "user", "content": "a cat"}]} | body
    return decode(json.dumps(body).encode(), find=find)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5))
def test_no_body_breaks_the_reader(body: dict[str, Any]) -> None:
    with contextlib.suppress(PisangError):
        assert read(**body).choices


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=4), max_size=3))
def test_no_message_breaks_the_reader(messages: list[dict[str, Any]]) -> None:
    error = refusal(lambda: read(messages=messages))
    assert error is None or (error.field or "").startswith("messages")


@pytest.mark.parametrize(
    ("effort", "level"),
    [
        ("none", ThinkingLevel.MINIMAL),
        ("minimal", ThinkingLevel.MINIMAL),
        ("low", ThinkingLevel.MINIMAL),
        ("medium", ThinkingLevel.HIGH),
        ("high", ThinkingLevel.HIGH),
        ("xhigh", ThinkingLevel.HIGH),
    ],
)
def test_an_effort_is_the_nearest_level(effort: str, level: ThinkingLevel) -> None:
    assert CARD.thinking.levels == (ThinkingLevel.MINIMAL, ThinkingLevel.HIGH)
    assert settled(Thinking(), effort, CARD).level is level


def test_googles_own_level_and_a_model_without_levels_stay() -> None:
    own = Thinking(level=ThinkingLevel.MINIMAL)
    assert settled(own, "high", CARD) == own
    assert settled(Thinking(budget=5), "high", CARD) == Thinking(budget=5)
    assert PRO.thinking.levels == ()
    assert settled(Thinking(), "high", PRO) == Thinking()


def test_a_part_is_blamed_where_the_caller_put_it() -> None:
    asked = read(
        messages=[
            {"role": "system", "content": "in pencil"},
            {"role": "user", "content": "a cat"},
            {"role": "assistant", "content": ""},
            {"role": "user", "content": ["blue", "red"]},
        ]
    )
    assert asked.places == {
        "contents[0].parts[0]": "messages[1].content",
        "contents[1].parts[0]": "messages[3].content",
        "contents[1].parts[1]": "messages[3].content",
    }


@pytest.mark.parametrize(
    ("message", "texts"),
    [
        ({"content": "Here."}, ["Here."]),
        ({"content": None, "refusal": "No."}, ["No."]),
        (
            {"content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]},
            ["a", "b"],
        ),
        ({"content": "a", "refusal": "a", "tool_calls": [], "reasoning_content": "x"}, ["a"]),
    ],
)
def test_what_we_said_is_read_back(message: dict[str, Any], texts: list[str]) -> None:
    asked = read(messages=[{"role": "assistant", **message}, {"role": "user", "content": "x"}])
    assert [part.text for part in asked.request.contents[0].parts] == texts


def test_a_bypass_of_google_is_a_signature() -> None:
    extra = {"google": {"thought_signature": "skip_thought_signature_validator"}}
    said = {"role": "assistant", "content": "a", "extra_content": extra}
    asked = read(messages=[said, {"role": "user", "content": "x"}])
    assert (
        asked.request.contents[0].parts[0].thought_signature == b"skip_thought_signature_validator"
    )


def test_more_messages_than_anyone_means_are_refused() -> None:
    with pytest.raises(PisangError, match="at most 2000"):
        read(messages=[{"role": "user", "content": "a"}] * 2001)
