"""Cards of an infographic: steps, figures, lists, tables, timelines and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout.blocks import charts, steps
from pisang.engines.sketch.layout.blocks.glyphs import glyph
from pisang.engines.sketch.layout.blocks.parts import (
    Kit,
    disc_icon,
    icon,
    number,
    on_colour,
    part,
    shaded_rows,
    written,
)
from pisang.engines.sketch.layout.blocks.pictograms import pictured
from pisang.engines.sketch.layout.page import inner
from pisang.engines.sketch.layout.palettes import inks, mixed
from pisang.engines.sketch.scene import Block
from pisang.engines.sketch.vocabulary import BlockKind

__all__ = ["draw", "weight"]

# How much of a column a block wants, against a plain card.
_WEIGHTS: Mapping[BlockKind, float] = MappingProxyType(
    {
        BlockKind.BAR_CHART: 2.0,
        BlockKind.PIE_CHART: 2.0,
        BlockKind.LINE_CHART: 2.0,
        BlockKind.TABLE: 1.8,
        BlockKind.TIMELINE: 1.8,
        BlockKind.COMPARISON: 1.8,
        BlockKind.LIST: 1.5,
        BlockKind.STAT: 0.8,
    }
)


_MARKS = ("chart", "person", "heart", "cart")
_CHARTS = {BlockKind.BAR_CHART, BlockKind.LINE_CHART, BlockKind.PIE_CHART}


def weight(block: Block) -> float:
    """How large a block wants to be."""
    return _WEIGHTS.get(block.kind, 1.0)


def draw(kit: Kit, block: Block, box: Box, *, place: int, most: float) -> list[Layer]:
    """A block on its card; ``place`` counts steps from 0, ``most`` is the body's em size."""
    share = 0.062 if block.kind in _CHARTS else 0.16
    most = min(most, box.width * 0.1, box.height * share)
    pad = min(1.1 * most, box.width * 0.09, box.height * 0.09)
    card = part(kit, box, radius=min(0.9 * most, box.height * 0.14))
    body = inner(box, pad)
    if block.kind is BlockKind.STEP:
        return [card, *steps.step(kit, block, box, place)]
    if block.kind is BlockKind.STAT:
        return [card, *_stat(kit, block, body, place)]
    head, rest = _headed(kit, block, body, most)
    return [card, *head, *_BODIES.get(block.kind, _list)(kit, block, rest, most)]


def _headed(kit: Kit, block: Block, box: Box, most: float) -> tuple[list[Layer], Box]:
    """The label at the top of a card, and what is left below it."""
    if not block.label:
        return [], box
    tall = min(1.5 * most, box.height * 0.22)
    side = tall if block.drawing else 0.0
    gap = tall * 0.3 if side else 0.0
    out = icon(block.drawing, Box(box.x, box.y, side, tall))
    spot = Box(box.x + side + gap, box.y, box.width - side - gap, tall)
    out += written(block.label, spot, colour=kit.ink, most=most * 1.15, bold=True, rows=2)
    below = tall + min(0.8 * most, box.height * 0.08)
    return out, Box(box.x, box.y + below, box.width, box.height - below)


