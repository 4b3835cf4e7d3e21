"""Requests for other servers' image API: what our own server reads of them is what was meant."""

import copy
import json
from dataclasses import replace
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, FileRef, Part, Role, Use
from pisang.core.errors import EngineRejected
from pisang.core.image import Canvas, MediaType, Pixels
from pisang.core.request import (
    Edit,
    EditMode,
    GenerateRequest,
    ImageConfig,
    Marks,
    Mask,
    Modality,
    Sampling,
)
from pisang.provenance.encode import encode
from pisang.wire.openai import images
from pisang.wire.openai.image_calls import EDITS, GENERATIONS, Call, nearest, read_wish, write
from pisang.wire.openai.schema import FormFile, Parameters
from pisang.wire.openai.words import ImageWords, Shape

CARD = catalog().cards["gemini-3.1-flash-image"]
CANVAS = CARD.canvas("16:9", "2K")
RED = Blob("image/png", encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG))
BLUE = Blob("image/jpeg", encode(Pixels(8, 8, 3, bytes((30, 30, 200)) * 64), MediaType.JPEG))
HOLES = Blob("image/png", encode(Pixels(8, 8, 4, bytes(256)), MediaType.PNG))
RELAY = ImageWords(
    shape=Shape.FIELDS, mask="mask", seed="seed", response_format="b64_json", previews=True
)


def user(*parts: Part) -> Content:
    return Content(Role.USER, parts)


def asked(*contents: Content, **more: Any) -> GenerateRequest:
    more.setdefault(
        "image", ImageConfig(aspect_ratio="16:9", image_size="2K", mime_type="image/webp")
    )
    return GenerateRequest(
        model=CARD.id, contents=contents, modalities=frozenset({Modality.IMAGE}), **more
    )


def sent(request: GenerateRequest, words: ImageWords = RELAY, canvas: Canvas = CANVAS) -> Call:
    return write(request, canvas=canvas, words=words)


def fields(call: Call) -> dict[str, Any]:
    """The fields of a call, JSON or form; files as ``FormFile``, names given twice as a list."""
    body = b"".join(call.pieces)
    if call.media_type == "application/json":
        return dict(json.loads(body))
    head = f"Content-Type: {call.media_type}\r\n\r\n".encode()
    found: dict[str, Any] = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        title, value = part.get_filename(), data.decode("utf-8", "replace")
        file = FormFile(title, part.get_content_type(), data) if title else value
        found[str(name)] = file if name not in found else [*_listed(found[str(name)]), file]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def read(call: Call) -> GenerateRequest:
    """What our own server makes of a call."""
    body = copy.copy(fields(call))
    form = call.media_type != "application/json"
    body.pop("model")
    reader = images.read_edit if call.method == EDITS else images.read_generation
    ask = reader(Parameters(body, form=form), card=CARD, asked="", lenient=False)
    return ask.request


@pytest.mark.parametrize(
    "request_",
    [
        asked(user(Part(text="a lake")), image=ImageConfig(mime_type="image/png")),
        asked(user(Part(text="a lake, “quoted”\nand 🍌")), sampling=Sampling(seed=7)),
        asked(user(Part(text="a lake")), previews=2),
        asked(
            user(Part(text="a lake")),
            image=ImageConfig(mime_type="image/webp", quality=70, transparent=True),
        ),
        asked(user(Part(text="make it green"), Part(blob=RED)), sampling=Sampling(seed=7)),
        asked(user(Part(text="join them"), Part(blob=RED), Part(blob=BLUE), Part(blob=RED))),
        asked(
            user(Part(text="make it green"), Part(blob=RED), Part(blob=HOLES, use=Use.MASK)),
            edit=Edit(mask=Mask(marks=Marks.HOLES)),
        ),
    ],
)
def test_our_own_server_reads_the_same_request_again(request_: GenerateRequest) -> None:
    assert read(sent(request_)) == request_


def test_a_request_without_pictures_is_json_and_one_with_pictures_is_a_form() -> None:
    plain, edit = (
        sent(asked(user(Part(text="x")))),
        sent(asked(user(Part(text="x"), Part(blob=RED)))),
    )
    assert (plain.method, plain.media_type) == (GENERATIONS, "application/json")
    assert edit.method == EDITS
    assert edit.media_type.startswith("multipart/form-data; boundary=")


def test_pictures_of_a_form_are_not_copied() -> None:
    call = sent(asked(user(Part(text="x"), Part(blob=RED))))
    assert any(piece is RED.data for piece in call.pieces)


def test_a_ratio_stays_a_ratio_where_the_server_takes_ratios() -> None:
    for ratio in CARD.ratios:
        request = asked(user(Part(text="x")), image=ImageConfig(aspect_ratio=ratio))
        body = fields(sent(request, canvas=CARD.canvas(ratio)))
        assert body["aspect_ratio"] == ratio
        assert "size" not in body
        assert "image_size" not in body


