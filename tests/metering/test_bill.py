"""Bills: list price to the nano-dollar of everything that was recorded, of every row of the price
list, and of everything that gateways are known to bill wrong."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.charges import COMPONENTS
from pisang.catalog.models import Surface, catalog
from pisang.catalog.prices import book
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.request import ServiceTier
from pisang.ledger.words import Bill
from pisang.metering import bill as billing
from pisang.metering.bill import UNKNOWN, bill, cost_of, markup_of
from pisang.metering.outcome import served_tier
from pisang.routing.table import EngineSpec, Price, PriceLine, Route, Target
from pisang.wire.gemini import tap
from tests.catalog.test_contract import MODELS
from tests.recordings import Exchange, drawn

CARDS = catalog().cards
PRO = CARDS["gemini-3-pro-image"]
FLASH = CARDS["gemini-3.1-flash-image"]
STANDARD, BATCH, FLEX, PRIORITY = (
    ServiceTier.STANDARD,
    ServiceTier.BATCH,
    ServiceTier.FLEX,
    ServiceTier.PRIORITY,
)
STUDIO = EngineSpec(name="studio", kind="google")
SKETCH = EngineSpec(name="sketch", kind="sketch")
ROUTE = Route(id="routes[0]", models=("*",), targets=(Target("studio"),))


def own(*lines: PriceLine, name: str = "relay", **more: Any) -> EngineSpec:
    return EngineSpec(name=name, kind="openai", price=Price("own", lines), **more)


def billed(usage: Usage | None, *, engine: EngineSpec = STUDIO, **more: Any) -> Bill:
    words = {"card": PRO, "tier": STANDARD, "route": ROUTE} | more
    card, tier = words.pop("card"), words.pop("tier")
    return bill(usage, card, tier, engine=engine, **words)


# --- the price list ---


@pytest.mark.parametrize("recorded", drawn(), ids=repr)
def test_a_recorded_answer_costs_what_the_list_says(recorded: Exchange) -> None:
    """By the numbers in Google's own answer and nothing of ours but the rates."""
    told = recorded.usage
    card = catalog().get(str(recorded.value["modelVersion"]))
    watch = tap.Tap()
    watch.feed(recorded.response)
    seen = watch.close()
    assert seen.usage is not None
    made = billed(seen.usage, card=card, tier=served_tier(seen.tier, STANDARD))
    if card is None or not book().rows[card.id][0].input:
        return
    row = book().row(card, STANDARD, on=datetime.now(UTC).date())
    pictures = sum(
        each["tokenCount"]
        for each in told["candidatesTokensDetails"]
        if each["modality"] == "IMAGE"
    )
    spoken = told["candidatesTokenCount"] - pictures + told.get("thoughtsTokenCount", 0)
    dollars = (
        Decimal(row.input or 0) * told["promptTokenCount"]
        + Decimal(row.text or 0) * spoken
        + Decimal(row.image or 0) * pictures
    ) / 1_000_000
    assert made.amount.dollars == made.cost.dollars == dollars
    assert sum(made.components.values(), Money()) == made.amount


@pytest.mark.parametrize(
    ("recording", "dollars"),
    [
        # As counted by hand in the index of the recordings.
        ("TestImageGenerationCapability.test_image_generation_local_fallback_google", "0.137744"),
        ("test_google_image_and_text_output", "0.0388201"),
        ("test_google_vertexai_image_generation_with_output_format", "0.0387027"),
        ("gemini-3_1-flash-lite-image_can_paint_images", "0.03419825"),
    ],
)
def test_a_recorded_answer_costs_what_was_reckoned_by_hand(recording: str, dollars: str) -> None:
    found = [each for each in drawn() if each.name.endswith(recording)]
    if not found:
        pytest.skip("there are no recordings beside this checkout")
    watch = tap.Tap()
    watch.feed(found[0].response)
    card = catalog().get(str(found[0].value["modelVersion"]))
    assert billed(watch.close().usage, card=card).amount == Money.of(dollars)


