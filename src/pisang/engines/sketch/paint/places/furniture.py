"""What stands and hangs in rooms: prints, plants, shelves, books, lamps, table tops."""

import math
from collections.abc import Sequence

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import mix, shade
from pisang.engines.sketch.paint.places.view import View
from pisang.engines.sketch.paint.places.walls import WOOD
from pisang.engines.sketch.paint.sheet import curve, num, polygon


def picture_frame(view: View, box: Box, tones: Sequence[str]) -> None:
    """A framed print of plain hills under a disc."""
    if not view.easel.clear(box):
        return
    sheet = view.sheet
    edge = min(box.width, box.height) * 0.07
    sheet.rect(box.x + edge * 0.4, box.y + edge * 0.7, box.width, box.height, "#1a1020", 0.14)
    sheet.rect(box.x, box.y, box.width, box.height, view.lit("#8a6444"))
    sheet.rect(
        box.x + edge, box.y + edge, box.width - 2 * edge, box.height - 2 * edge, view.lit("#fffaf0")
    )
    x, y, w, h = (
        box.x + 2.4 * edge,
        box.y + 2.4 * edge,
        box.width - 4.8 * edge,
        box.height - 4.8 * edge,
    )
    sheet.rect(x, y, w, h, view.lit(tones[0]))
    sheet.circle(x + w * 0.64, y + h * 0.36, min(w, h) * 0.17, view.lit(tones[1]))
    sheet.path(
        f"M{num(x)} {num(y + h * 0.7)}Q{num(x + w * 0.3)} {num(y + h * 0.4)} {num(x + w * 0.6)}"
        f" {num(y + h * 0.68)}"
        f"T{num(x + w)} {num(y + h * 0.62)}V{num(y + h)}H{num(x)}Z",
        view.lit(tones[2]),
    )


def pot_plant(view: View, x: float, y: float, tall: float) -> None:
    """A leafy plant in a clay pot standing on y."""
    sheet = view.sheet
    pot, r = view.lit("#d9825b"), tall * 0.15
    for k, angle in enumerate((-150, -125, -100, -80, -55, -30)):
        rad = math.radians(angle)
        long = tall * (0.62 if k in (0, 5) else 0.72)
        ex, ey = x + math.cos(rad) * long * 0.75, y - tall * 0.28 + math.sin(rad) * long
        nx, ny = -math.sin(rad) * tall * 0.10, math.cos(rad) * tall * 0.10
        mx, my = (x + ex) / 2, (y - tall * 0.28 + ey) / 2
        tone = view.lit(shade("#4f9d5d", 0.03 * (k % 3 - 1)))
        sheet.path(
            f"M{num(x)} {num(y - tall * 0.28)}Q{num(mx + nx)} {num(my + ny)} {num(ex)} {num(ey)}"
            f"Q{num(mx - nx)} {num(my - ny)} {num(x)} {num(y - tall * 0.28)}Z",
            tone,
        )
        sheet.line(
            f"M{num(x)} {num(y - tall * 0.28)}L{num(ex)} {num(ey)}",
            shade(tone, -0.07),
            tall * 0.008,
            0.7,
        )
    sheet.path(
        polygon(
            [
                (x - r, y - tall * 0.28),
                (x + r, y - tall * 0.28),
                (x + r * 0.74, y),
                (x - r * 0.74, y),
            ]
        ),
        pot,
    )
    sheet.rect(
        x - r * 1.12,
        y - tall * 0.30,
        r * 2.24,
        tall * 0.065,
        shade(pot, -0.05),
        radius=tall * 0.012,
    )


def table_top(view: View, box: Box, colour: str = WOOD) -> None:
    """A table's top seen from a little above, across the whole width, with its front edge."""
    sheet, unit, rng, h = view.sheet, view.unit, view.rng, view.height
    tone = view.lit(colour)
    sheet.rect(
        0, box.y, view.width, box.height, view.shades(shade(tone, 0.06), shade(tone, -0.05), box)
    )
    bands = 4
    for i in range(bands):
        y = box.y + box.height * (i / bands) ** 1.35
        low = box.y + box.height * ((i + 1) / bands) ** 1.35
        sheet.rect(0, y, view.width, low - y, shade(tone, rng.uniform(-0.02, 0.02)), 0.5)
        for _ in range(4):
            at = y + (low - y) * rng.uniform(0.15, 0.85)
            points = [
                (view.width * k / 8, at + (low - y) * 0.05 * math.sin(k * 1.7 + at))
                for k in range(9)
            ]
            sheet.line(curve(points), shade(tone, -0.075), unit * 0.0016, 0.45)
        if i:
            sheet.rect(0, y, view.width, unit * 0.002 * (1 + i * 0.4), shade(tone, -0.12), 0.6)
    sheet.rect(0, box.y, view.width, unit * 0.004, shade(tone, 0.13), 0.8)
    dark = sheet.linear(
        [(0, "#140c18", 0.0), (1, "#140c18", 0.22)], (0, h - box.height * 0.3), (0, h)
    )
    sheet.rect(0, h - box.height * 0.3, view.width, box.height * 0.3, dark)


