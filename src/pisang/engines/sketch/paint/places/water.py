"""Places of water: open sea, beach, lake, under water."""

import math

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.colour import mix, shade
from pisang.engines.sketch.paint.light import Light
from pisang.engines.sketch.paint.places.country import far_ranges
from pisang.engines.sketch.paint.places.plants import grass, stones, tree_line
from pisang.engines.sketch.paint.places.view import (
    View,
    craggy,
    land,
    orb_place,
    rolling,
    shows,
    sky,
)
from pisang.engines.sketch.paint.places.wild import snowy_peaks
from pisang.engines.sketch.paint.sheet import Point, curve, num
from pisang.engines.sketch.vocabulary import Absent, Hour

_WATER = {
    Hour.DAY: ("#a8e2f2", "#4fb9df", "#1f86c0", "#14609d"),
    Hour.NIGHT: ("#42599c", "#233a7c", "#152659", "#0c1740"),
    Hour.SUNSET: ("#ffc48a", "#e97f79", "#8f4c86", "#45346f"),
    Hour.DAWN: ("#fbdccf", "#c9bfe0", "#86a4d6", "#5b83c4"),
}


def tones(light: Light) -> tuple[str, ...]:
    """Open water from the horizon to the eye; under cloud it mirrors the cloud."""
    return tuple(
        mix(tone, shade(light.cover, 0.04 - 0.07 * i), light.covered * 0.8)
        for i, tone in enumerate(_WATER[light.hour])
    )


def around_boats(light: Light) -> str:
    """The water in the middle distance."""
    found = tones(light)
    return mix(found[1], found[2], 0.4)


def _surface(view: View, top: float, low: float) -> None:
    """Water from its far edge to ``low``: colour, the light's path, ripples growing nearer."""
    found = tuple(view.dyed(tone) for tone in tones(view.light))
    stops = [(i / 3, tone, 1.0) for i, tone in enumerate(found)]
    deep = view.sheet.linear(stops, (0, top), (0, max(low, top + view.unit * 0.2)))
    view.sheet.rect(0, top, view.width, low - top + 1, deep)
    view.sheet.rect(0, top, view.width, view.unit * 0.0025, mix(found[0], "#ffffff", 0.5), 0.8)
    _glitter(view, top, low)
    _ripples(view, top, low, found)


def _glitter(view: View, top: float, low: float) -> None:
    """Bars of light under the sun or moon, broad and broken toward the viewer."""
    x, _, r = orb_place(view)
    if view.hour is Hour.DAY:
        x, r = view.width * 0.3, view.unit * 0.05
    rng, unit = view.rng, view.unit
    colour = {Hour.NIGHT: "#cfdcff", Hour.DAY: "#ffffff"}.get(view.hour, view.light.orb)
    strength = 0.34 if view.hour is Hour.DAY else 0.62
    y, step = top + unit * 0.004, unit * 0.008
    while y < low:
        depth = (y - top) / max(low - top, 1)
        half = r * (0.55 + 1.5 * depth) * rng.uniform(0.35, 1.0)
        shift = r * rng.uniform(-0.5, 0.5) * (0.3 + depth)
        thick = unit * (0.0016 + 0.0045 * depth)
        view.sheet.rect(
            x + shift - half,
            y,
            half * 2,
            thick,
            colour,
            strength * (1 - 0.75 * depth),
            radius=thick / 2,
        )
        y += step * (0.8 + 2.6 * depth)


def _ripples(view: View, top: float, low: float, found: tuple[str, ...]) -> None:
    """Short pale and dark dashes."""
    rng, unit = view.rng, view.unit
    light, dark = mix(found[0], "#ffffff", 0.35), shade(found[3], -0.04)
    for _ in range(round(64 * view.width / unit)):
        depth = rng.random() ** 0.8
        y = top + (low - top) * depth
        long = unit * (0.012 + 0.075 * depth) * rng.uniform(0.5, 1.1)
        thick = unit * (0.0012 + 0.0034 * depth)
        x = rng.random() * view.width
        pale = rng.random() < 0.6
        view.sheet.rect(
            x - long / 2,
            y,
            long,
            thick,
            light if pale else dark,
            (0.34 if pale else 0.22) * (1 - 0.3 * depth),
            radius=thick / 2,
        )


def _swells(view: View, top: float) -> None:
    """Rolling waves in front, each with a foam line."""
    found = tones(view.light)
    deep = view.height - top
    for k in range(3):
        y = top + deep * (0.42 + 0.22 * k)
        line = rolling(view, y, view.unit * (0.008 + 0.005 * k), bends=5)
        tone = mix(found[2], found[3], 0.25 + 0.3 * k)
        land(view, line, mix(tone, found[1], 0.25), tone)
        foam = mix(found[0], "#ffffff", 0.55)
        view.sheet.line(curve(line), foam, view.unit * (0.002 + 0.0008 * k), 0.5)


