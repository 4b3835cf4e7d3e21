"""Icons, logos and stickers: one mark in the middle with much room around it."""

from __future__ import annotations

from dataclasses import replace

from pisang.engines.sketch.layers import Box, Layer, PanelLayer
from pisang.engines.sketch.layout import letters
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page, inner, union
from pisang.engines.sketch.layout.palettes import inks, mixed
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import Words, place_words
from pisang.engines.sketch.vocabulary import Role, Slot, Texture

_SLOTS = dict.fromkeys(Role, Slot.BOTTOM)
_ALONE = dict.fromkeys(Role, Slot.CENTRE)


def compose(page: Page) -> list[Layer]:
    """A tile in a colour of the palette, the mark on it, the name below."""
    runs = free_texts(page)
    if not performers(page):
        words = place_words(page, runs, _ALONE, crowded=False)
        return assemble(page, words=words, stage=Stage(()), texture=Texture.PLAIN)
    words = place_words(page, runs, _SLOTS, crowded=True, shares=(0.24, 0.3, 0.24))
    room = words.room
    side = min(room.width, room.height) * (0.86 if runs else 0.8)
    x, y = room.centre
    tile = Box(x - side / 2, y - side / 2, side, side)
    stage = stage_in(page, inner(tile, side * 0.12), reserved=words.boxes(), grounded=False)
    if all(run.slot in (None, Slot.BOTTOM) for run in runs):
        words, stage = _locked(page, words, stage)
    ground: list[Layer] = []
    if page.scene.backdrop.place is None and page.scene.backdrop.ink is None:
        base = page.rng.choice(page.palette.accents[:4])
        ink = inks(mixed(base, "#ffffff", 0.38), mixed(base, "#ffffff", 0.04))
        ground.append(PanelLayer(tile, ink, radius=side * 0.23, shadow=True))
    return assemble(
        page, words=words, stage=stage, ground=ground, shadows=False, texture=Texture.PLAIN
    )


def _locked(page: Page, words: Words, stage: Stage) -> tuple[Words, Stage]:
    """Mark and name moved together until they read as one, in the middle of the page."""
    if not words.layers or page.scene.backdrop.ink is None:  # a tile keeps its own place
        return words, stage
    mark, name = union(list(stage.boxes().values())), union(words.boxes())
    gap = 0.055 * page.unit
    total = mark.height + gap + name.height
    top = (page.height - total) / 2
    down, up = top - mark.y, top + mark.height + gap - name.y
    layers = {
        ident: letters.moved(layer, layer.box.x, layer.box.y + up)
        for ident, layer in words.layers.items()
    }
    plates = tuple(
        replace(plate, box=Box(plate.box.x, plate.box.y + up, plate.box.width, plate.box.height))
        for plate in words.plates
    )
    moved = Stage(tuple(cluster.moved(0, down) for cluster in stage.clusters))
    return Words(layers, words.room, plates), moved
