"""What is seen through a room's window: small, pale, standing on the sill's line."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster, Copy
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.layout.troupe import Performer

__all__ = ["behind_glass"]

_AIRY = {Habitat.SKY, Habitat.AIR}


def behind_glass(part: Sequence[Performer], window: Box) -> Cluster:
    """Seen through the window: small, side by side, feet on its lower edge, sky things above."""
    pane = Box(
        window.x + window.width * 0.1,
        window.y + window.height * 0.1,
        window.width * 0.8,
        window.height * 0.82,
    )
    copies: list[Copy] = []
    step = pane.width / len(part)
    for number, p in enumerate(part):
        box = p.cluster.box
        share = 0.42 if p.home in _AIRY else 0.72
        scale = min(step * 0.9 / box.width, pane.height * share / box.height)
        x = pane.x + step * (number + 0.5)
        foot = pane.bottom if p.home not in _AIRY else pane.y + box.height * scale
        big = p.cluster.scaled(scale)
        dy = foot - big.box.bottom
        copies += big.moved(x - big.box.centre[0], dy).lifted().copies
    return Cluster(tuple(copies)).hazy(0.1)
