"""The skeleton of a body: everything but its pictures, however it arrives."""

import base64
import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.wire.cut import LONG, Cutter, cut, cut_soon

PICTURE = base64.b64encode(bytes(range(256)) * 12).decode()
URL = "data:image/png;base64,"


def chunked(body: bytes, sizes: list[int]) -> bytes:
    """The skeleton as a ``Cutter`` finds it in chunks of these sizes, over and over."""
    cutter, out, at, turn = Cutter(), b"", 0, 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        out += cutter.feed(body[at : at + size])
        at, turn = at + size, turn + 1
    return out + cutter.close()


def emptied(value: Any, name: str = "") -> Any:
    """What the skeleton of a value should say, told without looking at any bytes."""
    match value:
        case dict():
            return {key: emptied(member, key) for key, member in value.items()}
        case list():
            return [emptied(member) for member in value]
        case str() if re.match(f"{URL}[A-Za-z0-9+/=]{{{LONG}}}", value):
            return URL
        case str() if re.match(f"[A-Za-z0-9+/=]{{{LONG}}}", value) and "text" not in name.lower():
            return ""
        case str():
            return re.sub(f"[(]{URL}[A-Za-z0-9+/=]{{{LONG},}}[)]", f"({URL})", value)
    return value


MARKDOWN = f"![a]({URL}{PICTURE})"
texts = st.sampled_from(
    [
        "", "a fox", '"', '\\"', "\\", "\\\\", "(data:", ")", "a\nb\r\n", "ünïcödé 🍌",
        PICTURE, PICTURE[: LONG - 1], PICTURE[:LONG], URL + PICTURE, URL + "AAAA", URL,
        MARKDOWN, f'She said "{MARKDOWN} and {MARKDOWN}" (', '"' * 3000, f'"{PICTURE}"',
        "prose, " * 600, "prose, " * 600 + MARKDOWN, "(data:x," + "y" * 90,
    ]
)  # fmt: skip
names = st.sampled_from(["data", "text", "inputText", "x", "thoughtSignature", PICTURE[:90]])
values = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 2]), st.booleans())
def test_a_skeleton_says_what_the_body_says_less_its_pictures(
    value: Any, indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    found = cut(body)
    assert json.loads(found.skeleton) == emptied(value)
    edges = [0, *(edge for span in found.spans for edge in span), len(body)]
    rest = b"".join(body[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))
    assert found.skeleton == rest


@given(values, st.integers(0, 9000))
def test_who_is_in_a_hurry_gets_the_same_or_nothing(value: Any, most: int) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    whole = cut(body)
    assert cut_soon(body, most=most) == (whole if len(whole.skeleton) <= most else None)


@given(values, st.lists(st.integers(1, 5000), min_size=1, max_size=5))
def test_chunks_give_the_same_skeleton_however_they_are_split(value: Any, sizes: list[int]) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    assert chunked(body, sizes) == cut(body).skeleton


@pytest.mark.parametrize("size", [1, 2, 3, 7, LONG, LONG + 1])
def test_chunks_may_be_split_in_every_place(size: int) -> None:
    said = f'She said "![a]({URL}{PICTURE})" \\ and left'
    answer = {"parts": [{"inlineData": {"data": PICTURE}}, {"text": said}, {"text": "a" * 3000}]}
    body = b"data: " + json.dumps(answer).replace("/", "\\/").encode() + b"\r\n\r\n"
    assert chunked(body, [size]) == cut(body).skeleton


@given(st.lists(st.sampled_from([b'"', b"\\", PICTURE.encode(), b"(data:x,", b")", b"\n", b"{"])))
def test_no_garbage_breaks_the_cutter(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    assert len(cut(body).skeleton) <= len(body)
    assert len(chunked(body, [1000])) <= len(body)


def test_pictures_are_left_out_however_their_encoder_escapes() -> None:
    for written in (PICTURE.replace("/", "\\/"), PICTURE[:-1] + "\\u003d", PICTURE + "\\n"):
        body = b'{"data": "%b", "mimeType": "image/png"}' % written.encode()
        assert cut(body).skeleton == b'{"data": "", "mimeType": "image/png"}'


def test_what_people_say_is_kept_however_it_looks() -> None:
    body = json.dumps({"parts": [{"text": "A" * 5000}], "prompt": "B" * 5000}).encode()
    assert cut(body).skeleton is body


def test_a_body_without_pictures_is_its_own_skeleton() -> None:
    body = json.dumps({"contents": [{"parts": [{"text": "a fox in the snow, " * 500}]}]}).encode()
    found = cut(body)
    assert found.skeleton is body
    assert found.spans == ()


def test_places_in_the_skeleton_are_found_in_the_body() -> None:
    body = json.dumps({"a": PICTURE, "b": 1, "c": [PICTURE], "d": 2}).encode()
    found = cut(body)
    for mark in (b'"a"', b'"b"', b'"c"', b'"d"', b"}"):
        (place,) = found.in_body([found.skeleton.index(mark)])
        assert body[place : place + len(mark)] == mark


def test_a_cut_off_body_loses_no_more_than_its_picture() -> None:
    body = json.dumps({"usage": 1, "data": PICTURE}).encode()[:-100]
    assert cut(body).skeleton == b'{"usage": 1, "data": "'
    assert chunked(body, [999]) == b'{"usage": 1, "data": "'


def test_a_quote_outside_of_any_json_does_not_hide_what_follows() -> None:
    event = b'data: {"data": "%b"}\r\n\r\n' % PICTURE.encode()
    assert (
        chunked(b': it is 5" wide\r\n' + event, [64])
        == b': it is 5" wide\r\ndata: {"data": ""}\r\n\r\n'
    )


def test_little_is_kept_back() -> None:
    cutter = Cutter()
    assert cutter.feed(b'data: {"text": "a fox"}\r\n\r\n') == b'data: {"text": "a fox"}\r\n\r\n'
    assert cutter.feed(b'data: {"data": "' + PICTURE.encode()) == b'data: {"data": "'
    assert cutter.feed(PICTURE.encode() * 1000) == b""
    assert cutter.feed(b'"}') == b'"}'


@pytest.mark.parametrize(
    "hostile",
    [
        b'"' + b"A" * LONG + b'\\"' * 2_000_000,
        b"(data:x," + b"A" * LONG * 2000,
        b"(data:x,%b" % (b"A" * LONG) * 3000,
        b'"(data:x,%b"' % (b"A" * LONG) * 2000,
        b'"' + b"\\" * 4_000_000,
        b'"(data:' * 500_000,
        b'"' * 4_000_000,
    ],
    ids=["escapes", "bracket", "brackets", "strings", "backslashes", "begins", "quotes"],
)  # fmt: skip
def test_no_body_takes_longer_than_its_size(hostile: bytes) -> None:
    begun = time.thread_time()  # of this thread alone: other work of the machine does not count
    cut(hostile)
    chunked(hostile, [65536])
    assert time.thread_time() - begun < 3