def _stat(kit: Kit, block: Block, box: Box, place: int) -> list[Layer]:
    """A big figure over what it counts, with its drawing in a disc; bars where nothing is said."""
    rest = list(block.items)
    figure = number(block.values[0]) if block.values else (rest.pop(0) if rest else "")
    label = block.label or " ".join(rest)
    if not figure:
        figure, label = label, ""
    if not figure:
        return _unsaid(kit, box, place)
    drawing = block.drawing or pictured(label or figure)
    out: list[Layer] = []
    lying = box.width > box.height * 1.5
    if drawing and lying:
        side = min(box.height * 0.8, box.width * 0.3)
        out += disc_icon(kit, drawing, Box(box.x, box.centre[1] - side / 2, side, side))
        box = Box(box.x + side * 1.2, box.y, box.width - side * 1.2, box.height)
    elif drawing:
        side = min(box.height * 0.36, box.width * 0.6)
        out += disc_icon(kit, drawing, Box(box.centre[0] - side / 2, box.y, side, side))
        box = Box(box.x, box.y + side * 1.1, box.width, box.height - side * 1.1)
    align = "left" if drawing and lying else "centre"
    head = Box(box.x, box.y, box.width, box.height * (0.58 if label else 1.0))
    foot = Box(box.x, box.y + box.height * 0.64, box.width, box.height * 0.32)
    out += written(figure, head, colour=kit.strong, most=box.height * 0.5, bold=True, align=align,
                   valign=0.7, rows=1)  # fmt: skip
    out += written(label, foot, colour=kit.quiet, most=box.height * 0.2, align=align, valign=0.2,
                   rows=2)  # fmt: skip
    return out


def _unsaid(kit: Kit, box: Box, place: int) -> list[Layer]:
    """A figure nobody gave: a mark, bars for number and name, and a small sample curve."""
    side = min(box.height * 0.42, box.width * 0.2)
    tile = Box(box.x, box.centre[1] - side / 2, side, side)
    x = tile.right + side * 0.4
    wide = (box.right - x) * 0.5
    bar, thin = side * 0.34, side * 0.2
    turn = place % 3
    heights = (0.3, 0.5, 0.4, 0.7, 0.6, 1.0)
    spark = Box(x + wide * 1.2, box.centre[1] - side * 0.5, wide * 0.75, side)
    step = spark.width / 5
    ends = (*heights[turn:], *heights[:turn]) if turn else heights
    way = "L".join(
        f"{spark.x + step * at:.2f} {spark.bottom - spark.height * share:.2f}"
        for at, share in enumerate(ends)
    )
    curve = (
        f'<path d="M{way}" fill="none" stroke="{kit.accent}" stroke-width="{side * 0.09:.2f}"'
        f' stroke-linejoin="round" stroke-linecap="round"/>'
    )
    return [
        PanelLayer(tile, inks(kit.tint), radius=side * 0.3),
        glyph(_MARKS[place % len(_MARKS)], inner(tile, side * 0.24), kit.accent),
        PanelLayer(Box(x, tile.y + side * 0.08, wide * 0.8, bar), inks(kit.faint), radius=bar / 2),
        PanelLayer(Box(x, tile.bottom - side * 0.08 - thin, wide, thin), inks(kit.line),
                   radius=thin / 2),
        VectorLayer(spark, curve),
    ]  # fmt: skip


