"""Words are painted where the layer says, in the ink it says, whole at every size."""

import numpy as np
import pytest

from pisang.engines.sketch import fonts, typeset
from pisang.engines.sketch.layers import Box, TextLayer
from pisang.engines.sketch.paint.laying import image
from pisang.engines.sketch.paint.text import text_washes
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Finish

fonts.setup()


def _layer(
    words: str = "Jolly good",
    *,
    style: str = "bold",
    pixels: float = 80.0,
    ink: Ink | None = None,
    glow: Ink | None = None,
    shadow: bool = False,
    outline: Ink | None = None,
    turn: float = 0.0,
) -> TextLayer:
    rtl = typeset.is_rtl(words)
    setting = typeset.Setting(typeset.font_for(words, style), rtl=rtl)
    lines = tuple(words.splitlines())
    found = typeset.block(lines, setting, pixels=pixels)
    return TextLayer(
        Box(100.3, 60.7, found.width, found.height),
        lines,
        setting.font,
        pixels,
        ink or Ink(colours=("#cc2244",)),
        glow=glow,
        shadow=shadow,
        outline=outline,
        turn=turn,
        rtl=rtl,
    )


def _drawn(layer: TextLayer) -> tuple[np.ndarray, Box]:
    """The pixels as RGBA, and the box of all that is not clear, in canvas coordinates."""
    washes = text_washes(layer)
    x, y = min(wash.left for wash in washes), min(wash.top for wash in washes)
    right = max(wash.left + wash.mask.shape[1] for wash in washes)
    bottom = max(wash.top + wash.mask.shape[0] for wash in washes)
    picture = image(np.zeros((bottom - y, right - x, 4), np.uint8))
    for wash in washes:
        colours = np.broadcast_to(wash.colours, (*wash.mask.shape, 3))
        part = image(np.ascontiguousarray(np.dstack([colours, wash.mask])))
        at = {"x": wash.left - x, "y": wash.top - y}
        picture = picture.composite2(part, "over", compositing_space="srgb", **at)
    pixels = picture.cast("uchar").numpy()
    rows, columns = np.nonzero(pixels[..., 3] > 8)
    box = Box(x + columns.min(), y + rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1)
    return pixels, box


@pytest.mark.parametrize("pixels", [14.0, 80.0, 611.3])
@pytest.mark.parametrize(
    ("words", "style"),
    [
        ("Jolly good", "script"),
        ("two\nlines", "display"),
        ("سعيد", "bold"),
        ("ภาษาไทย", "bold"),
    ],
)
def test_ink_fills_the_box_and_is_never_clipped(words: str, style: str, pixels: float) -> None:
    layer = _layer(words, style=style, pixels=pixels)
    _, box = _drawn(layer)
    slack = 2 + pixels * 0.03
    assert abs(box.x - layer.box.x) <= slack
    assert abs(box.y - layer.box.y) <= slack
    assert abs(box.right - layer.box.right) <= slack
    assert abs(box.bottom - layer.box.bottom) <= slack


@pytest.mark.parametrize("pixels", [14.0, 80.0, 611.3])
def test_emoji_stand_in_their_gap_inside_the_box(pixels: float) -> None:
    layer = _layer("I ❤️ you", pixels=pixels, ink=Ink(colours=("#111111",)))
    image, box = _drawn(layer)
    assert layer.box.grown(2).overlap(box) == box.width * box.height
    red = (image[..., 0] > 200) & (image[..., 1] < 90) & (image[..., 3] > 200)
    assert red.sum() > 0.3 * pixels**2


def test_flat_ink_is_exactly_that_colour() -> None:
    pixels, _ = _drawn(_layer())
    solid = pixels[pixels[..., 3] == 255]
    assert len(solid) > 500
    assert (solid[:, :3] == (0xCC, 0x22, 0x44)).all()


def test_metal_has_light_and_shade_from_top_to_bottom() -> None:
    gold = Ink(colours=("#d4af37",), finish=Finish.METAL)
    pixels, _ = _drawn(_layer("HHH", ink=gold, pixels=200))
    column = pixels[pixels.shape[0] // 2 :, :, :3][pixels[pixels.shape[0] // 2 :, :, 3] == 255]
    assert np.ptp(column.sum(axis=1)) > 80
    assert (column[:, 0] >= column[:, 2]).all()  # gold all the way, never blue


@pytest.mark.parametrize("finish", list(Finish))
def test_every_finish_paints(finish: Finish) -> None:
    pixels, _ = _drawn(_layer(ink=Ink(colours=("#ff2d95", "#2d95ff"), finish=finish)))
    assert (pixels[..., 3] > 200).sum() > 300


def test_shadow_glow_and_outline_reach_beyond_the_letters() -> None:
    _, plain = _drawn(_layer())
    for more in (
        _layer(shadow=True),
        _layer(glow=Ink(colours=("#ffff00",))),
        _layer(outline=Ink(colours=("#ffffff",))),
    ):
        _, box = _drawn(more)
        assert box.width > plain.width
        assert box.bottom > plain.bottom


def test_letters_that_look_like_markup_are_drawn() -> None:
    _, box = _drawn(_layer("<b>&amp;"))
    _, bare = _drawn(_layer("b"))
    assert box.width > 4 * bare.width


def test_turned_words_turn_about_their_middle() -> None:
    layer = _layer("turn", turn=90)
    _, box = _drawn(layer)
    assert box.height == pytest.approx(layer.box.width, abs=4)
    assert box.centre[0] == pytest.approx(layer.box.centre[0], abs=4)
    assert box.centre[1] == pytest.approx(layer.box.centre[1], abs=4)
