"""What the compositions share: from texts, things and effects to one list of layers."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.layers import BackdropLayer, Box, Layer, PictureLayer
from pisang.engines.sketch.layout import effects, signs
from pisang.engines.sketch.layout.emit import layers_of
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import inks
from pisang.engines.sketch.layout.staging import Stage, perform
from pisang.engines.sketch.layout.troupe import gather
from pisang.engines.sketch.layout.zones import Words
from pisang.engines.sketch.scene import Backdrop, Picture, TextRun, Thing
from pisang.engines.sketch.vocabulary import Framing, Role, Texture

__all__ = ["assemble", "backdrop", "covers", "free_texts", "performers", "stage_in"]

_STANDING = {Framing.CUTOUT, Framing.INSET, Framing.ROUND, Framing.TILE}


def free_texts(page: Page) -> list[TextRun]:
    """Texts that no thing or block carries."""
    known = page.scene.ids()
    return [run for run in page.scene.texts if run.on not in known and run.role is not Role.SPEECH]


def performers(page: Page) -> list[Thing | Picture]:
    """Things, and the pictures that stand among them."""
    standing = [p for p in page.scene.pictures if p.framing in _STANDING]
    return [*page.scene.things, *standing]


def covers(page: Page) -> list[PictureLayer]:
    """Supplied pictures that fill the canvas."""
    return [
        PictureLayer(page.whole, picture.digest, picture.framing, picture.edits)
        for picture in page.scene.pictures
        if picture.framing is Framing.COVER
    ]


def stage_in(
    page: Page, room: Box, *, reserved: Sequence[Box], grounded: bool | None = None
) -> Stage:
    """Everybody placed in a room."""
    troupe = gather(page, performers(page))
    on_land = page.scene.backdrop.place is not None if grounded is None else grounded
    return perform(page, troupe, room, reserved=reserved, grounded=on_land)


def backdrop(page: Page, texture: Texture | None = None) -> BackdropLayer:
    """The ground as the scene has it, else a gradient of the palette."""
    drop = page.scene.backdrop
    if drop.place is None and drop.ink is None:
        drop = Backdrop(
            hour=drop.hour,
            ink=inks(*page.palette.ground),
            texture=drop.texture or texture or Texture.GRADIENT,
        )
    return BackdropLayer(drop, page.anchors.horizon, page.palette.accents, page.scene.without)


def _page_colours(page: Page) -> Sequence[str]:
    """The colours of a plain page; none where a place or picture lies behind."""
    drop = page.scene.backdrop
    return () if drop.place is not None or covers(page) else page.palette.ground


def assemble(
    page: Page,
    *,
    words: Words,
    stage: Stage,
    extra: Sequence[Layer] = (),
    shadows: bool = True,
    texture: Texture | None = None,
    ground: Sequence[Layer] = (),
) -> list[Layer]:
    """Ground, air, things, particles, panels and words, frame - in this order.

    ``ground`` lies directly on the backdrop, ``extra`` before the things (bubbles, plates).
    """
    written = signs.write(page, stage, words.boxes())
    spoken = [*words.boxes(), *written.boxes]
    bodies = list(stage.boxes().values())
    return [
        backdrop(page, texture),
        *covers(page),
        *ground,
        *effects.behind(page, spoken, bodies),
        *layers_of(stage, shadows=shadows, ground=_page_colours(page)),
        *effects.before(page, spoken),
        *extra,
        *words.plates,
        *words.layers.values(),
        *written.layers,
        *effects.over(page),
    ]
