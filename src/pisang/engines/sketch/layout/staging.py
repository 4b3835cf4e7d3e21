"""Stands the troupe into the picture: on the ground, in the water, in the sky, at the window.

Everything is kept inside the room that the texts left free. Rows on the ground are as large as
height and width allow, with a natural share of the picture (a lone ant does not fill it); deeper
things stand higher, smaller and paler.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout import airspace, counters, depths, nature
from pisang.engines.sketch.layout.clusters import Cluster
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.layout.page import Page, random_share, union
from pisang.engines.sketch.layout.rows import ROW_BONDS, Item, ordered, shelves, spread, widths
from pisang.engines.sketch.layout.troupe import Performer, Troupe
from pisang.engines.sketch.layout.window import behind_glass
from pisang.engines.sketch.scene import Thing
from pisang.engines.sketch.vocabulary import Bond, Depth, Genre, Size, Slot

__all__ = ["Stage", "perform"]

_AIRY = {Habitat.SKY, Habitat.AIR}
_WET = {Habitat.WATER, Habitat.DEEP}
_TOPS = {Slot.TOP_LEFT, Slot.TOP, Slot.TOP_RIGHT}
_LEVEL = {Slot.LEFT, Slot.CENTRE, Slot.RIGHT}  # places in a row
_SOLOISTS = {Genre.PRODUCT, Genre.POSTER, Genre.SOCIAL, Genre.CARD}
_BOOSTS: Mapping[Size | None, float] = {
    Size.HUGE: 1.35, Size.LARGE: 1.15, Size.SMALL: 0.62, Size.TINY: 0.36,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """``clusters`` are in pixels, back to front."""

    clusters: tuple[Cluster, ...]

    def boxes(self) -> dict[str, Box]:
        """Where each thing or picture is."""
        found: dict[str, list[Box]] = {}
        for cluster in self.clusters:
            for copy in cluster.copies:
                found.setdefault(copy.what.id, []).append(copy.box)
        return {ident: union(boxes) for ident, boxes in found.items()}


def perform(
    page: Page, troupe: Troupe, room: Box, *, reserved: Sequence[Box], grounded: bool
) -> Stage:
    """Places everybody inside ``room``; ``grounded`` where the place has land to stand on."""
    if not troupe.performers:
        return Stage(())
    grounded = grounded and not page.anchors.floating
    outside = [p for p in troupe.performers if p.depth is Depth.OUTSIDE and page.anchors.window]
    rest = [p for p in troupe.performers if p not in outside]
    if grounded:
        aloft = [p for p in rest if p.home in _AIRY or p.slot in _TOPS]
    else:  # a plain page: everything is composed together but what has a place of its own
        crowds = page.scene.backdrop.place is not None and len(rest) > 1
        aloft = [
            p for p in rest
            if (p.slot is not None and p.slot not in _LEVEL and len(rest) > 1)
            or (crowds and p.home in _AIRY and len(p.cluster.copies) > 3)
            or (crowds and p.depth in (Depth.DISTANCE, Depth.BACKGROUND))
        ]  # fmt: skip
        aloft = aloft if len(aloft) < len(rest) or not crowds else []
    standing = [p for p in rest if p not in aloft]
    if grounded and not standing and len(aloft) == 1 and aloft[0].slot is None:
        standing, aloft = aloft, []
        grounded = False
        level = min(page.anchors.horizon, room.bottom)
        if level - room.y > 0.3 * room.height:
            room = Box(room.x, room.y, room.width, level - room.y)
    placed: list[tuple[float, Cluster]] = []
    water = page.anchors.water
    wet = [p for p in standing if p.home in _WET and water is not None]
    if water is not None and water.y > 0:
        under = [p for p in wet if p.home is Habitat.DEEP]
        wet = [p for p in wet if p not in under]
        placed += _swimming(page, under, troupe, room, water)
    else:
        under = []
    dry = [p for p in standing if p not in wet and p not in under]
    for part, band in ((wet, page.anchors.water), (dry, page.anchors.ground)):
        if not part:
            continue
        floats = not grounded or (band is page.anchors.water and _submerged(page))
        both = bool(wet and dry)
        if floats or band is None:
            placed += _floating(page, part, troupe, room, both=both)
        else:
            placed += _grounded(page, part, troupe, room, band, both=both)
    if outside and page.anchors.window is not None:
        placed += [(-2.0, behind_glass(outside, page.anchors.window))]
    taken = [cluster.box for _, cluster in placed]
    sky = _sky(page, room, grounded=grounded)
    hints = airspace.hinted(page, [cluster for _, cluster in placed])
    above = airspace.fly(page, aloft, sky, [*reserved], taken, hints)
    placed += [(-1.0, cluster) for cluster in above]
    placed.sort(key=lambda pair: pair[0])
    return Stage(tuple(cluster for _, cluster in placed))


def _swimming(
    page: Page, part: Sequence[Performer], troupe: Troupe, room: Box, water: Box
) -> list[tuple[float, Cluster]]:
    """Fish seen through the surface: in the lower part of the water, pale, without shadows."""
    if not part:
        return []
    top = water.y + water.height * 0.3
    foot = min(room.bottom, water.bottom - water.height * 0.04, page.height * 0.96)
    pool = Box(room.x, top, room.width, max(foot - top, water.height * 0.1))
    found = _floating(page, part, troupe, pool, both=False)
    return [(low, cluster.lifted().hazy(0.2)) for low, cluster in found]


def _submerged(page: Page) -> bool:
    water = page.anchors.water
    return water is not None and water.y <= 0


def _near(page: Page, troupe: Troupe) -> dict[tuple[str, str], bool]:
    out = {}
    for relation in page.scene.relations:
        if relation.bond in (Bond.NEXT_TO, Bond.BETWEEN):
            for name in relation.objects:
                one, two = troupe.owner.get(relation.subject), troupe.owner.get(name)
                if one and two:
                    out[one, two] = True
    return out


def _items(
    page: Page, part: Sequence[Performer], troupe: Troupe, *, shuffled: bool = True
) -> list[Item]:
    """The performers in an order from left to right; chance decides where nothing is told."""
    loose = list(part)
    if shuffled:  # by name, so that who stays keeps its place when another one leaves
        loose.sort(key=lambda p: random_share(page, f"row:{p.ident}"))
    rank = {Slot.LEFT: 0, Slot.BOTTOM_LEFT: 0, Slot.RIGHT: 2, Slot.BOTTOM_RIGHT: 2}
    loose.sort(key=lambda p: rank.get(p.slot, 1) if p.slot else 1)
    by_name = {p.ident: p for p in loose}
    row = ordered([p.ident for p in loose], page.scene.relations, troupe.owner)
    return [Item(name, by_name[name].cluster, by_name[name].slot) for name in row]


def _tied(page: Page, troupe: Troupe, items: Sequence[Item]) -> bool:
    names = {item.ident for item in items}
    return any(
        relation.bond in (Bond.LEFT_OF, Bond.RIGHT_OF, Bond.NEXT_TO, Bond.BETWEEN)
        and troupe.owner.get(relation.subject) in names
        and any(troupe.owner.get(name) in names for name in relation.objects)
        for relation in page.scene.relations
    ) or any(item.slot for item in items)


def _natural(page: Page, p: Performer) -> float:
    """The share of the room's height that the thing may fill."""
    size = p.cluster.copies[0].what.size
    share = (0.45 + 0.20 * min(p.stature, 2.1)) * _BOOSTS.get(size, 1.0)
    if page.scene.genre in _SOLOISTS and size is None:
        share = max(share, 0.9 if p.stature > 0.4 else 0.7)
    if page.width > 2.4 * page.height:
        share = share**0.5  # a banner has no height to waste
    crowd = p.cluster.box.height / max(copy.box.height for copy in p.cluster.copies)
    return float(min(share * max(crowd, 1.0) ** 0.5, 0.97))


