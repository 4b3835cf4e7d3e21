"""No bytes, however broken, make an error of ours out of OpenAI's image API."""

import random

import pytest

from pisang.testing import Server
from tests.path.image_calls import EDITS, GENERATIONS, HOLES, RED, VARIATIONS, error, form, raw

BODY, KIND = form(
    ("prompt", "a lake"),
    ("n", "1"),
    ("size", "1024x1024"),
    ("image[]", RED),
    ("image[]", RED),
    ("mask", HOLES),
    ("stream", "false"),
    ("image_config[aspect_ratio]", "1:1"),
)
TEXT = b'{"prompt": "a lake", "n": 1, "size": "1024x1024", "images": [{"image_url": "data:,"}]}'
PIECES = (
    b"--B",
    b"--B--",
    b"\r\n",
    b"\x00",
    b"\xff\xfe",
    b'"',
    b";",
    b"Content-Type: ",
    b"{",
    b"]",
)


def broken(body: bytes, chance: random.Random) -> bytes:
    """A body with some bytes cut, doubled, changed or put in."""
    data = bytearray(body)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        end = min(at + chance.choice((1, 2, 20, 200)), len(data))
        match chance.randrange(5):
            case 0:
                del data[at:end]
            case 1:
                data[at:at] = data[at:end]
            case 2:
                data[at:end] = chance.randbytes(end - at)
            case 3:
                data[at:at] = chance.choice(PIECES)
            case 4:
                del data[at:]
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
async def test_broken_bodies_are_answered_or_refused(pisang: Server, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        address = chance.choice((EDITS, VARIATIONS, GENERATIONS))
        form_like = chance.random() < 0.7
        kind = (
            KIND if form_like else chance.choice(("application/json", "", "text/plain", "x/" * 9))
        )
        reply = await raw(pisang, broken(BODY if form_like else TEXT, chance), kind, address)
        assert reply.status in (200, 400, 404, 413), reply.body
        if reply.status != 200:
            assert error(reply)["type"] == "invalid_request_error"
