"""Answers are held back until there is something in them, and then handed on unchanged."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest

from pisang.core.events import Event, Finished, FinishReason, Started, Text
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import Passing, UpstreamFault
from pisang.routing.diagnosis import Kind
from pisang.routing.holding import first_content, held
from pisang.routing.triage import triage
from pisang.wire.gemini.tap import Tap
from pisang.wire.openai.tap import Tap as OpenAITap

ANSWER = json.dumps(
    {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": "Here it is."}]},
                "finishReason": "STOP",
            }
        ],
        "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 9},
        "modelVersion": "gemini-3-pro-image",
    }
).encode()
NO_IMAGE = b'{"candidates": [{"finishReason": "NO_IMAGE", "index": 0}]}'
ENVELOPE = (
    b'{"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}'
)


class Chunks:
    """An answer's chunks, and how far they were read."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.read = 0
        self.closed = False
        self.passing = Passing({"content-type": "application/json"}, None, self._all(chunks))

    async def _all(self, chunks: Sequence[bytes | Exception]) -> AsyncGenerator[bytes, None]:
        try:
            for chunk in chunks:
                self.read += 1
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            self.closed = True


async def opened(chunks: Chunks) -> list[bytes]:
    return await held(chunks.passing, Tap(), dialect=Dialect.GEMINI)


async def whole(chunks: Chunks) -> bytes:
    beginning = await opened(chunks)
    return b"".join([*beginning, *[chunk async for chunk in chunks.passing.chunks]])


async def fault(chunks: Chunks) -> Symptom:
    with pytest.raises(UpstreamFault) as caught:
        await opened(chunks)
    assert chunks.closed
    return caught.value.symptom


async def test_an_answer_is_handed_on_as_soon_as_there_is_something_in_it() -> None:
    at = ANSWER.index(b"Here it")
    chunks = Chunks(ANSWER[:10], ANSWER[10:at], ANSWER[at : at + 20], ANSWER[at + 20 :])
    beginning = await opened(chunks)
    assert len(beginning) == chunks.read <= 3
    rest = [chunk async for chunk in chunks.passing.chunks]
    assert b"".join([*beginning, *rest]) == ANSWER
    assert chunks.closed


async def test_the_tap_sees_what_is_held_once() -> None:
    tap = Tap()
    chunks = Chunks(ANSWER[:60], ANSWER[60:90], ANSWER[90:])
    await held(chunks.passing, tap, dialect=Dialect.GEMINI)
    async for chunk in chunks.passing.chunks:
        tap.feed(chunk)
    seen = tap.close()
    assert seen.whole
    assert seen.reason is FinishReason.STOP
    assert seen.model_version == "gemini-3-pro-image"


async def test_a_refusal_is_an_answer() -> None:
    assert await whole(Chunks(NO_IMAGE)) == NO_IMAGE


@pytest.mark.parametrize("pieces", [1, 7, 40])
async def test_an_error_in_place_of_an_answer_is_one(pieces: int) -> None:
    cut = [ENVELOPE[at : at + pieces] for at in range(0, len(ENVELOPE), pieces)]
    symptom = await fault(Chunks(*cut))
    assert symptom.status == 503
    assert json.loads(symptom.body) == json.loads(ENVELOPE)
    assert triage(symptom).kind is Kind.OVERLOADED


async def test_an_error_as_the_first_event_of_a_stream_is_one() -> None:
    symptom = await fault(Chunks(b"data: " + ENVELOPE + b"\r\n\r\n"))
    assert symptom.status == 503
    assert triage(symptom).kind is Kind.OVERLOADED


async def test_an_error_in_a_list_is_one() -> None:
    symptom = await fault(Chunks(b"[" + ENVELOPE + b"]"))
    assert triage(symptom).kind is Kind.OVERLOADED


@pytest.mark.parametrize(
    ("body", "broken"),
    [
        (b"", Broken.GARBLED),
        (b"<html><body>Sign in to Hotel WiFi</body></html>", Broken.GARBLED),
        (ANSWER[:40], Broken.CUT),
        (b'"ok"', Broken.GARBLED),
    ],
)
async def test_what_is_no_answer_is_not_handed_on(body: bytes, broken: Broken) -> None:
    symptom = await fault(Chunks(*([body] if body else [])))
    assert symptom.broken is broken
    assert triage(symptom).kind in (Kind.GARBLED, Kind.TRUNCATED)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"candidates": []}', Kind.GARBLED),
        (
            b'{"usageMetadata": {"promptTokenCount": 5}, "modelVersion": "v", "responseId": "r"}',
            Kind.GARBLED,
        ),
        (b'{"candidates": [], "usageMetadata": {"promptTokenCount": 5}}', Kind.GARBLED),
        (b'data: {"usageMetadata": {"promptTokenCount": 5}}\r\n\r\n', Kind.TRUNCATED),
        (b"[]", Kind.GARBLED),
    ],
)
async def test_google_without_candidates_and_without_a_reason_is_no_answer(
    body: bytes, kind: Kind
) -> None:
    symptom = await fault(Chunks(body))
    assert triage(symptom).kind is kind


@pytest.mark.parametrize(
    "body",
    [
        b'{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {}}',
        b'{"promptFeedback": {"safetyRatings": [{}]}, "usageMetadata": {"promptTokenCount": 5}}',
        b'{"candidates": [{"content": {}, "finishReason": "IMAGE_SAFETY"}]}',
        b'{"candidates": [{"finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 5}}',
        b'{"candidates": [{"content": {}}], "usageMetadata": {"promptTokenCount": 5}}',
    ],
)
async def test_what_google_refuses_in_its_own_words_is_handed_on(body: bytes) -> None:
    assert await whole(Chunks(body[:30], body[30:])) == body


