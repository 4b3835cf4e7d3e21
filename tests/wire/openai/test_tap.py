"""An answer in OpenAI's dialect in passing: what it cost, and how many pictures it holds."""

import json
import random
from typing import Any

import pytest

from pisang.core.events import FinishReason, Usage
from pisang.wire.openai import chat_results, image_results
from pisang.wire.openai.tap import Tap
from pisang.wire.taps import Tapped
from tests.wire.gemini.test_fuzz import mutated

# A PNG of one dot with a long comment after it, so that it is cut.
DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg"
PICTURE = DOT + "A" * 4000
URL = f"data:image/png;base64,{PICTURE}"
MARKDOWN = f"Here it is: ![image]({URL})\n"
PART = {"type": "image_url", "image_url": {"url": URL}}
IMAGES_USAGE = {
    "input_tokens": 50,
    "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    "output_tokens": 4160,
    "total_tokens": 4210,
}
CHAT_USAGE = {"prompt_tokens": 12, "completion_tokens": 1300}


def fed(body: bytes, size: int = 1000) -> Tap:
    tap = Tap(each=1120)
    for at in range(0, len(body), size):
        tap.feed(body[at : at + size])
    return tap


def tapped(answer: Any, size: int = 1000) -> Tapped:
    return fed(answer if isinstance(answer, bytes) else json.dumps(answer).encode(), size).close()


def chat(reason: str | None = "stop", name: str = "message", **message: Any) -> dict[str, Any]:
    choice = {"index": 0, name: {"role": "assistant", **message}, "finish_reason": reason}
    return {"model": "nano-banana", "choices": [choice], "usage": CHAT_USAGE}


def stream(*values: Any, done: bool = True) -> bytes:
    frames = [f"data: {json.dumps(value)}\n\n" for value in values]
    return "".join([*frames, "data: [DONE]\n\n" * done]).encode()


@pytest.mark.parametrize("size", [1, 1000])
def test_an_image_answer_is_read_whole(size: int) -> None:
    answer = {"created": 1, "data": [{"b64_json": PICTURE}, {"url": "https://a/b"}]}
    assert tapped(answer | {"usage": IMAGES_USAGE}, size) == Tapped(
        usage=Usage(prompt_text=10, prompt_image=40, image_output=4160, images=2),
        reason=FinishReason.STOP,
        images=2,
        whole=True,
    )


def test_every_finished_picture_of_a_stream_counts_and_no_preview_does() -> None:
    preview = {"type": "image_generation.partial_image", "b64_json": PICTURE}
    done = {"type": "image_generation.completed", "b64_json": PICTURE, "usage": IMAGES_USAGE}
    seen = tapped(stream(preview, done, done, done=False))
    assert (seen.images, seen.reason, seen.whole) == (2, FinishReason.STOP, True)
    assert seen.usage == Usage(prompt_text=20, prompt_image=80, image_output=8320, images=2)
    begun = fed(stream(preview, done=False))
    assert begun.begun
    assert not begun.close().whole


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "images": [PART]},
        {"content": [{"type": "text", "text": "Here"}, PART]},
        {"content": MARKDOWN},
        {"content": URL},
        {"content": "![it](https://cdn.example/a.png)"},
        {"content": MARKDOWN, "images": [PART]},
    ],
    ids=["images", "parts", "markdown", "url", "link", "twice"],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_a_picture_of_a_chat_counts_wherever_it_stands(message: Any, size: int) -> None:
    seen = tapped(chat(**message), size)
    assert (seen.images, seen.reason, seen.whole) == (1, FinishReason.STOP, True)
    assert seen.usage == Usage(prompt_text=12, text_output=180, image_output=1120, images=1)
    assert seen.model_version == "nano-banana"


@pytest.mark.parametrize("cut", [1, 3, 50, 3000])
def test_markdown_of_a_stream_may_be_cut_anywhere(cut: int) -> None:
    text = MARKDOWN + MARKDOWN
    deltas = [
        chat(None, "delta", content=text[at : at + cut]) | {"usage": None}
        for at in range(0, len(text), cut)
    ]
    last = {"choices": [], "usage": CHAT_USAGE}
    seen = tapped(stream(*deltas, chat("stop", "delta"), last))
    assert (seen.images, seen.whole) == (2, True)
    assert seen.usage is not None
    assert (seen.usage.image_output, seen.usage.images) == (1300, 2)


