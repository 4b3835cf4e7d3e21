"""Posters: a heavy title at the top, one strong drawing on a halo, the details on a band below."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer, PanelLayer
from pisang.engines.sketch.layout import letters
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.halo import halo
from pisang.engines.sketch.layout.page import Page, random_share, union
from pisang.engines.sketch.layout.palettes import inks, mixed, worst
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import Words, place_words
from pisang.engines.sketch.scene import TextRun
from pisang.engines.sketch.vocabulary import Role, Slot, Texture

_ROWS = {
    Role.TITLE: Slot.TOP,
    Role.SUBTITLE: Slot.TOP,
    Role.BODY: Slot.BOTTOM,
    Role.LABEL: Slot.BOTTOM,
    Role.BUTTON: Slot.BOTTOM,
    Role.PRICE: Slot.BOTTOM,
    Role.SIGN: Slot.TOP,
}
_LOW = {**_ROWS, Role.TITLE: Slot.BOTTOM, Role.SUBTITLE: Slot.BOTTOM}
_COLUMN = dict.fromkeys(Role, Slot.LEFT)
_RIGHT = dict.fromkeys(Role, Slot.RIGHT)
_MIDDLE = {**_ROWS, Role.TITLE: Slot.CENTRE, Role.SUBTITLE: Slot.CENTRE}
_GROUNDS = (Texture.RADIAL, Texture.RAYS, Texture.GRADIENT)


def compose(page: Page) -> list[Layer]:
    """Rows on square and tall paper; on wide paper words at the left and the drawing beside."""
    runs = free_texts(page)
    plain = page.scene.backdrop.place is None and not page.scene.pictures
    texture = page.rng.choice(_GROUNDS)
    if not performers(page):
        words = place_words(page, runs, _MIDDLE, crowded=False, busy=not plain)
        return assemble(page, words=words, stage=Stage(()), texture=texture)
    if page.wide and plain and runs and all(run.slot is None for run in runs):
        words = _column(page, runs)
        stage = stage_in(page, words.room, reserved=words.boxes())
        round_it = [halo(page, stage)]
        return assemble(page, words=words, stage=stage, texture=texture, ground=round_it)
    low = plain and len(runs) < 3 and random_share(page, "low") < 0.3
    low = low and all(run.slot is None and run.role is not Role.BUTTON for run in runs)
    shares = (0.3, 0.3, 0.42) if low else (0.38, 0.3, 0.24)
    slots = _LOW if low else _ROWS
    words = place_words(page, runs, slots, crowded=True, shares=shares, busy=not plain)
    ground: list[Layer] = []
    if plain and not low and page.safe.y < 0.1 * page.height:
        words, band = _banded(page, runs, words)
        ground += band
    stage = stage_in(page, words.room, reserved=words.boxes())
    if plain:
        ground.insert(0, halo(page, stage))
    return assemble(page, words=words, stage=stage, texture=texture, ground=ground)


def _column(page: Page, runs: list[TextRun]) -> Words:
    """All words in one column; the rest of the page is the drawing's."""
    area = page.safe
    wide = area.width * (0.5 if page.width / page.height < 3 else 0.58)
    mirrored = random_share(page, "mirrored") < 0.4
    column = Box(area.right - wide if mirrored else area.x, area.y, wide, area.height)
    slots = _RIGHT if mirrored else _COLUMN
    words = place_words(page, runs, slots, crowded=False, area=column, column=True)
    used = union(words.boxes())
    gap = 0.05 * page.unit
    edge = area.x if mirrored else used.right + gap
    end = used.x - gap if mirrored else area.right
    return Words(words.layers, Box(edge, area.y, end - edge, area.height), words.plates)


def _banded(page: Page, runs: list[TextRun], words: Words) -> tuple[Words, list[Layer]]:
    """Lays a band of colour across the foot when the details stand there."""
    low = [
        run for run in runs
        if run.id in words.layers and words.layers[run.id].box.y > page.height * 0.6
    ]  # fmt: skip
    if not low:
        return words, []
    top = min(box.y for box in words.boxes() if box.y > page.height * 0.6) - page.safe.x * 0.7
    given = [c for run in low if run.ink for c in run.ink.colours]
    options = [mixed(one, "#0b0d18", 0.1) for one in page.palette.accents]
    options += [mixed(page.palette.ground[0], end, 0.25) for end in ("#05060c", "#ffffff")]
    colour = next((one for one in options if worst(one, given) >= 3), None)
    if colour is None:
        return words, []
    relit = dict(words.layers)
    for run in low:
        if run.role in letters.PILLED:
            continue
        seen = letters.look(page, run, (colour,))
        relit[run.id] = letters.dressed(relit[run.id], seen)
    band = PanelLayer(Box(0, top, page.width, page.height - top), inks(colour))
    return Words(relit, words.room, words.plates), [band]
