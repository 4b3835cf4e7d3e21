"""Bills of upstreams beside the ledger: read under many names of columns, compared to the cent."""

from datetime import UTC, date, datetime

import pytest

from pisang.core.errors import RequestError
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.reconcile import model_of, read, reconcile
from pisang.ledger.words import Bill
from tests.ledger.billed import RELAY, SKETCH, billed
from tests.ledger.conftest import Clock, Ledger

FLASH, PRO = "gemini-3.1-flash-image", "gemini-3-pro-image"
TODAY = date(2026, 11, 21)

GOOGLE = """Invoice number,1234
Billing account,My account

Service description,SKU description,Usage start date,Usage end date,Usage amount,Cost ($)
Gemini API,Gemini 3 Pro Image output image tokens,2026-11-21,2026-11-22,2240,"0.268800"
Gemini API,Gemini 3 Pro Image input text tokens,2026-11-21,2026-11-22,40,0.00008
Gemini API,Gemini 3.1 Flash Image output image tokens,11/21/2026,11/22/2026,1120,$0.0672
Gemini API,Credits,2026-11-21,2026-11-22,,(0.50)
,,,,Total,"$1,000.00"
"""
RELAYS = "created_at,model,spend\n2026-11-21T23:59:59Z,nano-banana-pro,0.05\n"


def test_a_bill_of_google_is_added_up_by_day_and_model() -> None:
    bill = read(GOOGLE)
    assert bill.sums == {
        (TODAY, PRO): Money.of("0.26888"),
        (TODAY, FLASH): Money.of("0.0672"),
        (TODAY, "Credits"): Money.of("-0.5"),
    }
    assert bill.columns["amount"] == "Cost ($)"
    assert bill.skipped == 1


def test_a_relays_names_of_models_are_understood() -> None:
    assert read(RELAYS).sums == {(TODAY, PRO): Money.of("0.05")}


def test_a_column_of_another_name_can_be_named() -> None:
    text = "When,model,Points\n2026-11-21,x,3\n"
    with pytest.raises(RequestError, match="--column amount=Price"):
        read(text)
    named = read(text, {"day": "When", "amount": "points"})
    assert named.sums == {(TODAY, "x"): Money.of(3)}


def test_an_amount_that_is_none_is_told_with_its_line() -> None:
    with pytest.raises(RequestError, match="Line 3 of the bill: 'free' is no amount"):
        read("date,model,cost\n2026-11-21,x,1\n2026-11-21,x,free\n")


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("gemini-3-pro-image", PRO),
        ("models/gemini-3-pro-image-preview", PRO),
        ("google/gemini-3-pro-image", PRO),
        ("Gemini 3 Pro Image: output tokens, batch", PRO),
        ("Gemini 3.1 Flash Lite Image output", "gemini-3.1-flash-lite-image"),
        ("Gemini 3.1 Flash Image output", FLASH),
        ("dall-e-9", "dall-e-9"),
        ("", "(no model)"),
    ],
)
def test_the_model_of_a_row(said: str, means: str) -> None:
    assert model_of(said) == means


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
