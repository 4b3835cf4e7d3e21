from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import Card, catalog
from pisang.catalog.prices import PriceBook, PriceRow, book, price, quote
from pisang.core.errors import UnsupportedParameter
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.request import ServiceTier

CARDS = catalog().cards
TODAY = date(2026, 11, 21)
STANDARD, BATCH, FLEX, PRIORITY = (
    ServiceTier.STANDARD,
    ServiceTier.BATCH,
    ServiceTier.FLEX,
    ServiceTier.PRIORITY,
)


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        # Four recorded answers, priced by hand at 2026 list rates.
        (
            "gemini-3-pro-image",
            Usage(prompt_text=22, image_output=1120, text_output=96, thoughts=179, images=1),
            "0.137744",
        ),
        (
            "gemini-2.5-flash-image",
            Usage(prompt_text=17, image_output=1290, text_output=46, images=1),
            "0.0388201",
        ),
        ("gemini-2.5-flash-image", Usage(prompt_text=9, image_output=1290, images=1), "0.0387027"),
        (
            "gemini-3.1-flash-lite-image",
            Usage(prompt_text=5, image_output=1120, text_output=398, images=1),
            "0.03419825",
        ),
    ],
)
def test_recorded_answers_cost_what_the_list_says(model: str, usage: Usage, dollars: str) -> None:
    assert price(usage, CARDS[model], STANDARD, on=TODAY) == Money.of(dollars)


@pytest.mark.parametrize("model", [card.id for card in catalog().living(TODAY)])
@pytest.mark.parametrize("tier", [STANDARD, BATCH])
def test_tokens_times_rate_agrees_with_the_published_price(model: str, tier: ServiceTier) -> None:
    card = CARDS[model]
    for size in card.pixels:
        shown = quote(card, size=size, tier=tier, thoughts=0, on=TODAY)
        assert shown.published is not None
        # Google prints three or four decimals: $0.0224 is shown as $0.022.
        assert abs(shown.total.nanos - shown.published.nanos) <= 500_000


def test_what_is_billed_is_not_the_rounded_price() -> None:
    shown = quote(CARDS["gemini-3.1-flash-image"], thoughts=0, on=TODAY)
    assert (str(shown.total), str(shown.published)) == ("$0.0672", "$0.067")


def test_batch_is_half_of_standard_for_every_living_model() -> None:
    usage = Usage(prompt_text=7, prompt_image=560, text_output=3, image_output=1120, images=1)
    for card in catalog().living(TODAY):
        half, whole = (price(usage, card, tier, on=TODAY) for tier in (BATCH, STANDARD))
        assert half * 2 == whole


def test_thoughts_cost_as_much_as_spoken_text() -> None:
    card = CARDS["gemini-3-pro-image"]
    assert price(Usage(thoughts=1000), card, STANDARD, on=TODAY) == Money.of("0.012")
    assert price(Usage(text_output=1000), card, STANDARD, on=TODAY) == Money.of("0.012")


def test_the_image_rate_at_priority_is_a_guess_and_says_so() -> None:
    cost = book().cost(
        Usage(image_output=1000, images=1), CARDS["gemini-3-pro-image"], PRIORITY, on=TODAY
    )
    assert cost.images == Money.of("0.216")
    assert cost.inferred == ("image",)
    notes = quote(CARDS["gemini-3-pro-image"], tier=PRIORITY, on=TODAY).notes
    assert any("inferred" in note for note in notes)


def test_imagen_bills_by_piece() -> None:
    usage = Usage(prompt_text=100, images=4)
    assert price(usage, CARDS["imagen-4.0-ultra-generate-001"], STANDARD, on=TODAY) == Money.of(
        "0.24"
    )
    assert price(Usage(images=1), CARDS["virtual-try-on-001"], STANDARD, on=TODAY) == Money.of(
        "0.06"
    )
    with pytest.raises(UnsupportedParameter, match="is not known"):
        price(usage, CARDS["imagen-4.0-upscale-preview"], STANDARD, on=TODAY)


def test_regional_endpoints_of_vertex_cost_more() -> None:
    card, usage = CARDS["gemini-3.1-flash-image"], Usage(image_output=1120, images=1)
    cost = book().cost(usage, card, STANDARD, on=TODAY, surface="vertex", regional=True)
    assert cost.total == Money.of("0.07392")
    assert book().cost(usage, card, STANDARD, on=TODAY, regional=True).total == Money.of("0.0672")


def test_searches_are_billed_per_thousand() -> None:
    card = CARDS["gemini-3-pro-image"]
    assert book().cost(Usage(searches=3), card, STANDARD, on=TODAY).search == Money.of("0.042")


def test_a_tier_without_a_price_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        UnsupportedParameter, match=r"at the flex tier\. It has: standard, batch, pri"
    ):
        quote(CARDS["gemini-nano-banana-2.1"], tier=FLEX, on=TODAY)
    with pytest.raises(UnsupportedParameter, match=r"has no size 512\. It has: 1K, 2K, 4K"):
        quote(CARDS["gemini-3-pro-image"], size="512", on=TODAY)


def test_rates_change_on_their_day_and_old_ones_stay() -> None:
    card = CARDS["gemini-3-pro-image"]
    old = PriceRow(tier=STANDARD, start=date(2026, 1, 1), input=2, text=12, image=120)
    new = PriceRow(tier=STANDARD, start=date(2026, 7, 1), input=1, text=6, image=Decimal("60.5"))
    changed = PriceBook(rows={card.id: (new, old)}, uplifts={})
    usage = Usage(image_output=1_000_000, images=1)
    for day, dollars in [
        (date(2025, 1, 1), "120"),
        (date(2026, 6, 30), "120"),
        (date(2026, 7, 1), "60.5"),
        (date(2030, 1, 1), "60.5"),
    ]:
        assert changed.price(usage, card, STANDARD, on=day) == Money.of(dollars)


def test_an_estimate_counts_references_thinking_and_pieces() -> None:
    card = CARDS["gemini-3-pro-image"]
    shown = quote(card, size="4K", count=10, prompt_tokens=22, references=2, thoughts=179, on=TODAY)
    assert shown.usage.prompt_image == 1120
    assert shown.each.input == Money.of("0.002284")
    assert shown.each.text == Money.of("0.002148")
    assert shown.each.images == Money.of("0.24")
    assert shown.total == Money.of("2.44432")


def test_an_estimate_names_doubts_about_the_token_count() -> None:
    notes = quote(CARDS["gemini-nano-banana-2.1"], size="4K", on=TODAY).notes
    assert any("3780" in note and "2520" in note for note in notes)
    assert any("unverified" in note for note in quote(CARDS["imagegeneration@006"]).notes)


counts = st.integers(0, 10_000_000)


@given(counts, counts, counts, counts, st.sampled_from(catalog().living(TODAY)))
def test_lines_of_a_cost_are_each_within_half_a_nano_of_exact(
    prompt: int, text: int, thoughts: int, image: int, card: Card
) -> None:
    usage = Usage(prompt_text=prompt, text_output=text, thoughts=thoughts, image_output=image)
    row = book().row(card, BATCH, on=TODAY)
    exact = (
        Decimal(row.input or 0) * prompt
        + Decimal(row.text or 0) * (text + thoughts)
        + Decimal(row.image or 0) * image
    ) * 1000
    assert abs(price(usage, card, BATCH, on=TODAY).nanos - exact) <= Decimal("1.5")
