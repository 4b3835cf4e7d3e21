"""Bodies from strangers: JSON or one clear error; pictures written without a giant str."""

import base64
import json
import tracemalloc
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.content import Encoded
from pisang.core.errors import EngineFailed, MalformedRequest
from pisang.wire import payload
from pisang.wire.payload import Joined

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"  \r\n", "empty"),
        (b"[]", "one JSON object"),
        (b'"text"', "one JSON object"),
        (b"null", "one JSON object"),
        (b'{"a": 1', "EOF"),
        (b'{"a": 1} {}', "Trailing"),
        (b'{"a": NaN}', "Expected value"),
        (b'{"a": -Infinity}', "Invalid number"),
        (b'{"a": "\xff"}', "unicode"),
        (b"\xff\xfe{\x00}\x00", "Expected value"),
        (b'{"a": "\\ud800"}', "hex escape"),
        (b'{"a": "\x01"}', "Control character"),
        (b'{"a": ' + b"9" * 5000 + b"}", "out of range"),
        (b'{"a":' * 5000, "ecursion limit"),
        (b"[" * 250_000, "more than 200000 values"),
        (b'{"a":[' + b"{}," * 250_000, "more than 200000 values"),
    ],
)
def test_what_is_not_one_json_object_is_malformed(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedRequest, match=reason):
        payload.read_object(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"seed": 1, "seed": 2}',
        b'{"a": {"b": [{"seed": 1, "x": 0, "seed": 1}]}}',
        b'{"t": "\\\\\\"", "seed": 1, "seed": 2}',
        b'{"seed": 1, "\\u0073eed": 2}',
    ],
)
def test_a_name_given_twice_is_malformed_and_named(body: bytes) -> None:
    with pytest.raises(MalformedRequest, match='Duplicate name "seed"'):
        payload.read_object(body)


@given(st.dictionaries(st.text(), JSON, max_size=5), st.booleans())
def test_counting_quotes_never_takes_an_honest_body_for_a_doubled_one(
    value: dict[str, object], ascii_only: bool
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert payload.read_object(body) == value


def test_marks_inside_of_a_text_are_no_values() -> None:
    value = {"t": "a, b [c] {d} " * 250_000, "u": [1, {"v": "w"}]}
    assert payload.read_object(json.dumps(value).encode()) == value


@pytest.mark.parametrize("text", ["end\\", 'a "quoted" word', "\\", '"', ""])
def test_strings_that_cannot_be_hopped_over_are_counted_otherwise(text: str) -> None:
    value = {"t": text, "u": [text, {"v": text}]}
    assert payload.read_object(json.dumps(value).encode()) == value


def test_counting_quotes_holds_when_there_are_very_many_escapes() -> None:
    value = {"t": '\\"' * 30_000, "u": ['"'] * 20_000, "v": "\\" * 7}
    assert payload.read_object(json.dumps(value).encode()) == value


@given(st.dictionaries(st.text(), JSON | st.binary(), max_size=5))
def test_what_is_written_is_json_with_bytes_as_base64(value: dict[str, payload.Written]) -> None:
    parts = payload.pieces(value)
    read = json.loads(b"".join(parts))
    assert payload.size(parts) == len(b"".join(parts))
    assert list(read) == list(value)
    for key, member in value.items():
        if not isinstance(member, bytes):
            assert read[key] == member


def test_a_lone_surrogate_is_written_as_a_question_mark() -> None:
    assert b"".join(payload.pieces({"t": "a\ud800b"})) == b'{"t":"a?b"}'


def test_texts_and_bytes_are_joined_to_one_string() -> None:
    told = payload.Joined(('say "a"\n![](data:image/png;base64,', b"\xff\xee\xdd", ") b", b"\x00"))
    (value,) = json.loads(b"".join(payload.pieces([told])))
    assert value == 'say "a"\n![](data:image/png;base64,/+7d) bAA=='


def test_a_picture_costs_its_base64_and_nothing_more() -> None:
    data = bytes(3_000_000)
    tracemalloc.start()
    try:
        parts = payload.pieces({"parts": [{"data": data}]})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert payload.size(parts) > 4_000_000
    assert peak < 1.1 * 4_000_000


LONG = base64.b64encode(bytes(range(256)) * 12).decode()


def test_long_base64_of_an_answer_stays_as_it_came() -> None:
    body = json.dumps({"a": [{"data": LONG}, "x"], "text": LONG, "n": {"m": LONG}}).encode()
    tree = payload.read_answer(body)
    assert tree == {"a": [{"data": bytes(range(256)) * 12}, "x"], "text": LONG, "n": {"m": ANY}}
    inner = tree["n"]
    assert isinstance(inner, dict)
    assert isinstance(inner["m"], Encoded)
    assert b"".join(payload.pieces({"m": inner["m"]})) == b'{"m":"%b"}' % LONG.encode()
    assert b"".join(payload.pieces(Joined(("a", inner["m"])))) == b'"a%b"' % LONG.encode()


@pytest.mark.parametrize("said", [LONG.replace("/", "\\/"), f"data:image/png;base64,{LONG}"])
def test_what_is_no_plain_base64_is_read_as_a_text(said: str) -> None:
    body = b'{"data": "%b", "b": "\\u00000"}' % said.encode()
    assert payload.read_answer(body) == json.loads(body)


def test_an_answer_is_as_strict_as_any_body() -> None:
    for body in (b'{"a": "%b"' % LONG.encode(), b'{"a": "%b", "a": 1}' % LONG.encode(), b"[]"):
        with pytest.raises(MalformedRequest):
            payload.read_answer(body)


def test_base64_that_is_none_is_found_when_it_is_wanted() -> None:
    tree = payload.read_answer(b'{"a": "%b!"}' % LONG.encode())
    assert isinstance(tree["a"], Encoded)
    with pytest.raises(EngineFailed, match="'!' at position"):
        _ = tree["a"].data
