"""People at a counter, desk or table stand behind it; what is small stands on it.

These places are seen from the front: their whole ground is the table's top. A person drawn with
both feet on it would be a doll among the cups, so the back edge of the top cuts who is behind it.
"""

from __future__ import annotations

from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.troupe import Performer
from pisang.engines.sketch.scene import Thing
from pisang.engines.sketch.vocabulary import Depth, Genre, Slot

__all__ = ["SUNK", "line", "stands_behind"]

SUNK = 0.27  # the share of a body that the top hides
_LARGE = (0.8, 3.5)  # metres of beasts and furniture behind it; a larger one is a toy or model
_HEAVY = ("animal-", "household", "transport-ground")
_BEFORE = {Slot.BOTTOM_LEFT, Slot.BOTTOM, Slot.BOTTOM_RIGHT}


def line(page: Page) -> float | None:
    """The y of the top's back edge in pixels, None where the place has no such top."""
    surface = page.anchors.surface
    return surface.y if surface is not None and page.scene.genre is not Genre.EDIT else None


def stands_behind(p: Performer) -> bool:
    """True for people and for what is too large to stand on a table."""
    what = next((copy.what for copy in p.cluster.copies if copy.what.id == p.ident), None)
    if not isinstance(what, Thing) or p.home is not Habitat.GROUND:
        return False
    if p.depth is Depth.FOREGROUND or p.slot in _BEFORE:
        return False
    kind = nature.subgroup(what.drawing)
    if kind.startswith("person") or kind == "family":
        return True
    low, high = _LARGE
    return kind.startswith(_HEAVY) and low <= nature.metres(what.drawing) <= high
