"""Places people built outdoors: the city's skyline and a street of townhouses."""

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import mix, shade
from pisang.engines.sketch.paint.places.plants import round_tree
from pisang.engines.sketch.paint.places.view import View, shows, sky
from pisang.engines.sketch.paint.sheet import num, polygon
from pisang.engines.sketch.vocabulary import Absent, Hour

_GLASS_LIT = ("#ffd98a", "#ffe7b0", "#ffc46b", "#cfe4ff")
_HOUSES = ("#e98b6d", "#f0c36a", "#7fb6c9", "#e8a7a1", "#9cc79a", "#d9c7a8", "#b39bc8")


def city(view: View) -> None:
    """Three rows of towers in the haze, lit windows at night, a paved quay with trees."""
    sky(view, clouds=3)
    unit = view.unit
    room = view.horizon
    rows = (
        ("#8fa9c6", 0.62, 0.62, 0.30),
        ("#6f8cb0", 0.40, 0.52, 0.24),
        ("#57729b", 0.16, 0.36, 0.16),
    )
    for i, (tone, distance, tall, low) in enumerate(rows):
        _towers(
            view,
            view.aloft(tone, distance),
            row=i,
            tall=min(room * tall, unit * tall * 1.05),
            low=min(room * low, unit * low),
        )
        mist = view.sheet.linear(
            [(0, view.light.haze, 0), (1, view.light.haze, 0.55)],
            (0, view.horizon - unit * 0.16),
            (0, view.horizon),
        )
        view.sheet.rect(0, view.horizon - unit * 0.16, view.width, unit * 0.16, mist)
    _quay(view)


@shows(Absent.BUILDINGS)
def _towers(view: View, tone: str, *, row: int, tall: float, low: float) -> None:
    rng, unit = view.rng, view.unit
    x = -unit * 0.05 * (row + 1)
    while x < view.width:
        wide = unit * rng.uniform(0.055, 0.10) * (1 + 0.18 * row)
        high = rng.uniform(low, tall) * (1.0 if rng.random() < 0.75 else 1.15)
        _tower(view, x, wide, high, shade(tone, rng.uniform(-0.015, 0.02)), row=row)
        x += wide + unit * rng.choice((0.0, 0.004, 0.012, 0.03))


def _tower(view: View, x: float, wide: float, high: float, tone: str, *, row: int) -> None:
    """One tower: body, shaded side, a roof of one of five kinds, windows."""
    sheet, rng, foot = view.sheet, view.rng, view.horizon + view.unit * 0.01
    top = foot - high
    body = view.shades(
        tone, mix(tone, view.light.haze, 0.35 if row < 2 else 0.15), Box(0, top, 1, high)
    )
    kind = rng.randrange(5)
    if kind == 0:
        sheet.path(
            polygon(
                [(x + wide * 0.2, top), (x + wide / 2, top - wide * 0.55), (x + wide * 0.8, top)]
            ),
            tone,
        )
        sheet.rect(x + wide * 0.485, top - wide * 1.1, wide * 0.03, wide * 0.7, tone)
    elif kind == 1:
        sheet.rect(x + wide * 0.18, top - wide * 0.22, wide * 0.64, wide * 0.25, body)
        sheet.rect(x + wide * 0.34, top - wide * 0.42, wide * 0.32, wide * 0.25, body)
    elif kind == 2:
        sheet.path(
            polygon(
                [
                    (x, top + 1),
                    (x, top - wide * 0.1),
                    (x + wide, top - wide * 0.5),
                    (x + wide, top + 1),
                ]
            ),
            body,
        )
    elif kind == 3:
        sheet.rect(x + wide * 0.62, top - wide * 0.2, wide * 0.2, wide * 0.22, tone)
    sheet.rect(x, top, wide, high, body)
    sheet.rect(x + wide * 0.72, top, wide * 0.28, high, shade(tone, -0.045), 0.55)
    _windows(view, x, top, wide, high, tone, row=row)


