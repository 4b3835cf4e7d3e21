"""What happens in the air: fog, clouds, rays of sun, lightning, a rainbow, fireworks."""

import itertools
import math
import random

import numpy as np

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.colour import mix, rgb
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.effects.scatter import clear, palette, scatter
from pisang.engines.sketch.paint.field import Grid
from pisang.engines.sketch.paint.inks import RAINBOW
from pisang.engines.sketch.paint.laying import Wash
from pisang.engines.sketch.paint.places.view import cloud
from pisang.engines.sketch.paint.sheet import Point, num, polygon, polyline


def away(easel: Easel, layer: EffectLayer, *, soft: float = 0.13) -> Grid:
    """1 where an effect may be, 0 on the boxes to keep readable, soft between; as a field grid."""
    across, down = field.mesh(easel.width, easel.height)
    keep = np.ones((down.shape[0], across.shape[1]), np.float32)
    reach = easel.unit * soft
    step = field.scale(easel.width, easel.height)
    for box in layer.avoid:
        off_x = np.maximum(np.maximum(box.x - across, across - box.right), 0)
        off_y = np.maximum(np.maximum(box.y - down, down - box.bottom), 0)
        distance = np.maximum(np.hypot(off_x, off_y) - step, 0)  # a cell spans its neighbours
        part = np.clip(distance / reach, 0, 1)
        keep = np.minimum(keep, part * part * (3 - 2 * part)).astype(np.float32)
    return keep


def veil(easel: Easel, colour: str, share: Grid) -> None:
    """Lays a colour over the picture by a grid of shares 0-1."""
    cover = field.pixels(share[..., None] * 255, easel.width, easel.height)[..., 0]
    easel.wash(Wash(np.array(rgb(colour), np.uint8).reshape(1, 1, 3), cover, 0, 0))


def fog(easel: Easel, layer: EffectLayer) -> None:
    """Drifting banks, thicker toward the ground."""
    across, down = field.mesh(easel.width, easel.height)
    rng = np.random.default_rng(layer.seed)
    shape = (down.shape[0], across.shape[1])
    banks = field.clouds((shape[0] * 3, shape[1]), rng, cells=5)[::3]
    height = np.exp(-(((down / easel.height - 0.68) / 0.26) ** 2))
    share = (0.2 + 0.8 * banks**1.4) * (0.25 + 0.75 * height) * (0.35 + 1.1 * layer.effect.amount)
    veil(
        easel,
        palette(layer, (mix(easel.light.haze, "#ffffff", 0.35),))[0],
        np.clip(share, 0, 0.92).astype(np.float32) * away(easel, layer),
    )


def clouds(easel: Easel, layer: EffectLayer) -> None:
    """Heaped clouds with flat feet, in the upper part."""
    rng, area = random.Random(layer.seed), layer.area
    easel.sheet.touch(area.x, area.y, area.right, area.bottom)
    colour = palette(layer, (easel.light.cloud,))[0]
    count = max(round((2 + 5 * layer.effect.amount) * area.width / easel.unit), 2)
    for i in range(count):
        wide = easel.unit * rng.uniform(0.16, 0.34)
        x = area.x + area.width * (i + rng.uniform(0.1, 0.9)) / count
        y = area.y + area.height * rng.uniform(0.08, 0.4)
        if clear(x, y - wide * 0.12, wide * 0.6, layer.avoid, unit=easel.unit):
            cloud(easel, x, y, wide, colour, rng=rng)


def sunrays(easel: Easel, layer: EffectLayer) -> None:
    """Broad beams from the upper left corner."""
    across, down = field.mesh(easel.width, easel.height)
    rng = np.random.default_rng(layer.seed)
    x0, y0 = easel.width * 0.12, -easel.height * 0.18
    angle = np.arctan2(down - y0, across - x0)
    distance = np.hypot(across - x0, down - y0) / math.hypot(easel.width, easel.height)
    beams = np.zeros_like(angle)
    for _ in range(11):
        centre, broad = rng.uniform(0.0, 1.9), rng.uniform(0.018, 0.06)
        beams += np.exp(-(((angle - centre) / broad) ** 2)) * rng.uniform(0.35, 0.8)
    share = np.clip(beams, 0, 1) * np.clip(1.1 - distance, 0, 1) ** 1.3
    share = share * (0.25 + 0.6 * layer.effect.amount)
    veil(
        easel,
        palette(layer, ("#fff3c4",))[0],
        np.clip(share, 0, 0.8).astype(np.float32) * away(easel, layer),
    )


def rainbow(easel: Easel, layer: EffectLayer) -> None:
    """Seven bands in an arch that fades toward its feet, placed where it crosses no words."""
    area, sheet = layer.area, easel.sheet
    sheet.touch(area.x, area.y, area.right, area.bottom)
    colours = palette(layer, (*RAINBOW[:5], "#6f7bf0", "#a06bf0"))
    alpha = 0.4 + 0.45 * layer.effect.amount
    wide = min(area.width * 0.46, area.height * 0.66)
    for share, foot, size in _ARCHES:
        x, y, reach = area.x + area.width * share, area.y + area.height * foot, wide * size
        band = reach * 0.036
        if any(
            _crosses(box, x=x, y=y, outer=reach + band, inner=reach - band * len(colours))
            for box in layer.avoid
        ):
            continue
        for i, colour in enumerate(colours):
            r = reach - band * i
            paint = sheet.linear(
                [(0, colour, alpha), (0.55, colour, alpha), (1, colour, 0)], (x, y - r), (x, y)
            )
            arc = f"M{num(x - r)} {num(y)}A{num(r)} {num(r)} 0 0 1 {num(x + r)} {num(y)}"
            sheet.line(arc, paint, band * 1.04)
        return


