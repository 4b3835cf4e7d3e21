"""A server with two projects, of which one has something of every kind; and how each route of the
admin API is asked for it, with the action that it takes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from pisang.accounts import keys, members, principals, projects, service_accounts, sessions, users
from pisang.accounts import tokens as access
from pisang.accounts.projects import Project
from pisang.core.clock import now
from pisang.core.roles import Action, Role
from pisang.store import schema
from pisang.testing import Server
from tests.path.asgi import Reply, call
from tests.path.uploading import PNG, send, start

MARK = "zebra"
"""Stands in everything of the one project, and nowhere else."""


@dataclass(frozen=True)
class Knock:
    """One request of the admin API. ``{project}`` and the like in texts are names of things;
    ``action`` is None where everybody may who is somebody."""

    method: str
    path: str
    action: Action | None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def names_a_thing(self) -> bool:
        """Whether it is about something of a project, and not a list of all there is."""
        values = (self.path, *self.query.values(), *(self.body or {}).values())
        return any("{" in str(value) for value in values)

    def address(self, things: Mapping[str, str]) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return (self.path + (f"?{query}" if query else "")).format_map(things)

    def content(self, things: Mapping[str, str]) -> bytes:
        return b"" if self.body is None else json.dumps(_filled(self.body, things)).encode()


def _filled(value: Any, things: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(things)
    if isinstance(value, Mapping):
        return {name: _filled(each, things) for name, each in value.items()}
    return value


_OF = {"project": "{project}"}
_KEY, _ACCOUNT = "/admin/v1/keys/{key}", "/admin/v1/service-accounts/{account}"
_PROJECT, _BUDGET = "/admin/v1/projects/{project}", "/admin/v1/budgets/{budget}"
_USER, _HOOK = "/admin/v1/users/{user}", "/admin/v1/hooks/{hook}"
_ENGINE, _ROUTE = "/admin/v1/engines/{engine}", "/admin/v1/routes/{route}"
_MEMBER = _OF | {"member": "user:new@example.com", "role": "viewer"}
_ROUTED = {"model": "*", "engines": ["scripted"]}

KNOCKS: Sequence[Knock] = (
    Knock("GET", "/admin/v1/sessions/current", None),
    Knock("GET", "/admin/v1/openapi.json", Action.PROJECTS_GET),
    Knock("GET", "/admin/v1/projects", Action.PROJECTS_GET),
    Knock("POST", "/admin/v1/projects", Action.PROJECTS_CREATE, body={"name": "third"}),
    Knock("GET", _PROJECT, Action.PROJECTS_GET),
    Knock("PATCH", _PROJECT, Action.PROJECTS_UPDATE, body={"block_dormant": True}),
    Knock("PATCH", _PROJECT, Action.PROJECTS_BILL, body={"tier": "3"}),
    Knock("POST", f"{_PROJECT}:suspend", Action.PROJECTS_SUSPEND),
    Knock("POST", f"{_PROJECT}:resume", Action.PROJECTS_SUSPEND),
    Knock("GET", "/admin/v1/keys", Action.KEYS_LIST, _OF),
    Knock("GET", "/admin/v1/keys", Action.KEYS_LIST),
    Knock("POST", "/admin/v1/keys", Action.KEYS_CREATE, body=_OF),
    Knock("POST", "/admin/v1/keys:lookup", Action.KEYS_LIST, body={"key": "{secret}"}),
    Knock("GET", _KEY, Action.KEYS_LIST),
    Knock("PATCH", _KEY, Action.KEYS_UPDATE, body={"name": "new"}),
    Knock("POST", f"{_KEY}:rotate", Action.KEYS_CREATE),
    Knock("POST", f"{_KEY}:reportLeaked", Action.KEYS_REVOKE),
    Knock("POST", f"{_KEY}:revoke", Action.KEYS_REVOKE),
    Knock("DELETE", _KEY, Action.KEYS_REVOKE),
    Knock("GET", "/admin/v1/service-accounts", Action.SERVICE_ACCOUNTS_LIST, _OF),
    Knock("GET", "/admin/v1/service-accounts", Action.SERVICE_ACCOUNTS_LIST),
    Knock(
        "POST",
        "/admin/v1/service-accounts",
        Action.SERVICE_ACCOUNTS_CREATE,
        body=_OF | {"name": "second", "role": "viewer"},
    ),
    Knock("GET", _ACCOUNT, Action.SERVICE_ACCOUNTS_LIST),
    Knock("POST", f"{_ACCOUNT}:addKey", Action.SERVICE_ACCOUNTS_CREATE),
    Knock("POST", f"{_ACCOUNT}:revoke", Action.SERVICE_ACCOUNTS_REVOKE),
    Knock("DELETE", _ACCOUNT, Action.SERVICE_ACCOUNTS_REVOKE),
    Knock("GET", "/admin/v1/members", Action.MEMBERS_LIST, _OF),
    Knock("GET", "/admin/v1/members", Action.MEMBERS_LIST),
    Knock("PUT", "/admin/v1/members", Action.MEMBERS_UPDATE, body=_MEMBER),
    Knock("DELETE", "/admin/v1/members", Action.MEMBERS_UPDATE, _OF | {"member": "{member}"}),
    Knock("GET", "/admin/v1/users", Action.USERS_LIST),
    Knock("POST", "/admin/v1/users", Action.USERS_UPDATE, body={"email": "new@example.com"}),
    Knock("GET", _USER, Action.USERS_LIST),
    Knock("PATCH", _USER, Action.USERS_UPDATE, body={"name": "new"}),
    Knock("POST", f"{_USER}:disable", Action.USERS_UPDATE),
    Knock("POST", f"{_USER}:enable", Action.USERS_UPDATE),
    Knock("DELETE", _USER, Action.USERS_UPDATE),
    Knock("GET", "/admin/v1/limits", Action.LIMITS_GET, _OF),
    Knock("GET", "/admin/v1/limits", Action.LIMITS_GET, _OF | {"key_id": "{key}"}),
    Knock("PUT", "/admin/v1/limits", Action.LIMITS_UPDATE, body=_OF | {"rpm": 5}),
    Knock("PUT", "/admin/v1/limits", Action.LIMITS_UPDATE, body={"tier": "1", "rpm": 5}),
    Knock("PUT", "/admin/v1/limits", Action.KEYS_UPDATE, body=_OF | {"key_id": "{key}", "rpm": 5}),
    Knock("DELETE", "/admin/v1/limits", Action.LIMITS_UPDATE, _OF),
    Knock("DELETE", "/admin/v1/limits", Action.KEYS_UPDATE, _OF | {"key_id": "{key}"}),
    Knock("GET", "/admin/v1/budgets", Action.BUDGETS_LIST, _OF),
    Knock("GET", "/admin/v1/budgets", Action.BUDGETS_LIST),
    Knock("PUT", "/admin/v1/budgets", Action.BUDGETS_UPDATE, body=_OF | {"amount_usd": "5.00"}),
    Knock("GET", _BUDGET, Action.BUDGETS_LIST),
    Knock("DELETE", _BUDGET, Action.BUDGETS_UPDATE),
    Knock("GET", "/admin/v1/usage", Action.USAGE_GET, _OF),
    Knock("GET", "/admin/v1/usage", Action.USAGE_GET),
    Knock("GET", "/admin/v1/usage", Action.USAGE_GET, {"by": "project"}),
    Knock("GET", "/admin/v1/usage:forecast", Action.USAGE_GET, _OF),
    Knock("GET", "/admin/v1/ledger/balance", Action.LEDGER_GET, _OF),
    Knock("GET", "/admin/v1/ledger/entries", Action.LEDGER_GET, _OF),
    Knock("GET", "/admin/v1/ledger/entries", Action.LEDGER_GET),
    Knock("GET", "/admin/v1/ledger/holds", Action.LEDGER_GET, _OF),
    Knock("GET", "/admin/v1/ledger/holds", Action.LEDGER_GET),
    Knock(
        "POST",
        "/admin/v1/ledger/top-ups",
        Action.LEDGER_TOP_UP,
        body=_OF | {"amount_usd": "5.00"},
    ),
    Knock(
        "POST",
        "/admin/v1/ledger/adjustments",
        Action.LEDGER_TOP_UP,
        body=_OF | {"amount_usd": "-1.00", "note": "a mistake"},
    ),
    Knock("POST", "/admin/v1/ledger:verify", Action.LEDGER_VERIFY),
    Knock("POST", "/admin/v1/ledger:verify", Action.LEDGER_VERIFY, body=_OF),
    Knock("POST", "/admin/v1/ledger:reconcile", Action.LEDGER_RECONCILE, body={"csv": ""}),
    Knock("GET", "/admin/v1/hooks", Action.BUDGETS_LIST, _OF),
    Knock("GET", "/admin/v1/hooks", Action.BUDGETS_LIST),
    Knock("POST", "/admin/v1/hooks:test", Action.BUDGETS_UPDATE, body=_OF),
    Knock("GET", _HOOK, Action.BUDGETS_LIST),
    Knock("POST", f"{_HOOK}:redeliver", Action.BUDGETS_UPDATE),
    Knock("GET", "/admin/v1/audit", Action.AUDIT_LIST, _OF),
    Knock("GET", "/admin/v1/audit", Action.AUDIT_LIST),
    Knock("GET", "/admin/v1/audit:export", Action.AUDIT_LIST, _OF),
    Knock("GET", "/admin/v1/audit:export", Action.AUDIT_LIST),
    Knock("GET", "/admin/v1/audit/head", Action.AUDIT_VERIFY),
    Knock("POST", "/admin/v1/audit:verify", Action.AUDIT_VERIFY),
    Knock("GET", "/admin/v1/engines", Action.ENGINES_UPDATE),
    Knock("GET", _ENGINE, Action.ENGINES_UPDATE),
    Knock("PUT", _ENGINE, Action.ENGINES_UPDATE, body={"kind": "sketch"}),
    Knock("POST", f"{_ENGINE}:probe", Action.ENGINES_UPDATE),
    Knock("POST", f"{_ENGINE}:readmit", Action.ENGINES_UPDATE),
    Knock("DELETE", _ENGINE, Action.ENGINES_UPDATE),
    Knock("GET", "/admin/v1/routes", Action.ROUTES_UPDATE),
    Knock("POST", "/admin/v1/routes", Action.ROUTES_UPDATE, body=_ROUTED),
    Knock("POST", "/admin/v1/routes:order", Action.ROUTES_UPDATE, body={"routes": []}),
    Knock("POST", "/admin/v1/routes:explain", Action.ROUTES_UPDATE, body={"model": "x"}),
    Knock("POST", "/admin/v1/routes:explain", Action.ROUTES_UPDATE, body=_OF | {"model": "x"}),
    Knock("GET", _ROUTE, Action.ROUTES_UPDATE),
    Knock("PUT", _ROUTE, Action.ROUTES_UPDATE, body=_ROUTED),
    Knock("DELETE", _ROUTE, Action.ROUTES_UPDATE),
    Knock("DELETE", _PROJECT, Action.PROJECTS_DELETE),
)
"""Every route of the admin API, those that end something behind those that look at it."""

NOWHERE: Mapping[str, str] = {
    "project": "nowhere-shop",
    "key": "key_00nowhere00000000000000000",
    "secret": "psk_" + "n" * 40,
    "account": "nowhere@nowhere.iam.pisang.internal",
    "member": "user:nowhere@example.com",
    "user": "nowhere@example.com",
    "budget": "bud_00nowhere00000000000000000",
    "hook": "hok_00nowhere00000000000000000",
    "engine": "nowhere-engine",
    "route": "nowhere-route",
    "name": "nowhere0file",
    "id": "nowhere-id",
}
"""Names of things that there are not."""


async def furnished(pisang: Server) -> Mapping[str, str]:
    """A project with something of every kind in it; the names of all of it."""
    async with pisang.app.database.write() as connection:
        zebra = await projects.create(connection, f"{MARK}-shop")
        key = await keys.create(connection, zebra, name=f"{MARK} key")
        account = await service_accounts.create(connection, zebra, name=MARK)
        member = f"user:{MARK}@example.com"
        await members.put(connection, member, Role.VIEWER, zebra)
        await members.put(connection, f"user:boss-{MARK}@example.com", Role.OWNER, zebra)
        await connection.execute(
            insert(schema.budgets).values(
                id=f"bud_{MARK}",
                project_id=zebra.id,
                name=f"{MARK} budget",
                period="month",
                amount=5_000_000_000,
                created_at=now(),
            )
        )
        await connection.execute(
            insert(schema.deliveries).values(
                id=f"hok_{MARK}",
                project_id=zebra.id,
                url=f"https://{MARK}.example/",
                event="budget.threshold",
                body="{}",
                next_at=now(),
                created_at=now(),
                status="failed",
            )
        )
    started = await start(pisang, {"file": {"displayName": MARK}}, size=len(PNG), key=key.key)
    await send(pisang, started, "upload, finalize", PNG, at=0)
    file = (await ask(pisang, key.key, "GET", "/v1beta/files")).json["files"][0]["name"]
    body = json.dumps({"model": "gemini-3-pro-image", "input": f"a {MARK}"}).encode()
    made = [
        await ask(pisang, key.key, "POST", address, body)
        for address in ("/v1/interactions", "/v1/responses")
    ]
    assert [reply.status for reply in made] == [200, 200]
    return {
        "project": zebra.name,
        "key": key.id,
        "secret": key.key,
        "account": account.email,
        "member": member,
        "user": f"{MARK}@example.com",
        "budget": f"bud_{MARK}",
        "hook": f"hok_{MARK}",
        "engine": MARK,
        "route": MARK,
        "name": file.removeprefix("files/"),
        "interaction": made[0].json["id"],
        "response": made[1].json["id"],
    }


async def ask(
    pisang: Server,
    credential: str,
    method: str,
    address: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Asks with a key or a token."""
    sent = {"authorization": f"Bearer {credential}", "content-length": str(len(body))}
    chunks, sent = [body], sent | dict(headers or {})
    return await call(pisang.app.asgi, method, address, headers=sent, chunks=chunks)


