"""Effects: each shows, and each leaves alone what must stay readable."""

from collections.abc import Callable

import numpy as np
import pytest

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.layout.anchors import anchors
from pisang.engines.sketch.paint.effects import EFFECTS
from pisang.engines.sketch.scene import Backdrop, Effect, Ink
from pisang.engines.sketch.vocabulary import EffectKind, Place
from tests.engines.sketch.paint.conftest import Painted, at, ground

SIZE = (320, 320)
AREA = Box(0, 0, *SIZE)
WORDS = Box(90, 130, 140, 60)
WEATHER = (EffectKind.SNOW, EffectKind.RAIN, EffectKind.LIGHTNING)
INSIDE = (slice(130, 190), slice(90, 230))


def test_every_kind_is_known() -> None:
    assert set(EFFECTS) == set(EffectKind)


def _pair(
    painted: Callable[..., Painted], kind: EffectKind, *, amount: float = 0.7
) -> tuple[np.ndarray, np.ndarray]:
    # weather changes a place's sky as well, so it is looked at over a plain ground
    below = ground() if kind in WEATHER else at(Backdrop(place=Place.PARK), SIZE)
    effect = EffectLayer(Effect(kind=kind, amount=amount), AREA, (WORDS,), 4)
    plain, changed = painted(below, size=SIZE), painted(below, effect, size=SIZE)
    return plain.astype(int), changed.astype(int)


@pytest.mark.parametrize("kind", list(EffectKind))
def test_every_effect_shows(painted: Callable[..., Painted], kind: EffectKind) -> None:
    plain, changed = _pair(painted, kind)
    assert np.abs(plain - changed).max() > 8


@pytest.mark.parametrize("kind", [kind for kind in EffectKind if kind is not EffectKind.BLUR])
@pytest.mark.parametrize("amount", [0.3, 1.0])
def test_every_effect_keeps_off_the_words(
    painted: Callable[..., Painted], kind: EffectKind, amount: float
) -> None:
    """A blur lies below the words by its nature; all others may not touch them."""
    plain, changed = _pair(painted, kind, amount=amount)
    assert np.abs(plain - changed)[INSIDE].max() <= 2


@pytest.mark.parametrize(
    "kind",
    [
        EffectKind.CONFETTI,
        EffectKind.SNOW,
        EffectKind.HEARTS,
        EffectKind.LEAVES,
        EffectKind.BUBBLES,
        EffectKind.STARS,
    ],
)
def test_more_amount_is_more_particles(painted: Callable[..., Painted], kind: EffectKind) -> None:
    def touched(amount: float) -> float:
        plain, changed = _pair(painted, kind, amount=amount)
        return float((plain != changed).mean())

    assert touched(1.0) > touched(0.1) * 1.5


def test_confetti_takes_the_asked_colour(painted: Callable[..., Painted]) -> None:
    red = Effect(kind=EffectKind.CONFETTI, ink=Ink(colours=("#ff0000",)))
    found = painted(ground("#000000"), EffectLayer(red, AREA, (), 4), size=SIZE)
    assert found[..., 0].max() == 255
    assert found[..., 1:].max() < 12


def test_confetti_is_thicker_at_the_edges(painted: Callable[..., Painted]) -> None:
    effect = EffectLayer(Effect(kind=EffectKind.CONFETTI, amount=1.0), AREA, (), 4)
    drawn = (painted(ground("#000000"), effect, size=SIZE) > 0).any(axis=2)
    middle = drawn[100:220, 100:220]
    assert drawn.mean() > middle.mean() * 1.4


def test_an_effect_stays_inside_its_area(painted: Callable[..., Painted]) -> None:
    area = Box(100, 100, 100, 100)
    frame = EffectLayer(Effect(kind=EffectKind.FRAME), area, (), 4)
    drawn = (painted(ground("#000000"), frame, size=SIZE) > 0).any(axis=2)
    assert drawn.any()
    drawn[100:200, 100:200] = False
    assert not drawn.any()


def test_fireworks_burst_in_the_sky_and_not_on_the_ground(painted: Callable[..., Painted]) -> None:
    below = at(Backdrop(place=Place.CITY), SIZE)
    fire = EffectLayer(Effect(kind=EffectKind.FIREWORKS, amount=1.0), AREA, (), 4)
    changed = (painted(below, size=SIZE) != painted(below, fire, size=SIZE)).any(axis=2)
    assert changed[:160].any()
    assert not changed[290:].any()


def test_snow_falls_outside_the_window(painted: Callable[..., Painted]) -> None:
    below = at(Backdrop(place=Place.ROOM), SIZE)
    pane = anchors(Place.ROOM, *SIZE).window
    assert pane is not None
    snow = EffectLayer(Effect(kind=EffectKind.SNOW, amount=1.0), AREA, (), 4)
    changed = (painted(below, size=SIZE) != painted(below, snow, size=SIZE)).any(axis=2)
    assert changed[int(pane.y) : int(pane.bottom), int(pane.x) : int(pane.right)].any()
    changed[int(pane.y) : int(pane.bottom) + 1, int(pane.x) : int(pane.right) + 1] = False
    assert not changed.any()


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (512, 64)])
def test_effects_survive_odd_canvases_amounts_and_seeds(
    painted: Callable[..., Painted], size: tuple[int, int]
) -> None:
    area = Box(0, 0, *size)
    for kind in EffectKind:
        for amount in (-3.0, 0.0, 5.0):
            effect = EffectLayer(Effect(kind=kind, amount=amount), area, (), -(2**70))
            painted(at(Backdrop(place=Place.ROOM), size), effect, size=size, seed=-(2**70))
