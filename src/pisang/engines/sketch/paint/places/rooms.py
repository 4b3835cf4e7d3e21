"""Rooms: a wall in the light of its window, a floor or a table top in front.

Walls take the asked colour. Indoors, night means lamplight: warm, not blue; only the window shows
the hour outside.
"""

import math
from collections.abc import Sequence

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint import field, inks
from pisang.engines.sketch.paint.colour import lightness, mix, shade
from pisang.engines.sketch.paint.light import LIGHTS
from pisang.engines.sketch.paint.places.view import View, twinkle
from pisang.engines.sketch.paint.sheet import curve, num, polygon
from pisang.engines.sketch.scene import Hour

_WOOD = "#b98557"


def wall_colour(view: View, default: str) -> str:
    """The wall: the asked colour, softened a little so that it is a wall and not a poster."""
    asked = inks.main(view.ink, "")
    return mix(asked, "#ffffff", 0.08) if asked else default


def wall(view: View, colour: str, *, low: float) -> None:
    """Lays the wall: brighter beside the window, or around the lamp at night."""
    across, down = field.mesh(view.width, view.height)
    lit = view.lit(colour)
    grid = field.ramp(
        across * 0 + np.clip(down / max(low, 1), 0, 1), (shade(lit, 0.02), lit, shade(lit, -0.05))
    )
    pane, unit = view.anchors.window, view.unit
    x, y = pane.centre if pane else (view.width / 2, low * 0.35)
    if view.light.dark:
        lamp = (view.width * 0.22, low * 0.28) if pane else (view.width / 2, low * 0.18)
        grid = field.toward(
            grid, "#1d1730", 0.34 * (1 - field.disc(across, down, centre=lamp, radius=unit * 1.0))
        )
        grid = field.screen(
            grid, "#ffb45e", field.disc(across, down, centre=lamp, radius=unit * 0.7) * 0.5
        )
    else:
        grid = field.screen(
            grid,
            view.light.glow,
            field.disc(across, down, centre=(x, y), radius=unit * 0.95) * 0.26,
        )
    view.easel.ground(field.image(grid, view.width, view.height))
    view.sheet.everywhere()


def window(view: View, pane: Box, *, bars: int = 2, curtains: str | None = None) -> None:
    """A window with the hour's sky, hills, a frame, a sill and, if asked, curtains."""
    sheet, light, unit = view.sheet, LIGHTS[view.hour], view.unit
    frame = view.lit("#fffaf0")
    edge = unit * 0.016
    sheet.rect(
        pane.x - edge,
        pane.y - edge,
        pane.width + 2 * edge,
        pane.height + 2 * edge,
        shade(frame, -0.07),
        radius=edge * 0.4,
    )
    sheet.rect(
        pane.x - edge,
        pane.y - edge,
        pane.width + 2 * edge,
        pane.height + 2 * edge * 0.92,
        frame,
        radius=edge * 0.4,
    )
    stops = [(at, tone, 1.0) for at, tone in zip(light.at, light.sky, strict=True)]
    sheet.rect(
        pane.x,
        pane.y,
        pane.width,
        pane.height,
        sheet.linear(stops, (0, pane.y), (0, pane.y + pane.height * 0.8)),
    )
    _outside(view, pane)
    bar = edge * 0.55
    for i in range(1, bars):
        sheet.rect(pane.x + pane.width * i / bars - bar / 2, pane.y, bar, pane.height, frame)
    sheet.rect(pane.x, pane.y + pane.height * 0.44 - bar / 2, pane.width, bar, frame)
    gleam = [
        (pane.x + pane.width * 0.06, pane.bottom),
        (pane.x + pane.width * 0.34, pane.y),
        (pane.x + pane.width * 0.44, pane.y),
        (pane.x + pane.width * 0.16, pane.bottom),
    ]
    sheet.path(polygon(gleam), "#ffffff", 0.10)
    sill = unit * 0.018
    sheet.rect(
        pane.x - edge * 2, pane.bottom + edge, pane.width + 4 * edge, sill, frame, radius=sill * 0.3
    )
    sheet.rect(
        pane.x - edge * 1.6,
        pane.bottom + edge + sill,
        pane.width + 3.2 * edge,
        sill * 0.4,
        shade(frame, -0.16),
        0.6,
    )
    if curtains:
        _curtains(view, pane, curtains)


