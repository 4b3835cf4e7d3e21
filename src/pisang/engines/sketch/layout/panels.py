"""A quiet panel behind words that stand before a busy place: lamps, windows, shelves, facades.

Letters over such a background are hard to read however they are outlined. The panel takes the
picture's own darkest or lightest colour, whichever the asked inks read on.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.layers import PanelLayer, TextLayer
from pisang.engines.sketch.layout.page import Page, union
from pisang.engines.sketch.layout.palettes import inks, luminance, mixed, worst
from pisang.engines.sketch.scene import TextRun
from pisang.engines.sketch.vocabulary import Finish, Hour, Place

__all__ = ["PAD", "ground_for", "panel"]

PAD = 0.024  # what a panel stands out around its words, in units of the page
_BUSY = {
    Place.ROOM, Place.KITCHEN, Place.CAFE, Place.DESK, Place.LIBRARY, Place.CITY, Place.STREET,
    Place.FOREST,
}  # fmt: skip


def ground_for(page: Page, runs: Sequence[TextRun]) -> str | None:
    """The panel's colour, or None where words stand on the picture itself."""
    if page.scene.backdrop.place not in _BUSY or not runs:
        return None
    if any(_shining(run) for run in runs):
        return None
    dark = min((*page.palette.accents, "#22283f"), key=luminance)
    light = mixed(page.palette.ground[0], "#ffffff", 0.55)
    if luminance(light) < 0.5:
        light = "#fffaf0"
    night = page.scene.backdrop.hour is Hour.NIGHT
    own = luminance(min(page.scene.palette, key=luminance)) < 0.06 if page.scene.palette else False
    first, other = (dark, light) if night or own else (light, dark)
    asked = [colour for run in runs if run.ink for colour in run.ink.colours]
    return first if worst(first, asked) >= min(2.6, worst(other, asked)) else other


def _shining(run: TextRun) -> bool:
    """Neon and glowing letters are lamps themselves."""
    return run.glow or (run.ink is not None and run.ink.finish is Finish.NEON)


def panel(
    page: Page, members: Sequence[tuple[TextLayer, Sequence[PanelLayer]]], colour: str
) -> PanelLayer:
    """The panel behind the texts of one place and the pills among them."""
    boxes = [box for text, pills in members for box in (text.box, *(pill.box for pill in pills))]
    pad = PAD * page.unit
    return PanelLayer(
        union(boxes).grown(pad), inks(colour), radius=pad * 0.9, opacity=0.94, shadow=True
    )
