"""Patterns: drawings repeated in a brick grid that meets itself at opposite edges."""

from __future__ import annotations

import math

from pisang.engines.sketch.layers import Box, DrawingLayer, Layer, PanelLayer
from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.compose import assemble, free_texts
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.vocabulary import Role, Size, Slot, Texture

_MIDDLE = dict.fromkeys(Role, Slot.CENTRE)
_ROWS_BY_SIZE = {Size.TINY: 9, Size.SMALL: 7, Size.NORMAL: 5, Size.LARGE: 4, Size.HUGE: 3}


def compose(page: Page) -> list[Layer]:
    """Columns and rows are even in number, so that the shifted rows close at the edges; what
    crosses an edge is drawn at the opposite one too."""
    words = place_words(page, free_texts(page), _MIDDLE, crowded=True)
    ground: list[Layer] = list(_grid(page)) if page.scene.things else []
    for box in words.boxes():
        panel = box.grown(0.045 * page.unit)
        ground.append(PanelLayer(panel, inks(page.palette.ground[0]), radius=0.03 * page.unit))
    return assemble(page, words=words, stage=Stage(()), ground=ground, texture=Texture.PLAIN)


def _grid(page: Page) -> list[DrawingLayer]:
    things = page.scene.things
    across = _ROWS_BY_SIZE[things[0].size or Size.NORMAL]
    cell = min(page.width, page.height) / across
    columns = max(2, round(page.width / cell))
    rows = max(2, 2 * round(page.height / cell / 2))
    wide, high = page.width / columns, page.height / rows
    out = []
    for row in range(rows):
        for col in range(columns):
            thing = things[(row * (len(things) // 2 + 1) + col) % len(things)]
            shape = nature.aspect(thing.drawing)
            side = min(wide, high) * 0.62 * page.rng.uniform(0.94, 1.06)
            w, h = side * min(math.sqrt(shape), 1.3), side / max(math.sqrt(shape), 0.77)
            x = (col + (0.75 if row % 2 else 0.25)) * wide
            y = (row + 0.5) * high
            turn = thing.turn + page.rng.choice((-14, -7, 0, 7, 14))
            flip = thing.flip != (page.rng.random() < 0.5)
            for shift in (0.0, -page.width):
                box = Box(x - w / 2 + shift, y - h / 2, w, h)
                if box.right > 0 and box.x < page.width:
                    out.append(DrawingLayer(box, thing.drawing, thing.ink, flip=flip, turn=turn))
    return out
