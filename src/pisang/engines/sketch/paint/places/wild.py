"""Wild country: mountains, a snowfield, the desert."""

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.places.country import near_grass
from pisang.engines.sketch.paint.places.plants import (
    pine,
    tree_line,
)
from pisang.engines.sketch.paint.places.view import View, craggy, height_at, land, rolling, sky
from pisang.engines.sketch.paint.sheet import Point, curve, num, polygon


def mountains(view: View) -> None:
    """Snow-capped peaks with lit and shadowed faces, forested foothills, a meadow in front."""
    sky(view, clouds=3)
    unit = view.unit
    rise = min(view.horizon * 0.66, unit * 0.48)
    back = craggy(view, view.horizon + unit * 0.02, rise * 0.86, peaks=2.7)
    tone = mix(view.light.ridge, view.light.haze, 0.45)
    land(view, back, tone, mix(tone, view.light.haze, 0.7), smooth=False)
    front = craggy(view, view.horizon + unit * 0.05, rise, peaks=2.1)
    snowy_peaks(view, front)
    mist = view.sheet.linear(
        [(0, view.light.haze, 0), (1, view.light.haze, 0.75)],
        (0, view.horizon - unit * 0.16),
        (0, view.horizon + unit * 0.02),
    )
    view.sheet.rect(0, view.horizon - unit * 0.16, view.width, unit * 0.22, mist)
    foot = rolling(view, view.horizon - unit * 0.02, unit * 0.022)
    land(view, foot, view.far("#5f9a72", 0.35), view.far("#6fae72", 0.2))
    tree_line(view, foot, tall=unit * 0.06, leaf="#4b8a66", distance=0.30, kind="pine", step=0.4)
    near = rolling(view, view.horizon + unit * 0.03, unit * 0.018)
    land(view, near, view.lit("#7cb765"), view.lit("#68a957"))
    tree_line(
        view,
        near,
        tall=unit * 0.085,
        leaf="#3f7d55",
        distance=0.06,
        kind="pine",
        step=1.3,
        sink=0.1,
    )
    near_grass(view, top=0.11, bright="#79b95c", deep="#4a8f49")


def snowy_peaks(view: View, line: list[Point]) -> None:
    """Fills a mountain line: body, shadowed right faces, snow with a ragged lower edge."""
    rng = view.rng
    body = view.far("#7c8fb0", 0.22)
    land(view, line, body, view.far("#9fb3c9", 0.6), smooth=False)
    for i in range(2, len(line) - 2, 4):
        (left_x, left_y), (top_x, top_y) = line[i - 1], line[i]
        (right_x, right_y), (base_x, base_y) = line[i + 1], line[i + 2]
        spine = [(top_x, top_y)]
        y, side = top_y, 1.0
        depth = max(view.horizon - top_y, 1.0)
        for k in range(1, 5):
            y = top_y + depth * k / 4
            spine.append((top_x + side * depth * 0.05 * k, y))
            side = -side * rng.uniform(0.6, 1.1)
        dark = view.sheet.linear(
            [
                (0, view.dyed(view.far("#56698f", 0.16)), 1),
                (1, view.dyed(view.far("#8296b4", 0.6)), 1),
            ],
            (0, top_y),
            (0, view.horizon),
        )
        face = [*spine, (base_x, max(view.horizon, base_y)), (base_x, base_y), (right_x, right_y)]
        view.sheet.path(polygon(face), dark)
        _snow(view, (left_x, left_y), (top_x, top_y), (right_x, right_y), spine[1])


def _snow(view: View, left: Point, top: Point, right: Point, spine: Point) -> None:
    """The cap: a lit part and a blue part, both with teeth."""

    def along(a: Point, b: Point, share: float) -> Point:
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share

    rng, share = view.rng, 0.72
    low_left, low_right = along(top, left, share), along(top, right, share)
    centre = along(top, spine, min((low_left[1] - top[1]) / max(spine[1] - top[1], 1) * 1.05, 1.3))
    drop = (low_left[1] - top[1]) * 0.34
    bright, cool = view.far("#ffffff", 0.06), view.far("#c9d9f0", 0.10)
    teeth = [low_left]
    for k in range(1, 4):
        x, y = along(low_left, centre, k / 4)
        teeth.append((x, y + (drop if k % 2 else -drop * 0.3) * rng.uniform(0.6, 1.0)))
    view.sheet.path(polygon([top, *teeth, centre]), bright)
    teeth = [centre]
    for k in range(1, 4):
        x, y = along(centre, low_right, k / 4)
        teeth.append((x, y + (drop if k % 2 else -drop * 0.3) * rng.uniform(0.6, 1.0)))
    view.sheet.path(polygon([top, *teeth, low_right]), cool)


