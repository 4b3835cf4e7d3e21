"""Clusters: drawings that keep their places to each other, before anyone knows the scale.

A cluster's origin is where it stands: x 0 is its middle, y 0 its foot, y grows downwards as on the
canvas. Lengths are in units where a person is about 1 high; placing a cluster scales and moves it.
Copies are kept back to front.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.formation import places
from pisang.engines.sketch.layout.page import union
from pisang.engines.sketch.scene import Picture, Thing
from pisang.engines.sketch.vocabulary import Formation

__all__ = ["Cluster", "Copy", "group", "merged"]

_TALL, _WIDE = 0.65, 3.2  # shapes of paper on which a group stands in depth, or along it


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a thing or picture. ``turn`` is on top of the thing's own."""

    what: Thing | Picture
    box: Box
    flip: bool = False
    turn: float = 0.0
    grounded: bool = True  # casts a shadow on the ground
    haze: float = 0.0
    cut: float | None = None  # y below which nothing is seen


@dataclass(frozen=True, slots=True)
class Cluster:
    copies: tuple[Copy, ...]

    @property
    def box(self) -> Box:
        return union([copy.box for copy in self.copies])

    def of(self, ident: str) -> Box:
        """The box of one thing's copies."""
        return union([copy.box for copy in self.copies if copy.what.id == ident])

    def moved(self, x: float, y: float) -> Cluster:
        return self._mapped(lambda box: Box(box.x + x, box.y + y, box.width, box.height))

    def scaled(self, by: float) -> Cluster:
        return self._mapped(
            lambda box: Box(box.x * by, box.y * by, box.width * by, box.height * by)
        )

    def lifted(self) -> Cluster:
        """The same without shadows on the ground."""
        return Cluster(tuple(replace(copy, grounded=False) for copy in self.copies))

    def hazy(self, haze: float) -> Cluster:
        return Cluster(tuple(replace(copy, haze=haze) for copy in self.copies))

    def cut(self, level: float) -> Cluster:
        """The same, hidden below a y of the canvas and so without shadows; done last, because a
        later move would not move the level."""
        return Cluster(tuple(replace(copy, cut=level, grounded=False) for copy in self.copies))

    def _mapped(self, change: Callable[[Box], Box]) -> Cluster:
        return Cluster(tuple(replace(copy, box=change(copy.box)) for copy in self.copies))


def merged(*parts: Cluster) -> Cluster:
    """Clusters in one, in this order back to front."""
    return Cluster(tuple(copy for part in parts for copy in part.copies))


def group(
    what: Thing | Picture,
    *,
    width: float,
    height: float,
    rng: random.Random,
    airy: bool = False,
    shape: float = 1.6,
    mirrored: bool = False,
    apart: bool = False,
) -> Cluster:
    """``what.count`` copies of width x height: a row for few, a bunch for more, a block for many;
    a single one may be ``mirrored``; few are kept ``apart`` where no ground gives them depth.

    ``airy`` groups hang in the air as a flock or bunch; ``shape`` is how wide against high a big
    group may become.
    """
    count = what.count if isinstance(what, Thing) else 1
    if count == 1:
        return Cluster((Copy(what, Box(-width / 2, -height, width, height), flip=mirrored),))
    if isinstance(what, Thing) and what.formation is not None:
        standing = not (airy or apart)
        boxes = places(what.formation, count, width=width, height=height, standing=standing)
        level = standing and what.formation is Formation.CIRCLE
        ground = max(box.bottom for box in boxes) - height * 0.05
        return _centred(Copy(what, box, grounded=level or box.bottom >= ground) for box in boxes)
    if airy and isinstance(what, Thing) and what.drawing == "balloon":
        return _bunch(what, count, (width, height), rng)
    if airy:
        return _flock(what, count, (width, height), rng, shape)
    if shape <= _TALL and count <= 9:
        return _trail(what, count, (width, height), rng)
    if shape >= _WIDE and 2 < count <= 12:
        return _file(what, count, (width, height), rng)
    if count <= 4:
        return _row(what, count, (width, height), rng, apart=apart)
    return _crowd(what, count, (width, height), rng, shape)


def _row(
    what: Thing | Picture,
    count: int,
    size: tuple[float, float],
    rng: random.Random,
    *,
    apart: bool,
) -> Cluster:
    """Side by side, uneven in size and foot as living things stand; of three and more, some come
    forward and cover a little of their neighbours."""
    width, height = size
    at, out = 0.0, []
    first = rng.randrange(2)
    for number in range(count):
        forward = count > 2 and number % 2 == first
        grow = rng.uniform(0.98, 1.08) if forward else rng.uniform(0.86, 0.96)
        drop = rng.uniform(0.1, 0.16) * height if forward else rng.uniform(0.0, 0.05) * height
        box = Box(at, -height * grow + drop, width * grow, height * grow)
        out.append(Copy(what, box, flip=rng.random() < 0.5 if count > 2 else number == 1))
        at += width * grow + width * (
            rng.uniform(-0.04, 0.06) if count > 2 and not apart else rng.uniform(0.06, 0.14)
        )
    out.sort(key=lambda copy: copy.box.bottom)
    return _centred(out)