def _outside(view: View, pane: Box) -> None:
    """What is seen: a star or a cloud, hills and a tree line, cut at the pane."""
    sheet, light, rng = view.sheet, LIGHTS[view.hour], view.rng
    name = sheet.fresh()
    sheet.raw(
        f'<clipPath id="{name}"><rect x="{num(pane.x)}" y="{num(pane.y)}" width="{num(pane.width)}"'
        f' height="{num(pane.height)}"/></clipPath><g clip-path="url(#{name})">'
    )
    wide, tall = pane.width, pane.height
    if view.hour is Hour.NIGHT:
        for _ in range(16):
            sheet.circle(
                pane.x + rng.random() * wide,
                pane.y + rng.random() ** 1.4 * tall * 0.7,
                wide * rng.uniform(0.002, 0.006),
                "#ffffff",
                rng.uniform(0.5, 1),
            )
        sheet.path(twinkle(pane.x + wide * 0.3, pane.y + tall * 0.2, wide * 0.03), "#ffffff")
        if view.easel.orb:
            sheet.circle(pane.x + wide * 0.74, pane.y + tall * 0.22, wide * 0.075, light.orb)
    elif view.hour is Hour.DAY:
        for u, v, s in ((0.28, 0.3, 0.34), (0.78, 0.18, 0.26)):
            data = "".join(
                f"M{num(pane.x + (u + a * s) * wide - r * s * wide)} {num(pane.y + v * tall)}"
                f"a{num(r * s * wide)} {num(r * s * wide)} 0 0 1 {num(2 * r * s * wide)} 0Z"
                for a, r in ((-0.3, 0.2), (0.0, 0.3), (0.3, 0.2))
            )
            sheet.path(data, "#ffffff", 0.9)
    else:
        sheet.circle(pane.x + wide * 0.62, pane.y + tall * 0.68, wide * 0.11, light.orb)
    for y, tone, phase in (
        (0.70, light.ridge, 0.0),
        (0.79, light.far("#86b878", 0.3), 1.7),
        (0.88, light.lit("#5f9f56"), 3.3),
    ):
        points = [
            (pane.x + wide * i / 6, pane.y + tall * (y + 0.035 * math.sin(phase + i * 1.2)))
            for i in range(-1, 8)
        ]
        sheet.path(f"{curve(points)}V{num(pane.bottom)}H{num(points[0][0])}Z", tone)
    sheet.raw("</g>")


def _curtains(view: View, pane: Box, colour: str) -> None:
    """A rod and two gathered curtains."""
    sheet, unit = view.sheet, view.unit
    tone = view.lit(colour)
    dark, pale = shade(tone, -0.07), shade(tone, 0.04)
    top, low = pane.y - unit * 0.05, pane.bottom + unit * 0.06
    wide = min(pane.width * 0.30, unit * 0.14)
    for side in (-1, 1):
        edge = pane.x - unit * 0.05 if side < 0 else pane.right + unit * 0.05
        inner = edge - side * wide
        waist = edge - side * wide * 0.62
        data = (
            f"M{num(edge)} {num(top)}H{num(inner)}C{num(inner)} {num(top + (low - top) * 0.4)} {num(waist)}"
            f" {num(top + (low - top) * 0.55)} {num(inner + side * wide * 0.22)} {num(low)}H{num(edge)}Z"
        )
        sheet.path(data, tone)
        for k in range(1, 4):
            at = edge - side * wide * (0.24 * k)
            end = edge - side * wide * (0.2 * k)
            sheet.line(
                f"M{num(at)} {num(top)}Q{num(edge - side * wide * 0.15 * k)} {num(top + (low - top) * 0.55)} {num(end)} {num(low)}",
                dark if k % 2 else pale,
                unit * 0.005,
                0.55,
            )
    rod = view.lit("#8a6444")
    left, right = pane.x - unit * 0.08, pane.right + unit * 0.08
    sheet.rect(left, top - unit * 0.006, right - left, unit * 0.011, rod, radius=unit * 0.005)
    for x in (left, right):
        sheet.circle(x, top, unit * 0.011, rod)


