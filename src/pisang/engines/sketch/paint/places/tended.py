"""Tended land: park, garden, farm."""

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import mix
from pisang.engines.sketch.paint.places.country import far_ranges
from pisang.engines.sketch.paint.places.plants import (
    bush,
    flowers,
    grass,
    round_tree,
    tree_line,
)
from pisang.engines.sketch.paint.places.view import View, land, rolling, shows, sky
from pisang.engines.sketch.paint.sheet import blob, num, polygon, polyline
from pisang.engines.sketch.vocabulary import Absent, Hour


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
        f" {num(h)} {num(w * 0.26)} {num(h)}H{num(w * 0.66)}C{num(w * 0.62)}"
        f" {num(top + deep * 0.7)}"
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
            unit * view.rng.uniform(0.08, 0.15),
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


@shows(Absent.FLOWERS)
def _tulip(view: View, x: float, y: float, tall: float, colour: str) -> None:
    stem, tone, dark = view.lit("#3f8f46"), view.lit(colour), view.lit(mix(colour, "#7a1f3f", 0.22))
    r = tall * 0.17
    top = y - tall
    view.sheet.line(f"M{num(x)} {num(y)}V{num(top)}", stem, tall * 0.045)
    view.sheet.path(
        f"M{num(x)} {num(y)}q{num(-r * 1.6)} {num(-tall * 0.2)} {num(-r * 1.2)}"
        f" {num(-tall * 0.55)}q{num(r * 1.2)} {num(tall * 0.15)} {num(r * 1.2)} {num(tall * 0.55)}"
        f"Z",
        stem,
    )
    view.sheet.path(
        f"M{num(x - r)} {num(top - r * 0.6)}Q{num(x - r * 1.1)} {num(top + r * 1.1)} {num(x)}"
        f" {num(top + r * 1.1)}"
        f"Q{num(x + r * 1.1)} {num(top + r * 1.1)} {num(x + r)} {num(top - r * 0.6)}"
        f"L{num(x + r * 0.45)} {num(top + r * 0.1)}"
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


@shows(Absent.BUILDINGS)
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
