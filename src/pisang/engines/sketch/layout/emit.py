"""Turns what stands on the stage into layers for paint."""

from __future__ import annotations

from pisang.engines.sketch.layers import DrawingLayer, Layer, PictureLayer
from pisang.engines.sketch.layout.clusters import Copy
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.scene import Thing

__all__ = ["layers_of"]


def layers_of(stage: Stage, *, shadows: bool) -> list[Layer]:
    """The stage as layers, back to front."""
    return [
        _layer(copy, shadow=shadows and copy.grounded)
        for cluster in stage.clusters
        for copy in cluster.copies
    ]


def _layer(copy: Copy, *, shadow: bool) -> Layer:
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
            cut=copy.cut,
        )
    return PictureLayer(copy.box, what.digest, what.framing, what.edits, shadow=True)
