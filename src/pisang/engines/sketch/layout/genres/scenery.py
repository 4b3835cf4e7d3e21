"""Scenes: things in a place; words keep to the top and bottom and the things make way."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.scene import TextRun
from pisang.engines.sketch.vocabulary import Role, Slot

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
    runs = free_texts(page)
    if page.width > 2.3 * page.height and runs and all(run.slot is None for run in runs):
        return _banner(page, runs, busy=busy)
    low = 0.22
    if busy and not page.anchors.floating:  # leave land to stand on above the words
        low = min(low, 0.6 * page.anchors.ground.height / page.height)
    words = place_words(
        page,
        runs,
        _SLOTS,
        crowded=bool(performers(page)),
        shares=(0.3, 0.34, low),
        busy=busy,
    )
    stage = stage_in(page, words.room, reserved=words.boxes())
    return assemble(page, words=words, stage=stage, shadows=busy)


def _banner(page: Page, runs: list[TextRun], *, busy: bool) -> list[Layer]:
    """Very wide paper: the words at one side, the things have the rest."""
    area = page.safe
    left = Box(area.x, area.y, area.width * 0.36, area.height)
    slots = dict.fromkeys(Role, Slot.LEFT)
    words = place_words(page, runs, slots, crowded=False, area=left, busy=busy, column=True)
    edge = max(box.right for box in words.boxes()) + 0.04 * page.unit
    room = Box(edge, area.y, area.right - edge, area.height)
    stage = stage_in(page, room, reserved=words.boxes())
    return assemble(page, words=words, stage=stage, shadows=busy)