def test_exact_pixels_go_to_a_server_that_takes_pixels() -> None:
    words = ImageWords(shape=Shape.PIXELS)
    body = fields(sent(asked(user(Part(text="x"))), words))
    assert body["size"] == f"{CANVAS.width}x{CANVAS.height}"
    assert "aspect_ratio" not in body


def test_the_shape_goes_where_a_server_wants_it() -> None:
    told = {"aspect_ratio": "16:9", "image_size": "2K"}
    for shape, where in (
        (Shape.FIELDS, told),
        (Shape.IMAGE_CONFIG, {"image_config": told}),
        (Shape.GOOGLE, {"extra_body": {"google": {"image_config": told}}}),
    ):
        body = fields(sent(asked(user(Part(text="x"))), ImageWords(shape=shape, formats=False)))
        assert body == {"model": CARD.id, "prompt": "x", **where}


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", "1024x1024"), ("3:2", "1536x1024"), ("2:3", "1024x1536")]
)
def test_openais_sizes_stand_for_the_ratios_they_have(ratio: str, size: str) -> None:
    assert nearest(("1024x1024", "1536x1024", "1024x1536"), CARD.canvas(ratio, "1K")) == size


@pytest.mark.parametrize(("ratio", "size"), [("16:9", "1K"), ("1:1", "4K"), ("1:1", "512")])
def test_a_shape_that_the_server_does_not_draw_is_refused_not_replaced(
    ratio: str, size: str
) -> None:
    with pytest.raises(EngineRejected, match=f"no {ratio} at {size}"):
        nearest(("1024x1024", "1536x1024", "1024x1536"), CARD.canvas(ratio, size))


def test_who_asks_for_no_shape_leaves_it_to_a_server_with_a_list_of_sizes() -> None:
    words = ImageWords(shape=Shape.SIZES, sizes=("1024x1024",))
    body = fields(sent(asked(user(Part(text="x")), image=ImageConfig()), words))
    assert body == {"model": CARD.id, "prompt": "x"}


def test_a_conversation_becomes_an_edit_of_the_last_picture() -> None:
    wish = read_wish(
        asked(
            user(Part(text="a lake"), Part(blob=BLUE)),
            Content(Role.MODEL, (Part(text="plan", thought=True), Part(blob=BLUE), Part(blob=RED))),
            user(Part(text="with snow")),
            Content(Role.MODEL, (Part(text="how much?"),)),
            user(Part(text="a lot"), Part(blob=BLUE)),
            system_instruction=user(Part(text="no people")),
        )
    )
    assert wish.prompt == "no people\n\nwith snow\n\na lot"
    assert wish.pictures == (RED, BLUE)


def test_seed_and_negative_prompt_hide_in_the_prompt_of_a_server_without_fields_for_them() -> None:
    words = ImageWords(
        shape=Shape.PIXELS, seed="seed", negative="negative_prompt", tag="sd_cpp_extra_args"
    )
    request = asked(user(Part(text="a lake")), sampling=Sampling(seed=7), negative="boats")
    prompt = fields(sent(request, words))["prompt"]
    head, _, hidden = prompt.partition("<sd_cpp_extra_args>")
    assert head == "a lake"
    told = json.loads(hidden.removesuffix("</sd_cpp_extra_args>"))
    assert told == {"seed": 7, "negative_prompt": "boats"}


def test_a_negative_prompt_becomes_words_where_there_is_no_field_for_it() -> None:
    body = fields(sent(asked(user(Part(text="a lake")), negative="boats")))
    assert body["prompt"] == "a lake\n\nDo not show: boats"


def test_what_the_operator_adds_goes_into_json_and_forms() -> None:
    words = replace(RELAY, extra={"steps": 8, "note": "ü"})
    assert fields(sent(asked(user(Part(text="x"))), words))["steps"] == 8
    form = fields(sent(asked(user(Part(text="x"), Part(blob=RED))), words))
    assert (form["steps"], form["note"]) == ("8", "ü")


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (asked(user(Part(text="x"), Part(blob=RED)), upscale=2), "enlarge"),
        (asked(user(Part(text="x")), edit=Edit(mode=EditMode.REMOVE)), "'remove'"),
        (asked(user(Part(file=FileRef("gs://a/b")))), "not their addresses"),
        (asked(user(Part(text="x"), Part(blob=HOLES, use=Use.MASK))), "no picture"),
        (asked(user(*[Part(blob=RED)] * 17)), "at most 16"),
        (
            asked(
                user(Part(blob=RED), Part(blob=HOLES, use=Use.MASK)),
                edit=Edit(mask=Mask(marks=Marks.LIGHT)),
            ),
            "mark by holes",
        ),
    ],
)
def test_a_wish_that_the_server_has_no_word_for_is_refused(
    request_: GenerateRequest, why: str
) -> None:
    with pytest.raises(EngineRejected, match=why):
        sent(request_)


def test_a_server_without_masks_gets_none() -> None:
    request = asked(user(Part(blob=RED), Part(blob=HOLES, use=Use.MASK)))
    with pytest.raises(EngineRejected, match="takes no mask"):
        sent(request, replace(RELAY, mask=""))
