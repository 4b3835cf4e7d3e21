"""OpenAI's image API through the whole application: shapes, links, streams, refusals, memory."""

import asyncio
import base64
import json
import time
from typing import Any

import pytest

from pisang.core.content import Role, Use
from pisang.core.errors import EngineFailed
from pisang.core.events import Finished, FinishReason, Image, Preview, Started
from pisang.core.image import Canvas, MediaType, Pixels, sniff
from pisang.core.request import Marks, Modality
from pisang.provenance.encode import encode
from pisang.testing import Server, plain_pixels
from pisang.wire.sse import EventReader
from tests.path.asgi import Reply, call, post

GENERATIONS = "/v1/images/generations"
EDITS = "/v1/images/edits"
VARIATIONS = "/v1/images/variations"
LAYER = "/v1beta/openai/images/generations"
RED = encode(Pixels(64, 48, 3, bytes((200, 30, 30)) * 3072), MediaType.PNG)
HOLES = encode(Pixels(64, 48, 4, bytes((0, 0, 0, 0)) * 3072), MediaType.PNG)


async def ask(pisang: Server, body: object, address: str = GENERATIONS) -> Reply:
    headers = {"authorization": f"Bearer {pisang.key}"}
    return await post(pisang, address, body, key="", headers=headers)


async def draw(pisang: Server, address: str = GENERATIONS, /, **body: object) -> Reply:
    return await ask(pisang, {"prompt": "a yellow field"} | body, address)


def form(*fields: tuple[str, str | bytes]) -> tuple[bytes, str]:
    """A multipart body as clients write it, and its content type; bytes are files."""
    parts = []
    for name, value in fields:
        file = '; filename="x.png"\r\nContent-Type: image/png' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + b"--B--\r\n", "multipart/form-data; boundary=B"


async def send(pisang: Server, *fields: tuple[str, str | bytes], address: str = EDITS) -> Reply:
    body, kind = form(*fields)
    return await raw(pisang, body, kind, address)


async def raw(pisang: Server, body: bytes, kind: str, address: str = EDITS) -> Reply:
    headers = {"authorization": f"Bearer {pisang.key}", "content-type": kind}
    return await call(pisang.app.asgi, "POST", address, headers=headers, chunks=[body])


def error(reply: Reply) -> dict[str, Any]:
    told = dict(reply.json["error"])
    assert set(told) == {"message", "type", "param", "code", "reason"}
    return told


def picture(reply: Reply, at: int = 0) -> tuple[str, int, int]:
    assert reply.status == 200, reply.body[:500]
    header = sniff(base64.b64decode(reply.json["data"][at]["b64_json"]))
    assert header
    return header.media_type, header.width, header.height


def events(reply: Reply) -> list[dict[str, Any]]:
    reader = EventReader()
    found = reader.feed(reply.body) + reader.close()
    read = [json.loads(event.data) for event in found]
    assert [event.name for event in found] == [each["type"] for each in read]
    return read


# --- generations ----------------------------------------------------------------------------------


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
    assert (await draw(pisang, LAYER, negative="cats", foo={"bar": 1})).status == 200


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
    assert set(item) == {"url"}
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


# --- edits ----------------------------------------------------------------------------------------


async def test_an_edit_shows_the_pictures_after_the_words(pisang: Server) -> None:
    reply = await send(
        pisang,
        ("prompt", "make it blue"),
        ("model", "gemini-3.1-flash-image"),
        ("n", "1"),
        ("input_fidelity", "high"),
        ("aspect_ratio", "16:9"),
        ("image[]", RED),
        ("image[]", HOLES),
    )
    assert picture(reply) == ("image/png", 1376, 768)
    (turn,) = pisang.engine.asked[0].contents
    assert [part.text or (part.blob and part.blob.data) for part in turn.parts] == [
        "make it blue",
        RED,
        HOLES,
    ]
    assert pisang.engine.asked[0].edit is None


async def test_a_mask_says_that_its_holes_may_change(pisang: Server) -> None:
    reply = await send(pisang, ("prompt", "a lake"), ("image", RED), ("mask", HOLES))
    assert reply.status == 200, reply.body
    asked = pisang.engine.asked[0]
    assert asked.edit
    assert asked.edit.mask
    assert asked.edit.mask.marks is Marks.HOLES
    assert [part.use for part in asked.contents[0].parts] == [None, None, Use.MASK]


async def test_an_edit_may_be_json_with_data_urls(pisang: Server) -> None:
    url = "data:image/png;base64," + base64.b64encode(RED).decode()
    body = {"prompt": "blue", "images": [{"image_url": url}], "size": "1024x1024"}
    reply = await ask(pisang, body, EDITS)
    assert picture(reply)[1:] == (1024, 1024)
    part = pisang.engine.asked[0].contents[0].parts[1]
    assert part.blob
    assert part.blob.data == RED


async def test_an_edit_streams_events_of_its_own(pisang: Server) -> None:
    reply = await send(pisang, ("prompt", "blue"), ("image", RED), ("stream", "true"))
    assert [event["type"] for event in events(reply)] == ["image_edit.completed"]


