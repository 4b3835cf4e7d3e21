"""Parts of a mock-up: buttons, fields, cards, bars, tabs, toggles, avatars and rows of a list.

A widget says how high it wants to be in units of the screen's body type (``height``) and draws
itself into the row it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, Layer, PanelLayer, VectorLayer
from pisang.engines.sketch.layout.blocks import panels
from pisang.engines.sketch.layout.blocks.parts import Kit, icon, on_colour, written
from pisang.engines.sketch.layout.page import inner
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.scene import Block, BlockKind

__all__ = ["draw", "height"]

_GLYPHS = ("house", "magnifying-glass-tilted-left", "bell", "bust-in-silhouette", "gear")


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
            return 3.0 * rows + _head(block)
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
    headed = block.kind in (BlockKind.TABS, BlockKind.TOGGLE, BlockKind.LIST)
    return 1.8 if headed and block.label and block.items else 0.0


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
    ]  # fmt: skip


def _card(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A raised card: drawing on a tint at the left, heading and lines beside it."""
    out: list[Layer] = [
        PanelLayer(box, inks(kit.panel), radius=em * 0.8, shadow=True, stroke=inks(kit.line),
                   stroke_width=em * 0.05)
    ]  # fmt: skip
    body = inner(box, em * 0.9)
    if block.drawing:
        side = min(body.height, body.width * 0.34)
        pane = Box(body.x, body.centre[1] - side / 2, side, side)
        out.append(PanelLayer(pane, inks(kit.tint), radius=em * 0.5))
        out += icon(block.drawing, inner(pane, side * 0.16))
        body = Box(pane.right + em, body.y, body.right - pane.right - em, body.height)
    lines = (block.label, *block.items) if block.label else block.items
    if not lines:  # a card nobody described: lines stand for its words
        bars = [
            Box(body.x, body.y + body.height * (0.2 + 0.25 * at), body.width * share, em * 0.6)
            for at, share in enumerate((0.5, 0.9, 0.75))
        ]
        return [*out, *(PanelLayer(bar, inks(kit.line), radius=em * 0.3) for bar in bars)]
    step = min(body.height / len(lines), 2.2 * em)
    top = body.centre[1] - step * len(lines) / 2
    for at, line in enumerate(lines):
        spot = Box(body.x, top + at * step, body.width, step * 0.86)
        first = at == 0 and bool(block.label)
        out += written(line, spot, colour=kit.ink if first else kit.quiet,
                       most=em * (1.15 if first else 0.95), bold=first, rows=2)  # fmt: skip
    return out


def _nav(kit: Kit, block: Block, box: Box, em: float) -> list[Layer]:
    """A bar of icons with names (from the usual ones where none are given)."""
    items = block.items or (("Home", "Search", "Alerts", "Profile") if not block.label else ())
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
        colour = kit.accent if at == 0 else kit.quiet
        spot = Box(left + at * step, box.y, step, box.height)
        if block.label:
            out += written(item, inner(spot, em * 0.3), colour=colour, most=em, align="centre",
                           bold=at == 0, rows=1)  # fmt: skip
            continue
        glyph = Box(spot.x, spot.y + spot.height * 0.14, step, spot.height * 0.42)
        out += icon(_GLYPHS[at % len(_GLYPHS)], glyph)
        name = Box(spot.x + em * 0.1, spot.y + spot.height * 0.64, step - em * 0.2,
                   spot.height * 0.24)  # fmt: skip
        out += written(item, name, colour=kit.ink if at == 0 else kit.quiet, most=em * 0.7,
                       bold=at == 0, align="centre", rows=1)  # fmt: skip
    return out


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
    """Rows with a tinted mark, a name and a rule between them."""
    out: list[Layer] = []
    top = box.y
    items = block.items or (block.label,)
    step = (box.bottom - top) / len(items)
    rules = ""
    for at, item in enumerate(items):
        row = Box(box.x, top + at * step, box.width, step)
        side = min(step * 0.66, 2.0 * em)
        mark = Box(row.x, row.centre[1] - side / 2, side, side)
        colour = kit.series[at % len(kit.series)]
        out.append(PanelLayer(mark, inks(colour), radius=side * 0.3))
        first = next((letter for letter in item if letter.isalnum()), "")
        out += written(first.upper(), inner(mark, side * 0.22), colour=on_colour(colour),
                       most=em, bold=True, align="centre", rows=1)  # fmt: skip
        name = Box(mark.right + em * 0.8, row.y + step * 0.1, row.right - mark.right - em * 0.8,
                   step * 0.8)  # fmt: skip
        out += written(item, name, colour=kit.ink, most=em, rows=2)
        if at:
            rules += (
                f'<path d="M{name.x:.2f} {row.y:.2f}H{row.right:.2f}" stroke="{kit.line}"'
                f' stroke-width="{em * 0.06:.2f}"/>'
            )
    return [VectorLayer(box, rules), *out] if rules else out


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
