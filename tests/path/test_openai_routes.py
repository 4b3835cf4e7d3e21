"""Routes for OpenAI's own names of models, and how long OpenAI's callers wait."""

import json
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.path.asgi import Reply
from tests.path.routed import Routed, google, openai, routed
from tests.path.test_relayed_openai import B64, MODEL, PICTURE, googles, inline
from tests.upstream import upstream, whole

ASKED: dict[str, dict[str, Any]] = {
    "/v1/images/generations": {"prompt": "a lake"},
    "/v1/images/edits": {"prompt": "snow", "images": [f"data:image/png;base64,{B64}"]},
    "/v1/images/variations": {"image": f"data:image/png;base64,{B64}"},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "a lake"}]},
    "/v1/responses": {"input": "a lake"},
}


async def ask(server: Routed, address: str, model: str, **headers: str) -> Reply:
    body = json.dumps({"model": model, **ASKED[address]}).encode()
    return await server.post(address, body, authorization=f"Bearer {server.key}", **headers)


@pytest.mark.parametrize("address", ASKED)
async def test_a_route_for_a_name_of_openais_is_followed_to_google(
    address: str, tmp_path: Path
) -> None:
    engines = {"other": {"kind": "sketch"}}
    async with upstream(googles(inline(B64))) as there:
        routes = [
            {"model": MODEL, "engines": ["other"]},
            {"model": "gpt-image-1", "engines": ["studio"], "upstream_model": "gemini-3-pro-image"},
            {"model": "*", "engines": ["other"]},
        ]
        async with routed(tmp_path, engines | {"studio": google(there.url)}, routes) as server:
            reply = await ask(server, address, "gpt-image-1")
    assert reply.status == 200, reply.body
    assert "models/gemini-3-pro-image:generateContent" in there.requests[0].target
    assert reply.headers["x-pisang-engine"] == "studio"
    assert "model of OpenAI's" in reply.headers["x-pisang-notice"]
    assert [outcome.model for outcome in server.outcomes] == ["gpt-image-1"]


@pytest.mark.parametrize("address", ASKED)
async def test_a_server_of_openais_is_asked_for_the_model_itself(
    address: str, tmp_path: Path
) -> None:
    async with upstream(whole(PICTURE)) as there, upstream(googles(inline(B64))) as studio:
        engines = {"openai": openai(there.url, "openai"), "studio": google(studio.url)}
        routes = [
            {"model": "gpt-image-*", "engines": ["openai"], "price": {"image": 0.04}},
            {"model": "*", "engines": ["studio"]},
        ]
        async with routed(tmp_path, engines, routes) as server:
            reply = await ask(server, address, "gpt-image-1")
    assert reply.status == 200, reply.body
    assert not studio.requests
    assert b"gpt-image-1" in there.requests[0].body
    assert b"gemini" not in there.requests[0].body
    assert reply.headers["x-pisang-model"] == "gpt-image-1"
    assert "x-pisang-notice" not in reply.headers
    (outcome,) = server.outcomes
    assert (outcome.model, outcome.card) == ("gpt-image-1", None)
    assert outcome.cost is not None
    assert outcome.cost.nanos == 40_000_000


async def test_a_name_of_openais_may_be_routed_to_an_engine_of_ours(tmp_path: Path) -> None:
    async with upstream(whole(PICTURE)) as there:
        engines = {"relay": openai(there.url), "own": {"kind": "sketch"}}
        routes = [{"model": "dall-e-3", "engines": ["own"]}, {"model": "*", "engines": ["relay"]}]
        async with routed(tmp_path, engines, routes) as server:
            reply = await ask(server, "/v1/images/generations", "dall-e-3")
    assert reply.status == 200, reply.body
    assert reply.headers["x-pisang-engine"] == "own"
    assert not there.requests


@pytest.mark.parametrize("address", ASKED)
async def test_nobody_waits_longer_than_they_said(address: str, tmp_path: Path) -> None:
    async with (
        upstream((5.0, *googles(inline(B64)))) as there,
        routed(tmp_path, {"studio": google(there.url)}) as server,
    ):
        began = monotonic()
        reply = await ask(server, address, MODEL, x_server_timeout="1")
    assert monotonic() - began < 3
    assert reply.status == 504, reply.body
    assert reply.json["error"]["code"] == "timeout"


@pytest.mark.parametrize("others", [["relay", "studio"], ["studio", "relay"], ["chat", "relay"]])
async def test_a_model_that_nobody_here_can_read_goes_to_who_takes_its_body(
    others: list[str], tmp_path: Path
) -> None:
    gone = {"error": {"message": "It is gone.", "type": "x", "code": "model_not_found"}}
    async with upstream(whole(PICTURE), whole(gone, status=404)) as there:
        engines = {
            "relay": openai(there.url, "images"),
            "chat": openai(there.url, "chat-images"),
            "studio": google(there.url),
        }
        routes = [{"model": "flux*", "engines": others, "price": "free"}]
        async with routed(tmp_path, engines, routes) as server:
            made = await ask(server, "/v1/images/generations", "flux.2")
            failed = await ask(server, "/v1/images/generations", "flux.2")
    assert (made.status, made.body) == (200, PICTURE)
    assert (failed.status, failed.json["error"]["message"]) == (404, "It is gone.")
    assert [asked.target for asked in there.requests] == ["/v1/images/generations"] * 2


@pytest.mark.parametrize("address", ["/v1/images/generations", "/v1/chat/completions"])
async def test_a_fault_is_no_servers_even_where_a_route_is_for_the_name(
    address: str, tmp_path: Path
) -> None:
    async with upstream(whole(PICTURE)) as there:
        routes = [{"model": "gpt-image-*", "engines": ["openai"]}]
        engines = {"openai": openai(there.url, "openai")}
        async with routed(tmp_path, engines, routes) as server:
            reply = await ask(server, address, "gpt-image-1", x_pisang_fault="several-images")
    assert reply.status == 200, reply.body
    assert not there.requests