def sea(view: View) -> None:
    """The open sea with far islands."""
    sky(view)
    _islands(view)
    _surface(view, view.horizon, view.height)
    _swells(view, view.horizon)


def _islands(view: View) -> None:
    unit, rng = view.unit, view.rng
    for x, wide, tall, share in ((0.10, 0.34, 0.05, 0.55), (0.9, 0.26, 0.075, 0.35)):
        centre = view.width * x
        points: list[Point] = []
        for i in range(9):
            u = i / 8
            up = math.sin(math.pi * u) ** 0.8 * (0.75 + 0.35 * rng.random())
            points.append((centre + (u - 0.5) * wide * unit * 1.6, view.horizon - up * tall * unit))
        tone = mix(view.light.ridge, view.light.haze, share)
        fill = view.shades(
            tone,
            mix(tone, view.light.haze, 0.45),
            Box(0, view.horizon - tall * unit, 1, tall * unit),
        )
        view.sheet.path(f"{curve(points)}V{num(view.horizon + 1)}H{num(points[0][0])}Z", fill)


def beach(view: View) -> None:
    """Sea, foam, warm sand, palms leaning in from the sides."""
    sky(view)
    _islands(view)
    water = view.anchors.water or Box(0, view.horizon, view.width, view.height * 0.2)
    unit = view.unit
    _surface(view, water.y, water.bottom + unit * 0.04)
    sand = rolling(view, water.bottom, unit * 0.012, bends=2, phase=0.6)
    wet = [(x, y - unit * 0.022) for x, y in sand]
    foam = [(x, y - unit * 0.034) for x, y in sand]
    land(view, foam, mix(tones(view.light)[0], "#ffffff", 0.6), view.lit("#ffffff"))
    land(view, wet, view.lit("#d8b98a"), view.lit("#e8cf9f"))
    land(view, sand, view.lit("#f7e2b4"), view.lit("#e7bf84"))
    front = rolling(view, water.bottom + (view.height - water.bottom) * 0.55, unit * 0.014, bends=2)
    land(view, front, view.lit("#f3d79f"), view.lit("#dfb274"))
    _sand_specks(view, water.bottom)
    _palm(view, -unit * 0.02, water.bottom + unit * 0.2, unit * 0.72, lean=0.24)
    _palm(view, unit * 0.10, water.bottom + unit * 0.17, unit * 0.46, lean=0.16)
    if view.width > view.height * 1.2:
        _palm(view, view.width + unit * 0.01, water.bottom + unit * 0.19, unit * 0.6, lean=-0.22)


def _sand_specks(view: View, top: float) -> None:
    rng, unit = view.rng, view.unit
    dark, pale = view.lit("#c99a5f"), view.lit("#fff3d4")
    for _ in range(round(70 * view.width / unit)):
        near = rng.random()
        x, y = rng.random() * view.width, top + (view.height - top) * (0.1 + 0.9 * near)
        r = unit * (0.0008 + 0.0018 * near)
        view.sheet.ellipse(x, y, r * 1.6, r, rng.choice((dark, pale)), 0.6)


@shows(Absent.TREES)
def _palm(view: View, x: float, y: float, tall: float, *, lean: float) -> None:
    """A palm with a bent trunk and eight fronds."""
    sheet = view.sheet
    top_x, top_y = x + lean * tall, y - tall
    bend_x = x + lean * tall * 0.15
    w = tall * 0.032
    trunk = (
        f"M{num(x - w)} {num(y)}Q{num(bend_x - w * 0.8)} {num(y - tall * 0.5)}"
        f" {num(top_x - w * 0.5)} {num(top_y)}L{num(top_x + w * 0.5)} {num(top_y)}"
        f"Q{num(bend_x + w)} {num(y - tall * 0.5)} {num(x + w)} {num(y)}Z"
    )
    sheet.path(trunk, view.shades(view.lit("#a9774a"), view.lit("#7d5334"), Box(0, top_y, 1, tall)))
    for angle, long, tone in (
        (-172, 0.42, -1),
        (-8, 0.42, -1),
        (-145, 0.46, 0),
        (-35, 0.46, 0),
        (160, 0.36, -1),
        (20, 0.36, -1),
        (-115, 0.40, 1),
        (-65, 0.40, 1),
    ):
        _frond(view, top_x, top_y, tall * long, math.radians(angle), tone)
    for dx in (-0.028, 0.0, 0.03):
        sheet.circle(top_x + dx * tall, top_y + tall * 0.02, tall * 0.02, view.lit("#6b4423"))


