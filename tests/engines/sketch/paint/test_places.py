"""Every place in every light, on every kind of canvas."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pisang.engines.sketch.layers import Box, EffectLayer, TextLayer
from pisang.engines.sketch.paint.places import PLACES
from pisang.engines.sketch.scene import Backdrop, Effect, Ink
from pisang.engines.sketch.vocabulary import Absent, EffectKind, Hour, Place
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


def test_an_asked_colour_turns_the_sky_of_a_sky(painted: Callable[..., Painted]) -> None:
    purple = Ink(colours=("#8a3fd1",))
    sky = painted(at(Backdrop(place=Place.SKY, ink=purple)))[5:40].mean(axis=(0, 1))
    assert sky[2] > sky[1] + 30
    assert sky[0] > sky[1] + 15


def test_an_asked_colour_dyes_the_ground_and_leaves_the_sky(
    painted: Callable[..., Painted],
) -> None:
    red = Ink(colours=("#d03030",))
    plain, dyed = (painted(at(Backdrop(place=Place.DESERT, ink=ink))) for ink in (None, red))
    assert (plain[:40] == dyed[:40]).all()
    sand, ground = (picture[-20:].mean(axis=(0, 1)) for picture in (plain, dyed))
    assert ground[0] > ground[1] + 60
    assert ground[1] < sand[1] - 30


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


@pytest.mark.parametrize("place", [Place.MEADOW, Place.CITY, Place.STREET, Place.KITCHEN])
@pytest.mark.parametrize("hour", [Hour.DAY, Hour.NIGHT])
def test_a_text_moves_nothing_of_a_place(
    painted: Callable[..., Painted], place: Place, hour: Hour
) -> None:
    layer = at(Backdrop(place=place, hour=hour), (320, 240))
    words = TextLayer(Box(90, 20, 140, 50), ("Hello",), "Inter Bold", 40, Ink(colours=("#ffffff",)))
    bare, lettered = (painted(*items, size=(320, 240)) for items in ((layer,), (layer, words)))
    changed = (bare != lettered).any(axis=2)
    near = np.zeros_like(changed)
    near[:130] = True  # words, and the clouds, lamps and shelves that give way to them
    assert changed.any()
    assert not (changed & ~near).any()


@pytest.mark.parametrize(
    ("place", "hour", "what"),
    [
        (Place.MEADOW, Hour.NIGHT, Absent.MOON),
        (Place.MEADOW, Hour.NIGHT, Absent.STARS),
        (Place.MEADOW, Hour.DAY, Absent.CLOUDS),
        (Place.MEADOW, Hour.DAY, Absent.FLOWERS),
        (Place.FOREST, Hour.DAY, Absent.TREES),
        (Place.SEA, Hour.SUNSET, Absent.SUN),
        (Place.FARM, Hour.DAY, Absent.BUILDINGS),
    ],
)
def test_what_was_denied_is_not_shown(
    painted: Callable[..., Painted], place: Place, hour: Hour, what: Absent
) -> None:
    layer = at(Backdrop(place=place, hour=hour))
    denied = replace(layer, without=(what,))
    other = Absent.PEOPLE  # of whom no place shows any
    assert (painted(layer) == painted(replace(layer, without=(other,)))).all()
    changed = (painted(layer) != painted(denied)).any(axis=2)
    assert 0 < changed.mean() < 0.7
