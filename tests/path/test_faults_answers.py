"""Refusals, unusual answers and spoiled ones on demand, through the application."""

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from pisang.core.image import sniff
from pisang.faults.answers import ANSWERS
from pisang.faults.fault import Group
from pisang.faults.telling import FailedCall, google, printed
from pisang.faults.transport import TRANSPORT
from pisang.testing import Server
from tests.path.asgi import MODEL, PROMPT, Reply, generate, post, streamed
from tests.path.faulty import (
    EVERYWHERE,
    GOOGLE,
    INTERACTIONS,
    OPENAI,
    PREDICT,
    STREAM,
    WORDS,
    error,
    order,
    pieces,
    values,
)

REFUSALS: Mapping[str, tuple[str, object]] = {
    # Google's finish reason, and its content ("absent": there is none).
    "no-image": ("NO_IMAGE", "absent"),
    "image-safety": ("IMAGE_SAFETY", {}),
    "image-other": ("IMAGE_OTHER", {}),
    "image-prohibited-content": ("IMAGE_PROHIBITED_CONTENT", {}),
    "image-recitation": ("IMAGE_RECITATION", {}),
    "safety": ("SAFETY", "absent"),
    "prohibited-content": ("PROHIBITED_CONTENT", "absent"),
    "max-tokens": ("MAX_TOKENS", {"role": "model"}),
    "empty-content": ("STOP", {}),
    "no-parts": ("STOP", {"role": "model"}),
    "null-parts": ("STOP", {"parts": None, "role": "model"}),
}


@pytest.mark.parametrize("surface", ["gemini", "stream", "array", "vertex"])
async def test_refusals_have_the_forms_that_google_gives_them(pisang: Server, surface: str) -> None:
    address, body, _ = GOOGLE[surface]
    for name, (reason, content) in REFUSALS.items():
        (value,) = values(await order(pisang, name, address, body))
        (candidate,) = value["candidates"]

        assert candidate.pop("content", "absent") == content, name
        assert candidate["finishReason"] == reason
        assert ("finishMessage" in candidate) == (content == {} and reason != "STOP")
        assert value["usageMetadata"]["promptTokenCount"] > 0
        assert "candidatesTokenCount" not in value["usageMetadata"]
    assert pisang.engine.asked == []


@pytest.mark.parametrize("surface", ["gemini", "stream", "array", "vertex"])
async def test_answers_without_a_candidate_and_without_a_picture(
    pisang: Server, surface: str
) -> None:
    address, body, _ = GOOGLE[surface]
    (blocked,) = values(await order(pisang, "prompt-blocked", address, body))
    (nothing,) = values(await order(pisang, "no-candidates", address, body))
    (text,) = values(await order(pisang, "text-only", address, body))

    assert blocked["promptFeedback"]["blockReason"] == "PROHIBITED_CONTENT"
    assert "candidates" not in blocked
    assert "candidates" not in nothing
    (part,) = text["candidates"][0]["content"]["parts"]
    assert part["text"].startswith("I cannot")
    assert text["candidates"][0]["finishReason"] == "STOP"


async def test_a_whole_answer_is_printed_as_google_prints_it(pisang: Server) -> None:
    reply = await order(pisang, "no-image")
    assert reply.body == printed(reply.json)
    assert reply.headers["content-length"] == str(len(reply.body))

    zipped = await post(
        pisang,
        generate(),
        {"contents": [{"parts": [{"text": "a cat"}]}]},
        headers={"x-pisang-fault": "image-safety,slow-body=0", "accept-encoding": "gzip"},
    )
    assert zipped.body == printed(zipped.json)
    assert "content-encoding" not in zipped.headers


@pytest.mark.parametrize("fault", [f.name for f in ANSWERS if f.group is Group.REFUSAL])
async def test_a_refusal_is_told_in_the_words_of_each_dialect(pisang: Server, fault: str) -> None:
    finish = {"text-only": "STOP", "prompt-blocked": "PROHIBITED_CONTENT"}.get(fault)
    reason = finish or (REFUSALS[fault][0] if fault in REFUSALS else "STOP")

    images = await order(pisang, fault, *OPENAI["images"])
    assert images.status == 400
    assert images.json["error"]["type"] == "image_generation_user_error"

    chat = await order(pisang, fault, *OPENAI["chat"])
    (choice,) = chat.json["choices"]
    assert not choice["message"].get("images")
    assert (choice["finish_reason"] == "length") == (reason == "MAX_TOKENS")

    interaction = await order(pisang, fault, *INTERACTIONS["interactions"])
    status = {"STOP": "completed", "MAX_TOKENS": "incomplete", "NO_IMAGE": "incomplete"}
    assert interaction.json["status"] == status.get(reason, "failed")

    predicted = await order(pisang, fault, GOOGLE["imagen"][0], PREDICT)
    assert "bytesBase64Encoded" not in predicted.body.decode()
    assert predicted.status in (200, 400)
    for address, body in (OPENAI["responses"], OPENAI["responses, streamed"]):
        assert b"image_generation_call" not in (await order(pisang, fault, address, body)).body
    assert pisang.engine.asked == []


def parts(reply: Reply) -> list[dict[str, Any]]:
    return [
        part
        for value in values(reply)
        for candidate in value["candidates"]
        for part in candidate["content"]["parts"]
    ]


@pytest.mark.parametrize("surface", ["gemini", "stream", "array", "vertex"])
async def test_several_pictures_of_which_the_last_is_the_answer(
    pisang: Server, surface: str
) -> None:
    found = parts(await order(pisang, "several-images=4", GOOGLE[surface][0], PROMPT))

    data = [base64.b64decode(part["inlineData"]["data"]) for part in found]
    assert len(set(data)) == 4
    assert all(sniff(one) for one in data)
    assert not any("thought" in part for part in found)


