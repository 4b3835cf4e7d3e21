"""Nobody reaches another project's anything: every route of the server is asked for the things of
one project by the owners of another one, and answers as if there were no such things."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from pisang.accounts import projects
from pisang.core.roles import Role
from pisang.surfaces.routes import SURFACES
from pisang.testing import Server
from tests.path.asgi import Reply
from tests.path.every_route import every, headers_for
from tests.path.tenants import KNOCKS, MARK, NOWHERE, ask, furnished, of_role, strangers

WHO = ("a key", "an owner's key", "an account", "a person")


@pytest.fixture
async def things(pisang: Server) -> Mapping[str, str]:
    return await furnished(pisang)


def told(reply: Reply, things: Mapping[str, str]) -> str:
    """An answer without what was asked for in it, and without what differs each time."""
    said = reply.body.decode()
    for name in sorted(set(things.values()), key=len, reverse=True):
        said = said.replace(name, "~")
    return f"{reply.status} {re.sub(r'(req|rsp|int|resp)_[0-9a-z]{20,}', '~', said)}"


async def an_operator(pisang: Server) -> str:
    async with pisang.app.database.read() as connection:
        home = await projects.find(connection, projects.DEFAULT)
    return await of_role(pisang, home, Role.OPERATOR)


async def kept(pisang: Server, operator: str, things: Mapping[str, str]) -> list[str]:
    """What there is in the one project, without when its keys were last used."""
    found = []
    for what in ("keys", "members", "service-accounts", "budgets", "limits", "audit"):
        address = f"/admin/v1/{what}?project={things['project']}"
        reply = await ask(pisang, operator, "GET", address)
        assert reply.status == 200, reply.body
        found.append(re.sub(r'"last_used_at": ?[^,}]+', "", reply.body.decode()))
    return found


def test_every_route_of_the_admin_api_is_asked() -> None:
    there = {
        (method, route.path_format)
        for route in SURFACES
        if route.path.startswith("/admin/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    alone = {("POST", "/admin/v1/sessions"), ("DELETE", "/admin/v1/sessions/current")}
    assert {(each.method, each.path) for each in KNOCKS} | alone == there


@pytest.mark.parametrize("who", WHO)
async def test_the_admin_api_shows_and_changes_nothing_of_another_project(
    pisang: Server, things: Mapping[str, str], who: str
) -> None:
    credential = (await strangers(pisang))[who]
    operator = await an_operator(pisang)
    before = await kept(pisang, operator, things)
    for knock in KNOCKS:
        asked = [
            await ask(pisang, credential, knock.method, knock.address(names), knock.content(names))
            for names in (things, NOWHERE)
        ]
        assert told(asked[0], things) == told(asked[1], NOWHERE), knock
        assert MARK not in told(asked[0], things), knock
        if knock.names_a_thing:
            assert asked[0].status == 403, (knock, asked[0].body)
    assert await kept(pisang, operator, things) == before


@pytest.mark.usefixtures("things")
async def test_an_owner_does_in_their_own_project_what_they_may_not_in_another(
    pisang: Server,
) -> None:
    """Those calls are refused for whose the things are, and not because they are wrong."""
    owner = (await strangers(pisang))["an owner's key"]

    async def done(method: str, path: str, status: int = 200, **body: object) -> Any:
        content = json.dumps(body).encode() if body else b""
        reply = await ask(pisang, owner, method, f"/admin/v1/{path}", content)
        assert reply.status == status, (method, path, reply.body)
        return reply.json

    for what in ("keys", "members", "service-accounts", "budgets", "limits", "hooks", "audit"):
        await done("GET", f"{what}?project=rival-shop")
    await done("GET", "ledger/balance?project=rival-shop")
    made = await done("POST", "keys", project="rival-shop")
    await done("GET", f"keys/{made['id']}")
    await done("PUT", "limits", project="rival-shop", key_id=made["id"], rpm=1)
    await done("PUT", "limits", 403, project="rival-shop", rpm=1)
    budget = await done("PUT", "budgets", 201, project="rival-shop", amount_usd="1")
    await done("DELETE", f"budgets/{budget['id']}")
    await done("PATCH", "projects/rival-shop", locations=["eu-*"])
    await done("PATCH", "projects/rival-shop", 403, tier="3")
    listed = (await done("GET", "projects"))["projects"]
    assert [each["name"] for each in listed] == ["rival-shop"]


@pytest.mark.parametrize("who", ["a key", "an account"])
async def test_no_surface_shows_anything_of_another_project(
    pisang: Server, things: Mapping[str, str], who: str
) -> None:
    credential = (await strangers(pisang))[who]
    for kind in ("interaction", "response"):
        there = {**things, "id": things[kind], "project": "rival-shop"}
        nowhere = {**NOWHERE, "project": "rival-shop"}
        for (method, path, written), (_, other, _) in zip(
            every(there), every(nowhere), strict=True
        ):
            if written.startswith("/admin/"):
                continue
            replies = [
                await ask(pisang, credential, method, each, headers=headers_for(written))
                for each in (path, other)
            ]
            if method != "POST":
                assert told(replies[0], there) == told(replies[1], nowhere), (method, path)
            assert replies[0].status == replies[1].status, (method, path)
            assert MARK not in replies[0].body.decode("utf-8", "replace"), (method, path)
            one_thing = {"name", "id"} & set(re.findall(r"\{(\w+)\}", written))
            if one_thing:
                assert replies[0].status in (400, 403, 404), (method, path)


async def test_no_address_with_another_project_in_it_is_served(
    pisang: Server, things: Mapping[str, str]
) -> None:
    credential = (await strangers(pisang))["a key"]
    asked = 0
    for (method, path, written), (_, other, _) in zip(every(things), every(NOWHERE), strict=True):
        if "{project}" in written and not written.startswith("/admin/"):
            replies = [await ask(pisang, credential, method, each) for each in (path, other)]
            assert replies[0].status == 403, (method, path)
            assert told(replies[0], things) == told(replies[1], NOWHERE), (method, path)
            asked += 1
    assert asked > 20


async def test_their_owner_still_finds_everything(
    pisang: Server, things: Mapping[str, str]
) -> None:
    key = things["secret"]
    for address in (
        f"/v1beta/files/{things['name']}",
        f"/v1/interactions/{things['interaction']}",
        f"/v1/responses/{things['response']}",
    ):
        assert (await ask(pisang, key, "GET", address)).status == 200
