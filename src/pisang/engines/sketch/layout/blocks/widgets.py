"""Parts of a mock-up: buttons, fields, cards, bars, tabs, toggles, avatars and rows of a list.

A widget says how high it wants to be in units of the screen's body type (``height``) and draws
itself into the row it is given.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout.blocks import panels
from pisang.engines.sketch.layout.blocks.glyphs import glyph, named
from pisang.engines.sketch.layout.blocks.parts import (
    Kit,
    disc_icon,
    icon,
    number,
    on_colour,
    shaded_rows,
    written,
)
from pisang.engines.sketch.layout.blocks.pictograms import pictured
from pisang.engines.sketch.layout.page import inner
from pisang.engines.sketch.layout.palettes import inks, mixed
from pisang.engines.sketch.scene import Block
from pisang.engines.sketch.vocabulary import BlockKind

__all__ = ["draw", "height", "sidebar"]


def height(block: Block) -> float:
    """The height a widget wants, in ems of body type."""
    rows = max(len(block.items), 1)
    match block.kind:
        case BlockKind.BUTTON:
            return 3.2
        case BlockKind.FIELD:
            return 4.8 * (rows if block.items and not block.label else 1)
        case BlockKind.NAV | BlockKind.TABS:
            return 3.4 + _head(block)
        case BlockKind.TOGGLE:
            return 2.8 * rows + _head(block)
        case BlockKind.AVATAR:
            return 5.6
        case BlockKind.LIST:
            return 3.4 * (rows if block.items else 4) + _head(block)
        case BlockKind.CARD:
            return 6.5 + 1.6 * len(block.items)
        case BlockKind.STAT | BlockKind.STEP:
            return 6.5
        case _:
            return 13.0


def draw(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """The widget in its row."""
    way = _WAYS.get(block.kind)
    if way is None:
        return panels.draw(kit, block, box, place=0, most=em)
    head = _head(block)
    if not head:
        return way(kit, block, box, em)
    tall = box.height * head / height(block)
    name = Box(box.x, box.y, box.width, tall * 0.8)
    rest = Box(box.x, box.y + tall, box.width, box.height - tall)
    bare = block.model_copy(update={"label": ""})
    return [
        *written(block.label, name, colour=kit.ink, most=em * 1.1, bold=True, rows=1),
        *way(kit, bare, rest, em),
    ]


def _head(block: Block) -> float:
    """Ems that a label above the widget takes; others carry their label themselves."""
    listed = block.kind is BlockKind.LIST and bool(block.label)
    headed = block.kind in (BlockKind.TABS, BlockKind.TOGGLE) and block.label and block.items
    return 2.2 if listed or headed else 0.0


def _button(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    shape = PanelLayer(box, inks(kit.accent), radius=min(box.height * 0.3, em), shadow=True)
    label = block.label or " ".join(block.items)
    return [
        shape,
        *written(label, inner(box, em, box.height * 0.22), colour=on_colour(kit.accent),
                 most=em * 1.05, bold=True, align="centre", rows=1),
    ]  # fmt: skip


def _field(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A label over an outlined box; items are several fields, or the hint inside one."""
    if not block.label and len(block.items) > 1:
        step = box.height / len(block.items)
        out: list[Layer] = []
        for at, item in enumerate(block.items):
            one = block.model_copy(update={"label": item, "items": ()})
            out += _field(kit, one, Box(box.x, box.y + at * step, box.width, step * 0.9), em)
        return out
    head = Box(box.x, box.y, box.width, box.height * 0.3)
    frame = Box(box.x, box.y + box.height * 0.38, box.width, box.height * 0.62)
    hint = block.items[0] if block.items else ""
    line = PanelLayer(
        frame, inks(kit.panel), radius=em * 0.5, stroke=inks(kit.line), stroke_width=em * 0.1
    )
    return [
        line,
        *written(block.label, head, colour=kit.ink, most=em * 0.88, bold=True, rows=1),
        *written(hint, inner(frame, em * 0.8, frame.height * 0.24), colour=kit.quiet, most=em,
                 rows=1),
        *icon(block.drawing, Box(frame.right - 2.2 * em, frame.y, 1.4 * em, frame.height)),
        *_field_mark(kit, block, frame, em),
    ]  # fmt: skip


def _field_mark(kit: Kit, block: Block, frame: Box, em: float) -> list[Layer]:
    """A pale glyph at the end of a field whose name has one: a lock, an envelope."""
    name = named(block.label, -1) if not block.drawing else ""
    if name not in ("lock", "mail", "person", "search", "calendar"):
        return []
    return [glyph(name, Box(frame.right - 2.2 * em, frame.y, 1.3 * em, frame.height), kit.faint)]