def rows() -> Iterator[tuple[str, str, str, Surface]]:
    """Every model, size and tier of the contract's price list, and each surface it is sold on."""
    for model, theirs in MODELS.items():
        prices = theirs.get("prices_usd") or {}
        sizes = theirs.get("output_tokens_per_image") or prices.get("per_image_standard_usd") or {}
        for surface in theirs["surfaces"]:
            for size in sizes:
                for tier in ServiceTier:
                    name = tier.value
                    if surface == "vertex" and f"vertex_{name}" in prices:
                        name = f"vertex_{name}"
                    if prices.get(name) or (
                        tier is STANDARD and (prices.get("per_image_standard_usd") or {}).get(size)
                    ):
                        yield model, size, tier.value, surface


@pytest.mark.parametrize(("model", "size", "tier", "surface"), list(rows()))
def test_every_row_of_the_price_list(model: str, size: str, tier: str, surface: Surface) -> None:
    """One picture of this size with a reference, text and thoughts, by the contract's numbers."""
    theirs = MODELS[model]["prices_usd"]
    rates = theirs.get(f"vertex_{tier}" if surface == "vertex" else tier) or theirs.get(tier)
    tokens = (MODELS[model].get("output_tokens_per_image") or {}).get(size, 0)
    usage = Usage(
        prompt_text=123,
        prompt_image=560,
        text_output=45,
        thoughts=179,
        image_output=tokens,
        images=1,
    )
    engine = EngineSpec(name="cloud", kind="vertex") if surface == "vertex" else STUDIO
    made = billed(
        usage,
        card=CARDS[model],
        tier=ServiceTier(tier),
        engine=engine,
        surface=surface,
        size=size,
    )
    if rates is None:  # by the picture
        assert made.amount.dollars == Decimal(str(theirs["per_image_standard_usd"][size]))
        assert set(made.components) == {"output_image"}
        return
    image = rates["output_image_per_mtok"]
    if image is None:  # no source has it: raised as the text rate is
        up = Decimal(str(rates["output_text_and_thinking_per_mtok"])) / Decimal(
            str(theirs["standard"]["output_text_and_thinking_per_mtok"])
        )
        image = Decimal(str(theirs["standard"]["output_image_per_mtok"])) * up
    expected = (
        Decimal(str(rates["input_per_mtok"])) * 683
        + Decimal(str(rates["output_text_and_thinking_per_mtok"])) * 224
        + Decimal(str(image)) * tokens
    ) / 1_000_000
    assert made.amount == Money.of(expected)
    assert f" {tier} {surface}" in made.price


def test_a_bill_names_the_row_of_the_price_list() -> None:
    assert billed(Usage(images=1)).price == "gemini-3-pro-image 2025-11-20 standard gemini_api"
    cloud = EngineSpec(name="cloud", kind="vertex", location="europe-west4")
    regional = billed(Usage(image_output=1120, images=1), card=FLASH, engine=cloud)
    assert regional.price.endswith(" standard vertex regional")
    assert regional.amount == Money.of("0.07392")  # a tenth more than at the global endpoint
    assert billed(Usage(images=1), card=CARDS["imagen-4.0-generate-001"], size="2K").price == (
        "imagen-4.0-generate-001 2025-06-24 standard gemini_api 2K"
    )


# --- what other gateways are known to bill wrong ---


def test_tokens_of_pictures_are_not_billed_as_text() -> None:
    made = billed(Usage(image_output=1120, images=1))
    assert made.amount == Money.of("0.1344")  # and not 0.01344


def test_pictures_that_go_in_are_billed() -> None:
    made = billed(Usage(prompt_text=20, prompt_image=14 * 560, image_output=1120, images=1))
    assert made.components["input_image"] == Money.of("0.01568")
    assert made.components["input_text"] == Money.of("0.00004")


def test_text_thinking_and_pictures_have_rates_of_their_own() -> None:
    made = billed(Usage(text_output=100, thoughts=179, image_output=1120, images=1))
    assert made.components == {
        "output_text": Money.of("0.003348"),
        "output_image": Money.of("0.1344"),
    }


def test_a_large_picture_costs_what_its_tokens_cost() -> None:
    large = billed(Usage(image_output=2000, images=1), size="4K")
    assert large.amount == Money.of("0.24")
    told = billed(Usage(image_output=2520, images=1), size="4K")  # what the answer says counts
    assert told.amount == Money.of("0.3024")