def boards(view: View, top: float, colour: str = _WOOD, *, skirting: str = "#fff8ec") -> None:
    """A floor of boards that run toward the eye, with a skirting board behind."""
    sheet, unit, w, h = view.sheet, view.unit, view.width, view.height
    tone, rng = view.lit(colour), view.rng
    sheet.rect(
        0,
        top,
        w,
        h - top,
        view.shades(shade(tone, 0.03), shade(tone, -0.05), Box(0, top, 1, h - top)),
    )
    count = max(round(9 * w / unit), 6)
    for i in range(-2, count + 2):
        far_l, far_r = w * (i / count), w * ((i + 1) / count)
        near_l, near_r = w / 2 + (far_l - w / 2) * 1.55, w / 2 + (far_r - w / 2) * 1.55
        step = rng.uniform(-0.022, 0.022)
        sheet.path(
            polygon([(far_l, top), (far_r, top), (near_r, h), (near_l, h)]), shade(tone, step), 0.6
        )
        sheet.line(
            f"M{num(far_l)} {num(top)}L{num(near_l)} {num(h)}",
            shade(tone, -0.10),
            unit * 0.0022,
            0.6,
        )
    sheet.rect(
        0,
        top,
        w,
        unit * 0.03,
        sheet.linear([(0, "#1a1020", 0.22), (1, "#1a1020", 0)], (0, top), (0, top + unit * 0.03)),
    )
    sheet.rect(0, top - unit * 0.03, w, unit * 0.03, view.lit(skirting))
    sheet.rect(0, top - unit * 0.004, w, unit * 0.005, view.lit(shade(skirting, -0.16)))


def light_patch(view: View, pane: Box, top: float) -> None:
    """The window's light on the floor."""
    if view.light.dark:
        return
    h, colour = view.height, "#fff4cf" if view.hour is Hour.DAY else view.light.glow
    deep = min(h - top, view.unit * 0.3)
    shift = -pane.width * 0.25
    points = [
        (pane.x + shift, top + deep * 0.16),
        (pane.right + shift, top + deep * 0.16),
        (pane.right + shift * 2.4, top + deep * 0.9),
        (pane.x + shift * 2.6, top + deep * 0.9),
    ]
    view.sheet.path(polygon(points), colour, 0.22)


def picture_frame(view: View, box: Box, tones: Sequence[str]) -> None:
    """A framed print of plain hills under a disc."""
    sheet = view.sheet
    edge = min(box.width, box.height) * 0.07
    sheet.rect(box.x + edge * 0.4, box.y + edge * 0.7, box.width, box.height, "#1a1020", 0.14)
    sheet.rect(box.x, box.y, box.width, box.height, view.lit("#8a6444"))
    sheet.rect(
        box.x + edge, box.y + edge, box.width - 2 * edge, box.height - 2 * edge, view.lit("#fffaf0")
    )
    x, y, w, h = (
        box.x + 2.4 * edge,
        box.y + 2.4 * edge,
        box.width - 4.8 * edge,
        box.height - 4.8 * edge,
    )
    sheet.rect(x, y, w, h, view.lit(tones[0]))
    sheet.circle(x + w * 0.64, y + h * 0.36, min(w, h) * 0.17, view.lit(tones[1]))
    sheet.path(
        f"M{num(x)} {num(y + h * 0.7)}Q{num(x + w * 0.3)} {num(y + h * 0.4)} {num(x + w * 0.6)} {num(y + h * 0.68)}"
        f"T{num(x + w)} {num(y + h * 0.62)}V{num(y + h)}H{num(x)}Z",
        view.lit(tones[2]),
    )


