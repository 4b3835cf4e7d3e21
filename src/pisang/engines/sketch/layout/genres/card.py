"""Greeting cards: words are the hero, in the middle; things gather below or around them."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer
from pisang.engines.sketch.layout import garland
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page, random_share
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.vocabulary import Role, Slot, Texture

_MIDDLE = {
    Role.TITLE: Slot.CENTRE,
    Role.SUBTITLE: Slot.CENTRE,
    Role.BODY: Slot.CENTRE,
    Role.LABEL: Slot.BOTTOM,
    Role.BUTTON: Slot.BOTTOM,
    Role.PRICE: Slot.BOTTOM,
    Role.SIGN: Slot.CENTRE,
}
_LOW = dict.fromkeys(Role, Slot.BOTTOM)
_TOP = {**_MIDDLE, Role.TITLE: Slot.TOP, Role.SUBTITLE: Slot.TOP, Role.BODY: Slot.BOTTOM}


def compose(page: Page) -> list[Layer]:
    """Without things the words stand in the middle; with things they take the upper half, or on
    a wide card one side."""
    runs = free_texts(page)
    if not performers(page):
        words = place_words(page, runs, _MIDDLE, crowded=False)
        return assemble(page, words=words, stage=Stage(()), texture=Texture.RADIAL)
    if runs and garland.suits(page) and all(run.slot is None for run in runs):
        room, stage = garland.corners(page)
        words = place_words(page, runs, _MIDDLE, crowded=False, area=room)
        return assemble(page, words=words, stage=stage, texture=Texture.RADIAL, shadows=False)
    area = page.safe
    if page.wide and runs and all(run.slot is None for run in runs):
        half = area.width * 0.54
        mirrored = page.rng.random() < 0.4
        left = area.right - half if mirrored else area.x
        words = place_words(
            page, runs, _MIDDLE, crowded=False, area=Box(left, area.y, half, area.height)
        )
        gap = 0.03 * page.unit
        rest = area.x if mirrored else left + half + gap
        room = Box(rest, area.y, area.width - half - gap, area.height)
    else:
        low = len(runs) < 3 and random_share(page, "low") < 0.3
        low = low and all(run.slot is None for run in runs)
        shares = (0.4, 0.4, 0.46) if low else (0.46, 0.4, 0.2)
        words = place_words(page, runs, _LOW if low else _TOP, crowded=True, shares=shares)
        room = words.room
    stage = stage_in(page, room, reserved=words.boxes())
    return assemble(page, words=words, stage=stage, texture=Texture.RADIAL)
