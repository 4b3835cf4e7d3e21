"""What a place painter works with: the easel, the anchors, the light, and seeded chance.

A place is painted from far to near in the colours of noon; ``view.lit`` and ``view.far`` turn them
to the hour. Sizes are in ``view.unit`` so that a place looks alike at every resolution.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar, cast

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.anchors import Anchors
from pisang.engines.sketch.paint import field, inks
from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.field import Grid
from pisang.engines.sketch.paint.light import Light
from pisang.engines.sketch.paint.sheet import Point, Sheet, curve, num, polyline
from pisang.engines.sketch.recolour import from_oklch, to_oklch
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Absent, Hour

Painter = TypeVar("Painter", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class View:
    """One place on one canvas; ``ink`` is the colour asked for its own ground, water or walls (the
    sky's, where the place is nothing but sky), if any."""

    easel: Easel
    anchors: Anchors
    light: Light
    rng: random.Random
    ink: Ink | None

    @property
    def width(self) -> int:
        return self.easel.width

    @property
    def height(self) -> int:
        return self.easel.height

    @property
    def unit(self) -> float:
        """The measure of all sizes, in pixels; see ``Easel.unit``."""
        return self.easel.unit

    @property
    def sheet(self) -> Sheet:
        return self.easel.sheet

    @property
    def horizon(self) -> float:
        return self.anchors.horizon

    @property
    def hour(self) -> Hour:
        return self.light.hour

    def clear(self, left: float, top: float, width: float, height: float) -> bool:
        """Whether a detail here would stay off the words."""
        return self.easel.clear(Box(left, top, width, height))

    def lit(self, colour: str) -> str:
        """A noon colour in this hour's light."""
        return self.light.lit(colour)

    def far(self, colour: str, distance: float) -> str:
        """The same through ``distance`` (0-1) of air near the ground."""
        return self.light.far(colour, distance)

    def aloft(self, colour: str, distance: float) -> str:
        """A colour far away and high up, where the air has the sky's tone, not the horizon's."""
        return mix(self.lit(colour), mix(self.light.ridge, self.light.haze, 0.3), distance)

    def dyed(self, tone: str) -> str:
        """A tone of the land in the colour asked for it, as light and as hazy as it was."""
        asked = inks.main(self.ink, "")
        if not asked:
            return tone
        (light, chroma, _), (wish, wished, hue) = to_oklch(tone), to_oklch(asked)
        nearer = light + (wish - 0.62) * 0.4
        return from_oklch((nearer, wished * min(0.35 + chroma * 6, 1.0), hue))

    def shades(self, top: str, bottom: str, box: Box) -> str:
        """A fill that runs from one lit colour at the box's top to another at its bottom."""
        return self.sheet.linear(
            [(0, top, 1), (1, bottom, 1)], (0, box.y), (0, max(box.bottom, box.y + 1))
        )


def shows(what: Absent) -> Callable[[Painter], Painter]:
    """Marks a painter of something that a prompt may deny ("a park without trees")."""

    def mark(painter: Painter) -> Painter:
        @wraps(painter)
        def paint(view: View, *args: object, **named: object) -> None:
            with view.easel.unseen(what in view.easel.without):
                painter(view, *args, **named)

        return cast(Painter, paint)

    return mark


def orb_place(view: View) -> tuple[float, float, float]:
    """Where sun or moon stands: x, y, radius."""
    width, horizon, unit = view.width, view.horizon, view.unit
    match view.hour:
        case Hour.SUNSET:
            return width * 0.62, horizon - unit * 0.075, unit * 0.085
        case Hour.DAWN:
            return width * 0.30, horizon - unit * 0.06, unit * 0.07
        case Hour.NIGHT:
            return width * 0.80, max(horizon * 0.24, unit * 0.12), unit * 0.05
        case Hour.DAY:
            return width * 0.16, horizon * 0.14, unit * 0.06


def sky(view: View, *, low: float | None = None, stars: bool = True, clouds: int = 4) -> None:
    """The sky down to ``low`` (the horizon): light, glow, stars, sun or moon, clouds."""
    easel, light = view.easel, view.light
    low = view.horizon if low is None else low
    across, down = field.mesh(view.width, view.height)
    share = np.clip(down / max(low, 1) + across * 0, 0, 1)
    grid = field.ramp(share, light.sky, light.at)
    easel.ground(field.pixels(_glowing(view, grid, across, down), view.width, view.height))
    view.sheet.everywhere()
    if view.hour is Hour.NIGHT and stars:
        night_stars(view, low)
    x, y, r = orb_place(view)
    if _has_orb(view) and view.hour is not Hour.DAY and view.clear(x - r, y - r, 2 * r, 2 * r):
        _orb(view)
    if clouds:
        far_clouds(view, clouds, low)


def _has_orb(view: View) -> bool:
    """Whether the place shows its own sun or moon: no layer brings one, no word denies it."""
    denied = Absent.MOON if view.hour is Hour.NIGHT else Absent.SUN
    return view.easel.orb and denied not in view.easel.without


def _glowing(view: View, grid: Grid, across: Grid, down: Grid) -> Grid:
    x, y, _ = orb_place(view)
    unit, light = view.unit, view.light
    match view.hour:
        case Hour.SUNSET | Hour.DAWN:
            wide = field.disc(across / 1.7, down, centre=(x / 1.7, y), radius=unit * 0.62)
            close = field.disc(across, down, centre=(x, y), radius=unit * 0.30)
            grid = field.screen(grid, light.glow, wide * 0.55)
            return field.screen(grid, light.orb, close * 0.6)
        case Hour.NIGHT:
            halo = field.disc(across, down, centre=(x, y), radius=unit * 0.5)
            grid = field.screen(grid, "#8fa8ea", halo * (0.42 if _has_orb(view) else 0.12))
            band = np.exp(-(((down - across * 0.35 - view.horizon * 0.12) / (unit * 0.2)) ** 2))
            noise = field.clouds(grid.shape[:2], np.random.default_rng(view.easel.seed), cells=6)
            return field.screen(grid, "#6f7fd0", (band * noise * 0.22).astype(np.float32))
        case Hour.DAY:
            return field.screen(
                grid, light.glow, field.disc(across, down, centre=(x, y), radius=unit * 0.9) * 0.55
            )


def _orb(view: View) -> None:
    """The sun as a soft ball, or the moon with a few craters."""
    x, y, r = orb_place(view)
    sheet, light = view.sheet, view.light
    if view.hour is Hour.NIGHT:
        sheet.circle(x, y, r, sheet.ball([(0, "#fffdf2", 1), (1, "#ece4c4", 1)], focus=(0.5, 0.5)))
        for u, v, s in (
            (-0.32, -0.2, 0.2),
            (0.28, 0.3, 0.26),
            (0.22, -0.42, 0.12),
            (-0.3, 0.45, 0.1),
        ):
            sheet.circle(x + u * r, y + v * r, s * r, "#d9cfa9", 0.55)
        return
    sheet.circle(x, y, r * 1.5, light.orb, 0.16)
    sheet.circle(x, y, r, mix(light.orb, "#ffffff", 0.35))


@shows(Absent.STARS)
def night_stars(view: View, low: float) -> None:
    """Many faint points, thinner toward the horizon, and a few that twinkle."""
    rng, sheet, unit = view.rng, view.sheet, view.unit
    count = round(150 * view.width * low / unit**2)
    for _ in range(count):
        x, y = rng.random() * view.width, low * rng.random() ** 1.25
        r = unit * (0.0006 + 0.0017 * rng.random() ** 3)
        alpha = rng.uniform(0.35, 1.0) * (1 - 0.55 * y / low)
        tone = rng.choice(("#ffffff", "#dfe7ff", "#fff1cf"))
        if view.clear(x, y, r, r):
            sheet.circle(x, y, r, tone, alpha)
    for _ in range(max(round(count / 28), 3)):
        x, y, r = (
            rng.random() * view.width,
            low * rng.random() * 0.7,
            unit * rng.uniform(0.004, 0.009),
        )
        if view.clear(x - r, y - r, 2 * r, 2 * r):
            sheet.path(twinkle(x, y, r), "#ffffff", 0.9)


@shows(Absent.CLOUDS)
def far_clouds(view: View, count: int, low: float) -> None:
    """Clouds in the light of the hour: heaps by day, long streaks at dawn, dusk and night."""
    rng, unit = view.rng, view.unit
    total = max(round(count * view.width / unit), 1)
    for i in range(total):
        x = view.width * (i + rng.uniform(0.15, 0.85)) / total
        if view.hour is Hour.DAY:
            y = low * rng.uniform(0.16, 0.62)
            wide = unit * (0.13 + 0.16 * (1 - y / low)) * rng.uniform(0.8, 1.25)
            clear = view.clear(x - wide * 0.52, y - wide * 0.27, wide * 1.04, wide * 0.34)
            with view.easel.unseen(not clear):
                cloud(view.easel, x, y, wide, view.light.cloud, rng=rng, alpha=0.95)
        else:
            y, wide = low * rng.uniform(0.3, 0.86), unit * rng.uniform(0.16, 0.4)
            clear = view.clear(x - wide * 0.7, y - wide * 0.1, wide * 1.4, wide * 0.2)
            with view.easel.unseen(not clear):
                streak(view, x, y, wide, alpha=0.28 if view.light.dark else 0.5)


def streak(view: View, x: float, y: float, wide: float, *, alpha: float) -> None:
    """A thin layered cloud: a few lenses with pointed ends, one over the other."""
    rng, thick, colour = view.rng, wide * 0.05, view.light.cloud
    for k in range(3):
        long = wide * (1.0, 0.72, 0.46)[k] * rng.uniform(0.8, 1.05)
        middle = x + wide * rng.uniform(-0.16, 0.16)
        at, left, right = y + (k - 1) * thick * 0.95, middle - long / 2, middle + long / 2
        bulge = rng.uniform(-0.15, 0.15) * long
        view.sheet.path(
            f"M{num(left)} {num(at)}Q{num(middle + bulge)} {num(at - thick)} {num(right)} {num(at)}"
            f"Q{num(middle + bulge)} {num(at + thick * 0.55)} {num(left)} {num(at)}Z",
            colour,
            alpha,
        )


def rolling(
    view: View, y: float, swell: float, *, bends: int = 4, phase: float | None = None
) -> list[Point]:
    """A smooth hill line across the picture, overhanging both sides."""
    rng = view.rng
    first = rng.random() * 6.28 if phase is None else phase
    count = max(round(bends * view.width / view.unit / 1.2), 2)
    points = []
    for i in range(-1, count * 2 + 2):
        x = view.width * i / (count * 2)
        up = float(np.sin(first + i * 1.35) * 0.6 + np.sin(first * 1.7 + i * 0.62) * 0.4)
        points.append((x, y + swell * (up + rng.uniform(-0.22, 0.22))))
    return points


def craggy(view: View, y: float, rise: float, *, peaks: float = 3.2) -> list[Point]:
    """A mountain line. Each peak is four points: left shoulder, top, right shoulder, saddle."""
    rng = view.rng
    count = max(round(peaks * view.width / view.unit), 2)
    gap = view.width / count
    line: list[Point] = [(-gap * 0.4, y - rise * 0.3)]
    for i in range(count):
        centre = gap * (i + 0.5 + rng.uniform(-0.2, 0.2))
        top = y - rise * (rng.uniform(0.62, 0.8) if i % 2 else rng.uniform(0.85, 1.0))
        steep = rng.uniform(0.17, 0.25)
        line.append((centre - gap * steep, y - (y - top) * rng.uniform(0.56, 0.68)))
        line.append((centre, top))
        line.append((centre + gap * steep * 0.9, y - (y - top) * rng.uniform(0.58, 0.72)))
        line.append((centre + gap * 0.5, y - rise * rng.uniform(0.26, 0.42)))
    line.append((view.width + gap * 0.4, y - rise * 0.45))
    return line


def land(
    view: View,
    points: list[Point],
    top: str,
    bottom: str,
    *,
    foot: float | None = None,
    smooth: bool = True,
) -> None:
    """Fills all that is under a line, from a colour at its crest to one at its foot."""
    crest = min(point[1] for point in points)
    low = view.height if foot is None else foot
    fill = view.shades(view.dyed(top), view.dyed(bottom), Box(0, crest, view.width, low - crest))
    line = curve(points) if smooth else polyline(points)
    view.sheet.path(f"{line}V{num(low + 1)}H{num(points[0][0])}Z", fill)


def height_at(points: list[Point], x: float) -> float:
    """The y of a line at x."""
    return float(np.interp(x, [p[0] for p in points], [p[1] for p in points]))


def twinkle(x: float, y: float, r: float) -> str:
    """A thin four-pointed star."""
    return (
        f"M{num(x)} {num(y - r)}Q{num(x)} {num(y)} {num(x + r)} {num(y)}Q{num(x)} {num(y)}"
        f" {num(x)} {num(y + r)}Q{num(x)} {num(y)} {num(x - r)} {num(y)}Q{num(x)} {num(y)}"
        f" {num(x)} {num(y - r)}Z"
    )


def cloud(
    easel: Easel,
    x: float,
    y: float,
    wide: float,
    colour: str,
    *,
    rng: random.Random,
    alpha: float = 0.92,
) -> None:
    """One heaped cloud around x with its flat foot at y, brighter at the top."""
    data, foot = [], y
    for at, size in ((-0.33, 0.14), (-0.12, 0.2), (0.1, 0.25), (0.31, 0.15)):
        r = wide * size * rng.uniform(0.88, 1.12)
        cx = x + at * wide
        data.append(f"M{num(cx - r)} {num(foot)}a{num(r)} {num(r)} 0 0 1 {num(2 * r)} 0Z")
    thick = wide * 0.06
    left, right = x - wide * 0.52, x + wide * 0.5
    data.append(
        f"M{num(left)} {num(foot)}a{num(thick)} {num(thick)} 0 0 1 {num(thick)} {num(-thick)}"
        f"H{num(right)}a{num(thick)} {num(thick)} 0 0 1 0 {num(2 * thick)}"
        f"H{num(left + thick)}a{num(thick)} {num(thick)} 0 0 1 {num(-thick)} {num(-thick)}Z"
    )
    fill = easel.sheet.linear(
        [(0, colour, alpha), (0.6, colour, alpha * 0.9), (1, colour, alpha * 0.55)],
        (x, foot - wide * 0.26),
        (x, foot + thick),
    )
    easel.sheet.path("".join(data), fill)
