"""What each role may do is what the table of roles says: every route of the admin API, for every
role, one that is let in and one that is not."""

import pytest

from pisang.accounts import keys, members, projects, service_accounts
from pisang.core.caller import Allowance
from pisang.core.roles import GRANTS, Role
from pisang.testing import Server
from tests.path.tenants import KNOCKS, ask, furnished, of_role


@pytest.mark.parametrize("role", [None, *Role], ids=str)
async def test_a_role_lets_in_where_the_table_says_so_and_nowhere_else(
    pisang: Server, role: Role | None
) -> None:
    things = await furnished(pisang)
    async with pisang.app.database.read() as connection:
        shop = await projects.find(connection, things["project"])
    credential = await of_role(pisang, shop, role)
    granted = GRANTS[role] if role else frozenset()
    for knock in KNOCKS:
        reply = await ask(
            pisang, credential, knock.method, knock.address(things), knock.content(things)
        )
        if knock.action is None or knock.action in granted:
            assert reply.status not in (401, 403), (knock, reply.body)
        else:
            assert reply.status == 403, (knock, reply.body)


@pytest.mark.parametrize("role", [Role.DEVELOPER, Role.EDITOR])
async def test_nobody_gets_at_a_secret_of_who_may_do_more(pisang: Server, role: Role) -> None:
    things = await furnished(pisang)
    async with pisang.app.database.write() as connection:
        shop = await projects.find(connection, things["project"])
        owner = await keys.create(connection, shop, name="owner")
        await members.put(connection, f"key:{owner.id}", Role.OWNER, shop)
        admin = await keys.create(connection, shop, name="admin", allowed=[Allowance.ADMIN])
        robot = await service_accounts.create(connection, shop, name="boss", role=Role.OWNER)
    credential = await of_role(pisang, shop, role)
    for address, body in (
        (f"/admin/v1/keys/{owner.id}:rotate", b""),
        (f"/admin/v1/keys/{admin.id}:rotate", b""),
        (f"/admin/v1/service-accounts/{robot.email}:addKey", b""),
        ("/admin/v1/keys", b'{"project": "zebra-shop", "allowed": ["admin"]}'),
        ("/admin/v1/keys", b'{"project": "zebra-shop", "budget_usd": "1"}'),
        ("/admin/v1/service-accounts", b'{"project":"zebra-shop","name":"x","role":"owner"}'),
    ):
        reply = await ask(pisang, credential, "POST", address, body)
        assert reply.status == 403, (address, reply.body)
        assert b"psk_" not in reply.body
        assert b"PRIVATE" not in reply.body


async def test_an_owner_makes_no_operator(pisang: Server) -> None:
    things = await furnished(pisang)
    async with pisang.app.database.read() as connection:
        shop = await projects.find(connection, things["project"])
    owner = await of_role(pisang, shop, Role.OWNER)
    for body in (
        b'{"member": "user:me@example.com", "role": "viewer"}',
        b'{"member": "user:me@example.com", "role": "operator"}',
        b'{"project": "rival", "member": "user:me@example.com", "role": "viewer"}',
    ):
        assert (await ask(pisang, owner, "PUT", "/admin/v1/members", body)).status == 403
    body = b'{"project": "zebra-shop", "member": "user:me@example.com", "role": "operator"}'
    assert (await ask(pisang, owner, "PUT", "/admin/v1/members", body)).status in (400, 403)
    body = b'{"allowed": ["admin"]}'
    address = f"/admin/v1/keys/{things['key']}"
    assert (await ask(pisang, owner, "PATCH", address, body)).status == 403
