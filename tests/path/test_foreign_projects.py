"""Nobody reaches another project's anything by the admin API: every route is tried by the owner of
one project on another one, whose things must look as if they were nowhere."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from pisang.accounts import keys, projects
from pisang.core.caller import Allowance
from pisang.core.clock import now
from pisang.hooks import deliveries
from pisang.surfaces.routes import SURFACES
from pisang.testing import Server, server
from tests.path.asgi import Reply, call

At = tuple[str, str]

OF_PROJECT: Final[Mapping[At, tuple[str, Any]]] = {
    ("GET", "projects/{project}"): ("", None),
    ("PATCH", "projects/{project}"): ("", {"locations": ["eu-*"]}),
    ("GET", "keys"): ("project={project}", None),
    ("POST", "keys"): ("", {"project": "{project}"}),
    ("POST", "keys:lookup"): ("", {"key": "{secret}"}),
    ("POST", "keys/{key}:rotate"): ("", {}),
    ("POST", "keys/{key}:revoke"): ("", {}),
    ("POST", "keys/{key}:reportLeaked"): ("", {}),
    ("GET", "keys/{key}"): ("", None),
    ("PATCH", "keys/{key}"): ("", {"name": "mine"}),
    ("DELETE", "keys/{key}"): ("", None),
    ("GET", "service-accounts"): ("project={project}", None),
    ("POST", "service-accounts"): ("", {"project": "{project}", "name": "spy"}),
    ("POST", "service-accounts/{account}:addKey"): ("", {}),
    ("POST", "service-accounts/{account}:revoke"): ("", {}),
    ("GET", "service-accounts/{account}"): ("", None),
    ("DELETE", "service-accounts/{account}"): ("", None),
    ("GET", "members"): ("project={project}", None),
    ("PUT", "members"): ("", {"project": "{project}", "member": "user:spy@x.org", "role": "owner"}),
    ("DELETE", "members"): ("project={project}&member=user:ann@x.org", None),
    ("GET", "limits"): ("project={project}", None),
    ("PUT", "limits"): ("", {"project": "{project}", "key_id": "{key}", "rpm": 1}),
    ("DELETE", "limits"): ("project={project}&key_id={key}", None),
    ("GET", "budgets"): ("project={project}", None),
    ("PUT", "budgets"): ("", {"project": "{project}", "amount_usd": "1"}),
    ("GET", "budgets/{budget}"): ("", None),
    ("DELETE", "budgets/{budget}"): ("", None),
    ("GET", "usage"): ("project={project}", None),
    ("GET", "usage:forecast"): ("project={project}", None),
    ("GET", "ledger/balance"): ("project={project}", None),
    ("GET", "ledger/entries"): ("project={project}", None),
    ("GET", "ledger/holds"): ("project={project}", None),
    ("GET", "hooks"): ("project={project}", None),
    ("POST", "hooks:test"): ("", {"project": "{project}", "url": "https://x.example"}),
    ("POST", "hooks/{hook}:redeliver"): ("", {}),
    ("GET", "hooks/{hook}"): ("", None),
    ("GET", "audit"): ("project={project}", None),
    ("GET", "audit:export"): ("project={project}", None),
}
"""What an owner may do in their own project: query and body of a call that names one."""

OPERATORS: Final[Mapping[At, tuple[str, Any]]] = {
    ("POST", "projects"): ("", {"name": "new"}),
    ("DELETE", "projects/{project}"): ("", None),
    ("POST", "projects/{project}:suspend"): ("", {}),
    ("POST", "projects/{project}:resume"): ("", {}),
    ("GET", "users"): ("", None),
    ("POST", "users"): ("", {"email": "spy@x.org"}),
    ("GET", "users/{user}"): ("", None),
    ("PATCH", "users/{user}"): ("", {"name": "Spy"}),
    ("DELETE", "users/{user}"): ("", None),
    ("POST", "users/{user}:disable"): ("", {}),
    ("POST", "users/{user}:enable"): ("", {}),
    ("POST", "ledger/top-ups"): ("", {"project": "{project}", "amount_usd": "1"}),
    ("POST", "ledger/adjustments"): ("", {"project": "{project}", "amount_usd": "1", "note": "n"}),
    ("POST", "ledger:verify"): ("", {"project": "{project}"}),
    ("POST", "ledger:reconcile"): ("", {"csv": "day,model,cost", "project": "{project}"}),
    ("POST", "audit:verify"): ("", {}),
    ("GET", "audit/head"): ("", None),
    ("GET", "engines"): ("", None),
    ("GET", "engines/x"): ("", None),
    ("PUT", "engines/x"): ("", {"kind": "sketch"}),
    ("DELETE", "engines/x"): ("", None),
    ("POST", "engines/x:probe"): ("", {}),
    ("POST", "engines/x:readmit"): ("", {}),
    ("GET", "routes"): ("", None),
    ("POST", "routes"): ("", {"model": "*", "engines": ["scripted"]}),
    ("GET", "routes/x"): ("", None),
    ("PUT", "routes/x"): ("", {"model": "*", "engines": ["scripted"]}),
    ("DELETE", "routes/x"): ("", None),
    ("POST", "routes:order"): ("", {"routes": []}),
    ("POST", "routes:explain"): ("", {"model": "x", "project": "{project}"}),
}
"""What belongs to the whole server, or is its operator's to do."""