def _list(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Rows that fill the box, each with a drawing, or a dot, before it and its value at the end."""
    items = block.items or ((block.label,) if not block.label else ())
    if not any(item.strip() for item in items):
        return icon(block.drawing, box) or shaded_rows(kit, box)
    step = min(box.height / len(items), 3.6 * most)
    size = min(most * 1.15, step * 0.5)
    top = box.y + (box.height - step * len(items)) / 2
    drawn = [pictured(item) for item in items]
    tiled = sum(one is not None for one in drawn) * 2 > len(items) and box.width > 9 * size
    lead = min(step * 0.78, 2.4 * size) if tiled else size * 0.6
    out: list[Layer] = []
    marks = []
    for at, (item, drawing) in enumerate(zip(items, drawn, strict=True)):
        y = top + step * (at + 0.5)
        if tiled and drawing:
            out += disc_icon(kit, drawing, Box(box.x, y - lead / 2, lead, lead))
        else:
            x, radius = box.x + lead / 2, lead * (0.2 if tiled else 0.46)
            marks.append(
                f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius:.2f}" fill="{kit.accent}"/>'
            )
        value = number(block.values[at]) if at < len(block.values) else ""
        mark = size * 3.2 if value else 0.0
        start = lead + size * 0.7
        spot = Box(box.x + start, y - step * 0.45, box.width - start - mark, step * 0.9)
        out += written(item, spot, colour=kit.ink, most=size, rows=2)
        out += written(value, Box(box.right - mark, spot.y, mark, spot.height), colour=kit.quiet,
                       most=size, bold=True, align="right", rows=1)  # fmt: skip
    return [VectorLayer(box, "".join(marks)), *out] if marks else out


def _table(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Rows of item and value, every other one tinted; items may hold cells divided by ``|``."""
    rows = [tuple(cell.strip() for cell in item.split("|")) for item in block.items]
    if block.values:
        rows = [
            (*row, number(block.values[at])) if at < len(block.values) else row
            for at, row in enumerate(rows)
        ]
    if not rows:
        return icon(block.drawing, box)
    columns = max(map(len, rows))
    step = min(box.height / len(rows), 5.4 * most)
    wide = box.width / columns
    size = min(most * 1.5, step * 0.42, wide * 0.14)
    box = Box(box.x, box.centre[1] - step * len(rows) / 2, box.width, step * len(rows))
    out: list[Layer] = []
    for at, row in enumerate(rows):
        y = box.y + step * at
        if at % 2 == 0:
            out.append(
                PanelLayer(Box(box.x, y, box.width, step), inks(kit.tint), radius=size * 0.3)
            )
        for col, cell in enumerate(row):
            spot = Box(box.x + wide * col + size * 0.6, y + step * 0.12, wide - size * 1.2,
                       step * 0.76)  # fmt: skip
            align = "left" if col == 0 else "right" if columns == 2 else "centre"
            out += written(cell, spot, colour=kit.ink, most=size, align=align,
                           bold=columns > 2 and at == 0, rows=2)  # fmt: skip
    return out


def _comparison(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Two columns, each half of the items, headed by the first of each half."""
    half = (len(block.items) + 1) // 2
    sides = (block.items[:half], block.items[half:])
    gap = most
    wide = (box.width - gap) / 2
    out: list[Layer] = []
    for at, side in enumerate(sides):
        if not side:
            continue
        spot = Box(box.x + at * (wide + gap), box.y, wide, box.height)
        colour = kit.series[at % len(kit.series)]
        out.append(PanelLayer(spot, inks(mixed(kit.panel, colour, 0.14)), radius=most * 0.6))
        head = Box(spot.x, spot.y, spot.width, min(2.4 * most, spot.height * 0.3))
        out.append(PanelLayer(head, inks(colour), radius=most * 0.6))
        out += written(side[0], inner(head, most * 0.5, head.height * 0.18),
                       colour=on_colour(colour), most=most * 1.1, bold=True, align="centre",
                       rows=2)  # fmt: skip
        rest = Box(spot.x + most * 0.6, head.bottom + most * 0.4, wide - most * 1.2,
                   spot.bottom - head.bottom - most * 0.8)  # fmt: skip
        drawing = block.drawings[at] if at < len(block.drawings) else pictured(side[0])
        inside = block.model_copy(update={"items": side[1:], "values": (), "drawing": None})
        if side[1:] and drawing and rest.height > 0.8 * rest.width:
            tall = rest.height * 0.36
            out += icon(drawing, Box(rest.x, rest.y, rest.width, tall * 0.94))
            rest = Box(rest.x, rest.y + tall, rest.width, rest.height - tall)
        if side[1:]:
            out += _list(kit, inside, rest, most)
        elif drawing:
            out += icon(drawing, inner(rest, rest.width * 0.12, rest.height * 0.12))
        else:
            out += shaded_rows(kit, inner(rest, rest.width * 0.06, rest.height * 0.06))
    return out


_BODIES: Mapping[BlockKind, Callable[[Kit, Block, Box, float], list[Layer]]] = MappingProxyType(
    {
        BlockKind.BAR_CHART: charts.bars,
        BlockKind.PIE_CHART: charts.pie,
        BlockKind.LINE_CHART: charts.lines,
        BlockKind.TIMELINE: steps.timeline,
        BlockKind.TABLE: _table,
        BlockKind.COMPARISON: _comparison,
    }
)
