"""OpenAI's image generations through the whole application: shapes, links, streams, refusals."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.catalog.models import Card
from pisang.core.errors import EngineFailed, EngineUnavailable
from pisang.core.events import Event, Finished, FinishReason, Image, Preview, Started
from pisang.core.image import Canvas, sniff
from pisang.core.request import GenerateRequest, Modality
from pisang.testing import ScriptedEngine, Server, plain_pixels, server, usual
from pisang.wire.openai.results import read_refusal
from tests.path.asgi import call, post
from tests.path.image_calls import EDITS, GENERATIONS, ask, draw, error, events, picture, send

LAYER = "/v1beta/openai/images/generations"


@pytest.mark.parametrize("address", [GENERATIONS, LAYER, "/v1/openai/images/generations"])
async def test_a_picture_comes_as_base64_with_all_that_openai_tells(
    pisang: Server, address: str
) -> None:
    reply = await draw(pisang, address, model="models/gemini-3-pro-image")
    assert picture(reply) == ("image/png", 1024, 1024)
    body = reply.json
    assert abs(body["created"] - time.time()) < 60
    assert {name: body[name] for name in ("size", "quality", "background", "output_format")} == {
        "size": "1024x1024",
        "quality": "high",
        "background": "opaque",
        "output_format": "png",
    }
    assert body["data"][0]["revised_prompt"] == "a yellow field"
    usage = body["usage"]
    assert usage["output_tokens_details"]["image_tokens"] == 1120
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert reply.headers["x-request-id"].startswith("req_")
    assert reply.headers["x-pisang-model"] == "gemini-3-pro-image"
    assert pisang.engine.asked[0].modalities == {Modality.IMAGE}


@pytest.mark.parametrize("name", ["gpt-image-1", "gpt-image-1-mini", "gpt-image-2", "dall-e-2"])
async def test_models_of_openais_are_served_by_one_of_ours_and_told(
    pisang: Server, name: str
) -> None:
    reply = await draw(pisang, model=name, response_format="b64_json")
    assert reply.status == 200
    assert reply.headers["x-pisang-model"] == "gemini-3.1-flash-image"
    assert name in reply.headers["x-pisang-notice"]


async def test_no_model_is_the_default_one(pisang: Server) -> None:
    reply = await draw(pisang)
    assert reply.headers["x-pisang-model"] == "gemini-3.1-flash-image"
    assert "x-pisang-notice" not in reply.headers


async def test_an_unknown_model_is_404_and_names_those_there_are(pisang: Server) -> None:
    reply = await draw(pisang, model="sdxl-turbo")
    assert reply.status == 404
    told = error(reply)
    assert (told["code"], told["param"]) == ("model_not_found", "model")
    assert "gemini-3.1-flash-image" in told["message"]


@pytest.mark.parametrize(
    ("body", "pixels"),
    [
        ({"size": "1536x1024"}, (1264, 848)),
        ({"size": "1024x1536"}, (848, 1264)),
        ({"size": "1792x1024"}, (1376, 768)),
        ({"size": "1024x1792"}, (768, 1376)),
        ({"size": "256x256"}, (512, 512)),
        ({"size": "2048x2048"}, (2048, 2048)),
        ({"size": "1376x768"}, (1376, 768)),
        ({"size": "auto"}, (1024, 1024)),
        ({"size": "512"}, (512, 512)),
        ({"size": "2k"}, (2048, 2048)),
        ({"size": "16:9"}, (1376, 768)),
        ({"size": "1024x1024", "aspect_ratio": "16:9"}, (1376, 768)),
        ({"size": "2K", "aspect_ratio": "9:16"}, (1536, 2752)),
        ({"aspect_ratio": "16:9", "image_size": "2K"}, (2752, 1536)),
        ({"imageConfig": {"aspectRatio": "4:3", "imageSize": "1K"}}, (1200, 896)),
        ({"image_config": {"aspect_ratio": "4:3"}, "resolution": "2K"}, (2400, 1792)),
        ({"extra_body": {"google": {"image_config": {"aspect_ratio": "1:4"}}}}, (512, 2048)),
    ],
    ids=str,
)
async def test_every_way_to_say_a_size(
    pisang: Server, body: dict[str, object], pixels: tuple[int, int]
) -> None:
    reply = await draw(pisang, **body)
    assert picture(reply)[1:] == pixels
    assert reply.json["size"] == f"{pixels[0]}x{pixels[1]}"


async def test_a_model_of_one_size_takes_openais_sizes_too(pisang: Server) -> None:
    for size, pixels in (("1536x1024", (1248, 832)), ("512x512", (1024, 1024)), ("1K", None)):
        reply = await draw(pisang, model="gemini-2.5-flash-image", size=size)
        assert picture(reply)[1:] == (pixels or (1024, 1024))


@pytest.mark.parametrize(
    ("body", "param", "code", "word"),
    [
        ({"size": "1000x700"}, "size", "invalid_value", "1264x848"),
        ({"size": "huge"}, "size", "invalid_value", "1024x1024"),
        ({"size": 1024}, "size", "invalid_type", "a string"),
        ({"aspect_ratio": "9:22"}, "aspect_ratio", "invalid_value", "9:16"),
        ({"image_size": "8K"}, "image_size", "invalid_value", "4K"),
        ({"size": "9:22"}, "size", "invalid_value", "9:16"),
        ({"n": 11}, "n", "integer_above_max_value", "<= 10"),
        ({"n": 0}, "n", "integer_below_min_value", ">= 1"),
        ({"n": "2"}, "n", "invalid_type", "an integer"),
        ({"n": True}, "n", "invalid_type", "a boolean"),
        ({"prompt": None}, "prompt", "missing_required_parameter", "prompt"),
        ({"prompt": "  "}, "prompt", "empty_string", "empty"),
        ({"prompt": ["a"]}, "prompt", "invalid_type", "an array"),
        ({"quality": "best"}, "quality", "invalid_value", "'high'"),
        ({"output_format": "gif"}, "output_format", "invalid_value", "'webp'"),
        ({"output_compression": 50}, "output_compression", "invalid_value", "PNG"),
        (
            {"output_format": "jpeg", "background": "transparent"},
            "background",
            "invalid_value",
            "png",
        ),
        ({"stream": "yes"}, "stream", "invalid_type", "a boolean"),
        ({"stream": True, "partial_images": 4}, "partial_images", "integer_above_max_value", "3"),
        ({"stream": True, "response_format": "url"}, "response_format", "invalid_value", "stream"),
        ({"image_config": "16:9"}, "image_config", "invalid_type", "an object"),
        (
            {"image_config": {"aspect_ratio": 2}},
            "image_config.aspect_ratio",
            "invalid_type",
            "a string",
        ),
        (
            {"image_config": {"aspect": "16:9"}},
            "image_config.aspect",
            "unknown_parameter",
            "Unknown",
        ),
        ({"negative": "cats"}, "negative", "unknown_parameter", "Unknown parameter: 'negative'."),
    ],
    ids=str,
)
async def test_what_is_wrong_is_told_in_openais_words_and_nothing_is_drawn(
    pisang: Server, body: dict[str, object], param: str, code: str, word: str
) -> None:
    reply = await draw(pisang, **body)
    told = error(reply)
    assert reply.status == 400
    assert (told["type"], told["param"], told["code"]) == ("invalid_request_error", param, code)
    assert word in told["message"]
    assert pisang.engine.asked == []


async def test_googles_layer_ignores_names_that_it_does_not_know(pisang: Server) -> None:
    more: dict[str, object] = {"foo": {"bar": 1}, "image_config": {"aspect": "16:9"}}
    assert (await draw(pisang, LAYER, negative="cats", **more)).status == 200


async def test_parameters_of_openais_models_change_nothing(pisang: Server) -> None:
    reply = await draw(pisang, quality="hd", style="vivid", moderation="low", user="u", n=1)
    assert picture(reply) == ("image/png", 1024, 1024)


@pytest.mark.parametrize("name", ["jpeg", "webp"])
async def test_the_format_is_the_one_asked_for(pisang: Server, name: str) -> None:
    reply = await draw(pisang, output_format=name, output_compression=40)
    assert picture(reply)[0] == f"image/{name}"
    assert reply.json["output_format"] == name
    assert pisang.engine.asked[0].image.quality == 40


async def test_n_pictures_are_n_requests_with_seeds_of_their_own(pisang: Server) -> None:
    one, three = await draw(pisang), await draw(pisang, n=3)
    assert len(three.json["data"]) == 3
    assert len({asked.sampling.seed for asked in pisang.engine.asked[1:]}) == 3
    tokens = three.json["usage"]["output_tokens_details"]["image_tokens"]
    assert tokens == 3 * one.json["usage"]["output_tokens_details"]["image_tokens"]


async def test_a_key_is_needed_and_its_absence_told_in_openais_envelope(pisang: Server) -> None:
    for key in ("", "Bearer sk-nobody"):
        headers = {"authorization": key} if key else {}
        reply = await post(pisang, GENERATIONS, {"prompt": "x"}, key="", headers=headers)
        assert reply.status == 401
        assert error(reply)["code"] == "invalid_api_key"


# --- links ----------------------------------------------------------------------------------------


async def test_a_link_gives_the_picture_to_who_has_no_key(pisang: Server) -> None:
    reply = await draw(pisang, response_format="url", output_format="webp")
    (item,) = reply.json["data"]
    assert set(item) == {"url", "revised_prompt"}
    address = item["url"]
    assert "?expires=" in address
    fetched = await call(pisang.app.asgi, "GET", "/assets/" + address.split("/assets/")[1])
    header = sniff(fetched.body)
    assert header
    assert fetched.headers["content-type"] == header.media_type == "image/webp"


async def test_dall_e_answers_with_links_unless_told_otherwise(pisang: Server) -> None:
    assert "url" in (await draw(pisang, model="dall-e-3")).json["data"][0]
    assert "b64_json" in (await draw(pisang, LAYER, model="dall-e-3")).json["data"][0]
    plain = await draw(pisang, model="dall-e-3", response_format="b64_json")
    assert "b64_json" in plain.json["data"][0]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (FinishReason.IMAGE_SAFETY, "moderation_blocked"),
        (FinishReason.PROHIBITED_CONTENT, "moderation_blocked"),
        (FinishReason.NO_IMAGE, "no_image"),
    ],
)
async def test_a_refusal_is_an_error_and_never_an_empty_success(
    pisang: Server, reason: FinishReason, code: str, stream: bool
) -> None:
    pisang.engine.script = (Started("s"), Finished(reason, "Not this one."))
    reply = await draw(pisang, stream=stream)
    told = error(reply)
    assert reply.status == 400
    assert told["type"] == "image_generation_user_error"
    assert (told["code"], told["message"]) == (code, "Not this one.")
    assert told["details"][0]["metadata"] == {"finish_reason": reason.value}
    refused = read_refusal(json.dumps({"error": told}).encode())  # by another server like this
    assert refused == Finished(reason, "Not this one.")


class Picky(ScriptedEngine):
    """Refuses the first of several pictures, which has no seed."""

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        refused = (Started("s"), Finished(FinishReason.IMAGE_SAFETY, "Not this one."))
        script = refused if request.sampling.seed is None else usual(canvas, card.id)
        for event in script:
            yield event


async def test_what_was_drawn_is_answered_where_others_were_refused(tmp_path: Path) -> None:
    async with server(tmp_path / "data", engine=Picky()) as picky:
        reply = await draw(picky, n=3)
        streamed = await draw(picky, n=3, stream=True)
        none = await draw(picky, n=1, stream=True)
    assert len(reply.json["data"]) == 2
    assert "1 of 3" in reply.headers["x-pisang-notice"]
    assert [event["type"] for event in events(streamed)] == ["image_generation.completed"] * 2
    assert (none.status, error(none)["code"]) == (400, "moderation_blocked")


async def test_googles_form_of_errors_is_a_list_with_its_status(pisang: Server) -> None:
    object.__setattr__(pisang.app.asgi.state.shared.settings, "openai_errors", "google")
    reply = await draw(pisang, n=99)
    assert reply.status == 400
    assert reply.json[0]["error"]["status"] == "INVALID_ARGUMENT"


# --- streams --------------------------------------------------------------------------------------


async def test_a_stream_ends_with_the_finished_picture(pisang: Server) -> None:
    reply = await draw(pisang, stream=True, output_format="jpeg")
    assert reply.headers["content-type"] == "text/event-stream"
    (last,) = events(reply)
    assert last["type"] == "image_generation.completed"
    header = sniff(base64.b64decode(last["b64_json"]))
    assert header
    assert (header.media_type, last["size"]) == ("image/jpeg", "1024x1024")
    assert last["usage"]["total_tokens"] > 1000
    assert last["output_format"] == "jpeg"


async def test_previews_come_first_and_are_numbered(pisang: Server) -> None:
    canvas = Canvas(1024, 1024, "1:1", "1K")
    pisang.engine.script = (
        Started("s"),
        Preview(plain_pixels(canvas)),
        Preview(plain_pixels(canvas)),
        Image(plain_pixels(canvas)),
        Finished(FinishReason.STOP),
    )
    found = events(await draw(pisang, stream=True, partial_images=2))
    assert [event["type"].partition(".")[2] for event in found] == [
        "partial_image",
        "partial_image",
        "completed",
    ]
    assert [event.get("partial_image_index") for event in found] == [0, 1, None]
    assert pisang.engine.asked[0].previews == 2
    assert all(sniff(base64.b64decode(event["b64_json"])) for event in found)
    unasked = events(await draw(pisang, stream=True))
    assert len(unasked) == 1


async def test_a_transparent_background_is_asked_of_the_engine(pisang: Server) -> None:
    reply = await draw(pisang, background="transparent", output_format="webp")
    assert reply.json["background"] == "transparent"
    assert pisang.engine.asked[0].image.transparent


async def test_a_stream_of_several_pictures_completes_each(pisang: Server) -> None:
    reply = await draw(pisang, stream=True, n=3)
    assert [event["type"] for event in events(reply)] == ["image_generation.completed"] * 3


async def test_what_breaks_before_the_first_frame_has_a_status_of_its_own(pisang: Server) -> None:
    pisang.engine.script = (Started("s"), EngineFailed("It broke."))
    reply = await draw(pisang, stream=True)
    assert reply.status == 500
    assert error(reply)["type"] == "server_error"


async def test_what_breaks_later_is_the_last_frame(pisang: Server) -> None:
    canvas = Canvas(1024, 1024, "1:1", "1K")
    pisang.engine.script = (
        Started("s"),
        Image(plain_pixels(canvas)),
        Finished(FinishReason.STOP),
        EngineFailed("It broke."),
    )
    found = events(await draw(pisang, stream=True))
    assert [event["type"] for event in found] == ["image_generation.completed", "error"]
    assert found[-1]["error"]["message"] == "It broke."


async def test_who_hangs_up_stops_all_pictures(pisang: Server) -> None:
    pisang.engine.hold = True
    gone = asyncio.Event()
    body = json.dumps({"prompt": "x", "n": 3}).encode()
    headers = {"authorization": f"Bearer {pisang.key}"}
    work = asyncio.create_task(
        call(pisang.app.asgi, "POST", GENERATIONS, headers=headers, chunks=[body], hang_up=gone)
    )
    await pisang.engine.begun.wait()
    gone.set()
    await work
    assert pisang.engine.cancelled == 3


# --- models and doors -----------------------------------------------------------------------------


async def test_strict_servers_know_no_model_of_openais(tmp_path: Path) -> None:
    async with server(tmp_path / "data", compatibility="strict") as strict:
        reply = await draw(strict, model="gpt-image-1")
        assert (reply.status, error(reply)["code"]) == (404, "model_not_found")
        assert (await draw(strict)).status == 200


async def test_imagen_draws_its_own_pixels(pisang: Server) -> None:
    reply = await draw(pisang, model="imagen-4.0-generate-001", size="16:9")
    assert picture(reply)[1:] == (1408, 768)
    assert "imagen-4.0-generate-001" in reply.headers["x-pisang-notice"]


async def test_only_post_is_served(pisang: Server) -> None:
    headers = {"authorization": f"Bearer {pisang.key}"}
    reply = await call(pisang.app.asgi, "GET", GENERATIONS, headers=headers)
    assert reply.status == 405
    assert error(reply)["code"] == "method_not_allowed"


async def test_a_body_too_large_is_413(tmp_path: Path) -> None:
    async with server(tmp_path / "data", max_body_mb=1) as small:
        for address in (GENERATIONS, EDITS):
            reply = await ask(small, {"prompt": "x" * 1_100_000}, address)
            assert (reply.status, error(reply)["code"]) == (413, "request_too_large")
        reply = await send(small, ("prompt", "x"), ("image", b"x" * 1_100_000))
        assert (reply.status, error(reply)["code"]) == (413, "request_too_large")


async def test_what_is_too_much_at_once_says_when_to_come_again(pisang: Server) -> None:
    busy = EngineUnavailable("Too much is queued.", retry_after=2)
    pisang.engine.script = (Started("s"), busy)
    reply = await draw(pisang)
    assert (reply.status, reply.headers["retry-after"]) == (503, "2")
    assert error(reply)["type"] == "server_error"


async def test_nothing_is_kept_of_what_was_refused(pisang: Server) -> None:
    pisang.engine.script = (Started("s"), Finished(FinishReason.IMAGE_SAFETY))
    await draw(pisang, response_format="url")
    async with pisang.app.database.read() as connection:
        for table in ("assets", "signatures"):
            kept = await connection.exec_driver_sql(f"SELECT count(*) FROM {table}")
            assert kept.scalar_one() == 0