def test_a_refusal_says_so() -> None:
    seen = tapped(chat(refusal="I cannot draw this."))
    assert (seen.reason, seen.message) == (FinishReason.IMAGE_SAFETY, "I cannot draw this.")
    assert tapped(chat("content_filter")).reason is FinishReason.IMAGE_SAFETY


@pytest.mark.parametrize(("told", "tier"), [("default", "standard"), ("flex", "flex"), (None, "")])
def test_the_tier_is_the_one_that_served(told: str | None, tier: str) -> None:
    assert tapped(chat(content="x") | {"service_tier": told}).tier == tier


def test_an_error_in_place_of_an_answer_is_seen() -> None:
    error = {"error": {"message": "Rate limit", "type": "rate_limit_error", "code": None}}
    for body in (json.dumps(error).encode(), stream(error), json.dumps([error]).encode()):
        tap = fed(body, 7)
        assert not tap.begun
        assert tap.error is not None
        assert json.loads(tap.error.body) == error
        assert not tap.close().whole


@pytest.mark.parametrize(
    ("code", "status"), [(429, 429), ("503", 503), ("rate_limit_exceeded", 500), (None, 500)]
)
def test_an_error_has_the_status_that_it_names(code: object, status: int) -> None:
    tap = fed(json.dumps({"error": {"message": "x", "code": code}}).encode())
    assert tap.error is not None
    assert tap.error.status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        stream(chat(None, "delta", content="He"), done=False),
        json.dumps(chat(content=MARKDOWN)).encode()[:-1],
    ],
)
def test_what_is_cut_short_is_not_whole(body: bytes) -> None:
    assert not tapped(body).whole


def test_usage_is_found_in_an_answer_that_breaks_off() -> None:
    answer = {"usage": IMAGES_USAGE, "data": [{"b64_json": PICTURE}]}
    seen = tapped(json.dumps(answer).encode()[:-5])
    assert seen.usage is not None
    assert (seen.usage.image_output, seen.images, seen.whole) == (4160, 1, False)


def test_the_tap_counts_what_the_engine_reads() -> None:
    answer = json.dumps({"data": [{"b64_json": PICTURE}], "usage": IMAGES_USAGE}).encode()
    read = image_results.read(answer, each=1120)[-1]
    assert getattr(read, "usage", None) == tapped(answer).usage
    body = json.dumps(chat(content=MARKDOWN)).encode()
    read = chat_results.read(body, each=1120, links=True)[-1]
    assert getattr(read, "usage", None) == tapped(body).usage


def test_no_answer_however_broken_breaks_the_tap() -> None:
    chance = random.Random(3)
    answers = [
        chat(content=MARKDOWN, images=[PART]),
        {"data": [{"b64_json": PICTURE}], "usage": IMAGES_USAGE, "service_tier": "flex"},
        {"type": "image_generation.completed", "b64_json": PICTURE, "usage": IMAGES_USAGE},
    ]
    for _ in range(1500):
        body = json.dumps(mutated(chance.choice(answers), chance)).encode()
        tapped(body, chance.choice([50, 3000]))
        tapped(b"data: " + body + b"\n\n", chance.choice([50, 3000]))


@pytest.mark.parametrize(
    "answer",
    [
        {"data": None},
        {"choices": []},
        {"choices": [None]},
        [],
        {},
        b"data: [DONE]\n\n",
    ],
)
def test_an_answer_that_says_nothing_is_not_whole(answer: Any) -> None:
    assert not tapped(answer).whole


def test_a_picture_that_is_not_there_is_not_counted() -> None:
    seen = tapped({"data": [{"b64_json": None, "url": None}, {}, {"b64_json": PICTURE}]})
    assert seen.images == 1


def test_an_event_may_say_what_it_is_in_its_name_only() -> None:
    preview = {"b64_json": PICTURE, "partial_image_index": 0}
    body = b"event: image_generation.partial_image\ndata: " + json.dumps(preview).encode()
    done = (
        b"\n\nevent: image_generation.completed\ndata: "
        + json.dumps({"b64_json": PICTURE, "usage": IMAGES_USAGE}).encode()
    )
    seen = tapped(body + done + b"\n\n")
    assert (seen.images, seen.reason, seen.whole) == (1, FinishReason.STOP, True)
    assert seen.usage is not None


def test_a_data_url_may_have_parameters() -> None:
    text = f"![image](data:image/png;charset=utf-8;base64,{PICTURE})"
    assert tapped({"choices": [{"message": {"content": text}}]}).images == 1
