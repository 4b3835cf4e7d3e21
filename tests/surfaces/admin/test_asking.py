"""Who may use the admin API: what others may not do, and may not learn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.accounts import keys, principals, projects
from pisang.accounts.principals import EVERYWHERE, Principal
from pisang.audit import verify
from pisang.core.caller import Allowance, Caller
from pisang.core.clock import now
from pisang.core.errors import NotFound, PermissionDenied, ProjectDenied
from pisang.core.roles import GRANTS, Action, Role
from pisang.routing.names import Names
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.open import opened
from pisang.store.schema import members
from pisang.surfaces.admin import asking
from pisang.surfaces.admin.records import Records, Who


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data") as (_, database):
        async with database.write() as connection:
            await projects.ensure(connection, "shop")
            await projects.ensure(connection, "other")
        yield database


def records(database: Database, who: Who) -> Records:
    async def names() -> Names:
        return Names(frozenset(), frozenset())

    return Records(database, Settings(data=database.path.parent), b"secret", who, names)


def call_of(database: Database, principal: Principal) -> Request:
    """A request of somebody, to an application over these records."""

    async def who(_: Request) -> Principal:
        return principal

    app = Starlette()
    app.state.records = records(database, who)
    return Request({"type": "http", "app": app, "state": {}, "headers": [], "client": ("::1", 1)})


async def member(database: Database, role: Role, project: str = "shop") -> Principal:
    async with database.read() as connection:
        return Principal("user:ann@x.org", {(await projects.find(connection, project)).id: role})


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
async def test_a_member_may_what_the_table_says_and_only_in_their_project(
    database: Database, role: Role, action: Action
) -> None:
    call = call_of(database, await member(database, role))
    if action in GRANTS[role]:
        asks, found = await asking.authorised(call, action, "shop")
        assert (asks.name, found.name) == ("user:ann@x.org", "shop")
    else:
        with pytest.raises(PermissionDenied, match=f"the role there is {role.value}"):
            await asking.authorised(call, action, "shop")
    with pytest.raises(ProjectDenied):
        await asking.authorised(call, action, "other")
    with pytest.raises(PermissionDenied):
        await asking.allowed(call, action)


@pytest.mark.parametrize("by", ["name", "id", "number"])
async def test_a_foreign_project_and_none_are_told_alike(database: Database, by: str) -> None:
    async with database.read() as connection:
        other = getattr(await projects.find(connection, "other"), by)
    told = []
    for named in (other, "x" * len(other)):
        call = call_of(database, await member(database, Role.OWNER))
        with pytest.raises(ProjectDenied) as error:
            await asking.authorised(call, Action.KEYS_LIST, named)
        said = (error.value.message, error.value.metadata["resource"])
        told.append([text.replace(named, "NAME") for text in said])
    assert told[0] == told[1]


async def test_the_operator_is_told_what_they_may_have_meant(database: Database) -> None:
    call = call_of(database, principals.local("ann"))
    with pytest.raises(NotFound, match="Did you mean 'shop'"):
        await asking.authorised(call, Action.KEYS_LIST, "shopp")


async def test_lists_reach_as_far_as_the_roles(database: Database) -> None:
    shop = await member(database, Role.VIEWER)
    (shop_id,) = shop.roles
    nobody, everywhere = Principal("key:k"), Principal("user:b", {EVERYWHERE: Role.VIEWER})
    assert (await asking.reach(call_of(database, shop), Action.KEYS_LIST))[1] == {shop_id}
    assert (await asking.reach(call_of(database, shop), Action.KEYS_LIST, "shop"))[1] == {shop_id}
    assert (await asking.reach(call_of(database, everywhere), Action.KEYS_LIST))[1] is None
    for who, named in ((nobody, ""), (nobody, "shop"), (shop, "other")):
        with pytest.raises(PermissionDenied):
            await asking.reach(call_of(database, who), Action.KEYS_LIST, named)
    with pytest.raises(PermissionDenied):  # a member, but not one who may do this
        await asking.reach(call_of(database, shop), Action.LEDGER_GET)


async def test_a_key_is_who_its_rows_say(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        callers = list[Caller]()
        for allowed in ((), (Allowance.FAULTS,), (Allowance.ADMIN,)):
            made = await keys.create(connection, shop, name="k", allowed=allowed)
            valid = await keys.verify(connection, made.key)
            assert valid
            callers.append(valid.caller)
        plain, faulty, admin = callers
        await connection.execute(
            insert(members).values(
                project_id=shop.id,
                principal=f"key:{plain.key_id}",
                role=Role.EDITOR.value,
                created_at=now(),
            )
        )
        found = await principals.of_caller(connection, plain)
        assert found == Principal(f"key:{plain.key_id}", {shop.id: Role.EDITOR})
        assert (await principals.of_caller(connection, faulty)).roles == {}
        assert (await principals.of_caller(connection, admin)).is_operator


async def test_who_asks_is_asked_for_once(database: Database) -> None:
    asked = 0

    async def who(_: Request) -> Principal:
        nonlocal asked
        asked += 1
        return principals.local("ann")

    call = call_of(database, Principal("x"))
    call.app.state.records = records(database, who)
    await asking.allowed(call, Action.ENGINES_UPDATE)
    await asking.principal(call)
    assert asked == 1


async def test_what_was_done_is_written_down_with_it_or_not_at_all(database: Database) -> None:
    call = call_of(database, principals.local("ann"))

    async def number() -> int:
        async with database.read() as connection:
            return (await verify.verify(connection)).rows

    async def do(*, fail: bool) -> None:
        async with database.write() as connection:
            await asking.changed(call, connection, Action.PROJECTS_CREATE, target="projects/x")
            if fail:
                raise ValueError("not done")

    with pytest.raises(ValueError, match="not done"):
        await do(fail=True)
    assert await number() == 0
    await do(fail=False)
    assert await number() == 1


async def test_settings_that_are_wrong_are_the_callers_mistake_here(database: Database) -> None:
    async def handler(_: Request) -> Response:
        return asking.listing("things", [1], "2")

    route = Route("/x", asking.told(handler, Action.ENGINES_UPDATE))
    stranger = call_of(database, await member(database, Role.OWNER))
    with pytest.raises(PermissionDenied):
        await route.endpoint(stranger)
    answer = await route.endpoint(call_of(database, principals.local("ann")))
    assert b"".join(answer.pieces) == b'{"things":[1],"next_page_token":"2"}'
