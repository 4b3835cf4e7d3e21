"""What blocks are made of: a set line of text, a card, an icon, a number written as people do."""

from __future__ import annotations

from dataclasses import dataclass

from pisang.engines.sketch import typeset
from pisang.engines.sketch.layers import Box, DrawingLayer, Layer, PanelLayer, TextLayer
from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import READS, contrast, inks, mixed
from pisang.engines.sketch.scene import Block

__all__ = ["Kit", "icon", "kit_for", "number", "on_colour", "part", "written"]


@dataclass(frozen=True, slots=True)
class Kit:
    """Colours of one block: ``accent`` is its own, ``tint`` a pale one for fills behind it."""

    page: Page
    panel: str
    ink: str
    quiet: str
    accent: str
    tint: str
    line: str
    series: tuple[str, ...]


def kit_for(page: Page, block: Block | None = None, place: int = 0) -> Kit:
    """The colours for the block at a place in the row; its own ink wins."""
    palette = page.palette
    own = block.ink.colours[0] if block is not None and block.ink else None
    accent = own or palette.accents[place % len(palette.accents)]
    ink = palette.ink
    if contrast(ink, palette.panel) < READS:
        ink = on_colour(palette.panel)
    return Kit(
        page=page,
        panel=palette.panel,
        ink=ink,
        quiet=mixed(ink, palette.panel, 0.35),
        accent=accent,
        tint=mixed(palette.panel, accent, 0.14),
        line=mixed(palette.panel, ink, 0.14),
        series=(accent, *(one for one in palette.accents if one != accent)),
    )


def on_colour(ground: str) -> str:
    """White or near black, whichever reads better on the ground."""
    return "#ffffff" if contrast("#ffffff", ground) >= 3.2 else "#14182a"


def written(
    words: str,
    box: Box,
    *,
    colour: str,
    most: float,
    bold: bool = False,
    align: str = "left",
    valign: float = 0.5,
    rows: int = 4,
) -> list[TextLayer]:
    """Words set inside a box, or nothing for no words."""
    if not words.strip() or box.width <= 1e-3 or box.height <= 1e-3:
        return []
    rtl = typeset.is_rtl(words)
    if rtl and align == "left":
        align = "right"
    setting = typeset.Setting(
        typeset.font_for(words, "bold" if bold else "sans"), spacing=1.02, align=align, rtl=rtl
    )
    found = typeset.fit(words, setting, width=box.width, height=box.height, most=most, rows=rows)
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[align]
    at = Box(
        box.x + (box.width - found.width) * share,
        box.y + (box.height - found.height) * valign,
        found.width,
        found.height,
    )
    return [
        TextLayer(
            at,
            found.lines,
            setting.font,
            found.pixels,
            inks(colour),
            align=align,
            spacing=setting.spacing,
            rtl=rtl,
        )
    ]


def icon(drawing: str | None, box: Box) -> list[Layer]:
    """A drawing as large as fits in the middle of a box."""
    if drawing is None:
        return []
    shape = nature.aspect(drawing)
    wide = min(box.width, box.height * shape)
    high = wide / shape
    x, y = box.centre
    return [DrawingLayer(Box(x - wide / 2, y - high / 2, wide, high), drawing)]


def part(kit: Kit, box: Box, *, radius: float, shadow: bool = True) -> PanelLayer:
    """The card a block stands on."""
    return PanelLayer(box, inks(kit.panel), radius=radius, shadow=shadow)


def number(value: float) -> str:
    """A value without needless digits: 1,200 and 3.5."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
