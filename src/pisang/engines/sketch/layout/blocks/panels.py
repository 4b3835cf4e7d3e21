"""Cards of an infographic: steps, figures, lists, tables, timelines and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout.blocks import charts
from pisang.engines.sketch.layout.blocks.parts import (
    Kit,
    icon,
    number,
    on_colour,
    part,
    written,
)
from pisang.engines.sketch.layout.page import inner
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.scene import Block, BlockKind

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


_CHARTS = {BlockKind.BAR_CHART, BlockKind.LINE_CHART, BlockKind.PIE_CHART}


def weight(block: Block) -> float:
    """How large a block wants to be."""
    return _WEIGHTS.get(block.kind, 1.0)


def draw(kit: Kit, block: Block, box: Box, *, place: int, most: float) -> list[Layer]:
    """A block on its card; ``place`` counts steps from 0, ``most`` is the body's em size."""
    share = 0.085 if block.kind in _CHARTS else 0.16
    most = min(most, box.width * 0.1, box.height * share)
    pad = min(1.1 * most, box.width * 0.09, box.height * 0.09)
    card = part(kit, box, radius=min(0.9 * most, box.height * 0.14))
    body = inner(box, pad)
    if block.kind is BlockKind.STEP:
        return [card, *_step(kit, block, body, place, most)]
    if block.kind is BlockKind.STAT:
        return [card, *_stat(kit, block, body, most)]
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


def _step(kit: Kit, block: Block, box: Box, place: int, most: float) -> list[Layer]:
    """Number, drawing and words: beside each other in a wide card, below each other else."""
    words = " ".join(block.items)
    if box.width > box.height * 1.7:
        side = min(box.height, box.width * 0.3)
        badge = Box(box.x, box.y + (box.height - side * 0.5) / 2, side * 0.5, side * 0.5)
        at = box.x + side * 0.5 + most * 0.7
        out = _badge(kit, badge, str(place + 1))
        if block.drawing:
            out += icon(
                block.drawing, Box(at, box.centre[1] - side * 0.42, side * 0.84, side * 0.84)
            )
            at += side * 0.84 + most * 0.7
        room = Box(at, box.y, box.right - at, box.height)
    else:
        side = min(box.height * 0.5, box.width * 0.8)
        spot = Box(box.x, box.y, box.width, side)
        size = min(side * 0.5, 2.1 * most)
        out = []
        if block.drawing:
            out += icon(block.drawing, inner(spot, box.width * 0.1, 0.0))
            out += _badge(kit, Box(box.x, box.y, size, size), str(place + 1))
        else:
            size = min(side * 0.8, 3.0 * most)
            out += _badge(
                kit, Box(box.centre[0] - size / 2, box.y + (side - size) / 2, size, size),
                str(place + 1),
            )  # fmt: skip
        top = box.y + side + most * 0.5
        room = Box(box.x, top, box.width, box.bottom - top)
    align = "left" if box.width > box.height * 1.7 else "centre"
    if not words:
        return [*out, *written(block.label, room, colour=kit.ink, most=most * 1.15, bold=True,
                               align=align, valign=0.5 if align == "left" else 0.15)]  # fmt: skip
    head = Box(room.x, room.y, room.width, room.height * 0.4)
    body = Box(room.x, room.y + room.height * 0.46, room.width, room.height * 0.54)
    out += written(block.label, head, colour=kit.ink, most=most * 1.3, bold=True, align=align,
                   valign=1.0 if align == "left" else 0.5)  # fmt: skip
    out += written(words, body, colour=kit.quiet, most=most * 0.95, align=align, valign=0.0)
    return out


def _badge(kit: Kit, box: Box, words: str) -> list[Layer]:
    """A number in a disc of the accent."""
    disc = PanelLayer(box, inks(kit.accent), radius=box.width / 2)
    room = inner(box, box.width * 0.24)
    return [disc, *written(words, room, colour=on_colour(kit.accent), most=box.height * 0.6,
                           bold=True, align="centre", rows=1)]  # fmt: skip


