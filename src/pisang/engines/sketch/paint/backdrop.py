"""Grounds without a place: plain, gradient, patterned or made of a material.

A ground is a soft field of light (see ``field``) with patterns drawn on the sheet above it. They
stay within a step or two of the ground's colour, because words and drawings come on top.
"""

import math
import random
from collections.abc import Callable

import numpy as np

from pisang.engines.sketch.layers import BackdropLayer
from pisang.engines.sketch.paint import field, inks
from pisang.engines.sketch.paint.colour import along, lightness, mix, shade
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.field import Grid
from pisang.engines.sketch.paint.sheet import curve, num, polygon
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Texture

_DEFAULT = "#f3efe6"
_OWN: dict[Texture, str] = {
    Texture.PAPER: "#f6efdf",
    Texture.WOOD: "#c08a55",
    Texture.MARBLE: "#f1f0ee",
    Texture.BRICK: "#b4573e",
    Texture.CHALKBOARD: "#2f4a41",
}


def draw(easel: Easel, layer: BackdropLayer) -> None:
    """Paints the ground of a layer that names no place."""
    texture = layer.backdrop.texture
    colours = _colours(layer, texture)
    depth = _DEPTH.get(texture, 0.5) if texture else 1.0
    if easel.gilded and texture is Texture.PLAIN:  # gold looks dull where nothing else has light
        texture, depth = _usual(colours), 0.5
    rng = random.Random(easel.seed * 7 + 3)
    if texture is None:
        texture = _usual(colours)
    easel.ground(
        field.pixels(_light(easel, texture, colours, depth=depth), easel.width, easel.height)
    )
    pattern = _PATTERNS.get(texture)
    if pattern:
        easel.sheet.everywhere()
        pattern(easel, colours, rng)


def _colours(layer: BackdropLayer, texture: Texture | None) -> tuple[str, ...]:
    ink = layer.backdrop.ink
    if ink is not None and ink.colours:
        return tuple(stop[1] for stop in inks.stops(ink))
    if texture in _OWN:
        return (_OWN[texture],)
    if layer.palette:
        return inks.colours(Ink(colours=layer.palette[:1]))
    return (_DEFAULT,)


def _usual(colours: tuple[str, ...]) -> Texture:
    """White and black stay what they are; any other colour gets a little light."""
    if len(colours) > 1:
        return Texture.GRADIENT
    return Texture.PLAIN if not 0.12 < lightness(colours[0]) < 0.955 else Texture.RADIAL


def _light(easel: Easel, texture: Texture, colours: tuple[str, ...], *, depth: float) -> Grid:
    """The ground's own light, before any pattern."""
    width, height = easel.width, easel.height
    across, down = field.mesh(width, height)
    base = colours[0]
    if texture is Texture.PLAIN:
        return field.ramp(across * 0 + down * 0, (base,))
    if texture is Texture.GRADIENT:
        if len(colours) == 1:
            colours = (shade(base, 0.07), base, shade(base, -0.09))
        slant = 0.28
        share = (down / height + across / width * slant) / (1 + slant)
        return field.ramp(share, colours)
    reach = np.hypot((across - width / 2) / width, (down - height * 0.47) / height) / 0.72
    share = np.clip(reach, 0, 1) ** 1.35
    if texture is Texture.RADIAL and len(colours) > 1:
        return field.ramp(share, colours)
    deep = 0.06 if lightness(base) > 0.86 else 0.12
    edge = shade(base, -deep * depth - 0.02)
    grid = field.ramp(share, (shade(base, 0.07 * depth), base, edge), (0.0, 0.5, 1.0))
    return _veined(easel, grid, colours) if texture is Texture.MARBLE else grid


_DEPTH = {
    Texture.RADIAL: 1.0,
    Texture.CHALKBOARD: 0.7,
    Texture.WOOD: 0.7,
    Texture.PAPER: 0.35,
    Texture.MARBLE: 0.2,
}


