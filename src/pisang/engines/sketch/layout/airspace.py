"""Finds places for what flies or shines above: clear of words, of each other, of what stands.

Each cluster tries a few dozen spots and takes the best; where all collide it shrinks and tries
again. Suns and moons like the upper corners, birds and balloons the open middle.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.rows import column
from pisang.engines.sketch.layout.troupe import Performer
from pisang.engines.sketch.vocabulary import Bond, Depth, Slot

__all__ = ["fly", "hinted"]

_SPOTS = 60
_ROUNDS = 7


@dataclass(frozen=True, slots=True)
class Hint:
    """A stretch of x for the middle; ``edge`` is the upper edge of what it is behind."""

    left: float
    right: float
    edge: float | None = None


def fly(
    page: Page,
    part: Sequence[Performer],
    sky: Box,
    words: Sequence[Box],
    standing: Sequence[Box],
    hints: Mapping[str, Hint],
) -> list[Cluster]:
    """Places clusters in the sky; back to front. ``words`` are never touched."""
    out: list[Cluster] = []
    taken: list[Box] = []
    for p in sorted(part, key=lambda p: -p.stature):
        rng = random.Random(f"{page.seed}:sky:{p.ident}")
        scale = _scale(page, p, sky)
        best: tuple[float, Cluster] | None = None
        for _ in range(_ROUNDS):
            found = _best_spot(page, p, scale, sky, (words, standing, taken), hints, rng)
            if best is None or found[0] < best[0]:
                best = found
            if best[0] < 0.05:
                break
            scale *= 0.82
        assert best is not None
        cluster = best[1].hazy(0.3 if p.depth is Depth.DISTANCE else 0.0)
        taken.append(cluster.box)
        out.append(cluster)
    return out


def _scale(page: Page, p: Performer, sky: Box) -> float:
    """Pixels per unit: a share of the short side by stature, groups limited by the sky's area."""
    short = min(page.width, page.height, sky.height * 1.6)
    each = max(copy.box.height for copy in p.cluster.copies)
    grown = each / max(p.stature, 0.1)
    side = short * min(max(0.105 * p.stature, 0.09), 0.34) * grown
    if page.scene.backdrop.place is None:
        side *= 2.2  # nothing but the page behind: they are part of the composition
    elif page.anchors.indoors and p.home is Habitat.AIR:
        side *= 2.0  # under a ceiling what flies is near
    if p.depth is Depth.FOREGROUND:
        side *= 1.35
    elif p.depth in (Depth.DISTANCE, Depth.BACKGROUND):
        side *= 0.5 if page.scene.backdrop.place is not None else 0.35
    many = len(p.cluster.copies)
    if many > 4:  # a flock is far away
        side *= (4 / many) ** (0.45 if p.home is Habitat.AIR else 0.3)
    scale = side / each
    box = p.cluster.box
    room = min(sky.width * 0.86 / box.width, sky.height * 0.86 / box.height)
    return min(scale, room)


def _best_spot(
    page: Page,
    p: Performer,
    scale: float,
    sky: Box,
    crowd: tuple[Sequence[Box], Sequence[Box], Sequence[Box]],
    hints: Mapping[str, Hint],
    rng: random.Random,
) -> tuple[float, Cluster]:
    """The spot with the least cost; below 0.05 nothing is touched."""
    big = p.cluster.scaled(scale).lifted()
    box = big.box
    words, standing, taken = crowd
    best: tuple[float, Box] | None = None
    for _ in range(_SPOTS):
        spot = Box(
            sky.x + rng.random() * max(sky.width - box.width, 0.0),
            sky.y + rng.random() * max(sky.height - box.height, 0.0),
            box.width,
            box.height,
        )
        spot = _pinned(p.slot, spot, sky, rng)
        hint = hints.get(p.ident)
        if hint is not None:
            spot = _hinted(spot, hint, page, rng)
        area = box.width * box.height
        wide = spot.grown(0.03 * page.unit)
        cost = 8.0 * sum(wide.overlap(other) for other in words) / area
        hidden = sum(spot.overlap(other) for other in standing) / area
        cost += 1.5 * hidden if hint is None or hint.edge is None else 0.0
        cost += 3.0 * sum(wide.overlap(other) for other in taken) / area
        cost += 0.015 * _taste(p, spot, sky)
        if best is None or cost < best[0]:
            best = (cost, spot)
    assert best is not None
    at = best[1]
    return best[0], big.moved(at.x - box.x, at.y - box.y)


def _pinned(slot: Slot | None, spot: Box, sky: Box, rng: random.Random) -> Box:
    if slot is None:
        return spot
    across, down = (0.0, 0.5, 1.0)[column(slot)], (0.0, 0.5, 1.0)[_row(slot)]
    wide, high = max(sky.width - spot.width, 0.0), max(sky.height - spot.height, 0.0)
    x = sky.x + wide * min(max(across + rng.uniform(-0.14, 0.14), 0.0), 1.0)
    y = sky.y + high * min(max(down + rng.uniform(-0.14, 0.14), 0.0), 1.0)
    return Box(x, y, spot.width, spot.height)


def _row(slot: Slot) -> int:
    return 0 if slot.value.startswith("top") else 2 if slot.value.startswith("bottom") else 1


def _hinted(spot: Box, hint: Hint, page: Page, rng: random.Random) -> Box:
    """The spot's middle inside the stretch, as far as the canvas allows; what is behind something
    rises from its upper edge, half hidden."""
    x = hint.left + (hint.right - hint.left) * rng.random() - spot.width / 2
    x = min(max(x, page.safe.x * 0.5), page.width - page.safe.x * 0.5 - spot.width)
    y = spot.y
    if hint.edge is not None:
        y = max(hint.edge - spot.height * rng.uniform(0.55, 0.75), page.safe.y * 0.5)
    return Box(x, y, spot.width, spot.height)


def _taste(p: Performer, spot: Box, sky: Box) -> float:
    """0 for a place such a thing likes, up to about 1."""
    x = (spot.centre[0] - sky.x) / sky.width
    y = (spot.centre[1] - sky.y) / sky.height
    if p.home is Habitat.SKY:
        return y + 0.8 * (1 - abs(x - 0.5) * 2)
    return abs(y - 0.4) + 0.3 * abs(x - 0.5)


def hinted(page: Page, placed: Sequence[Cluster]) -> dict[str, Hint]:
    """Where flying things should be because of what they relate to."""
    where: dict[str, Box] = {}
    for cluster in placed:
        for copy in cluster.copies:
            where.setdefault(copy.what.id, cluster.of(copy.what.id))
    out: dict[str, Hint] = {}
    for relation in page.scene.relations:
        mark = next((where[name] for name in relation.objects if name in where), None)
        if mark is None:
            continue
        if relation.bond in (Bond.ABOVE, Bond.BEHIND, Bond.ON, Bond.NEXT_TO):
            grace = 0.25 * mark.width if relation.bond is Bond.NEXT_TO else 0.0
            edge = mark.y if relation.bond is Bond.BEHIND else None
            out[relation.subject] = Hint(mark.x - grace, mark.right + grace, edge)
        elif relation.bond is Bond.LEFT_OF:
            out[relation.subject] = Hint(0.0, mark.x)
        elif relation.bond is Bond.RIGHT_OF:
            out[relation.subject] = Hint(mark.right, page.width)
    for relation in page.scene.relations:
        if relation.bond is Bond.BELOW and relation.subject in where and relation.objects:
            mark = where[relation.subject]
            out.setdefault(relation.objects[0], Hint(mark.x, mark.right))
    return out