def pot_plant(view: View, x: float, y: float, tall: float) -> None:
    """A leafy plant in a clay pot standing on y."""
    sheet = view.sheet
    pot, r = view.lit("#d9825b"), tall * 0.15
    for k, angle in enumerate((-150, -125, -100, -80, -55, -30)):
        rad = math.radians(angle)
        long = tall * (0.62 if k in (0, 5) else 0.72)
        ex, ey = x + math.cos(rad) * long * 0.75, y - tall * 0.28 + math.sin(rad) * long
        nx, ny = -math.sin(rad) * tall * 0.10, math.cos(rad) * tall * 0.10
        mx, my = (x + ex) / 2, (y - tall * 0.28 + ey) / 2
        tone = view.lit(shade("#4f9d5d", 0.03 * (k % 3 - 1)))
        sheet.path(
            f"M{num(x)} {num(y - tall * 0.28)}Q{num(mx + nx)} {num(my + ny)} {num(ex)} {num(ey)}"
            f"Q{num(mx - nx)} {num(my - ny)} {num(x)} {num(y - tall * 0.28)}Z",
            tone,
        )
        sheet.line(
            f"M{num(x)} {num(y - tall * 0.28)}L{num(ex)} {num(ey)}",
            shade(tone, -0.07),
            tall * 0.008,
            0.7,
        )
    sheet.path(
        polygon(
            [
                (x - r, y - tall * 0.28),
                (x + r, y - tall * 0.28),
                (x + r * 0.74, y),
                (x - r * 0.74, y),
            ]
        ),
        pot,
    )
    sheet.rect(
        x - r * 1.12,
        y - tall * 0.30,
        r * 2.24,
        tall * 0.065,
        shade(pot, -0.05),
        radius=tall * 0.012,
    )


def table_top(view: View, box: Box, colour: str = _WOOD) -> None:
    """A table's top seen from a little above, across the whole width, with its front edge."""
    sheet, unit, rng, h = view.sheet, view.unit, view.rng, view.height
    tone = view.lit(colour)
    sheet.rect(
        0, box.y, view.width, box.height, view.shades(shade(tone, 0.06), shade(tone, -0.05), box)
    )
    bands = 4
    for i in range(bands):
        y = box.y + box.height * (i / bands) ** 1.35
        low = box.y + box.height * ((i + 1) / bands) ** 1.35
        sheet.rect(0, y, view.width, low - y, shade(tone, rng.uniform(-0.02, 0.02)), 0.5)
        for _ in range(4):
            at = y + (low - y) * rng.uniform(0.15, 0.85)
            points = [
                (view.width * k / 8, at + (low - y) * 0.05 * math.sin(k * 1.7 + at))
                for k in range(9)
            ]
            sheet.line(curve(points), shade(tone, -0.075), unit * 0.0016, 0.45)
        if i:
            sheet.rect(0, y, view.width, unit * 0.002 * (1 + i * 0.4), shade(tone, -0.12), 0.6)
    sheet.rect(0, box.y, view.width, unit * 0.004, shade(tone, 0.13), 0.8)
    dark = sheet.linear(
        [(0, "#140c18", 0.0), (1, "#140c18", 0.22)], (0, h - box.height * 0.3), (0, h)
    )
    sheet.rect(0, h - box.height * 0.3, view.width, box.height * 0.3, dark)


def room(view: View) -> None:
    """A living room: window, curtains, prints, plants, boards."""
    low = view.anchors.ground.y
    base = wall_colour(view, "#f2d9c4")
    wall(view, base, low=low)
    pane, unit = view.anchors.window or Box(0, 0, 1, 1), view.unit
    window(view, pane, curtains=_contrast(base))
    left = pane.x - unit * 0.22
    if left > unit * 0.3:
        tall = min(low * 0.34, unit * 0.26)
        x = left * 0.5 - tall * 0.4
        picture_frame(view, Box(x, low * 0.2, tall * 0.8, tall), ("#f6d7a8", "#e98b5f", "#7fa28c"))
        if left > unit * 0.6:
            picture_frame(
                view,
                Box(x + tall * 1.0, low * 0.26, tall * 0.56, tall * 0.7),
                ("#cfe3e6", "#f3c05f", "#5f8fa0"),
            )
    boards(view, low)
    light_patch(view, pane, low)
    _rug(view, low)
    pot_plant(view, view.width * 0.955, low + unit * 0.05, unit * 0.30)


def _contrast(base: str) -> str:
    return shade(base, -0.16 if lightness(base) > 0.55 else 0.2, 1.25, 18)


def _rug(view: View, top: float) -> None:
    x, deep = view.width * 0.5, view.height - top
    rx, ry = min(view.width * 0.38, view.unit * 0.6), deep * 0.30
    y = top + deep * 0.58
    for grow, tone in ((1.0, "#c9695b"), (0.9, "#f3e3c8"), (0.82, "#d98070"), (0.56, "#e59a85")):
        view.sheet.ellipse(x, y, rx * grow, ry * grow, view.lit(tone))


