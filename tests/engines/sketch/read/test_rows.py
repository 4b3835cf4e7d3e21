"""Rows that stand together without a list: prices, points, cells, courses, figures, A vs B."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Block


def blocks_of(prompt: str) -> tuple[Block, ...]:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return scene.blocks


@pytest.mark.parametrize(
    ("prompt", "kind", "items"),
    [
        ("Tea vs Coffee", "comparison", ("Tea", "Coffee")),
        ("infographic comparing cats and dogs", "comparison", ("Cats", "Dogs")),
        ("menu with Soup $4, Bread $2", "table", ("Soup | $4", "Bread | $2")),
        ("wedding menu: Starter: soup, Main: salmon", "table", ("Starter | soup", "Main | salmon")),
        ("poster: 1. Plan 2. Build 3. Ship", "step", ("Plan", "Build", "Ship")),
        ("table: City | Rain, Oslo | 12", "table", ("City | Rain", "Oslo | 12")),
        ("diagram of a life cycle: egg, larva, moth", "step", ("Egg", "Larva", "Moth")),
        ("infographic with 'Needs' (sun, rain)", "list", ("Sun", "Rain")),
    ],
)
def test_rows(prompt: str, kind: str, items: tuple[str, ...]) -> None:
    (block,) = blocks_of(prompt)
    assert (block.kind, block.items) == (kind, items)


def test_plans_are_cards_with_their_prices() -> None:
    blocks = blocks_of("pricing page with Basic $9 and Pro $29")
    assert [(one.kind, one.label, one.items) for one in blocks] == [
        ("card", "Basic", ("$9",)),
        ("card", "Pro", ("$29",)),
    ]


def test_figures_of_a_dashboard() -> None:
    blocks = blocks_of("dashboard with orders 120, visits 4,500")
    assert [(one.label, one.items) for one in blocks] == [
        ("Orders", ("120",)),
        ("Visits", ("4,500",)),
    ]


def test_one_price_is_no_row() -> None:
    assert blocks_of("an advert for orange juice, price $3.99") == ()