def front_edge(view: View, top: float) -> None:
    """The shade where the wall meets a table top."""
    shadow = view.sheet.linear(
        [(0, "#140c18", 0.0), (1, "#140c18", 0.16)], (0, top - view.unit * 0.05), (0, top)
    )
    view.sheet.rect(0, top - view.unit * 0.05, view.width, view.unit * 0.05, shadow)


def rug(view: View, top: float) -> None:
    """An oval rug of four rings on the floor."""
    x, deep = view.width * 0.5, view.height - top
    rx, ry = min(view.width * 0.38, view.unit * 0.6), deep * 0.30
    y = top + deep * 0.58
    for grow, tone in ((1.0, "#c9695b"), (0.9, "#f3e3c8"), (0.82, "#d98070"), (0.56, "#e59a85")):
        view.sheet.ellipse(x, y, rx * grow, ry * grow, view.lit(tone))


def jar_shelf(view: View, shelf: Box) -> None:
    """Jars of several sizes on a board."""
    with view.easel.unseen(not view.easel.clear(shelf.grown(view.unit * 0.1))):
        _jars(view, shelf)


def _jars(view: View, shelf: Box) -> None:
    sheet, unit, rng = view.sheet, view.unit, view.rng
    wood = view.lit("#a9744a")
    x = shelf.x + unit * 0.03
    while x < shelf.right - unit * 0.05:
        wide, tall = unit * rng.uniform(0.036, 0.055), unit * rng.uniform(0.05, 0.095)
        tone = view.lit(rng.choice(("#e9b44c", "#d96f5a", "#7fb08a", "#8fb8cf", "#efe2c9")))
        sheet.rect(x, shelf.y - tall, wide, tall, tone, radius=wide * 0.16)
        sheet.rect(
            x + wide * 0.12,
            shelf.y - tall * 0.82,
            wide * 0.16,
            tall * 0.6,
            "#ffffff",
            0.3,
            radius=wide * 0.08,
        )
        sheet.rect(
            x + wide * 0.05,
            shelf.y - tall - unit * 0.012,
            wide * 0.9,
            unit * 0.017,
            wood,
            radius=unit * 0.004,
        )
        x += wide + unit * rng.uniform(0.012, 0.04)
    sheet.rect(shelf.x, shelf.y, shelf.width, shelf.height, wood, radius=unit * 0.003)
    sheet.rect(shelf.x, shelf.y + shelf.height, shelf.width, unit * 0.008, "#140c18", 0.12)


def hanging_lamp(view: View, x: float, drop: float) -> None:
    """A lamp on a cord from the ceiling, and its glow."""
    sheet, unit = view.sheet, view.unit
    r = unit * 0.042
    if not view.clear(x - r, 0, 2 * r, drop + r):
        return
    halo = sheet.ball(
        [
            (0, "#ffdf9a", 0.75 if view.light.dark else 0.45),
            (0.4, "#ffcf7a", 0.2),
            (1, "#ffcf7a", 0),
        ]
    )
    sheet.circle(x, drop + r * 0.5, r * 4.2, halo)
    sheet.rect(x - unit * 0.0015, 0, unit * 0.003, drop, "#2a2026")
    sheet.circle(x, drop + r * 0.55, r * 0.42, "#fff3cf")
    sheet.path(
        f"M{num(x - r)} {num(drop + r * 0.55)}C{num(x - r * 0.9)} {num(drop - r * 0.35)}"
        f" {num(x - r * 0.2)} {num(drop - r * 0.4)}"
        f" {num(x)} {num(drop - r * 0.5)}C{num(x + r * 0.2)} {num(drop - r * 0.4)}"
        f" {num(x + r * 0.9)} {num(drop - r * 0.35)}"
        f" {num(x + r)} {num(drop + r * 0.55)}Z",
        "#33272c",
    )


def notes(view: View, box: Box) -> None:
    """A cork board with five notes."""
    with view.easel.unseen(not view.easel.clear(box)):
        _pinned(view, box)


