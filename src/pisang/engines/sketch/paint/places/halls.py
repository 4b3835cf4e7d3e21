"""Stage, studio and space: places made mostly of light."""

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint import field, inks
from pisang.engines.sketch.paint.colour import lightness, mix, shade
from pisang.engines.sketch.paint.places.view import View, shows, twinkle
from pisang.engines.sketch.paint.sheet import num, polygon
from pisang.engines.sketch.vocabulary import Absent


def studio(view: View) -> None:
    """A photographer's sweep: one colour that bends from wall to floor, light from above."""
    across, down = field.mesh(view.width, view.height)
    base = inks.main(view.ink, "#e8e6e3")
    low, unit = view.anchors.ground.y, view.unit
    if lightness(base) > 0.985:
        tones = ("#ffffff", "#ffffff", "#fbfbfb", "#ffffff")
    else:
        tones = (shade(base, -0.035), shade(base, 0.035), shade(base, -0.045), shade(base, 0.02))
    bend = low / view.height
    share = np.clip(down / view.height, 0, 1) + across * 0
    grid = field.ramp(share, tones, (0.0, bend * 0.78, bend + 0.015, min(bend + 0.24, 1.0)))
    halo = field.disc(
        across, down / 0.85, centre=(view.width / 2, low * 0.62 / 0.85), radius=unit * 0.85
    )
    grid = field.screen(grid, mix(base, "#ffffff", 0.7), halo * 0.32)
    off = np.hypot((across / view.width - 0.5) * 1.5, (down / view.height - 0.52) * 1.3)
    grid = field.toward(
        grid,
        shade(base, -0.20),
        np.clip(off - 0.45, 0, 1) * (0.55 if lightness(base) <= 0.985 else 0.08),
    )
    if view.light.dark and view.ink is None:
        grid = field.toward(grid, "#141826", np.full(grid.shape[:2], 0.72, np.float32))
        grid = field.screen(grid, "#8fa4e8", halo * 0.25)
    view.easel.ground(field.pixels(grid.astype(np.float32), view.width, view.height))


def stage(view: View) -> None:
    """Red curtains, a wooden stage, spotlights crossing in haze."""
    low, unit, w = view.anchors.ground.y, view.unit, view.width
    base = inks.main(view.ink, "#a3202c")
    across, down = field.mesh(w, view.height)
    back = shade(base, -0.26, 0.85)
    grid = field.ramp(
        np.clip(down / low, 0, 1) + across * 0, (shade(back, -0.06), back, shade(back, 0.05))
    )
    grid = field.screen(
        grid, "#ffd9a0", field.disc(across, down, centre=(w / 2, low), radius=unit * 0.9) * 0.4
    )
    view.easel.ground(field.pixels(grid, w, view.height))
    view.sheet.everywhere()
    _folds(view, Box(0, 0, w, low), back, count=round(16 * w / unit), soft=True)
    _planks(view, low)
    for share, lean in ((0.22, 0.22), (0.5, 0.0), (0.78, -0.22)):
        _spot(view, w * share, low + (view.height - low) * 0.45, lean)
    side = min(w * 0.15, unit * 0.2)
    for x in (0.0, w - side):
        _folds(view, Box(x, 0, side, low + unit * 0.05), base, count=5)
    _valance(view, base, unit * 0.12)


def _folds(view: View, box: Box, tone: str, *, count: int, soft: bool = False) -> None:
    """A curtain as upright folds, each lit in its middle."""
    dark, bright = shade(tone, -0.09), shade(tone, 0.055)
    alpha = 0.35 if soft else 1.0
    wide = box.width / count
    for i in range(count):
        x = box.x + i * wide
        fill = view.sheet.linear(
            [(0, dark, alpha), (0.45, bright, alpha), (0.75, tone, alpha), (1, dark, alpha)],
            (x, 0),
            (x + wide, 0),
        )
        hem = wide * 0.28
        view.sheet.path(
            f"M{num(x)} {num(box.y)}H{num(x + wide + 0.6)}V{num(box.bottom)}"
            f"Q{num(x + wide / 2)} {num(box.bottom + (0 if soft else hem))} {num(x)}"
            f" {num(box.bottom)}Z",
            fill,
        )


def _valance(view: View, base: str, drop: float) -> None:
    """The scalloped piece along the top with a gold fringe."""
    w, count = view.width, max(round(7 * view.width / view.unit), 4)
    wide = w / count
    gold = "#e2b857"
    for i in range(count):
        x = i * wide
        fill = view.sheet.linear(
            [(0, shade(base, -0.09), 1), (0.5, shade(base, 0.05), 1), (1, shade(base, -0.09), 1)],
            (x, 0),
            (x + wide, 0),
        )
        data = (
            f"M{num(x)} 0H{num(x + wide)}V{num(drop * 0.55)}Q{num(x + wide / 2)}"
            f" {num(drop * 1.45)} {num(x)} {num(drop * 0.55)}Z"
        )
        view.sheet.path(data, fill)
        view.sheet.line(
            f"M{num(x)} {num(drop * 0.55)}Q{num(x + wide / 2)} {num(drop * 1.45)} {num(x + wide)}"
            f" {num(drop * 0.55)}",
            gold,
            view.unit * 0.007,
        )
    view.sheet.rect(0, 0, w, drop * 0.16, shade(base, -0.12))
    view.sheet.rect(0, drop * 0.16, w, view.unit * 0.004, gold)


