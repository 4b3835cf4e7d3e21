"""Routes change while requests are under way: those end as they began, the next go the new way."""

import asyncio
import json
from pathlib import Path

from pisang.engines.google import GoogleEngine
from pisang.engines.upstream import Client
from pisang.routing.router import Router
from pisang.routing.table import EngineSpec, Route, Table, Target
from tests.path.asgi import PROMPT, Reply, call, streamed
from tests.path.routed import Routed, google, routed
from tests.routing.matrix import GOOD_STREAM, PICTURE, answer
from tests.upstream import sse, upstream

_SLOW = sse(
    answer({"text": "Here"}, reason=None),
    0.2,
    answer({"inlineData": {"mimeType": "image/png", "data": PICTURE}}),
)


class _Closing(GoogleEngine):
    """The real engine, which tells when it is closed."""

    closed = False

    async def close(self) -> None:
        self.closed = True
        await super().close()


async def test_what_is_under_way_ends_as_it_began(tmp_path: Path) -> None:
    async with (
        upstream(_SLOW) as old,
        upstream(GOOD_STREAM) as new,
        routed(tmp_path, {"studio": google(old.url)}) as pisang,
    ):
        router = pisang.app.gateway.router
        first = _moved(router, old.url)
        asking = asyncio.create_task(_ask(pisang))
        await asyncio.wait_for(old.asked.wait(), 5)
        second = _moved(router, new.url)

        assert (await _ask(pisang)).body.count(PICTURE.encode()) == 1
        assert (len(old.requests), len(new.requests)) == (1, 1)
        assert not first.closed
        assert (await asking).body.count(PICTURE.encode()) == 1
        async with asyncio.timeout(5):
            while not first.closed:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert not second.closed


def _moved(router: Router, url: str) -> _Closing:
    engine = _Closing("studio", "a-key-of-the-upstream", Client(), base_url=url)
    specs = {"studio": EngineSpec(name="studio", kind="google", base_url=url)}
    route = Route(id="all", models=("*",), targets=(Target("studio"),))
    router.replace(Table(specs, (route,)), {"studio": [engine]})
    return engine


async def _ask(pisang: Routed) -> Reply:
    headers = {"content-type": "application/json", "x-goog-api-key": pisang.key}
    body = json.dumps(PROMPT).encode()
    reply = await call(pisang.app.asgi, "POST", streamed(), headers=headers, chunks=[body])
    assert reply.status == 200, reply.body
    return reply
