"""Things that come one after the other: the cards of a recipe or process, and timelines."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout.blocks.parts import Kit, disc_icon, on_colour, written
from pisang.engines.sketch.layout.blocks.pictograms import pictured
from pisang.engines.sketch.layout.page import inner
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.scene import Block

__all__ = ["step", "timeline"]


def step(kit: Kit, block: Block, box: Box, place: int) -> list[Layer]:
    """Number, words and drawing: side by side in a lying card, under each other in an upright."""
    label, words = block.label, " ".join(block.items)
    if not label:
        label, words = words, ""
    drawing = block.drawing or pictured(label)
    if box.width > box.height * 1.5:
        return _lying(kit, box, (label, words), drawing, place)
    return _upright(kit, box, (label, words), drawing, place)


def _lying(
    kit: Kit, box: Box, said: tuple[str, str], drawing: str | None, place: int
) -> list[Layer]:
    pad = min(box.height * 0.14, box.width * 0.04)
    side = min(box.height * 0.7, box.width * 0.17)
    tile = Box(box.x + pad, box.centre[1] - side / 2, side, side)
    out = _number(kit, tile, place)
    right = box.right - pad
    if drawing:
        wide = min(box.height * 0.8, box.width * 0.2)
        out += disc_icon(kit, drawing, Box(right - wide, box.centre[1] - wide / 2, wide, wide))
        right -= wide + pad
    x = tile.right + pad * 1.2
    room = Box(x, box.y + pad, right - x, box.height - 2 * pad)
    return [*out, *_words(kit, said, room, align="left", tall=box.height)]


def _upright(
    kit: Kit, box: Box, said: tuple[str, str], drawing: str | None, place: int
) -> list[Layer]:
    pad = min(box.width * 0.09, box.height * 0.07)
    side = min(box.height * 0.46, box.width * 0.62)
    spot = Box(box.centre[0] - side / 2, box.y + box.height * 0.1, side, side)
    if drawing:
        small = min(side * 0.34, box.width * 0.2)
        badge = Box(spot.x - small * 0.2, spot.y - small * 0.1, small, small)
        out = [*disc_icon(kit, drawing, spot), *_number(kit, badge, place, round_it=True)]
    else:
        spot = inner(spot, side * 0.1)
        out = _number(kit, spot, place, round_it=True)
    top = spot.bottom + pad
    room = Box(box.x + pad, top, box.width - 2 * pad, box.bottom - pad - top)
    return [*out, *_words(kit, said, room, align="centre", tall=box.width * 0.62)]


def _words(kit: Kit, said: tuple[str, str], room: Box, *, align: str, tall: float) -> list[Layer]:
    label, words = said
    tall = min(tall, room.width * 0.75)  # so that longer and shorter names have one size
    if not words:
        return [*written(label, room, colour=kit.ink, most=tall * 0.26, bold=True, align=align,
                         valign=0.5, rows=3)]  # fmt: skip
    head = Box(room.x, room.y, room.width, room.height * 0.42)
    body = Box(room.x, room.y + room.height * 0.5, room.width, room.height * 0.5)
    return [
        *written(label, head, colour=kit.ink, most=tall * 0.22, bold=True, align=align,
                 valign=1.0 if align == "left" else 0.5, rows=2),
        *written(words, body, colour=kit.quiet, most=tall * 0.14, align=align, valign=0.0),
    ]  # fmt: skip


def _number(kit: Kit, box: Box, place: int, *, round_it: bool = False) -> list[Layer]:
    """The step's number on a tile or disc of the accent."""
    shape = PanelLayer(box, inks(kit.accent), radius=box.width * (0.5 if round_it else 0.24))
    room = inner(box, box.width * 0.2)
    return [shape, *written(str(place + 1), room, colour=on_colour(kit.accent),
                            most=box.height * 0.6, bold=True, align="centre", rows=1)]  # fmt: skip


def timeline(kit: Kit, block: Block, box: Box, most: float) -> list[Layer]:
    """Discs with the dates on a line: lying in a wide box, standing in a tall one. Values are the
    dates; else a number that an item begins with."""
    del most
    rows = [_dated(block, at, item) for at, item in enumerate(block.items or ("",))]
    return (_across if box.width > box.height * 1.3 else _down)(kit, rows, box)


def _dated(block: Block, at: int, item: str) -> tuple[str, str]:
    if at < len(block.values):
        return f"{block.values[at]:g}", item
    first, _, rest = item.partition(" ")
    if rest and len(first) <= 6 and first.strip(":.,–-").isdigit():
        return first.strip(":.,–-"), rest.lstrip(":–- ")
    return "", item


def _across(kit: Kit, rows: list[tuple[str, str]], box: Box) -> list[Layer]:
    step = box.width / len(rows)
    side = min(step * 0.56, box.height * 0.46)
    size = min(side * 0.25, step * 0.13)
    lines = 1 if all(len(item) < 13 for _, item in rows) else 2
    room = min(box.height - side * 1.2, size * 1.3 * lines)
    top = box.y + (box.height - side * 1.2 - room) / 2
    y = top + side / 2
    track = f"M{box.x + step / 2:.2f} {y:.2f}H{box.right - step / 2:.2f}"
    out = [_track(kit, box, track, side * 0.09)]
    for at, (date, item) in enumerate(rows):
        disc = Box(box.x + step * (at + 0.5) - side / 2, top, side, side)
        out += _disc(kit, disc, at, date or str(at + 1))
        spot = Box(box.x + step * (at + 0.05), disc.bottom + side * 0.2, step * 0.9, room)
        out += written(item, spot, colour=kit.ink, most=size, bold=True, align="centre",
                       valign=0.0, rows=3)  # fmt: skip
    return out


def _down(kit: Kit, rows: list[tuple[str, str]], box: Box) -> list[Layer]:
    step = box.height / len(rows)
    side = min(step * 0.74, box.width * 0.24)
    x = box.x + side / 2
    track = f"M{x:.2f} {box.y + step / 2:.2f}V{box.bottom - step / 2:.2f}"
    out = [_track(kit, box, track, side * 0.08)]
    for at, (date, item) in enumerate(rows):
        disc = Box(box.x, box.y + step * (at + 0.5) - side / 2, side, side)
        out += _disc(kit, disc, at, date or str(at + 1))
        left = disc.right + side * 0.3
        spot = Box(left, box.y + step * (at + 0.06), box.right - left, step * 0.88)
        out += written(item, spot, colour=kit.ink, most=side * 0.3, bold=True, rows=3)
    return out


def _track(kit: Kit, box: Box, path: str, wide: float) -> Layer:
    return VectorLayer(box, f'<path d="{path}" stroke="{kit.faint}" stroke-width="{wide:.2f}"/>')


def _disc(kit: Kit, disc: Box, at: int, words: str) -> list[Layer]:
    colour = kit.series[at % len(kit.series)]
    rim = disc.width * 0.05
    shape = PanelLayer(
        disc, inks(colour), radius=disc.width / 2, stroke=inks(kit.panel), stroke_width=rim
    )
    room = inner(disc, disc.width * 0.14, disc.height * 0.3)
    return [shape, *written(words, room, colour=on_colour(colour), most=disc.height * 0.34,
                            bold=True, align="centre", rows=1)]  # fmt: skip
