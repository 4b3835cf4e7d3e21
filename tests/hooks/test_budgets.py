"""Warnings of budgets: each threshold of each period is told once, whatever happens between."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from pisang.core.clock import moment, now, rfc3339
from pisang.core.money import Money
from pisang.core.terms import WARNED, Budget, Period
from pisang.hooks.budgets import REACHED, BudgetWarnings, tell, warning
from pisang.hooks.deliveries import Delivery, listed
from pisang.store.database import Database
from pisang.store.schema import budgets, counters, entries, spending

NOW = int(datetime.now(UTC).timestamp())
URL = "https://example.com/hook"


async def _budget(database: Database, project: str, **fields: Any) -> str:
    values: dict[str, Any] = {
        "id": "bgt_1",
        "project_id": project,
        "name": "monthly",
        "period": "month",
        "amount": Money.of("10").nanos,
        "thresholds": "50,80,100",
        "hook": URL,
        "created_at": now(),
    }
    values |= fields
    async with database.write() as connection:
        await connection.execute(insert(budgets).values(**values))
    return str(values["id"])


async def _spent(database: Database, budget: str, warned: int, *, start: int = NOW) -> None:
    """What the ledger writes down."""
    row = (spending.c.budget_id == budget) & (spending.c.period_start == start)
    values = {"posted": Money.of("8.5").nanos, "held": 0, "warned": warned}
    async with database.write() as connection:
        if not (await connection.execute(update(spending).where(row).values(**values))).rowcount:
            await connection.execute(
                insert(spending).values(budget_id=budget, period_start=start, **values)
            )


async def _told(database: Database) -> list[Delivery]:
    async with database.read() as connection:
        return list(reversed(await listed(connection)))


def _thresholds(told: list[Delivery]) -> list[int]:
    return sorted(json.loads(each.body)["data"]["threshold_percent"] for each in told)


async def test_a_threshold_is_told_with_what_is_spent(database: Database, project: str) -> None:
    await _spent(database, await _budget(database, project), 50)
    async with database.write() as connection:
        for number, (kind, rehearsal) in enumerate(
            [("post", True), ("post", False), ("hold", True), ("post", True)]
        ):
            await connection.execute(
                insert(entries).values(
                    id=f"ent_{number}",
                    project_id=project,
                    kind=kind,
                    amount=Money.of("0.25").nanos,
                    rehearsal=rehearsal,
                    at=now(),
                )
            )
    assert await tell(database) == 1
    (told,) = await _told(database)
    assert (told.event, told.url, told.project_id) == (REACHED, URL, project)
    said = json.loads(told.body)["data"]
    assert said["budget"] == {"id": "bgt_1", "name": "monthly"}
    assert said["project"] == {"id": project, "name": "shop"}
    assert (said["threshold_percent"], said["period"], said["key"]) == (50, "month", None)
    assert (said["amount_usd"], said["spent_usd"]) == ("10.00", "8.50")
    assert said["rehearsal_usd"] == "0.50"


async def _passed(database: Database, budget: str, threshold: int, at: int) -> None:
    """What the ledger writes down of any ten minutes."""
    key = {"subject": f"budget:{budget}", "model": str(threshold), "dimension": WARNED}
    async with database.write() as connection:
        await connection.execute(delete(counters).filter_by(**key))
        used = f"[{at},{Money.of('8.5').nanos}]"
        await connection.execute(insert(counters).values(**key, used=used))


async def test_any_ten_minutes_are_told_each_time_that_they_pass(
    database: Database, project: str
) -> None:
    budget = await _budget(database, project, period="10m", thresholds="50,80")
    for threshold, at, told in ((50, 0, 1), (80, 0, 1), (80, 0, 0), (50, 1300, 1), (90, 1300, 0)):
        await _passed(database, budget, threshold, NOW + at)
        assert await tell(database) == told
    last = json.loads((await _told(database))[-1].body)["data"]
    assert (last["threshold_percent"], last["spent_usd"], last["period"]) == (50, "8.50", "10m")
    assert last["period_start"] == rfc3339(moment(NOW + 1300 - 600))


async def test_each_threshold_is_told_once_in_a_period(database: Database, project: str) -> None:
    budget = await _budget(database, project)
    for warned, told in ((50, [50]), (50, [50]), (100, [50, 80, 100]), (100, [50, 80, 100])):
        await _spent(database, budget, warned)
        await tell(database)
        assert _thresholds(await _told(database)) == told
    await _spent(database, budget, 80, start=NOW + 1)
    assert await tell(database) == 2
    assert await tell(database) == 0


async def test_servers_that_look_at_once_tell_once(database: Database, project: str) -> None:
    await _spent(database, await _budget(database, project), 100)
    assert sum(await asyncio.gather(*(tell(database) for _ in range(5)))) == 3
    assert _thresholds(await _told(database)) == [50, 80, 100]


@pytest.mark.parametrize(
    ("fields", "start", "told"),
    [
        ({"hook": ""}, NOW, 0),
        ({"thresholds": ""}, NOW, 0),
        ({}, NOW - 90 * 86_400, 0),
        ({"period": "total"}, 0, 2),
        ({"thresholds": "90"}, NOW, 0),
    ],
    ids=["no hook", "no threshold", "long ago", "for all time", "not reached"],  # no time in them
)
async def test_only_what_is_wanted_and_recent_is_told(
    database: Database, project: str, fields: dict[str, Any], start: int, told: int
) -> None:
    await _spent(database, await _budget(database, project, **fields), 80, start=start)
    assert await tell(database) == told


async def test_what_a_crash_left_untold_is_told_at_the_next_start(
    database: Database, project: str
) -> None:
    await _spent(database, await _budget(database, project), 50)
    called = asyncio.Event()
    async with warning(BudgetWarnings(database, call=called.set), often=600):
        await asyncio.wait_for(called.wait(), 20)
    assert _thresholds(await _told(database)) == [50]


async def test_the_ledgers_call_has_it_told_at_once(database: Database, project: str) -> None:
    budget = await _budget(database, project)
    called = asyncio.Event()
    warnings = BudgetWarnings(database, call=called.set)
    async with warning(warnings, often=600):
        await asyncio.sleep(0.05)
        await _spent(database, budget, 80)
        warnings.warn(
            Budget(budget, "monthly", f"project:{project}", Period.MONTH, Money.of("10")),
            80,
            Money.of("8.5"),
        )
        await asyncio.wait_for(called.wait(), 20)
    assert _thresholds(await _told(database)) == [50, 80]


async def test_a_budget_that_is_gone_is_not_told_about(database: Database, project: str) -> None:
    await _spent(database, await _budget(database, project), 80)
    async with database.write() as connection:
        await connection.execute(delete(budgets))
    assert await tell(database) == 0
