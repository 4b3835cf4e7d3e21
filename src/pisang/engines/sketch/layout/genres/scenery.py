"""Scenes: things in a place; words keep to the top and bottom and the things make way."""

from __future__ import annotations

from pisang.engines.sketch.layers import Layer
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.scene import Role, Slot

_SLOTS = {
    Role.TITLE: Slot.TOP,
    Role.SUBTITLE: Slot.TOP,
    Role.BODY: Slot.BOTTOM,
    Role.LABEL: Slot.BOTTOM,
    Role.BUTTON: Slot.BOTTOM,
    Role.PRICE: Slot.BOTTOM_RIGHT,
    Role.SIGN: Slot.TOP,
}


def compose(page: Page) -> list[Layer]:
    """Words first, then the cast in the room that is left."""
    busy = page.scene.backdrop.place is not None
    words = place_words(page, free_texts(page), _SLOTS, crowded=bool(performers(page)), busy=busy)
    stage = stage_in(page, words.room, reserved=words.boxes())
    return assemble(page, words=words, stage=stage, shadows=busy)
