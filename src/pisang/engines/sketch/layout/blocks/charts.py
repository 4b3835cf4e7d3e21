"""Bar, pie and line charts: shapes as one vector layer, every word and value as real text."""

from __future__ import annotations

import math

from pisang.engines.sketch.layers import Box, Layer, VectorLayer
from pisang.engines.sketch.layout.blocks.parts import Kit, number, written
from pisang.engines.sketch.scene import Block

__all__ = ["bars", "lines", "pie"]

_SAMPLES = (42.0, 58.0, 51.0, 74.0, 66.0, 92.0)  # a shape, not data: no value is written
_SOLO = 8  # series longer than this get one colour


def _series(block: Block) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Labels and values of equal length. Without values a sample shape stands for them, without
    labels too they are letters."""
    values = tuple(max(value, 0.0) for value in block.values)
    if not values:
        labels = block.items or tuple("ABCDEF")
        return labels, tuple(_SAMPLES[at % len(_SAMPLES)] for at in range(len(labels)))
    count = max(len(values), len(block.items), 1)
    values += (0.0,) * (count - len(values))
    labels = block.items + ("",) * (count - len(block.items))
    return labels, values


def bars(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Upright bars with values on top; lying ones where there are many or the box is tall."""
    labels, values = _series(block)
    if box.height > box.width * 1.25 or len(values) > 9:
        return _lying(kit, block, box, most)
    foot = box.bottom - 1.9 * most
    top = box.y + 1.5 * most
    high = max(values) or 1.0
    step = box.width / len(values)
    wide = step * 0.56
    shapes, out = [], list[Layer]()
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        x = box.x + step * (at + 0.5)
        tall = max((foot - top) * value / high, box.height * 0.006)
        shapes.append(_bar(x - wide / 2, foot - tall, wide, tall, _colour(kit, at, len(values))))
        if block.values:
            spot = Box(x - step * 0.48, foot - tall - 1.35 * most, step * 0.96, 1.1 * most)
            out += written(number(value), spot, colour=kit.ink, most=most * 0.92, bold=True,
                           align="centre", rows=1)  # fmt: skip
        spot = Box(x - step * 0.46, foot + 0.4 * most, step * 0.92, 1.5 * most)
        out += written(label, spot, colour=kit.quiet, most=most * 0.85, align="centre",
                       valign=0.2, rows=2)  # fmt: skip
    rule = (
        f'<path d="M{box.x:.2f} {foot:.2f}h{box.width:.2f}" stroke="{kit.line}"'
        f' stroke-width="{most * 0.09:.2f}"/>'
    )
    return [VectorLayer(box, "".join([*shapes, rule])), *out]


def _bar(x: float, y: float, wide: float, tall: float, colour: str) -> str:
    radius = min(wide * 0.16, tall / 2)
    return (
        f'<path d="M{x:.2f} {y + tall:.2f}v{-(tall - radius):.2f}a{radius:.2f} {radius:.2f} 0 0 1'
        f" {radius:.2f} {-radius:.2f}h{wide - 2 * radius:.2f}a{radius:.2f} {radius:.2f} 0 0 1"
        f' {radius:.2f} {radius:.2f}v{tall - radius:.2f}z" fill="{colour}"/>'
    )


def _colour(kit: Kit, at: int, count: int) -> str:
    return kit.series[0] if count > _SOLO else kit.series[at % len(kit.series)]


