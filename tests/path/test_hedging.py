"""A second engine is asked where the first is silent: through a whole server, by real sockets."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.path.asgi import PROMPT, call, generate, streamed
from tests.path.routed import Routed, google, routed
from tests.routing.matrix import GOOD, GOOD_STREAM, PICTURE
from tests.upstream import HANG, Answer, upstream


@pytest.mark.parametrize(
    ("address", "good"),
    [(generate(), GOOD), (streamed(), GOOD_STREAM), ("/v1/images/generations", GOOD)],
    ids=["whole", "stream", "another dialect"],
)
async def test_the_silent_one_is_stopped(address: str, good: Answer, tmp_path: Path) -> None:
    async with (
        upstream((HANG,)) as silent,
        upstream(good) as well,
        routed(
            tmp_path, {"studio": google(silent.url), "cloud": google(well.url)}, hedge_after=0.05
        ) as pisang,
    ):
        reply = await _ask(pisang, address)
        assert reply.count(PICTURE.encode()) == 1
        assert (len(silent.requests), len(well.requests)) == (1, 1)
        async with asyncio.timeout(5):
            await silent.hung_up.wait()
        for engine in pisang.app.gateway.router.snapshot():
            assert engine["troubles"] == []
            assert [key["under_way"] for key in engine["keys"]] == [0]  # type: ignore[attr-defined]


async def test_a_quick_answer_is_asked_for_once(tmp_path: Path) -> None:
    async with (
        upstream(GOOD) as first,
        upstream(GOOD) as second,
        routed(
            tmp_path, {"studio": google(first.url), "cloud": google(second.url)}, hedge_after=30
        ) as pisang,
    ):
        await _ask(pisang, generate())
        assert (len(first.requests), len(second.requests)) == (1, 0)


async def _ask(pisang: Routed, address: str) -> bytes:
    body: dict[str, object] = PROMPT
    headers = {"content-type": "application/json", "x-goog-api-key": pisang.key}
    if address.startswith("/v1/images"):
        body = {"model": "gemini-3-pro-image", "prompt": "a yellow field"}
        headers = {"content-type": "application/json", "authorization": f"Bearer {pisang.key}"}
    reply = await call(
        pisang.app.asgi, "POST", address, headers=headers, chunks=[json.dumps(body).encode()]
    )
    assert reply.status == 200, reply.body
    return reply.body
