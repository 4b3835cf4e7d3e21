"""Mock-ups: a phone or a browser window with its widgets in one column, or in two where wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pisang.engines.sketch.layers import BackdropLayer, Box, Layer, PanelLayer
from pisang.engines.sketch.layout import effects
from pisang.engines.sketch.layout.blocks import widgets
from pisang.engines.sketch.layout.blocks.glyphs import glyph
from pisang.engines.sketch.layout.blocks.parts import (
    Kit,
    icon,
    kit_for,
    on_colour,
    shaded_rows,
    written,
)
from pisang.engines.sketch.layout.compose import backdrop, covers
from pisang.engines.sketch.layout.genres.infographic import grid
from pisang.engines.sketch.layout.page import Page, inner
from pisang.engines.sketch.layout.palettes import inks, mixed
from pisang.engines.sketch.scene import Block
from pisang.engines.sketch.vocabulary import BlockKind, Role, Texture

_FRAMES = {BlockKind.PHONE, BlockKind.BROWSER}
_TILES = {
    BlockKind.CARD, BlockKind.STAT, BlockKind.BAR_CHART, BlockKind.LINE_CHART,
    BlockKind.PIE_CHART, BlockKind.TABLE, BlockKind.TIMELINE, BlockKind.COMPARISON,
    BlockKind.STEP,
}  # fmt: skip
_CHARTS = {BlockKind.LINE_CHART, BlockKind.BAR_CHART, BlockKind.PIE_CHART, BlockKind.TABLE}
_BROWSED = {BlockKind.LIST, BlockKind.TOGGLE, BlockKind.CARD, BlockKind.AVATAR, BlockKind.STAT}
_GAP = 1.2  # between widgets, in ems
_FEWEST = 22.0  # ems a screen is high at least: larger type looks like a toy


@dataclass(frozen=True, slots=True)
class _Row:
    """A widget, a text or a drawing that waits for its place; ``want`` is its height in ems."""

    want: float
    block: Block | None = None
    words: str = ""
    role: Role = Role.BODY
    drawing: str | None = None


def compose(page: Page) -> list[Layer]:
    """The frame that was asked for; without one, a phone on tall paper and a window on wide."""
    frame = next((b for b in page.scene.blocks if b.kind in _FRAMES), None)
    phone = frame.kind is BlockKind.PHONE if frame else page.height > page.width * 1.05
    kit = kit_for(page)
    ground = _ground(page)
    shell, screen = _phone(page, kit) if phone else _browser(page, kit, frame)
    bars = [b for b in page.scene.blocks if b.kind is BlockKind.NAV]
    rows = _rows(page)
    em = _em(screen, rows, phone=phone)
    content: list[Layer] = []
    tiles = [row.block for row in rows if row.block and row.block.kind in _TILES]
    many = not phone and len(tiles) > 2
    charted = any(tile.kind in _CHARTS for tile in tiles)
    if bars and many and charted and screen.width > 1.2 * screen.height:
        unit = min(screen.width / 62, screen.height / 30)
        side = Box(screen.x, screen.y, 11.5 * unit, screen.height)
        content += widgets.sidebar(kit, bars[0], side, unit)
        screen = Box(side.right, screen.y, screen.right - side.right, screen.height)
        bars = []
    for bar in bars[:1]:
        tall = 3.4 * em
        top = screen.bottom - tall if phone and not bar.label else screen.y
        content += widgets.draw(kit, bar, Box(screen.x, top, screen.width, tall), em)
        y = screen.y if top > screen.y else screen.y + tall
        screen = Box(screen.x, y, screen.width, screen.height - tall)
    if many:
        content += _dashboard(page, kit, rows, tiles, screen)
    else:
        content += _filled(page, kit, rows, screen, em, phone=phone)
    return [ground, *covers(page), *effects.behind(page, ()), *shell, *content, *effects.over(page)]


def _dashboard(
    page: Page, kit: Kit, rows: Sequence[_Row], tiles: Sequence[Block], screen: Box
) -> list[Layer]:
    """Many cards in a window: a heading strip, figures in one row, everything else below."""
    rest = [row for row in rows if row.block not in tiles]
    high = sum(row.want for row in rest) + _GAP * len(rest)
    em = min(screen.width / 46, screen.height * 0.4 / high if rest else screen.width / 46)
    body = inner(screen, 1.4 * em)
    stats = [tile for tile in tiles if tile.kind is BlockKind.STAT]
    others = [tile for tile in tiles if tile.kind is not BlockKind.STAT]
    if rest:
        top = Box(body.x, screen.y + em, body.width, high * em)
        out = _filled(page, kit, rest, top, em, phone=False)
    elif stats and others:
        top = Box(body.x, body.y, body.width, 2.2 * em)
        out = _toolbar(kit, top, em)
    else:
        top, out = Box(body.x, body.y - 1.2 * em, body.width, 0.0), []
    y = top.bottom + 1.2 * em
    room = Box(body.x, y, body.width, body.bottom - y)
    gap = 1.2 * em
    cells: list[tuple[Block, Box]] = []
    if stats and others:
        tall = min(room.height * 0.3, 7.5 * em)
        wide = (room.width - gap * (len(stats) - 1)) / len(stats)
        cells += [
            (stat, Box(room.x + at * (wide + gap), room.y, wide, tall))
            for at, stat in enumerate(stats)
        ]
        room = Box(room.x, room.y + tall + gap, room.width, room.height - tall - gap)
    else:
        others = list(tiles)
    cells += zip(others, _columns(others, room, gap) or grid(others, room, gap=gap), strict=True)
    for place, (block, cell) in enumerate(cells):
        size = min(em * 1.25, cell.width * 0.09, cell.height * 0.11)
        out += widgets.draw(kit_for(page, block, place), block, cell, size)
    return out


def _columns(tiles: Sequence[Block], room: Box, gap: float) -> list[Box]:
    """Plans to choose from stand beside each other, as upright cards; else nothing."""
    if any(tile.kind is not BlockKind.CARD for tile in tiles) or not 2 <= len(tiles) <= 4:
        return []
    wide = (room.width - gap * (len(tiles) - 1)) / len(tiles)
    tall = min(room.height, 1.75 * wide)
    if tall < 0.8 * wide:
        return []
    top = room.y + (room.height - tall) / 2
    return [Box(room.x + at * (wide + gap), top, wide, tall) for at in range(len(tiles))]


def _toolbar(kit: Kit, box: Box, em: float) -> list[Layer]:
    """A search pill at the left, a bell and a face at the right."""
    pill = Box(box.x, box.y, box.width * 0.36, box.height)
    side = box.height
    face = Box(box.right - side, box.y, side, side)
    bell = Box(face.x - side * 1.3, box.y, side, side)
    return [
        PanelLayer(pill, inks(kit.tint), radius=side / 2),
        glyph("search", Box(pill.x + em * 0.7, pill.y, em * 1.1, side), kit.quiet),
        glyph("bell", inner(bell, side * 0.2), kit.quiet),
        PanelLayer(face, inks(kit.accent), radius=side / 2),
        glyph("person", inner(face, side * 0.24), on_colour(kit.accent)),
    ]


def _ground(page: Page) -> BackdropLayer:
    return backdrop(page, Texture.GRADIENT)


def _phone(page: Page, kit: Kit) -> tuple[list[Layer], Box]:
    """A dark case with a light screen; on tall paper it fills the page nearly."""
    room = page.safe
    high = room.height
    wide = min(high * 0.49, room.width)
    high = min(high, wide / 0.42)
    case = Box(room.centre[0] - wide / 2, room.centre[1] - high / 2, wide, high)
    rim = wide * 0.035
    glass = inner(case, rim)
    notch = Box(case.centre[0] - wide * 0.14, glass.y + wide * 0.025, wide * 0.28, wide * 0.06)
    shell: list[Layer] = [
        PanelLayer(case, inks("#11131a"), radius=wide * 0.13, shadow=True),
        PanelLayer(glass, inks(kit.panel), radius=wide * 0.1),
        PanelLayer(notch, inks("#11131a"), radius=notch.height / 2),
    ]
    top = notch.bottom + wide * 0.03
    return shell, Box(glass.x, top, glass.width, glass.bottom - top - wide * 0.04)


def _browser(page: Page, kit: Kit, frame: Block | None) -> tuple[list[Layer], Box]:
    """A window with three dots and an address."""
    room = page.safe
    bar = min(0.055 * page.unit, room.height * 0.12)
    radius = bar * 0.35
    head = Box(room.x, room.y, room.width, bar)
    tint = mixed(kit.panel, kit.ink, 0.08)
    shell: list[Layer] = [
        PanelLayer(room, inks(tint), radius=radius, shadow=True),
        PanelLayer(Box(room.x, room.y + bar, room.width, room.height - bar), inks(kit.panel)),
    ]
    for at, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        side = bar * 0.26
        spot = Box(head.x + bar * (0.45 + 0.42 * at), head.centre[1] - side / 2, side, side)
        shell.append(PanelLayer(spot, inks(colour), radius=side / 2))
    address = Box(head.x + bar * 2.1, head.y + bar * 0.2, room.width - bar * 2.6, bar * 0.6)
    shell.append(PanelLayer(address, inks(kit.panel), radius=address.height / 2))
    words = frame.label if frame else ""
    shell += written(words, inner(address, address.height * 0.5, address.height * 0.2),
                     colour=kit.quiet, most=bar * 0.34, rows=1)  # fmt: skip
    return shell, Box(room.x, room.y + bar, room.width, room.height - bar - radius)


def _rows(page: Page) -> list[_Row]:
    """Heading, drawings, widgets, then what else is to be read - top to bottom."""
    ranks = {Role.TITLE: 0, Role.SUBTITLE: 1}
    heads = sorted(
        (run for run in page.scene.texts if run.role in ranks), key=lambda run: ranks[run.role]
    )
    rest = [run for run in page.scene.texts if run.role not in ranks]
    out = [_Row(3.0 if run.role is Role.TITLE else 1.9, words=run.words, role=run.role)
           for run in heads]  # fmt: skip
    out += [_Row(8.0, drawing=thing.drawing) for thing in page.scene.things]
    out += [_Row(2.4, words=run.words, role=run.role) for run in rest if run.role is Role.BODY]
    for block in page.scene.blocks:
        if block.kind in _FRAMES:
            out += _inside(block)
        elif block.kind is not BlockKind.NAV:
            out.append(_Row(widgets.height(block), block=block))
    for run in rest:
        if run.role is Role.BUTTON:
            button = Block(id=run.id, kind=BlockKind.BUTTON, label=run.words)
            out.append(_Row(widgets.height(button), block=button))
        elif run.role is Role.PRICE:
            card = Block(id=run.id, kind=BlockKind.CARD, label=run.words)
            out.append(_Row(widgets.height(card), block=card))
        elif run.role is not Role.BODY:
            out.append(_Row(1.8, words=run.words, role=run.role))
    return out


def _inside(frame: Block) -> list[_Row]:
    """What a frame itself carries: a phone's label is its heading, items are rows."""
    out = []
    if frame.label and frame.kind is BlockKind.PHONE:
        out.append(_Row(3.0, words=frame.label, role=Role.TITLE))
    if frame.drawing:
        out.append(_Row(8.0, drawing=frame.drawing))
    if frame.items:
        block = Block(id=frame.id, kind=BlockKind.LIST, items=frame.items)
        out.append(_Row(widgets.height(block), block=block))
    return out


