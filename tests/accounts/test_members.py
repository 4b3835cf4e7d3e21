"""Members: who may give which role, and that somebody is always left at the head."""

import asyncio

import pytest

from pisang.accounts import keys, members, principals, projects, service_accounts, tokens
from pisang.accounts.principals import Principal
from pisang.core.errors import FailedPrecondition, NotFound, PermissionDenied, RequestError
from pisang.core.roles import GRANTS, Action, Role, covers
from pisang.store.database import Database

ANA, BEN = "user:ana@example.com", "user:ben@example.com"


async def test_a_member_has_one_role_in_a_project(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        await members.put(connection, "user:Ana@Example.com", Role.OWNER, shop)
        await members.put(connection, BEN, Role.VIEWER, shop)
        await members.put(connection, BEN, Role.EDITOR, shop)
        found = {each.principal: each.role for each in await members.listed(connection, shop)}
        assert found == {ANA: Role.OWNER, BEN: Role.EDITOR}
        ben = await principals.named(connection, BEN)
        assert ben.may(Action.KEYS_UPDATE, shop.id)
        assert not ben.may(Action.KEYS_UPDATE)
        default = await projects.find(connection, "default")
        assert not ben.may(Action.PROJECTS_GET, default.id)


async def test_a_role_in_all_of_the_server_counts_in_each_project(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        await members.put(connection, ANA, Role.VIEWER, None)
        ana = await principals.named(connection, ANA)
        assert ana.may(Action.USAGE_GET, shop.id)
        assert not ana.may(Action.KEYS_CREATE, shop.id)
        assert [each.project_id for each in await members.listed(connection, everywhere=True)] == [
            ""
        ]


async def test_the_last_owner_and_the_last_operator_stay(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        for place, head in ((shop, Role.OWNER), (None, Role.OPERATOR)):
            await members.put(connection, ANA, head, place)
            with pytest.raises(FailedPrecondition, match="the last"):
                await members.remove(connection, ANA, place)
            with pytest.raises(FailedPrecondition, match="the last"):
                await members.put(connection, ANA, Role.VIEWER, place)
            await members.put(connection, BEN, head, place)
            await members.remove(connection, ANA, place)
            with pytest.raises(NotFound):
                await members.get(connection, ANA, place)


@pytest.mark.parametrize("own", list(Role))
async def test_nobody_gives_or_takes_a_role_above_their_own(database: Database, own: Role) -> None:
    by = Principal("user:giver@example.com", {"": own} if own is Role.OPERATOR else {})
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        if own is not Role.OPERATOR:
            by = Principal(by.name, {shop.id: own})
        await members.put(connection, ANA, Role.OWNER, shop)
        for role in set(Role) - {Role.OPERATOR}:
            who = f"user:{role.value}@example.com"
            if covers(own, role):
                await members.put(connection, who, role, shop, by=by)
                await members.remove(connection, who, shop, by=by) if role != Role.OWNER else None
                continue
            with pytest.raises(PermissionDenied, match="above their own"):
                await members.put(connection, who, role, shop, by=by)
            await members.put(connection, who, role, shop)
            with pytest.raises(PermissionDenied, match="above their own"):
                await members.remove(connection, who, shop, by=by)
            with pytest.raises(PermissionDenied, match="above their own"):
                await members.put(connection, who, Role.VIEWER, shop, by=by)


async def test_who_can_be_a_member(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        default = await projects.find(connection, "default")
        key = await keys.create(connection, shop, name="k")
        account = await service_accounts.create(connection, default, name="robot", role=None)
        await members.put(connection, f"key:{key.id}", Role.EDITOR, shop)
        await members.put(connection, f"serviceAccount:{account.email}", Role.VIEWER, shop)
        for who in (f"key:{key.id}", "serviceAccount:nobody@nowhere", "key:key_none"):
            with pytest.raises(NotFound):
                await members.put(connection, who, Role.VIEWER, default)
        for who in ("ana@example.com", "user:ana", "user:a b@c", "group:x@y", ""):
            with pytest.raises(RequestError):
                await members.put(connection, who, Role.VIEWER, shop)
        with pytest.raises(RequestError, match="whole server"):
            await members.put(connection, ANA, Role.OPERATOR, shop)


async def test_a_service_account_makes_pictures_by_its_role_only(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        made = await service_accounts.create(connection, shop, name="robot")
        token = await tokens.issue(connection, made.id, seconds=60)
        who = f"serviceAccount:{made.email}"
        for role in set(Role) - {Role.OPERATOR, Role.OWNER}:
            await members.put(connection, who, role, shop)
            may = (await tokens.verify(connection, token)).caller.may_generate
            assert may == (Action.IMAGES_GENERATE in GRANTS[role])
        await members.remove(connection, who, shop)
        assert not (await tokens.verify(connection, token)).caller.may_generate
        await members.put(connection, who, Role.VIEWER, shop)
        await service_accounts.revoke(connection, made.email)
        assert await members.listed(connection, shop) == []


def test_roles_are_what_people_know_from_google_cloud() -> None:
    viewer, developer, editor = GRANTS[Role.VIEWER], GRANTS[Role.DEVELOPER], GRANTS[Role.EDITOR]
    owner, payer = GRANTS[Role.OWNER], GRANTS[Role.BILLING_ADMIN]
    assert viewer < developer < editor < owner < GRANTS[Role.OPERATOR]
    assert payer < owner
    assert not any(action.value.endswith((".create", ".update", ".revoke")) for action in viewer)
    assert Action.IMAGES_GENERATE not in viewer | payer
    assert Action.KEYS_LIST not in payer
    assert {Action.LEDGER_TOP_UP, Action.PROJECTS_BILL, Action.USERS_UPDATE}.isdisjoint(owner)


async def test_two_owners_who_leave_at_once_leave_one(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        for who in (ANA, BEN):
            await members.put(connection, who, Role.OWNER, shop)

    async def leaves(who: str) -> bool:
        try:
            async with database.write() as connection:
                await members.remove(connection, who, shop)
        except FailedPrecondition:
            return False
        return True

    assert sorted(await asyncio.gather(leaves(ANA), leaves(BEN))) == [False, True]
    async with database.read() as connection:
        assert len(await members.listed(connection, shop)) == 1
