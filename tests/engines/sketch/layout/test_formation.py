"""A group that is asked for in a row, column, circle or pile stands in one."""

import math
from itertools import pairwise

import pytest

from pisang.engines.sketch.layout.formation import places
from pisang.engines.sketch.vocabulary import Formation


@pytest.mark.parametrize("count", [2, 5, 12])
def test_a_row_is_level_and_even(count: int) -> None:
    boxes = places(Formation.ROW, count, width=1.0, height=2.0)
    steps = {round(b.x - a.x, 6) for a, b in pairwise(boxes)}
    assert len({box.y for box in boxes}) == 1
    assert len(steps) == 1
    assert steps.pop() > 1.0


def test_a_column_stands_straight_and_apart() -> None:
    boxes = places(Formation.COLUMN, 4, width=1.0, height=2.0)
    assert len({box.x for box in boxes}) == 1
    assert all(a.bottom < b.y for a, b in pairwise(boxes))


@pytest.mark.parametrize("count", [3, 8, 20])
def test_the_members_of_a_circle_are_equally_far_from_its_middle(count: int) -> None:
    centres = [box.centre for box in places(Formation.CIRCLE, count, width=1.0, height=1.0)]
    x, y = (sum(one[axis] for one in centres) / count for axis in (0, 1))
    far = [math.hypot(a - x, b - y) for a, b in centres]
    assert max(far) - min(far) < 1e-6


@pytest.mark.parametrize("count", [3, 5, 6, 17])
def test_every_layer_of_a_pile_is_no_longer_than_the_one_below(count: int) -> None:
    boxes = places(Formation.PILE, count, width=1.0, height=1.0)
    feet = sorted({round(box.bottom, 6) for box in boxes}, reverse=True)
    layers = [sum(round(box.bottom, 6) == foot for box in boxes) for foot in feet]
    assert len(boxes) == count
    assert layers == sorted(layers, reverse=True)
