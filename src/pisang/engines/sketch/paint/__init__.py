"""Paint: Layers become pixels. ``paint(layers, seed=..., pictures=...)`` is all one needs."""

from pisang.engines.sketch.paint.pipeline import Seen, paint

__all__ = ["Seen", "paint"]
