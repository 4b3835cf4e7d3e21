"""Paints words: each line's glyphs as a mask, the ink poured through it, light and shade around it.

Everything happens on the text's own box, never on the whole picture. Lines are drawn at their
final size, so letters are crisp at 4K; blurred things (glow, shadow) are made small and blown up,
because nobody sees the difference and it costs a tenth. Metal is poured line by line: every line
catches the light at the same height of its letters.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyvips

from pisang.engines.sketch import drawings, typeset
from pisang.engines.sketch.layers import Box, TextLayer
from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.colour import lightness, mix, rgb, shade
from pisang.engines.sketch.paint.laying import Bytes, Wash, array, image
from pisang.engines.sketch.vocabulary import Finish

__all__ = ["text_washes"]

_RAINBOW = ("#ff4d5a", "#ff9a3d", "#ffd93d", "#4fd26b", "#3fa9ff", "#7a5cff", "#d45cff")
# Where the light falls on a metal letter, top to bottom: (offset, step of
# lightness, times chroma, turn of hue in degrees: shaded gold goes towards brown, not green).
_METAL = (
    (0.00, 0.17, 0.60, 4),
    (0.22, 0.09, 0.90, 2),
    (0.46, -0.03, 1.08, -4),
    (0.54, -0.11, 1.08, -10),
    (0.64, -0.02, 1.08, -5),
    (0.80, 0.13, 0.75, 2),
    (1.00, -0.08, 1.12, -9),
)
_PAD = {"glow": 0.9, "shadow": 0.35, "outline": 0.12}  # in em


def text_washes(layer: TextLayer) -> list[Wash]:
    """Draws a text layer as washes to be laid one over the other, lowest first.

    They are glow, shadow, outline, letters and emoji; laying four costs less than composing them.
    """
    pad = math.ceil(layer.pixels * max([0.06] + [v for k, v in _PAD.items() if _has(layer, k)]))
    left, top = math.floor(layer.box.x) - pad, math.floor(layer.box.y) - pad
    width = math.ceil(layer.box.width) + 2 * pad + 2
    height = math.ceil(layer.box.height) + 2 * pad + 2
    setting = typeset.Setting(layer.font, layer.spacing, layer.tracking, layer.align, rtl=layer.rtl)
    lines = typeset.block(layer.lines, setting, pixels=layer.pixels).places
    corner = (layer.box.x - left, layer.box.y - top)
    rows = [
        Box(place.x + corner[0], place.y + corner[1], place.width, place.height) for place in lines
    ]
    mask = _mask(layer, setting, rows, (width, height))
    letters = array(mask)[..., 0]
    washes = [Wash(colour, cover, left, top) for colour, cover in _under(layer, mask)]
    washes.append(Wash(_colours(layer, rows, (width, height)), letters, left, top))
    washes += _emoji(layer, setting, rows, (left, top))
    if layer.turn:
        middle = (left + width / 2, top + height / 2)
        return [_turned(wash, layer.turn, middle) for wash in washes]
    return washes


def _has(layer: TextLayer, what: str) -> bool:
    if what == "glow":
        return layer.glow is not None or layer.ink.finish is Finish.NEON
    return bool(getattr(layer, what))


def _mask(
    layer: TextLayer,
    setting: typeset.Setting,
    rows: Sequence[Box],
    size: tuple[int, int],
) -> pyvips.Image:
    """One band, 0-255: how much ink each pixel takes."""
    canvas = pyvips.Image.black(*size)
    for line, row in zip(layer.lines, rows, strict=True):
        words = typeset.markup(line, setting, layer.pixels)
        ink = typeset.letters_ink(line, setting)
        if ink is None:
            continue
        drawn = pyvips.Image.text(words, font=f"{layer.font} {layer.pixels:.2f}", dpi=72)
        at = row.x + (ink.x - typeset.line_ink(line, setting).x) * layer.pixels / typeset.EM
        up = row.y + (ink.y - typeset.line_ink(line, setting).y) * layer.pixels / typeset.EM
        placed = drawn.embed(round(at), round(up), *size)
        canvas = (canvas > placed).ifthenelse(canvas, placed)
    if layer.ink.finish is Finish.CHALK:
        canvas = _chalky(canvas, layer.pixels)
    return canvas.cast("uchar").copy_memory()


def _chalky(mask: pyvips.Image, pixels: float) -> pyvips.Image:
    """Knocks grains out of the letters, as a rough board does."""
    grain = max(round(pixels / 60), 1)
    noise = np.random.default_rng(7).normal(
        0.74, 0.3, (mask.height // grain + 1, mask.width // grain + 1)
    )
    cover = np.clip(noise, 0.12, 1.0).astype(np.float32)
    rough = pyvips.Image.new_from_memory(
        cover.tobytes(), cover.shape[1], cover.shape[0], 1, "float"
    )
    if grain > 1:
        rough = rough.resize(grain, kernel="linear")
    return (mask * rough.embed(0, 0, mask.width, mask.height, extend="mirror")).cast("uchar")


def _colours(layer: TextLayer, rows: Sequence[Box], size: tuple[int, int]) -> Bytes:
    """The ink before the letters cut it out, as a wash takes it."""
    ink = layer.ink
    if ink.finish is Finish.METAL:
        return _banded(metal_stops(ink.colours), rows, size[1])
    colours = ink.colours
    if ink.finish is Finish.RAINBOW and len(colours) == 1:
        colours = _RAINBOW
    if ink.finish is Finish.NEON:
        colours = tuple(mix(colour, "#ffffff", 0.72) for colour in colours)
    if len(colours) == 1:
        return _plain(colours[0])
    return _across(_spread(colours), rows, size[0])


def rows_left(rows: Sequence[Box]) -> float:
    return min(row.x for row in rows)


def rows_right(rows: Sequence[Box]) -> float:
    return max(row.right for row in rows)


def metal_stops(colours: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    """The bands of a metal: one colour is lit and shaded, several are taken as the bands."""
    if len(colours) > 2:
        return _spread(colours)
    base = colours[0] if len(colours) == 1 else mix(colours[0], colours[1], 0.5)
    if lightness(base) < 0.55:  # a dark word for a metal still has to shine
        base = shade(base, 0.6 - lightness(base))
    return tuple((at, shade(base, step, chroma, hue)) for at, step, chroma, hue in _METAL)


def _spread(colours: tuple[str, ...]) -> tuple[tuple[float, str], ...]:
    last = max(len(colours) - 1, 1)
    return tuple((at / last, colour) for at, colour in enumerate(colours))


def _across(stops: tuple[tuple[float, str], ...], rows: Sequence[Box], width: int) -> Bytes:
    """A gradient from the first letter to the last."""
    left, right = rows_left(rows), rows_right(rows)
    return _interpolated(stops, (np.arange(width) - left) / max(right - left, 1))[None]


def _interpolated(
    stops: tuple[tuple[float, str], ...], at: npt.NDArray[np.floating]
) -> npt.NDArray[np.uint8]:
    offsets = [offset for offset, _ in stops]
    table = [rgb(colour) for _, colour in stops]
    bands = [np.interp(at, offsets, [row[band] for row in table]) for band in range(3)]
    return np.round(np.stack(bands, axis=-1)).astype(np.uint8)


def _banded(stops: tuple[tuple[float, str], ...], rows: Sequence[Box], height: int) -> Bytes:
    """A vertical gradient that starts anew for every line, changing half-way between two."""
    down = np.arange(height, dtype=np.float64)
    at = np.zeros(height)
    for number, row in enumerate(rows):
        upper = (rows[number - 1].bottom + row.y) / 2 if number else -1.0
        here = down >= upper
        at[here] = (down[here] - row.y) / max(row.height, 1)
    return _interpolated(stops, np.clip(at, 0, 1))[:, None]


def _plain(colour: str) -> Bytes:
    return np.array(rgb(colour), np.uint8).reshape(1, 1, 3)


def _under(layer: TextLayer, mask: pyvips.Image) -> list[tuple[Bytes, Bytes]]:
    """What lies beneath the letters, lowest first: glow, shadow, outline; colour and mask each."""
    out: list[tuple[Bytes, Bytes]] = []
    glow = layer.glow or (layer.ink if layer.ink.finish is Finish.NEON else None)
    if glow is not None:
        colour = _plain(glow.colours[len(glow.colours) // 2])
        for radius, strength in ((0.26, 0.8), (0.09, 1.0)):
            out.append((colour, _blurred(mask, layer.pixels * radius, strength * 1.6)))
    if layer.shadow:
        drop = round(layer.pixels * 0.035)
        soft = _blurred(mask, layer.pixels * 0.05, 0.85, moved=(round(drop * 0.4), drop))
        out.append((_plain("#0a0a14"), soft))
    if layer.outline is not None or layer.ink.finish is Finish.NEON:
        inks = layer.outline.colours if layer.outline else layer.ink.colours
        fat = _fattened(mask, layer.pixels * (0.045 if layer.outline else 0.022))
        out.append((_plain(inks[0]), fat))
    return out


def _blurred(
    mask: pyvips.Image, sigma: float, strength: float, *, moved: tuple[int, int] = (0, 0)
) -> Bytes:
    """A soft copy of a mask, made at the size where the blur is a few pixels wide."""
    across, down = moved
    size = (mask.width, mask.height)
    step = max(int(sigma / 3), 1)
    if step == 1:
        soft = (mask.gaussblur(max(sigma, 0.5)) * strength).cast("uchar")
        return array(soft.embed(across, down, *size))[..., 0]
    full = (-(-mask.width // step) * step, -(-mask.height // step) * step)
    small = mask.embed(across, down, *full).shrink(step, step)
    soft = (small.gaussblur(max(sigma / step, 0.5)) * strength).cast("uchar")
    return field.enlarged(array(soft)[..., 0], step)[: mask.height, : mask.width]


def _fattened(mask: pyvips.Image, by: float) -> Bytes:
    """The mask grown by some pixels with a smooth edge: a narrow blur, made steep again."""
    soft = mask.gaussblur(max(by * 0.8, 0.6), precision="integer")
    return array(((soft.cast("float") - 14) * 6.0).cast("uchar"))[..., 0]


def _emoji(
    layer: TextLayer,
    setting: typeset.Setting,
    rows: Sequence[Box],
    corner: tuple[int, int],
) -> list[Wash]:
    scale = layer.pixels / typeset.EM
    out = []
    for line, row in zip(layer.lines, rows, strict=True):
        ink = typeset.line_ink(line, setting)
        for gap in ink.gaps:
            drawing = drawings.get(gap.drawing)
            side = max(round(layer.pixels * typeset.EMOJI), 1)
            svg = (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
                f'viewBox="0 0 {drawing.width} {drawing.height}">{drawing.body}</svg>'
            )
            pixels = array(pyvips.Image.svgload_buffer(svg.encode()))
            at = (row.x + (gap.x - ink.x) * scale, row.y + (gap.y - ink.y) * scale)
            spot = (corner[0] + round(at[0]), corner[1] + round(at[1]))
            out.append(Wash(pixels[..., :3], pixels[..., 3], *spot))
    return out


def _turned(wash: Wash, angle: float, pivot: tuple[float, float]) -> Wash:
    """A wash turned about a point of the picture."""
    high, wide = wash.mask.shape
    colours = np.broadcast_to(wash.colours, (high, wide, 3))
    flat = image(np.ascontiguousarray(np.dstack([colours, wash.mask])))
    turned = flat.premultiply().similarity(angle=angle, background=[0, 0, 0, 0]).unpremultiply()
    pixels = array(turned)
    arm = complex(wash.left + wide / 2 - pivot[0], wash.top + high / 2 - pivot[1])
    middle = complex(*pivot) + arm * cmath.exp(1j * math.radians(angle))
    left, top = round(middle.real - turned.width / 2), round(middle.imag - turned.height / 2)
    return Wash(pixels[..., :3], pixels[..., 3], left, top)
