"""A request that comes back to the server that sent it is refused, and its operator is told."""

import json
from pathlib import Path

import pytest

from tests.path.routed import google, openai, routed
from tests.path.test_relay import ADDRESS, BODY, GOOD
from tests.upstream import Received, upstream, whole

CHAT = json.dumps(
    {"model": "gemini-3-pro-image", "messages": [{"role": "user", "content": "a field"}]}
).encode()


def marks(asked: Received) -> list[str]:
    return asked.headers["cdn-loop"].split(", ")


async def test_what_has_been_here_before_is_not_sent_on(tmp_path: Path) -> None:
    async with upstream(GOOD) as there, routed(tmp_path, {"studio": google(there.url)}) as server:
        assert (await server.post(ADDRESS, BODY)).status == 200
        (own,) = marks(there.requests[0])
        back = await server.post(ADDRESS, BODY, cdn_loop=f"cloudflare; loops=1, {own}")
        chat = await server.post(
            "/v1/chat/completions", CHAT, authorization=f"Bearer {server.key}", cdn_loop=own
        )
    assert len(there.requests) == 1
    assert (back.status, back.json["error"]["status"]) == (400, "FAILED_PRECONDITION")
    assert back.json["error"]["details"][0]["reason"] == "LOOP_DETECTED"
    assert "base_url" in back.json["error"]["message"]
    assert (chat.status, chat.json["error"]["code"]) == (400, "loop_detected")


@pytest.mark.parametrize("dialect", ["google", "openai"])
async def test_who_asked_itself_tells_its_operator(dialect: str, tmp_path: Path) -> None:
    """What a server answers itself is answered here by a stand-in."""
    engine = {"google": google, "openai": openai}[dialect]
    async with upstream(GOOD) as there, routed(tmp_path / "a", {"x": google(there.url)}) as server:
        await server.post(ADDRESS, BODY)
        mark = there.requests[0].headers["cdn-loop"]
        key = {"authorization": f"Bearer {server.key}"} if dialect == "openai" else {}
        address = "/v1/chat/completions" if dialect == "openai" else ADDRESS
        refused = await server.post(address, CHAT, cdn_loop=mark, **key)
    async with (
        upstream(whole(refused.body, status=refused.status)) as itself,
        upstream(GOOD) as studio,
    ):
        engines = {"itself": engine(itself.url), "studio": google(studio.url)}
        alone = [{"model": "*-lite-image", "engines": ["itself"]}]
        routes = [*alone, {"model": "*", "engines": ["itself", "studio"]}]
        async with routed(tmp_path / "b", engines, routes) as server:
            assert (await server.post(ADDRESS, BODY)).status == 200
            lite = ADDRESS.replace("gemini-3-pro-image", "gemini-3.1-flash-lite-image")
            told = await server.post(lite, BODY)
            assert (await server.post(ADDRESS, BODY)).status == 200
    (info,) = [row for row in told.json["error"]["details"] if row.get("domain") == "pisang"][-1:]
    assert (info["reason"], info["metadata"]["kind"]) == ("ENGINE_MISCONFIGURED", "loop")
    assert len(itself.requests) == 2  # it is left alone where there is somebody else


async def test_another_server_in_between_is_none(tmp_path: Path) -> None:
    async with upstream(GOOD) as there, routed(tmp_path, {"studio": google(there.url)}) as server:
        other = "pisang-" + "0" * 16
        reply = await server.post(ADDRESS, BODY, cdn_loop=f"google, {other};v=1, fastly")
        assert reply.status == 200
        before, own = marks(there.requests[0])  # nobody else's marks are ours to hand on
        assert before == other
        back = await server.post(ADDRESS, BODY, cdn_loop=f"{other}, {own}, pisang-{'1' * 16}")
        assert back.status == 400
        many = ", ".join(f"pisang-{number:016x}" for number in range(16))
        assert (await server.post(ADDRESS, BODY, cdn_loop=many)).status == 400
    assert len(there.requests) == 1
