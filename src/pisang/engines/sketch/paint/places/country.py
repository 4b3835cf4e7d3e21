"""Open country: sky alone, meadow, hills, mountains, forest, desert, snow, park, garden, farm."""

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.places.plants import (
    bush,
    flowers,
    grass,
    pine,
    round_tree,
    tree_line,
)
from pisang.engines.sketch.paint.places.view import (
    View,
    craggy,
    height_at,
    land,
    rolling,
    sky,
)
from pisang.engines.sketch.paint.sheet import Point, blob, curve, num, polygon, polyline
from pisang.engines.sketch.scene import Hour


def open_sky(view: View) -> None:
    """Nothing but air: clouds above, a sea of clouds below."""
    sky(view, low=view.height, clouds=5)
    rng, unit = view.rng, view.unit
    for row in range(3):
        y = view.height * (0.86 + 0.07 * row)
        tone = mix(view.light.cloud, view.light.haze, 0.55 - 0.25 * row)
        count = round(7 * view.width / unit)
        data = []
        for i in range(-1, count + 2):
            r = unit * rng.uniform(0.07, 0.13)
            x = view.width * (i + rng.uniform(0, 1)) / count
            data.append(
                f"M{num(x - r)} {num(y)}a{num(r)} {num(r)} 0 1 1 {num(2 * r)} 0"
                f"V{view.height}H{num(x - r)}Z"
            )
        fill = view.sheet.linear(
            [(0, tone, 0.95), (1, tone, 0.6)], (0, y - unit * 0.1), (0, view.height)
        )
        view.sheet.path("".join(data), fill)


def far_ranges(view: View, *, rise: float = 0.16, count: int = 2) -> None:
    """Blue mountains in the distance, each nearer row a little darker."""
    for i in range(count):
        share = i / max(count - 1, 1)
        line = rolling(
            view, view.horizon - view.unit * rise * (1 - 0.4 * share), view.unit * 0.04, bends=4
        )
        tone = mix(view.light.ridge, view.light.haze, 0.5 - 0.3 * share)
        land(
            view, line, tone, mix(tone, view.light.haze, 0.65), foot=view.horizon + view.unit * 0.05
        )


def meadow(view: View) -> None:
    """Grassland with flowers, a wood behind, hills beyond."""
    sky(view)
    far_ranges(view, rise=0.12)
    unit = view.unit
    back = rolling(view, view.horizon - unit * 0.035, unit * 0.018)
    land(view, back, view.far("#9ccb7e", 0.35), view.far("#8cc26c", 0.2))
    tree_line(view, back, tall=unit * 0.05, leaf="#6fae68", distance=0.32, kind="round")
    middle = rolling(view, view.horizon + unit * 0.012, unit * 0.014)
    land(view, middle, view.lit("#9dd06b"), view.lit("#86c15c"))
    _near_grass(view)
    flowers(
        view,
        70,
        top=view.horizon + unit * 0.08,
        colours=("#ffffff", "#ffd54d", "#ff8fab", "#b79bff"),
    )


def _near_grass(
    view: View, *, top: float = 0.09, bright: str = "#7fc256", deep: str = "#4f9a45"
) -> None:
    """The ground in front: two swells of grass with tufts."""
    unit = view.unit
    near = rolling(view, view.horizon + unit * top, unit * 0.012)
    land(view, near, view.lit(bright), view.lit(mix(bright, deep, 0.7)))
    front = rolling(view, view.horizon + (view.height - view.horizon) * 0.6, unit * 0.014)
    land(view, front, view.lit(mix(bright, deep, 0.55)), view.lit(deep))
    grass(view, 46, top=view.horizon + unit * (top + 0.02), tone=view.lit(mix(bright, deep, 0.85)))


def hills(view: View) -> None:
    """Row behind row of rounded hills, trees dotted over them, a path winding down."""
    sky(view)
    far_ranges(view, rise=0.22, count=2)
    unit, rng = view.unit, view.rng
    rows = (
        ("#a9d18e", 0.42, -0.10, 0.040),
        ("#93c878", 0.26, -0.05, 0.036),
        ("#80bf66", 0.12, 0.0, 0.030),
    )
    for tone, distance, at, swell in rows:
        line = rolling(view, view.horizon + unit * at, unit * swell, bends=3)
        land(view, line, view.far(tone, distance), view.far(tone, distance + 0.16))
        for _ in range(round(7 * view.width / unit)):
            x = rng.random() * view.width
            size = unit * rng.uniform(0.028, 0.045) * (1.5 - distance * 1.6)
            round_tree(
                view,
                x,
                height_at(line, x) + unit * rng.uniform(0.004, 0.03),
                size,
                leaf="#5a9f54",
                distance=distance,
            )
    _near_grass(view, top=0.07)