def _planks(view: View, top: float) -> None:
    w, h, unit = view.width, view.height, view.unit
    wood = "#a8693c"
    view.sheet.rect(
        0,
        top,
        w,
        h - top,
        view.shades(shade(wood, -0.10), shade(wood, 0.0), Box(0, top, 1, h - top)),
    )
    count = max(round(12 * w / unit), 8)
    for i in range(-3, count + 4):
        far, near = w * i / count, w / 2 + (w * i / count - w / 2) * 1.7
        view.sheet.line(
            f"M{num(far)} {num(top)}L{num(near)} {num(h)}", shade(wood, -0.2), unit * 0.0022, 0.55
        )
    view.sheet.rect(0, top, w, unit * 0.006, shade(wood, 0.08), 0.6)


def _spot(view: View, x: float, y: float, lean: float) -> None:
    """A beam from above and its pool of light."""
    unit, sheet = view.unit, view.sheet
    rx = unit * 0.21
    top = x - lean * unit * 1.6
    beam = sheet.linear([(0, "#fff3d0", 0.42), (1, "#fff3d0", 0.03)], (0, 0), (0, y))
    sheet.path(
        polygon([(top - unit * 0.02, 0), (top + unit * 0.02, 0), (x + rx, y), (x - rx, y)]), beam
    )
    pool = sheet.ball([(0, "#fff3d0", 0.55), (0.6, "#ffe9b5", 0.28), (1, "#ffe9b5", 0)])
    sheet.ellipse(x, y, rx * 1.15, rx * 0.26, pool)


def space(view: View) -> None:
    """Deep space: nebulae, a band of stars, a ringed planet far away."""
    across, down = field.mesh(view.width, view.height)
    unit, w, h = view.unit, view.width, view.height
    shape = (down.shape[0], across.shape[1])
    rng = np.random.default_rng(view.easel.seed)
    base = shade(inks.main(view.ink, "#0b1030"), 0.0)
    if lightness(base) > 0.4:
        base = shade(base, 0.26 - lightness(base))
    grid = field.ramp(
        np.clip((down / h + across / w) / 2, 0, 1),
        (shade(base, -0.05), shade(base, 0.03), shade(base, -0.03)),
    )
    slant = (down - h * 0.5) + (across - w * 0.5) * 0.55
    first, second = field.clouds(shape, rng, cells=4), field.clouds(shape, rng, cells=5)
    band = np.exp(-((slant / (unit * 0.36)) ** 2))
    violet, rose, teal = ("#7a4fd0", "#d0508f", "#2f9fc0")
    if view.ink is not None:
        violet, rose, teal = (
            shade(inks.main(view.ink, "#7a4fd0"), 0.12, 1.1, turn) for turn in (0, 32, -32)
        )
    grid = field.screen(grid, violet, (band * first**1.6 * 0.75).astype(np.float32))
    grid = field.screen(grid, rose, (band * second**2.4 * 0.75).astype(np.float32))
    glow = field.disc(across, down, centre=(w * 0.2, h * 0.78), radius=unit * 0.6)
    grid = field.screen(grid, teal, (glow * (0.35 + 0.5 * first)).astype(np.float32) * 0.6)
    view.easel.ground(field.pixels(grid, w, h))
    view.sheet.everywhere()
    _far_stars(view)


@shows(Absent.STARS)
def _far_stars(view: View) -> None:
    rng, unit, sheet = view.rng, view.unit, view.sheet
    w, h = view.width, view.height
    for _ in range(round(330 * w * h / unit**2)):
        x, y = rng.random() * w, rng.random() * h
        if rng.random() < 0.4:  # the band holds more of them
            y = min(max(h * 0.5 - (x - w * 0.5) * 0.55 + unit * rng.gauss(0, 0.16), 0), h)
        r = unit * (0.0005 + 0.0016 * rng.random() ** 4)
        sheet.circle(
            x,
            y,
            r,
            rng.choice(("#ffffff", "#ffffff", "#cfe0ff", "#ffe6c4")),
            rng.uniform(0.35, 1.0),
        )
    halo = sheet.ball([(0, "#ffffff", 0.55), (0.3, "#cfdcff", 0.18), (1, "#cfdcff", 0)])
    for _ in range(round(9 * w * h / unit**2)):
        x, y, r = rng.random() * w, rng.random() * h, unit * rng.uniform(0.006, 0.015)
        sheet.circle(x, y, r * 1.3, halo)
        sheet.path(twinkle(x, y, r), "#ffffff", 0.95)