def _windows(
    view: View, x: float, top: float, wide: float, high: float, tone: str, *, row: int
) -> None:
    rng, sheet = view.rng, view.sheet
    columns = max(round(wide / (view.unit * 0.017)), 2)
    cell = wide / (columns + 0.6)
    pane_w, pane_h = cell * 0.5, cell * 0.72
    glow = view.hour in (Hour.NIGHT, Hour.SUNSET)
    share = (0.42 if view.hour is Hour.NIGHT else 0.2) if glow else 0.0
    plain = shade(tone, 0.06 if view.hour is not Hour.DAY else 0.075)
    dim: list[str] = []
    lit: dict[str, list[str]] = {colour: [] for colour in _GLASS_LIT}
    y = top + cell * 0.9
    while y < top + high - cell:
        for column in range(columns):
            left = x + cell * (0.55 + column)
            pane = f"M{num(left)} {num(y)}h{num(pane_w)}v{num(pane_h)}h{num(-pane_w)}Z"
            if rng.random() < share:
                lit[rng.choice(_GLASS_LIT)].append(pane)
            elif rng.random() < 0.8:
                dim.append(pane)
        y += cell * 1.35
    if dim:
        sheet.path("".join(dim), plain, 0.6)
    for colour, panes in lit.items():
        if panes:
            sheet.path("".join(panes), mix(colour, tone, (0.5, 0.3, 0.08)[row]))


def _quay(view: View) -> None:
    """Paving with a low wall and trees in tubs; lamps at night."""
    unit, foot, h = view.unit, view.horizon, view.height
    deep = h - foot
    view.sheet.rect(
        0,
        foot,
        view.width,
        deep,
        view.shades(view.lit("#c9cfd8"), view.lit("#aab3c0"), Box(0, foot, 1, deep)),
    )
    for share in (0.16, 0.38, 0.68):
        view.sheet.rect(0, foot + deep * share, view.width, unit * 0.0022, view.lit("#8f99a8"), 0.5)
    count, centre = 12, view.width / 2
    for i in range(count + 1):
        u = (i / count - 0.5) * 2
        view.sheet.line(
            f"M{num(centre + u * view.width * 0.6)} {num(foot)}"
            f"L{num(centre + u * view.width * 1.25)} {num(h)}",
            view.lit("#8f99a8"),
            unit * 0.0018,
            0.35,
        )
    step = unit * 0.25
    x = step * 0.35
    while x < view.width + step:
        round_tree(view, x, foot + unit * 0.016, unit * 0.10, leaf="#5d9f6b", distance=0.1)
        _lamp(view, x + step / 2, foot + unit * 0.018, unit * 0.11)
        x += step
    view.sheet.rect(0, foot + unit * 0.006, view.width, unit * 0.016, view.lit("#e6e9ee"))
    view.sheet.rect(0, foot + unit * 0.018, view.width, unit * 0.007, view.lit("#9aa4b3"))


def _lamp(view: View, x: float, y: float, tall: float) -> None:
    """A street lamp; it shines when it is dark."""
    sheet, pole = view.sheet, view.lit("#3c4657")
    if view.light.dark or view.hour is Hour.SUNSET:
        halo = sheet.ball([(0, "#ffe2a0", 0.62), (0.35, "#ffd27a", 0.2), (1, "#ffd27a", 0)])
        sheet.circle(x, y - tall, tall * 0.55, halo)
    sheet.rect(x - tall * 0.015, y - tall, tall * 0.03, tall, pole)
    sheet.rect(x - tall * 0.05, y - tall * 0.04, tall * 0.1, tall * 0.04, pole)
    head = "#fff1c9" if view.light.dark or view.hour is Hour.SUNSET else view.lit("#f5f1e4")
    sheet.path(
        polygon(
            [
                (x - tall * 0.045, y - tall),
                (x + tall * 0.045, y - tall),
                (x + tall * 0.03, y - tall * 0.88),
                (x - tall * 0.03, y - tall * 0.88),
            ]
        ),
        head,
    )
    sheet.path(
        polygon([(x - tall * 0.06, y - tall), (x, y - tall * 1.06), (x + tall * 0.06, y - tall)]),
        pole,
    )


