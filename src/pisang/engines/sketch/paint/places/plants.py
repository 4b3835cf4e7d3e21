"""Trees, bushes, grass and flowers in flat tones: a body, a lit side, a shaded side."""

import math
import random

from pisang.engines.sketch.paint.colour import shade
from pisang.engines.sketch.paint.places.view import View, height_at, shows
from pisang.engines.sketch.paint.sheet import Point, num, polygon
from pisang.engines.sketch.vocabulary import Absent


@shows(Absent.TREES)
def round_tree(view: View, x: float, y: float, tall: float, *, leaf: str, distance: float) -> None:
    """A tree whose crown is a few overlapping balls; ``y`` is its foot."""
    sheet = view.sheet
    trunk = view.far("#7a5236", distance)
    dark, middle, bright = (view.far(shade_of(leaf, step), distance) for step in (-1, 0, 1))
    wide = tall * 0.05
    sheet.path(
        polygon(
            [
                (x - wide, y),
                (x + wide, y),
                (x + wide * 0.6, y - tall * 0.5),
                (x - wide * 0.6, y - tall * 0.5),
            ]
        ),
        trunk,
    )
    crown = ((0, 0.62, 0.30), (-0.19, 0.50, 0.2), (0.2, 0.52, 0.21), (0.02, 0.80, 0.2))
    for u, v, r in crown:
        sheet.circle(x + u * tall, y - v * tall, r * tall, dark)
    for u, v, r in crown:
        sheet.circle(x + (u - 0.025) * tall, y - (v + 0.03) * tall, r * tall * 0.88, middle)
    for u, v, r in ((-0.1, 0.72, 0.13), (-0.22, 0.56, 0.08), (0.08, 0.86, 0.07)):
        sheet.circle(x + u * tall, y - v * tall, r * tall, bright, 0.75)


@shows(Absent.TREES)
def pine(
    view: View, x: float, y: float, tall: float, *, leaf: str, distance: float, snow: bool = False
) -> None:
    """A conifer of four tiers, its left side lit; with snow on the tiers if asked."""
    sheet = view.sheet
    trunk = view.far("#5f4331", distance)
    dark, middle = view.far(shade_of(leaf, -1), distance), view.far(leaf, distance)
    white = view.far("#f4f9ff", distance * 0.7)
    w = tall * 0.035
    sheet.rect(x - w, y - tall * 0.16, w * 2, tall * 0.16, trunk)
    tiers = ((0.10, 0.46, 0.23), (0.30, 0.64, 0.185), (0.5, 0.82, 0.14), (0.68, 1.0, 0.095))
    for low, high, half in tiers:
        foot, top, reach = y - low * tall, y - high * tall, half * tall
        sag = tall * 0.022
        sheet.path(
            f"M{num(x)} {num(top)}L{num(x + reach)} {num(foot)}Q{num(x)} {num(foot + sag * 2)}"
            f" {num(x - reach)} {num(foot)}Z",
            dark,
        )
        sheet.path(
            f"M{num(x)} {num(top)}L{num(x + reach * 0.12)} {num(foot + sag)}Q{num(x - reach * 0.5)}"
            f" {num(foot + sag)} {num(x - reach)} {num(foot)}Z",
            middle,
        )
        if snow:
            sheet.path(
                f"M{num(x)} {num(top)}L{num(x + reach * 0.62)} {num(foot - (foot - top) * 0.36)}"
                f"Q{num(x + reach * 0.3)} {num(foot - (foot - top) * 0.5)} {num(x + reach * 0.1)}"
                f" {num(foot - (foot - top) * 0.3)}Q{num(x - reach * 0.2)}"
                f" {num(foot - (foot - top) * 0.45)} {num(x - reach * 0.66)}"
                f" {num(foot - (foot - top) * 0.32)}Z",
                white,
                0.95,
            )


def bush(view: View, x: float, y: float, wide: float, *, leaf: str, distance: float) -> None:
    """A low bush with a flat foot."""
    dark, middle = view.far(shade_of(leaf, -1), distance), view.far(leaf, distance)
    for tone, grow, lift in ((dark, 1.0, 0.0), (middle, 0.84, 0.03)):
        data = []
        for u, r in ((-0.3, 0.2), (0.0, 0.29), (0.3, 0.21)):
            size = r * wide * grow
            data.append(
                f"M{num(x + u * wide - size)} {num(y - lift * wide)}a{num(size)} {num(size)} 0 0 1"
                f" {num(2 * size)} 0Z"
            )
        view.sheet.path("".join(data), tone)


