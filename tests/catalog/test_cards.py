from datetime import date
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.cards import Card, card
from pisang.catalog.load import tables
from pisang.catalog.models import catalog

CARDS = [card for card in catalog().cards.values() if card.pixels]
SHAPES = [(card, size, ratio) for card in CARDS for size in card.pixels for ratio in card.ratios]


@pytest.mark.parametrize(
    ("card", "size", "ratio"), SHAPES, ids=lambda value: getattr(value, "id", value)
)
def test_every_model_ratio_and_size_has_exact_pixels(card: Card, size: str, ratio: str) -> None:
    canvas = card.canvas(ratio, size)
    wide, high = map(int, ratio.split(":"))
    assert (canvas.aspect_ratio, canvas.image_size) == (ratio, size)
    assert canvas.width % 8 == canvas.height % 8 == 0
    assert abs(log(canvas.width / canvas.height) - log(wide / high)) < 0.07


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_a_picture_of_a_cards_own_pixels_keeps_its_ratio(card: Card) -> None:
    for size, row in card.pixels.items():
        for ratio, (width, height) in row.items():
            assert card.nearest_ratio(width, height) == ratio, (size, ratio)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
@given(width=st.integers(1, 10_000), height=st.integers(1, 10_000), times=st.integers(2, 9))
def test_the_nearest_ratio_depends_on_the_shape_only(
    card: Card, width: int, height: int, times: int
) -> None:
    ratio = card.nearest_ratio(width, height)
    assert card.nearest_ratio(width * times, height * times) == ratio
    for other, (wide, high) in card.pixels[card.default_size].items():
        chosen = card.canvas(ratio)
        nearer = abs(log(wide / high) - log(width / height))
        assert abs(log(chosen.width / chosen.height) - log(width / height)) <= nearer, other


def test_the_words_for_sizes_and_their_tokens_agree() -> None:
    for model in catalog().cards.values():
        assert set(model.sizes) <= set(model.pixels)
        assert model.fixed_size == (not model.sizes)
        if model.family == "gemini":
            assert set(model.image_tokens) == set(model.pixels)
        if model.pixels:
            assert model.default_size in model.pixels


@pytest.mark.parametrize("card", catalog().cards.values(), ids=lambda card: card.id)
def test_the_status_in_the_data_agrees_with_the_dates(card: Card) -> None:
    surface = "gemini_api"
    assert card.stage(catalog().as_of, surface) == card.status


def test_the_stage_changes_with_the_days() -> None:
    model = catalog().cards["gemini-3.1-flash-image"]
    assert model.stage(date(2026, 10, 5)) == "ga"
    assert model.stage(date(2026, 10, 6)) == "deprecated"
    assert model.stage(date(2027, 5, 28), "vertex") == "shutdown"
    assert model.stage(date(2027, 5, 28), "gemini_api") == "deprecated"


def test_a_misspelled_key_in_the_data_is_an_error() -> None:
    row = dict(tables()["models"]["gemini-3-pro-image"]) | {"max_referenses": 3}
    with pytest.raises(TypeError, match="max_referenses"):
        card("gemini-3-pro-image", row, tables())


def test_descriptions_are_sentences_of_our_own() -> None:
    for model in catalog().cards.values():
        assert model.description.endswith(".")
        assert model.name
