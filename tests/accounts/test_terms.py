"""Terms of a key: the shipped tiers, rows of a tier, of a project and of a key, in one value."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import projects
from pisang.accounts.projects import Project
from pisang.accounts.terms import terms_of
from pisang.catalog.tiers import UNLIMITED, ladder
from pisang.core.clock import now
from pisang.core.money import Money
from pisang.core.terms import FREELY, Billing, Dimension, Period, Terms
from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate
from pisang.store.schema import budgets, limits

PRO = "gemini-3-pro-image"


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    folder = prepare(tmp_path / "data")
    migrate(folder.database)
    database = Database(folder.database)
    async with database.write() as connection:
        yield connection
    await database.close()


@pytest.fixture
async def shop(connection: AsyncConnection) -> Project:
    return await projects.create(connection, "shop")


async def limit(connection: AsyncConnection, scope: str, model: str, name: str, value: int) -> None:
    row = {"scope": scope, "model": model, "dimension": name, "value": value}
    await connection.execute(insert(limits).values(**row, updated_at=now()))


async def budget(connection: AsyncConnection, project: Project, **values: object) -> None:
    row = {"name": "cap", "period": "day", "amount": 5, "thresholds": "50,90", **values}
    await connection.execute(insert(budgets).values(project_id=project.id, created_at=now(), **row))


async def terms(
    connection: AsyncConnection, project: Project, tier: str = "", key: str = "key_1"
) -> Terms:
    return await terms_of(connection, project.id, tier, Billing.POSTPAID, "", key)


def numbers(terms: Terms) -> dict[tuple[str, str, str], tuple[int, str]]:
    return {
        (each.scope.partition(":")[0], each.model, each.dimension.value): (each.value, each.origin)
        for each in terms.limits
    }


async def test_a_project_without_a_tier_or_limits_is_served_freely(
    connection: AsyncConnection, shop: Project
) -> None:
    assert await terms(connection, shop) is FREELY


async def test_the_free_tier_has_no_pictures_at_all(
    connection: AsyncConnection, shop: Project
) -> None:
    found = await terms(connection, shop, "0")
    assert {each.value for each in found.limits} == {0}
    assert not found.budgets


@pytest.mark.parametrize(
    ("tier", "ten_minutes", "month"), [("1", 10, 250), ("2", 50, 2_000), ("3", 200, 20_000)]
)
async def test_a_paid_tier_has_googles_spend_limits(
    connection: AsyncConnection, shop: Project, tier: str, ten_minutes: int, month: int
) -> None:
    found = await terms(connection, shop, tier)
    assert {(each.period, each.amount, each.origin) for each in found.budgets} == {
        (Period.TEN_MINUTES, Money.of(ten_minutes), f"tier {tier}"),
        (Period.MONTH, Money.of(month), f"tier {tier}"),
    }
    assert all(each.enforced for each in found.budgets)
    assert found.capped


async def test_what_was_spent_counts_on_in_the_next_tier(
    connection: AsyncConnection, shop: Project
) -> None:
    first, second = await terms(connection, shop, "1"), await terms(connection, shop, "2")
    assert [each.id for each in first.budgets] == [each.id for each in second.budgets]
    assert all(len(each.id) <= 40 for each in first.budgets)


async def test_the_nearest_word_counts(connection: AsyncConnection, shop: Project) -> None:
    await limit(connection, "tier:1", "*", "rpm", 7)
    await limit(connection, "tier:1", PRO, "ipm", 3)
    await limit(connection, f"project:{shop.id}", PRO, "rpm", 2)
    found = numbers(await terms(connection, shop, "1"))
    assert found["project", "*", "rpm"] == (7, "tier 1")
    assert found["project", PRO, "rpm"] == (2, "project")
    assert found["project", PRO, "ipm"] == (3, "tier 1")
    assert found["project", "*", "ipm"] == (10, "tier 1")


async def test_a_limit_on_all_models_is_over_a_farther_one_on_a_single_model(
    connection: AsyncConnection, shop: Project
) -> None:
    await limit(connection, "tier:1", PRO, "ipm", 3)
    await limit(connection, f"project:{shop.id}", "*", "ipm", 99)
    found = numbers(await terms(connection, shop, "1"))
    assert ("project", PRO, "ipm") not in found
    assert found["project", "*", "ipm"] == (99, "project")


async def test_a_limit_can_be_lifted(connection: AsyncConnection, shop: Project) -> None:
    await limit(connection, f"project:{shop.id}", "*", "rpd", UNLIMITED)
    await limit(connection, f"project:{shop.id}", "*", "spend_month", UNLIMITED)
    await limit(connection, f"project:{shop.id}", "*", "spend_10m", 4_000_000_000)
    found = await terms(connection, shop, "1")
    assert not [each for each in found.limits if each.dimension is Dimension.RPD]
    assert [(each.period, each.amount) for each in found.budgets] == [
        (Period.TEN_MINUTES, Money.of(4))
    ]


async def test_a_keys_limits_and_budgets_count_beside_its_projects(
    connection: AsyncConnection, shop: Project
) -> None:
    await limit(connection, f"project:{shop.id}", "*", "rpm", 10)
    await limit(connection, "key:key_1", "*", "rpm", 2)
    await budget(connection, shop, id="all")
    await budget(connection, shop, id="mine", key_id="key_1", enforced=False)
    mine, other = await terms(connection, shop), await terms(connection, shop, key="key_2")
    assert numbers(mine)["key", "*", "rpm"] == (2, "key")
    assert numbers(mine)["project", "*", "rpm"] == (10, "project")
    assert [(each.id, each.scope, each.origin) for each in mine.budgets] == [
        ("all", f"project:{shop.id}", "project"),
        ("mine", "key:key_1", "key"),
    ]
    assert mine.budgets[1].thresholds == (50, 90)
    assert [each.id for each in other.budgets] == ["all"]
    assert len(other.limits) == 1


def test_numbers_that_are_not_googles_are_said_to_be_placeholders() -> None:
    assert list(ladder()) == ["0", "1", "2", "3"]
    assert not ladder()["0"].placeholders  # no image model has a free tier: Google's word
    for tier in ("1", "2", "3"):
        assert {each for _, each in ladder()[tier].limits} == ladder()[tier].placeholders
