"""Product shots: one object, large, on a pedestal in soft light; words keep to one side."""

from __future__ import annotations

from pisang.engines.sketch.layers import Box, Layer, VectorLayer
from pisang.engines.sketch.layout.compose import assemble, free_texts, performers, stage_in
from pisang.engines.sketch.layout.page import Page, union
from pisang.engines.sketch.layout.palettes import luminance, mixed
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.layout.zones import place_words
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
_COLUMN = dict.fromkeys(Role, Slot.LEFT)


def compose(page: Page) -> list[Layer]:
    """On wide paper the words have the left column, else the top and the foot."""
    runs = free_texts(page)
    area = page.safe
    beside = page.wide and runs and all(run.slot is None for run in runs)
    if beside:
        left = Box(area.x, area.y, area.width * 0.44, area.height)
        words = place_words(page, runs, _COLUMN, crowded=False, area=left, column=True)
        edge = area.x + area.width * 0.5
        room = Box(edge, area.y, area.right - edge, area.height)
    else:
        words = place_words(page, runs, _ROWS, crowded=bool(performers(page)))
        room = words.room
    if not performers(page):
        return assemble(page, words=words, stage=Stage(()), texture=Texture.RADIAL)
    if page.scene.backdrop.place is not None:
        stage = stage_in(page, room, reserved=words.boxes())
        return assemble(page, words=words, stage=stage)
    foot = room.height * 0.17
    upper = Box(room.x, room.y + room.height * 0.03, room.width, room.height - foot)
    stage = _seated(stage_in(page, upper, reserved=words.boxes(), grounded=False), upper.bottom)
    ground = [_pedestal(page, stage, room)]
    return assemble(page, words=words, stage=stage, texture=Texture.RADIAL, ground=ground)


def _seated(stage: Stage, floor: float) -> Stage:
    """Everything lowered until its lowest point stands on the floor."""
    low = union(list(stage.boxes().values())).bottom
    return Stage(tuple(cluster.moved(0, floor - low) for cluster in stage.clusters))


def _pedestal(page: Page, stage: Stage, room: Box) -> VectorLayer:
    """A low round plinth: top ellipse, side, soft rim - in shades of the ground."""
    hero = union(list(stage.boxes().values()))
    rx = min(hero.width * 0.72, room.width * 0.5, room.width / 2)
    rx = max(rx, min(room.width * 0.28, page.width * 0.2))
    ry = min(rx * 0.17, room.height * 0.06)
    x, y = hero.centre[0], hero.bottom - ry * 0.1
    x = min(max(x, room.x + rx), room.right - rx)
    side = min(ry * 1.5, page.height * 0.985 - y - ry)
    ground = page.palette.ground[-1]
    dark = luminance(ground) < 0.25
    top = mixed(ground, "#ffffff", 0.16 if dark else 0.7)
    body = mixed(ground, "#ffffff", 0.06) if dark else mixed(ground, "#1c1630", 0.10)
    edge = mixed(body, "#05060c", 0.16)
    svg = (
        f'<ellipse cx="{x:.2f}" cy="{y + side + ry * 0.35:.2f}" rx="{rx * 1.12:.2f}"'
        f' ry="{ry * 1.05:.2f}" fill="#05060c" fill-opacity="0.10"/>'
        f'<path d="M{x - rx:.2f} {y:.2f}v{side:.2f}a{rx:.2f} {ry:.2f} 0 0 0 {2 * rx:.2f} 0'
        f'v{-side:.2f}z" fill="{body}"/>'
        f'<path d="M{x - rx:.2f} {y + side * 0.86:.2f}v{side * 0.14:.2f}a{rx:.2f} {ry:.2f} 0 0 0'
        f' {2 * rx:.2f} 0v{-side * 0.14:.2f}a{rx:.2f} {ry:.2f} 0 0 1 {-2 * rx:.2f} 0z"'
        f' fill="{edge}"/>'
        f'<ellipse cx="{x:.2f}" cy="{y:.2f}" rx="{rx:.2f}" ry="{ry:.2f}" fill="{top}"/>'
    )
    box = Box(x - rx * 1.12, y - ry, rx * 2.24, side + ry * 2.6)
    return VectorLayer(box, svg)