async def opened_of_openai(*chunks: bytes) -> bytes:
    passing = Chunks(*chunks).passing
    beginning = await held(passing, OpenAITap(), dialect=Dialect.OPENAI)
    return b"".join([*beginning, *[chunk async for chunk in passing.chunks]])


def said(reason: str | None = "stop", name: str = "message", **message: object) -> bytes:
    choice = {"index": 0, name: {"role": "assistant", **message}, "finish_reason": reason}
    return json.dumps({"model": "m", "choices": [choice], "usage": {"prompt_tokens": 5}}).encode()


EMPTY = [
    b'{"created": 1, "data": []}',
    b'{"created": 1, "data": [], "usage": {"input_tokens": 5, "output_tokens": 0}}',
    b'{"data": [{"b64_json": null, "url": null}]}',
    said(content=""),
    said(content=None),
    said(content=None, images=[]),
    said(content=[]),
    b"data: " + said(None, "delta", content="") + b"\n\ndata: " + said(name="delta") + b"\n\n",
    b"data: " + said(name="delta") + b"\n\ndata: [DONE]\n\n",
]


@pytest.mark.parametrize("body", EMPTY)
@pytest.mark.parametrize("size", [1, 1000])
async def test_a_success_with_nothing_in_it_is_none(body: bytes, size: int) -> None:
    with pytest.raises(UpstreamFault) as caught:
        await opened_of_openai(*[body[at : at + size] for at in range(0, len(body), size)])
    symptom = caught.value.symptom
    assert (symptom.broken, symptom.body) == (Broken.EMPTY, body)
    found = triage(symptom)
    assert (found.kind, found.retry, found.fail_over, found.charged) == (
        Kind.EMPTY,
        False,
        True,
        False,
    )


@pytest.mark.parametrize(
    "body",
    [
        said(content="I would rather not."),
        said(content=[{"type": "text", "text": "Which lake?"}]),
        said(content=None, refusal="No."),
        said("content_filter", content=None),
        said("length", content=None),
        said("tool_calls", content=None, tool_calls=[{"id": "a"}]),
        b"data: " + said("content_filter", "delta") + b"\n\n",
    ],
)
async def test_words_and_reasons_of_a_chat_are_an_answer(body: bytes) -> None:
    assert await opened_of_openai(body[:40], body[40:]) == body


async def test_what_breaks_before_the_first_content_can_still_be_tried_elsewhere() -> None:
    broken = Symptom(dialect=Dialect.GEMINI, status=200, broken=Broken.CUT)
    assert await fault(Chunks(ANSWER[:20], UpstreamFault(broken))) is broken


async def test_what_breaks_afterwards_is_told_to_who_reads_it() -> None:
    at = ANSWER.index(b"STOP")
    broken = UpstreamFault(Symptom(dialect=Dialect.GEMINI, status=200, broken=Broken.CUT))
    chunks = Chunks(ANSWER[:at], broken)
    assert await opened(chunks) == [ANSWER[:at]]
    with pytest.raises(UpstreamFault):
        await anext(chunks.passing.chunks)


async def test_a_caller_who_hangs_up_while_it_is_held_stops_the_upstream() -> None:
    closed = asyncio.Event()

    async def slow() -> AsyncGenerator[bytes, None]:
        try:
            yield ANSWER[:10]
            await asyncio.Event().wait()
        finally:
            closed.set()

    passing = Passing({}, None, slow())
    task = asyncio.create_task(held(passing, Tap(), dialect=Dialect.GEMINI))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert closed.is_set()


async def test_a_caller_who_hangs_up_later_stops_the_upstream() -> None:
    chunks = Chunks(ANSWER[:-5], ANSWER[-5:])
    await opened(chunks)
    await anext(chunks.passing.chunks)
    await chunks.passing.chunks.aclose()
    assert chunks.closed


async def test_an_answer_that_nobody_reads_stops_the_upstream_too() -> None:
    chunks = Chunks(ANSWER[:-5], ANSWER[-5:])
    await opened(chunks)
    await chunks.passing.chunks.aclose()
    assert chunks.closed


async def test_what_nobody_understands_is_not_held_for_ever() -> None:
    chunks = Chunks(*[b'{"unheard": "' + b"-" * 1_000_000] * 50)
    await opened(chunks)
    assert chunks.read < 10


EVENTS = (Started("m"), Text("Here it is."), Finished(FinishReason.STOP))


async def told(*events: Event | Exception) -> AsyncIterator[Event]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


async def test_events_are_held_until_the_first_content() -> None:
    events = await first_content(told(*EVENTS))
    assert tuple([event async for event in events]) == EVENTS


async def test_events_that_nobody_reads_stop_the_engine_too() -> None:
    stopped = list[bool]()

    async def working() -> AsyncIterator[Event]:
        try:
            for event in EVENTS:
                yield event
        finally:
            stopped.append(True)

    await (await first_content(working())).aclose()
    assert stopped


async def test_events_that_fail_before_the_first_content_never_began() -> None:
    broken = UpstreamFault(Symptom(dialect=Dialect.GEMINI, broken=Broken.RESET))
    with pytest.raises(UpstreamFault):
        await first_content(told(Started("m"), broken))
    events = await first_content(told(Started("m"), Text("Here"), broken))
    with pytest.raises(UpstreamFault):
        [event async for event in events]


async def test_a_refusal_as_events_is_an_answer() -> None:
    refused = (Started("m"), Finished(FinishReason.NO_IMAGE, "No."))
    events = await first_content(told(*refused))
    assert tuple([event async for event in events]) == refused