def street(view: View) -> None:
    """A row of coloured townhouses with shops, a pavement, a road with a broken line."""
    sky(view, clouds=3)
    unit, foot = view.unit, view.horizon
    tone = view.aloft("#8fa9c6", 0.6)
    _towers(view, tone, row=0, tall=min(foot * 0.72, unit * 0.66), low=min(foot * 0.5, unit * 0.42))
    rng = view.rng
    x, last = -unit * rng.uniform(0.02, 0.1), ""
    while x < view.width:
        wide = unit * rng.uniform(0.19, 0.25)
        colour = rng.choice([tone for tone in _HOUSES if tone != last])
        last = colour
        _house(view, x, wide, min(unit * rng.uniform(0.38, 0.5), foot * 0.78), colour)
        x += wide
    _road(view)


@shows(Absent.BUILDINGS)
def _house(view: View, x: float, wide: float, high: float, colour: str) -> None:
    sheet, rng, foot = view.sheet, view.rng, view.horizon + view.unit * 0.012
    top, wall = foot - high, view.far(colour, 0.05)
    dark, trim = shade(wall, -0.06), view.far("#fff7ea", 0.05)
    roof = view.far("#5f5a6b", 0.05)
    kind = rng.randrange(3)
    if kind == 0:
        sheet.path(polygon([(x, top), (x + wide / 2, top - wide * 0.42), (x + wide, top)]), wall)
        sheet.line(
            f"M{num(x - wide * 0.02)} {num(top)}L{num(x + wide / 2)} {num(top - wide * 0.43)}"
            f"L{num(x + wide * 1.02)} {num(top)}",
            roof,
            wide * 0.055,
        )
        sheet.circle(x + wide / 2, top - wide * 0.15, wide * 0.08, _pane(view, wall))
    elif kind == 1:
        sheet.path(
            polygon(
                [
                    (x, top),
                    (x + wide * 0.1, top - wide * 0.22),
                    (x + wide * 0.9, top - wide * 0.22),
                    (x + wide, top),
                ]
            ),
            roof,
        )
    else:
        sheet.rect(x - wide * 0.02, top - wide * 0.07, wide * 1.04, wide * 0.09, trim)
    sheet.rect(x, top, wide, high, view.shades(wall, dark, Box(0, top, 1, high)))
    sheet.rect(x + wide * 0.965, top, wide * 0.035, high, dark)
    floors, shop = max(round((high - wide * 0.55) / (wide * 0.42)), 1), wide * 0.5
    for floor in range(floors):
        y = top + wide * 0.12 + (high - shop - wide * 0.14) * floor / floors
        for column in range(3):
            _window(view, x + wide * (0.1 + 0.29 * column), y, wide * 0.2, wide * 0.29, wall, trim)
    _shop(view, x, wide, foot, shop, wall, trim)


def _pane(view: View, wall: str) -> str:
    if view.light.dark:
        return view.rng.choice(("#ffd98a", "#ffe6b2", "#ffca74", mix(wall, "#101a3c", 0.6)))
    if view.hour is Hour.SUNSET:
        return view.rng.choice(("#ffd98a", "#8c6f8e", "#a98099"))
    return view.rng.choice((view.far("#a9d4e6", 0.1), view.far("#8fc1da", 0.1)))


def _window(view: View, x: float, y: float, wide: float, high: float, wall: str, trim: str) -> None:
    sheet = view.sheet
    sheet.rect(x - wide * 0.1, y - wide * 0.1, wide * 1.2, high + wide * 0.2, trim)
    sheet.rect(x, y, wide, high, _pane(view, wall))
    sheet.rect(x + wide * 0.46, y, wide * 0.08, high, trim)
    sheet.rect(x, y + high * 0.42, wide, wide * 0.08, trim)
    sheet.rect(
        x - wide * 0.16, y + high + wide * 0.05, wide * 1.32, wide * 0.12, shade(trim, -0.06)
    )