async def of_role(pisang: Server, project: Project, role: Role | None) -> str:
    """A key of a project, with a role there (an operator's is in all of the server, and belongs to
    another project)."""
    async with pisang.app.database.write() as connection:
        place = None if role is Role.OPERATOR else project
        home = place or await projects.find(connection, projects.DEFAULT)
        made = await keys.create(connection, home, name="principal")
        if role is not None:
            await members.put(connection, f"key:{made.id}", role, place)
        found = await principals.named(connection, f"key:{made.id}")
        assert (role is None) == (not found.roles)
    return made.key


async def strangers(pisang: Server) -> Mapping[str, str]:
    """Who owns a project, but not the furnished one: by a key, an account, and a person."""
    async with pisang.app.database.write() as connection:
        rival = await projects.create(connection, "rival-shop")
        plain = await keys.create(connection, rival, name="plain")
        owner = await keys.create(connection, rival, name="owner")
        await members.put(connection, f"key:{owner.id}", Role.OWNER, rival)
        account = await service_accounts.create(connection, rival, name="robot", role=Role.OWNER)
        token = await access.issue(connection, account.id, seconds=600)
        user = await users.create(connection, "rival@example.com")
        await members.put(connection, user.principal, Role.OWNER, rival)
        session = await sessions.start(connection, user, lasts=timedelta(hours=1))
    return {
        "a key": plain.key,
        "an owner's key": owner.key,
        "an account": token,
        "a person": session.token,
    }
