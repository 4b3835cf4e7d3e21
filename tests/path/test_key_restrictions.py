"""Keys that are limited are refused by every surface, before a body is read, in Google's words."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from pisang.accounts import keys, members, projects, restrictions, service_accounts, tokens
from pisang.core.caller import Allowance
from pisang.core.clock import now
from pisang.core.roles import Role
from pisang.store import schema
from pisang.surfaces.dispatch import Dispatch
from pisang.surfaces.visitors import surface_of
from pisang.testing import Server, server
from tests.path.asgi import PROMPT, Reply, call, generate, post
from tests.path.every_route import every, headers_for

VERTEX = "/v1/projects/default/locations/global/publishers/google/models/gemini-3-pro-image"


async def key_for(pisang: Server, *allowed: Allowance, **kinds: list[str]) -> str:
    async with pisang.app.database.write() as connection:
        home = await projects.find(connection, "default")
        limits = restrictions.checked(kinds)
        made = await keys.create(connection, home, name="k", restrictions=limits, allowed=allowed)
    return made.key


def reason(reply: Reply) -> str:
    details = reply.json["error"]["details"]
    return str(next(each["reason"] for each in details if "ErrorInfo" in each["@type"]))


async def test_a_surface_that_the_key_is_not_for(pisang: Server) -> None:
    vertex = await key_for(pisang, surfaces=["vertex"])
    refused = await post(pisang, generate(), key=vertex)
    assert (refused.status, reason(refused)) == (403, "API_KEY_SERVICE_BLOCKED")
    info = next(each for each in refused.error["details"] if "ErrorInfo" in each["@type"])
    assert info["domain"] == "googleapis.com"
    assert info["metadata"]["service"] == "generativelanguage.googleapis.com"
    body = {**PROMPT, "contents": [{"role": "user", **PROMPT["contents"][0]}]}
    assert (await post(pisang, f"{VERTEX}:generateContent", body, key=vertex)).status == 200
    gemini = await key_for(pisang, surfaces=["gemini_api"])
    assert (await post(pisang, generate(), key=gemini)).status == 200
    images = await post(pisang, "/v1/images/generations", {"prompt": "x"}, key=gemini)
    assert (images.status, images.json["error"]["reason"]) == (403, "API_KEY_SERVICE_BLOCKED")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"referer": "https://shop.example.com/page"}, 200),
        ({"origin": "https://shop.example.com"}, 200),
        ({"referer": "https://example.com/"}, 403),
        ({}, 403),
    ],
)
async def test_a_page_that_the_key_is_not_for(
    pisang: Server, headers: Mapping[str, str], status: int
) -> None:
    key = await key_for(pisang, referrers=["*.example.com/*"])
    reply = await post(pisang, generate(), key=key, headers=headers)
    assert reply.status == status
    if status == 403:
        assert reason(reply) == "API_KEY_HTTP_REFERRER_BLOCKED"
        assert reply.error["message"].startswith("Requests from referer ")


async def test_a_network_that_the_key_is_not_for(tmp_path: Path) -> None:
    async with server(tmp_path / "data", trusted_proxies=["127.0.0.0/8"]) as pisang:
        key = await key_for(pisang, addresses=["203.0.113.0/24"])
        for told, status in (("203.0.113.9", 200), ("198.51.100.1", 403), ("", 403)):
            headers = {"x-forwarded-for": told} if told else {}
            reply = await post(pisang, generate(), key=key, headers=headers)
            assert reply.status == status
            if status == 403:
                assert reason(reply) == "API_KEY_IP_ADDRESS_BLOCKED"
                assert (told or "127.0.0.1") in reply.error["message"]


async def test_a_caller_cannot_write_where_they_come_from(pisang: Server) -> None:
    key = await key_for(pisang, addresses=["203.0.113.0/24"])
    headers = {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9"}
    assert (await post(pisang, generate(), key=key, headers=headers)).status == 403


@pytest.mark.parametrize("name", ["gemini-3.1-flash-image", "nano-banana-2"])
async def test_a_model_that_the_key_is_for_by_any_of_its_names(pisang: Server, name: str) -> None:
    key = await key_for(pisang, models=["gemini-3.1-flash-image"])
    assert (await post(pisang, generate(name), key=key)).status == 200


@pytest.mark.parametrize("method", ["generateContent", "streamGenerateContent", "countTokens"])
async def test_a_model_that_the_key_is_not_for(pisang: Server, method: str) -> None:
    key = await key_for(pisang, models=["imagen-*"])
    address = generate().replace(":generateContent", f":{method}?alt=sse")
    refused = await post(pisang, address, key=key)
    assert (refused.status, refused.error["status"]) == (403, "PERMISSION_DENIED")
    assert reason(refused) == "API_KEY_SERVICE_BLOCKED"
    assert "imagen-*" in refused.error["message"]
    assert pisang.engine.asked == []


async def test_a_model_that_the_key_of_an_openai_client_is_not_for(pisang: Server) -> None:
    key = await key_for(pisang, models=["gemini-3.1-*"])
    body = {"model": "gemini-3-pro-image", "prompt": "a red cat"}
    headers = {"authorization": f"Bearer {key}"}
    refused = await post(pisang, "/v1/images/generations", body, key="", headers=headers)
    assert (refused.status, refused.json["error"]["type"]) == (403, "permission_error")


async def test_an_engine_that_the_key_is_not_for(pisang: Server) -> None:
    key = await key_for(pisang, engines=["studio"])
    refused = await post(pisang, generate(), key=key)
    assert (refused.status, reason(refused)) == (403, "API_KEY_SERVICE_BLOCKED")
    assert "studio" in refused.error["message"]
    assert pisang.engine.asked == []


async def test_every_route_asks_whether_its_key_may_be_used_there(pisang: Server) -> None:
    keyed = {
        surface: await key_for(pisang, Allowance.ADMIN, surfaces=[other])
        for surface, other in {
            "gemini_api": "vertex",
            "vertex": "openai",
            "openai": "admin",
            "admin": "gemini_api",
        }.items()
    }
    assert len(every()) > 150
    for method, path, written in every():
        surface = surface_of(path, {}, {})
        headers = {"x-goog-api-key": keyed[surface], **headers_for(written)}
        reply = await call(pisang.app.asgi, method, path, headers=headers)
        assert reply.status == 403, (method, path, reply.body)
        assert b"API_KEY_SERVICE_BLOCKED" in reply.body, (method, path, reply.body)
        assert reply.read == 0, (method, path)


async def test_a_service_account_without_a_role_makes_no_pictures(pisang: Server) -> None:
    async with pisang.app.database.write() as connection:
        home = await projects.find(connection, "default")
        made = await service_accounts.create(connection, home, name="robot")
        token = await tokens.issue(connection, made.id, seconds=600)
        who = f"serviceAccount:{made.email}"
    sent = {"authorization": f"Bearer {token}"}
    assert (await post(pisang, generate(), key="", headers=sent)).status == 200
    async with pisang.app.database.write() as connection:
        await members.put(connection, who, Role.VIEWER, home)
    refused = await post(pisang, generate(), key="", headers=sent)  # at once
    assert (refused.status, reason(refused)) == (403, "PERMISSION_DENIED")
    looked = await call(pisang.app.asgi, "GET", "/admin/v1/keys?project=default", headers=sent)
    assert looked.status == 200


async def test_when_a_key_was_last_used_is_kept(tmp_path: Path) -> None:
    began = now()
    async with server(tmp_path / "data") as pisang:
        assert (await post(pisang, generate())).status == 200
        router = pisang.app.asgi.router
        assert isinstance(router, Dispatch)
        await pisang.app.asgi.state.shared.uses.write()
        async with pisang.app.database.read() as connection:
            used = await connection.scalar(select(schema.keys.c.last_used_at))
    assert used is not None
    assert used >= began


async def test_a_key_that_only_the_admin_api_sees_is_used_too(pisang: Server) -> None:
    key = await key_for(pisang, Allowance.ADMIN)
    headers = {"x-goog-api-key": key}
    assert (await call(pisang.app.asgi, "GET", "/admin/v1/keys", headers=headers)).status == 200
    await pisang.app.asgi.state.shared.uses.write()
    async with pisang.app.database.read() as connection:
        assert (await keys.get(connection, key)).last_used_at is not None