def kitchen(view: View) -> None:
    """Tiles, a shelf of jars, a window over a wooden counter."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#dfeee9")
    wall(view, base, low=top)
    _tiles(view, top, view.lit(base))
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    window(view, pane, bars=2)
    room_left = pane.x - unit * 0.08
    if room_left > unit * 0.2:
        _jar_shelf(view, Box(unit * 0.05, top * 0.34, room_left - unit * 0.08, unit * 0.02))
    if view.width - pane.right > unit * 0.24:
        _jar_shelf(
            view,
            Box(
                pane.right + unit * 0.07,
                top * 0.34,
                view.width - pane.right - unit * 0.12,
                unit * 0.02,
            ),
        )
    table_top(view, Box(0, top, view.width, view.height - top), "#c79a68")
    _front_edge(view, top)


def _front_edge(view: View, top: float) -> None:
    shadow = view.sheet.linear(
        [(0, "#140c18", 0.0), (1, "#140c18", 0.16)], (0, top - view.unit * 0.05), (0, top)
    )
    view.sheet.rect(0, top - view.unit * 0.05, view.width, view.unit * 0.05, shadow)


def _tiles(view: View, low: float, tone: str) -> None:
    """Wall tiles in the lower part of the wall."""
    unit, top = view.unit, low * 0.55
    wide, high = unit * 0.085, unit * 0.0425
    view.sheet.rect(0, top, view.width, low - top, mix(tone, "#ffffff", 0.35), 0.75)
    data, y, row = [], top, 0
    while y < low:
        data.append(f"M0 {num(y)}H{view.width}")
        x = wide * (0.5 if row % 2 else 0.0)
        while x < view.width:
            data.append(f"M{num(x)} {num(y)}V{num(min(y + high, low))}")
            x += wide
        y, row = y + high, row + 1
    view.sheet.line("".join(data), shade(tone, -0.06), unit * 0.0022, 0.7)


def _jar_shelf(view: View, shelf: Box) -> None:
    sheet, unit, rng = view.sheet, view.unit, view.rng
    wood = view.lit("#a9744a")
    x = shelf.x + unit * 0.03
    while x < shelf.right - unit * 0.05:
        wide, tall = unit * rng.uniform(0.036, 0.055), unit * rng.uniform(0.05, 0.095)
        tone = view.lit(rng.choice(("#e9b44c", "#d96f5a", "#7fb08a", "#8fb8cf", "#efe2c9")))
        sheet.rect(x, shelf.y - tall, wide, tall, tone, radius=wide * 0.16)
        sheet.rect(
            x + wide * 0.12,
            shelf.y - tall * 0.82,
            wide * 0.16,
            tall * 0.6,
            "#ffffff",
            0.3,
            radius=wide * 0.08,
        )
        sheet.rect(
            x + wide * 0.05,
            shelf.y - tall - unit * 0.012,
            wide * 0.9,
            unit * 0.017,
            wood,
            radius=unit * 0.004,
        )
        x += wide + unit * rng.uniform(0.012, 0.04)
    sheet.rect(shelf.x, shelf.y, shelf.width, shelf.height, wood, radius=unit * 0.003)
    sheet.rect(shelf.x, shelf.y + shelf.height, shelf.width, unit * 0.008, "#140c18", 0.12)


def cafe(view: View) -> None:
    """A wide window on the street's light, hanging lamps, a plant, a round table's edge."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#8f5f4a")
    wall(view, base, low=top)
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    _panelling(view, top, view.lit(base))
    window(view, pane, bars=3)
    for share in (0.14, 0.38, 0.62, 0.86):
        _hanging_lamp(
            view,
            view.width * share,
            min(top * 0.3, unit * 0.24) * (0.8 if share in (0.38, 0.86) else 1.0),
        )
    pot_plant(view, view.width * 0.07, top + unit * 0.01, unit * 0.26)
    table_top(view, Box(0, top, view.width, view.height - top), "#9a633c")
    _front_edge(view, top)