def _grounded(
    page: Page,
    part: Sequence[Performer],
    troupe: Troupe,
    room: Box,
    band: Box,
    *,
    both: bool,
) -> list[tuple[float, Cluster]]:
    """Two planes: what stands near, and behind it what is far; each in rows of its own."""
    far = [p for p in part if depths.depth(p) in (Depth.DISTANCE, Depth.BACKGROUND)]
    near = [p for p in part if p not in far]
    edge = counters.line(page)
    if edge is not None:  # the top of a table parts the planes where one row has no room
        near = [p for p in part if p.depth is Depth.FOREGROUND]
        if not near and _crowded(page, part):
            near = [p for p in part if not counters.stands_behind(p)]
        far = [p for p in part if p not in near] if near else []
        near = [p for p in part if p not in far]
    names = {p.ident for p in far}
    if not near or _joined(page, troupe, names):
        far, near = [], list(part)
    low = room
    if far and edge is not None:  # faces are seen above what stands on the table
        top = max(room.y, edge - 0.12 * page.height)
        low = Box(room.x, top, room.width, max(room.bottom - top, 0.1 * room.height))
    front, scale = _plane(page, near, troupe, low, band, both=both, most=math.inf)
    if not far:
        return front
    hiding = [cluster.box for _, cluster in front]
    tries = []
    reach = 1.0 if edge else 1.6  # what stands on a table keeps away from its ends
    for lean in (-reach, -0.6, -0.3, 0.0, 0.3, 0.6, reach):
        back, _ = _plane(page, far, troupe, room, band, both=both, most=scale, lean=lean)
        hidden = sum(c.box.overlap(other) for _, c in back for other in hiding)
        tries.append((hidden, abs(lean), back))
    best = min(tries, key=lambda found: found[:2])[2]
    alone = len(best) == len(front) == 1 and near[0].slot is None
    return [*best, *(depths.made_way(front[0], best[0][1].box, room) if alone else front)]


