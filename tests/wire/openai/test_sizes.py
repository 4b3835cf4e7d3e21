"""Sizes: every exact picture of every card is found again, and nothing else is invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import Card, catalog
from pisang.wire.openai.schema import WrongParameter
from pisang.wire.openai.sizes import OPENAI_SIZES, Shape, read_ratio, read_size, read_word

CARDS = [card for card in catalog().living() if card.pixels]


def pixels(shape: Shape, card: Card) -> tuple[int, int]:
    canvas = card.canvas(shape.ratio or "1:1", shape.size)
    return canvas.width, canvas.height


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_every_exact_size_of_a_card_means_itself(card: Card) -> None:
    for row in card.pixels.values():
        for width, height in row.values():
            shape = read_size(f"{width}x{height}", card, param="size")
            assert pixels(shape, card) == (width, height)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_openais_sizes_keep_their_shape_wherever_the_ratio_is_drawn(card: Card) -> None:
    for asked, (ratio, _) in OPENAI_SIZES.items():
        if ratio not in card.ratios:
            with pytest.raises(WrongParameter, match="Nearest"):
                read_size(asked, card, param="size")
            continue
        shape = read_size(asked, card, param="size")
        wide, high = pixels(shape, card)
        across, down = map(int, ratio.split(":"))
        assert wide / high == pytest.approx(across / down, rel=0.06)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_the_nearest_sizes_that_a_refusal_names_work(card: Card) -> None:
    with pytest.raises(WrongParameter) as refused:
        read_size("1999x777", card, param="size")
    near = refused.value.message.split("Nearest: ")[1].split(".")[0].split(", ")
    assert len(near) == 3
    for size in near:
        read_size(size, card, param="size")


def test_words_and_ratios_are_taken_in_any_case_and_with_spaces() -> None:
    card = catalog().cards["gemini-3-pro-image"]
    assert read_size(" 2k ", card, param="size") == Shape(size="2K")
    assert read_size("16 : 9", card, param="size") == Shape(ratio="16:9")
    assert read_ratio("AUTO", card, param="x") is None
    assert read_word("auto", card, param="x") is None
    assert read_size("1376×768", card, param="size") == Shape("16:9", "1K")
    with pytest.raises(WrongParameter, match="Invalid value: '8K'"):
        read_size("8K", card, param="size")


@given(asked=st.text(max_size=40) | st.from_regex(r"[0-9]{1,9}[x:][0-9]{1,9}"))
def test_a_size_is_understood_or_refused_with_its_param(asked: str) -> None:
    for card in CARDS:
        found = outcome(asked, card)
        if isinstance(found, WrongParameter):
            assert found.field == "size"
            assert len(found.message) < 400
        else:
            assert pixels(found, card)


def outcome(asked: str, card: Card) -> Shape | WrongParameter:
    try:
        return read_size(asked, card, param="size")
    except WrongParameter as error:
        return error
