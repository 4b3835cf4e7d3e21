"""The books are right after whatever the desk did, and every change of them behind it is found."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from pisang.core.errors import StoreError
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.terms import Billing, Period
from pisang.ledger.verify import Report, verify
from pisang.store import schema
from tests.ledger.billed import RELAY, SKETCH, billed
from tests.ledger.conftest import Clock, Ledger


async def checked(ledger: Ledger, *projects: str) -> Report:
    await ledger.desk.sweep()
    async with ledger.database.read() as connection:
        return await verify(connection, projects or None)


async def change(ledger: Ledger, statement: Any) -> None:
    """Changes rows as somebody could who may do anything with the database."""
    async with ledger.database.write() as connection:
        if ledger.database.postgres:
            await connection.execute(text("DROP TRIGGER entries_append_only ON entries"))
        else:
            for deed in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER entries_append_only_{deed}"))
        await connection.execute(statement)


async def test_entries_are_never_changed(ledger: Ledger, clock: Clock) -> None:
    await one_of_each(ledger, clock)
    for statement in (update(ENTRIES).values(amount=1), delete(ENTRIES)):
        with pytest.raises(StoreError, match="append-only"):
            async with ledger.database.write() as connection:
                await connection.execute(statement)


async def one_of_each(ledger: Ledger, clock: Clock) -> None:
    """A hold that is open, one posted, one voided, one expired, one posted late, and a top-up."""
    caller = await ledger.prepaid("5")
    terms = ledger.caller(billing=Billing.PREPAID, budgets=(ledger.budget("3", Period.MONTH),))
    engines = ({}, {"engine": RELAY}, {"engine": SKETCH}, {"markup": Decimal("0.3")})
    for more in engines:
        hold = await ledger.desk.hold(ledger.demand(terms))
        await ledger.desk.post(hold, billed(**more))  # type: ignore[arg-type]
    ledger.desk.void(await ledger.desk.hold(ledger.demand(terms)), finish="IMAGE_SAFETY")
    ledger.desk.void(await ledger.desk.hold(ledger.demand(caller)), counted=False)
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), billed(None))
    late = await ledger.desk.hold(ledger.demand(terms))
    await ledger.desk.hold(ledger.demand(terms))
    clock.at += 4000
    await ledger.desk.sweep()
    await ledger.desk.post(late, billed())
    await ledger.desk.adjust(ledger.project, Money.of("-0.5"), actor="local:test", note="twice")
    await ledger.desk.hold(ledger.demand(terms))


async def test_what_the_desk_writes_is_right(ledger: Ledger, clock: Clock) -> None:
    await one_of_each(ledger, clock)
    report = await checked(ledger)
    assert [str(each) for each in report.findings] == []
    assert report.bills == 6
    assert report.entries == 2 + 10 + 6 + 2 + 2  # grants, holds, posts, voids and expired
    assert (await checked(ledger, ledger.project)).findings == []
    assert (await checked(ledger, "prj_other")).entries == 0


async def test_what_a_cap_did_not_let_pay_is_in_the_books(ledger: Ledger) -> None:
    caller = await ledger.prepaid("0.05")
    hold = await ledger.desk.hold(ledger.demand(caller, "0.05"))
    await ledger.desk.post(hold, billed())
    assert (await ledger.account())[1] == "$0.05"
    assert (await checked(ledger)).findings == []


ENTRIES = schema.entries
POSTS = ENTRIES.c.kind == "post"
CHANGES = {
    "an amount": (update(ENTRIES).where(POSTS).values(amount=ENTRIES.c.amount + 1), "amount"),
    "a cost": (update(ENTRIES).where(POSTS).values(cost=ENTRIES.c.cost - 1), "cost"),
    "usage": (update(ENTRIES).where(POSTS).values(usage='{"images":1}'), "component"),
    "components": (
        update(ENTRIES).where(POSTS).values(components='{"output_image":1}'),
        "component input_text",
    ),
    "rates": (update(ENTRIES).where(POSTS).values(rates='{"input":"9"}'), "component"),
    "no rates": (update(ENTRIES).where(POSTS).values(rates='{"input":"much"}'), "rates"),
    "a granted sum": (update(schema.ledger_accounts).values(granted=9), "granted"),
    "a posted sum": (update(schema.ledger_accounts).values(posted=9), "posted"),
    "a held sum": (update(schema.ledger_accounts).values(held=9), "held"),
    "an account": (delete(schema.ledger_accounts), "granted"),
    "a top-up": (delete(ENTRIES).where(ENTRIES.c.kind == "top_up"), "granted"),
    "a post": (delete(ENTRIES).where(POSTS), "posted"),
    "holds": (delete(ENTRIES).where(ENTRIES.c.kind == "hold"), "entry that makes the hold"),
    "an open hold": (delete(schema.holds), "open hold"),
    "a freed amount": (
        update(ENTRIES).where(ENTRIES.c.kind == "void").values(amount=1),
        "amount that is freed",
    ),
    "an hour": (delete(schema.usage_hours), "images of the hour"),
    "failures of an hour": (
        update(schema.usage_hours).values(failed=7),
        "failed requests of the hour",
    ),
    "requests of an hour": (update(schema.usage_hours).values(requests=7), "requests of the hour"),
    "images of an hour": (update(schema.usage_hours).values(images=7), "images of the hour"),
    "what a budget holds": (update(schema.spending).values(held=1), "held"),
    "an end": (delete(ENTRIES).where(ENTRIES.c.kind == "expire"), "end of the hold"),
}


@pytest.mark.parametrize("what", CHANGES)
async def test_a_change_behind_the_desk_is_found(ledger: Ledger, clock: Clock, what: str) -> None:
    await one_of_each(ledger, clock)
    await ledger.desk.sweep()
    statement, check = CHANGES[what]
    await change(ledger, statement)
    report = await checked(ledger)
    assert any(each.check.startswith(check) for each in report.findings), report.findings


async def test_a_bill_that_was_added_by_hand_is_found(ledger: Ledger) -> None:
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(ledger.caller())), billed())
    async with ledger.database.read() as connection:
        row = (await connection.execute(select(ENTRIES).where(POSTS))).one()._mapping
    again = {**row, "id": "entry_zzz", "resolves": "hold_forged", "hold_id": "hold_forged"}
    await change(ledger, insert(ENTRIES).values(**again))
    checks = {each.check for each in (await checked(ledger)).findings}
    assert {"posted", "entry that makes the hold", "requests of the hour"} <= checks


async def test_a_bill_can_be_computed_again_when_prices_have_changed(ledger: Ledger) -> None:
    """All that it needs stands in the entry: an engine's price of then is nowhere else any more."""
    hold = await ledger.desk.hold(ledger.demand(ledger.caller()))
    await ledger.desk.post(hold, billed(Usage(images=3), engine=RELAY, markup=Decimal("0.1")))
    async with ledger.database.read() as connection:
        row = (await connection.execute(select(ENTRIES).where(POSTS))).one()
    assert row.rates == '{"image":"0.0333333333","markup":"0.25"}'
    assert (row.cost, row.amount) == (100_000_000, 125_000_000)
    assert row.price == "engine:relay"
    assert (await checked(ledger)).findings == []