def _crowded(page: Page, part: Sequence[Performer]) -> bool:
    """True where one row would make everybody small."""
    return sum(p.cluster.box.width for p in part) > 3.2 * page.width / page.height


def _joined(page: Page, troupe: Troupe, far: set[str]) -> bool:
    """True where a left, right, next to or between ties the two planes together."""
    return any(
        (troupe.owner.get(relation.subject) in far) != (troupe.owner.get(name) in far)
        for relation in page.scene.relations
        if relation.bond in ROW_BONDS
        for name in relation.objects
    )


def _plane(
    page: Page,
    part: Sequence[Performer],
    troupe: Troupe,
    room: Box,
    band: Box,
    *,
    both: bool,
    most: float,
    lean: float | None = None,
) -> tuple[list[tuple[float, Cluster]], float]:
    """One or more rows with their feet in the band, and the scale they got (at most ``most``)."""
    who = {p.ident: p for p in part}
    items = [
        replace(item, cluster=item.cluster.scaled(depths.SCALES[depths.depth(who[item.ident])]))
        for item in _items(page, part, troupe, shuffled=lean is None)
    ]
    near = _near(page, troupe)
    lowest = max(min(room.bottom, band.bottom - 0.015 * page.height), room.y + 0.01 * page.unit)
    highest = max(room.y, 0.0)
    least = highest + 0.55 * (lowest - highest)  # words may reach below the horizon
    feet = {
        item.ident: min(max(depths.foot(page, who[item.ident], band), least), lowest)
        for item in items
    }
    tall = min(feet.values()) - highest
    space = Box(room.x, highest, room.width, tall * (0.55 if both else 1.0))
    tied = _tied(page, troupe, items) or _fills(items, near, space)
    if not tied:
        items.sort(key=lambda item: -item.cluster.box.height)
    edge = counters.line(page) or 0.0
    behind = {p.ident for p in part if edge and counters.stands_behind(p)}
    feet |= dict.fromkeys(behind, highest + 1.25 * (edge - highest) / (1 - counters.SUNK))
    rows, scale = shelves(items, near, space, tied=tied, overlap=0.5)
    scale = min(scale, most)
    scale = _limited(page, scale, rows, who, feet, band, highest)
    out = []
    for number, row in enumerate(rows):
        aside = random_share(page, f"aside:{number}") - 0.5 if lean is None else lean
        spots = spread(row, near, scale=scale, left=room.x, right=room.right, lean=aside)
        for item, x in zip(row, spots, strict=True):
            foot = feet[item.ident]
            if item.ident in behind:
                foot = edge + counters.SUNK * scale * item.cluster.box.height
            elif len(rows) > 1:
                step = min(0.8 * scale * item.cluster.box.height, band.height * 0.85 / len(rows))
                foot = lowest - step * (len(rows) - 1 - number)
            p = who[item.ident]
            rise = _hover(p, row) * scale
            placed = _stood(item.cluster, scale, x, foot - rise, room, page)
            if p.home is Habitat.WATER or rise:
                placed = placed.lifted()
            placed = placed.hazy(depths.haze(p))
            if item.ident in behind:
                out.append((edge / page.height, placed.cut(edge)))
            else:
                out.append((foot / page.height, placed))
    return out, scale


def _hover(p: Performer, row: Sequence[Item]) -> float:
    """How high above its foot line something flies that is beside others: a bee near a flower."""
    what = p.cluster.copies[0].what
    if not isinstance(what, Thing) or nature.habitat(what.drawing) is not Habitat.AIR:
        return 0.0
    tallest = max(item.cluster.box.height for item in row)
    return max(0.55 * tallest, 0.5 * p.cluster.box.height) - 0.3 * p.cluster.box.height


