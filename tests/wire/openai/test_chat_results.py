"""Chat answers of other servers: every picture is found, wherever it stands, and counted once."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from pisang.core.caller import ChatImages
from pisang.core.content import Blob
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Result,
    Started,
    Text,
    Thought,
    Usage,
)
from pisang.core.image import MediaType, Pixels
from pisang.core.request import ServiceTier
from pisang.provenance.encode import encode
from pisang.wire.openai import chat_results, completions
from pisang.wire.openai.chat_results import Stream
from pisang.wire.openai.completions import Head
from pisang.wire.openai.results import EventOrLink, Link, NoAnswer

RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/jpeg", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.JPEG))
USED = Usage(prompt_text=9, prompt_image=258, text_output=4, image_output=1120, thoughts=77)
HEAD = Head(id="chatcmpl-1", created=1, model="banana", tier=ServiceTier.STANDARD)


def b64(blob: Blob) -> str:
    return base64.b64encode(blob.data).decode()


def broken_into_lines(blob: Blob) -> str:
    return base64.encodebytes(blob.data).decode()


def url(blob: Blob) -> str:
    return f"data:{blob.mime_type};base64,{b64(blob)}"


def said(message: dict[str, Any], **more: Any) -> bytes:
    choice = {"index": 0, "finish_reason": "stop", "message": message} | more.pop("choice", {})
    return json.dumps({"model": "m", "choices": [choice], **more}).encode()


def read(body: bytes, *, each: int = 1120, links: bool = True) -> list[EventOrLink]:
    return chat_results.read(body, each=each, links=links)


def streamed(*frames: bytes, links: bool = True, step: int = 7) -> list[EventOrLink]:
    stream, body = Stream(each=1120, links=links), b"".join(frames)
    pieces: list[EventOrLink] = []
    for at in range(0, len(body), step):
        pieces += stream.feed(body[at : at + step])
    return [*pieces, *stream.close()]


def frame(tree: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(tree).encode() + b"\n\n"


def delta(said: dict[str, Any], reason: str | None = None) -> bytes:
    return frame({"model": "m", "choices": [{"index": 0, "delta": said, "finish_reason": reason}]})


RESULTS = (
    Result(
        "v",
        (Thought("a plan"), Text("Here it is.", b"of the text"), Image(RED, b"of red")),
        Finished(FinishReason.STOP, usage=replace(USED, images=1)),
    ),
    Result(
        "v",
        (Text("Two."), Image(RED, b"one"), Image(BLUE, b"two")),
        Finished(FinishReason.STOP, usage=replace(USED, images=2)),
    ),
    Result("v", (Image(BLUE),), Finished(FinishReason.STOP, usage=replace(USED, images=1))),
    Result("v", (Text("Only words."),), Finished(FinishReason.STOP, usage=USED)),
)


@pytest.mark.parametrize("result", RESULTS)
def test_what_our_own_server_answers_is_read_as_it_was(result: Result) -> None:
    body = b"".join(completions.pieces([result], HEAD))
    finished = replace(result.finished, tier="standard")  # as our server calls it, too
    assert read(body) == [Started("banana"), *result.parts, finished]


@pytest.mark.parametrize("images", [ChatImages.MARKDOWN, ChatImages.DATA_URL])
@pytest.mark.parametrize("result", RESULTS)
def test_pictures_in_its_text_are_taken_out_of_it(result: Result, images: ChatImages) -> None:
    body = b"".join(completions.pieces([result], replace(HEAD, images=images)))
    plain = [replace(part, signature=None) for part in parts(read(body))]
    assert plain == [
        part if isinstance(part, Thought) else replace(part, signature=None)
        for part in result.parts
        if not isinstance(part, Thought)
    ]


def parts(pieces: list[EventOrLink]) -> list[Text | Image]:
    return [piece for piece in pieces if isinstance(piece, Text | Image)]


def drawn(pieces: list[EventOrLink]) -> list[Blob]:
    found = [piece.content for piece in pieces if isinstance(piece, Image)]
    assert all(isinstance(blob, Blob) for blob in found)
    return [blob for blob in found if isinstance(blob, Blob)]


async def events_of(result: Result) -> Any:
    for event in (Started(result.model_version), *result.parts, result.finished):
        yield event


@pytest.mark.parametrize("images", list(ChatImages))
@pytest.mark.parametrize("result", RESULTS)
async def test_the_stream_of_our_own_server_tells_the_same(
    result: Result, images: ChatImages
) -> None:
    used: list[Usage | None] = []
    head = replace(HEAD, images=images)
    values = completions.choice(events_of(result), head, index=0, used=used)
    frames = [b"data: " + b"".join(value) + b"\r\n\r\n" async for value in values]
    usage = b"data: " + b"".join(completions.used_chunk(head, used)) + b"\r\n\r\n"
    pieces = streamed(*frames, usage, b"data: [DONE]\r\n\r\n", step=5)
    assert pieces[0] == Started("banana")
    assert drawn(pieces) == [part.content for part in result.parts if isinstance(part, Image)]
    assert [p.text for p in pieces if isinstance(p, Text)] == [
        part.text for part in result.parts if isinstance(part, Text)
    ]
    finished = pieces[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.usage) == (FinishReason.STOP, result.finished.usage)


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "images": [{"type": "image_url", "image_url": {"url": url(RED)}}]},
        {"content": "", "images": [url(RED)]},
        {"content": f"![image]({url(RED)})"},
        {"content": f"{url(RED)}"},
        {"content": [{"type": "image_url", "image_url": {"url": url(RED)}}]},
        {"content": [{"type": "image", "image": {"base64": url(RED).partition(",")[2]}}]},
        {"content": [{"type": "output_image", "image_url": url(RED)}]},
        {"content": f"![image]({url(RED)})", "images": [{"image_url": {"url": url(RED)}}]},
    ],
)
def test_a_picture_is_found_where_any_relay_puts_it_and_only_once(message: dict[str, Any]) -> None:
    assert drawn(read(said({"role": "assistant", **message}))) == [RED]


def test_the_type_of_a_picture_is_that_of_its_bytes() -> None:
    claimed = url(BLUE).replace("image/jpeg", "image/png")
    assert drawn(read(said({"images": [{"image_url": {"url": claimed}}]}))) == [BLUE]


def test_the_signature_of_a_message_without_a_text_is_that_of_its_picture() -> None:
    extra = {"google": {"thought_signature": base64.b64encode(b"of all").decode()}}
    image = {"image_url": {"url": url(RED)}}
    message = {"content": None, "images": [image], "extra_content": extra}
    assert parts(read(said(message))) == [Image(RED, b"of all")]


def test_a_picture_in_the_text_that_was_cut_off_is_not_handed_on_as_text() -> None:
    text = "![image](data:image/png;base64," + "A" * 5001
    with pytest.raises(NoAnswer, match="cannot be read"):
        read(said({"content": text}))
    talk = "A data URL begins with data:image/png;base64,AAAA as you know."
    assert parts(read(said({"content": talk}))) == [Text(talk)]


def test_text_and_pictures_keep_their_order() -> None:
    text = f"First\n\n![a]({url(RED)})\n\nthen\n\n![b]({url(BLUE)})\n\ndone"
    assert parts(read(said({"content": text}))) == [
        Text("First"),
        Image(RED),
        Text("then"),
        Image(BLUE),
        Text("done"),
    ]


def test_a_markdown_link_is_a_picture_that_has_to_be_fetched() -> None:
    text = 'Here:\n![a cat](https://cdn.example/a.png?x=1 "t") and ![](http://h/b.png)'
    pieces = read(said({"content": text}))
    assert [piece for piece in pieces if isinstance(piece, Link)] == [
        Link("https://cdn.example/a.png?x=1"),
        Link("http://h/b.png"),
    ]
    assert [piece.text for piece in pieces if isinstance(piece, Text)] == ["Here:", "and"]


def test_links_are_text_where_a_server_has_another_place_for_pictures() -> None:
    text = "see ![logo](https://example.com/logo.png)"
    pieces = read(said({"content": text}), links=False)
    assert [piece for piece in pieces if isinstance(piece, Link | Text)] == [Text(text)]


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ({"finish_reason": "content_filter"}, FinishReason.IMAGE_SAFETY),
        ({"finish_reason": "length"}, FinishReason.MAX_TOKENS),
        (
            {"finish_reason": "stop", "native_finish_reason": "IMAGE_RECITATION"},
            FinishReason.IMAGE_RECITATION,
        ),
        ({"finish_reason": "PROHIBITED_CONTENT"}, FinishReason.PROHIBITED_CONTENT),
        ({"finish_reason": "tool_calls"}, FinishReason.OTHER),
        ({"finish_reason": "stop"}, FinishReason.NO_IMAGE),
    ],
)
def test_an_answer_without_a_picture_says_why_in_googles_words(
    choice: dict[str, Any], reason: FinishReason
) -> None:
    finished = read(said({"content": None}, choice=choice))[-1]
    assert isinstance(finished, Finished)
    assert finished.reason is reason


def test_a_refusal_is_told_once() -> None:
    message = {"content": "I cannot draw that.", "refusal": "I cannot draw that."}
    pieces = read(said(message, choice={"finish_reason": "content_filter"}))
    assert pieces == [Started("m"), Finished(FinishReason.IMAGE_SAFETY, "I cannot draw that.")]


def test_a_refusal_that_calls_itself_a_success_is_none() -> None:
    finished = read(said({"content": None, "refusal": "No."}))[-1]
    assert finished == Finished(FinishReason.IMAGE_SAFETY, "No.")


def test_what_a_server_sums_up_is_a_picture_and_not_cheap_text() -> None:
    usage = {"prompt_tokens": 10, "completion_tokens": 1300, "total_tokens": 1310}
    image = {"image_url": {"url": url(RED)}}
    finished = read(said({"images": [image]}, usage=usage), each=1290)[-1]
    assert isinstance(finished, Finished)
    assert finished.usage == Usage(prompt_text=10, image_output=1290, text_output=10, images=1)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, "x"])
def test_usage_that_is_not_told_is_left_to_be_counted(usage: Any) -> None:
    finished = read(said({"content": "hello"}, usage=usage))[-1]
    assert finished == Finished(FinishReason.STOP)


def test_googles_own_usage_beside_the_answer_counts() -> None:
    googles = {
        "promptTokenCount": 22,
        "candidatesTokenCount": 1216,
        "thoughtsTokenCount": 179,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}],
    }
    image = {"image_url": {"url": url(RED)}}
    finished = read(said({"images": [image]}, usageMetadata=googles))[-1]
    assert isinstance(finished, Finished)
    assert finished.usage == Usage(
        prompt_text=22, text_output=96, image_output=1120, thoughts=179, images=1
    )


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>busy</html>", None),
        (b"[]", None),
        (b'{"choices": []}', None),
        (b'{"error": {"message": "no money", "code": 402}}', 402),
        (b'{"error": "no"}', 500),
        (b'{"choices": [{"error": {"code": 502, "message": "x"}}]}', 502),
        (said({"images": ["data:image/png;base64,AAAA"]}), None),
        (said({"images": ["data:image/png;base64,###"]}), None),
    ],
)
def test_a_body_that_is_no_answer_is_told_from_one(body: bytes, status: int | None) -> None:
    with pytest.raises(NoAnswer) as caught:
        read(body)
    assert caught.value.status == status
    assert not caught.value.cut


def test_a_stream_that_stops_short_is_no_answer() -> None:
    with pytest.raises(NoAnswer) as caught:
        streamed(delta({"content": "Here"}))
    assert caught.value.cut


def test_a_stream_without_a_last_word_is_whole_if_it_has_a_reason() -> None:
    assert streamed(delta({"content": "Hi"}), delta({}, "stop"))[-2:] == [
        Text("Hi"),
        Finished(FinishReason.STOP),
    ]


def test_thoughts_and_pictures_of_a_stream_come_at_once() -> None:
    stream = Stream(each=0, links=True)
    assert stream.feed(delta({"reasoning": "hm"})) == [Started("m"), Thought("hm")]
    assert stream.feed(delta({"content": "Look: "})) == []
    found: list[Event | Link] = stream.feed(delta({"images": [{"image_url": {"url": url(RED)}}]}))
    assert found == [Text("Look: "), Image(RED)]


@pytest.mark.parametrize(
    "message",
    [
        {"content": ["Here.", {"type": "image", "image": {"url": url(RED)}}]},
        {"content": {"type": "image_url", "image_url": url(RED)}},
        {"content": [{"inline_data": {"mime_type": "image/png", "data": b64(RED)}}]},
        {"content": [{"type": "image", "source": {"type": "base64", "data": b64(RED)}}]},
        {"content": None, "images": [{"b64_json": broken_into_lines(RED)}]},
        {"content": None, "tool_calls": None, "refusal": None, "images": [url(RED)]},
    ],
)
def test_a_picture_is_found_in_every_shape_that_was_seen(message: dict[str, Any]) -> None:
    assert Image(RED) in read(said(message))
    assert Image(RED) in read(b"\xef\xbb\xbf" + said(message))


def test_a_stream_may_come_in_one_message_with_empty_events_before_it() -> None:
    whole = {"choices": [{"message": {"content": url(RED)}, "finish_reason": "stop"}]}
    assert Image(RED) in streamed(b"data: \n\n", frame(whole))
    assert Image(RED) in read(json.dumps(whole).replace('"message"', '"delta"').encode())


@pytest.mark.parametrize("reason", ["eos", "tool_calls", 7])
def test_a_picture_with_a_reason_of_its_own_is_no_refusal(reason: Any) -> None:
    choice = {"finish_reason": reason}
    *_, finished = read(said({"content": url(RED)}, choice=choice))
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.STOP
    *_, finished = read(said({"content": "A fox."}, choice=choice))
    assert isinstance(finished, Finished)
    assert finished.reason is FinishReason.OTHER
