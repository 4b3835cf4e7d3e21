"""Base64 in both alphabets, padded or not, and strict otherwise."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.wire.base64 import BadBase64, decode_base64, encode_base64

HARD = b"\xfb\xff\xfe\xef\xfb\xff"  # "+//++/v/..": letters that differ between the alphabets


@given(st.binary(max_size=200))
def test_both_alphabets_with_and_without_padding_give_the_same_bytes(data: bytes) -> None:
    for written in (base64.b64encode(data), base64.urlsafe_b64encode(data)):
        assert decode_base64(written.decode()) == data
        assert decode_base64(written.decode().rstrip("=")) == data


def test_we_write_the_standard_alphabet_with_padding() -> None:
    assert encode_base64(HARD[:4]) == b"+//+7w=="


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("data:image/png;base64,AAAA", "without the 'data:"),
        ("AAAA\nAAAA", "white space at position 4"),
        ("AA*A", "'*' at position 2"),
        ("+/AA-_AA", "mixes the standard alphabet"),
        ("AAAAA", "cut off"),
        ("=AAA", "cut off"),
        ("ÄÄÄÄ", "not a base64 character"),
    ],
)
def test_what_is_not_base64_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(BadBase64, match="(?s)" + reason.replace("*", r"\*")):
        decode_base64(text)


@given(st.text(max_size=40))
def test_any_text_gives_bytes_or_the_one_error(text: str) -> None:
    with suppress(BadBase64):
        assert isinstance(decode_base64(text), bytes)