FOR_ALL: Final = frozenset(
    {("GET", "projects"), ("GET", "openapi.json"), ("POST", "sessions")}
    | {("GET", "sessions/current"), ("DELETE", "sessions/current")}
)
"""What any caller may ask, and gets no more of than is their own."""


@dataclass(frozen=True)
class House:
    """A server with two projects; ``owner`` is a key of the owner of one, ``names`` are those of
    things of the other."""

    pisang: Server
    operator: str
    owner: str
    names: Mapping[str, str]

    async def ask(self, method: str, path: str, body: Any = None, *, key: str = "") -> Reply:
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"content-length": str(len(data)), "x-goog-api-key": key or self.owner}
        address = f"/admin/v1/{path}"
        return await call(self.pisang.app.asgi, method, address, headers=headers, chunks=[data])

    async def done(self, method: str, path: str, body: Any = None) -> Any:
        reply = await self.ask(method, path, body, key=self.operator)
        assert reply.status in (200, 201), reply.body
        return reply.json


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with server(tmp_path / "data") as pisang:
        async with pisang.app.database.write() as connection:
            theirs = await projects.create(connection, "theirs")
            mine = await projects.create(connection, "mine")
            default = await projects.find(connection, "default")
            operator = await keys.create(connection, default, name="op", allowed=[Allowance.ADMIN])
            owner = await keys.create(connection, mine, name="owner")
            secret = await keys.create(connection, theirs, name="a secret name")
            hook = await told(connection, theirs.id)
        names = {"project": "theirs", "key": secret.id, "secret": secret.key, "hook": hook}
        house = House(pisang, operator.key, owner.key, names)
        member = {"project": "mine", "member": f"key:{owner.id}", "role": "owner"}
        await house.done("PUT", "members", member)
        await house.done("PUT", "members", member | {"project": "theirs"} | ANN)
        account = {"project": "theirs", "name": "robot"}
        email = (await house.done("POST", "service-accounts", account))["email"]
        budget = {"project": "theirs", "amount_usd": "5"}
        made = await house.done("PUT", "budgets", budget)
        await house.done("POST", "users", {"email": "ann@x.org"})
        more = {"account": email, "budget": made["id"], "user": "ann@x.org"}
        yield House(pisang, operator.key, owner.key, names | more)


ANN: Final = {"member": "user:ann@x.org", "role": "owner"}
NOWHERE: Final = {
    "project": "nowhere",
    "key": "key_00000000000000000000000000",
    "secret": "psk_" + "x" * 40,
    "hook": "msg_00000000000000000000000000",
    "account": "robot@nowhere.iam.pisang.internal",
    "budget": "bgt_00000000000000000000000000",
    "user": "nobody@x.org",
}


