"""Shapes fill their boxes, and solids show more than one face."""

from collections.abc import Callable

import numpy as np
import pytest

from pisang.engines.sketch.layers import Box, DrawingLayer
from pisang.engines.sketch.paint.shapes import NAMES
from pisang.engines.sketch.scene import Ink
from tests.engines.sketch.paint.conftest import Painted, ground

RED = Ink(colours=("#d02020",))
BOX = Box(40, 30, 110, 120)


def _drawn(painted: Callable[..., Painted], name: str, **more: float) -> Painted:
    return painted(ground("#ffffff"), DrawingLayer(BOX, f"shape:{name}", RED, **more))


@pytest.mark.parametrize("name", NAMES)
def test_a_shape_reaches_its_box_and_stays_inside(
    painted: Callable[..., Painted], name: str
) -> None:
    ink = (_drawn(painted, name) < 250).any(axis=2)
    columns = np.flatnonzero(ink.any(axis=0))
    assert columns[0] in range(39, 44)
    assert columns[-1] in range(146, 151)
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows[0] >= 29
    assert rows[-1] <= 150


@pytest.mark.parametrize("name", ["cube", "pyramid", "cylinder", "cone", "sphere"])
def test_a_solid_has_light_and_shadow(painted: Callable[..., Painted], name: str) -> None:
    found = _drawn(painted, name).astype(int)
    red = found[(found[..., 0] > found[..., 1] + 40)]
    assert red.sum(axis=1).max() - red.sum(axis=1).min() > 120


def test_a_turned_arrow_points_down(painted: Callable[..., Painted]) -> None:
    ink = (_drawn(painted, "arrow", turn=90.0) < 250).any(axis=2)
    widths = ink.sum(axis=1)
    assert widths[90:].max() > widths[:90].max() + 20


def test_a_flip_mirrors(painted: Callable[..., Painted]) -> None:
    plain, flipped = _drawn(painted, "pyramid"), _drawn(painted, "pyramid", flip=True)
    assert np.abs(plain[:, 40:150].astype(int) - flipped[:, 149:39:-1]).mean() < 6


def test_an_unknown_shape_is_an_error(painted: Callable[..., Painted]) -> None:
    with pytest.raises(KeyError):
        _drawn(painted, "banana")