def _stat(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """A big figure over what it counts."""
    rest = list(block.items)
    figure = number(block.values[0]) if block.values else (rest.pop(0) if rest else "")
    label = block.label or " ".join(rest)
    if not figure:
        figure, label = label, ""
    out: list[Layer] = []
    top = box.y
    if block.drawing:
        side = box.height * 0.34
        out += icon(block.drawing, Box(box.x, box.y, box.width, side))
        top += side * 1.12
    tall = box.bottom - top
    head = Box(box.x, top, box.width, tall * 0.58 if label else tall)
    out += written(figure, head, colour=kit.accent if not label else kit.ink, most=most * 3.2,
                   bold=True, align="centre", valign=0.6, rows=1)  # fmt: skip
    foot = Box(box.x, top + tall * 0.66, box.width, tall * 0.34)
    out += written(label, foot, colour=kit.quiet, most=most, align="centre", valign=0.0)
    return out


def _list(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Rows with a mark before each."""
    items = block.items or ((block.label,) if not block.label else ())
    if not items:
        return icon(block.drawing, box)
    step = min(box.height / len(items), 2.4 * most)
    size = min(most, step * 0.56)
    out: list[Layer] = []
    marks = []
    for at, item in enumerate(items):
        y = box.y + step * (at + 0.5)
        marks.append(
            f'<circle cx="{box.x + size * 0.35:.2f}" cy="{y:.2f}" r="{size * 0.28:.2f}"'
            f' fill="{kit.accent}"/>'
        )
        value = number(block.values[at]) if at < len(block.values) else ""
        mark = size * 3.2 if value else 0.0
        spot = Box(box.x + size * 1.2, y - step * 0.45, box.width - size * 1.2 - mark, step * 0.9)
        out += written(item, spot, colour=kit.ink, most=size, rows=2)
        out += written(value, Box(box.right - mark, spot.y, mark, spot.height), colour=kit.quiet,
                       most=size, bold=True, align="right", rows=1)  # fmt: skip
    return [VectorLayer(box, "".join(marks)), *out]


def _timeline(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Points on a line: lying in a wide box, standing in a tall one. Values are the dates."""
    items = block.items or ("",)
    lying = box.width > box.height * 1.4
    out: list[Layer] = []
    length = box.width if lying else box.height
    step = length / len(items)
    size = min(most, step * (0.3 if lying else 0.36))
    y = box.y + box.height * 0.38
    x = box.x + size
    track = (
        f"M{box.x + step / 2:.2f} {y:.2f}H{box.right - step / 2:.2f}"
        if lying
        else f"M{x:.2f} {box.y + step / 2:.2f}V{box.bottom - step / 2:.2f}"
    )
    svg = f'<path d="{track}" stroke="{kit.line}" stroke-width="{size * 0.3:.2f}"/>'
    for at, item in enumerate(items):
        date = f"{block.values[at]:g}" if at < len(block.values) else ""
        mid = (box.x + step * (at + 0.5), y) if lying else (x, box.y + step * (at + 0.5))
        colour = kit.series[at % len(kit.series)]
        svg += f'<circle cx="{mid[0]:.2f}" cy="{mid[1]:.2f}" r="{size * 0.5:.2f}" fill="{colour}"/>'
        if lying:
            over = Box(mid[0] - step * 0.46, box.y, step * 0.92, y - size - box.y)
            under = Box(mid[0] - step * 0.46, y + size, step * 0.92, box.bottom - y - size)
            out += written(date, over, colour=kit.ink, most=size * 1.2, bold=True, align="centre",
                           valign=1.0, rows=1)  # fmt: skip
            out += written(item, under, colour=kit.ink, most=size, align="centre", valign=0.0)
        else:
            left = box.x + 2.4 * size
            wide = 3.4 * size if date else 0.0
            row = box.y + step * at + step * 0.06
            out += written(date, Box(left, row, wide, step * 0.88), colour=kit.ink, bold=True,
                           most=size, rows=1)  # fmt: skip
            out += written(item, Box(left + wide, row, box.right - left - wide, step * 0.88),
                           colour=kit.ink, most=size)  # fmt: skip
    return [VectorLayer(box, svg), *out]


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
    step = min(box.height / len(rows), 2.6 * most)
    wide = box.width / columns
    size = min(most, step * 0.5)
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
        out.append(PanelLayer(spot, inks(kit.tint), radius=most * 0.6))
        head = Box(spot.x, spot.y, spot.width, min(2.4 * most, spot.height * 0.3))
        out.append(PanelLayer(head, inks(colour), radius=most * 0.6))
        out += written(side[0], inner(head, most * 0.5, head.height * 0.18),
                       colour=on_colour(colour), most=most * 1.1, bold=True, align="centre",
                       rows=2)  # fmt: skip
        rest = Box(spot.x + most * 0.6, head.bottom + most * 0.4, wide - most * 1.2,
                   spot.bottom - head.bottom - most * 0.8)  # fmt: skip
        inside = block.model_copy(update={"items": side[1:], "values": (), "drawing": None})
        out += _list(kit, inside, rest, most) if side[1:] else []
    return out


_BODIES: Mapping[BlockKind, Callable[[Kit, Block, Box, float], list[Layer]]] = MappingProxyType(
    {
        BlockKind.BAR_CHART: charts.bars,
        BlockKind.PIE_CHART: charts.pie,
        BlockKind.LINE_CHART: charts.lines,
        BlockKind.TIMELINE: _timeline,
        BlockKind.TABLE: _table,
        BlockKind.COMPARISON: _comparison,
    }
)
