"""A picture in one answer: what comes back, what is left out, what is refused."""

import asyncio
import base64
import json
from pathlib import Path

import pytest

from pisang.core.errors import EngineFailed, EngineUnavailable
from pisang.core.events import Finished, FinishReason, Started
from pisang.core.image import sniff
from pisang.testing import Server, server
from tests.path.asgi import MODEL, PROMPT, call, generate, post


def asking(**config: object) -> dict[str, object]:
    return {**PROMPT, "generationConfig": config}


def parts(reply_json: dict[str, object]) -> list[dict[str, object]]:
    return reply_json["candidates"][0]["content"]["parts"]  # type: ignore[index,no-any-return]


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
async def test_a_prompt_gives_text_and_a_picture_of_the_exact_size(
    pisang: Server, version: str
) -> None:
    body = asking(imageConfig={"aspectRatio": "16:9", "imageSize": "2K"})
    reply = await post(pisang, generate(version=version), body)
    assert reply.status == 200
    text, image = parts(reply.json)
    assert text["text"] == "Here it is."
    header = sniff(base64.b64decode(image["inlineData"]["data"]))  # type: ignore[index]
    assert header is not None
    assert (header.media_type, header.width, header.height) == ("image/png", 2752, 1536)
    assert base64.b64decode(image["thoughtSignature"]) == b"signature-of-image"  # type: ignore[arg-type]
    usage = reply.json["usageMetadata"]
    assert {"modality": "IMAGE", "tokenCount": 1120} in usage["candidatesTokensDetails"]
    assert reply.json["candidates"][0]["finishReason"] == "STOP"
    assert reply.json["modelVersion"] == f"{MODEL}+scripted-1"
    assert reply.headers["x-gemini-service-tier"] == "standard"
    assert reply.headers["x-pisang-model"] == MODEL
    assert reply.headers["content-length"] == str(len(reply.body))


async def test_only_what_was_asked_for_comes_back(pisang: Server) -> None:
    only_image = await post(pisang, generate(), asking(responseModalities=["IMAGE"]))
    assert [next(iter(part)) for part in parts(only_image.json)] == ["inlineData"]
    only_text = await post(pisang, generate(), asking(responseModalities=["TEXT"]))
    assert [part["text"] for part in parts(only_text.json)] == ["Here it is."]
    assert only_text.json["usageMetadata"].get("candidatesTokenCount", 0) < 100


async def test_thoughts_come_only_when_they_are_asked_for_but_always_count(pisang: Server) -> None:
    hidden = await post(pisang, generate())
    assert not any("thought" in part for part in parts(hidden.json))
    shown = await post(pisang, generate(), asking(thinkingConfig={"includeThoughts": True}))
    assert parts(shown.json)[0] == {"text": "A yellow field.", "thought": True}
    counts = {reply.json["usageMetadata"]["thoughtsTokenCount"] for reply in (hidden, shown)}
    assert len(counts) == 1


async def test_a_model_that_does_not_think_gives_no_signatures(pisang: Server) -> None:
    reply = await post(pisang, generate("gemini-2.5-flash-image"))
    assert not any("thoughtSignature" in part for part in parts(reply.json))


async def test_the_card_says_which_file_comes(pisang: Server) -> None:
    reply = await post(pisang, generate("gemini-nano-banana-2.1"))
    image = parts(reply.json)[-1]["inlineData"]
    assert image["mimeType"] == "image/jpeg"  # type: ignore[index]
    assert base64.b64decode(image["data"])[:3] == b"\xff\xd8\xff"  # type: ignore[index]


async def test_a_dead_id_is_served_by_its_successor_and_says_so(pisang: Server) -> None:
    reply = await post(pisang, generate("gemini-3-pro-image-preview"))
    assert reply.status == 200
    assert reply.headers["x-pisang-model"] == MODEL
    assert "was shut down on 2026-06-25" in reply.headers["x-pisang-notice"]


