"""Turns what stands on the stage into layers for paint."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layers import DrawingLayer, Layer, PictureLayer
from pisang.engines.sketch.layout.clusters import Copy
from pisang.engines.sketch.layout.palettes import contrast, luminance, mixed
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.scene import Thing

__all__ = ["layers_of"]


def layers_of(stage: Stage, *, shadows: bool, ground: Sequence[str] = ()) -> list[Layer]:
    """The stage as layers, back to front; ``ground`` are the colours of a plain page behind it."""
    return [
        _layer(copy, shadow=shadows and copy.grounded, ground=ground)
        for cluster in stage.clusters
        for copy in cluster.copies
    ]


def _layer(copy: Copy, *, shadow: bool, ground: Sequence[str]) -> Layer:
    what = copy.what
    if isinstance(what, Thing):
        return DrawingLayer(
            copy.box,
            what.drawing,
            ink=what.ink,
            flip=what.flip != copy.flip,
            turn=what.turn + copy.turn,
            shadow=shadow,
            haze=copy.haze,
            lift=_lift(what, ground),
            cut=copy.cut,
        )
    return PictureLayer(copy.box, what.digest, what.framing, what.edits, shadow=True)


_PALE = 0.6  # the luminance from which a colour is lost on a pale page
_ALIKE = 1.6  # the contrast below which it is


def _lift(what: Thing, ground: Sequence[str]) -> str | None:
    """A deeper tone of the page for pale things on a pale page: white flowers on cream."""
    if not ground or what.drawing.startswith("shape:"):
        return None
    own = what.ink.colours[0] if what.ink and what.ink.colours else _fill(what.drawing)
    page = max(ground, key=luminance)
    if min(luminance(own), luminance(page)) < _PALE or contrast(own, page) > _ALIKE:
        return None
    return mixed(page, "#5a4632", 0.3)


def _fill(drawing: str) -> str:
    try:
        return drawings.entry(drawing).fill
    except KeyError:
        return "#000000"