def _frond(view: View, x: float, y: float, long: float, angle: float, tone: int) -> None:
    leaf = view.lit(shade("#3f9a55", 0.06 * tone))
    cos, sin = math.cos(angle), math.sin(angle)
    end = (x + cos * long, y + sin * long * 0.7 + long * 0.42)
    over = (x + cos * long * 0.55, y + sin * long * 0.75 - long * 0.16)
    under = (x + cos * long * 0.5, y + sin * long * 0.6 + long * 0.08)
    view.sheet.path(
        f"M{num(x)} {num(y)}Q{num(over[0])} {num(over[1])} {num(end[0])} {num(end[1])}"
        f"Q{num(under[0])} {num(under[1])} {num(x)} {num(y)}Z",
        leaf,
    )


def lake(view: View) -> None:
    """Still water between mountains and a grassy shore; the mountains stand in it again."""
    sky(view, clouds=3)
    unit = view.unit
    water = view.anchors.water or Box(0, view.horizon, view.width, view.height * 0.25)
    far_ranges(view, rise=0.14, count=1)
    line = craggy(view, view.horizon + unit * 0.03, min(view.horizon * 0.6, unit * 0.36), peaks=2.3)
    snowy_peaks(view, line)
    mist = view.sheet.linear(
        [(0, view.light.haze, 0), (1, view.light.haze, 0.7)],
        (0, view.horizon - unit * 0.12),
        (0, view.horizon),
    )
    view.sheet.rect(0, view.horizon - unit * 0.12, view.width, unit * 0.13, mist)
    shore = rolling(view, view.horizon - unit * 0.008, unit * 0.012)
    land(view, shore, view.far("#5c9a72", 0.3), view.far("#6aa975", 0.2))
    tree_line(view, shore, tall=unit * 0.07, leaf="#467f62", distance=0.24, kind="pine", step=0.42)
    _surface(view, water.y, water.bottom + unit * 0.05)
    mirrored = [(x, 2 * water.y - y + unit * 0.06) for x, y in line]
    shadow = view.sheet.linear(
        [(0, view.far("#4d7387", 0.2), 0.45), (1, view.far("#4d7387", 0.2), 0.0)],
        (0, water.y),
        (0, water.bottom),
    )
    low = [(x, min(max(y, water.y), water.bottom)) for x, y in mirrored]
    view.sheet.path(f"{curve(low)}V{num(water.y)}H{num(low[0][0])}Z", shadow)
    near = rolling(view, water.bottom, unit * 0.016, bends=2)
    land(view, near, view.lit("#8cc866"), view.lit("#559f4b"))
    stones(view, 5, top=water.bottom + unit * 0.03, colour="#b7b5ad", rng=view.rng)
    grass(view, 44, top=water.bottom + unit * 0.02, tone=view.lit("#4d9444"))
    _reeds(view, water.bottom)


def _reeds(view: View, foot: float) -> None:
    rng, unit = view.rng, view.unit
    for side in (0.06, 0.93):
        for _ in range(9):
            x = view.width * side + unit * rng.uniform(-0.07, 0.07)
            tall, lean = unit * rng.uniform(0.09, 0.17), unit * rng.uniform(-0.02, 0.02)
            y = foot + unit * rng.uniform(0.03, 0.06)
            view.sheet.line(
                f"M{num(x)} {num(y)}Q{num(x)} {num(y - tall * 0.6)} {num(x + lean)}"
                f" {num(y - tall)}",
                view.lit("#4f8a45"),
                unit * 0.0034,
            )
            view.sheet.rect(
                x + lean - unit * 0.005,
                y - tall - unit * 0.012,
                unit * 0.010,
                unit * 0.036,
                view.lit("#7c5532"),
                radius=unit * 0.005,
            )


_DEEP = {
    Hour.DAY: ("#8fe6ea", "#33b4cf", "#1579ad", "#0d4a84"),
    Hour.NIGHT: ("#23508a", "#143a70", "#0c2652", "#071636"),
    Hour.SUNSET: ("#ffc58f", "#c77f9a", "#5a5a9a", "#2a3670"),
    Hour.DAWN: ("#d9f0ee", "#8fcbd8", "#4b93bd", "#2b6598"),
}


def underwater(view: View) -> None:
    """Shafts of light, far fish, rocks, corals, weed, ripples on the sand."""
    across, down = field.mesh(view.width, view.height)
    grid = field.ramp(np.clip(down / view.height + across * 0, 0, 1), _DEEP[view.hour])
    rng = np.random.default_rng(view.easel.seed)
    x0, y0 = view.width * 0.36, -view.unit * 0.55
    angle = np.arctan2(across - x0, down - y0)
    beams = np.zeros_like(grid[..., 0])
    for _ in range(9):
        beams += np.exp(
            -(((angle - rng.uniform(-0.8, 0.9)) / rng.uniform(0.02, 0.06)) ** 2)
        ) * rng.uniform(0.3, 0.8)
    fade = np.clip(1 - down / (view.height * 0.92), 0, 1) ** 1.2
    grid = field.screen(grid, "#d9fbff", (np.clip(beams, 0, 1) * fade * 0.36).astype(np.float32))
    view.easel.ground(field.pixels(grid, view.width, view.height))
    view.sheet.everywhere()
    _shoal(view)
    _sea_floor(view)