def test_nothing_is_billed_twice() -> None:
    made = billed(Usage(prompt_text=10, image_output=1000, text_output=10, images=1))
    assert made.amount == Money.of("0.12014")
    flat = own(PriceLine(image=(("default", Decimal("0.04")),)))
    assert billed(Usage(image_output=1120, text_output=9, images=1), engine=flat).amount == (
        Money.of("0.04")
    )


def test_what_is_not_the_picture_is_not_free() -> None:
    refused = billed(Usage(prompt_text=100, prompt_image=560, thoughts=400), finish="IMAGE_SAFETY")
    assert refused.components.keys() == {"input_text", "input_image", "output_text"}
    assert refused.amount == Money.of("0.00612")


def test_batch_is_half_price_and_not_free() -> None:
    used = Usage(prompt_text=1000, image_output=1120, images=1)
    cloud = EngineSpec(name="cloud", kind="vertex")
    assert billed(used, tier=BATCH, engine=cloud).amount * 2 == billed(used, engine=cloud).amount


@pytest.mark.parametrize("model", ["gemini-3.1-flash-image", "gemini-2.5-flash-image"])
@pytest.mark.parametrize("tier", list(ServiceTier))
def test_no_tier_is_free_for_want_of_a_price(model: str, tier: ServiceTier) -> None:
    used = Usage(prompt_text=1000, text_output=1000, image_output=1120, images=1)
    made = billed(used, card=CARDS[model], tier=tier)
    assert made.tier == tier.value
    assert set(made.components) == {"input_text", "output_text", "output_image"}


def test_a_tier_without_a_price_has_that_of_standard() -> None:
    imagen = CARDS["imagen-4.0-generate-001"]
    made = billed(Usage(images=1), card=imagen, tier=PRIORITY)
    assert (made.amount, made.tier) == (Money.of("0.04"), "priority")
    assert " standard " in made.price


def test_the_tier_that_served_is_billed_and_not_the_one_that_was_asked_for() -> None:
    used = Usage(image_output=1120, images=1)
    downgraded = billed(used, tier=served_tier("standard", PRIORITY))
    assert downgraded.amount == billed(used).amount < billed(used, tier=PRIORITY).amount
    assert billed(used, tier=served_tier("ON_DEMAND_FLEX", STANDARD)).amount == Money.of("0.0672")


def test_a_search_is_billed() -> None:
    assert billed(Usage(searches=3)).components == {"search": Money.of("0.042")}
    free = EngineSpec(name="studio", kind="google", free_searches=True)
    made = billed(Usage(searches=3, image_output=1120), engine=free)
    assert set(made.components) == {"output_image"}


# --- prices of an operator's own, and markup ---


def test_the_time_of_an_engine_is_billed_where_its_price_asks_for_it() -> None:
    gpu = own(PriceLine(second=Decimal("0.0004"), output=Decimal(1)), name="gpu")
    made = billed(Usage(text_output=50, images=1), engine=gpu, seconds=12.5, markup=Decimal("0.1"))
    assert made.usage == Usage(text_output=50, images=1, engine_ms=12_500)
    assert made.components == {
        "output_text": Money.of("0.000055"),
        "engine_time": Money.of("0.0055"),
    }
    assert (made.cost, made.amount) == (Money.of("0.00505"), Money.of("0.005555"))
    assert made.rates == {"output": "1", "second": "0.0004", "markup": "0.1"}
    assert billed(None, engine=gpu, seconds=12.5).amount == Money(0)
    listed = billed(Usage(image_output=1120), seconds=12.5)
    assert listed.usage == Usage(image_output=1120)
    assert "engine_time" not in listed.components


def test_the_price_of_the_route_goes_before_that_of_its_engine() -> None:
    relay = own(PriceLine(image=(("default", Decimal("0.04")),)))
    dear = Price("own", (PriceLine(image=(("default", Decimal(1)),)),))
    paid = Route(id="shop", models=("*",), targets=(Target("relay"),), price=dear)
    assert billed(Usage(images=2), engine=relay).price == "engine:relay"
    made = billed(Usage(images=2), engine=relay, route=paid)
    assert (made.price, made.amount) == ("route:shop", Money.of(2))


