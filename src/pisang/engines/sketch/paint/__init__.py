"""Paint: Layers become pixels. ``paint(layers, seed=..., pictures=...)`` is all one needs."""

from pisang.engines.sketch.paint.pipeline import paint

__all__ = ["paint"]
