"""Rotating a key: both are good for a while, and together they get no more than one."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert

from pisang.accounts import keys, members, projects, restrictions
from pisang.accounts.rotation import rotate
from pisang.core.caller import Allowance, ChatImages
from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, RequestError
from pisang.core.roles import Role
from pisang.store import schema
from pisang.store.database import Database

HOUR = timedelta(hours=1)


async def test_the_new_key_is_like_the_old_one_which_ends_after_the_overlap(
    database: Database,
) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(
            connection,
            shop,
            name="site",
            chat_images=ChatImages.MARKDOWN,
            allowed=[Allowance.FAULTS],
            restrictions=restrictions.checked({"models": ["imagen-*"]}),
        )
        await members.put(connection, f"key:{old.id}", Role.VIEWER, shop)
        before = now()
        new, replaced = await rotate(connection, old.id, overlap=HOUR)
        assert replaced.expires_at is not None
        assert before + HOUR <= replaced.expires_at <= now() + HOUR
        found = await keys.get(connection, new.id)
        assert (found.name, found.chat_images, found.allowed) == (
            "site",
            ChatImages.MARKDOWN,
            frozenset({Allowance.FAULTS}),
        )
        assert found.restrictions.models == ("imagen-*",)
        assert (found.replaces, found.expires_at) == (old.id, None)
        assert await keys.verify(connection, old.key) is not None
        assert await keys.verify(connection, new.key) is not None
        roles = {each.principal: each.role for each in await members.listed(connection, shop)}
        assert roles[f"key:{new.id}"] is Role.VIEWER


async def test_both_count_for_the_same_limits_and_budgets(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(connection, shop, name="k")
        await connection.execute(
            insert(schema.limits).values(
                scope=f"key:{old.id}", model="*", dimension="rpm", value=7, updated_at=now()
            )
        )
        await connection.execute(
            insert(schema.budgets).values(
                id="bud_1",
                project_id=shop.id,
                key_id=old.id,
                name="month",
                period="month",
                amount=5,
                created_at=now(),
            )
        )
        second, _ = await rotate(connection, old.id, overlap=HOUR)
        third, _ = await rotate(connection, second.id, overlap=HOUR)
        for key in (old, second, third):
            valid = await keys.verify(connection, key.key)
            assert valid is not None
            assert valid.caller.key_id == key.id
            assert [limit.scope for limit in valid.caller.terms.limits] == [f"key:{third.id}"]
            assert [each.id for each in valid.caller.terms.budgets] == ["bud_1"]


async def test_without_an_overlap_the_old_key_ends_at_once(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(connection, shop, name="k")
        _, replaced = await rotate(connection, old.key, overlap=timedelta(0))
        assert replaced.expires_at is not None
        assert replaced.expires_at <= now()


async def test_what_cannot_be_rotated(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(connection, shop, name="k", expires_at=now() + HOUR)
        with pytest.raises(RequestError, match="0 to 365 days"):
            await rotate(connection, old.id, overlap=timedelta(days=366))
        new, replaced = await rotate(connection, old.id, overlap=timedelta(days=2))
        assert replaced.expires_at is not None
        assert replaced.expires_at <= now() + HOUR  # never longer than it would have lived
        with pytest.raises(FailedPrecondition, match=f"to {new.id}"):
            await rotate(connection, old.id)
        await keys.revoke(connection, new.id)
        with pytest.raises(FailedPrecondition, match="revoked"):
            await rotate(connection, new.id)


async def test_two_who_rotate_at_once_make_one_successor(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(connection, shop, name="k")

    async def rotated() -> bool:
        try:
            async with database.write() as connection:
                await rotate(connection, old.id, overlap=HOUR)
        except FailedPrecondition:
            return False
        return True

    assert sorted(await asyncio.gather(rotated(), rotated(), rotated())) == [False, False, True]


async def test_a_key_that_was_rotated_cannot_live_on_beside_what_both_may_spend(
    database: Database,
) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        old = await keys.create(connection, shop, name="k")
        new, _ = await rotate(connection, old.id, overlap=HOUR)
        with pytest.raises(FailedPrecondition, match=f"rotated, to {new.id}"):
            await keys.change(connection, old.id, never_expires=True)
        later = now() + 2 * HOUR
        await keys.change(connection, old.id, expires_at=later)
        assert (await keys.get(connection, old.id)).expires_at == later
        await keys.change(connection, new.id, expires_at=later)
        await keys.change(connection, new.id, never_expires=True)
        assert (await keys.get(connection, new.id)).expires_at is None