async def test_a_refusal_is_an_answer_with_no_parts(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), Finished(FinishReason.NO_IMAGE, "Nothing to draw.")]
    reply = await post(pisang, generate())
    assert reply.status == 200
    candidate = reply.json["candidates"][0]
    assert candidate["content"] == {"parts": [], "role": "model"}
    assert candidate["finishReason"] == "NO_IMAGE"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "The body is empty"),
        (b"{", "Invalid JSON payload"),
        (b"[]", "one JSON object"),
        (b"\xff\xfe", "Invalid JSON payload"),
        (json.dumps({}).encode(), "contents is not specified"),
        (json.dumps({**PROMPT, "size": 1}).encode(), 'Unknown name "size"'),
        (json.dumps(asking(imageConfig={"aspectRatio": "9:21"})).encode(), "9:21"),
        (json.dumps(asking(imageConfig={"imageSize": "2k"})).encode(), "2K"),
    ],
)
async def test_a_wrong_body_is_told_what_is_wrong(pisang: Server, body: bytes, told: str) -> None:
    reply = await post(pisang, generate(), body)
    assert reply.status == 400
    assert reply.error["status"] == "INVALID_ARGUMENT"
    assert told in reply.error["message"]
    assert pisang.engine.asked == []


async def test_an_unknown_model_is_not_found(pisang: Server) -> None:
    reply = await post(pisang, generate("gemini-3-pro-imag", "v1"))
    assert reply.status == 404
    assert "is not found for API version v1," in reply.error["message"]
    assert f"models/{MODEL}" in reply.error["message"]


async def test_a_deadline_that_passes_gives_504_and_stops_the_work(pisang: Server) -> None:
    pisang.engine.hold = True
    reply = await post(pisang, generate(), headers={"x-server-timeout": "0.05"})
    assert reply.status == 504
    assert reply.error["status"] == "DEADLINE_EXCEEDED"
    assert pisang.engine.cancelled == 1


@pytest.mark.parametrize("value", ["", "nan", "-1", "inf", "soon", "1e99"])
async def test_a_senseless_timeout_counts_as_none(pisang: Server, value: str) -> None:
    assert (await post(pisang, generate(), headers={"x-server-timeout": value})).status == 200


async def test_errors_of_the_engine_keep_their_status(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), EngineUnavailable("Too much queued.", retry_after=2)]
    reply = await post(pisang, generate())
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    pisang.engine.script = [Started("m"), EngineFailed("It broke.")]
    assert (await post(pisang, generate())).status == 500


async def test_a_defect_shows_no_trace_to_the_caller(pisang: Server) -> None:
    pisang.engine.script = [Started("m"), ZeroDivisionError("secret detail")]
    reply = await post(pisang, generate())
    assert reply.status == 500
    assert b"secret detail" not in reply.body
    assert b"Traceback" not in reply.body


async def test_who_hangs_up_stops_the_work(pisang: Server) -> None:
    engine, gone = pisang.engine, asyncio.Event()
    engine.hold = True
    body = json.dumps(PROMPT).encode()
    waiting = asyncio.create_task(
        call(
            pisang.app.asgi,
            "POST",
            generate(),
            headers={"x-goog-api-key": pisang.key},
            chunks=[body],
            hang_up=gone,
        )
    )
    await engine.begun.wait()
    gone.set()
    reply = await asyncio.wait_for(waiting, 5)
    assert reply.status == 0
    assert engine.cancelled == 1


@pytest.mark.parametrize(("how", "status"), [("lenient", 200), ("strict", 400)])
async def test_strict_signatures_refuse_a_turn_without_them(
    tmp_path: Path, how: str, status: int
) -> None:
    async with server(tmp_path / how, thought_signatures=how) as running:
        made = await post(running, generate())
        model_turn = {"role": "model", "parts": parts(made.json)}
        user, again = ({"role": "user", "parts": [{"text": t}]} for t in ("a field", "now green"))
        body = {"contents": [user, model_turn, again]}
        assert (await post(running, generate(), body)).status == 200
        for kind, place in (("Image", 1), ("Text", 0)):
            del model_turn["parts"][place]["thoughtSignature"]  # type: ignore[index]
            reply = await post(running, generate(), body)
            assert reply.status == status
            if status == 400:
                assert reply.error["message"].startswith(
                    f"{kind} part is missing a thought_signature in content position 2, part "
                    f"position {place + 1}. "
                )
