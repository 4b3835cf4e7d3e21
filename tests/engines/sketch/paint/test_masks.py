"""Masks: drawn, found, widened, and soft towards their inside only."""

import numpy as np
import pytest

from pisang.core.request import AutoMask
from pisang.engines.sketch.paint import masks
from pisang.engines.sketch.paint.laying import Bytes, image


def square(side: int = 100, low: int = 40, high: int = 60) -> Bytes:
    mask = np.zeros((side, side), np.uint8)
    mask[low:high, low:high] = 255
    return mask


def test_a_feather_never_leaves_the_mask() -> None:
    mask = square()
    soft = masks.feathered(mask, 5)
    assert not soft[mask == 0].any()
    assert soft[50, 50] == 1
    assert 0 < soft[40, 50] < soft[42, 50] < 1
    assert masks.feathered(np.full((9, 9), 255, np.uint8), 5).min() == 1  # no edge, no feather
    assert not masks.feathered(np.zeros((9, 9), np.uint8), 5).any()


@pytest.mark.parametrize("side", [100, 1400])  # beyond 640 it is measured on a smaller copy
def test_a_mask_grows_by_a_share_of_the_long_side(side: int) -> None:
    low, high = side * 2 // 5, side * 3 // 5
    grown = masks.bounds(masks.widened(square(side, low, high), 0.1))
    assert grown is not None
    wanted = (low - side // 10, low - side // 10, high + side // 10, high + side // 10)
    assert max(abs(a - b) for a, b in zip(grown, wanted, strict=True)) <= 4
    assert masks.widened(square(), 0.0) is not None
    assert not masks.widened(np.zeros((9, 9), np.uint8), 0.5).any()


def test_masks_are_stretched_with_hard_edges() -> None:
    large = masks.resized(square(), 200, 50)
    assert large.shape == (50, 200)
    assert set(np.unique(large)) == {0, 255}
    assert masks.bounds(large) == (80, 20, 120, 30)
    assert masks.bounds(np.zeros((3, 3), np.uint8)) is None


def test_the_largest_part_of_several() -> None:
    mask = square()
    mask[5:10, 5:10] = 255
    assert np.array_equal(masks.largest(mask), square())
    empty = np.zeros((5, 5), np.uint8)
    assert not masks.largest(empty).any()


def test_a_subject_is_found_on_plain_and_on_busy_ground() -> None:
    for busy in (False, True):
        rng = np.random.default_rng(3)
        pixels = np.full((120, 160, 3), (90, 150, 90), np.uint8)
        if busy:
            pixels[..., 1] = rng.integers(100, 200, (120, 160))
            pixels[:, ::7] = (60, 90, 200)
        pixels[40:80, 60:100] = (230, 40, 30)
        found = masks.found(image(pixels), AutoMask.FOREGROUND)
        assert found[45:75, 65:95].mean() > 230
        assert found[:15].mean() < 60
        behind = masks.found(image(pixels), AutoMask.BACKGROUND)
        assert np.array_equal(behind, 255 - found)


def test_where_nothing_stands_out_the_middle_is_taken() -> None:
    found = masks.found(image(np.full((80, 80, 3), 120, np.uint8)), AutoMask.FOREGROUND)
    assert found[40, 40] == 255
    assert found[0, 0] == 0