def mountains(view: View) -> None:
    """Snow-capped peaks with lit and shadowed faces, forested foothills, a meadow in front."""
    sky(view, clouds=3)
    unit = view.unit
    rise = min(view.horizon * 0.66, unit * 0.48)
    back = craggy(view, view.horizon + unit * 0.02, rise * 0.9, peaks=3.4)
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
    _near_grass(view, top=0.11, bright="#79b95c", deep="#4a8f49")


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
            [(0, view.far("#56698f", 0.16), 1), (1, view.far("#8296b4", 0.6), 1)],
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


def forest(view: View) -> None:
    """Rows of conifers fading into mist, leafy giants at the sides, ferns below."""
    sky(view, clouds=2)
    unit = view.unit
    rows = (
        ("#6f9f86", 0.62, -0.10, 0.30),
        ("#5a9274", 0.44, -0.05, 0.26),
        ("#467f5f", 0.26, 0.0, 0.24),
        ("#38704f", 0.10, 0.035, 0.20),
    )
    for leaf, distance, at, tall in rows:
        line = rolling(view, view.horizon + unit * at, unit * 0.016)
        tree_line(
            view, line, tall=unit * tall, leaf=leaf, distance=distance, kind="pine", step=0.30
        )
        land(view, line, view.far(leaf, distance), view.far(leaf, distance + 0.22))
    _near_grass(view, top=0.075, bright="#6aa857", deep="#35713f")
    for side in (-1, 1):
        for k in range(2):
            x = view.width / 2 + side * (view.width * 0.5 + unit * (0.02 - 0.13 * k))
            pine(
                view,
                x,
                view.horizon + unit * (0.2 - 0.09 * k),
                unit * (0.78 - 0.22 * k),
                leaf="#2f6b4a",
                distance=0.02 + 0.08 * k,
            )
    for _ in range(round(6 * view.width / unit)):
        x = view.rng.random() * view.width
        bush(
            view,
            x,
            view.height * 1.01,
            unit * view.rng.uniform(0.08, 0.16),
            leaf="#3f8a4a",
            distance=0.0,
        )


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
        _dune_shade(
            view, line, view.far(mix(tone, "#a8612f", 0.5), distance), unit * (0.03 + 0.03 * i)
        )
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
                f"{curve([here, there, line[i + 2]])}L{num(here[0] + deep * 0.8)} {num(here[1] + deep * 2.4)}Z",
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


def park(view: View) -> None:
    """Lawns, a curving path, round trees, benches of bushes, lamps."""
    sky(view)
    unit, rng = view.unit, view.rng
    back = rolling(view, view.horizon - unit * 0.01, unit * 0.01)
    tree_line(view, back, tall=unit * 0.15, leaf="#79b37a", distance=0.45, kind="round", step=0.42)
    tree_line(view, back, tall=unit * 0.10, leaf="#63a566", distance=0.28, kind="round", step=0.42)
    land(view, back, view.far("#93cb6e", 0.12), view.lit("#79bd58"))
    _path(view)
    for side in (-1, 1):
        for k in range(3):
            x = (
                view.width / 2
                + side * view.width * (0.47 - 0.11 * k)
                + unit * rng.uniform(-0.03, 0.03)
            )
            round_tree(
                view,
                x,
                view.horizon + unit * (0.10 - 0.035 * k),
                unit * (0.42 - 0.11 * k),
                leaf=rng.choice(("#5aa84f", "#6cb255", "#4d9a52")),
                distance=0.02 + 0.09 * k,
            )
    grass(view, 40, top=view.horizon + unit * 0.1, tone=view.lit("#5fa549"))
    flowers(view, 26, top=view.horizon + unit * 0.12, colours=("#ffffff", "#ffe071", "#ff9db5"))