def _lying(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    labels, values = _series(block)
    step = box.height / len(values)
    size = min(most, step * 0.4)
    name = box.width * 0.3 if any(labels) else 0.0
    mark = box.width * 0.16 if block.values else 0.0
    high = max(values) or 1.0
    shapes, out = [], list[Layer]()
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = box.y + step * (at + 0.5)
        start = box.x + name
        long = max((box.width - name - mark) * value / high, box.width * 0.008)
        thick = step * 0.5
        shapes.append(
            f'<rect x="{start:.2f}" y="{y - thick / 2:.2f}" width="{long:.2f}"'
            f' height="{thick:.2f}" rx="{min(thick * 0.2, long / 2):.2f}"'
            f' fill="{_colour(kit, at, len(values))}"/>'
        )
        out += written(label, Box(box.x, y - step * 0.42, name * 0.92, step * 0.84),
                       colour=kit.ink, most=size, rows=2)  # fmt: skip
        if block.values:
            spot = Box(start + long + size * 0.4, y - step / 2, mark - size * 0.4, step)
            out += written(number(value), spot, colour=kit.ink, most=size, bold=True, rows=1)
    return [VectorLayer(box, "".join(shapes)), *out]


def pie(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """A ring of shares with a legend beside it, or below it in a narrow box."""
    labels, values = _series(block)
    total = sum(values) or 1.0
    beside = box.width > box.height * 0.85
    side = min(box.height, box.width * 0.5) if beside else min(box.width, box.height * 0.6)
    if beside:  # ring and legend are centred together
        used = min(box.width, side + 16 * most)
        box = Box(box.centre[0] - used / 2, box.y, used, box.height)
    round_x = box.x + side / 2 if beside else box.centre[0]
    round_y = box.centre[1] if beside else box.y + side / 2
    shapes, start = [], -math.pi / 2
    for at, value in enumerate(values):
        sweep = min(value / total, 0.9999) * math.tau
        shapes.append(_slice((round_x, round_y), side / 2, start, sweep, kit, at))
        start += sweep
    legend = (
        Box(box.x + side + 1.4 * most, box.y, box.width - side - 1.4 * most, box.height)
        if beside
        else Box(box.x, box.y + side + most, box.width, box.height - side - most)
    )
    out = [VectorLayer(box, "".join(shapes)), *list[Layer]()]
    return [*out, *_legend(kit, block, labels, values, legend, most)]


def _slice(
    centre: tuple[float, float], radius: float, start: float, sweep: float, kit: Kit, at: int
) -> str:
    hole = radius * 0.56
    far = 1 if sweep > math.pi else 0

    def spot(angle: float, away: float) -> str:
        return f"{centre[0] + math.cos(angle) * away:.2f} {centre[1] + math.sin(angle) * away:.2f}"

    end = start + sweep
    return (
        f'<path d="M{spot(start, radius)}A{radius:.2f} {radius:.2f} 0 {far} 1 {spot(end, radius)}'
        f'L{spot(end, hole)}A{hole:.2f} {hole:.2f} 0 {far} 0 {spot(start, hole)}Z"'
        f' fill="{kit.series[at % len(kit.series)]}" stroke="{kit.panel}"'
        f' stroke-width="{radius * 0.025:.2f}"/>'
    )


def _legend(
    kit: Kit,
    block: Block,
    labels: tuple[str, ...],
    values: tuple[float, ...],
    box: Box,
    most: float,
) -> list[Layer]:
    step = min(box.height / len(labels), 2.1 * most)
    size = min(most, step * 0.55, box.width / 8.5)
    top = box.y + (box.height - step * len(labels)) / 2
    total = sum(values) or 1.0
    dots, out = [], list[Layer]()
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        y = top + step * (at + 0.5)
        dots.append(
            f'<circle cx="{box.x + size * 0.5:.2f}" cy="{y:.2f}" r="{size * 0.4:.2f}"'
            f' fill="{kit.series[at % len(kit.series)]}"/>'
        )
        share = f"{round(100 * value / total)}%" if block.values else ""
        mark = 2.6 * size if share else 0.0
        name = Box(box.x + 1.4 * size, y - step * 0.45, box.width - 1.5 * size - mark, step * 0.9)
        out += written(label, name, colour=kit.ink, most=size, rows=2)
        spot = Box(box.right - mark, y - step * 0.45, mark, step * 0.9)
        out += written(share, spot, colour=kit.quiet, most=size, bold=True, align="right", rows=1)
    return [VectorLayer(box, "".join(dots)), *out]


def lines(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """A line through the values over faint rules, with a soft area below it."""
    labels, values = _series(block)
    top, foot = box.y + 1.6 * most, box.bottom - 1.9 * most
    high, low = max(values), 0.0
    span = (high - low) or 1.0
    step = box.width / len(values)
    spots = [
        (box.x + step * (at + 0.5), foot - (foot - top) * (value - low) / span)
        for at, value in enumerate(values)
    ]
    rules = "".join(
        f'<path d="M{box.x:.2f} {foot - (foot - top) * share:.2f}h{box.width:.2f}"'
        f' stroke="{kit.line}" stroke-width="{most * 0.06:.2f}"/>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    way = "L".join(f"{x:.2f} {y:.2f}" for x, y in spots)
    area = f"M{spots[0][0]:.2f} {foot:.2f}L{way}L{spots[-1][0]:.2f} {foot:.2f}Z"
    dots = "".join(
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{most * 0.24:.2f}" fill="{kit.panel}"'
        f' stroke="{kit.accent}" stroke-width="{most * 0.16:.2f}"/>'
        for x, y in spots
    )
    svg = (
        f'{rules}<path d="{area}" fill="{kit.accent}" fill-opacity="0.14"/>'
        f'<path d="M{way}" fill="none" stroke="{kit.accent}" stroke-width="{most * 0.2:.2f}"'
        f' stroke-linejoin="round" stroke-linecap="round"/>{dots}'
    )
    out: list[Layer] = [VectorLayer(box, svg)]
    for (x, y), label, value in zip(spots, labels, values, strict=True):
        spot = Box(x - step * 0.46, foot + 0.4 * most, step * 0.92, 1.5 * most)
        out += written(label, spot, colour=kit.quiet, most=most * 0.85, align="centre",
                       valign=0.2, rows=2)  # fmt: skip
        if block.values and len(values) <= 12:
            spot = Box(x - step * 0.48, y - 1.6 * most, step * 0.96, most)
            out += written(number(value), spot, colour=kit.ink, most=most * 0.8, bold=True,
                           align="centre", rows=1)  # fmt: skip
    return out
