"""The whole path from layers to pixels: determinism, order, speed rules, hostile values."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import pyvips

from pisang.engines.sketch.layers import (
    BackdropLayer,
    Box,
    DrawingLayer,
    EffectLayer,
    Layers,
    PanelLayer,
    TextLayer,
    VectorLayer,
)
from pisang.engines.sketch.paint import paint, sheet
from pisang.engines.sketch.paint.effects import EFFECTS
from pisang.engines.sketch.scene import Backdrop, Effect, Ink
from pisang.engines.sketch.vocabulary import EffectKind, Finish, Hour, Place, Style, Texture
from tests.engines.sketch.paint.conftest import Painted, at, ground

_HASH = """
import hashlib
from pisang.engines.sketch.layers import *
from pisang.engines.sketch.scene import *
from pisang.engines.sketch.paint import paint
area = Box(0, 0, 300, 220)
layers = Layers(300, 220, Style.WATERCOLOUR, (
    BackdropLayer(Backdrop(place=Place.CITY, hour=Hour.NIGHT), 160.0),
    DrawingLayer(Box(100, 80, 90, 90), "cat", shadow=True),
    EffectLayer(Effect(kind=EffectKind.CONFETTI), area, (), 3),
    EffectLayer(Effect(kind=EffectKind.FOG), area, (), 3),
    EffectLayer(Effect(kind=EffectKind.GLOW), area, (), 3),
))
print(hashlib.sha256(paint(layers, seed=9, pictures=None).data).hexdigest())
"""


def test_same_layers_give_same_bytes_on_one_and_two_threads() -> None:
    found = set()
    for threads in ("1", "2"):
        env = {**os.environ, "VIPS_CONCURRENCY": threads}
        done = subprocess.run(
            [sys.executable, "-c", _HASH], env=env, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_another_seed_gives_another_landscape(painted: Callable[..., Painted]) -> None:
    hills = at(Backdrop(place=Place.HILLS))
    assert (painted(hills, seed=1) == painted(hills, seed=1)).all()
    assert (painted(hills, seed=1) != painted(hills, seed=2)).any()


def test_the_same_scene_at_four_times_the_size_is_the_same_picture(
    painted: Callable[..., Painted],
) -> None:
    def card(side: int) -> Painted:
        effect = EffectLayer(
            Effect(kind=EffectKind.CONFETTI, amount=1.0), Box(0, 0, side, side), (), 3
        )
        place = at(Backdrop(place=Place.LAKE, hour=Hour.SUNSET), (side, side))
        return painted(place, effect, size=(side, side))

    large = pyvips.Image.new_from_array(card(512)).resize(0.5, kernel="linear").numpy()
    difference = np.abs(card(256).astype(int) - large)
    assert difference.mean() < 3.0


def test_later_layers_lie_over_earlier_ones(painted: Callable[..., Painted]) -> None:
    red, blue = (PanelLayer(Box(40, 40, 80, 80), Ink(colours=(c,))) for c in ("#ff0000", "#0000ff"))
    assert tuple(painted(ground(), red, blue)[80, 80]) == (0, 0, 255)
    assert tuple(painted(ground(), blue, red)[80, 80]) == (255, 0, 0)


def test_vectors_keep_their_order_around_pixel_work(painted: Callable[..., Painted]) -> None:
    area = Box(0, 0, 192, 192)
    blur = EffectLayer(Effect(kind=EffectKind.BLUR, amount=1.0), area, (), 1)
    dot = PanelLayer(Box(90, 90, 12, 12), Ink(colours=("#ffffff",)))
    sharp, blurred = painted(ground(), blur, dot), painted(ground(), dot, blur)
    assert tuple(sharp[96, 96]) == (255, 255, 255)
    assert blurred[96, 96].max() < 250


def test_no_layer_writes_an_element_opacity(
    painted: Callable[..., Painted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """librsvg makes an off-screen picture for each: a 4K scene took ten times as long."""
    seen: list[str] = []
    write = sheet.document

    def spy(parts: list[str], *, box: tuple[int, int, int, int]) -> bytes:
        made = write(parts, box=box)
        seen.append(made.decode())
        return made

    monkeypatch.setattr(sheet, "document", spy)
    area = Box(0, 0, 192, 192)
    for place in Place:
        painted(at(Backdrop(place=place, hour=Hour.NIGHT)))
    for texture in Texture:
        painted(BackdropLayer(Backdrop(texture=texture), 0))
    for kind in EFFECTS:
        painted(ground(), EffectLayer(Effect(kind=kind), area, (), 3))
    assert len(seen) > 40
    for svg in seen:
        assert not re.search(r"[\s\"']opacity=", svg)
        assert "<filter" not in svg


def test_words_with_markup_are_drawn_and_not_obeyed(painted: Callable[..., Painted]) -> None:
    box = Box(10, 60, 170, 40)
    hostile = '</text><image href="file:///etc/passwd"/>&<b>'
    words = TextLayer(box, (hostile,), "Inter", 12, Ink(colours=("#ffffff",)))
    assert (painted(ground(), words) != painted(ground())).any()


@pytest.mark.parametrize(
    "svg",
    [
        '<image href="file:///etc/passwd" width="9" height="9"/>',
        '<use xlink:href="http://example.com/a.svg#b"/>',
        '<rect fill="url(http://example.com/a.svg#b)"/>',
        "<style>@import url(x.css)</style>",
        "<script>1</script>",
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        "<use href='//example.com/a'/>",
        "<foreignObject/>",
    ],
)
def test_a_fragment_that_reaches_outside_is_refused(
    painted: Callable[..., Painted], svg: str
) -> None:
    with pytest.raises(ValueError, match="vector layer"):
        painted(ground(), VectorLayer(Box(0, 0, 10, 10), svg))


def test_what_is_no_colour_never_reaches_svg(painted: Callable[..., Painted]) -> None:
    ink = Ink(colours=('red"/><script>',))
    with pytest.raises(ValueError, match="not #rgb"):
        painted(ground(), PanelLayer(Box(0, 0, 9, 9), ink))


def test_a_vector_fragment_is_drawn_where_it_says(painted: Callable[..., Painted]) -> None:
    svg = '<rect x="100" y="20" width="10" height="10" fill="#00ff00"/>'
    found = painted(ground(), VectorLayer(Box(100, 20, 10, 10), svg))
    assert tuple(found[25, 105]) == (0, 255, 0)
    assert tuple(found[25, 95]) == (0x25, 0x30, 0x6B)


def test_a_thing_at_night_is_dimmed_but_keeps_its_hue(painted: Callable[..., Painted]) -> None:
    cat = DrawingLayer(Box(40, 90, 100, 90), "cat", Ink(colours=("#e23b3b",)))
    day, night = (
        painted(at(Backdrop(place=Place.SNOWFIELD, hour=hour)), cat)[120:170, 60:120]
        .reshape(-1, 3)
        .astype(int)
        for hour in (Hour.DAY, Hour.NIGHT)
    )

    def reds(pixels: np.ndarray) -> np.ndarray:
        return pixels[pixels[:, 0] > pixels[:, 2] + 60]

    assert len(reds(day)) > 200
    assert len(reds(night)) > 200
    assert reds(night)[:, 0].mean() < reds(day)[:, 0].mean() - 25


def test_a_light_keeps_its_colour_at_night(painted: Callable[..., Painted]) -> None:
    moon = DrawingLayer(Box(60, 20, 80, 80), "full-moon")
    day, night = (
        painted(at(Backdrop(place=Place.SEA, hour=hour)), moon)[60, 100]
        for hour in (Hour.DAY, Hour.NIGHT)
    )
    assert (day == night).all()


def test_a_place_shows_its_own_moon_only_where_none_was_asked_for(
    painted: Callable[..., Painted],
) -> None:
    night = at(Backdrop(place=Place.SEA, hour=Hour.NIGHT))
    asked = DrawingLayer(Box(10, 10, 20, 20), "crescent-moon")
    corner = (slice(10, 45), slice(130, 180))
    assert painted(night)[corner].max(axis=2).mean() > (
        painted(night, asked)[corner].max(axis=2).mean() + 10
    )


@pytest.mark.parametrize("finish", list(Finish))
def test_every_finish_paints_a_panel_and_a_drawing(
    painted: Callable[..., Painted], finish: Finish
) -> None:
    ink = Ink(colours=("#c9a227",), finish=finish)
    plain = painted(ground())
    assert (painted(ground(), PanelLayer(Box(20, 20, 90, 90), ink, 8.0)) != plain).any()
    assert (painted(ground(), DrawingLayer(Box(20, 20, 90, 90), "star", ink)) != plain).any()


@pytest.mark.parametrize("style", list(Style))
def test_every_style_keeps_a_dark_shape_apart_from_its_light_ground(
    painted: Callable[..., Painted], style: Style
) -> None:
    dark = PanelLayer(Box(60, 60, 70, 70), Ink(colours=("#15204a",)))
    found = painted(ground("#fff4d6"), dark, style=style).astype(int).sum(axis=2)
    assert abs(found[70:120, 70:120].mean() - found[5:40, 5:40].mean()) > 40


def test_shadow_of_a_panel_falls_outside_it(painted: Callable[..., Painted]) -> None:
    box, ink = Box(60, 60, 70, 50), Ink(colours=("#ffffff",))
    flat = painted(ground("#eeeeee"), PanelLayer(box, ink))
    raised = painted(ground("#eeeeee"), PanelLayer(box, ink, shadow=True))
    assert raised[111:113, 90].mean() < flat[111:113, 90].mean() - 5
    assert (raised[80, 90] == flat[80, 90]).all()


def test_a_boat_lies_in_this_places_water(painted: Callable[..., Painted]) -> None:
    boat = DrawingLayer(Box(60, 60, 100, 100), "sailboat")
    sunset = painted(at(Backdrop(place=Place.SEA, hour=Hour.SUNSET)), boat).astype(int)
    bright_blue = (sunset[..., 2] > 190) & (sunset[..., 0] < 60)
    assert not bright_blue.any()
    alone = painted(ground("#ffffff"), boat).astype(int)
    assert ((alone[..., 2] > 190) & (alone[..., 0] < 60)).sum() > 300


def test_details_of_a_place_keep_off_the_words(painted: Callable[..., Painted]) -> None:
    place = at(Backdrop(place=Place.SEA, hour=Hour.NIGHT))
    words = TextLayer(Box(130, 15, 50, 25), ("Hi",), "Inter", 20, Ink(colours=("#000000",)))
    assert painted(place)[15:40, 130:180].max() > 230  # the moon
    assert painted(place, words)[10:45, 120:190].max() < 200


def test_pictures_painted_side_by_side_do_not_disturb_each_other() -> None:
    def one(hour: Hour) -> bytes:
        layers = Layers(
            256,
            256,
            Style.FLAT,
            (
                at(Backdrop(place=Place.LAKE, hour=hour), (256, 256)),
                DrawingLayer(Box(60, 120, 120, 120), "cat", shadow=True),
                TextLayer(Box(20, 20, 200, 50), ("Hello",), "Inter", 40, Ink(colours=("#fff",))),
            ),
        )
        return bytes(paint(layers, seed=3, pictures={}.__getitem__).data)

    alone = {hour: one(hour) for hour in Hour}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one, list(Hour) * 4))
    assert together == [alone[hour] for hour in Hour] * 4


def test_a_plain_ground_is_plain_and_catches_light_only_under_gold(
    painted: Callable[..., Painted],
) -> None:
    def under(finish: Finish, colour: str) -> Painted:
        gold = Ink(colours=("#d4af37",), finish=finish)
        words = TextLayer(Box(70, 90, 50, 20), ("Hi",), "Inter Bold", 20, gold)
        return painted(ground(colour), words)[:60]

    assert (under(Finish.FLAT, "#8b0000") == (0x8B, 0, 0)).all()
    assert (under(Finish.METAL, "#ffffff") == 255).all()
    lit = under(Finish.METAL, "#8b0000").astype(int)
    assert 2 < np.ptp(lit[..., 0]) < 60
    assert np.abs(np.diff(lit[..., 0], axis=1)).max() <= 2


def test_what_is_cut_is_hidden_below_and_what_is_lifted_has_an_edge(
    painted: Callable[..., Painted],
) -> None:
    box = Box(60, 60, 80, 80)
    empty = painted(ground("#fffdd0"))
    whole = painted(ground("#fffdd0"), DrawingLayer(box, "blossom"))
    half = painted(ground("#fffdd0"), DrawingLayer(box, "blossom", cut=100))
    assert (half[102:] == empty[102:]).all()
    assert (half[:98] == whole[:98]).all()
    lifted = painted(ground("#fffdd0"), DrawingLayer(box, "blossom", lift="#b09070"))
    changed = (lifted != empty).any(axis=2)
    assert changed.sum() > (whole != empty).any(axis=2).sum()