def _path(view: View) -> None:
    """A pale path that widens toward the viewer."""
    w, h, top = view.width, view.height, view.horizon + view.unit * 0.015
    deep = h - top
    data = (
        f"M{num(w * 0.52)} {num(top)}C{num(w * 0.60)} {num(top + deep * 0.2)} {num(w * 0.40)}"
        f" {num(top + deep * 0.4)} {num(w * 0.36)} {num(top + deep * 0.55)}S{num(w * 0.3)}"
        f" {num(h)} {num(w * 0.26)} {num(h)}H{num(w * 0.66)}C{num(w * 0.62)} {num(top + deep * 0.7)}"
        f" {num(w * 0.50)} {num(top + deep * 0.62)} {num(w * 0.52)} {num(top + deep * 0.5)}"
        f"S{num(w * 0.60)} {num(top + deep * 0.1)} {num(w * 0.535)} {num(top)}Z"
    )
    view.sheet.path(
        data, view.shades(view.far("#f0dcb4", 0.15), view.lit("#e2c591"), Box(0, top, w, deep))
    )


def garden(view: View) -> None:
    """A lawn between beds of flowers, a hedge and a white fence behind."""
    sky(view)
    unit = view.unit
    back = rolling(view, view.horizon, unit * 0.004)
    tree_line(view, back, tall=unit * 0.17, leaf="#7ab67b", distance=0.42, kind="round", step=0.4)
    tree_line(view, back, tall=unit * 0.09, leaf="#5fa560", distance=0.16, kind="round", step=0.3)
    land(view, back, view.lit("#8fcf6a"), view.lit("#62ad50"))
    _fence(view, view.horizon + unit * 0.03, unit * 0.085)
    colours = ("#ff6f91", "#ffd35c", "#ffffff", "#b48cf2", "#ff9a5a", "#ff5f6d")
    for _ in range(round(9 * view.width / unit)):
        bush(
            view,
            view.rng.random() * view.width,
            view.horizon + unit * 0.055,
            unit * view.rng.uniform(0.05, 0.09),
            leaf="#559c4c",
            distance=0.03,
        )
    grass(view, 40, top=view.horizon + unit * 0.08, tone=view.lit("#549e46"))
    flowers(view, 60, top=view.horizon + unit * 0.05, colours=colours, size=0.008)
    for _ in range(round(26 * view.width / unit)):
        side = view.rng.choice((0.0, 1.0))
        x = view.width * side + (1 - 2 * side) * view.rng.random() ** 2 * view.width * 0.24
        _tulip(
            view,
            x,
            view.height * view.rng.uniform(0.93, 1.02),
            unit * view.rng.uniform(0.07, 0.11),
            view.rng.choice(colours),
        )


def _fence(view: View, foot: float, tall: float) -> None:
    white, dim, step = view.lit("#ffffff"), view.lit("#dde6ea"), tall * 0.42
    for share in (0.3, 0.68):
        view.sheet.rect(0, foot - tall * share, view.width, tall * 0.1, dim)
    data, x = [], 0.0
    while x < view.width:
        w = step * 0.56
        data.append(
            polygon(
                [
                    (x, foot),
                    (x, foot - tall * 0.88),
                    (x + w / 2, foot - tall),
                    (x + w, foot - tall * 0.88),
                    (x + w, foot),
                ]
            )
        )
        x += step
    view.sheet.path("".join(data), white)


def _tulip(view: View, x: float, y: float, tall: float, colour: str) -> None:
    stem, tone, dark = view.lit("#3f8f46"), view.lit(colour), view.lit(mix(colour, "#7a1f3f", 0.22))
    r = tall * 0.17
    top = y - tall
    view.sheet.line(f"M{num(x)} {num(y)}V{num(top)}", stem, tall * 0.045)
    view.sheet.path(
        f"M{num(x)} {num(y)}q{num(-r * 1.6)} {num(-tall * 0.2)} {num(-r * 1.2)}"
        f" {num(-tall * 0.55)}q{num(r * 1.2)} {num(tall * 0.15)} {num(r * 1.2)} {num(tall * 0.55)}Z",
        stem,
    )
    view.sheet.path(
        f"M{num(x - r)} {num(top - r * 0.6)}Q{num(x - r * 1.1)} {num(top + r * 1.1)} {num(x)} {num(top + r * 1.1)}"
        f"Q{num(x + r * 1.1)} {num(top + r * 1.1)} {num(x + r)} {num(top - r * 0.6)}L{num(x + r * 0.45)} {num(top + r * 0.1)}"
        f"L{num(x)} {num(top - r * 0.8)}L{num(x - r * 0.45)} {num(top + r * 0.1)}Z",
        dark,
    )
    view.sheet.path(
        blob(
            [
                (x, top - r * 0.8),
                (x + r * 0.5, top + r * 0.3),
                (x, top + r * 1.05),
                (x - r * 0.5, top + r * 0.3),
            ]
        ),
        tone,
    )


