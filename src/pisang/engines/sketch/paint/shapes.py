"""Plain shapes by name: flat ones as paths, solid ones with lit, middle and shadowed faces."""

import math
from collections.abc import Callable

from pisang.engines.sketch.layers import Box, DrawingLayer
from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.colour import mix, shade
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.sheet import Point, Sheet, num, polygon
from pisang.engines.sketch.scene import Ink

_DEFAULT = Ink(colours=("#4f7df3",))


def draw_shape(easel: Easel, layer: DrawingLayer) -> None:
    """Draws ``shape:NAME`` into the layer's box; raises KeyError for an unknown name."""
    name = layer.drawing.removeprefix("shape:")
    ink = layer.ink if layer.ink and layer.ink.colours else _DEFAULT
    sheet, box = easel.sheet, layer.box
    x, y = box.centre
    moves = []
    if layer.turn:
        moves.append(f"rotate({num(layer.turn)} {num(x)} {num(y)})")
    if layer.flip:
        moves.append(f"translate({num(2 * x)} 0) scale(-1 1)")
    if moves:
        sheet.raw(f'<g transform="{" ".join(moves)}">')
    if name in _SOLIDS:
        base = inks.main(ink, "#4f7df3")
        if easel.lit:
            base = mix(easel.light.thing(base), easel.light.haze, layer.haze)
        _SOLIDS[name](sheet, box, base)
    else:
        _FLAT[name](sheet, box, inks.fill(sheet, _lit(easel, ink, layer.haze), box))
    if moves:
        sheet.raw("</g>")


def _lit(easel: Easel, ink: Ink, haze: float) -> Ink:
    if not easel.lit:
        return ink
    light = easel.light
    seen = tuple(mix(light.thing(colour), light.haze, haze) for colour in ink.colours)
    return ink.model_copy(update={"colours": seen})


def regular(box: Box, corners: int, *, turn: float = -90.0, inner: float = 1.0) -> list[Point]:
    """The corners of a regular polygon or star (``inner`` below 1) that fills the box."""
    count = corners * (2 if inner < 1 else 1)
    raw = []
    for i in range(count):
        angle = math.radians(turn + 360 * i / count)
        reach = inner if inner < 1 and i % 2 else 1.0
        raw.append((math.cos(angle) * reach, math.sin(angle) * reach))
    xs, ys = [p[0] for p in raw], [p[1] for p in raw]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    return [
        (box.x + (px - min(xs)) / wide * box.width, box.y + (py - min(ys)) / high * box.height)
        for px, py in raw
    ]


def heart(box: Box) -> str:
    """Path data of a heart that fills the box."""

    def at(u: float, v: float) -> str:
        return f"{num(box.x + u * box.width)} {num(box.y + v * box.height)}"

    return (
        f"M{at(0.5, 1)}C{at(0.2, 0.78)} {at(0, 0.55)} {at(0, 0.3)}"
        f"C{at(0, 0.1)} {at(0.14, 0)} {at(0.28, 0)}C{at(0.38, 0)} {at(0.46, 0.06)} {at(0.5, 0.16)}"
        f"C{at(0.54, 0.06)} {at(0.62, 0)} {at(0.72, 0)}C{at(0.86, 0)} {at(1, 0.1)} {at(1, 0.3)}"
        f"C{at(1, 0.55)} {at(0.8, 0.78)} {at(0.5, 1)}Z"
    )


def _circle(sheet: Sheet, box: Box, fill: str) -> None:
    sheet.ellipse(*box.centre, box.width / 2, box.height / 2, fill)


def _square(sheet: Sheet, box: Box, fill: str) -> None:
    sheet.rect(box.x, box.y, box.width, box.height, fill, radius=min(box.width, box.height) * 0.04)


def _triangle(sheet: Sheet, box: Box, fill: str) -> None:
    top = (box.centre[0], box.y)
    sheet.path(polygon([top, (box.right, box.bottom), (box.x, box.bottom)]), fill)


def _star(sheet: Sheet, box: Box, fill: str) -> None:
    edge = min(box.width, box.height) * 0.05
    inner = Box(box.x + edge / 2, box.y + edge / 2, box.width - edge, box.height - edge)
    sheet.path(
        polygon(regular(inner, 5, inner=0.46)),
        fill,
        more=f' stroke="{fill}" stroke-width="{num(edge)}" stroke-linejoin="round"',
    )


def _heart(sheet: Sheet, box: Box, fill: str) -> None:
    sheet.path(heart(box), fill)


def _diamond(sheet: Sheet, box: Box, fill: str) -> None:
    x, y = box.centre
    sheet.path(polygon([(x, box.y), (box.right, y), (x, box.bottom), (box.x, y)]), fill)


def _hexagon(sheet: Sheet, box: Box, fill: str) -> None:
    sheet.path(polygon(regular(box, 6, turn=0)), fill)


def _line(sheet: Sheet, box: Box, fill: str) -> None:
    thick = max(box.height * 0.5, box.width * 0.012)
    y = box.centre[1]
    sheet.rect(box.x, y - thick / 2, box.width, thick, fill, radius=thick / 2)


def _arrow(sheet: Sheet, box: Box, fill: str) -> None:
    y, head = box.centre[1], min(box.height * 0.9, box.width * 0.45)
    half, shaft = box.height / 2, box.height * 0.2
    neck = box.right - head
    points = [
        (box.x, y - shaft),
        (neck, y - shaft),
        (neck, y - half),
        (box.right, y),
        (neck, y + half),
        (neck, y + shaft),
        (box.x, y + shaft),
    ]
    sheet.path(polygon(points), fill)