def snowfield(view: View) -> None:
    """Soft drifts, snowy pines, white mountains."""
    sky(view, clouds=3)
    unit, rng = view.unit, view.rng
    back = craggy(view, view.horizon + unit * 0.03, min(view.horizon * 0.5, unit * 0.3), peaks=3)
    snowy_peaks(view, back)
    rows = (
        ("#e3eef8", 0.35, -0.02, 0.02, 0.06),
        ("#edf4fb", 0.16, 0.03, 0.02, 0.10),
        ("#f6faff", 0.0, 0.10, 0.016, 0.0),
    )
    for tone, distance, at, swell, tall in rows:
        line = rolling(view, view.horizon + unit * at, unit * swell, bends=3)
        if tall:
            for _ in range(round(9 * view.width / unit)):
                x = rng.random() * view.width
                pine(
                    view,
                    x,
                    height_at(line, x) + unit * 0.012,
                    unit * tall * rng.uniform(0.8, 1.5),
                    leaf="#4f8577",
                    distance=distance,
                    snow=True,
                )
        land(view, line, view.far(tone, distance), view.far("#cfdff0", distance))
    front = rolling(view, view.horizon + (view.height - view.horizon) * 0.62, unit * 0.02)
    land(view, front, view.lit("#ffffff"), view.lit("#d5e3f3"))


def desert(view: View) -> None:
    """Dunes with sharp crests, mesas far away, cacti."""
    sky(view, clouds=1)
    unit, rng = view.unit, view.rng
    x = -unit * 0.1
    while x < view.width:
        wide, tall = unit * rng.uniform(0.14, 0.3), unit * rng.uniform(0.05, 0.13)
        _mesa(view, x, wide, tall)
        x += wide + unit * rng.uniform(0.12, 0.5)
    rows = (
        ("#f3cf93", 0.3, -0.015, 0.03),
        ("#efc17c", 0.12, 0.04, 0.034),
        ("#e9b268", 0.0, 0.12, 0.036),
        ("#dfa158", 0.0, 0.26, 0.04),
    )
    for i, (tone, distance, at, swell) in enumerate(rows):
        line = rolling(view, view.horizon + unit * at, unit * swell, bends=2)
        land(view, line, view.far(tone, distance), view.far(mix(tone, "#c98545", 0.35), distance))
        lee = view.dyed(view.far(mix(tone, "#a8612f", 0.5), distance))
        _dune_shade(view, line, lee, unit * (0.03 + 0.03 * i))
    for _ in range(max(round(3 * view.width / unit), 2)):
        _cactus(
            view,
            rng.random() * view.width,
            view.horizon + unit * rng.uniform(0.03, 0.10),
            unit * rng.uniform(0.05, 0.09),
        )


def _mesa(view: View, x: float, wide: float, tall: float) -> None:
    foot, top = view.horizon + view.unit * 0.03, view.horizon - tall
    fill = view.shades(
        view.far("#c9785a", 0.35), view.far("#e0a57c", 0.62), Box(0, top, 1, foot - top)
    )
    view.sheet.path(
        polygon(
            [
                (x, foot),
                (x + wide * 0.14, top + tall * 0.3),
                (x + wide * 0.2, top),
                (x + wide * 0.78, top),
                (x + wide * 0.86, top + tall * 0.35),
                (x + wide, foot),
            ]
        ),
        fill,
    )
    for k in (0.3, 0.55):
        view.sheet.rect(
            x + wide * 0.17,
            top + tall * k,
            wide * 0.68,
            tall * 0.06,
            view.far("#a85c48", 0.4),
            0.35,
        )


def _dune_shade(view: View, line: list[Point], tone: str, deep: float) -> None:
    """The lee side of each crest, a soft wedge."""
    for i in range(1, len(line) - 2):
        here, there = line[i], line[i + 1]
        if here[1] < line[i - 1][1] and here[1] <= there[1]:
            fill = view.sheet.linear(
                [(0, tone, 0.55), (1, tone, 0)], here, (here[0] + deep, here[1] + deep * 2.2)
            )
            view.sheet.path(
                f"{curve([here, there, line[i + 2]])}L{num(here[0] + deep * 0.8)}"
                f" {num(here[1] + deep * 2.4)}Z",
                fill,
            )


def _cactus(view: View, x: float, y: float, tall: float) -> None:
    tone, dark, w = view.far("#4f8f5a", 0.06), view.far("#3a7348", 0.06), tall * 0.17
    arms = (
        f"M{num(x)} {num(y)}V{num(y - tall)}"
        f"M{num(x)} {num(y - tall * 0.36)}h{num(-tall * 0.26)}v{num(-tall * 0.28)}"
        f"M{num(x)} {num(y - tall * 0.5)}h{num(tall * 0.27)}v{num(-tall * 0.24)}"
    )
    view.sheet.line(arms, dark, w)
    view.sheet.line(arms, tone, w * 0.7, more=f' transform="translate({num(-w * 0.13)} 0)"')
    view.sheet.ellipse(x, y, tall * 0.3, tall * 0.05, view.lit("#b5793f"), 0.4)
