"""Bills of upstreams beside the ledger, compared to the cent."""

from datetime import UTC, date, datetime

from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.reconcile import reconcile
from pisang.ledger.words import Bill
from tests.ledger.billed import RELAY, SKETCH, billed
from tests.ledger.conftest import Clock, Ledger
from tests.ledger.test_upstream_bills import FLASH, GOOGLE, PRO


async def posted(ledger: Ledger, *bills: Bill) -> None:
    for bill in bills:
        hold = await ledger.desk.hold(ledger.demand(ledger.caller(), "1"))
        await ledger.desk.post(hold, bill)


async def test_a_bill_that_agrees_has_no_differences(ledger: Ledger) -> None:
    drawn = Usage(prompt_text=20, image_output=1120, images=1)
    flash = Usage(image_output=1120, images=1)
    pro = billed(drawn, model=PRO)
    await posted(ledger, pro, pro, billed(flash), billed(engine=SKETCH))
    text = GOOGLE.replace("Gemini API,Credits,2026-11-21,2026-11-22,,(0.50)\n", "")
    async with ledger.database.read() as connection:
        found = await reconcile(connection, text)
    assert found.differences == ()
    assert found.billed == found.ledger == Money.of("0.33608")


async def test_what_only_one_side_has_is_a_difference(ledger: Ledger) -> None:
    await posted(ledger, billed(Usage(image_output=1000, images=1)))
    async with ledger.database.read() as connection:
        found = await reconcile(connection, GOOGLE)
        near = await reconcile(connection, GOOGLE, tolerance=Money.of("0.01"))
    assert {row.model: row.difference for row in found.differences} == {
        PRO: Money.of("0.26888"),
        FLASH: Money.of("0.0072"),
        "Credits": Money.of("-0.5"),
    }
    assert {row.model for row in near.differences} == {PRO, "Credits"}


async def test_one_engines_bill_is_compared_with_what_that_engine_made(ledger: Ledger) -> None:
    await posted(ledger, billed(engine=RELAY), billed())
    text = "date,model,cost\n2026-11-21,gemini-3.1-flash-image,0.0333333333\n"
    async with ledger.database.read() as connection:
        assert not (await reconcile(connection, text, engine="relay")).differences
        assert (await reconcile(connection, text)).differences
        other = await reconcile(connection, text, projects=["prj_other"], engine="relay")
        assert other.ledger == Money(0)


async def test_a_day_is_that_of_los_angeles_unless_it_is_utcs(ledger: Ledger, clock: Clock) -> None:
    clock.at = datetime(2026, 11, 22, 3, 0, tzinfo=UTC).timestamp()
    await posted(ledger, billed())
    row = "date,model,cost\n2026-11-{},gemini-3.1-flash-image,0.068341\n"
    cost = billed().cost
    text = row.replace("0.068341", f"{cost.dollars:f}")
    async with ledger.database.read() as connection:
        assert not (await reconcile(connection, text.format(21))).differences
        assert not (await reconcile(connection, text.format(22), utc=True)).differences
        assert (await reconcile(connection, text.format(21), utc=True)).differences
        whole = await reconcile(
            connection, text.format(21), start=date(2026, 11, 1), end=date(2026, 11, 21)
        )
    assert whole.rows == ()
