"""From Layers to Pixels: each kind of layer has its painter, called back to front.

Vectors gather on the easel's sheet, pixel work draws the sheet first; see ``easel``. The same
layers and seed give the same bytes, on any number of threads: nothing here asks for a clock, a
global random number or a shared state.
"""

from collections.abc import Callable
from typing import assert_never

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
from pisang.engines.sketch.paint.text import text_washes
from pisang.engines.sketch.vocabulary import EffectKind, Finish

# Every operation here is used once: a cache of them would only hold on to large pictures.
pyvips.cache_set_max(0)


def paint(layers: Layers, *, seed: int, pictures: Callable[[str], bytes]) -> Pixels:
    """Paints a picture.

    ``pictures`` gives the file of a supplied picture by its digest. Raises MalformedRequest for a
    supplied picture that cannot be decoded.
    """
    easel = Easel(layers.width, layers.height, seed)
    easel.orb = not any(_shows_orb(item) for item in layers.items)
    easel.words = tuple(item.box for item in layers.items if isinstance(item, TextLayer))
    easel.gilded = any(
        isinstance(item, TextLayer) and item.ink.finish is Finish.METAL for item in layers.items
    )
    easel.weather = next(filter(None, map(_weather, layers.items)), None)
    for item in layers.items:
        _paint_one(easel, item, pictures)
    finished = styles.apply(easel.pixels, layers.style, seed=easel.seed, unit=easel.unit)
    return Pixels(layers.width, layers.height, 3, finished.reshape(-1).data.toreadonly())


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