def _em(screen: Box, rows: Sequence[_Row], *, phone: bool) -> float:
    """Body type such that everything fits; not larger than a screen of that width has."""
    total = sum(row.want for row in rows) + _GAP * (len(rows) + 1) + 4.0
    natural = screen.width / (19.5 if phone else 40)
    return min(natural, screen.height / max(total, _FEWEST))


def _filled(
    page: Page, kit: Kit, rows: Sequence[_Row], screen: Box, em: float, *, phone: bool
) -> list[Layer]:
    """The rows under each other, in the middle of the screen; wider screens get a column."""
    if not rows:
        return _skeleton(kit, inner(screen, 1.6 * em))
    wide = screen.width - 3.2 * em if phone else min(screen.width - 4 * em, 34 * em)
    total = sum(row.want for row in rows) * em + _GAP * em * (len(rows) - 1)
    free = max(screen.height - total, 0.0)
    gap = _GAP * em + min(free / (len(rows) + 1), 1.2 * em)
    total += (gap - _GAP * em) * (len(rows) - 1)
    browsing = any(row.block and row.block.kind in _BROWSED for row in rows)
    down = 0.06 if phone and browsing else 0.32 if phone else 0.45
    y = screen.y + max((screen.height - total) * down, 0.0)
    x = screen.centre[0] - wide / 2
    out: list[Layer] = []
    for row in rows:
        spot = Box(x, y, wide, row.want * em)
        out += _drawn(page, kit, row, spot, em)
        y = spot.bottom + gap
    return out