_ARCHES = tuple(
    (share, foot, size)
    for size in (1.0, 1.25, 1.6, 0.7, 0.5)
    for foot in (0.8, 0.92, 0.66, 1.05)
    for share in (0.5, 0.62, 0.36, 0.8, 0.2)
)


def _crosses(box: Box, *, x: float, y: float, outer: float, inner: float) -> bool:
    """Whether the upper half of a ring meets a rectangle."""
    if box.y > y:
        return False
    low = min(box.bottom, y)
    near = math.hypot(min(max(x, box.x), box.right) - x, low - y)
    far = max(math.hypot(px - x, py - y) for px in (box.x, box.right) for py in (box.y, low))
    return near < outer and far > inner


def lightning(easel: Easel, layer: EffectLayer) -> None:
    """Forked bolts with a halo, from the top of the area, beside what is to be read."""
    rng, area, unit = random.Random(layer.seed), layer.area, easel.unit
    easel.sheet.touch(area.x, area.y, area.right, area.bottom)
    colour = palette(layer, ("#fff7c9",))[0]
    wanted = 1 + round(2 * layer.effect.amount)
    for _ in range(12):
        start = (area.x + area.width * rng.uniform(0.06, 0.94), area.y - unit * 0.02)
        bolt = _bolt(start, area.height * rng.uniform(0.5, 0.68), rng)
        if not _free(easel, layer, bolt):
            continue
        _strike(easel, bolt, colour, unit * 0.0055)
        for _ in range(3):
            at = bolt[rng.randrange(2, len(bolt) - 2)]
            branch = _bolt(at, area.height * rng.uniform(0.12, 0.22), rng, lean=0.9)
            if _free(easel, layer, branch):
                _strike(easel, branch, colour, unit * 0.003)
        wanted -= 1
        if wanted == 0:
            return


def _free(easel: Easel, layer: EffectLayer, points: list[Point]) -> bool:
    return all(
        clear(x, y, easel.unit * 0.03, layer.avoid, unit=easel.unit) for x, y in _dense(points)
    )


def _strike(easel: Easel, points: list[Point], colour: str, thick: float) -> None:
    for spread, alpha in ((7.0, 0.07), (4.2, 0.12), (2.2, 0.25), (1.0, 1.0)):
        tone = mix(colour, "#ffffff", 0.5) if spread == 1.0 else colour
        easel.sheet.line(polyline(points), tone, thick * spread, alpha)


def _dense(points: list[Point]) -> list[Point]:
    """The points and nine between each two."""
    return [
        (a[0] + (b[0] - a[0]) * k / 10, a[1] + (b[1] - a[1]) * k / 10)
        for a, b in itertools.pairwise(points)
        for k in range(11)
    ]


def _bolt(start: Point, fall: float, rng: random.Random, lean: float = 0.0) -> list[Point]:
    points, (x, y) = [start], start
    side = rng.choice((-1, 1)) * lean
    for _ in range(9):
        x += fall / 9 * (rng.uniform(-0.75, 0.75) + side)
        y += fall / 9 * rng.uniform(0.7, 1.3)
        points.append((x, y))
    return points


def fireworks(easel: Easel, layer: EffectLayer) -> None:
    """Bursts of trails in two rings, each with a glow and a falling tail."""
    rng, sheet = random.Random(layer.seed), easel.sheet
    sheet.touch(layer.area.x, layer.area.y, layer.area.right, layer.area.bottom)
    colours = palette(layer, ("#ffd35c", "#ff6b8b", "#6fd3ff", "#b894ff", "#7ef0b0", "#fff1c9"))
    found = list(
        scatter(easel, layer, rng, count=15, size=(0.07, 0.15), edge=0.35, spread=0.9, hang=-0.02)
    )
    for i, (x, y, r) in enumerate(found):
        _burst(easel, x, y, r, colours[i % len(colours)], rng)


def _burst(easel: Easel, x: float, y: float, r: float, colour: str, rng: random.Random) -> None:
    sheet = easel.sheet
    sheet.circle(x, y, r, sheet.ball([(0, colour, 0.40), (0.5, colour, 0.10), (1, colour, 0)]))
    pale = mix(colour, "#ffffff", 0.6)
    for ring, (reach, count) in enumerate(((0.96, 26), (0.62, 17))):
        trails = []
        for k in range(count):
            angle = math.tau * (k + rng.uniform(-0.2, 0.2)) / count
            far = r * reach * rng.uniform(0.82, 1.0)
            near = far * 0.38
            cos, sin = math.cos(angle), math.sin(angle)
            droop = r * 0.05
            end = (x + cos * far, y + sin * far * 0.96 + droop * 0.8)
            trails.append(
                f"M{num(x + cos * near)} {num(y + sin * near)}"
                f"Q{num(x + cos * far * 0.75)} {num(y + sin * far * 0.75)} {num(end[0])}"
                f" {num(end[1])}"
            )
            sheet.circle(*end, r * 0.016, pale)
        paint = sheet.radial([(0.2, pale, 0.1), (0.6, colour, 0.9), (1, pale, 1)], (x, y), r)
        sheet.line("".join(trails), paint, r * (0.016 if ring == 0 else 0.012))
    diamond = [(x, y - r * 0.03), (x + r * 0.03, y), (x, y + r * 0.03), (x - r * 0.03, y)]
    sheet.path(polygon(diamond), pale)
