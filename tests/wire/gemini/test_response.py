"""Answers, whole and streamed, as Google's SDKs expect them; and read back by our own client."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from pisang.core.content import Blob, Encoded
from pisang.core.errors import EngineFailed, EngineUnavailable, InvalidKey
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Preview,
    Result,
    Started,
    Text,
    Thought,
    Usage,
)
from pisang.core.image import Pixels
from pisang.core.request import ServiceTier
from pisang.wire import sse
from pisang.wire.gemini import response

from .strategies import TIERS, results

DATA = Path(__file__).resolve().parents[2] / "data" / "gemini"
USAGE = Usage(prompt_text=12, text_output=8, image_output=1120, thoughts=180, images=1)
PICTURE = Image(Blob("image/png", b"\xfb\xff\xfe\xef"), b"sig")


def encode(*parts: Any, **fields: Any) -> Any:
    finished = fields.pop("finished", Finished(FinishReason.STOP, None, USAGE))
    body = response.encode(Result("pisang-sketch-1", parts, finished), response_id="r1", **fields)
    return json.loads(body)


def test_an_answer_has_googles_shape_and_nothing_empty() -> None:
    answer = encode(
        Thought("**Composing**"),
        Text("Here is the image.", b"a"),
        PICTURE,
        include_thoughts=True,
        service_tier=ServiceTier.STANDARD,
    )
    assert answer == {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "**Composing**", "thought": True},
                        {"text": "Here is the image.", "thoughtSignature": "YQ=="},
                        {
                            "inlineData": {"mimeType": "image/png", "data": "+//+7w=="},
                            "thoughtSignature": "c2ln",
                        },
                    ],
                    "role": "model",
                },
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": 12,
            "candidatesTokenCount": 1128,
            "totalTokenCount": 1320,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
            "candidatesTokensDetails": [
                {"modality": "TEXT", "tokenCount": 8},
                {"modality": "IMAGE", "tokenCount": 1120},
            ],
            "thoughtsTokenCount": 180,
            "serviceTier": "standard",
        },
        "modelVersion": "pisang-sketch-1",
        "responseId": "r1",
    }


def test_thoughts_are_left_out_unless_asked_for() -> None:
    (candidate,) = encode(Thought("plan"), Text("x"))["candidates"]
    assert candidate["content"]["parts"] == [{"text": "x"}]


def test_a_refusal_is_an_empty_list_of_parts_with_reason_and_message() -> None:
    answer = encode(
        finished=Finished(FinishReason.IMAGE_SAFETY, "Try other words.", Usage(prompt_text=4))
    )
    assert answer["candidates"] == [
        {
            "content": {"parts": [], "role": "model"},
            "finishReason": "IMAGE_SAFETY",
            "finishMessage": "Try other words.",
            "index": 0,
        }
    ]
    assert answer["usageMetadata"] == {
        "promptTokenCount": 4,
        "totalTokenCount": 4,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 4}],
    }


def test_an_empty_text_is_never_a_part() -> None:
    (candidate,) = encode(Text(""), PICTURE)["candidates"]
    assert [next(iter(part)) for part in candidate["content"]["parts"]] == ["inlineData"]


def test_pixels_never_reach_the_wire() -> None:
    with pytest.raises(EngineFailed, match="encoded"):
        encode(Image(Pixels(1, 1, 3, b"abc")))


@given(results(), TIERS)
def test_what_is_written_is_read_back_the_same(result: Result, tier: ServiceTier | None) -> None:
    body = response.encode(result, response_id="r", include_thoughts=True, service_tier=tier)
    served = tier.value if tier and result.finished.usage else ""  # it stands in the usage
    told = replace(result.finished, tier=served)
    assert response.decode(body) == replace(result, finished=told)


def test_googles_own_answer_is_read() -> None:
    result = response.decode((DATA / "answer.json").read_bytes())
    assert result == Result(
        "gemini-3-pro-image",
        (Thought("**Composing**"), Text("Here is the image.", b"a"), PICTURE),
        Finished(
            FinishReason.STOP,
            None,
            Usage(
                prompt_text=22,
                prompt_image=258,
                text_output=96,
                image_output=1120,
                thoughts=179,
                images=1,
                searches=1,
            ),
            tier="standard",
            notes={"groundingMetadata": {"webSearchQueries": ["q"]}},
        ),
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"candidates": [{"finishReason": "NO_IMAGE"}]}, FinishReason.NO_IMAGE),
        ({"candidates": [{"content": {}, "finishReason": 11}]}, FinishReason.IMAGE_SAFETY),
        ({"candidates": [{"finishReason": "BRAND_NEW"}]}, FinishReason.OTHER),
        ({"promptFeedback": {"blockReason": "SAFETY"}}, FinishReason.SAFETY),
        ({"promptFeedback": {"blockReason": "JAILBREAK"}}, FinishReason.PROHIBITED_CONTENT),
        ({}, FinishReason.OTHER),
    ],
)
def test_a_refusal_is_read_in_every_form(body: Any, reason: FinishReason) -> None:
    result = response.decode(json.dumps(body).encode())
    assert result.parts == ()
    assert result.finished.reason is reason


def test_a_draft_among_the_thoughts_is_not_taken_for_the_picture() -> None:
    draft = {"inlineData": {"mimeType": "image/png", "data": "AAAA"}, "thought": True}
    body = {"candidates": [{"content": {"parts": [draft]}, "finishReason": "STOP"}]}
    assert response.decode(json.dumps(body).encode()).parts == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"candidates": 5}',
        b'{"candidates":[{"content":{"parts":[{"text":1}]}}]}',
    ],
)
def test_what_is_no_answer_is_the_engines_failure(body: bytes) -> None:
    with pytest.raises(EngineFailed, match="cannot be read"):
        response.decode(body)


def test_an_error_in_place_of_an_answer_is_raised() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}
    body = {"error": {"code": 400, "message": "no", "details": [info]}}
    with pytest.raises(InvalidKey):
        response.decode(json.dumps(body).encode())


EVENTS: list[Event] = [
    Started("m"),
    Thought("plan"),
    Text("here"),
    PICTURE,
    Finished(FinishReason.STOP, None, USAGE),
]


async def play(*events: Event | Exception) -> AsyncIterator[Event]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


async def collect(frames: AsyncIterator[list[bytes]]) -> bytes:
    return b"".join([b"".join(pieces) async for pieces in frames])


def sse_values(stream: bytes) -> list[Any]:
    assert stream.endswith(b"\r\n\r\n")
    lines = stream.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert all(line.startswith(b"data: {") and b"\n" not in line for line in lines)
    return [json.loads(line.removeprefix(b"data: ")) for line in lines]


async def test_a_stream_has_one_part_a_chunk_and_ends_with_reason_and_usage() -> None:
    values = response.chunks(
        play(*EVENTS), response_id="r", include_thoughts=True, prompt=Usage(prompt_text=12)
    )
    chunks = sse_values(await collect(response.as_sse(values)))
    parts = [chunk["candidates"][0]["content"]["parts"] for chunk in chunks]
    assert [next(iter(part[0])) for part in parts] == ["text", "text", "inlineData"]
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False, False, True]
    assert [chunk["usageMetadata"]["totalTokenCount"] for chunk in chunks] == [12, 12, 1320]
    assert {(chunk["responseId"], chunk["modelVersion"]) for chunk in chunks} == {("r", "m")}


async def test_every_chunk_has_parts_so_that_the_sdks_chat_keeps_the_turn() -> None:
    values = response.chunks(play(*EVENTS), response_id="r")
    chunks = sse_values(await collect(response.as_sse(values)))
    assert len(chunks) == 2
    assert all(chunk["candidates"][0]["content"]["parts"] for chunk in chunks)


async def test_an_early_chunk_has_no_candidates() -> None:
    values = response.chunks(
        play(*EVENTS), response_id="r", early=True, prompt=Usage(prompt_text=12)
    )
    first, *_ = sse_values(await collect(response.as_sse(values)))
    assert set(first) == {"usageMetadata", "modelVersion", "responseId"}


async def test_a_refusal_streams_as_one_chunk() -> None:
    events = (Started("m"), Finished(FinishReason.NO_IMAGE, "Say what to draw."))
    values = response.chunks(play(*events), response_id="r")
    (chunk,) = sse_values(await collect(response.as_sse(values)))
    assert chunk["candidates"][0]["finishReason"] == "NO_IMAGE"
    assert chunk["candidates"][0]["content"] == {"parts": [], "role": "model"}


async def test_without_sse_the_stream_is_one_json_array() -> None:
    stream = await collect(response.as_json_array(response.chunks(play(*EVENTS), response_id="r")))
    assert [set(value) for value in json.loads(stream)] == [
        {"candidates", "modelVersion", "responseId"},
        {"candidates", "usageMetadata", "modelVersion", "responseId"},
    ]
    assert b"}\n,\r\n{" in stream
    assert json.loads(await collect(response.as_json_array(play_nothing()))) == []


async def play_nothing() -> AsyncIterator[list[bytes]]:
    return
    yield []


@pytest.mark.parametrize("framed", [response.as_sse, response.as_json_array])
async def test_an_error_before_the_first_chunk_is_raised(framed: Any) -> None:
    values = response.chunks(play(EngineUnavailable("Busy.")), response_id="r")
    with pytest.raises(EngineUnavailable):
        await collect(framed(values))


async def test_a_later_error_is_the_last_value() -> None:
    events = (Started("m"), Text("a"), Text("b"), EngineUnavailable("Busy."))
    stream = await collect(response.as_sse(response.chunks(play(*events), response_id="r")))
    last = sse_values(stream)[-1]
    assert list(last) == ["error"]
    assert (last["error"]["code"], last["error"]["status"]) == (503, "UNAVAILABLE")
    array = await collect(response.as_json_array(response.chunks(play(*events), response_id="r")))
    assert json.loads(array)[-1] == last


@pytest.mark.parametrize("framed", [response.as_sse, response.as_json_array])
async def test_a_stream_that_is_left_early_stops_its_engine_at_once(framed: Any) -> None:
    stopped = []

    async def engine() -> AsyncIterator[Event]:
        try:
            for event in EVENTS:
                yield event
        finally:
            stopped.append(True)

    frames = framed(response.chunks(engine(), response_id="r"))
    await anext(frames)
    await frames.aclose()
    assert stopped == [True]


async def test_a_stream_is_read_back_as_the_same_events() -> None:
    values = response.chunks(play(*EVENTS), response_id="r", include_thoughts=True)
    reader = sse.EventReader()
    read = reader.feed(await collect(response.as_sse(values)))
    events = [e for item in read for e in response.decode_chunk(item.data)]
    assert [event for event in events if not isinstance(event, Started)] == EVENTS[1:]
    assert Started("m") in events


def test_drafts_are_previews_and_every_other_picture_is_kept() -> None:
    def part(data: str, **fields: Any) -> dict[str, Any]:
        return {"inlineData": {"mimeType": "image/png", "data": data}, **fields}

    parts = [part("YQ==", thought=True), part("Yg=="), {"text": "x"}, part("Yw==")]
    events = response.decode_chunk(
        json.dumps({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}).encode()
    )
    assert events[:-1] == [
        Preview(Blob("image/png", b"a")),
        Image(Blob("image/png", b"b")),
        Text("x"),
        Image(Blob("image/png", b"c")),
    ]


@pytest.mark.parametrize("content", [{}, None, {"role": "model"}, {"parts": None}, {"parts": []}])
def test_a_refusal_may_come_with_any_kind_of_nothing(content: Any) -> None:
    candidate = {"content": content, "finishReason": "IMAGE_OTHER", "finishMessage": "No."}
    events = response.decode_chunk(json.dumps({"candidates": [candidate]}).encode())
    assert events == [Finished(FinishReason.IMAGE_OTHER, "No.")]


def test_thoughts_that_a_refusal_tells_twice_count_once() -> None:
    counts = {"promptTokenCount": 8, "candidatesTokenCount": 90, "thoughtsTokenCount": 90}
    body = {
        "candidates": [{"finishReason": "NO_IMAGE"}],
        "usageMetadata": {**counts, "totalTokenCount": 98},
    }
    (finished,) = response.decode_chunk(json.dumps(body).encode())
    assert isinstance(finished, Finished)
    assert finished.usage == Usage(prompt_text=8, thoughts=90)


@pytest.mark.parametrize("said", ["no base64 at all!", "YQ", "left out: 2.9 MB", 7, {}, "=" * 3000])
def test_a_signature_that_cannot_be_read_costs_no_picture(said: Any) -> None:
    shown = {"inlineData": {"mimeType": "image/png", "data": "YQ=="}, "thoughtSignature": said}
    answer = {"candidates": [{"content": {"parts": [shown]}, "finishReason": "STOP"}]}
    image, finished = response.decode_chunk(json.dumps(answer).encode())
    assert image == Image(Blob("image/png", b"a"), b"a" if said == "YQ" else None)
    assert finished == Finished(FinishReason.STOP)


def test_a_picture_goes_on_in_the_base64_that_it_came_in() -> None:
    text = base64.b64encode(bytes(range(256)) * 20)
    body = b'{"candidates":[{"content":{"parts":[{"inlineData":{"data":"%b"}}]}}]}' % text
    (image,) = response.decode_chunk(body)
    assert isinstance(image, Image)
    assert isinstance(image.content, Blob)
    assert isinstance(image.content.form, Encoded)
    result = Result("m", (image,), Finished(FinishReason.STOP))
    assert text in response.pieces(result, response_id="r")
    assert image.content.data == bytes(range(256)) * 20


def test_base64_in_the_other_alphabet_is_written_in_ours() -> None:
    text = base64.urlsafe_b64encode(b"\xfb\xff\xfe" * 2000)
    body = b'{"candidates":[{"content":{"parts":[{"inlineData":{"data":"%b"}}]}}]}' % text
    result = response.decode(body)
    assert b"+//+" * 2000 in response.pieces(result, response_id="r")


@pytest.mark.parametrize(
    ("grounding", "searches"),
    [
        ({"webSearchQueries": ["a", "b"], "imageSearchQueries": ["c"]}, 3),
        ({"web_search_queries": ["a"]}, 1),
        ({"webSearchQueries": ["", "a", "a", " "], "imageSearchQueries": ["a", ""]}, 2),
        ({"webSearchQueries": [None, 7, {}]}, 0),
        ({"webSearchQueries": "a", "groundingChunks": []}, 0),
        (None, 0),
    ],
)
def test_every_search_of_an_answer_counts(grounding: object, searches: int) -> None:
    candidate = {"content": {"parts": []}, "finishReason": "STOP", "groundingMetadata": grounding}
    answer = {"candidates": [candidate], "usageMetadata": {"promptTokenCount": 7}}
    usage = response.decode(json.dumps(answer).encode()).finished.usage
    assert usage == Usage(prompt_text=7, searches=searches)


@pytest.mark.parametrize("wrong", ["many", {}, [7], -(2**70), None, True])
def test_counts_that_are_none_cost_no_picture(wrong: Any) -> None:
    parts = [{"inlineData": {"mimeType": "image/png", "data": "YQ=="}}]
    counts = {
        "prompt_token_count": 5,
        "thoughtsTokenCount": wrong,
        "candidatesTokensDetails": wrong,
    }
    answer = {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]}
    result = response.decode(json.dumps({**answer, "usageMetadata": counts}).encode())
    assert result.finished.usage == Usage(prompt_text=5, images=1)
