"""OpenAI's image calls: forms and JSON mean the same, and no body comes out as anything else."""

import base64
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import catalog
from pisang.core.errors import MalformedRequest
from pisang.core.image import MediaType, Pixels
from pisang.core.request import GenerateRequest
from pisang.provenance.encode import encode
from pisang.wire import payload
from pisang.wire.openai import images
from pisang.wire.openai.faults import openai
from pisang.wire.openai.images import Ask, Reader
from pisang.wire.openai.schema import FormFile, Parameters, WrongParameter

CARD = catalog().cards["gemini-3.1-flash-image"]
RED = encode(Pixels(8, 8, 3, bytes((200, 30, 30)) * 64), MediaType.PNG)
HOLES = encode(Pixels(8, 8, 4, bytes(256)), MediaType.PNG)
URL = "data:image/png;base64," + base64.b64encode(RED).decode()
MASK_URL = "data:image/png;base64," + base64.b64encode(HOLES).decode()
BODY: dict[str, Any] = {
    "prompt": "a lake",
    "n": 2,
    "size": "2K",
    "quality": "high",
    "response_format": "b64_json",
    "output_format": "webp",
    "output_compression": 70,
    "background": "transparent",
    "moderation": "low",
    "user": "me",
    "image_config": {"aspect_ratio": "16:9", "imageSize": "1K"},
    "extra_body": {"google": {"image_config": {"aspect_ratio": "4:3"}}},
    "images": [{"image_url": URL}, {"file_id": "file-1"}, URL],
    "mask": {"image_url": MASK_URL},
    "input_fidelity": "high",
    "stream": True,
    "partial_images": 1,
    "seed": 5,
}
STRANGE: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e308, 10**25, "", "x", "0", "data:", "data:,", "🍌" * 9,
    "data:image/png;base64,", "https://", [], [[]], [None], [1], ["x"], {}, {"": ""},
    {"image_url": {}}, {"image_url": {"url": "x"}}, {"file_id": 3}, {"a": {"b": [{}]}},
]  # fmt: skip


def read(body: dict[str, Any], reader: Reader = images.read_edit, *, lenient: bool = False) -> Ask:
    return reader(Parameters(copy.deepcopy(body)), card=CARD, asked="", lenient=lenient)


def form(*fields: tuple[str, object]) -> Parameters:
    grouped: dict[str, object] = {}
    for name, value in fields:
        grouped[name] = [*grouped[name], value] if name in grouped else [value]  # type: ignore[misc]
    plain = {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, value in grouped.items()
    }
    return Parameters(images.unbracketed(plain), form=True)


def file(data: bytes) -> FormFile:
    return FormFile("x.png", "image/png", data)


def pictures(request: GenerateRequest) -> list[bytes]:
    return [part.blob.data for _, part in request.parts() if part.blob]


def test_a_body_with_everything_is_read() -> None:
    ask = read(BODY)
    assert (ask.count, ask.stream, ask.background) == (2, True, "opaque")  # by the mask
    assert (ask.request.image.aspect_ratio, ask.request.image.image_size) == ("16:9", "1K")
    assert (ask.request.image.mime_type, ask.request.image.quality) == ("image/webp", 70)
    assert (ask.request.previews, ask.request.sampling.seed) == (1, 5)
    assert pictures(ask.request) == [RED, RED, HOLES]
    assert [part.file.uri for _, part in ask.request.parts() if part.file] == ["file-1"]


def test_a_form_means_what_json_means() -> None:
    fields = form(
        ("prompt", "a lake"),
        ("n", "2"),
        ("stream", "True"),
        ("partial_images", "1"),
        ("output_format", "webp"),
        ("output_compression", "70"),
        ("image_config[aspect_ratio]", "16:9"),
        ("image[]", file(RED)),
        ("image[]", file(RED)),
        ("mask", file(HOLES)),
    )
    sent = images.read_edit(fields, card=CARD, asked="", lenient=False)
    body = {name: BODY[name] for name in ("prompt", "n", "stream", "partial_images", "mask")}
    body |= {"output_format": "webp", "output_compression": 70, "images": [URL, URL]}
    assert sent == read(body | {"aspect_ratio": "16:9"})


def test_a_field_that_is_a_file_and_should_be_text_is_told() -> None:
    with pytest.raises(WrongParameter, match="a file"):
        images.read_edit(form(("prompt", file(RED))), card=CARD, asked="", lenient=False)


def test_a_variation_has_a_seed_that_depends_on_its_picture() -> None:
    def seed(data: bytes, *more: tuple[str, object]) -> int | None:
        fields = form(("image", file(data)), *more)
        ask = images.read_variation(fields, card=CARD, asked="", lenient=False)
        return ask.request.sampling.seed

    assert seed(RED) == seed(RED) != seed(HOLES)
    assert seed(RED, ("seed", "7")) == 7


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield value, key
            yield from places(member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield value, index
            yield from places(member)


def survives(reader: Reader, body: dict[str, Any], *, lenient: bool) -> None:
    try:
        read(body, reader, lenient=lenient)
    except MalformedRequest as error:
        status, told = openai(error)
        assert status == 400
        json.loads(b"".join(payload.pieces(told)))


@pytest.mark.parametrize(
    "reader", [images.read_generation, images.read_edit, images.read_variation]
)
@pytest.mark.parametrize("lenient", [False, True])
def test_every_value_in_every_place_is_read_or_blamed(reader: Reader, lenient: bool) -> None:
    for at in range(sum(1 for _ in places(BODY))):
        for strange in STRANGE:
            body = copy.deepcopy(BODY)
            holder, key = list(places(body))[at]
            holder[key] = copy.deepcopy(strange)
            survives(reader, body, lenient=lenient)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(BODY)), inner),
    max_leaves=8,
)


@given(body=st.dictionaries(st.sampled_from(list(BODY)), JSON), lenient=st.booleans())
def test_random_bodies_are_read_or_blamed(body: dict[str, Any], lenient: bool) -> None:
    for reader in (images.read_generation, images.read_edit, images.read_variation):
        survives(reader, copy.deepcopy(body), lenient=lenient)


@given(form=st.dictionaries(st.text(max_size=12) | st.sampled_from(["a[b]", "a[", "[]"]), JSON))
def test_brackets_in_names_never_lose_a_plain_field(form: dict[str, object]) -> None:
    plain = images.unbracketed(form)
    for name, value in form.items():
        if "[" not in name and not any(other.startswith(f"{name}[") for other in form):
            assert plain[name] == value
