"""Green country: the sky alone, meadow, hills, forest."""

from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.places.plants import (
    bush,
    flowers,
    grass,
    pine,
    round_tree,
    tree_line,
)
from pisang.engines.sketch.paint.places.view import View, height_at, land, rolling, sky
from pisang.engines.sketch.paint.sheet import num


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
    near_grass(view)
    flowers(
        view,
        70,
        top=view.horizon + unit * 0.08,
        colours=("#ffffff", "#ffd54d", "#ff8fab", "#b79bff"),
    )


def near_grass(
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
    near_grass(view, top=0.07)


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
        land(view, line, view.aloft(leaf, distance), view.far(leaf, distance + 0.22))
    near_grass(view, top=0.075, bright="#6aa857", deep="#35713f")
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
