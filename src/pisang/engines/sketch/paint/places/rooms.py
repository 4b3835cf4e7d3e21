"""Rooms: a wall in the light of its window, and a floor or a table top in front."""

import numpy as np

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint import field
from pisang.engines.sketch.paint.colour import lightness, shade
from pisang.engines.sketch.paint.places.furniture import (
    book_shelf,
    bookcase,
    front_edge,
    hanging_lamp,
    jar_shelf,
    notes,
    picture_frame,
    pot_plant,
    rug,
    table_top,
)
from pisang.engines.sketch.paint.places.view import View
from pisang.engines.sketch.paint.places.walls import (
    boards,
    light_patch,
    panelling,
    tiles,
    wall,
    wall_colour,
    window,
)


def room(view: View) -> None:
    """A living room: window, curtains, prints, plants, boards."""
    low = view.anchors.ground.y
    base = wall_colour(view, "#f2d9c4")
    wall(view, base, low=low)
    pane, unit = view.anchors.window or Box(0, 0, 1, 1), view.unit
    window(view, pane, curtains=_contrast(base))
    left = pane.x - unit * 0.22
    if left > unit * 0.3:
        tall = min(low * 0.34, unit * 0.26)
        x = left * 0.5 - tall * 0.4
        picture_frame(view, Box(x, low * 0.2, tall * 0.8, tall), ("#f6d7a8", "#e98b5f", "#7fa28c"))
        if left > unit * 0.6:
            picture_frame(
                view,
                Box(x + tall * 1.0, low * 0.26, tall * 0.56, tall * 0.7),
                ("#cfe3e6", "#f3c05f", "#5f8fa0"),
            )
    boards(view, low)
    light_patch(view, pane, low)
    rug(view, low)
    pot_plant(view, view.width * 0.955, low + unit * 0.05, unit * 0.30)


def _contrast(base: str) -> str:
    return shade(base, -0.16 if lightness(base) > 0.55 else 0.2, 1.25, 18)


def kitchen(view: View) -> None:
    """Tiles, a shelf of jars, a window over a wooden counter."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#dfeee9")
    wall(view, base, low=top)
    tiles(view, top, view.lit(base))
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    window(view, pane, bars=2)
    room_left = pane.x - unit * 0.08
    if room_left > unit * 0.2:
        jar_shelf(view, Box(unit * 0.05, top * 0.34, room_left - unit * 0.08, unit * 0.02))
    if view.width - pane.right > unit * 0.24:
        jar_shelf(
            view,
            Box(
                pane.right + unit * 0.07,
                top * 0.34,
                view.width - pane.right - unit * 0.12,
                unit * 0.02,
            ),
        )
    table_top(view, Box(0, top, view.width, view.height - top), "#c79a68")
    front_edge(view, top)


def cafe(view: View) -> None:
    """A wide window on the street's light, hanging lamps, a plant, a round table's edge."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#8f5f4a")
    wall(view, base, low=top)
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    panelling(view, top, view.lit(base))
    window(view, pane, bars=3)
    for share in (0.14, 0.38, 0.62, 0.86):
        hanging_lamp(
            view,
            view.width * share,
            min(top * 0.3, unit * 0.24) * (0.8 if share in (0.38, 0.86) else 1.0),
        )
    pot_plant(view, view.width * 0.07, top + unit * 0.01, unit * 0.26)
    table_top(view, Box(0, top, view.width, view.height - top), "#9a633c")
    front_edge(view, top)


def desk(view: View) -> None:
    """A study: window, a pin board of notes, a shelf of books, a desk's top."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#cfdbe6")
    wall(view, base, low=top)
    unit = view.unit
    pane = view.anchors.window or Box(0, 0, 1, 1)
    window(view, pane, bars=2)
    free = pane.x - unit * 0.1
    if free > unit * 0.25:
        shelf_y = top * 0.34
        book_shelf(view, Box(unit * 0.05, shelf_y, free - unit * 0.06, unit * 0.016))
        notes(
            view,
            Box(
                unit * 0.08,
                top * 0.48,
                min(free - unit * 0.1, unit * 0.34),
                min(top * 0.36, unit * 0.24),
            ),
        )
    table_top(view, Box(0, top, view.width, view.height - top), "#c3915f")
    front_edge(view, top)


def table(view: View) -> None:
    """A wooden table before a softly lit wall, out of focus."""
    top = (view.anchors.surface or view.anchors.ground).y
    base = wall_colour(view, "#e9dcc9")
    across, down = field.mesh(view.width, view.height)
    lit = view.lit(base)
    grid = field.ramp(
        across * 0 + np.clip(down / max(top, 1), 0, 1), (lit, shade(lit, 0.01), shade(lit, -0.07))
    )
    rng = np.random.default_rng(view.easel.seed)
    for _ in range(9):
        centre = (rng.uniform(0, view.width), rng.uniform(0, top))
        tone = rng.choice(["#ffe6b0", "#ffffff", "#ffd09a", "#cfe6d2"])
        grid = field.screen(
            grid,
            tone,
            field.disc(across, down, centre=centre, radius=view.unit * rng.uniform(0.15, 0.45))
            * rng.uniform(0.10, 0.3),
        )
    if view.light.dark:
        grid = field.toward(grid, "#1d1730", np.full(grid.shape[:2], 0.3, np.float32))
        grid = field.screen(
            grid,
            "#ffb45e",
            field.disc(across, down, centre=(view.width * 0.7, top * 0.2), radius=view.unit * 0.8)
            * 0.5,
        )
    view.easel.ground(field.pixels(grid, view.width, view.height))
    view.sheet.everywhere()
    table_top(view, Box(0, top, view.width, view.height - top), "#b57f4f")
    front_edge(view, top)


def library(view: View) -> None:
    """Tall shelves of books on both sides of a window, a warm floor, hanging lamps."""
    low = view.anchors.ground.y
    base = wall_colour(view, "#8a6248")
    wall(view, base, low=low)
    unit, pane = view.unit, view.anchors.window or Box(0, 0, 1, 1)
    wide = min(pane.width, view.width * 0.46)
    pane = Box(pane.centre[0] - wide / 2, pane.y, wide, pane.height)
    window(view, pane, bars=3)
    edge = unit * 0.06
    for left, right in ((0.0, pane.x - edge), (pane.right + edge, float(view.width))):
        if right - left > unit * 0.1:
            bookcase(view, Box(left, low * 0.05, right - left, low * 0.95 - unit * 0.005))
    boards(view, low, "#8f5d3b", skirting="#5f3b28")
    light_patch(view, pane, low)
    rug(view, low)
