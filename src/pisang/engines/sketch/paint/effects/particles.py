"""Small things that fall or float: each is a shape or two, written many times on the sheet."""

import math
import random

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint.colour import lightness, mix, shade
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects.scatter import palette, scatter
from pisang.engines.sketch.paint.places.view import twinkle
from pisang.engines.sketch.paint.shapes import heart
from pisang.engines.sketch.paint.sheet import Sheet, num, polygon

PARTY = ("#f7c948", "#ffffff", "#6aa9ff", "#ff7fa6", "#7ddba3", "#b79bff")


def _begin(easel: Easel, layer: EffectLayer) -> tuple[Sheet, random.Random]:
    area = layer.area
    easel.sheet.touch(area.x, area.y, area.right, area.bottom)
    return easel.sheet, random.Random(layer.seed)


def confetti(easel: Easel, layer: EffectLayer) -> None:
    """Paper slips at all angles, dots, and a few curled streamers."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, PARTY)
    for x, y, r in scatter(easel, layer, rng, count=230, size=(0.005, 0.013), edge=0.9):
        colour, kind = rng.choice(colours), rng.random()
        alpha = rng.choice((1.0, 1.0, 0.85, 0.6))
        if kind < 0.66:
            _slip(
                sheet,
                x,
                y,
                r,
                turn=rng.random() * math.tau,
                tilt=rng.uniform(0.3, 0.62),
                colour=colour,
                alpha=alpha,
            )
        elif kind < 0.86:
            sheet.circle(x, y, r * 0.5, colour, alpha)
        else:
            _streamer(sheet, x, y, r, turn=rng.random() * math.tau, colour=colour)


def _slip(
    sheet: Sheet,
    x: float,
    y: float,
    r: float,
    *,
    turn: float,
    tilt: float,
    colour: str,
    alpha: float,
) -> None:
    """A slip of paper in space: a rectangle, foreshortened by ``tilt``."""
    ax, ay = math.cos(turn) * r, math.sin(turn) * r
    bx, by = -math.sin(turn) * r * tilt, math.cos(turn) * r * tilt
    corners = [
        (x + ax + bx, y + ay + by),
        (x - ax + bx, y - ay + by),
        (x - ax - bx, y - ay - by),
        (x + ax - bx, y + ay - by),
    ]
    sheet.path(polygon(corners), colour, alpha)


def _streamer(sheet: Sheet, x: float, y: float, r: float, *, turn: float, colour: str) -> None:
    cos, sin = math.cos(turn) * r, math.sin(turn) * r

    def at(u: float, v: float) -> str:
        return f"{num(x + u * cos - v * sin)} {num(y + u * sin + v * cos)}"

    data = f"M{at(-1, 0)}Q{at(-0.5, -0.7)} {at(0, 0)}T{at(1, 0)}"
    sheet.line(data, colour, r * 0.17)


def stars(easel: Easel, layer: EffectLayer) -> None:
    """A night sky's stars: many points, a few with rays."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ffffff", "#ffffff", "#dfe8ff", "#fff3d0"))
    for x, y, r in scatter(easel, layer, rng, count=210, size=(0.0006, 0.0023), spread=1.3):
        colour = rng.choice(colours)
        if rng.random() < 0.07:
            sheet.path(twinkle(x, y, r * 4.2), colour, 0.95)
        else:
            sheet.circle(x, y, r, colour, rng.uniform(0.45, 1.0))


def sparkles(easel: Easel, layer: EffectLayer) -> None:
    """Four-pointed sparkles in several sizes, with specks between."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ffe9a8", "#ffd45e", "#ffffff"))
    for x, y, r in scatter(easel, layer, rng, count=60, size=(0.006, 0.03), edge=0.5):
        colour = rng.choice(colours)
        if rng.random() < 0.55:
            sheet.path(twinkle(x, y, r), colour)
        else:
            sheet.circle(x, y, r * 0.16, colour, 0.9)


def snow(easel: Easel, layer: EffectLayer) -> None:
    """Flakes near and far: the near ones large and soft."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ffffff",))
    soft = {c: sheet.ball([(0, c, 0.95), (0.55, c, 0.7), (1, c, 0)]) for c in colours}
    for x, y, r in scatter(easel, layer, rng, count=260, size=(0.0014, 0.0085), spread=1.3):
        colour = rng.choice(colours)
        if r > easel.unit * 0.0048:
            sheet.circle(x, y, r * 1.15, soft[colour])
        else:
            sheet.circle(x, y, r, colour, rng.uniform(0.6, 0.95))


