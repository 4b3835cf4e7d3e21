"""Signatures of the sketch engine leave a body that goes to Google; everything else stays."""

import base64
import json
from collections.abc import Callable

import pytest

from pisang.wire.cut import cut
from pisang.wire.gemini.signatures import BYPASS, SKETCHED, without_ours

_WORD = base64.b64encode(BYPASS).decode()


def signed(signature: str, name: str = "thoughtSignature") -> bytes:
    part = {"text": "Here", name: signature}
    return json.dumps({"contents": [{"role": "model", "parts": [part]}]}).encode()


@pytest.mark.parametrize("name", ["thoughtSignature", "thought_signature"])
@pytest.mark.parametrize("rest", [b"", b"\x00", b"\xff" * 40, bytes(range(256)) * 40])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_signature_of_ours_becomes_the_word_for_one(
    name: str, rest: bytes, encode: Callable[[bytes], bytes]
) -> None:
    body = signed(encode(SKETCHED + rest).decode(), name)
    assert without_ours(cut(body)) == signed(_WORD, name)


@pytest.mark.parametrize(
    "body",
    [
        signed(base64.b64encode(b"psk2" * 900).decode()),
        signed(_WORD),
        b'{"contents":[{"parts":[{"text":"cHNrMQ"}]}]}',
        b'{"contents":[{"parts":[{"functionCall":{"thoughtSignature":"cHNrMQ"}}]}]}',
        b'{"contents":{"thoughtSignature":"cHNrMQ"}}',
        b'{"contents":[{"parts":[{"thoughtSignature":"cHNrMQ"}]}',
        b'["cHNrMQ"]',
        b"cHNrMQ",
    ],
)
def test_anything_else_stays_the_very_same_body(body: bytes) -> None:
    assert without_ours(cut(body)) == body


def test_pictures_beside_it_stay_as_they_are() -> None:
    picture, ours = "A" * 10_000, base64.b64encode(SKETCHED * 900).decode()
    body = (
        '{"contents":[{"parts":[{"inlineData":{"data":"%s"}, "thoughtSignature" : "%s" },'
        '{"thoughtSignature":"%s","inlineData":{"data":"%s"}}]}],"x":1.50}'
    )
    found = without_ours(cut((body % (picture, ours, ours, picture)).encode()))
    assert found == (body % (picture, _WORD, _WORD, picture)).encode()