def _drawn(page: Page, kit: Kit, row: _Row, box: Box, em: float) -> list[Layer]:
    if row.block is not None:
        own = kit_for(page, row.block) if row.block.ink else kit
        return widgets.draw(own, row.block, box, em)
    if row.drawing is not None:
        side = min(box.width, box.height)
        disc = Box(box.centre[0] - side / 2, box.y, side, side)
        return [
            PanelLayer(disc, inks(kit.tint), radius=side / 2),
            *icon(row.drawing, inner(disc, side * 0.2)),
        ]
    title = row.role is Role.TITLE
    return [
        *written(row.words, box, colour=kit.ink if title else kit.quiet, bold=title,
                 most=em * (1.9 if title else 1.05), align="centre", rows=2)
    ]  # fmt: skip


def _skeleton(kit: Kit, room: Box) -> list[Layer]:
    """A screen nobody filled: a greeting, a picture and rows of a list, as wire frames have."""
    em = room.width / 19
    side = 2.4 * em
    face = Box(room.right - side, room.y, side, side)
    out: list[Layer] = [
        PanelLayer(Box(room.x, room.y + em * 0.2, room.width * 0.5, em * 0.9), inks(kit.faint),
                   radius=em * 0.45),
        PanelLayer(Box(room.x, room.y + em * 1.5, room.width * 0.34, em * 0.6), inks(kit.line),
                   radius=em * 0.3),
        PanelLayer(face, inks(kit.tint), radius=side / 2),
        glyph("person", inner(face, side * 0.24), kit.strong),
    ]  # fmt: skip
    hero = Box(room.x, face.bottom + em, room.width, min(room.height * 0.3, room.width * 0.5))
    out += [
        PanelLayer(hero, inks(kit.accent, mixed(kit.accent, kit.panel, 0.45)), radius=em),
        glyph("picture", inner(hero, hero.width * 0.3, hero.height * 0.3), kit.panel),
    ]
    rest = Box(room.x, hero.bottom + em, room.width, room.bottom - hero.bottom - em)
    return [*out, *shaded_rows(kit, rest)] if rest.height > 3 * em else out