def test_a_price_may_be_by_size_tier_and_day(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = own(
        PriceLine(image=(("1K", Decimal("0.04")), ("4K", Decimal("0.12")))),
        PriceLine(image=(("default", Decimal("0.02")),), tier="batch"),
        PriceLine(image=(("default", Decimal("0.05")),), start=date(2026, 12, 1)),
    )

    def price(size: str | None = None, tier: ServiceTier = STANDARD) -> str:
        made = billed(Usage(images=1), engine=relay, size=size, tier=tier)
        return f"{made.amount.dollars:f}"

    class Day(datetime):
        day_ = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)

        @classmethod
        def now(cls, tz: Any = None) -> Any:  # noqa: ARG003
            return cls.day_

    monkeypatch.setattr(billing, "datetime", Day)
    assert (price("1K"), price("4K"), price("2K"), price()) == ("0.04", "0.12", "0.12", "0.12")
    assert (price("4K", BATCH), price("4K", FLEX)) == ("0.02", "0.12")
    Day.day_ = datetime(2026, 12, 1, tzinfo=UTC)
    assert (price("4K"), price("4K", BATCH)) == ("0.05", "0.02")


def test_what_is_free_costs_nothing_and_says_so() -> None:
    gpu = EngineSpec(name="gpu", kind="openai", price=Price("free"))
    made = billed(Usage(image_output=1120, images=1), engine=gpu)
    assert (made.amount, made.price, made.components) == (Money(), "free", {})


def test_markups_add_up_and_the_cost_stays_the_engines() -> None:
    engine = EngineSpec(name="studio", kind="google", markup=Decimal("0.1"))
    made = billed(Usage(image_output=1120, images=1), engine=engine, markup=Decimal("0.15"))
    assert (made.cost, made.amount) == (Money.of("0.1344"), Money.of("0.168"))
    assert made.rates["markup"] == "0.25"
    route = Route(id="r", models=("*",), targets=(), markup=Decimal("-0.2"))
    assert markup_of(route, engine, Decimal("0.05")) == Decimal("-0.15")


def test_a_rehearsal_is_an_engine_of_ours_at_list_price() -> None:
    drawn_here = billed(Usage(image_output=1120, images=1), engine=SKETCH)
    assert drawn_here.rehearsal
    assert drawn_here.amount == Money.of("0.1344")
    paid = EngineSpec(name="sketch", kind="sketch", price=Price("free"))
    assert not billed(Usage(images=1), engine=paid).rehearsal
    assert not billed(Usage(images=1)).rehearsal


def test_what_nobody_knows_a_price_of_is_billed_nothing_and_shown() -> None:
    made = billed(Usage(images=1), card=None, model="other-model")
    assert (made.amount, made.price, made.model) == (Money(), UNKNOWN, "other-model")
    assert cost_of(Usage(images=1), None, STANDARD, route=ROUTE, engine=STUDIO) is None


def test_an_answer_that_tells_no_usage_costs_nothing() -> None:
    made = billed(None)
    assert (made.amount, made.usage) == (Money(), None)
    assert made.price.startswith("gemini-3-pro-image ")


@given(
    st.sampled_from(sorted(CARDS)),
    st.sampled_from(list(ServiceTier)),
    st.integers(0, 100_000),
    st.integers(0, 20),
    st.decimals(0, 3, places=4),
)
def test_components_of_a_bill_sum_to_its_amount(
    model: str, tier: ServiceTier, tokens: int, pictures: int, markup: Decimal
) -> None:
    used = Usage(
        prompt_text=tokens,
        prompt_image=tokens // 3,
        thoughts=tokens // 7,
        image_output=pictures * 1120,
        images=pictures,
        searches=pictures,
    )
    made = billed(used, card=CARDS[model], tier=tier, markup=markup, size="1K")
    assert sum(made.components.values(), Money()) == made.amount
    assert set(made.components) <= set(COMPONENTS)
    assert made.amount >= made.cost
    assert json.dumps(dict(made.rates))
