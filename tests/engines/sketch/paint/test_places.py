"""Every place in every light, on every kind of canvas."""

from collections.abc import Callable

import numpy as np
import pytest

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint.places import PLACES
from pisang.engines.sketch.scene import Backdrop, Effect, EffectKind, Hour, Ink, Place
from tests.engines.sketch.paint.conftest import Painted, at

_OWN_LIGHT = {Place.STAGE, Place.SPACE}  # the same at any hour


def test_there_is_a_painter_for_every_place() -> None:
    assert set(PLACES) == set(Place)


@pytest.mark.parametrize("size", [(160, 160), (256, 144), (144, 256), (320, 80), (80, 320)])
@pytest.mark.parametrize("place", list(Place))
def test_every_place_fills_every_canvas(
    painted: Callable[..., Painted], place: Place, size: tuple[int, int]
) -> None:
    found = painted(at(Backdrop(place=place), size), size=size)
    assert found.std() > 2
    corners = found[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)
    if place is not Place.STUDIO:  # a studio may well be white
        assert (corners.sum(axis=1) < 765).all()


@pytest.mark.parametrize("place", [place for place in Place if place not in _OWN_LIGHT])
def test_every_hour_gives_another_light(painted: Callable[..., Painted], place: Place) -> None:
    found = {hour: painted(at(Backdrop(place=place, hour=hour))).astype(int) for hour in Hour}
    assert found[Hour.NIGHT].mean() < found[Hour.DAY].mean() - 15
    if place is not Place.STUDIO:
        assert np.abs(found[Hour.SUNSET] - found[Hour.DAY]).mean() > 3
        assert np.abs(found[Hour.SUNSET] - found[Hour.DAWN]).mean() > 1


def test_an_asked_colour_turns_the_sky(painted: Callable[..., Painted]) -> None:
    purple = Ink(colours=("#8a3fd1",))
    sky = painted(at(Backdrop(place=Place.MEADOW, ink=purple)))[5:40].mean(axis=(0, 1))
    assert sky[2] > sky[1] + 30
    assert sky[0] > sky[1] + 15


def test_an_asked_colour_paints_the_wall(painted: Callable[..., Painted]) -> None:
    green = Ink(colours=("#2f8f4f",))
    wall = painted(at(Backdrop(place=Place.ROOM, ink=green)))[5:30, 5:40].mean(axis=(0, 1))
    assert wall[1] > wall[0] + 30


def test_a_dark_sky_shows_no_bands(painted: Callable[..., Painted]) -> None:
    """Dither: in a slow dark gradient neighbours differ, rows do not change all at once."""
    found = painted(at(Backdrop(place=Place.SPACE)), size=(256, 256))
    top = found[:120, :, 2].astype(int)
    assert (np.abs(np.diff(top, axis=1)) > 0).mean() > 0.1


@pytest.mark.parametrize("kind", [EffectKind.RAIN, EffectKind.LIGHTNING])
def test_rain_and_storm_grey_the_sky(painted: Callable[..., Painted], kind: EffectKind) -> None:
    sea = at(Backdrop(place=Place.SEA))
    weather = EffectLayer(Effect(kind=kind, amount=0.0), Box(0, 0, 192, 192), (), 3)
    clear, veiled = (painted(sea, *more)[:60].astype(int) for more in ((), (weather,)))
    assert veiled.mean() < clear.mean() - 20
    assert np.ptp(veiled.mean(axis=(0, 1))) < np.ptp(clear.mean(axis=(0, 1)))