def _panelling(view: View, low: float, tone: str) -> None:
    """Upright boards on the lower wall."""
    unit, top = view.unit, low * 0.62
    view.sheet.rect(0, top, view.width, low - top, shade(tone, -0.08), 0.8)
    x = 0.0
    while x < view.width:
        view.sheet.rect(x, top, unit * 0.0025, low - top, shade(tone, -0.14), 0.8)
        x += unit * 0.07
    view.sheet.rect(0, top - unit * 0.006, view.width, unit * 0.014, shade(tone, 0.04))


def _hanging_lamp(view: View, x: float, drop: float) -> None:
    sheet, unit = view.sheet, view.unit
    r = unit * 0.042
    halo = sheet.ball(
        [
            (0, "#ffdf9a", 0.75 if view.light.dark else 0.45),
            (0.4, "#ffcf7a", 0.2),
            (1, "#ffcf7a", 0),
        ]
    )
    sheet.circle(x, drop + r * 0.5, r * 4.2, halo)
    sheet.rect(x - unit * 0.0015, 0, unit * 0.003, drop, "#2a2026")
    sheet.circle(x, drop + r * 0.55, r * 0.42, "#fff3cf")
    sheet.path(
        f"M{num(x - r)} {num(drop + r * 0.55)}C{num(x - r * 0.9)} {num(drop - r * 0.35)} {num(x - r * 0.2)} {num(drop - r * 0.4)}"
        f" {num(x)} {num(drop - r * 0.5)}C{num(x + r * 0.2)} {num(drop - r * 0.4)} {num(x + r * 0.9)} {num(drop - r * 0.35)}"
        f" {num(x + r)} {num(drop + r * 0.55)}Z",
        "#33272c",
    )


def desk(view: View) -> None:
    """A study: window, a pin board of notes, a shelf of books, a desk's top."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#cfdbe6")
    wall(view, base, low=top)
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    window(view, pane, bars=2)
    free = pane.x - unit * 0.1
    if free > unit * 0.25:
        shelf_y = top * 0.34
        books(
            view,
            Box(unit * 0.06, shelf_y - unit * 0.12, free - unit * 0.08, unit * 0.12),
            share=0.75,
        )
        view.sheet.rect(
            unit * 0.05,
            shelf_y,
            free - unit * 0.06,
            unit * 0.016,
            view.lit("#a9744a"),
            radius=unit * 0.003,
        )
        view.sheet.rect(
            unit * 0.05, shelf_y + unit * 0.016, free - unit * 0.06, unit * 0.008, "#140c18", 0.12
        )
        _notes(
            view,
            Box(
                unit * 0.08,
                top * 0.48,
                min(free - unit * 0.1, unit * 0.34),
                min(top * 0.36, unit * 0.24),
            ),
        )
    table_top(view, Box(0, top, view.width, view.height - top), "#c3915f")
    _front_edge(view, top)


def _notes(view: View, box: Box) -> None:
    sheet, rng = view.sheet, view.rng
    sheet.rect(box.x, box.y, box.width, box.height, view.lit("#8a6444"), radius=view.unit * 0.004)
    sheet.rect(
        box.x + box.width * 0.03,
        box.y + box.height * 0.045,
        box.width * 0.94,
        box.height * 0.91,
        view.lit("#d8b083"),
    )
    size = min(box.width, box.height) * 0.25
    for u, v, tone in (
        (0.2, 0.3, "#ffe58a"),
        (0.5, 0.26, "#ffb3b3"),
        (0.8, 0.34, "#b9e3c6"),
        (0.32, 0.7, "#bcd8f5"),
        (0.68, 0.72, "#fff6df"),
    ):
        x, y = box.x + box.width * u, box.y + box.height * v
        sheet.rect(
            x - size / 2,
            y - size / 2,
            size,
            size,
            view.lit(tone),
            more=f' transform="rotate({num(rng.uniform(-7, 7))} {num(x)} {num(y)})"',
        )
        sheet.circle(x, y - size * 0.4, size * 0.07, view.lit("#d9534f"))


def books(view: View, box: Box, *, share: float = 1.0) -> None:
    """Book spines side by side on the box's bottom; ``share`` of the width is filled."""
    sheet, rng, x = view.sheet, view.rng, box.x
    tones = ("#b5493f", "#2f6f7f", "#d9a441", "#4a5f8f", "#7f9a6b", "#8a5a7f", "#e3d3b3", "#3d4a5a")
    while x < box.x + box.width * share:
        wide = box.height * rng.uniform(0.13, 0.26)
        tall = box.height * rng.uniform(0.68, 0.98)
        tone = view.lit(rng.choice(tones))
        if x + wide > box.right:
            break
        sheet.rect(x, box.bottom - tall, wide, tall, tone, radius=wide * 0.06)
        sheet.rect(x + wide * 0.78, box.bottom - tall, wide * 0.22, tall, shade(tone, -0.06))
        sheet.rect(
            x + wide * 0.12,
            box.bottom - tall * 0.84,
            wide * 0.6,
            tall * 0.05,
            mix(tone, "#ffe9b8", 0.6),
        )
        if rng.random() < 0.5:
            sheet.rect(
                x + wide * 0.12,
                box.bottom - tall * 0.22,
                wide * 0.6,
                tall * 0.04,
                mix(tone, "#ffe9b8", 0.6),
            )
        x += wide + (box.height * 0.1 if rng.random() < 0.06 else box.height * 0.006)


