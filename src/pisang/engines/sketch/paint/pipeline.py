"""From Layers to Pixels: each kind of layer has its painter, called back to front.

Vectors gather on the easel's sheet, pixel work draws the sheet first; see ``easel``. The same
layers and seed give the same bytes, on any number of threads: nothing here asks for a clock, a
global random number or a shared state.

A picture without a ground is painted twice, on white and on black: where the two differ, the ground
shows through. So every painter, blur and shadow is right on it, and none has to know of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

import numpy as np
import pyvips

from pisang.core.image import Pixels
from pisang.engines.sketch.layers import (
    BackdropLayer,
    DrawingLayer,
    EffectLayer,
    Layer,
    Layers,
    PanelLayer,
    PictureLayer,
    TextLayer,
    VectorLayer,
)
from pisang.engines.sketch.paint import backdrop, drawing, panel, pictures, places, styles
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects import draw_effect
from pisang.engines.sketch.paint.laying import Bytes
from pisang.engines.sketch.paint.text import text_washes
from pisang.engines.sketch.vocabulary import EffectKind, Finish

# Every operation here is used once: a cache of them would only hold on to large pictures.
pyvips.cache_set_max(0)


Seen = Callable[[Pixels], None]

_STRIP = 256  # rows


def paint(
    layers: Layers,
    *,
    seed: int,
    pictures: Callable[[str], bytes],
    transparent: bool = False,
    previews: int = 0,
    seen: Seen = lambda _: None,
) -> Pixels:
    """Paints a picture; ``transparent`` leaves its ground out (four bands then, not three).

    ``pictures`` gives the file of a supplied picture by its digest. ``seen`` is shown the picture
    up to ``previews`` times before it is finished. Raises MalformedRequest for a supplied picture
    that cannot be decoded.
    """
    if transparent:
        items = tuple(item for item in layers.items if not isinstance(item, BackdropLayer))
        layers = replace(layers, items=items)
    easels = [_easel(layers, seed)]
    if transparent:
        easels.append(_easel(layers, seed))
        easels[1].ground(np.zeros((layers.height, layers.width, 3), np.uint8))
    stops = _stops(len(layers.items), previews)
    for count, item in enumerate(layers.items):
        if count in stops:
            seen(_finished(layers, easels[0], [easel.so_far() for easel in easels]))
        for easel in easels:
            _paint_one(easel, item, pictures)
    return _finished(layers, easels[0], [easel.pixels for easel in easels])


def _easel(layers: Layers, seed: int) -> Easel:
    easel = Easel(layers.width, layers.height, seed)
    easel.orb = not any(_shows_orb(item) for item in layers.items)
    easel.words = tuple(item.box for item in layers.items if isinstance(item, TextLayer))
    easel.gilded = any(
        isinstance(item, TextLayer) and item.ink.finish is Finish.METAL for item in layers.items
    )
    easel.weather = next(filter(None, map(_weather, layers.items)), None)
    return easel


def _stops(items: int, previews: int) -> frozenset[int]:
    """Before which items the picture is shown: evenly spread, the first when the ground is there.
    A picture of few layers has fewer."""
    return frozenset(
        max(round(items * number / (previews + 1)), 1) for number in range(1, previews + 1)
    )


def _finished(layers: Layers, easel: Easel, painted: Sequence[Bytes]) -> Pixels:
    """The picture in its style, from what was painted on white, and on black where its ground is to
    be left out."""
    pixels = styles.apply(painted[0], layers.style, seed=easel.seed, unit=easel.unit)
    if len(painted) > 1:
        pixels = _cut_out(pixels, *painted)
    plain = np.ascontiguousarray(pixels).reshape(-1)
    return Pixels(layers.width, layers.height, pixels.shape[2], plain.data.toreadonly())


def _cut_out(styled: Bytes, light: Bytes, dark: Bytes) -> Bytes:
    """The styled picture without the white it was painted on: four bands, not premultiplied.

    It goes in strips, because whole pictures of floats would take gigabytes at 4K.
    """
    cut = np.zeros((*light.shape[:2], 4), np.uint8)
    for top in range(0, len(cut), _STRIP):
        rows = slice(top, top + _STRIP)
        through = np.max(light[rows].astype(np.int16) - dark[rows], axis=2)
        cover = 255 - np.clip(through, 0, 255)
        share = np.maximum(cover, 1).astype(np.float32)[..., None] / 255
        colour = (styled[rows] - 255 * (1 - share)) / share
        cut[rows, :, :3] = np.where(cover[..., None], np.clip(colour + 0.5, 0, 255), 0)
        cut[rows, :, 3] = cover
    return cut


def _shows_orb(item: Layer) -> bool:
    """Whether a layer is a sun or moon of its own, so that the place must not add a second."""
    return isinstance(item, DrawingLayer) and bool(
        {"sun", "moon", "sunrise", "sunset"} & set(item.drawing.split("-"))
    )


def _weather(item: Layer) -> EffectKind | None:
    """The weather a layer will bring, for the sky to know."""
    kind = item.effect.kind if isinstance(item, EffectLayer) else None
    return kind if kind in (EffectKind.LIGHTNING, EffectKind.RAIN, EffectKind.SNOW) else None


def _paint_one(easel: Easel, item: Layer, files: Callable[[str], bytes]) -> None:
    match item:
        case BackdropLayer():
            if item.backdrop.place is None:
                backdrop.draw(easel, item)
            else:
                places.draw(easel, item)
        case DrawingLayer():
            drawing.draw(easel, item)
        case PanelLayer():
            panel.draw(easel, item)
        case VectorLayer():
            panel.vector(easel, item)
        case TextLayer():
            for wash in text_washes(item):
                easel.wash(wash)
        case PictureLayer():
            pictures.draw(easel, item, files(item.digest))
        case EffectLayer():
            draw_effect(easel, item)
        case _:
            assert_never(item)