def _shop(
    view: View, x: float, wide: float, foot: float, tall: float, wall: str, trim: str
) -> None:
    """The ground floor: a shop window, a door and a striped awning."""
    sheet, rng = view.sheet, view.rng
    base = shade(wall, -0.12)
    sheet.rect(x, foot - tall, wide, tall, base)
    left = rng.random() < 0.5
    door_x = x + wide * (0.08 if left else 0.66)
    show_x = x + wide * (0.42 if left else 0.08)
    sheet.rect(
        door_x,
        foot - tall * 0.72,
        wide * 0.26,
        tall * 0.72,
        view.far("#5a4238", 0.05),
        radius=wide * 0.015,
    )
    sheet.rect(
        door_x + wide * 0.05, foot - tall * 0.66, wide * 0.16, tall * 0.34, _pane(view, wall)
    )
    sheet.rect(show_x, foot - tall * 0.7, wide * 0.5, tall * 0.5, trim)
    sheet.rect(
        show_x + wide * 0.02,
        foot - tall * 0.67,
        wide * 0.46,
        tall * 0.44,
        "#ffe0a0" if view.light.dark else _pane(view, wall),
    )
    stripe = view.far(rng.choice(("#d9534f", "#2f8f7f", "#3f6fb0", "#d98a2b")), 0.04)
    pieces, y = 8, foot - tall * 0.98
    for i in range(pieces):
        u = x + wide * (0.04 + 0.92 * i / pieces)
        w = wide * 0.92 / pieces
        tone = stripe if i % 2 == 0 else trim
        sheet.path(
            f"M{num(u)} {num(y)}h{num(w)}v{num(tall * 0.2)}a{num(w / 2)} {num(w / 2)} 0 0 1"
            f" {num(-w)} 0Z",
            tone,
        )


def _road(view: View) -> None:
    unit, foot, h = view.unit, view.horizon, view.height
    deep = h - foot
    kerb = foot + deep * 0.42
    sheet = view.sheet
    sheet.rect(
        0,
        foot,
        view.width,
        deep,
        view.shades(view.lit("#d5d2cd"), view.lit("#bfbcb8"), Box(0, foot, 1, deep * 0.42)),
    )
    x = -unit * 0.1
    while x < view.width + unit * 0.1:
        sheet.line(
            f"M{num(x)} {num(foot + unit * 0.006)}L{num(x - unit * 0.07)} {num(kerb)}",
            view.lit("#a5a19c"),
            unit * 0.0018,
            0.55,
        )
        x += unit * 0.12
    sheet.rect(0, foot + deep * 0.17, view.width, unit * 0.0018, view.lit("#a5a19c"), 0.55)
    sheet.rect(
        0,
        kerb,
        view.width,
        h - kerb,
        view.shades(view.lit("#6d727d"), view.lit("#565b66"), Box(0, kerb, 1, h - kerb)),
    )
    sheet.rect(0, kerb, view.width, unit * 0.014, view.lit("#e9e6e1"))
    sheet.rect(0, kerb + unit * 0.014, view.width, unit * 0.008, view.lit("#9b9893"))
    y, thick, x = kerb + (h - kerb) * 0.55, unit * 0.014, -unit * 0.05
    while x < view.width:
        sheet.path(
            polygon(
                [
                    (x, y),
                    (x + unit * 0.12, y),
                    (x + unit * 0.112, y + thick),
                    (x - unit * 0.008, y + thick),
                ]
            ),
            view.lit("#f3ead2"),
        )
        x += unit * 0.24
    for share in (0.05, 0.5, 0.95):
        _lamp(view, view.width * share, foot + deep * 0.34, unit * 0.36)