def _ring(sheet: Sheet, box: Box, fill: str) -> None:
    thick = min(box.width, box.height) * 0.16
    x, y = box.centre
    sheet.raw(
        f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num((box.width - thick) / 2)}"'
        f' ry="{num((box.height - thick) / 2)}" fill="none" stroke="{fill}"'
        f' stroke-width="{num(thick)}"/>'
    )


def _faces(base: str) -> tuple[str, str, str]:
    """The lit, the middle and the shadowed side of a solid."""
    return shade(base, 0.10, 0.92), base, shade(base, -0.13, 0.95)


def _cube(sheet: Sheet, box: Box, base: str) -> None:
    light, middle, dark = _faces(base)
    corners = regular(box, 6)  # top, upper right, lower right, bottom, lower left, upper left
    top, upper_right, lower_right, bottom, lower_left, upper_left = corners
    heart_of = box.centre
    left = sheet.linear(
        [(0, middle, 1), (1, shade(middle, -0.05), 1)], upper_left, (lower_left[0], bottom[1])
    )
    right = sheet.linear(
        [(0, dark, 1), (1, shade(dark, -0.06), 1)], upper_right, (lower_right[0], bottom[1])
    )
    lid = sheet.linear([(0, shade(light, 0.05), 1), (1, light, 1)], top, heart_of)
    sheet.path(polygon([upper_left, heart_of, bottom, lower_left]), left)
    sheet.path(polygon([heart_of, upper_right, lower_right, bottom]), right)
    sheet.path(polygon([top, upper_right, heart_of, upper_left]), lid)
    edge = mix(light, "#ffffff", 0.5)
    width = box.width * 0.008
    for end in (upper_left, upper_right, bottom):
        sheet.line(
            f"M{num(heart_of[0])} {num(heart_of[1])}L{num(end[0])} {num(end[1])}", edge, width, 0.6
        )


def _sphere(sheet: Sheet, box: Box, base: str) -> None:
    ball = sheet.ball(
        [
            (0, mix(base, "#ffffff", 0.72), 1),
            (0.22, shade(base, 0.10), 1),
            (0.6, base, 1),
            (0.88, shade(base, -0.16), 1),
            (1, shade(base, -0.10), 1),
        ],
        focus=(0.5, 0.5),
    )
    # the light falls from the upper left: the gradient is drawn on a larger, shifted disc
    name = ball[5:-1]
    sheet.parts[-1] = sheet.parts[-1].replace(
        f'id="{name}" cx="0.5" cy="0.5" r="0.5"', f'id="{name}" cx="0.36" cy="0.32" r="0.74"'
    )
    sheet.ellipse(*box.centre, box.width / 2, box.height / 2, ball)


def _side(sheet: Sheet, box: Box, base: str) -> str:
    """A gradient around a round body: dim edge, light, middle, shadow, a little reflected light."""
    light, middle, dark = _faces(base)
    return sheet.linear(
        [(0, middle, 1), (0.22, light, 1), (0.5, middle, 1), (0.88, dark, 1), (1, middle, 1)],
        (box.x, 0),
        (box.right, 0),
    )


def _cylinder(sheet: Sheet, box: Box, base: str) -> None:
    ry = min(box.width * 0.17, box.height * 0.3)
    rx, top, low = box.width / 2, box.y + ry, box.bottom - ry
    sheet.path(
        f"M{num(box.x)} {num(top)}V{num(low)}A{num(rx)} {num(ry)} 0 0 0 {num(box.right)} {num(low)}"
        f"V{num(top)}Z",
        _side(sheet, box, base),
    )
    sheet.ellipse(box.centre[0], top, rx, ry, shade(base, 0.13, 0.9))


def _cone(sheet: Sheet, box: Box, base: str) -> None:
    ry = min(box.width * 0.15, box.height * 0.3)
    rx, low = box.width / 2, box.bottom - ry
    sheet.path(
        f"M{num(box.centre[0])} {num(box.y)}L{num(box.x)} {num(low)}"
        f"A{num(rx)} {num(ry)} 0 0 0 {num(box.right)} {num(low)}Z",
        _side(sheet, box, base),
    )


def _pyramid(sheet: Sheet, box: Box, base: str) -> None:
    light, _, dark = _faces(base)
    top = (box.x + box.width * 0.52, box.y)
    foot = (box.x + box.width * 0.62, box.bottom)
    near = (box.right, box.bottom - box.height * 0.16)
    far = (box.x, box.bottom - box.height * 0.12)
    lit = sheet.linear([(0, shade(light, 0.04), 1), (1, shade(light, -0.05), 1)], top, far)
    dim = sheet.linear([(0, dark, 1), (1, shade(dark, -0.06), 1)], top, near)
    sheet.path(polygon([top, far, foot]), lit)
    sheet.path(polygon([top, foot, near]), dim)


_FLAT: dict[str, Callable[[Sheet, Box, str], None]] = {
    "circle": _circle,
    "square": _square,
    "rectangle": _square,
    "triangle": _triangle,
    "star": _star,
    "heart": _heart,
    "diamond": _diamond,
    "hexagon": _hexagon,
    "line": _line,
    "arrow": _arrow,
    "ring": _ring,
}
_SOLIDS: dict[str, Callable[[Sheet, Box, str], None]] = {
    "cube": _cube,
    "sphere": _sphere,
    "cylinder": _cylinder,
    "cone": _cone,
    "pyramid": _pyramid,
}
NAMES = tuple(_FLAT) + tuple(_SOLIDS)