def rain(easel: Easel, layer: EffectLayer) -> None:
    """Slanted strokes in three depths."""
    sheet, rng = _begin(easel, layer)
    colour, unit = palette(layer, ("#d8e8fb",))[0], easel.unit
    depths: dict[int, list[str]] = {0: [], 1: [], 2: []}
    for x, y, r in scatter(easel, layer, rng, count=240, size=(0.012, 0.026), spread=1.3):
        dx, dy = -r * 0.22, r * 0.97
        depths[rng.randrange(3)].append(f"M{num(x - dx)} {num(y - dy)}L{num(x + dx)} {num(y + dy)}")
    for depth, data in depths.items():
        width, alpha = unit * (0.0011, 0.0017, 0.0024)[depth], (0.38, 0.5, 0.62)[depth]
        if data:
            sheet.line("".join(data), colour, width, alpha)


def bokeh(easel: Easel, layer: EffectLayer) -> None:
    """Lights out of focus: pale discs, some with a brighter rim."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ffd98a", "#ffe9c4", "#ffb38a", "#ffffff"))
    for x, y, r in scatter(easel, layer, rng, count=42, size=(0.012, 0.062), edge=0.55, spread=1.3):
        colour, alpha = rng.choice(colours), rng.uniform(0.16, 0.42)
        fill = sheet.ball(
            [
                (0, colour, alpha * 0.75),
                (0.82, colour, alpha * 0.9),
                (0.93, colour, alpha),
                (1, colour, 0),
            ]
        )
        sheet.circle(x, y, r, fill)


def hearts(easel: Easel, layer: EffectLayer) -> None:
    """Hearts of several sizes, tilted a little."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ff5c7c", "#ff8aa3", "#ffc2cf", "#e83f6f"))
    for x, y, r in scatter(easel, layer, rng, count=58, size=(0.008, 0.03), edge=0.7):
        turn, colour = rng.uniform(-24, 24), rng.choice(colours)
        box = Box(x - r * 0.9, y - r * 0.82, r * 1.8, r * 1.64)
        sheet.path(
            heart(box),
            colour,
            rng.choice((1.0, 0.9, 0.7)),
            more=f' transform="rotate({num(turn)} {num(x)} {num(y)})"',
        )


def petals(easel: Easel, layer: EffectLayer) -> None:
    """Blossom petals, notched at the tip, drifting."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ffc9d9", "#ffb0c8", "#ffe1ea", "#f890b0"))
    for x, y, r in scatter(easel, layer, rng, count=75, size=(0.007, 0.018), edge=0.5, spread=1.3):
        turn, wide, colour = rng.random() * 360, rng.uniform(0.35, 0.7), rng.choice(colours)
        data = (
            f"M0 {num(r)}C{num(-r * wide * 1.3)} {num(r * 0.4)} {num(-r * wide)} {num(-r * 0.8)}"
            f" {num(-r * 0.16)} {num(-r)}L0 {num(-r * 0.78)}L{num(r * 0.16)} {num(-r)}"
            f"C{num(r * wide)} {num(-r * 0.8)} {num(r * wide * 1.3)} {num(r * 0.4)} 0 {num(r)}Z"
        )
        place = f' transform="translate({num(x)} {num(y)}) rotate({num(turn)})"'
        sheet.path(data, colour, rng.choice((1.0, 0.9, 0.75)), more=place)
        sheet.line(
            f"M0 {num(r * 0.8)}L0 {num(-r * 0.2)}", shade(colour, -0.10), r * 0.07, 0.7, more=place
        )


def leaves(easel: Easel, layer: EffectLayer) -> None:
    """Falling leaves with a midrib and a stalk."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#e0872f", "#c8502c", "#f0b43c", "#9c3f2a", "#b98a2f"))
    for x, y, r in scatter(easel, layer, rng, count=58, size=(0.009, 0.024), edge=0.6, spread=1.2):
        turn, wide, colour = rng.random() * 360, rng.uniform(0.35, 0.55), rng.choice(colours)
        half = f"C{num(r * wide * 1.4)} {num(-r * 0.35)} {num(r * wide * 1.2)} {num(r * 0.45)}"
        other = f"C{num(-r * wide * 1.2)} {num(r * 0.45)} {num(-r * wide * 1.4)} {num(-r * 0.35)}"
        place = f' transform="translate({num(x)} {num(y)}) rotate({num(turn)})"'
        top, foot = f"0 {num(-r)}", f"0 {num(r * 0.7)}"
        sheet.path(f"M{top}{half} {foot}{other} {top}Z", colour, more=place)
        sheet.path(f"M{top}{half} {foot}Z", shade(colour, 0.05), 0.8, more=place)
        sheet.line(f"M0 {num(-r * 0.75)}L0 {num(r)}", shade(colour, -0.14), r * 0.07, more=place)


