"""Projects: their terms, and what happens to what belongs to them."""

from decimal import Decimal

import pytest
from sqlalchemy import insert, select

from pisang.accounts import keys, members, projects, service_accounts, tokens
from pisang.accounts.projects import Wish
from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, FailedPrecondition, NotFound, RequestError
from pisang.core.roles import Role
from pisang.core.terms import Billing
from pisang.store import schema
from pisang.store.database import Database


async def test_a_project_is_postpaid_without_limits_unless_it_says_otherwise(
    database: Database,
) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        assert (shop.billing, shop.tier, shop.markup) == (Billing.POSTPAID, "", Decimal(0))
        wish = Wish(billing=Billing.PREPAID, tier="2", markup="0.25", audit_content=True)
        made = await projects.create(connection, "paid", wish=wish)
        assert (made.billing, made.tier, made.markup) == (Billing.PREPAID, "2", Decimal("0.25"))
        assert (made.audit_content, made.block_dormant) == (True, False)
        after = await projects.change(connection, "paid", wish=Wish(tier="", audit_content=False))
        assert (after.tier, after.markup) == ("", Decimal("0.25"))
        assert not after.audit_content
        key = await keys.create(connection, made, name="k")
        valid = await keys.verify(connection, key.key)
        assert valid is not None
        assert valid.caller.terms.billing is Billing.PREPAID
        assert valid.caller.terms.markup == Decimal("0.25")
        with pytest.raises(AlreadyExists):
            await projects.create(connection, "paid")


@pytest.mark.parametrize(
    "wish",
    [
        Wish(tier="4"),
        Wish(markup="a lot"),
        Wish(markup="-2"),
        Wish(markup="nan"),
        Wish(markup="1e9"),
    ],
)
async def test_terms_that_are_none(database: Database, wish: Wish) -> None:
    async with database.write() as connection:
        with pytest.raises(RequestError):
            await projects.create(connection, "new", wish=wish)


async def test_a_project_goes_with_all_that_is_its_own(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        key = await keys.create(connection, shop, name="k")
        account = await service_accounts.create(connection, shop, name="robot")
        await tokens.issue(connection, account.id, seconds=60)
        default = await projects.find(connection, "default")
        await members.put(connection, f"serviceAccount:{account.email}", Role.VIEWER, default)
        await members.put(connection, "user:ana@example.com", Role.OWNER, shop)
        await connection.execute(
            insert(schema.limits).values(
                scope=f"key:{key.id}", model="*", dimension="rpm", value=1, updated_at=now()
            )
        )
        await projects.remove(connection, "shop")
        with pytest.raises(NotFound):
            await projects.find(connection, "shop")
        for table in (schema.keys, schema.limits, schema.members, schema.service_account_keys):
            assert (await connection.execute(select(table))).all() == []


async def test_a_project_with_something_to_lose_stays(database: Database) -> None:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        await connection.execute(
            insert(schema.entries).values(
                id="ent_1", project_id=shop.id, kind="top_up", amount=1, at=now()
            )
        )
        with pytest.raises(FailedPrecondition, match="1 entries"):
            await projects.remove(connection, "shop")
        with pytest.raises(FailedPrecondition, match="default project"):
            await projects.remove(connection, "default")
