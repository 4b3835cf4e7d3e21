"""Another model in a body that passes: only the bytes of its name change."""

import base64
import json
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.wire.openai.forms import FormData, form
from pisang.wire.openai.rename import at_standard, rename

JSON = "application/json"
LONG = base64.b64encode(bytes(range(256)) * 40).decode()


def renamed(body: bytes, model: str = "new", media_type: str = JSON) -> bytes:
    return b"".join(rename(body, media_type, model))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"model":"old"}', b'{"model":"new"}'),
        (b'{ "n" : 1.0, "model" : "old" , "z":1e5}', b'{ "n" : 1.0, "model" : "new" , "z":1e5}'),
        (b'{"a":{"model":"x"},"model":"old"}', b'{"a":{"model":"x"},"model":"new"}'),
        (b'{"a":[{"model":"x"}],"model":"old"}', b'{"a":[{"model":"x"}],"model":"new"}'),
        (b'{"a":"model","model":"old"}', b'{"a":"model","model":"new"}'),
        (b'{"a":"\\"model\\":","model":"old"}', b'{"a":"\\"model\\":","model":"new"}'),
        (b'{"model":"a","model":"b"}', b'{"model":"new","model":"new"}'),
        (b'{"model":null,"a":1}', b'{"model":"new","a":1}'),
        (b'{"a":1}', b'{"model":"new","a":1}'),
        (b" {} ", b' {"model":"new"} '),
        (b'{"model":"\xc3\xbc"}', b'{"model":"new"}'),
    ],
)
def test_only_the_model_of_the_outermost_object_changes(body: bytes, expected: bytes) -> None:
    assert renamed(body) == expected


def test_a_body_with_the_right_model_is_not_touched() -> None:
    body = b'{"model":"new","a":1}'
    assert rename(body, JSON, "new")[0] is body


def test_pictures_before_and_after_the_model_stay_byte_for_byte() -> None:
    body = json.dumps(
        {"a": LONG, "model": "old", "image": f"data:image/png;base64,{LONG}"}
    ).encode()
    assert renamed(body) == body.replace(b'"old"', b'"new"')


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["model", "a", '"', "\\"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["model", "b", 'c"', "messages"]), VALUES), st.text())
def test_any_object_has_the_new_model_and_is_else_the_same(
    body: dict[str, Any], model: str
) -> None:
    if isinstance(body.get("model"), dict | list):
        body.pop("model")
    assert json.loads(renamed(json.dumps(body).encode(), model)) == {**body, "model": model}


def fields(body: bytes, media_type: str) -> list[tuple[str, bytes]]:
    head = f"Content-Type: {media_type}\r\n\r\n".encode()
    parts = BytesParser(policy=HTTP).parsebytes(head + body).iter_parts()
    return [
        (str(p.get_param("name", header="content-disposition")), p.get_payload(decode=True))
        for p in parts
    ]


@pytest.mark.parametrize("named", [True, False])
def test_a_form_gets_the_model_and_keeps_its_files(named: bool) -> None:
    picture = bytes(range(256)) * 3 + b'\r\n--x; name="model"\r\n\r\n'
    sent = [
        FormData("prompt", "a “lake”".encode()),
        *([FormData("model", b"old")] if named else []),
        FormData("image", picture, title="model.png", mime_type="image/png"),
    ]
    pieces, media_type = form(sent)
    got = fields(renamed(b"".join(pieces), media_type=media_type), media_type)
    assert dict(got)["image"] == picture
    assert dict(got)["model"] == b"new"
    assert dict(got)["prompt"] == "a “lake”".encode()
    assert len(got) == 3


def test_a_form_with_the_right_model_is_not_touched() -> None:
    pieces, media_type = form([FormData("model", b"new"), FormData("n", b"1")])
    body = b"".join(pieces)
    assert rename(body, media_type, "new")[0] is body


def test_a_form_that_cannot_be_read_passes_as_it_is() -> None:
    for body, media_type in ((b"x", "multipart/form-data"), (b"x", "multipart/x; boundary=y")):
        assert renamed(body, media_type=media_type) == body


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"n":1.0 ,"service_tier" : "priority"}', b'{"n":1.0 ,"service_tier" : "default"}'),
        (
            b'{"service_tier":"a" ,"service_tier":""}',
            b'{"service_tier":"default" ,"service_tier":"default"}',
        ),
        (b'{"a":{"service_tier":"priority"}}', b'{"a":{"service_tier":"priority"}}'),
        (b'{"service_tier":"default"}', b'{"service_tier":"default"}'),
        (b'{"n":1}', b'{"n":1}'),
        (b"[", b"["),
    ],
)
def test_only_the_tier_of_the_outermost_object_changes(body: bytes, expected: bytes) -> None:
    assert at_standard(body, JSON) == expected


def test_the_tier_of_a_form_changes_and_its_picture_does_not() -> None:
    fields = [
        FormData("service_tier", b"priority"),
        FormData("image", b"\x89PNG service_tier", "a.png", "image/png"),
    ]
    pieces, media_type = form(fields)
    body = b"".join(pieces)
    assert at_standard(body, media_type) == body.replace(b"priority", b"default")
    without, media_type = form(fields[1:])
    assert at_standard(b"".join(without), media_type) == b"".join(without)