@shows(Absent.TREES)
def tree_line(
    view: View,
    line: list[Point],
    *,
    tall: float,
    leaf: str,
    distance: float,
    kind: str,
    step: float = 0.55,
    sink: float = 0.06,
) -> None:
    """A wood seen from afar: crowns side by side along a hill line."""
    rng = view.rng
    x = -tall * 0.3
    while x < view.width + tall * 0.3:
        size = tall * rng.uniform(0.7, 1.15)
        y = height_at(line, x) + sink * tall
        if kind == "pine":
            far_pine(view, x, y, size, tone=view.aloft(leaf, distance))
        else:
            far_round(view, x, y, size, tone=view.aloft(leaf, distance))
        x += tall * step * rng.uniform(0.55, 1.2)


def far_pine(view: View, x: float, y: float, tall: float, *, tone: str) -> None:
    """A conifer's outline in one tone."""
    points = [(x, y - tall)]
    for k, half in ((0.30, 0.10), (0.28, 0.06), (0.62, 0.17), (0.58, 0.10), (1.0, 0.24)):
        points.append((x + half * tall, y - tall + k * tall))
    left = [(2 * x - px, py) for px, py in reversed(points[1:])]
    view.sheet.path(polygon(points + left), tone)


def far_round(view: View, x: float, y: float, tall: float, *, tone: str) -> None:
    """A leafy crown's outline in one tone, with its foot in the ground."""
    view.sheet.ellipse(x, y - tall * 0.45, tall * 0.36, tall * 0.5, tone)


def grass(view: View, count: int, *, top: float, tone: str, size: float = 0.016) -> None:
    """Tufts of three blades, larger toward the viewer."""
    rng, unit, data = view.rng, view.unit, []
    total = round(count * view.width / unit)
    for _ in range(total):
        near = rng.random() ** 0.8
        y = top + (view.height - top) * near
        x, tall = rng.random() * view.width, unit * size * (0.35 + near)
        for lean in (-0.5, 0.0, 0.5):
            tip = x + lean * tall
            data.append(
                f"M{num(x - tall * 0.07)} {num(y)}Q{num(x)} {num(y - tall * 0.6)} {num(tip)}"
                f" {num(y - tall * (1 - abs(lean) * 0.3))}Q{num(x + tall * 0.12)}"
                f" {num(y - tall * 0.5)} {num(x + tall * 0.07)} {num(y)}Z"
            )
    if data:
        view.sheet.path("".join(data), tone)


@shows(Absent.FLOWERS)
def flowers(
    view: View, count: int, *, top: float, colours: tuple[str, ...], size: float = 0.007
) -> None:
    """Five-petalled flowers in the grass, far ones as dots."""
    rng, unit, sheet = view.rng, view.unit, view.sheet
    for _ in range(round(count * view.width / unit)):
        near = rng.random() ** 0.7
        x, y = rng.random() * view.width, top + (view.height * 0.99 - top) * near
        r = unit * size * (0.25 + near * 0.9)
        colour = view.lit(rng.choice(colours))
        if near < 0.42:
            sheet.circle(x, y, r * 0.8, colour)
            continue
        sheet.line(f"M{num(x)} {num(y)}v{num(r * 3)}", view.lit("#3f7f3c"), r * 0.28)
        turn = rng.random() * 6.28
        petals = "".join(
            _dot(
                x + math.cos(turn + k * 1.2566) * r * 0.75,
                y + math.sin(turn + k * 1.2566) * r * 0.75,
                r * 0.55,
            )
            for k in range(5)
        )
        sheet.path(petals, colour)
        sheet.circle(x, y, r * 0.42, view.lit("#ffd75e"))


def _dot(x: float, y: float, r: float) -> str:
    return (
        f"M{num(x - r)} {num(y)}a{num(r)} {num(r)} 0 1 0 {num(2 * r)} 0a{num(r)} {num(r)} 0 1 0"
        f" {num(-2 * r)} 0Z"
    )


def shade_of(colour: str, step: int) -> str:
    """The shaded (-1), own (0) or lit (1) side of a leaf colour."""
    from_noon = {-1: (-0.075, 0.95, 6.0), 0: (0.0, 1.0, 0.0), 1: (0.065, 1.0, -8.0)}[step]
    return shade(colour, *from_noon)


def stones(view: View, count: int, *, top: float, colour: str, rng: random.Random) -> None:
    """Rounded stones with a lit top."""
    unit = view.unit
    for _ in range(round(count * view.width / unit)):
        near = rng.random()
        x, y = rng.random() * view.width, top + (view.height - top) * near
        r = unit * rng.uniform(0.006, 0.02) * (0.4 + near)
        data = f"M{num(x - r)} {num(y)}a{num(r)} {num(r * 0.8)} 0 0 1 {num(r * 2)} 0Z"
        view.sheet.path(data, view.lit(shade_of(colour, -1)))
        lit = (
            f"M{num(x - r)} {num(y)}a{num(r)} {num(r * 0.8)} 0 0 1 {num(r * 1.4)} {num(-r * 0.6)}Z"
        )
        view.sheet.path(lit, view.lit(colour))