def farm(view: View) -> None:
    """Striped fields running to the horizon, a red barn, a silo, hedges, a wooden fence."""
    sky(view)
    far_ranges(view, rise=0.10)
    unit = view.unit
    back = rolling(view, view.horizon - unit * 0.012, unit * 0.012)
    land(view, back, view.far("#b5cf7c", 0.28), view.far("#a5c86b", 0.12))
    tree_line(view, back, tall=unit * 0.05, leaf="#6ea262", distance=0.3, kind="round", step=0.8)
    _barn(view, view.width * 0.80, view.horizon + unit * 0.03, unit * 0.17)
    _furrows(view)
    grass(view, 36, top=view.horizon + unit * 0.16, tone=view.lit("#6d9c3f"))


def _furrows(view: View) -> None:
    top = view.horizon + view.unit * 0.02
    view.sheet.path(
        f"M0 {num(top)}H{view.width}V{view.height}H0Z",
        view.shades(view.lit("#c9cf67"), view.lit("#a3b84e"), Box(0, top, 1, view.height - top)),
    )
    count = 17
    x0 = view.width * 0.42
    for i in range(count):
        if i % 2:
            continue
        spread = view.width * 2.6
        left, right = (x0 + (k / count - 0.5) * spread for k in (i, i + 1))
        near_l, near_r = (x0 + (k / count - 0.5) * view.width * 0.9 for k in (i, i + 1))
        view.sheet.path(
            polygon([(near_l, top), (near_r, top), (right, view.height), (left, view.height)]),
            view.shades(
                view.lit("#a9c455"), view.lit("#7fa640"), Box(0, top, 1, view.height - top)
            ),
        )


def _barn(view: View, x: float, y: float, wide: float) -> None:
    red, dark, white = (view.far(c, 0.06) for c in ("#c5473d", "#9c342f", "#fff6ec"))
    roof, tall = view.far("#6b4a45", 0.06), wide * 0.55
    sheet = view.sheet
    silo = wide * 0.26
    sheet.rect(x + wide * 0.56, y - tall * 1.5, silo, tall * 1.5, view.far("#c8d0d8", 0.1))
    sheet.rect(
        x + wide * 0.56 + silo * 0.6,
        y - tall * 1.5,
        silo * 0.4,
        tall * 1.5,
        view.far("#a6b1bd", 0.1),
    )
    sheet.circle(x + wide * 0.56 + silo / 2, y - tall * 1.5, silo / 2, view.far("#8f9aa8", 0.1))
    half, eave, top = wide / 2, y - tall, y - tall * 1.72
    front = [
        (x - half, y),
        (x - half, eave),
        (x - half * 0.62, y - tall * 1.42),
        (x, top),
        (x + half * 0.62, y - tall * 1.42),
        (x + half, eave),
        (x + half, y),
    ]
    sheet.path(polygon(front), red)
    sheet.line(polyline(front[1:6]), roof, wide * 0.05)
    w = wide * 0.36
    sheet.rect(x - w / 2, y - tall * 0.72, w, tall * 0.72, dark)
    door = (
        f"M{num(x - w / 2)} {num(y)}V{num(y - tall * 0.72)}H{num(x + w / 2)}V{num(y)}"
        f"M{num(x - w / 2)} {num(y)}L{num(x + w / 2)} {num(y - tall * 0.72)}"
        f"M{num(x + w / 2)} {num(y)}L{num(x - w / 2)} {num(y - tall * 0.72)}"
    )
    sheet.line(door, white, wide * 0.016)
    glow = "#ffd98a" if view.hour is Hour.NIGHT else view.lit("#5b2f33")
    sheet.rect(
        x - wide * 0.09,
        y - tall * 1.32,
        wide * 0.18,
        wide * 0.15,
        glow,
        more=f' stroke="{white}" stroke-width="{num(wide * 0.014)}"',
    )