@pytest.mark.parametrize("surface", ["gemini", "stream", "vertex"])
async def test_drafts_are_thoughts_before_the_answer(pisang: Server, surface: str) -> None:
    *drafts, answer = parts(await order(pisang, "thought-drafts", GOOGLE[surface][0], PROMPT))

    assert [part["thought"] for part in drafts] == [True, True]
    assert all(sniff(base64.b64decode(part["inlineData"]["data"])) for part in drafts)
    assert "thought" not in answer
    assert len(answer["inlineData"]["data"]) > 100_000
    assert answer["thoughtSignature"]


async def test_words_stand_before_and_behind_the_picture(pisang: Server) -> None:
    def kinds(reply: Reply) -> list[str]:
        return ["picture" if "inlineData" in part else "text" for part in parts(reply)]

    assert kinds(await order(pisang, "text-before")) == ["text", "picture"]
    assert kinds(await order(pisang, "text-after")) == ["text", "picture", "text"]
    assert kinds(await order(pisang, "text-after", streamed())) == ["text", "picture", "text"]


async def test_a_huge_signature_is_as_long_as_the_one_that_was_seen(pisang: Server) -> None:
    (part,) = parts(await order(pisang, "huge-signature"))
    assert len(part["thoughtSignature"]) == 2_909_844

    (part,) = parts(await order(pisang, "huge-signature=0.5", streamed()))
    assert len(part["thoughtSignature"]) == 500_000


async def test_a_picture_is_as_large_as_it_was_asked_for(pisang: Server) -> None:
    config = {"imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"}}
    reply = await order(pisang, "text-before", generate(), PROMPT | {"generationConfig": config})

    header = sniff(base64.b64decode(parts(reply)[-1]["inlineData"]["data"]))
    assert header
    assert (header.width, header.height) == (2752, 1536)
    image = await order(
        pisang, "text-before", "/v1/images/generations", WORDS | {"output_format": "jpeg"}
    )
    header = sniff(base64.b64decode(image.json["data"][0]["b64_json"]))
    assert header
    assert header.media_type == "image/jpeg"


@pytest.mark.parametrize("surface", EVERYWHERE)
async def test_every_transport_fault_spoils_every_surface(pisang: Server, surface: str) -> None:
    address, body = EVERYWHERE[surface]
    sent = {"slow-first-byte": 0.05, "slow-body": 0.05, "stalled-body": 0.05}
    good = (await order(pisang, "slow-body=0", address, body)).body
    is_stream = b"data: " in good[:200]
    for fault in TRANSPORT:
        wanted = f"{fault.name}={sent[fault.name]}" if fault.name in sent else fault.name
        reply = await order(pisang, wanted, address, body)
        length = int(reply.headers.get("content-length", 0))

        assert reply.status == 200, fault.name
        assert reply.headers["x-pisang-fault"] == wanted
        if fault.name in ("truncated-json", "cut-connection", "cut-stream", "stalled-body"):
            assert len(reply.body) < 0.9 * len(good) or is_stream
            assert length in (0, length and len(good))
            with pytest.raises(ValueError):  # noqa: PT011 - JSON's, or that of UTF-8
                [json.loads(piece) for piece in pieces(reply.body)]
        elif fault.name == "garbled-bytes":
            with pytest.raises(UnicodeDecodeError):
                reply.body.decode()
        elif fault.name == "wrong-content-type":
            assert reply.headers["content-type"].startswith("text/html")
        elif fault.name == "duplicated-final-chunk" and is_stream:
            assert len(pieces(reply.body)) > len(pieces(good))
        else:
            assert len(pieces(reply.body)) == len(pieces(good))
    assert pisang.engine.asked == []


async def test_an_error_in_a_stream_is_a_plain_one_where_there_is_no_stream(pisang: Server) -> None:
    for surface, (address, body) in EVERYWHERE.items():
        if "stream" not in surface and surface != "array":
            reply = await order(pisang, "error-in-stream", address, body)
            plain = await order(pisang, "overloaded", address, body)
            assert (reply.status, reply.body) == (503, plain.body), surface
            assert reply.headers["x-pisang-fault"] == "error-in-stream"
    wrong = {"contents": []}
    assert (await order(pisang, "error-in-stream", generate(), wrong)).status == 400


async def test_an_error_ends_a_stream_that_began_well(pisang: Server) -> None:
    first, *_, last = values(await order(pisang, "error-in-stream", streamed()))
    assert first["candidates"][0]["content"]["parts"] == [{"text": "Here is "}]
    overloaded = google(error("overloaded"), FailedCall(model=MODEL), None)
    assert last == overloaded
    assert values(await order(pisang, "error-in-stream", streamed("")))[-1] == overloaded
    assert (await order(pisang, "error-in-stream")).body == printed(overloaded)

    for surface in ("chat, streamed", "responses, streamed"):
        reply = await order(pisang, "error-in-stream", *OPENAI[surface])
        assert reply.status == 200
        assert b"overloaded" in pieces(reply.body)[-1]
    partial = WORDS | STREAM | {"partial_images": 1}
    reply = await order(pisang, "error-in-stream", "/v1/images/generations", partial)
    assert [b"overloaded" in piece for piece in pieces(reply.body)] == [False, True]
    reply = await order(pisang, "error-in-stream", *INTERACTIONS["interactions, streamed"])
    assert b"overloaded" in b"".join(pieces(reply.body)[-2:])
