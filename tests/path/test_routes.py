"""What routes promise to clients and to operators, through the whole server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from pisang.accounts import keys, projects
from pisang.routing import kept
from pisang.store.database import Database
from tests.path.asgi import PROMPT, Reply
from tests.path.routed import Routed, google, routed, vertex
from tests.upstream import Received, Upstream, error, upstream, whole

PRO = "gemini-3-pro-image"
GENERATE = f"/v1beta/models/{PRO}:generateContent"
# Key order, a field that nobody knows, odd spacing: all of it must arrive as it was sent.
ANSWER = (
    b'{ "responseId": "r1",\n "candidates": [ {"finishReason": "STOP", "index": 0, "content": '
    b'{"role": "model", "parts": [{"thoughtSignature": "c2ln", "inlineData": {"mimeType": '
    b'"image/jpeg", "data": "/9j/4AAQ"}}]}, "newField": [1, 2.50]} ],\n "usageMetadata": '
    b'{"promptTokenCount": 5, "candidatesTokenCount": 1120, "totalTokenCount": 1125, '
    b'"candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1120}]}, "modelVersion": '
    b'"gemini-3-pro-image" }'
)


async def ask(server: Routed, address: str = GENERATE, *, key: str = "") -> Reply:
    body = json.dumps(PROMPT).encode()
    return await server.post(address, body, x_goog_api_key=key or server.key)


@asynccontextmanager
async def studio_and_cloud() -> AsyncIterator[tuple[Upstream, Upstream]]:
    async with upstream(whole(ANSWER)) as studio, upstream(whole(ANSWER)) as cloud:
        yield studio, cloud


async def test_no_client_notices_that_a_model_moved_to_vertex(tmp_path: Path) -> None:
    async with studio_and_cloud() as (studio, cloud):
        engines = {
            "studio": google(studio.url),
            "cloud": vertex(cloud.url, location="global"),
        }
        replies = []
        for number, engine in enumerate(engines):
            route = {"model": PRO, "engines": [engine]}  # the one line that changes
            async with routed(tmp_path / str(number), engines, [route]) as server:
                replies.append(await ask(server))
    before, after = replies
    assert before.status == after.status == 200
    assert before.body == after.body == ANSWER

    def steady(reply: Reply) -> dict[str, str]:  # one header of ours says which engine it was
        mine = ("x-request-id", "x-pisang-engine")
        return {name: value for name, value in reply.headers.items() if name not in mine}

    assert steady(before) == steady(after)
    (asked,), (moved,) = studio.requests, cloud.requests
    assert asked.target == GENERATE
    assert moved.target.endswith(f"/publishers/google/models/{PRO}:generateContent")
    assert asked.json["contents"][0]["parts"] == moved.json["contents"][0]["parts"]


async def test_requests_of_a_bound_project_never_reach_an_engine_elsewhere(tmp_path: Path) -> None:
    async with (
        upstream(whole(ANSWER)) as nowhere,
        upstream(whole(ANSWER)) as american,
        upstream(error(503, "busy", word="UNAVAILABLE")) as european,
    ):
        engines = {
            "nowhere": google(nowhere.url),
            "american": vertex(american.url, location="us-central1"),
            "european": vertex(european.url, location="europe-west4"),
        }
        async with routed(tmp_path / "data", engines, tries=1) as server:
            bound = await key_of(server.app.database, "eu-shop", "europe-*")
            for address in (GENERATE, GENERATE.replace("generate", "streamGenerate")):
                assert (await ask(server, address, key=bound)).status == 503
            assert (nowhere.requests, american.requests) == ([], [])
            assert len(european.requests) >= 2
            assert (await ask(server)).status == 200  # other projects go where the route leads
            assert len(nowhere.requests) == 1
            nobody = await key_of(server.app.database, "asia-shop", "asia-*")
            refused = await ask(server, key=nobody)
            assert (refused.status, refused.error["details"][0]["reason"]) == (400, "NO_ROUTE")
            assert len(nowhere.requests) == 1


async def key_of(database: Database, project: str, place: str) -> str:
    async with database.write() as connection:
        made = await projects.create(connection, project, locations=[place])
        return (await keys.create(connection, made, name="k")).key


@pytest.mark.parametrize("model", ["banana-9", "*", "banana-*"])
async def test_a_model_that_nobody_knows_passes_where_a_route_names_it(
    tmp_path: Path, model: str
) -> None:
    async with upstream(whole(ANSWER)) as studio:
        route = {"model": model, "engines": ["studio"], "price": {"image": 0.25}}
        async with routed(tmp_path / "data", {"studio": google(studio.url)}, [route]) as server:
            reply = await ask(server, "/v1beta/models/banana-9:generateContent")
            assert (reply.status, reply.body) == (200, ANSWER)
            assert studio.requests[0].target == "/v1beta/models/banana-9:generateContent"
            (outcome,) = server.outcomes
            assert outcome.cost
            assert str(outcome.cost) == "$0.25"
            if model == "banana-9":
                assert (await ask(server, GENERATE)).status == 400


async def test_the_upstream_is_asked_by_its_own_name_for_the_model(tmp_path: Path) -> None:
    async with upstream(whole(ANSWER)) as studio:
        route = {"model": "nano-banana-pro", "engines": ["studio"], "upstream_model": "theirs-1"}
        async with routed(tmp_path / "data", {"studio": google(studio.url)}, [route]) as server:
            assert (await ask(server)).status == 200
    assert studio.requests[0].target == "/v1beta/models/theirs-1:generateContent"


async def test_a_size_may_have_a_route_of_its_own(tmp_path: Path) -> None:
    async with studio_and_cloud() as (studio, cloud):
        engines = {"studio": google(studio.url), "cloud": vertex(cloud.url)}
        routes = [
            {"model": "*", "engines": ["cloud"], "size": ["4K"]},
            {"model": "*", "engines": ["studio"]},
        ]
        async with routed(tmp_path / "data", engines, routes) as server:
            await ask(server)
            large: dict[str, Any] = {
                **PROMPT,
                "generationConfig": {"imageConfig": {"imageSize": "4K"}},
            }
            await server.post(GENERATE, json.dumps(large).encode())
    assert len(studio.requests) == len(cloud.requests) == 1


async def test_requests_that_are_under_way_end_where_they_began(tmp_path: Path) -> None:
    async with upstream((0.3, *whole(ANSWER))) as slow, upstream(whole(ANSWER)) as other:
        engines = {"slow": google(slow.url), "other": google(other.url)}
        async with routed(
            tmp_path / "data", engines, [{"model": "*", "engines": ["slow"]}]
        ) as server:
            running = asyncio.create_task(ask(server))
            await asyncio.wait_for(slow.asked.wait(), 5)
            async with server.app.database.write() as connection:  # as another process would
                await kept.add_route(connection, {"model": "*", "engines": ["other"]})
            assert await server.app.asgi.state.shared.routes.refresh()
            assert (await ask(server)).status == 200
            assert (await running).body == ANSWER
    assert (len(slow.requests), len(other.requests)) == (1, 1)


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (GENERATE, {"contents": [{"parts": [{"text": "a fox"}]}]}),
        ("/v1/images/generations", {"prompt": "a fox", "model": PRO}),
    ],
    ids=["its own bytes", "events"],
)
async def test_an_answer_under_way_is_metered_when_its_engine_is_gone(
    tmp_path: Path, address: str, body: dict[str, Any]
) -> None:
    async with (
        upstream((0.3, *whole(ANSWER))) as slow,
        routed(tmp_path / "data", {"other": google("http://127.0.0.1:1")}) as server,
    ):
        routes = server.app.asgi.state.shared.routes
        async with server.app.database.write() as connection:
            await kept.put_engine(connection, "slow", google(slow.url))
            made = await kept.add_route(connection, {"model": "*", "engines": ["slow"]})
        assert await routes.refresh()
        running = asyncio.create_task(server.post(address, json.dumps(body).encode()))
        await asyncio.wait_for(slow.asked.wait(), 5)
        async with server.app.database.write() as connection:
            await kept.delete_route(connection, made)
            await kept.delete_engine(connection, "slow")
        assert await routes.refresh()
        reply = await running
    assert reply.status == 200, reply.body[:300]
    assert [(each.engine, each.whole) for each in server.outcomes] == [("slow", True)]


async def test_work_is_shared_by_weight(tmp_path: Path) -> None:
    def answer(_: Received) -> Any:
        return whole(ANSWER)

    async with upstream(answer) as studio, upstream(answer) as cloud:
        engines = {"studio": google(studio.url), "cloud": vertex(cloud.url)}
        shared = [{"engine": "studio", "weight": 3}, {"engine": "cloud", "weight": 1}]
        route = {"model": "*", "engines": shared}
        async with routed(tmp_path / "data", engines, [route]) as server:
            for _ in range(80):
                assert (await ask(server)).status == 200
    assert 0 < len(cloud.requests) < len(studio.requests) < 80
