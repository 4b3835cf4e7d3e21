"""Social posts and banners: bold words on one side, one drawing on a disc on the other."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.halo import halo
from pisang.engines.sketch.layout.page import Page, random_share
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.vocabulary import Role, Slot, Texture

_MIDDLE = dict.fromkeys(Role, Slot.CENTRE)
_LEFT = dict.fromkeys(Role, Slot.LEFT)
_RIGHT = dict.fromkeys(Role, Slot.RIGHT)
_LOW = dict.fromkeys(Role, Slot.BOTTOM)
_ROWS = {
    **dict.fromkeys(Role, Slot.BOTTOM),
    Role.TITLE: Slot.TOP,
    Role.SUBTITLE: Slot.TOP,
    Role.SIGN: Slot.TOP,
}


def compose(page: Page) -> list[Layer]:
    """Beside each other from 5:4 on, stacked below that."""
    runs = free_texts(page)
    plain = page.scene.backdrop.place is None and not page.scene.pictures
    if not performers(page):
        words = place_words(page, runs, _MIDDLE, crowded=False, busy=not plain)
        return assemble(page, words=words, stage=Stage(()), texture=Texture.GRADIENT)
    area = page.safe
    if page.width / page.height >= 1.2 and runs and all(run.slot is None for run in runs):
        mirrored = page.rng.random() < 0.35
        wide = area.width * 0.52
        left = area.right - wide if mirrored else area.x
        slots = _RIGHT if mirrored else _LEFT
        column = Box(left, area.y, wide, area.height)
        words = place_words(
            page, runs, slots, crowded=False, area=column, busy=not plain, column=True
        )
        start = area.x if mirrored else area.x + wide + 0.04 * page.unit
        room = Box(start, area.y, area.width - wide - 0.04 * page.unit, area.height)
    else:
        low = len(runs) < 3 and random_share(page, "low") < 0.4
        low = low and all(run.slot is None and run.role is not Role.BUTTON for run in runs)
        shares = (0.3, 0.34, 0.4) if low else (0.36, 0.34, 0.22)
        slots = _LOW if low else _ROWS
        words = place_words(page, runs, slots, crowded=True, shares=shares, busy=not plain)
        room = words.room
    stage = stage_in(page, room, reserved=words.boxes())
    ground = [halo(page, stage)] if plain else []
    return assemble(page, words=words, stage=stage, ground=ground, texture=Texture.GRADIENT)