def _trail(
    what: Thing | Picture, count: int, size: tuple[float, float], rng: random.Random
) -> Cluster:
    """One behind the other on tall paper: left and right in turn, the far ones smaller."""
    width, height = size
    side, foot, out = rng.choice((-1, 1)), 0.0, []
    for number in range(count):  # from the front
        grow = 0.92**number
        wide, tall = width * grow, height * grow
        x = side * wide * rng.uniform(0.22, 0.3)
        out.append(Copy(what, Box(x - wide / 2, foot - tall, wide, tall), flip=side > 0))
        foot -= tall * rng.uniform(0.6, 0.68)
        side = -side
    return _centred(reversed(out))


def _file(
    what: Thing | Picture, count: int, size: tuple[float, float], rng: random.Random
) -> Cluster:
    """Along very wide paper: with room between them, now nearer and now farther."""
    width, height = size
    at, out = 0.0, []
    for number in range(count):
        near = number % 2
        grow = rng.uniform(0.98, 1.06) if near else rng.uniform(0.84, 0.92)
        foot = height * (rng.uniform(0.05, 0.09) if near else rng.uniform(-0.06, -0.02))
        box = Box(at, foot - height * grow, width * grow, height * grow)
        out.append(Copy(what, box, flip=rng.random() < 0.5))
        at += width * (grow + rng.uniform(0.35, 0.75))
    out.sort(key=lambda copy: copy.box.bottom)
    return _centred(out)


def _crowd(
    what: Thing | Picture,
    count: int,
    size: tuple[float, float],
    rng: random.Random,
    shape: float,
) -> Cluster:
    """Staggered rows, the back ones higher and smaller; exactly ``count`` copies."""
    width, height = size
    rows = max(2, round(math.sqrt(count / shape * (width / height) * 0.75)))
    rows = min(rows, math.ceil(count / 2))
    share = [count // rows + (1 if row < count % rows else 0) for row in range(rows)]
    widest = max(share)
    out = []
    for row in range(rows):  # row 0 is the back
        many = share[rows - 1 - row]
        grow = 1.0 - 0.06 * (rows - 1 - row) if rows < 6 else 1.0
        foot = -(rows - 1 - row) * height * 0.62
        step = width * 1.12 * (widest / many) ** 0.5
        for number in range(many):
            x = (number - (many - 1) / 2) * step + rng.uniform(-0.07, 0.07) * width
            x += (0.25 if row % 2 else -0.25) * step if many == widest else 0.0
            y = foot + rng.uniform(-0.05, 0.05) * height
            tall, wide = height * grow, width * grow
            out.append(Copy(what, Box(x - wide / 2, y - tall, wide, tall), flip=rng.random() < 0.4))
    out.sort(key=lambda copy: copy.box.bottom)
    return _centred(out)


def _bunch(
    what: Thing | Picture, count: int, size: tuple[float, float], rng: random.Random
) -> Cluster:
    """Balloons tied together: crowded at the top, leaning out, their strings meeting below."""
    width, height = size
    radius = 0.36 * math.sqrt(count)
    turn = rng.uniform(0, math.tau)
    out = []
    for number in range(count):
        angle = turn + number * 2.399963
        away = radius * math.sqrt((number + 0.5) / count)
        x = math.cos(angle) * away * width * 1.25
        y = math.sin(angle) * away * height * 0.95
        grow = rng.uniform(0.9, 1.06)
        wide, tall = width * grow, height * grow
        lean = 14 * x / (radius * width)
        out.append(Copy(what, Box(x - wide / 2, y - tall / 2, wide, tall), turn=lean))
    out.sort(key=lambda copy: copy.box.bottom)
    return _centred(out)


def _flock(
    what: Thing | Picture,
    count: int,
    size: tuple[float, float],
    rng: random.Random,
    shape: float,
) -> Cluster:
    """Spread over an ellipse by the sunflower spiral, shaken a little: even but not a grid."""
    width, height = size
    spread = 1.18
    radius = math.sqrt(count) * 0.62 * spread
    turn = rng.uniform(0, math.tau)
    out = []
    for number in range(count):
        angle = turn + number * 2.399963
        away = radius * math.sqrt((number + 0.5) / count)
        x = math.cos(angle) * away * width * math.sqrt(shape) + rng.uniform(-0.1, 0.1) * width
        y = math.sin(angle) * away * height / math.sqrt(shape) * 1.25
        y += rng.uniform(-0.1, 0.1) * height
        grow = rng.uniform(0.82, 1.08)
        wide, tall = width * grow, height * grow
        out.append(Copy(what, Box(x - wide / 2, y - tall / 2, wide, tall), turn=rng.uniform(-8, 8)))
    out.sort(key=lambda copy: copy.box.bottom)
    return _centred(out)


def _centred(copies: Iterable[Copy]) -> Cluster:
    whole = Cluster(tuple(copies))
    box = whole.box
    return whole.moved(-box.x - box.width / 2, -box.bottom)
