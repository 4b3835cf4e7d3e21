"""What a room is made of: the wall and its light, the window with the hour outside, the floor.

Walls take the asked colour. Indoors, night means lamplight: warm, not blue; only the window shows
the hour outside.
"""

import math

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint import field, inks
from pisang.engines.sketch.paint.colour import mix, shade
from pisang.engines.sketch.paint.light import light as light_of
from pisang.engines.sketch.paint.places.view import View, twinkle
from pisang.engines.sketch.paint.sheet import curve, num, polygon
from pisang.engines.sketch.vocabulary import Hour

WOOD = "#b98557"


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
    view.easel.ground(field.pixels(grid, view.width, view.height))
    view.sheet.everywhere()


def window(view: View, pane: Box, *, bars: int = 2, curtains: str | None = None) -> None:
    """A window with the hour's sky, hills, a frame, a sill and, if asked, curtains."""
    sheet, light = view.sheet, light_of(view.hour, weather=view.easel.weather)
    frame, edge = view.lit("#fffaf0"), view.unit * 0.016
    outer = pane.grown(edge)
    tall, radius = outer.height, edge * 0.4
    sheet.rect(outer.x, outer.y, outer.width, tall, shade(frame, -0.07), radius=radius)
    sheet.rect(outer.x, outer.y, outer.width, tall - edge * 0.16, frame, radius=radius)
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
    sill, wide = view.unit * 0.018, pane.width + 4 * edge
    sheet.rect(pane.x - edge * 2, outer.bottom, wide, sill, frame, radius=sill * 0.3)
    under = shade(frame, -0.16)
    sheet.rect(pane.x - edge * 1.6, outer.bottom + sill, wide - 0.8 * edge, sill * 0.4, under, 0.6)
    if curtains:
        _curtains(view, pane, curtains)


def _outside(view: View, pane: Box) -> None:
    """What is seen: a star or a cloud, hills and a tree line, cut at the pane."""
    sheet, light, rng = view.sheet, light_of(view.hour, weather=view.easel.weather), view.rng
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
            sheet.path(data, light.cloud, 0.9)
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
            f"M{num(edge)} {num(top)}H{num(inner)}C{num(inner)} {num(top + (low - top) * 0.4)}"
            f" {num(waist)}"
            f" {num(top + (low - top) * 0.55)} {num(inner + side * wide * 0.22)} {num(low)}"
            f"H{num(edge)}Z"
        )
        sheet.path(data, tone)
        for k in range(1, 4):
            at = edge - side * wide * (0.24 * k)
            end = edge - side * wide * (0.2 * k)
            sheet.line(
                f"M{num(at)} {num(top)}Q{num(edge - side * wide * 0.15 * k)}"
                f" {num(top + (low - top) * 0.55)} {num(end)} {num(low)}",
                dark if k % 2 else pale,
                unit * 0.005,
                0.55,
            )
    rod = view.lit("#8a6444")
    left, right = pane.x - unit * 0.08, pane.right + unit * 0.08
    sheet.rect(left, top - unit * 0.006, right - left, unit * 0.011, rod, radius=unit * 0.005)
    for x in (left, right):
        sheet.circle(x, top, unit * 0.011, rod)


def boards(view: View, top: float, colour: str = WOOD, *, skirting: str = "#fff8ec") -> None:
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


def panelling(view: View, low: float, tone: str) -> None:
    """Upright boards on the lower wall."""
    unit, top = view.unit, low * 0.62
    view.sheet.rect(0, top, view.width, low - top, shade(tone, -0.08), 0.8)
    x = 0.0
    while x < view.width:
        view.sheet.rect(x, top, unit * 0.0025, low - top, shade(tone, -0.14), 0.8)
        x += unit * 0.07
    view.sheet.rect(0, top - unit * 0.006, view.width, unit * 0.014, shade(tone, 0.04))


def tiles(view: View, low: float, tone: str) -> None:
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
