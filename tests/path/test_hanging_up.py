"""A caller who leaves stops the upstream at once, whenever it is that they leave."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pisang.core.errors import PisangError
from tests.path.asgi import PROMPT, call, generate, streamed
from tests.path.routed import Routed, google, routed
from tests.routing.matrix import PICTURE, answer
from tests.upstream import HANG, Answer, chunked, sse, upstream

_BEGUN = answer({"text": "Here it is."}, reason=None)
_CHAT = {"model": "gemini-3-pro-image", "messages": [{"role": "user", "content": "a field"}]}
SLOW = {
    "before an answer": ((HANG,), (HANG,)),
    "before the first content": (chunked(b'{"candidates": [', HANG), sse(b": wait\n\n", HANG)),
    "in the middle": (
        chunked(json.dumps(_BEGUN).encode()[:-1] + PICTURE.encode(), HANG),
        sse(_BEGUN, HANG),
    ),
}


@pytest.mark.parametrize("when", SLOW)
@pytest.mark.parametrize(
    ("address", "body", "stream"),
    [
        (generate(), PROMPT, False),
        (streamed(), PROMPT, True),
        ("/v1/chat/completions", _CHAT, False),
    ],
    ids=["whole", "stream", "another dialect"],
)
async def test_the_upstream_is_stopped(
    when: str, address: str, body: dict[str, Any], stream: bool, tmp_path: Path
) -> None:
    said: Answer = SLOW[when][stream]
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        leaves = asyncio.Event()
        asking = asyncio.create_task(_ask(pisang, address, body, leaves))
        await _until(lambda: bool(there.requests))
        await asyncio.sleep(0.05)
        assert _under_way(pisang) == 1
        leaves.set()
        async with asyncio.timeout(5):
            await there.hung_up.wait()
        await asyncio.gather(asking, return_exceptions=True)
        assert _under_way(pisang) == 0


async def test_who_leaves_before_a_byte_was_taken_stops_it_too(tmp_path: Path) -> None:
    """The answer is there, and nobody has begun to read it: no generator runs its last lines."""
    said = SLOW["in the middle"][1]
    async with upstream(said) as there, routed(tmp_path, {"studio": google(there.url)}) as pisang:
        begins, leaves = asyncio.Event(), asyncio.Event()

        async def receive() -> dict[str, Any]:
            if not begins.is_set() and not sent:
                sent.append(True)
                body = json.dumps(PROMPT).encode()
                return {"type": "http.request", "body": body, "more_body": False}
            await leaves.wait()
            return {"type": "http.disconnect"}

        async def send(_: object) -> None:
            begins.set()
            await asyncio.Event().wait()  # the connection takes nothing

        sent: list[bool] = []
        path, _, query = streamed().partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [
                (b"x-goog-api-key", pisang.key.encode()),
                (b"content-type", b"application/json"),
            ],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
        }
        asking = asyncio.ensure_future(pisang.app.asgi(scope, receive, send))
        await begins.wait()
        leaves.set()
        await asyncio.gather(asking, return_exceptions=True)
        async with asyncio.timeout(5):
            await there.hung_up.wait()
        assert _under_way(pisang) == 0


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _ask(pisang: Routed, address: str, body: dict[str, Any], leaves: asyncio.Event) -> None:
    headers = {"x-goog-api-key": pisang.key, "content-type": "application/json"}
    if address.startswith("/v1/chat"):
        headers["authorization"] = f"Bearer {pisang.key}"
    try:
        await call(
            pisang.app.asgi,
            "POST",
            address,
            headers=headers,
            chunks=[json.dumps(body).encode()],
            hang_up=leaves,
        )
    except PisangError:
        return


def _under_way(pisang: Routed) -> int:
    engines: list[Any] = pisang.app.gateway.router.snapshot()
    return sum(key["under_way"] for engine in engines for key in engine["keys"])