@pytest.mark.parametrize(
    ("fields", "param", "word"),
    [
        ([("prompt", "x")], "image", "Missing"),
        ([("image", RED)], "prompt", "Missing"),
        ([("prompt", "x"), ("image", "not a file")], "image", "a file"),
        ([("prompt", RED), ("image", RED)], "prompt", "a file"),
        ([("prompt", "x"), ("image", b"")], "image", "empty"),
        ([("prompt", "x"), ("image", b"GIF and more")], "image", "not a picture"),
        ([("prompt", "x"), ("image", RED[:-30])], "image", "image is cut off"),
        ([("prompt", "x"), ("image", RED), ("mask", RED)], "mask", "alpha"),
        ([("prompt", "x"), ("image", RED), ("mask", b"what")], "mask", "PNG"),
        ([("prompt", "x"), ("image", RED), ("n", "many")], "n", "an integer"),
        ([("prompt", "x"), ("image", RED), ("n", "2"), ("n", "3")], "n", "an integer"),
        ([("prompt", "x"), ("image", RED), ("foo", "1")], "foo", "Unknown"),
        ([("prompt", "x"), *[("image[]", RED)] * 17], "image", "at most 16"),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_a_wrong_form_is_400_with_the_field_to_blame(
    pisang: Server, fields: list[tuple[str, str | bytes]], param: str, word: str
) -> None:
    reply = await send(pisang, *fields)
    told = error(reply)
    assert reply.status == 400, told
    assert (told["param"], told["type"]) == (param, "invalid_request_error")
    assert word in told["message"]
    assert pisang.engine.asked == []


async def test_a_mask_of_another_size_is_told_both_sizes(pisang: Server) -> None:
    small = encode(Pixels(32, 32, 4, bytes(4 * 1024)), MediaType.PNG)
    reply = await send(pisang, ("prompt", "x"), ("image", RED), ("mask", small))
    assert reply.status == 400
    assert "32x32" in error(reply)["message"]
    assert "64x48" in error(reply)["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=B"),
        (b"--B\r\n", "multipart/form-data; boundary=B"),
        (b"--C\r\n\r\n--C--", "multipart/form-data; boundary=B"),
        (
            b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n",
            "multipart/form-data; boundary=B",
        ),
        (b"\xff\x00\xfe", "multipart/form-data; boundary=\xff".encode().decode("latin-1")),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b'{"prompt": "x", "images": [3]}', "application/json"),
        (b'{"prompt": "x", "images": [{"image_url": "data:,x"}]}', "application/json"),
        (b'{"prompt": "x", "images": [{"image_url": "nowhere"}]}', "application/json"),
        (b'{"prompt": "x", "images": [{}]}', "application/json"),
        (b"prompt=x", "application/x-www-form-urlencoded"),
    ],
    ids=str,
)
async def test_bad_bodies_are_400_in_openais_envelope(
    pisang: Server, body: bytes, kind: str
) -> None:
    reply = await raw(pisang, body, kind)
    assert reply.status == 400
    assert error(reply)["type"] == "invalid_request_error"


# --- memory ---------------------------------------------------------------------------------------


async def test_a_picture_of_ours_that_comes_back_is_continued(pisang: Server) -> None:
    first = await draw(pisang, model="gemini-3-pro-image")
    ours = base64.b64decode(first.json["data"][0]["b64_json"])
    await send(pisang, ("prompt", "make it blue"), ("image", ours))
    drawn, said = pisang.engine.asked[-1].contents
    assert (drawn.role, said.role) == (Role.MODEL, Role.USER)
    assert drawn.parts[0].thought_signature == b"signature-of-image"
    assert said.text == "make it blue"


async def test_a_mask_is_for_pixels_and_not_for_a_scene(pisang: Server) -> None:
    first = await draw(pisang, model="gemini-3-pro-image")
    ours = base64.b64decode(first.json["data"][0]["b64_json"])
    mask = encode(Pixels(1024, 1024, 4, bytes(4 * 1024 * 1024)), MediaType.PNG)
    await send(pisang, ("prompt", "a lake"), ("image", ours), ("mask", mask))
    (turn,) = pisang.engine.asked[-1].contents
    assert turn.role is Role.USER


# --- variations -----------------------------------------------------------------------------------


async def test_a_variation_redraws_with_another_seed(pisang: Server) -> None:
    first = await draw(pisang, model="gemini-3-pro-image")
    ours = base64.b64decode(first.json["data"][0]["b64_json"])
    reply = await send(pisang, ("image", ours), ("n", "2"), address=VARIATIONS)
    assert len(reply.json["data"]) == 2
    seeds = [asked.sampling.seed for asked in pisang.engine.asked[1:]]
    assert None not in seeds
    assert len(set(seeds)) == 2
    assert pisang.engine.asked[-1].contents[0].parts[0].thought_signature


async def test_variations_of_any_other_picture_differ_by_their_manner(pisang: Server) -> None:
    reply = await send(pisang, ("image", RED), ("n", "10"), address=VARIATIONS)
    assert len(reply.json["data"]) == 10
    said = [asked.contents[0].text for asked in pisang.engine.asked]
    assert len(set(said)) == 10
    assert all(asked.contents[0].parts[1].blob for asked in pisang.engine.asked)


async def test_a_variation_is_of_one_picture(pisang: Server) -> None:
    reply = await send(pisang, ("image", RED), ("image", RED), address=VARIATIONS)
    assert (reply.status, error(reply)["param"]) == (400, "image")