def _second(colours: tuple[str, ...], step: float = 0.035) -> str:
    """The pattern's colour: the second named one, or a neighbour of the first."""
    if len(colours) > 1:
        return colours[1]
    light = lightness(colours[0])
    return shade(colours[0], step if light < 0.6 else -step)


def _stripes(easel: Easel, colours: tuple[str, ...], _: random.Random) -> None:
    width, height = easel.width, easel.height
    band, tone = easel.unit / 11, _second(colours)
    data, x = [], -float(height)
    while x < width:
        data.append(
            polygon([(x, height), (x + height, 0), (x + height + band, 0), (x + band, height)])
        )
        x += band * 2
    easel.sheet.path("".join(data), tone)


def _dots(easel: Easel, colours: tuple[str, ...], _: random.Random) -> None:
    step = easel.unit / 14
    tone, r = _second(colours, 0.05), step * 0.17
    for row in range(math.ceil(easel.height / (step * 0.866)) + 1):
        for column in range(math.ceil(easel.width / step) + 1):
            x = (column + (0.5 if row % 2 else 0.0)) * step
            easel.sheet.circle(x, row * step * 0.866, r, tone)


def _checks(easel: Easel, colours: tuple[str, ...], _: random.Random) -> None:
    """Gingham: two sets of see-through bands, darker where they cross."""
    step = easel.unit / 12
    tone = _second(colours, 0.07)
    for side, (across, down) in enumerate(((True, False), (False, True))):
        long = easel.width if across else easel.height
        data = []
        for i in range(0, math.ceil(long / step) + 1, 2):
            at = num(i * step)
            if across:
                data.append(f"M{at} 0h{num(step)}v{easel.height}h{num(-step)}Z")
            elif down:
                data.append(f"M0 {at}h{easel.width}v{num(step)}H0Z")
        easel.sheet.path("".join(data), tone, 0.5 if side == 0 else 0.55)


def _grid(easel: Easel, colours: tuple[str, ...], _: random.Random) -> None:
    step, tone = easel.unit / 24, _second(colours, 0.06)
    for every, thick, alpha in ((1, 0.0011, 0.6), (4, 0.002, 0.9)):
        data = [
            f"M{num(x * step)} 0V{easel.height}"
            for x in range(0, math.ceil(easel.width / step) + 1, every)
        ] + [
            f"M0 {num(y * step)}H{easel.width}"
            for y in range(0, math.ceil(easel.height / step) + 1, every)
        ]
        easel.sheet.line("".join(data), tone, easel.unit * thick, alpha)


def _rays(easel: Easel, colours: tuple[str, ...], _: random.Random) -> None:
    x, y = easel.width / 2, easel.height * 0.5
    reach = math.hypot(easel.width, easel.height)
    tone, count = _second(colours, 0.05), 16
    data = []
    for i in range(count):
        first, last = (math.tau * (i + part) / count for part in (0.0, 0.5))
        data.append(
            polygon(
                [
                    (x, y),
                    (x + math.cos(first) * reach, y + math.sin(first) * reach),
                    (x + math.cos(last) * reach, y + math.sin(last) * reach),
                ]
            )
        )
    fill = easel.sheet.radial(
        [(0, tone, 0.25), (0.25, tone, 0.75), (1, tone, 1)], (x, y), reach * 0.6
    )
    easel.sheet.path("".join(data), fill)