def _shoal(view: View) -> None:
    """Small fish far away, all swimming one way."""
    rng, unit = view.rng, view.unit
    tone = mix(_DEEP[view.hour][1], _DEEP[view.hour][3], 0.35)
    centre = (view.width * 0.74, view.height * 0.3)
    for _ in range(13):
        x, y = centre[0] + unit * rng.gauss(0, 0.11), centre[1] + unit * rng.gauss(0, 0.05)
        s = unit * rng.uniform(0.010, 0.017)
        view.sheet.path(
            f"M{num(x - s)} {num(y)}Q{num(x)} {num(y - s * 0.75)} {num(x + s)} {num(y)}"
            f"L{num(x + s * 1.7)} {num(y - s * 0.5)}"
            f"V{num(y + s * 0.5)}L{num(x + s)} {num(y)}Q{num(x)} {num(y + s * 0.75)} {num(x - s)}"
            f" {num(y)}Z",
            tone,
            0.55,
        )


def _sea_floor(view: View) -> None:
    unit, rng, top = view.unit, view.rng, view.anchors.ground.y
    deep = _DEEP[view.hour]
    back = rolling(view, top - unit * 0.07, unit * 0.03, bends=3)
    land(view, back, mix(deep[2], "#5b8fa0", 0.25), deep[3])
    for side, count in ((0.0, 5), (1.0, 5)):
        for k in range(count):
            x = view.width * side + (1 - 2 * side) * unit * (0.02 + 0.075 * k)
            tall = unit * rng.uniform(0.14, 0.34) * (1 - 0.09 * k)
            _weed(
                view,
                x,
                top + unit * 0.06,
                tall,
                view.far("#2f9a78", 0.0) if k % 2 else view.lit("#3fae6f"),
            )
    sand = rolling(view, top, unit * 0.014, bends=2)
    land(view, sand, view.lit("#f0dba8"), view.lit("#c5a572"))
    for x, size, tone in (
        (0.13, 0.13, "#ff7d6e"),
        (0.24, 0.08, "#ffb14e"),
        (0.88, 0.14, "#e86aa6"),
        (0.77, 0.08, "#a777e3"),
    ):
        _coral(view, view.width * x, top + unit * 0.035, unit * size, view.lit(tone))
    for _ in range(round(7 * view.width / unit)):
        x, y = rng.random() * view.width, top + (view.height - top) * rng.uniform(0.3, 0.95)
        long = unit * rng.uniform(0.05, 0.12)
        view.sheet.line(
            f"M{num(x)} {num(y)}q{num(long / 4)} {num(-unit * 0.008)} {num(long / 2)} 0"
            f"t{num(long / 2)} 0",
            view.lit("#b08e5c"),
            unit * 0.0028,
            0.5,
        )
    stones(view, 5, top=top + unit * 0.03, colour="#8fa0a8", rng=rng)


def _weed(view: View, x: float, y: float, tall: float, tone: str) -> None:
    sway, w = view.rng.choice((-1, 1)) * tall * 0.12, tall * 0.05
    data = (
        f"M{num(x - w)} {num(y)}C{num(x - w + sway)} {num(y - tall * 0.35)} {num(x - w - sway)}"
        f" {num(y - tall * 0.65)}"
        f" {num(x + sway)} {num(y - tall)}C{num(x + w - sway)} {num(y - tall * 0.65)}"
        f" {num(x + w + sway)}"
        f" {num(y - tall * 0.35)} {num(x + w)} {num(y)}Z"
    )
    view.sheet.path(data, tone)


def _coral(view: View, x: float, y: float, size: float, tone: str) -> None:
    """A branching coral as round-ended strokes."""
    data = []

    def branch(px: float, py: float, angle: float, long: float, left: int) -> None:
        ex, ey = px + math.cos(angle) * long, py + math.sin(angle) * long
        data.append(f"M{num(px)} {num(py)}L{num(ex)} {num(ey)}")
        if left:
            for turn in (-0.5, 0.45):
                branch(ex, ey, angle + turn + view.rng.uniform(-0.15, 0.15), long * 0.74, left - 1)

    branch(x, y, -math.pi / 2, size * 0.36, 3)
    view.sheet.line("".join(data), shade(tone, -0.08), size * 0.115)
    view.sheet.line("".join(data), tone, size * 0.07)