def _card(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A raised card: drawing on a tint at the left, heading and lines beside it; an upright one
    with a price is a plan to choose."""
    out: list[Layer] = [
        PanelLayer(box, inks(kit.panel), radius=em * 0.8, shadow=True, stroke=inks(kit.line),
                   stroke_width=em * 0.05)
    ]  # fmt: skip
    lines = [line for line in (block.label, *block.items) if line]
    if box.height > box.width * 0.8:
        return [*out, *_plan(kit, block, lines, inner(box, em * 1.2))]
    body = inner(box, em * 0.9)
    if block.drawing:
        side = min(body.height, body.width * 0.34)
        pane = Box(body.x, body.centre[1] - side / 2, side, side)
        out.append(PanelLayer(pane, inks(kit.tint), radius=em * 0.5))
        out += icon(block.drawing, inner(pane, side * 0.16))
        body = Box(pane.right + em, body.y, body.right - pane.right - em, body.height)
    if not lines:
        return [*out, *shaded_rows(kit, body, count=2)]
    price = next((line for line in lines if _priced(line)), "")
    if price and len(lines) > 1:
        lines.remove(price)
        tag = Box(body.right - body.width * 0.36, body.y, body.width * 0.36, body.height)
        out += written(price, tag, colour=kit.strong, most=body.height * 0.5, bold=True,
                       align="right", rows=1)  # fmt: skip
        body = Box(body.x, body.y, body.width * 0.6, body.height)
    step = min(body.height / len(lines), max(2.2 * em, body.height * 0.3))
    top = body.centre[1] - step * len(lines) / 2
    for at, line in enumerate(lines):
        spot = Box(body.x, top + at * step, body.width, step * 0.86)
        first = at == 0
        most = max(em * (1.15 if first else 0.95), step * (0.6 if first else 0.45))
        out += written(line, spot, colour=kit.ink if first else kit.quiet, most=most, bold=first,
                       rows=2)  # fmt: skip
    return out


def _plan(kit: Kit, block: Block, lines: list[str], box: Box) -> list[Layer]:
    """Name, price, ticked lines (bars where nothing is said) and a button's shape at the foot."""
    price = next((line for line in lines if _priced(line)), "")
    rest = [line for line in lines if line != price]
    name = rest.pop(0) if rest else ""
    drawing = block.drawing or (pictured(name) if not price else None)
    unit = min(box.height / 15, box.width / 9)
    y = box.y
    out: list[Layer] = []
    if drawing:
        side = min(box.height * 0.34, box.width)
        out += disc_icon(kit, drawing, Box(box.centre[0] - side / 2, y, side, side))
        y += side + unit * 0.6
    for words, tall, bold, colour in (
        (name, 1.5, True, kit.quiet if price else kit.ink),
        (price, 3.0, True, kit.ink),
    ):
        if words:
            spot = Box(box.x, y, box.width, tall * unit)
            align = "centre" if drawing else "left"
            out += written(words, spot, colour=colour, most=tall * unit, bold=bold, align=align,
                           rows=1 if price else 2)  # fmt: skip
            y += (tall + 0.5) * unit
    button = Box(box.x, box.bottom - 1.9 * unit, box.width, 1.9 * unit)
    rows = rest or [""] * 4
    step = min((button.y - y - unit * 0.4) / len(rows), 2.0 * unit)
    for at, row in enumerate(rows):
        spot = Box(box.x, y + unit * 0.2 + step * at, box.width, step * 0.84)
        mark = Box(spot.x, spot.y, unit, spot.height)
        out.append(glyph("check", mark, kit.accent, weight=3.2))
        left = mark.right + unit * 0.5
        if row:
            words_in = Box(left, spot.y, spot.right - left, spot.height)
            out += written(row, words_in, colour=kit.quiet, most=unit * 0.95, rows=2)
        else:
            thick = unit * 0.4
            bar = Box(left, spot.centre[1] - thick / 2, (spot.right - left) * (0.8, 0.6)[at % 2],
                      thick)  # fmt: skip
            out.append(_bar(kit, bar))
    out.append(PanelLayer(button, inks(kit.accent), radius=button.height * 0.3))
    shape = Box(button.centre[0] - box.width * 0.14, button.centre[1] - unit * 0.2,
                box.width * 0.28, unit * 0.4)  # fmt: skip
    out.append(PanelLayer(shape, inks(on_colour(kit.accent)), radius=unit * 0.2))
    return out


def _priced(words: str) -> bool:
    """True for "$9", "29 € / month", "Free"."""
    if words.strip().lower() in ("free", "$0", "0 €"):
        return True
    return any(unicodedata.category(sign) == "Sc" for sign in words) and len(words) < 20


def _nav(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A bar of icons with names (from the usual ones where none are given); with a label it is
    the head of a page: the brand at the left, the items beside it."""
    items = block.items or (("Home", "Search", "Saved", "Profile") if not block.label else ())
    edge = box.bottom if block.label else box.y
    rule = (
        f'<path d="M{box.x:.2f} {edge:.2f}H{box.right:.2f}" stroke="{kit.line}"'
        f' stroke-width="{em * 0.08:.2f}"/>'
    )
    out: list[Layer] = [VectorLayer(box, rule)]
    left = box.x
    if block.label:
        brand = Box(box.x + em, box.y, box.width * 0.3, box.height)
        out += written(block.label, brand, colour=kit.ink, most=em * 1.2, bold=True, rows=1)
        left = brand.right + em
    step = (box.right - left) / max(len(items), 1)
    for at, item in enumerate(items):
        spot = Box(left + at * step, box.y, step, box.height)
        if block.label:
            colour = kit.strong if at == 0 else kit.quiet
            out += written(item, inner(spot, em * 0.3), colour=colour, most=em, align="centre",
                           bold=at == 0, rows=1)  # fmt: skip
            continue
        mark = Box(spot.x, spot.y + spot.height * 0.14, step, spot.height * 0.44)
        out.append(glyph(named(item, at), mark, kit.accent if at == 0 else kit.quiet))
        name = Box(spot.x + em * 0.1, spot.y + spot.height * 0.64, step - em * 0.2,
                   spot.height * 0.24)  # fmt: skip
        out += written(item, name, colour=kit.strong if at == 0 else kit.quiet, most=em * 0.7,
                       bold=at == 0, align="centre", rows=1)  # fmt: skip
    return out


def sidebar(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """The navigation of a dashboard: a brand, then rows of glyph and name, the first one lit."""
    out: list[Layer] = [PanelLayer(box, inks(mixed(kit.panel, kit.accent, 0.06)))]
    body = inner(box, em * 0.9)
    side = 1.7 * em
    out.append(PanelLayer(Box(body.x, body.y, side, side), inks(kit.accent), radius=side * 0.3))
    brand = Box(body.x + side * 1.3, body.y, body.width - side * 1.3, side)
    if block.label:
        out += written(block.label, brand, colour=kit.ink, most=em * 1.1, bold=True, rows=1)
    else:
        out.append(_bar(kit, Box(brand.x, brand.y + side * 0.3, brand.width * 0.7, side * 0.4)))
    items = block.items or ("",) * 6
    step = min((body.height - 2 * side) / len(items), 2.9 * em)
    for at, item in enumerate(items):
        row = Box(body.x, body.y + side * 1.8 + step * at, body.width, step * 0.84)
        colour = kit.strong if at == 0 else kit.quiet
        if at == 0:
            out.append(PanelLayer(row, inks(kit.tint), radius=row.height * 0.26))
        mark = Box(row.x + em * 0.5, row.y, em * 1.3, row.height)
        out.append(glyph(named(item, at, side=True), mark, colour))
        name = Box(mark.right + em * 0.7, row.y, row.right - mark.right - em, row.height)
        if item:
            out += written(item, name, colour=colour, most=em, bold=at == 0, rows=1)
        else:
            thick = em * 0.5
            spot = Box(name.x, name.centre[1] - thick / 2, name.width * (0.8, 0.6)[at % 2], thick)
            out.append(_bar(kit, spot, strong=at == 0))
    return out


def _bar(kit: Kit, box: Box, *, strong: bool = False) -> PanelLayer:
    """A bar that stands for words nobody gave."""
    return PanelLayer(box, inks(kit.accent if strong else kit.faint), radius=box.height / 2)


def _tabs(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    items = block.items or (block.label,)
    step = box.width / len(items)
    out: list[Layer] = [PanelLayer(box, inks(kit.tint), radius=box.height * 0.3)]
    for at, item in enumerate(items):
        spot = inner(Box(box.x + at * step, box.y, step, box.height), box.height * 0.1)
        if at == 0:
            out.append(PanelLayer(spot, inks(kit.panel), radius=spot.height * 0.3, shadow=True))
        out += written(item, inner(spot, em * 0.4, spot.height * 0.2), bold=at == 0,
                       colour=kit.ink if at == 0 else kit.quiet, most=em, align="centre",
                       rows=1)  # fmt: skip
    return out


def _toggle(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A switch at the right of each name; a value of 0 switches it off."""
    items = block.items or (block.label,)
    step = box.height / len(items)
    out: list[Layer] = []
    for at, item in enumerate(items):
        row = Box(box.x, box.y + at * step, box.width, step)
        lit = block.values[at] > 0 if at < len(block.values) else at % 2 == 0
        high = min(1.5 * em, step * 0.7)
        track = Box(row.right - high * 1.8, row.centre[1] - high / 2, high * 1.8, high)
        knob = high * 0.8
        x = track.right - knob - high * 0.1 if lit else track.x + high * 0.1
        spot = Box(x, track.y + high * 0.1, knob, knob)
        out += written(item, Box(row.x, row.y, row.width - high * 2.4, step), colour=kit.ink,
                       most=em, rows=2)  # fmt: skip
        out.append(PanelLayer(track, inks(kit.accent if lit else kit.line), radius=high / 2))
        out.append(PanelLayer(spot, inks("#ffffff"), radius=knob / 2, shadow=True))
    return out


def _avatar(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A face in a disc, a name and a line beside it."""
    side = box.height * 0.92
    disc = Box(box.x, box.centre[1] - side / 2, side, side)
    face = block.drawing or "bust-in-silhouette"
    text = Box(disc.right + em, box.y, box.right - disc.right - em, box.height)
    head = Box(text.x, text.y + text.height * 0.12, text.width, text.height * 0.4)
    line = Box(text.x, text.y + text.height * 0.56, text.width, text.height * 0.32)
    words = " · ".join(block.items)
    if not words:
        head = inner(text, 0, text.height * 0.2)
    return [
        PanelLayer(disc, inks(kit.tint), radius=side / 2),
        *icon(face, inner(disc, side * 0.2)),
        *written(block.label, head, colour=kit.ink, most=em * 1.2, bold=True, rows=1),
        *written(words, line, colour=kit.quiet, most=em * 0.95, rows=1),
    ]


def _rows(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """Rows with a drawing or initial on a tile, a name, an arrow, and a rule between them."""
    if not block.items:
        return shaded_rows(kit, box, count=4)
    out: list[Layer] = []
    step = box.height / len(block.items)
    rules = ""
    for at, item in enumerate(block.items):
        row = Box(box.x, box.y + at * step, box.width, step)
        side = min(step * 0.74, 2.6 * em)
        mark = Box(row.x, row.centre[1] - side / 2, side, side)
        out += _avatar_tile(kit, item, mark, at)
        value = number(block.values[at]) if at < len(block.values) else ""
        ends = em * (3.2 if value else 1.2)
        name = Box(mark.right + em * 0.8, row.y + step * 0.1, row.right - mark.right - em - ends,
                   step * 0.8)  # fmt: skip
        out += written(item, name, colour=kit.ink, most=em, rows=2)
        tip = Box(row.right - ends, row.y, ends, step)
        out += written(value, tip, colour=kit.quiet, most=em, bold=True, align="right", rows=1)
        if not value:
            x, y, half = row.right - em * 0.5, row.centre[1], em * 0.3
            rules += (
                f'<path d="M{x - half:.2f} {y - half:.2f}l{half:.2f} {half:.2f}l{-half:.2f}'
                f' {half:.2f}" fill="none" stroke="{kit.faint}" stroke-width="{em * 0.14:.2f}"'
                f' stroke-linecap="round" stroke-linejoin="round"/>'
            )
        if at:
            rules += (
                f'<path d="M{name.x:.2f} {row.y:.2f}H{row.right:.2f}" stroke="{kit.line}"'
                f' stroke-width="{em * 0.06:.2f}"/>'
            )
    return [VectorLayer(box, rules), *out] if rules else out


def _avatar_tile(kit: Kit, item: str, box: Box, at: int) -> list[Layer]:
    colour = kit.series[at % len(kit.series)]
    drawing = pictured(item)
    if drawing:
        tile = PanelLayer(box, inks(mixed(kit.panel, colour, 0.18)), radius=box.width * 0.28)
        return [tile, *icon(drawing, inner(box, box.width * 0.16))]
    first = next((letter for letter in item if letter.isalnum()), "")
    return [
        PanelLayer(box, inks(colour), radius=box.width * 0.28),
        *written(first.upper(), inner(box, box.width * 0.22), colour=on_colour(colour),
                 most=box.height * 0.6, bold=True, align="centre", rows=1),
    ]  # fmt: skip


_WAYS: Mapping[BlockKind, Callable[[Kit, Block, Box, float], list[Layer]]] = MappingProxyType(
    {
        BlockKind.BUTTON: _button,
        BlockKind.FIELD: _field,
        BlockKind.CARD: _card,
        BlockKind.NAV: _nav,
        BlockKind.TABS: _tabs,
        BlockKind.TOGGLE: _toggle,
        BlockKind.AVATAR: _avatar,
        BlockKind.LIST: _rows,
    }
)