def _waves(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    """Broad swells toward the bottom, each a step further from the ground's colour."""
    width, height = easel.width, easel.height
    target = _second(colours, 0.16)
    layers = 6
    for layer in range(layers):
        y = height * (0.36 + 0.64 * (layer / layers) ** 0.9)
        swell, phase = height * 0.055, rng.random() * math.tau
        points = [
            (width * i / 8 - width * 0.05, y + swell * math.sin(phase + i * 1.15))
            for i in range(10)
        ]
        tone = mix(colours[0], target, (layer + 1) / layers * (0.9 if len(colours) == 1 else 1.0))
        easel.sheet.path(curve(points) + f"V{height}H{num(-width)}Z", tone, 0.85)


def _paper(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    """Short faint fibres."""
    unit = easel.unit
    dark, light = shade(colours[0], -0.09), shade(colours[0], 0.04)
    for tone, alpha in ((dark, 0.35), (light, 0.8)):
        data = []
        for _ in range(170):
            x, y = rng.random() * easel.width, rng.random() * easel.height
            angle, long = rng.random() * math.tau, unit * rng.uniform(0.006, 0.022)
            bend = rng.uniform(-0.5, 0.5)
            dx, dy = math.cos(angle) * long, math.sin(angle) * long
            data.append(
                f"M{num(x)} {num(y)}q{num(dx / 2 - dy * bend)} {num(dy / 2 + dx * bend)}"
                f" {num(dx)} {num(dy)}"
            )
        easel.sheet.line("".join(data), tone, unit * 0.0009, alpha)


def _wood(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    """Upright or lying boards with grain; boards lie along the longer side."""
    unit, width, height = easel.unit, easel.width, easel.height
    board, y, turn = unit / 5.2, 0.0, 0
    base = colours[0]
    while y < height:
        tone = shade(base, rng.uniform(-0.05, 0.035), 1.0, rng.uniform(-5, 5))
        easel.sheet.rect(0, y, width, board, tone, 0.8)
        _grain(easel, base, rng, top=y, board=board)
        easel.sheet.rect(0, y, width, unit * 0.0022, shade(base, 0.10), 0.5)
        easel.sheet.rect(0, y + board - unit * 0.003, width, unit * 0.004, shade(base, -0.22), 0.75)
        seam = width * (0.22 if turn % 2 else 0.68) + rng.uniform(-0.1, 0.1) * width
        easel.sheet.rect(seam, y, unit * 0.003, board, shade(base, -0.2), 0.6)
        y, turn = y + board, turn + 1


def _grain(easel: Easel, base: str, rng: random.Random, *, top: float, board: float) -> None:
    width, unit = easel.width, easel.unit
    dark, data = shade(base, -0.11), []
    knot = (rng.random() * width, top + board * rng.uniform(0.35, 0.65))
    for line in range(9):
        rest = top + board * (line + 0.6) / 9.4
        points = []
        for i in range(13):
            x = width * i / 12
            near = math.exp(-(((x - knot[0]) / (unit * 0.09)) ** 2))
            push = (1 if rest > knot[1] else -1) * near * board * 0.09
            points.append((x, rest + push + rng.uniform(-1, 1) * board * 0.012))
        data.append(curve(points))
    easel.sheet.line("".join(data), dark, unit * 0.0017, 0.5)
    if rng.random() < 0.4:
        for r, alpha in ((0.018, 0.30), (0.011, 0.45), (0.005, 0.7)):
            easel.sheet.ellipse(*knot, unit * r * 1.7, unit * r, shade(base, -0.16), alpha)


def _marble(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    """A few crisp threads over the soft veins that are in the ground itself."""
    width, height, unit = easel.width, easel.height, easel.unit
    tone = _vein(colours)
    for vein in range(5):
        x, y = rng.uniform(-0.4, 1.0) * width, -0.05 * height
        points, angle = [(x, y)], rng.uniform(0.6, 1.1)
        while y < height * 1.05 and len(points) < 60:
            angle = min(max(angle + rng.uniform(-0.5, 0.5), 0.2), 1.5)
            x, y = x + math.cos(angle) * unit * 0.05, y + math.sin(angle) * unit * 0.05
            points.append((x, y))
        thick = unit * rng.uniform(0.0006, 0.0016)
        easel.sheet.line(curve(points), tone, thick, 0.45 if vein < 2 else 0.25)


def _vein(colours: tuple[str, ...]) -> str:
    if len(colours) > 1:
        return colours[1]
    return shade(colours[0], -0.22, 0.9) if lightness(colours[0]) > 0.5 else "#d9c79a"


def _veined(easel: Easel, grid: Grid, colours: tuple[str, ...]) -> Grid:
    """Soft veins: where slow noise crosses its middle, thin there and broad here."""
    rng = np.random.default_rng(easel.seed)
    for cells, thin, share in ((2.0, 0.040, 0.42), (3.0, 0.028, 0.34), (1.4, 0.14, 0.16)):
        noise = field.clouds(grid.shape[:2], rng, cells=cells)
        broad = thin * (0.4 + 1.2 * field.clouds(grid.shape[:2], rng, cells=3.0))
        veins = np.exp(-(((noise - 0.5) / broad) ** 2)) * share
        grid = field.toward(grid, _vein(colours), veins.astype(np.float32))
    return grid


def _brick(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    base = colours[0]
    light = lightness(base)
    mortar = mix(base, "#e8ddd0" if light < 0.8 else "#b9b3ab", 0.55)
    easel.sheet.rect(0, 0, easel.width, easel.height, mortar, 0.85)
    high = easel.unit / 17
    wide, joint = high * 2.35, high * 0.09
    for row in range(math.ceil(easel.height / high)):
        for column in range(-1, math.ceil(easel.width / wide) + 1):
            x = (column + (0.5 if row % 2 else 0)) * wide
            tone = shade(base, rng.uniform(-0.045, 0.045), rng.uniform(0.85, 1.1))
            easel.sheet.rect(x, row * high, wide - joint, high - joint, tone, radius=high * 0.05)
            easel.sheet.rect(x, row * high, wide - joint, high * 0.07, "#ffffff", 0.10)


def _chalkboard(easel: Easel, colours: tuple[str, ...], rng: random.Random) -> None:
    """Wiped chalk: broad faint strokes, and a wooden frame."""
    width, height, unit = easel.width, easel.height, easel.unit
    for _ in range(26):
        x, y = rng.random() * width, rng.random() * height
        long, slope = unit * rng.uniform(0.15, 0.5), rng.uniform(-0.25, 0.1)
        data = (
            f"M{num(x)} {num(y)}q{num(long * 0.5)} {num(long * slope - unit * 0.03)}"
            f" {num(long)} {num(long * slope)}"
        )
        easel.sheet.line(data, "#ffffff", unit * rng.uniform(0.02, 0.07), 0.014)
    edge = unit * 0.028
    wood = along(("#a9713f", "#8a5a30"), 0.4)
    outer = f"M0 0H{width}V{height}H0Z"
    inner = f"M{num(edge)} {num(edge)}V{num(height - edge)}H{num(width - edge)}V{num(edge)}Z"
    easel.sheet.path(outer + inner, wood, more=' fill-rule="evenodd"')
    line = f"M{num(edge)} {num(edge)}H{num(width - edge)}V{num(height - edge)}H{num(edge)}Z"
    easel.sheet.line(line, shade(colours[0], -0.12), unit * 0.004, 0.7)
    easel.sheet.line(
        f"M{num(edge * 0.2)} {num(edge * 0.2)}H{num(width - edge * 0.2)}", "#d49a62", unit * 0.003
    )


_PATTERNS: dict[Texture, Callable[[Easel, tuple[str, ...], random.Random], None]] = {
    Texture.STRIPES: _stripes,
    Texture.DOTS: _dots,
    Texture.CHECKS: _checks,
    Texture.GRID: _grid,
    Texture.RAYS: _rays,
    Texture.WAVES: _waves,
    Texture.PAPER: _paper,
    Texture.WOOD: _wood,
    Texture.MARBLE: _marble,
    Texture.BRICK: _brick,
    Texture.CHALKBOARD: _chalkboard,
}