async def told(connection: Any, project_id: str) -> str:
    """A web hook that was told something."""
    made = await deliveries.enqueue(
        connection,
        project_id=project_id,
        url="https://hooks.example",
        secret="",
        event="budget.threshold",
        data={"project": {"id": project_id}},
    )
    for each in await deliveries.claim(connection, now(), most=1):
        await deliveries.settle(connection, each, now(), error="", final=True)
    return made


def filled(value: Any, names: Mapping[str, str]) -> Any:
    """A query or body with the names of things in it."""
    text = json.dumps(value)
    return json.loads(re.sub(r"\{(\w+)\}", lambda found: names[found[1]], text))


async def tried(house: House, at: At, asked: tuple[str, Any], names: Mapping[str, str]) -> Reply:
    (method, path), (query, body) = at, asked
    path = filled(f"{path}?{query}".rstrip("?"), names)
    return await house.ask(method, path.replace("@", "%40"), filled(body, names))


def test_every_route_is_tried() -> None:
    served = {
        (method, re.sub(r"\{(engine|route)\}", "x", route.path_format.removeprefix("/admin/v1/")))
        for route in SURFACES
        if route.path.startswith("/admin/v1/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert {*OF_PROJECT, *OPERATORS, *FOR_ALL} == served


async def test_things_of_another_project_are_as_if_they_were_nowhere(house: House) -> None:
    before = [await house.done("GET", what) for what in ("keys", "members", "budgets", "audit")]
    for at, asked in (OF_PROJECT | OPERATORS).items():
        told = []
        for names in (house.names, NOWHERE):
            reply = await tried(house, at, asked, names)
            assert reply.status == 403, (at, reply.body)
            text = reply.body.decode()
            for kind, name in names.items():
                text = text.replace(name, kind).replace(name.replace("@", "%40"), kind)
            told.append(text)
        assert told[0] == told[1], at
        assert "secret name" not in told[0]
    after = [await house.done("GET", what) for what in ("keys", "members", "budgets", "audit")]
    assert [_less(each) for each in after] == [_less(each) for each in before]


def _less(found: Any) -> str:
    """A list without when its keys were last used, which asking changes."""
    return re.sub(r'"last_used_at": [^,]+', "", json.dumps(found))


async def test_the_same_is_done_in_ones_own_project(house: House) -> None:
    """Those calls are refused for whose the things are, and not because they are wrong."""
    for path in ("keys", "members", "service-accounts", "budgets", "limits", "hooks", "audit"):
        assert (await house.ask("GET", f"{path}?project=mine")).status == 200, path
    made = (await house.ask("POST", "keys", {"project": "mine"})).json
    assert (await house.ask("GET", f"keys/{made['id']}")).status == 200
    limits = {"project": "mine", "key_id": made["id"], "rpm": 1}
    assert (await house.ask("PUT", "limits", limits)).status == 200
    assert (await house.ask("PUT", "limits", {"project": "mine", "rpm": 1})).status == 403
    budget = {"project": "mine", "amount_usd": "1"}
    kept = (await house.ask("PUT", "budgets", budget)).json
    assert (await house.ask("DELETE", f"budgets/{kept['id']}")).status == 200
    assert (await house.ask("GET", "ledger/balance?project=mine")).status == 200
    assert (await house.ask("PATCH", "projects/mine", {"locations": ["eu-*"]})).status == 200
    assert (await house.ask("PATCH", "projects/mine", {"tier": "3"})).status == 403


async def test_lists_without_a_project_have_ones_own_only(house: House) -> None:
    for path in (
        *("projects", "keys", "members", "service-accounts", "budgets", "usage?by=project"),
        *("ledger/entries", "ledger/holds", "hooks", "audit", "audit:export"),
    ):
        reply = await house.ask("GET", path)
        assert reply.status == 200, reply.body
        assert b"theirs" not in reply.body, path
        for name in house.names.values():
            assert name.encode() not in reply.body, path
    listed = (await house.ask("GET", "projects")).json["projects"]
    assert [each["name"] for each in listed] == ["mine"]
