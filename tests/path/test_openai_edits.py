"""OpenAI's edits and variations through the whole application: pictures, masks, memory."""

import base64
from pathlib import Path

import numpy as np
import pytest
import pyvips

from pisang.accounts import keys, projects
from pisang.app import application
from pisang.core.content import Role, Use
from pisang.core.image import MediaType, Pixels
from pisang.core.request import Marks
from pisang.provenance.encode import encode
from pisang.settings import Settings
from pisang.testing import ScriptedEngine, Server
from tests.path.image_calls import (
    EDITS,
    HOLES,
    RED,
    VARIATIONS,
    ask,
    draw,
    error,
    events,
    form,
    picture,
    raw,
    send,
)


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
        ([("prompt", "x"), *[("image[]", RED)] * 15], "image", "at most 14 pictures here"),
        (
            [("prompt", "x"), ("mask", HOLES), *[("image[]", RED)] * 14],
            "image",
            "at most 13 pictures here, but got 14",
        ),
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


async def test_another_project_does_not_continue_our_picture(pisang: Server) -> None:
    first = await draw(pisang, model="gemini-3-pro-image")
    ours = base64.b64decode(first.json["data"][0]["b64_json"])
    async with pisang.app.database.write() as connection:
        project = await projects.ensure(connection, "other")
        stranger = await keys.create(connection, project, name="other")
    theirs = Server(pisang.app, pisang.engine, stranger.key, pisang.settings)
    await send(theirs, ("prompt", "make it blue"), ("image", ours))
    (turn,) = pisang.engine.asked[-1].contents
    assert turn.role is Role.USER


async def test_a_file_of_the_files_api_is_edited_by_its_id(pisang: Server) -> None:
    kept = await send(pisang, ("purpose", "vision"), ("file", RED), address="/v1/files")
    assert kept.status == 200, kept.body
    body = {"prompt": "blue", "images": [{"file_id": kept.json["id"]}]}
    assert (await ask(pisang, body, EDITS)).status == 200
    part = pisang.engine.asked[0].contents[0].parts[1]
    assert part.blob
    assert part.blob.data == RED
    unknown = await ask(pisang, {"prompt": "x", "images": [{"file_id": "file-no"}]}, EDITS)
    assert unknown.status in (400, 404)
    assert error(unknown)["param"] == "image"


async def test_only_the_holes_of_a_mask_change(tmp_path: Path) -> None:
    """With the real engine: every pixel under the opaque part is the very same."""
    size, hole = 1024, slice(300, 700)
    ground = np.zeros((size, size, 3), np.uint8)
    ground[..., 2] = np.arange(size, dtype=np.uint8)[:, None]
    cover = np.full((size, size, 4), 255, np.uint8)
    cover[hole, hole, 3] = 0
    sent = encode(Pixels(size, size, 3, ground.tobytes()), MediaType.PNG)
    mask = encode(Pixels(size, size, 4, cover.tobytes()), MediaType.PNG)
    async with application(Settings.model_validate({"data": tmp_path / "data"})) as app:
        assert app.first_key
        whole = Server(app, ScriptedEngine(), app.first_key.key, Settings())
        reply = await send(whole, ("prompt", "a yellow sun"), ("image", sent), ("mask", mask))
    assert picture(reply) == ("image/png", size, size)
    data = base64.b64decode(reply.json["data"][0]["b64_json"])
    drawn = pyvips.Image.new_from_buffer(data, "").numpy()
    kept = np.ones((size, size), bool)
    kept[hole, hole] = False
    assert (drawn[kept] == ground[kept]).all()
    assert (drawn[~kept] != ground[~kept]).any(axis=-1).mean() > 0.1


async def test_a_file_may_have_a_name_in_any_writing(pisang: Server) -> None:
    body, kind = form(("prompt", "x"), ("image", RED))
    for name in ("кот 🐈.png", "a;b.png", "é.png"):
        named = body.replace(b"x.png", name.encode())
        assert (await raw(pisang, named, kind)).status == 200, name


async def test_a_mask_by_its_id_is_judged_like_one_that_is_sent(pisang: Server) -> None:
    kept = await send(pisang, ("purpose", "vision"), ("file", RED), address="/v1/files")
    named = {"file_id": kept.json["id"]}
    reply = await ask(pisang, {"prompt": "x", "images": [named], "mask": named}, EDITS)
    assert (reply.status, error(reply)["param"]) == (400, "mask")
    assert "alpha" in error(reply)["message"]
