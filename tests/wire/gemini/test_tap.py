"""An answer is watched in passing: the tap must see what a reader of the whole answer reads."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.events import FinishReason, Usage
from pisang.wire.gemini import response
from pisang.wire.gemini.tap import Tap
from pisang.wire.taps import MOST, Tapped
from tests.wire.gemini.test_fuzz import ANSWER, mutated

PICTURE = "iVBORw0K" * 2000
USAGE = {
    "promptTokenCount": 22,
    "candidatesTokenCount": 1216,
    "thoughtsTokenCount": 179,
    "totalTokenCount": 1417,
    "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
    "serviceTier": "priority",
}


def part(**fields: Any) -> dict[str, Any]:
    return {"inlineData": {"mimeType": "image/png", "data": PICTURE}, **fields}


def answer(*parts: Any, reason: str | None = "STOP", **fields: Any) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    return {"candidates": [candidate], "modelVersion": "gemini-3-pro-image", **fields}


def as_sse(*values: Any, end: str = "\r\n\r\n") -> bytes:
    return "".join(f"data: {json.dumps(value)}{end}" for value in values).encode()


def fed(body: bytes, size: int = 1 << 16) -> Tap:
    tap = Tap()
    for at in range(0, len(body), size):
        tap.feed(body[at : at + size])
    return tap


def tapped(body: bytes, size: int = 1 << 16) -> Tapped:
    return fed(body, size).close()


@pytest.mark.parametrize("size", [1, 5, 2047, 1 << 16])
def test_a_whole_answer_tells_what_it_cost_and_how_it_ended(size: int) -> None:
    body = json.dumps(answer({"text": "Here"}, part(), usageMetadata=USAGE), indent=2).encode()
    assert tapped(body, size) == Tapped(
        usage=Usage(prompt_text=22, text_output=96, image_output=1120, thoughts=179, images=1),
        reason=FinishReason.STOP,
        model_version="gemini-3-pro-image",
        images=1,
        tier="priority",
        whole=True,
    )


@given(st.permutations(range(3)), st.sampled_from(["sse", "array", "lf"]), st.integers(1, 9000))
def test_a_stream_tells_the_same_in_any_form_and_order(
    order: list[int], form: str, size: int
) -> None:
    last = answer({"text": "."}, usageMetadata=USAGE)
    last = {list(last)[at]: last[list(last)[at]] for at in order}
    first = answer({"text": "Here"}, part(), reason=None, usageMetadata={"promptTokenCount": 22})
    body = {
        "sse": as_sse(first, last),
        "lf": as_sse(first, last, end="\n\n"),
        "array": f"[{json.dumps(first)}\n,\r\n{json.dumps(last)}\n]".encode(),
    }[form]
    seen = tapped(body, size)
    assert seen.usage == Usage(
        prompt_text=22, text_output=96, image_output=1120, thoughts=179, images=1
    )
    assert (seen.reason, seen.tier, seen.whole) == (FinishReason.STOP, "priority", True)


def test_all_pictures_count_but_drafts() -> None:
    drafts = part(thought=True), part(), part(), {"text": "x"}, part(thought=False)
    assert tapped(json.dumps(answer(*drafts)).encode()).images == 3


@pytest.mark.parametrize("content", [{}, None, {"role": "model"}, {"parts": None}, {"parts": []}])
def test_a_refusal_is_an_answer(content: Any) -> None:
    refused = {
        "candidates": [{"content": content, "finishReason": "NO_IMAGE", "finishMessage": "No."}],
        "usageMetadata": {
            "promptTokenCount": 8,
            "candidatesTokenCount": 90,
            "thoughtsTokenCount": 90,
            "totalTokenCount": 98,
        },
    }
    seen = tapped(json.dumps(refused).encode())
    assert (seen.reason, seen.message, seen.images) == (FinishReason.NO_IMAGE, "No.", 0)
    assert (seen.whole, seen.blocked) == (True, False)
    assert seen.usage == Usage(prompt_text=8, thoughts=90), "thoughts that are told twice"


def test_a_blocked_prompt_is_told_as_such() -> None:
    body = b'{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT", "blockReasonMessage": "No"}}'
    tap = fed(body)
    assert tap.begun
    seen = tap.close()
    assert (seen.blocked, seen.reason) == (True, FinishReason.PROHIBITED_CONTENT)
    assert (seen.message, seen.whole, seen.usage) == ("No", True, None)


@pytest.mark.parametrize("reason", ["CONTINUATION", "SOMETHING_NEW"])
def test_a_finish_reason_from_the_future_is_some_other(reason: str) -> None:
    assert tapped(as_sse(answer(reason=reason))).reason is FinishReason.OTHER


def test_vertex_ais_traffic_is_a_tier() -> None:
    body = answer(usageMetadata={"promptTokenCount": 1, "trafficType": "ON_DEMAND_FLEX"})
    assert tapped(json.dumps(body).encode()).tier == "ON_DEMAND_FLEX"


@pytest.mark.parametrize(
    "first",
    [
        {"text": "Here"},
        {"text": "**Planning**", "thought": True},
        part(),
        {"inline_data": {"data": PICTURE}},
    ],
)
def test_an_answer_begins_with_its_first_content(first: Any) -> None:
    early = as_sse({"usageMetadata": {"promptTokenCount": 3}, "modelVersion": "m"})
    tap = fed(early)
    assert not tap.begun
    body = as_sse(answer(first, reason=None))
    tap.feed(body[: body.index(b"iVBO") + 3000] if b"iVBO" in body else body)
    assert tap.begun
    assert tap.error is None


@pytest.mark.parametrize("nothing", [{"text": ""}, {"thoughtSignature": "YQ=="}])
def test_an_empty_part_is_no_content(nothing: Any) -> None:
    assert not fed(as_sse(answer(nothing, reason=None))).begun


@pytest.mark.parametrize("form", ["plain", "array", "sse"])
def test_an_error_in_place_of_an_answer_is_seen_before_the_end(form: str) -> None:
    error = {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}
    said = json.dumps(error)
    body = {"plain": said, "array": f"[{said}\n]", "sse": f"data: {said}\n\n"}[form].encode()
    tap = fed(body, 10)
    assert tap.error is not None
    assert (tap.error.status, json.loads(tap.error.body)) == (503, error)
    assert not tap.begun
    assert not tap.close().whole


def test_an_error_amid_a_stream_is_no_end() -> None:
    tap = fed(as_sse(answer({"text": "He"}, reason=None), {"error": {"code": 500, "message": "x"}}))
    assert tap.begun
    assert tap.error is not None
    assert not tap.close().whole


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in</html>",
        b"upstream connect error",
        b"[]garbage",
        b'"a text"',
        as_sse(answer({"text": "Here"}, reason=None)),
        as_sse(answer(part()))[:-3000],
        json.dumps(answer(part())).encode()[:-1],
        b"[" + json.dumps(answer(part())).encode(),
        b'data: {"candidates": [}\n\n' + as_sse(answer()),
    ],
)
def test_what_is_cut_short_or_none_is_not_whole(body: bytes) -> None:
    assert not tapped(body).whole
    assert not tapped(body, 3).whole


def test_what_a_broken_answer_told_before_is_kept() -> None:
    body = json.dumps({"usageMetadata": USAGE, **answer({"text": "a"}, part())}).encode()
    seen = tapped(body[:-4000])
    assert not seen.whole
    assert seen.usage is not None
    assert (seen.usage.image_output, seen.images, seen.tier) == (1120, 1, "priority")


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("sse", [True, False])
def test_a_skeleton_without_end_is_not_kept_but_its_usage_is_found(first: bool, sse: bool) -> None:
    text = {"text": "prose, " * (MOST // 4)}
    counted = {"usageMetadata": USAGE}
    value = {**counted, **answer(text)} if first else {**answer(text), **counted}
    body = json.dumps(value).encode()
    tap = fed(b"data: " + body + b"\n\n" if sse else body)
    seen = tap.close()
    assert tap.begun
    assert seen.whole
    assert not fed(body[: MOST + 100_000]).close().whole
    if not (sse and first):  # the head of an event that is too long is let go
        assert seen.usage is not None
        assert seen.usage.thoughts == 179


def test_searches_are_counted_once_however_often_they_are_told() -> None:
    first = answer(part(), reason=None, usageMetadata=USAGE)
    first["candidates"][0]["groundingMetadata"] = {"webSearchQueries": ["a"]}
    last = answer(usageMetadata=USAGE)
    last["candidates"][0]["groundingMetadata"] = {"webSearchQueries": ["a", "b"]}
    for values in ((first, last), (last, answer(usageMetadata=USAGE))):
        usage = tapped(as_sse(*values)).usage
        assert usage is not None
        assert usage.searches == 2


def test_closing_twice_tells_the_same() -> None:
    tap = fed(as_sse(answer(part(), usageMetadata=USAGE)))
    assert tap.close() is tap.close()


def test_a_long_answer_keeps_no_picture() -> None:
    tap = Tap()
    tap.feed(b'{"candidates": [{"content": {"parts": [{"inlineData": {"data": "' + b"A" * 4096)
    for _ in range(100):
        tap.feed(b"A" * 65536)
    held = [vars(tap), vars(tap._cutter)]
    assert sum(len(v) for each in held for v in each.values() if isinstance(v, bytes)) < 10_000


def test_no_answer_however_broken_breaks_the_tap() -> None:
    chance = random.Random(7)
    for _ in range(1500):
        body = json.dumps(mutated(ANSWER, chance)).encode()
        if chance.random() < 0.3:
            at = chance.randrange(len(body))
            body = body[:at] + bytes([chance.randrange(256)]) + body[at + 1 :]
        size = chance.choice([3, 50, 5000])
        seen = tapped(body, size)
        assert seen == tapped(b"[" + body + b"]", size) or not seen.whole or "error" in str(body)
        tapped(b"data: " + body + b"\n\n", size)


def test_recorded_answers_tell_the_tap_what_they_tell_a_reader(shared: Path) -> None:
    read = 0
    for file in sorted((shared / "recordings").glob("*/*.response.json")):
        body = file.read_bytes()
        if b'"candidates"' not in body or b"batch" in body:
            continue
        seen, result = tapped(body), response.decode(body)
        assert (seen.usage, seen.reason) == (result.finished.usage, result.finished.reason)
        assert (seen.model_version, seen.whole) == (result.model_version, True)
        assert seen.tier in ("", "standard", "ON_DEMAND", "ON_DEMAND_FLEX")
        read += 1
    assert read >= 5


def test_a_recorded_stream_is_tapped_event_by_event(shared: Path) -> None:
    (file,) = (shared / "recordings" / "js-genai").glob("*generateContentStream*image_output.json")
    segments = json.loads(file.read_bytes())["interactions"][0]["response"]["bodySegments"]
    seen = tapped(as_sse(*segments), 4096)
    assert (seen.images, seen.reason, seen.whole) == (1, FinishReason.STOP, True)
    assert seen.usage is not None
    assert seen.usage.image_output == 1290


@pytest.mark.parametrize(
    "odd",
    [b'"\xff}{"', b"[" * 5000 + b"]" * 5000, b'"' + b"word " * 300_000 + b'"', b'"\\ud800{"'],
    ids=["no UTF-8", "deep", "long", "half a letter"],
)
@pytest.mark.parametrize("size", [7, 65_536])
def test_what_cannot_be_read_may_be_whole_all_the_same(odd: bytes, size: int) -> None:
    body = (
        b'{"z":%b,"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}' % odd
    )
    for whole in (body, b"data: " + body + b"\r\n\r\n"):
        if len(whole) > 1_000_000 and size == 7:
            continue  # of which 200,000 pieces are no other test
        seen = tapped(whole, size)
        assert (seen.reason, seen.whole) == (FinishReason.STOP, True)
        assert not tapped(whole[: whole.rindex(b"}]}")], size).whole


@pytest.mark.parametrize("start", [b'{"z":[' + b"1," * 100_000, b"\n" * 200_000])
def test_an_answer_in_single_bytes_is_not_read_anew_at_each(start: bytes) -> None:
    tap, began = Tap(), time.process_time()
    for at in range(len(start)):
        tap.feed(start[at : at + 1])
        assert tap.error is None
    tap.feed(b'1],"error":{"code":429}}' if start[:1] == b"{" else b'{"error":{"code":429}}')
    assert time.process_time() - began < 10
    tap.close()
    assert tap.error is not None
    assert tap.error.status == 429