def _limited(
    page: Page,
    scale: float,
    rows: Sequence[Sequence[Item]],
    who: Mapping[str, Performer],
    feet: Mapping[str, float],
    band: Box,
    highest: float,
) -> float:
    """The scale, lowered until nothing takes more than its natural share of the height."""
    items = [item for row in rows for item in row]
    step = band.height * 0.85 / len(rows)
    highs = [max(item.cluster.box.height for item in row) for row in rows]
    for back, front in itertools.pairwise(highs):  # the upper part is seen above the row before
        hidden = front - 0.6 * back
        scale = min(scale, step / hidden) if hidden > 0 else scale
    for item in items:
        box, p = item.cluster.box, who[item.ident]
        scale = min(scale, _natural(page, p) * (feet[item.ident] - highest) / box.height)
        if page.tall:  # who stands far back in a group still stands on the ground
            rise = -min(copy.box.bottom for copy in item.cluster.copies if copy.grounded)
            scale = min(scale, 0.45 * band.height / rise) if rise > 0 else scale
        sunk = max(box.bottom, 0.0)  # what hangs below the foot line (in front, around)
        scale = min(scale, (page.height * 0.985 - band.y) * 0.8 / sunk if sunk > 0 else scale)
    return scale


def _fills(items: Sequence[Item], near: Mapping[tuple[str, str], bool], space: Box) -> bool:
    """True where a single row is tall enough: rows behind each other hide things."""
    scale = space.width / widths(items, near)
    return scale * max(item.cluster.box.height for item in items) > 0.3 * space.height


def _stood(cluster: Cluster, scale: float, x: float, foot: float, room: Box, page: Page) -> Cluster:
    """Scaled, its box's middle at x and its foot line at ``foot``, pushed inside the canvas."""
    big = cluster.scaled(scale)
    box = big.box
    big = big.moved(x - box.centre[0], foot)
    box = big.box
    dx = max(room.x - box.x, 0.0) - max(box.right - room.right, 0.0)
    dy = max(room.y - box.y, 0.0) - max(box.bottom - page.height * 0.985, 0.0)
    return big.moved(dx, dy)


def _floating(
    page: Page,
    part: Sequence[Performer],
    troupe: Troupe,
    room: Box,
    *,
    both: bool,
) -> list[tuple[float, Cluster]]:
    """A balanced arrangement without ground: rows centred in the room."""
    who = {p.ident: p for p in part}
    items = _items(page, part, troupe)
    near = _near(page, troupe)
    if both:
        room = Box(room.x, room.y, room.width, room.height * 0.6)
    tied = _tied(page, troupe, items)
    if not tied:  # what flies goes to the upper row, what is small to the lowest
        items.sort(
            key=lambda item: (
                who[item.ident].home not in _AIRY,
                -round(item.cluster.box.height * 4),
            )
        )
    rows, scale = shelves(items, near, room, tied=tied, overlap=0.0)
    scale *= 0.94
    weightless = page.scene.backdrop.place is not None and page.anchors.floating
    if len(items) == 1:
        p = who[items[0].ident]
        hero = page.scene.genre is not Genre.SCENE and p.cluster.copies[0].what.size is None
        most = 0.97 if hero else min(_natural(page, p) * 1.12, 0.97)
        most *= 0.5 if page.scene.genre is Genre.EDIT else 1.0  # an addition, not the subject
        box = items[0].cluster.box
        scale = min(scale, most * room.height / box.height, 0.9 * room.width / box.width)
    heights = [max(item.cluster.box.height for item in row) * scale for row in rows]
    gap = 0.12 * max(heights)
    top = room.y + (room.height - sum(heights) - gap * (len(rows) - 1)) / 2
    out = []
    for row, high in zip(rows, heights, strict=True):
        spots = spread(row, near, scale=scale, left=room.x, right=room.right, lean=0.0)
        for item, x in zip(row, spots, strict=True):
            tall = item.cluster.box.height * scale
            slack = high - tall
            airy = who[item.ident].home in (*_AIRY, *_WET)
            foot = top + high - (slack * random_share(page, item.ident) if airy else 0.0)
            foot -= max(item.cluster.box.bottom, 0.0) * scale
            stood = _stood(item.cluster, scale, x, foot, room, page)
            out.append((foot / page.height, stood.lifted() if airy or weightless else stood))
        top += high + gap
    return out


def _sky(page: Page, room: Box, *, grounded: bool) -> Box:
    """Where flying things may be: above the horizon, or above and around what stands."""
    top = min(page.safe.y, room.y)
    if grounded:
        foot = min(page.anchors.horizon, page.safe.bottom)
        return Box(page.safe.x, top, page.safe.width, max(foot - top, page.height * 0.2))
    return Box(page.safe.x, room.y, page.safe.width, room.height)
