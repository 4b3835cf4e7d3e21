"""Whatever is sent to the Interactions API, the answer is the caller's error or an interaction."""

import copy
import json
import random
from urllib.parse import quote

import pytest

from pisang.testing import Server
from tests.path.asgi import call, get, post
from tests.wire.interactions.test_request import STRANGE, WHOLE, places

ALL = "/v1beta/interactions"
GARBAGE = [
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"{",
    b'{"model": 1}',
    b'{"model": "x", "model": "y", "input": "z"}',
    b'{"model": "gemini-3.1-flash-image", "input": "\\ud800"}',
    b'{"model": "gemini-3.1-flash-image", "input": "x", "previous_interaction_id": "\\ud800"}',
    b'{"model": "gemini-3.1-flash-image", "input": "\\u0000"}',
    b'{"model": "gemini-3.1-flash-image", "input": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b"\xff\xfe",
]
IDS = ["x", "v1_", "..", "%00", "%ff%fe", "a" * 3000, quote("v1_'; --"), quote("ü")]


@pytest.mark.parametrize("seed", range(8))
async def test_no_body_is_a_defect_of_ours(pisang: Server, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(25):
        body = copy.deepcopy(WHOLE)
        del body["previous_interaction_id"]
        body["stream"] = dice.random() < 0.3
        for _ in range(dice.randint(1, 4)):
            holder, key = dice.choice(places(body))
            holder[key] = copy.deepcopy(dice.choice(STRANGE))
        reply = await post(pisang, ALL, body)
        assert reply.status < 500, (body, reply.body)


@pytest.mark.parametrize("body", GARBAGE, ids=range(len(GARBAGE)))
async def test_no_bytes_are_a_defect_of_ours(pisang: Server, body: bytes) -> None:
    reply = await post(pisang, ALL, body)
    assert reply.status in (200, 400, 404), reply.body
    if reply.status != 200:
        assert reply.error["message"]
        assert pisang.engine.asked == []


@pytest.mark.parametrize("odd", IDS)
async def test_no_id_is_a_defect_of_ours(pisang: Server, odd: str) -> None:
    one = f"{ALL}/{odd}"
    for reply in (
        await get(pisang, one),
        await get(pisang, f"{one}?stream=true&last_event_id={odd}"),
        await post(pisang, f"{one}/cancel", b"{}"),
        await call(pisang.app.asgi, "DELETE", one, headers={"x-goog-api-key": pisang.key}),
        await post(
            pisang,
            ALL,
            {"model": WHOLE["model"], "input": "x", "previous_interaction_id": json.dumps(odd)},
        ),
    ):
        assert reply.status in (400, 404, 405), reply.body
    assert pisang.engine.asked == []