def table(view: View) -> None:
    """A wooden table before a softly lit wall, out of focus."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#e9dcc9")
    across, down = field.mesh(view.width, view.height)
    lit = view.lit(base)
    grid = field.ramp(
        across * 0 + np.clip(down / max(top, 1), 0, 1), (lit, shade(lit, 0.01), shade(lit, -0.07))
    )
    rng = np.random.default_rng(view.easel.seed)
    for _ in range(9):
        centre = (rng.uniform(0, view.width), rng.uniform(0, top))
        tone = rng.choice(["#ffe6b0", "#ffffff", "#ffd09a", "#cfe6d2"])
        grid = field.screen(
            grid,
            tone,
            field.disc(across, down, centre=centre, radius=view.unit * rng.uniform(0.15, 0.45))
            * rng.uniform(0.10, 0.3),
        )
    if view.light.dark:
        grid = field.toward(grid, "#1d1730", np.full(grid.shape[:2], 0.3, np.float32))
        grid = field.screen(
            grid,
            "#ffb45e",
            field.disc(across, down, centre=(view.width * 0.7, top * 0.2), radius=view.unit * 0.8)
            * 0.5,
        )
    view.easel.ground(field.image(grid, view.width, view.height))
    view.sheet.everywhere()
    table_top(view, Box(0, top, view.width, view.height - top), "#b57f4f")
    _front_edge(view, top)


def library(view: View) -> None:
    """Tall shelves of books on both sides of a window, a warm floor, hanging lamps."""
    low = view.anchors.ground.y
    base = wall_colour(view, "#8a6248")
    wall(view, base, low=low)
    unit, pane = view.unit, view.anchors.window or Box(0, 0, 1, 1)
    window(view, pane, bars=3)
    edge = unit * 0.06
    for left, right in ((0.0, pane.x - edge), (pane.right + edge, float(view.width))):
        if right - left > unit * 0.1:
            _case(view, Box(left, low * 0.05, right - left, low * 0.95 - unit * 0.005))
    boards(view, low, "#8f5d3b", skirting="#5f3b28")
    light_patch(view, pane, low)
    _rug(view, low)


def _case(view: View, box: Box) -> None:
    sheet, unit = view.sheet, view.unit
    wood = view.lit("#6f4630")
    sheet.rect(box.x, box.y, box.width, box.height, shade(wood, -0.09))
    rows = max(round(box.height / (unit * 0.15)), 2)
    thick, high = unit * 0.014, box.height / rows
    for row in range(rows):
        y = box.y + row * high
        inner = Box(
            box.x + thick * 1.4,
            y + thick + high * 0.08,
            box.width - thick * 2.8,
            high * 0.92 - thick,
        )
        books(view, inner, share=view.rng.uniform(0.86, 1.0))
        shade_in = sheet.linear(
            [(0, "#140a10", 0.4), (1, "#140a10", 0.0)], (0, y + thick), (0, y + high * 0.5)
        )
        sheet.rect(box.x, y + thick, box.width, high * 0.5, shade_in)
        sheet.rect(box.x, y, box.width, thick, wood)
    sheet.rect(box.x, box.bottom - thick, box.width, thick, wood)
    for x in (box.x, box.right - thick * 1.4):
        sheet.rect(x, box.y, thick * 1.4, box.height, shade(wood, 0.03))
