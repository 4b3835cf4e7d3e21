"""Answers of other servers' image API, read: what our own server writes comes back as it was."""

import base64
import json
from typing import Any

import pytest

from pisang.core.content import Blob
from pisang.core.events import Finished, FinishReason, Image, Preview, Started, Usage
from pisang.core.image import MediaType, Pixels
from pisang.core.request import GenerateRequest
from pisang.provenance.encode import encode
from pisang.wire.openai import image_answers, image_results
from pisang.wire.openai.image_answers import EDIT, GENERATION, Made
from pisang.wire.openai.image_results import Stream
from pisang.wire.openai.images import Ask
from pisang.wire.openai.results import EventOrLink, Link, NoAnswer, read_refusal

RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/jpeg", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.JPEG))
ASK = Ask(request=GenerateRequest(model="m", contents=()), prompt="a lake")
USED = Usage(prompt_text=12, prompt_image=258, text_output=40, image_output=1120, images=1)
B64 = base64.b64encode(RED.data).decode()


def read(body: bytes | dict[str, Any]) -> list[EventOrLink]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return image_results.read(data, each=1290)


def streamed(*frames: list[bytes], step: int = 11) -> list[EventOrLink]:
    stream, body = Stream(each=1290), b"".join(b"".join(frame) for frame in frames)
    pieces: list[EventOrLink] = []
    for at in range(0, len(body), step):
        pieces += stream.feed(body[at : at + step])
    return [*pieces, *stream.close()]


def test_what_our_own_server_answers_is_read_as_it_was() -> None:
    body = b"".join(image_answers.whole([Made(RED)], ASK, usage=USED, created=1))
    assert read(body) == [Started(""), Image(RED), Finished(FinishReason.STOP, usage=USED)]


def test_every_picture_is_in_the_answer_in_order() -> None:
    body = b"".join(image_answers.whole([Made(RED), Made(BLUE)], ASK, usage=USED, created=1))
    assert read(body)[1:3] == [Image(RED), Image(BLUE)]


@pytest.mark.parametrize("kind", [GENERATION, EDIT])
def test_the_stream_of_our_own_server_tells_previews_picture_and_usage(kind: str) -> None:
    assert streamed(
        image_answers.preview(BLUE, ASK, kind=kind, number=0, created=1),
        image_answers.completed(RED, ASK, kind=kind, usage=USED, created=1),
    ) == [Started(""), Preview(BLUE), Image(RED), Finished(FinishReason.STOP, usage=USED)]


def test_a_stream_without_a_picture_stopped_short() -> None:
    with pytest.raises(NoAnswer) as caught:
        streamed(image_answers.preview(BLUE, ASK, kind=EDIT, number=0, created=1))
    assert caught.value.cut


def test_an_error_in_a_stream_is_no_answer() -> None:
    with pytest.raises(NoAnswer, match="busy"):
        streamed([b'event: error\ndata: {"type": "error", "error": {"message": "busy"}}\n\n'])


@pytest.mark.parametrize(
    ("item", "piece"),
    [
        ({"b64_json": B64}, Image(RED)),
        ({"b64_json": f"data:image/jpeg;base64,{B64}"}, Image(RED)),
        ({"url": f"data:image/png;base64,{B64}"}, Image(RED)),
        ({"url": "https://cdn.example/a.png", "b64_json": None}, Link("https://cdn.example/a.png")),
        ({"url": "/v1/images/7/content"}, Link("/v1/images/7/content")),
    ],
)
def test_a_picture_is_base64_a_data_url_or_a_link(item: dict[str, Any], piece: EventOrLink) -> None:
    assert read({"data": [item]})[1] == piece


def test_nothing_drawn_is_no_image() -> None:
    finished = read({"data": []})[-1]
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.NO_IMAGE


def test_a_usage_without_details_is_all_picture_as_openai_documents_it() -> None:
    usage = {
        "input_tokens": 50,
        "output_tokens": 4160,
        "total_tokens": 4210,
        "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
    }
    finished = read({"data": [{"b64_json": B64}], "usage": usage})[-1]
    assert isinstance(finished, Finished)
    assert finished.usage == Usage(
        prompt_text=10, prompt_image=40, image_output=4160, text_output=0, images=1
    )


@pytest.mark.parametrize("body", [b"", b"busy", b'{"data": {}}', b'{"created": 1}', b'"x"'])
def test_a_body_that_is_no_answer_is_told_from_one(body: bytes) -> None:
    with pytest.raises(NoAnswer):
        read(body)


def refusal(**error: Any) -> Finished | None:
    return read_refusal(json.dumps({"error": error}).encode())


def test_a_moderated_request_is_a_refusal_and_not_an_error() -> None:
    blocked = {
        "code": "moderation_blocked",
        "type": "image_generation_user_error",
        "message": "No.",
    }
    assert refusal(**blocked) == Finished(FinishReason.IMAGE_SAFETY, "No.")
    assert refusal(code="content_policy_violation", message="") == Finished(
        FinishReason.IMAGE_SAFETY
    )


def test_a_prompt_that_was_moderated_is_blocked_as_such() -> None:
    finished = refusal(
        code="moderation_blocked", message="No.", moderation_details={"moderation_stage": "input"}
    )
    assert finished == Finished(FinishReason.PROHIBITED_CONTENT, "No.", blocked=True)


@pytest.mark.parametrize("reason", ["IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "NO_IMAGE"])
def test_a_relay_that_says_googles_reason_in_a_sentence_is_understood(reason: str) -> None:
    words = f"Gemini image generation blocked [{reason}]: try other words"
    told = refusal(code="channel:image_generation_failed", type="channel_error", message=words)
    assert told == Finished(FinishReason(reason), words)


def test_nothing_to_draw_is_no_image() -> None:
    assert refusal(code="no_image", message="x") == Finished(FinishReason.NO_IMAGE, "x")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"{}",
        b'{"error": "busy"}',
        b'{"error": {"code": "invalid_image_file", "type": "image_generation_user_error"}}',
        b'{"error": {"code": 429}}',
    ],
)
def test_any_other_error_is_no_refusal(body: bytes) -> None:
    assert read_refusal(body) is None