def bubbles(easel: Easel, layer: EffectLayer) -> None:
    """Clear balls with a rim of light and a glint."""
    sheet, rng = _begin(easel, layer)
    colour = palette(layer, ("#ffffff",))[0]
    ball = sheet.ball(
        [(0, colour, 0.03), (0.72, colour, 0.10), (0.94, colour, 0.42), (1, colour, 0.16)]
    )
    for x, y, r in scatter(easel, layer, rng, count=50, size=(0.005, 0.034), edge=0.35, spread=1.3):
        sheet.circle(x, y, r, ball)
        glint = (
            f"M{num(x - r * 0.62)} {num(y - r * 0.2)}A{num(r * 0.66)} {num(r * 0.66)} 0 0 1"
            f" {num(x - r * 0.18)} {num(y - r * 0.63)}"
        )
        sheet.line(glint, "#ffffff", r * 0.13, 0.8)
        sheet.circle(x + r * 0.42, y + r * 0.46, r * 0.08, "#ffffff", 0.6)


def balloons(easel: Easel, layer: EffectLayer) -> None:
    """Balloons on strings, biggest in front; they keep to the sides of what is to be read."""
    sheet, rng = _begin(easel, layer)
    colours = palette(layer, ("#ff5d73", "#ffc145", "#4db6f2", "#7bd389", "#b084f5", "#ff8fb8"))
    found = list(
        scatter(easel, layer, rng, count=17, size=(0.04, 0.07), edge=0.75, spread=1.2, hang=0.0)
    )
    for i, (x, y, r) in enumerate(sorted(found, key=lambda each: each[2])):
        balloon(sheet, x, y - r * 0.1, r * 0.8, colours[i % len(colours)], sway=rng.uniform(-1, 1))


def balloon(sheet: Sheet, x: float, y: float, r: float, colour: str, *, sway: float) -> None:
    """One balloon: body, knot, string (within 1.25 r of the centre), and a highlight."""
    knot = y + r * 0.98
    string = (
        f"M{num(x)} {num(knot)}q{num(sway * r * 0.3)} {num(r * 0.13)} 0 {num(r * 0.25)}"
        f"t0 {num(r * 0.2)}"
    )
    sheet.line(string, mix(colour, "#555566", 0.55), r * 0.03, 0.8)
    lit = sheet.ball([(0, shade(colour, 0.09), 1), (0.55, colour, 1), (1, shade(colour, -0.10), 1)])
    body = (
        f"M{num(x)} {num(knot)}C{num(x - r * 0.5)} {num(y + r * 0.7)} {num(x - r * 0.8)}"
        f" {num(y + r * 0.2)} {num(x - r * 0.8)} {num(y - r * 0.15)}"
        f"A{num(r * 0.8)} {num(r * 0.85)} 0 0 1 {num(x + r * 0.8)} {num(y - r * 0.15)}"
        f"C{num(x + r * 0.8)} {num(y + r * 0.2)} {num(x + r * 0.5)} {num(y + r * 0.7)}"
        f" {num(x)} {num(knot)}Z"
    )
    sheet.path(body, lit)
    tip = [(x, knot - r * 0.03), (x - r * 0.09, knot + r * 0.1), (x + r * 0.09, knot + r * 0.1)]
    sheet.path(polygon(tip), shade(colour, -0.08))
    shine = 0.5 if lightness(colour) < 0.85 else 0.8
    sheet.ellipse(x - r * 0.36, y - r * 0.48, r * 0.13, r * 0.22, "#ffffff", shine)