def _pinned(view: View, box: Box) -> None:
    sheet, rng = view.sheet, view.rng
    sheet.rect(box.x, box.y, box.width, box.height, view.lit("#8a6444"), radius=view.unit * 0.004)
    sheet.rect(
        box.x + box.width * 0.03,
        box.y + box.height * 0.045,
        box.width * 0.94,
        box.height * 0.91,
        view.lit("#d8b083"),
    )
    size = min(box.width, box.height) * 0.25
    for u, v, tone in (
        (0.2, 0.3, "#ffe58a"),
        (0.5, 0.26, "#ffb3b3"),
        (0.8, 0.34, "#b9e3c6"),
        (0.32, 0.7, "#bcd8f5"),
        (0.68, 0.72, "#fff6df"),
    ):
        x, y = box.x + box.width * u, box.y + box.height * v
        sheet.rect(
            x - size / 2,
            y - size / 2,
            size,
            size,
            view.lit(tone),
            more=f' transform="rotate({num(rng.uniform(-7, 7))} {num(x)} {num(y)})"',
        )
        sheet.circle(x, y - size * 0.4, size * 0.07, view.lit("#d9534f"))


def books(view: View, box: Box, *, share: float = 1.0) -> None:
    """Book spines side by side on the box's bottom; ``share`` of the width is filled."""
    sheet, rng, x = view.sheet, view.rng, box.x
    tones = ("#b5493f", "#2f6f7f", "#d9a441", "#4a5f8f", "#7f9a6b", "#8a5a7f", "#e3d3b3", "#3d4a5a")
    while x < box.x + box.width * share:
        wide = box.height * rng.uniform(0.13, 0.26)
        tall = box.height * rng.uniform(0.68, 0.98)
        tone = view.lit(rng.choice(tones))
        if x + wide > box.right:
            break
        sheet.rect(x, box.bottom - tall, wide, tall, tone, radius=wide * 0.06)
        sheet.rect(x + wide * 0.78, box.bottom - tall, wide * 0.22, tall, shade(tone, -0.06))
        sheet.rect(
            x + wide * 0.12,
            box.bottom - tall * 0.84,
            wide * 0.6,
            tall * 0.05,
            mix(tone, "#ffe9b8", 0.6),
        )
        if rng.random() < 0.5:
            sheet.rect(
                x + wide * 0.12,
                box.bottom - tall * 0.22,
                wide * 0.6,
                tall * 0.04,
                mix(tone, "#ffe9b8", 0.6),
            )
        x += wide + (box.height * 0.1 if rng.random() < 0.06 else box.height * 0.006)


def book_shelf(view: View, board: Box) -> None:
    """A board on the wall, three quarters full of books."""
    unit = view.unit
    row = Box(board.x + unit * 0.01, board.y - unit * 0.12, board.width - unit * 0.02, unit * 0.12)
    clear = view.clear(board.x, board.y - unit * 0.12, board.width, unit * 0.14)
    with view.easel.unseen(not clear):
        books(view, row, share=0.75)
        view.sheet.rect(
            board.x, board.y, board.width, board.height, view.lit("#a9744a"), radius=unit * 0.003
        )
        view.sheet.rect(board.x, board.bottom, board.width, unit * 0.008, "#140c18", 0.12)


def bookcase(view: View, box: Box) -> None:
    """A tall case of full shelves."""
    sheet, unit = view.sheet, view.unit
    wood = view.lit("#6f4630")
    sheet.rect(box.x, box.y, box.width, box.height, shade(wood, -0.09))
    rows = max(round(box.height / (unit * 0.15)), 2)
    thick, high = unit * 0.014, box.height / rows
    for row in range(rows):
        y = box.y + row * high
        inner = Box(
            box.x + thick * 1.4,
            y + thick + high * 0.08,
            box.width - thick * 2.8,
            high * 0.92 - thick,
        )
        books(view, inner, share=view.rng.uniform(0.86, 1.0))
        shade_in = sheet.linear(
            [(0, "#140a10", 0.4), (1, "#140a10", 0.0)], (0, y + thick), (0, y + high * 0.5)
        )
        sheet.rect(box.x, y + thick, box.width, high * 0.5, shade_in)
        sheet.rect(box.x, y, box.width, thick, wood)
    sheet.rect(box.x, box.bottom - thick, box.width, thick, wood)
    for x in (box.x, box.right - thick * 1.4):
        sheet.rect(x, box.y, thick * 1.4, box.height, shade(wood, 0.03))
