"""Collages and edits: supplied pictures in a grid with even gutters, or one that fills the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pisang.engines.sketch.layers import Box, Layer, PictureLayer
from pisang.engines.sketch.layout.compose import assemble, free_texts
from pisang.engines.sketch.layout.page import Page, inner
from pisang.engines.sketch.layout.staging import Stage, perform
from pisang.engines.sketch.layout.troupe import gather
from pisang.engines.sketch.layout.zones import place_words
from pisang.engines.sketch.scene import Picture, Thing
from pisang.engines.sketch.vocabulary import Framing, Role, Slot, Texture

_ROWS = {
    **dict.fromkeys(Role, Slot.BOTTOM),
    Role.TITLE: Slot.TOP,
    Role.SUBTITLE: Slot.TOP,
}


def compose(page: Page) -> list[Layer]:
    """Tiles in the grid that crops them least; words above and below."""
    tiles = [p for p in page.scene.pictures if p.framing is not Framing.CUTOUT]
    runs = free_texts(page)
    words = place_words(page, runs, _ROWS, crowded=bool(tiles), shares=(0.2, 0.3, 0.18))
    gutter = 0.018 * page.unit
    around = page.whole if not runs else words.room
    if runs:
        top = around.y if any(b.y < page.height / 2 for b in words.boxes()) else gutter
        foot = (
            around.bottom
            if any(b.y >= page.height / 2 for b in words.boxes())
            else page.height - gutter
        )
        around = Box(gutter, top, page.width - 2 * gutter, foot - top)
    else:
        around = inner(page.whole, gutter)
    cells = _grid(page, tiles, around, gutter) if tiles else []
    pictures: list[Layer] = [
        PictureLayer(cell, tile.digest, Framing.TILE, tile.edits)
        for tile, cell in zip(tiles, cells, strict=True)
    ]
    loose: list[Thing | Picture] = [
        *page.scene.things,
        *(p for p in page.scene.pictures if p not in tiles),
    ]
    troupe = gather(page, loose)
    stage = perform(page, troupe, words.room, reserved=words.boxes(), grounded=False)
    return assemble(
        _without_covers(page), words=words, stage=stage if loose else Stage(()),
        ground=pictures, texture=Texture.PLAIN,
    )  # fmt: skip


def _without_covers(page: Page) -> Page:
    """In a collage every picture is a tile, whatever framing it came with."""
    bare = page.scene.model_copy(update={"pictures": ()})
    return replace(page, scene=bare)


def _grid(page: Page, tiles: Sequence[Picture], area: Box, gutter: float) -> list[Box]:
    """Rows of equal height; the number of rows is the one that fits the pictures' own ratios."""
    shapes = [_ratio(page, tile) for tile in tiles]
    count = len(tiles)
    best: tuple[float, list[Box]] | None = None
    for rows in range(1, count + 1):
        share = [count // rows + (1 if row < count % rows else 0) for row in range(rows)]
        cells: list[Box] = []
        high = (area.height - gutter * (rows - 1)) / rows
        for row, many in enumerate(share):
            wide = (area.width - gutter * (many - 1)) / many
            y = area.y + row * (high + gutter)
            cells += [Box(area.x + col * (wide + gutter), y, wide, high) for col in range(many)]
        cropped = sum(
            max(cell.width / cell.height / shape, shape * cell.height / cell.width)
            for cell, shape in zip(cells, shapes, strict=True)
        )
        if best is None or cropped < best[0]:
            best = (cropped, cells)
    assert best is not None
    return best[1]


def _ratio(page: Page, picture: Picture) -> float:
    width, height = page.sizes.get(picture.digest, (1, 1))
    return width / height if width and height else 1.0
