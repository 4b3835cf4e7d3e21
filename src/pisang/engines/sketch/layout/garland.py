"""Flowers and leaves on a card gather in its corners and leave the middle to the words."""

from __future__ import annotations

import random

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.clusters import Cluster, Copy
from pisang.engines.sketch.layout.page import Page, inner
from pisang.engines.sketch.layout.staging import Stage
from pisang.engines.sketch.scene import Thing

__all__ = ["corners", "suits"]

_GROWING = {"plant-flower"}
_LEAVES = {"herb", "leaf-fluttering-in-wind", "fallen-leaf", "maple-leaf", "four-leaf-clover"}
_WHOLE = {"bouquet"}  # one of these is a subject
_MOST = 24  # more is a pattern
_STEPS = ((0.0, 0.0), (0.8, -0.04), (-0.04, 0.8), (1.5, 0.02), (0.02, 1.5), (0.72, 0.7))


def suits(page: Page) -> bool:
    """True where all that is to be drawn are a few flowers that nobody placed."""
    things = page.scene.things
    total = sum(thing.count for thing in things)
    return (
        not page.scene.pictures
        and not page.scene.relations
        and 2 <= total <= _MOST
        and all(_ornament(thing) for thing in things)
    )


def _ornament(thing: Thing) -> bool:
    if thing.slot is not None or thing.drawing in _WHOLE:
        return False
    return nature.subgroup(thing.drawing) in _GROWING or thing.drawing in _LEAVES


def corners(page: Page) -> tuple[Box, Stage]:
    """The room left for words, and the sprays: two opposite corners, or all four."""
    copies = [thing for thing in page.scene.things for _ in range(thing.count)]
    rng = random.Random(f"{page.seed}:garland")
    rng.shuffle(copies)
    pairs = [(0, 1), (1, 0)] if rng.random() < 0.5 else [(1, 1), (0, 0)]
    others = [(x, 1 - y) for x, y in pairs]
    spots = pairs if len(copies) not in (4, 8) and len(copies) < 10 else [*pairs, *others]
    side = min(0.24 * page.width, (0.26 if page.wide else 0.19) * page.height, 0.2 * page.unit)
    side *= min(1.0, (3.2 * len(spots) / len(copies)) ** 0.5)
    clusters = []
    for at, (across, down) in enumerate(spots):
        mine = copies[at :: len(spots)]
        clusters.append(_spray(page, mine, side, (across, down), rng))
    reach = side * 1.25 if page.height > page.width * 0.8 else side * 0.4
    beside = side * 1.7 if page.wide else side * 0.3
    return inner(page.safe, beside, reach), Stage(tuple(clusters))


def _spray(
    page: Page, things: list[Thing], side: float, corner: tuple[int, int], rng: random.Random
) -> Cluster:
    """The largest flower in the corner, the others along both edges, smaller and turned."""
    out = []
    for at, thing in enumerate(things):
        step = _STEPS[at % len(_STEPS)]
        more = at // len(_STEPS) * 0.5
        size = side * (1.0 if at == 0 else rng.uniform(0.68, 0.82))
        shape = nature.aspect(thing.drawing)
        wide, high = size * min(shape**0.5, 1.0), size * min(shape**-0.5, 1.0)
        x, y = (step[0] + more) * side, (step[1] + more) * side
        left = page.safe.x + x if corner[0] == 0 else page.safe.right - x - wide
        top = page.safe.y + y if corner[1] == 0 else page.safe.bottom - y - high
        box = Box(
            min(max(left, 0.0), page.width - wide),
            min(max(top, 0.0), page.height - high),
            wide,
            high,
        )
        turn = rng.uniform(-25, 25) if at else 0.0
        out.append(Copy(thing, box, flip=corner[0] == 1, turn=turn, grounded=False))
    return Cluster(tuple(reversed(out)))
