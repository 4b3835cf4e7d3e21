"""What blocks are made of: a set line of text, a card, an icon, a number written as people do."""

from __future__ import annotations

from dataclasses import dataclass

from pisang.engines.sketch import typeset
from pisang.engines.sketch.layers import Box, DrawingLayer, Layer, PanelLayer, TextLayer
from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.blocks.glyphs import glyph
from pisang.engines.sketch.layout.page import Page, inner
from pisang.engines.sketch.layout.palettes import READS, contrast, inks, mixed
from pisang.engines.sketch.scene import Block

__all__ = [
    "Kit",
    "disc_icon",
    "icon",
    "kit_for",
    "number",
    "on_colour",
    "part",
    "shaded_rows",
    "written",
]


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
    faint: str
    strong: str
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
        line=mixed(palette.panel, ink, 0.12),
        faint=mixed(palette.panel, ink, 0.24),
        strong=accent if contrast(accent, palette.panel) >= 3 else ink,
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


def disc_icon(kit: Kit, drawing: str | None, box: Box) -> list[Layer]:
    """A drawing on a disc of the pale tint; nothing for none."""
    if drawing is None:
        return []
    disc = PanelLayer(box, inks(kit.tint), radius=min(box.width, box.height) / 2)
    return [disc, *icon(drawing, inner(box, box.width * 0.18, box.height * 0.18))]


def shaded_rows(kit: Kit, box: Box, *, count: int = 0) -> list[Layer]:
    """Rows nobody described: a tinted picture and two bars each, as wire frames have them."""
    step = min(box.height / (count or 4), box.width * 0.22)
    many = count or max(int(box.height / step), 1)
    step = min(box.height / many, step * 1.2)
    out: list[Layer] = []
    for at in range(many):
        side = step * 0.7
        tile = Box(box.x, box.y + step * at + (step - side) / 2, side, side)
        left, thick = tile.right + side * 0.3, side * 0.2
        wide = box.right - left
        out += [
            PanelLayer(tile, inks(mixed(kit.panel, kit.series[at % len(kit.series)], 0.22)),
                       radius=side * 0.24),
            glyph("picture", inner(tile, side * 0.28), kit.series[at % len(kit.series)]),
            PanelLayer(Box(left, tile.y + side * 0.16, wide * (0.62, 0.5, 0.7)[at % 3], thick),
                       inks(kit.faint), radius=thick / 2),
            PanelLayer(Box(left, tile.bottom - side * 0.14 - thick * 0.8,
                           wide * (0.86, 0.74, 0.8)[at % 3], thick * 0.8),
                       inks(kit.line), radius=thick * 0.4),
        ]  # fmt: skip
    return out


def part(kit: Kit, box: Box, *, radius: float, shadow: bool = True) -> PanelLayer:
    """The card a block stands on."""
    return PanelLayer(box, inks(kit.panel), radius=radius, shadow=shadow)


def number(value: float) -> str:
    """A value without needless digits: 1,200 and 3.5."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")
