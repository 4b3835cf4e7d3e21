"""What is read of a body that passes: enough for admission, and nothing that could stop it."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import Resolution, catalog
from pisang.core.caller import ChatImages
from pisang.core.errors import MalformedRequest
from pisang.core.request import ServiceTier
from pisang.wire.openai import images
from pisang.wire.openai.peek import (
    Peeked,
    model_of,
    peek_chat,
    peek_images,
    shapes_of,
    tree_of,
)
from pisang.wire.openai.schema import FormFile
from pisang.wire.openai.words import ANYTHING, Shape

CARD = catalog().cards["gemini-3.1-flash-image"]
FOUND = Resolution(CARD, CARD.id)
LONG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(6000)).decode()


def chat(known: bool = True, **body: Any) -> Peeked:
    data = json.dumps({"model": "asked", **body}).encode()
    found = FOUND if known else None
    return peek_chat(data, tree_of(data), model="asked", found=found, deadline=7)


def drawn(known: bool = True, *, form: bool = False, **fields: Any) -> Peeked:
    reader = images.read_edit if form or "images" in fields else images.read_generation
    found = FOUND if known else None
    return peek_images(fields, form=form, read=reader, model="asked", found=found, deadline=7)


def test_a_chat_is_read_with_its_pictures_left_out() -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{LONG}"}}
    peeked = chat(
        messages=[{"role": "user", "content": [{"type": "text", "text": "a lake"}, image]}],
        image_config={"aspect_ratio": "16:9", "image_size": "2K"},
        service_tier="flex",
        chat_images="markdown",
    )
    text, picture = peeked.request.contents[0].parts
    assert text.text == "a lake"
    assert picture.blob is not None
    assert picture.blob.data == b""
    assert peeked.request.image.image_size == "2K"
    assert peeked.request.service_tier is ServiceTier.FLEX
    assert (peeked.request.model, peeked.request.deadline) == ("asked", 7)
    assert peeked.wanted.shapes == {Shape.IMAGE_CONFIG}
    assert peeked.wanted.place is ChatImages.MARKDOWN


@pytest.mark.parametrize(
    "strange",
    [
        {"tools": [{"type": "function"}]},
        {"response_format": {"type": "json_object"}},
        {"picture_mood": "happy"},
        {"messages": "hello"},
        {"messages": [{"role": "tool", "content": "x"}]},
        {"n": 400},
    ],
)
def test_what_we_do_not_serve_is_the_servers_business(strange: dict[str, Any]) -> None:
    peeked = chat(**{"messages": [{"role": "user", "content": "x"}], **strange})
    assert peeked.trouble is None
    assert drawn(prompt="x", strange=1, user={}).trouble is None


@pytest.mark.parametrize(
    "shape", [{"aspect_ratio": "7:4"}, {"size": "9x9"}, {"image_size": "64K"}, {"size": "huge"}]
)
def test_a_shape_that_the_card_lacks_is_trouble(shape: dict[str, str]) -> None:
    assert drawn(prompt="x", **shape).trouble is not None
    assert drawn(known=False, prompt="x", **shape).trouble is None


@pytest.mark.parametrize(
    ("fields", "shapes"),
    [
        ({}, set()),
        ({"size": "1024x1024"}, set()),
        ({"size": "auto", "aspect_ratio": None}, set()),
        ({"size": "2K"}, {Shape.FIELDS}),
        ({"size": "16:9"}, {Shape.FIELDS}),
        ({"aspectRatio": "16:9", "image_size": "2K"}, {Shape.FIELDS}),
        ({"image_config": {}}, {Shape.IMAGE_CONFIG}),
        ({"google": {"image_config": {}}}, {Shape.GOOGLE}),
        ({"extra_body": {"google": {}}}, {Shape.GOOGLE}),
        ({"extra_body": {"aspect_ratio": "16:9"}}, {Shape.GOOGLE, Shape.FIELDS}),
        ({"extra_body": {"seed": 3}}, set()),
    ],
)
def test_every_place_in_which_a_body_says_its_shape_is_known(
    fields: dict[str, Any], shapes: set[Shape]
) -> None:
    assert shapes_of(fields) == shapes


def test_a_form_says_its_shape_with_brackets_too() -> None:
    picture = FormFile("a.png", "image/png", base64.b64decode(LONG))
    fields = {"prompt": "x", "image": picture, "image_config[aspect_ratio]": "16:9"}
    peeked = drawn(form=True, **fields)
    assert peeked.request.image.aspect_ratio == "16:9"
    assert peeked.wanted.shapes == {Shape.IMAGE_CONFIG}
    assert isinstance(fields["image"], FormFile)
    (shown,) = [part.blob for _, part in peeked.request.parts() if part.blob]
    assert (shown.mime_type, shown.data) == ("image/png", b"")


def test_of_a_model_that_nobody_knows_only_the_prompt_is_read() -> None:
    peeked = drawn(known=False, prompt="a lake", image_size="2K", n="many")
    assert peeked.request.contents[0].text == "a lake"
    assert peeked.request.image.image_size == "2K"
    assert peeked.wanted is ANYTHING
    assert chat(known=False, messages=3).wanted is ANYTHING


def test_files_of_ours_are_noticed_and_addresses_are_not() -> None:
    assert drawn(prompt="x", images=[{"file_id": "file-1"}]).ours
    assert not drawn(prompt="x", images=[{"image_url": "https://example.com/a.png"}]).ours
    part = {"type": "file", "file": {"file_id": "file-1"}}
    assert chat(messages=[{"role": "user", "content": [part]}]).ours


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"', b'{"a":1,"a":2}'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedRequest):
        tree_of(body)


@pytest.mark.parametrize(
    ("fields", "model"),
    [({}, ""), ({"model": " m "}, "m"), ({"model": 3}, ""), ({"model": {}}, "")],
)
def test_the_model_is_a_text_or_not_there(fields: dict[str, Any], model: str) -> None:
    assert model_of(fields) == model


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "size", "google", "image_config", "url"]), inner
        )
    ),
    max_leaves=10,
)
NAMES = st.sampled_from(
    ["messages", "prompt", "size", "aspect_ratio", "extra_body", "image_config", "n", "images"]
)


@given(st.dictionaries(NAMES, VALUES))
def test_no_body_breaks_the_peek(fields: dict[str, Any]) -> None:
    for known in (True, False):
        assert isinstance(chat(known, **fields), Peeked)
        assert isinstance(drawn(known, **fields), Peeked)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("odd", [{}, {"messages": 7, "size": 7}])
def test_the_tier_is_known_whatever_else_is_not(known: bool, odd: dict[str, Any]) -> None:
    messages = {"messages": [{"role": "user", "content": "a lake"}]}
    talked = chat(known, service_tier="priority", **(messages | odd))
    shown = drawn(known, prompt="a lake", service_tier="PRIORITY", **odd)
    assert talked.request.service_tier is shown.request.service_tier is ServiceTier.PRIORITY
    assert drawn(known, prompt="a lake", service_tier=7, **odd).request.service_tier is None
