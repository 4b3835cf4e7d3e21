"""Infographics: a headline, then blocks on a grid that suits the paper, things at the foot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pisang.engines.sketch.layers import Box, Layer
from pisang.engines.sketch.layout.blocks import panels
from pisang.engines.sketch.layout.blocks.parts import kit_for
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.scene import Block
from pisang.engines.sketch.vocabulary import BlockKind, Role, Slot, Texture

_SLOTS = {
    **dict.fromkeys(Role, Slot.BOTTOM),
    Role.TITLE: Slot.TOP,
    Role.SUBTITLE: Slot.TOP,
}
_CARD, _STRIP = 1.15, 3.4  # ratios of a card that reads well upright and lying


def compose(page: Page) -> list[Layer]:
    """Words, then things in a strip, then the blocks in what is left."""
    blocks = _expanded(page)
    runs = free_texts(page)
    if not blocks and not performers(page):
        words = place_words(page, runs, _SLOTS, crowded=False)
        return assemble(page, words=words, stage=Stage(()), texture=Texture.GRADIENT)
    words = place_words(page, runs, _SLOTS, crowded=True, shares=(0.2, 0.3, 0.14))
    room = words.room
    stage = Stage(())
    if performers(page):
        share = 0.2 if blocks else 1.0
        strip = Box(room.x, room.bottom - room.height * share, room.width, room.height * share)
        stage = stage_in(page, strip, reserved=words.boxes(), grounded=False)
        room = Box(room.x, room.y, room.width, room.height * (0.78 if blocks else 1.0))
    cards = _drawn(page, blocks, room) if blocks else []
    return assemble(
        page, words=words, stage=stage, ground=cards, texture=Texture.GRADIENT, shadows=False
    )


def _expanded(page: Page) -> list[Block]:
    """One block of several steps becomes a card a step; blocks that say nothing are left out
    where there are things to show instead."""
    found: list[Block] = []
    steps = sum(block.kind is BlockKind.STEP for block in page.scene.blocks)
    said = {run.words.casefold() for run in page.scene.texts if run.role is Role.TITLE}
    for block in page.scene.blocks:
        if block.items and block.label.casefold() in said:  # the page's title heads it already
            block = block.model_copy(update={"label": ""})
        several = block.kind is BlockKind.STEP and steps == 1 and len(block.items) > 1
        if several and block.label:  # named steps of one thing: a list under its name
            found.append(block.model_copy(update={"kind": BlockKind.LIST}))
        elif several:
            found += [
                Block(id=f"{block.id}-{at}", kind=BlockKind.STEP, label=item, ink=block.ink)
                for at, item in enumerate(block.items)
            ]
        elif _speaks(block) or not page.scene.things:
            found.append(block)
    return found


def _speaks(block: Block) -> bool:
    return bool(block.label or block.items or block.values or block.drawing)


def _drawn(page: Page, blocks: Sequence[Block], room: Box) -> list[Layer]:
    cells = grid(blocks, room, gap=0.022 * page.unit)
    sides = sorted(min(cell.width, cell.height * 1.6) for cell in cells)
    most = max(min(0.045 * page.unit, sides[len(sides) // 2] * 0.1), 0.014 * page.unit)
    out: list[Layer] = []
    first = next((at for at, one in enumerate(blocks) if one.kind is BlockKind.STEP), 0)
    for at, (block, cell) in enumerate(zip(blocks, cells, strict=True)):
        place = at - first if block.kind is BlockKind.STEP else at  # steps count from one
        out += panels.draw(kit_for(page, block, place), block, cell, place=place, most=most)
    return out


def grid(blocks: Sequence[Block], room: Box, *, gap: float) -> list[Box]:
    """Cells in reading order; the number of rows whose cards have the best shape. Rows get
    height, and cells in a row width, by what their blocks want."""
    best: tuple[float, list[Box]] | None = None
    for rows in range(1, len(blocks) + 1):
        lines = _dealt(blocks, rows)
        cells = _cells(lines, room, gap)
        cost = sum(min(_off(cell, _CARD), _off(cell, _STRIP) + 0.12) for cell in cells)
        widows = 0.3 * (max(map(len, lines)) - min(map(len, lines)))
        if best is None or cost / len(cells) + widows < best[0]:
            best = (cost / len(cells) + widows, cells)
    assert best is not None
    return best[1]


def _off(cell: Box, ratio: float) -> float:
    return abs(math.log(max(cell.width / max(cell.height, 1e-6), 1e-6) / ratio))


def _dealt(blocks: Sequence[Block], rows: int) -> list[list[Block]]:
    out: list[list[Block]] = []
    start = 0
    for row in range(rows):
        many = len(blocks) // rows + (1 if row < len(blocks) % rows else 0)
        out.append(list(blocks[start : start + many]))
        start += many
    return out


def _cells(lines: Sequence[Sequence[Block]], room: Box, gap: float) -> list[Box]:
    heights = [max(panels.weight(block) for block in line) for line in lines]
    free = room.height - gap * (len(lines) - 1)
    out: list[Box] = []
    y = room.y
    for line, share in zip(lines, heights, strict=True):
        high = free * share / sum(heights)
        wants = [panels.weight(block) for block in line]
        across = room.width - gap * (len(line) - 1)
        x = room.x
        for want in wants:
            wide = across * want / sum(wants)
            out.append(Box(x, y, wide, high))
            x += wide + gap
        y += high + gap
    return out
