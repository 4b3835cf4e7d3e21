"""How depth is drawn: what is far stands higher, smaller and paler; what is near, lower."""

from __future__ import annotations

from collections.abc import Mapping

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster
from pisang.engines.sketch.layout.page import Page, random_share
from pisang.engines.sketch.layout.troupe import Performer
from pisang.engines.sketch.vocabulary import Depth, Slot

__all__ = ["SCALES", "depth", "foot", "haze", "made_way"]

SCALES: Mapping[Depth | None, float] = {
    None: 1.0, Depth.MIDDLE: 1.0, Depth.FOREGROUND: 1.3, Depth.BACKGROUND: 0.75,
    Depth.DISTANCE: 0.42, Depth.OUTSIDE: 0.6,
}  # fmt: skip
_HAZES: Mapping[Depth | None, float] = {Depth.BACKGROUND: 0.14, Depth.DISTANCE: 0.42}
_LANDFORM = 2.4  # the stature from which a background thing belongs to the horizon: mountains
# How far down the ground something stands, 0 at the horizon, 1 at the picture's foot.
_FEET: Mapping[Depth | None, float] = {
    Depth.DISTANCE: 0.04, Depth.BACKGROUND: 0.16, Depth.FOREGROUND: 0.86, Depth.OUTSIDE: 0.1,
}  # fmt: skip


def depth(p: Performer) -> Depth | None:
    """Mountains and castles stand in the background unless something is said."""
    if p.depth is None and p.slot is None and p.stature > 2.3 and len(p.members) == 1:
        return Depth.BACKGROUND
    return p.depth


def haze(p: Performer) -> float:
    """How far it fades into the air, 0 to 1."""
    return 0.4 if _on_horizon(p) else _HAZES.get(depth(p), 0.0)


def _on_horizon(p: Performer) -> bool:
    """A volcano or mountain that is said to be in the background."""
    return p.depth is Depth.BACKGROUND and p.stature > _LANDFORM


def foot(page: Page, p: Performer, band: Box) -> float:
    """The y where it stands, in pixels, inside the band of ground."""
    shake = random_share(page, p.ident) - 0.5
    share = 0.03 if _on_horizon(p) else _FEET.get(depth(p))
    if share is None:
        share = 0.30 if p.stature > 1.5 else 0.52 if p.stature > 0.85 else 0.66
        share += 0.1 * shake
    if p.slot in (Slot.BOTTOM, Slot.BOTTOM_LEFT, Slot.BOTTOM_RIGHT):
        share = 0.85
    return band.y + band.height * share


def made_way(front: tuple[float, Cluster], far: Box, room: Box) -> list[tuple[float, Cluster]]:
    """One large thing steps aside, at most to the edge, until half of what is behind is seen."""
    low, cluster = front
    box = cluster.box
    side = 1 if box.centre[0] >= far.centre[0] else -1
    left = room.right - box.right if side > 0 else box.x - room.x
    steps = (cluster.moved(side * left * at / 8, 0.0) for at in range(9))
    seen = (one for one in steps if one.box.overlap(far) <= 0.5 * far.width * far.height)
    return [(low, next(seen, cluster.moved(side * max(left, 0.0), 0.0)))]
