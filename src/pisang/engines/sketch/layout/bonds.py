"""Relations between things become clusters: what is on, in, behind or in the hand of something
travels with it, and only then is the whole stood into the picture.

Left-of, right-of, next-to and between order the row (see ``rows``); the others are settled here.
The geometry promised for each bond is what tests/engines/sketch/layout/test_bonds.py checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster, Copy, merged
from pisang.engines.sketch.layout.ring import surround
from pisang.engines.sketch.scene import Ink, Relation, Thing
from pisang.engines.sketch.vocabulary import Bond

__all__ = ["ATTACHED", "attach"]

ATTACHED = frozenset(
    {Bond.ON, Bond.IN, Bond.BEHIND, Bond.IN_FRONT_OF, Bond.ABOVE, Bond.BELOW, Bond.AROUND,
     Bond.HOLDING, Bond.WEARING}
)  # fmt: skip

# Height of the surface that carries, as a share of the drawing from its top; x as a share of
# its width and the share of the width that carries. What is not here carries at its very top.
_SEATS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "chair": (0.52, 0.5, 0.8),
        "couch-and-lamp": (0.55, 0.45, 0.7),
        "armchair": (0.72, 0.5, 0.6),
        "sofa": (0.68, 0.5, 0.8),
        "deck-chair": (0.66, 0.62, 0.5),
        "swing-set": (0.66, 0.5, 0.32),
        "seesaw": (0.3, 0.8, 0.25),
        "bridge": (0.12, 0.5, 0.8),
        "wooden-bridge": (0.4, 0.5, 0.7),
        "surfboard": (0.9, 0.5, 0.6),
        "pirate-ship": (0.72, 0.6, 0.5),
        "pond": (0.5, 0.5, 0.6),
        "hay-bale": (0.05, 0.55, 0.7),
        "plate": (0.5, 0.5, 0.6),
        "bed": (0.45, 0.55, 0.7),
        "horse": (0.36, 0.58, 0.4),
        "unicorn": (0.36, 0.58, 0.4),
        "elephant": (0.08, 0.6, 0.6),
        "cow": (0.3, 0.6, 0.5),
        "camel": (0.25, 0.5, 0.4),
        "turtle": (0.15, 0.6, 0.5),
        "whale": (0.3, 0.4, 0.5),
        "skateboard": (0.25, 0.5, 0.8),
        "bicycle": (0.3, 0.45, 0.3),
        "motorcycle": (0.3, 0.45, 0.4),
        "sailboat": (0.72, 0.5, 0.6),
        "canoe": (0.45, 0.5, 0.7),
        "speedboat": (0.5, 0.5, 0.6),
        "automobile": (0.05, 0.5, 0.5),
        "birthday-cake": (0.3, 0.5, 0.8),
        "desert-island": (0.6, 0.5, 0.6),
        "fork-and-knife-with-plate": (0.4, 0.5, 0.6),
        "laptop": (0.75, 0.5, 0.7),
        "hot-beverage": (0.35, 0.45, 0.6),
        "cloud": (0.25, 0.5, 0.7),
        "crescent-moon": (0.55, 0.6, 0.4),
    }
)
# Open vessels: what is in them looks out over the rim, which is this share from the top.
_VESSELS: Mapping[str, float] = MappingProxyType(
    {
        "basket": 0.42, "bucket": 0.25, "package": 0.15, "shopping-cart": 0.3, "bathtub": 0.45,
        "canoe": 0.35, "sailboat": 0.75, "motor-boat": 0.5, "speedboat": 0.45, "ferry": 0.5,
        "hot-beverage": 0.35, "teacup-without-handle": 0.2, "cup-with-straw": 0.3,
        "pot-of-food": 0.35, "bowl-with-spoon": 0.4, "steaming-bowl": 0.45, "top-hat": 0.1,
        "jar": 0.15, "amphora": 0.1, "empty-nest": 0.35, "wastebasket": 0.15, "bed": 0.45,
        "backpack": 0.2, "handbag": 0.35, "shopping-bags": 0.25, "potted-plant": 0.6,
        "automobile": 0.3, "pickup-truck": 0.35, "inbox-tray": 0.4, "beer-mug": 0.2,
        "wine-glass": 0.2, "tumbler-glass": 0.2, "glass-of-milk": 0.2, "file-box": 0.2,
        "treasure-chest": 0.42, "rowing-boat": 0.35, "kayak": 0.3, "vase": 0.25, "jug": 0.1,
        "cooking-pot": 0.2, "soup-bowl": 0.45, "gift-bag": 0.2, "easter-basket": 0.6,
        "sundae": 0.4, "latte": 0.4, "pirate-ship": 0.7, "pencil-holder": 0.4, "jam-jar": 0.2,
        "rocket": 0.3, "wrapped-gift": 0.25, "shopping-cart-full": 0.3, "luggage": 0.3,
    }
)  # fmt: skip
# Where the crown of the head is: x and y as shares of the drawing, and the head's width.
_HEADS: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "animal-mammal": (0.27, 0.12, 0.42),
        "animal-bird": (0.3, 0.1, 0.4),
        "animal-bug": (0.3, 0.3, 0.4),
        "animal-marine": (0.25, 0.25, 0.4),
        "animal-reptile": (0.25, 0.2, 0.4),
        "animal-amphibian": (0.5, 0.08, 0.6),
        "cat-face": (0.5, 0.1, 0.8),
    }
)
_SITTING = {"armchair", "sofa", "couch-and-lamp", "chair", "deck-chair"}  # "in" is on the seat
_TOPPING = 0.2  # how much of a cake's width one candle takes
_HIDDEN = 0.5  # the share of what is behind that may be covered
_WHEELS = {"bicycle", "motorcycle", "motor-scooter", "kick-scooter"}
# The library draws these in the colours of a wicker basket, where they would not be seen.
_PALER = {"egg": Ink(colours=("#fff1dd",)), "potato": Ink(colours=("#e3bd7f",))}
_TIPS = {"star", "glowing-star", "shape:star"}  # they crown what they stand above
_CENTRED_HEADS = (
    "-face", "teddy-bear", "penguin", "owl", "panda", "koala", "snowman", "robot", "fox", "raccoon",
    "hamster", "frog", "alien", "skeleton",
)  # fmt: skip
_HATS = ("hat", "cap", "crown", "helmet", "ribbon")
_EYES = ("glasses", "sunglasses", "goggles", "mask")


def attach(
    bond: Bond, subject: Cluster, host: Cluster, relation: Relation, rng: random.Random
) -> Cluster:
    """The host with the subject where the bond puts it (for HOLDING and WEARING the relation's
    subject is the host: ``first HOLDING second``)."""
    return _WAYS[bond](subject, host, relation, rng)


def _frame(host: Cluster, relation: Relation) -> Box:
    ident = relation.subject if relation.bond in (Bond.HOLDING, Bond.WEARING) else None
    for name in (ident, *relation.objects):
        if name is not None and any(copy.what.id == name for copy in host.copies):
            return host.of(name)
    return host.box


def _host_drawing(host: Cluster, frame: Box) -> str:
    copy = next((c for c in host.copies if c.box == frame), host.copies[0])
    return copy.what.drawing if isinstance(copy.what, Thing) else ""


def _narrowed(subject: Cluster, width: float, *, least: float = 0.4) -> Cluster:
    """Smaller where it is wider than ``width``, but never below ``least`` of its size."""
    return subject.scaled(max(min(width / max(subject.box.width, 1e-6), 1.0), least))


def _no_wider(subject: Cluster, width: float, height: float) -> Cluster:
    box = subject.box
    return subject.scaled(min(width / box.width, height / box.height, 1.0))


def _on(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """Stands on the host's top surface; the second one on it stands beside the first."""
    frame = _frame(host, relation)
    name = _host_drawing(host, frame)
    down, across, wide = _SEATS.get(name, (0.03, 0.5, 0.9))
    if _rides(subject, name):
        return _mounted(subject, host, frame, name)
    rests = [
        copy.box
        for copy in host.copies
        if copy.box != frame and abs(copy.box.bottom - (frame.y + frame.height * down)) < 0.02
    ]
    thin = min(_TOPPING * len(subject.copies), wide) if _tops(subject) else max(wide, 0.6) * 1.15
    subject = _narrowed(subject, frame.width * thin, least=0.3).lifted()
    x = frame.x + frame.width * across
    if rests:
        x = max(box.right for box in rests) + subject.box.width * 0.55
    elif wide > 0.6:
        room = max(frame.width * wide - subject.box.width, 0.0)
        x += rng.uniform(-0.25, 0.25) * room
    return merged(host, subject.moved(x, frame.y + frame.height * down))


def _tops(subject: Cluster) -> bool:
    """True for candles: on a cake they are thin, as many as there may be."""
    what = subject.copies[0].what
    return isinstance(what, Thing) and what.drawing in ("candle", "sparkler")


def _rides(subject: Cluster, mount: str) -> bool:
    """A single person on a beast or a two-wheeler."""
    what = subject.copies[0].what
    if len(subject.copies) > 1 or not isinstance(what, Thing):
        return False
    person = _subgroup(what.drawing).startswith("person")
    beast = _subgroup(mount) in ("animal-mammal", "animal-reptile", "animal-bird", "animal-marine")
    return person and (beast or mount in _WHEELS)


def _mounted(subject: Cluster, host: Cluster, frame: Box, mount: str) -> Cluster:
    """In the saddle: as tall as three quarters of the mount, the legs hidden by its body."""
    down, across, _ = _SEATS.get(mount, (0.3, 0.52, 0.5))
    rider = subject.scaled(0.78 * frame.height / subject.box.height).lifted()
    rider = _no_wider(rider, frame.width * 0.75, frame.height)
    sunk = 0.16 if mount in _WHEELS else 0.3
    seat = frame.y + frame.height * down + rider.box.height * sunk
    return merged(rider.moved(frame.x + frame.width * across, seat), host)


def _in(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """Looks out of an open vessel, or stands inside the host's outline."""
    frame = _frame(host, relation)
    name = _host_drawing(host, frame)
    if name in _SITTING:
        return _on(subject, host, relation, rng)
    x = frame.x + frame.width / 2
    if name in _VESSELS:
        rim = frame.y + frame.height * _VESSELS[name]
        if len(subject.copies) > 2:
            return merged(_heap(subject, frame.width, rim).moved(x, 0.0), host)
        subject = _no_wider(subject, frame.width * 0.72, frame.height * 1.3).lifted()
        sunk = min(subject.box.height * 0.3, frame.bottom - rim)
        return merged(subject.moved(x, rim + sunk), host)
    subject = _no_wider(subject, frame.width * 0.6, frame.height * 0.55).lifted()
    room = frame.width * 0.3 - subject.box.width / 2
    x += rng.uniform(-1, 1) * max(room, 0.0)
    return merged(host, subject.moved(x, frame.bottom - frame.height * 0.12))


def _heap(subject: Cluster, wide: float, rim: float) -> Cluster:
    """Many things in a vessel's mouth: rows behind each other, shorter and higher to the back,
    the front one sunk by a third behind the rim."""
    copies = subject.copies
    rows = [0]
    while sum(rows) < len(copies):  # n, n-1, ... from the front, as coarse as holds them all
        longest = rows[0] + 1
        rows = [max(longest - at, 1) for at in range(min(longest, 4))]
    size = 0.8 * wide / (rows[0] * 0.92)
    out: list[Copy] = []
    left = list(copies)
    for at, many in enumerate(rows):
        many = min(many, len(left))
        for place in range(many):
            copy = left.pop()
            shape = copy.box.width / copy.box.height
            high, broad = min(size / shape, size * 1.3), min(size, size * 1.3 * shape)
            x = (place - (many - 1) / 2) * size * 0.92
            y = rim + high * 0.34 - at * high * 0.46
            spot = Box(x - broad / 2, y - high, broad, high)
            what = copy.what
            if isinstance(what, Thing) and what.ink is None and what.drawing in _PALER:
                what = what.model_copy(update={"ink": _PALER[what.drawing]})
            out.append(replace(copy, what=what, box=spot, turn=(place - (many - 1) / 2) * 5.0))
    return Cluster(tuple(reversed(out))).lifted()


def _behind(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """Drawn first, a little higher, and to one side so far that about half of it is seen."""
    frame = _frame(host, relation)
    box = subject.box
    side = rng.choice((-1, 1))
    tall = box.height > frame.height * 1.35
    away = frame.width * 0.2 if tall else frame.width / 2 + box.width * 0.05
    foot = frame.bottom - min(frame.height, box.height) * 0.12
    away = _cleared(subject, frame, foot, start=away, area=box.width * box.height)
    return merged(subject.moved(frame.centre[0] + side * away, foot), host)


def _in_front(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """Drawn last, a little lower, and aside so that the host is not hidden."""
    frame = _frame(host, relation)
    box = subject.box
    side = rng.choice((-1, 1))
    large = box.width * box.height > 0.35 * frame.width * frame.height
    away = frame.width / 2 - box.width * 0.05 if large else frame.width * 0.18
    foot = frame.bottom + min(frame.height, box.height) * 0.13
    away = _cleared(subject, frame, foot, start=away, area=frame.width * frame.height)
    return merged(host, subject.moved(frame.centre[0] + side * away, foot))


def _cleared(subject: Cluster, frame: Box, foot: float, *, start: float, area: float) -> float:
    """How far aside the subject has to stand so that ``area`` keeps more than half of itself."""
    away, step = start, 0.08 * subject.box.width
    for _ in range(24):
        if subject.moved(frame.centre[0] + away, foot).box.overlap(frame) <= _HIDDEN * area:
            break
        away += step
    return away


def _above(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    frame = _frame(host, relation)
    gap = frame.height * 0.05 + rng.uniform(0, 0.04)
    what = subject.copies[0].what
    if isinstance(what, Thing) and what.drawing in _TIPS and len(subject.copies) == 1:
        subject, gap = _no_wider(subject, frame.width * 0.42, frame.height * 0.3), 0.0
    return merged(host, subject.lifted().moved(frame.centre[0], frame.y - gap))


def _below(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """At the host's foot, in front of it and lower; beside the trunk, not on it."""
    frame = _frame(host, relation)
    subject = _no_wider(subject, frame.width * 1.2, frame.height * 0.55)
    box = subject.box
    side = rng.choice((-1, 1))
    x = frame.centre[0] + side * min(frame.width * 0.26, frame.width / 2)
    return merged(host, subject.moved(x, frame.bottom + box.height * 0.12))


def _around(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    return surround(subject, host, _frame(host, relation), rng)


def _holding(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """In the hand: at the holder's side, half-way up, small enough to be carried."""
    frame = _frame(host, relation)
    subject = _no_wider(subject, frame.width * 0.75, frame.height * 0.6).lifted()
    box = subject.box
    taken = [copy for copy in host.copies if copy.box != frame]
    side = rng.choice((-1, 1)) if not taken else 1
    if taken and any(copy.box.centre[0] > frame.centre[0] for copy in taken):
        side = -1
    x = frame.centre[0] + side * (frame.width / 2 + box.width * 0.2)
    return merged(host, subject.moved(x, frame.y + frame.height * 0.62 + box.height * 0.25))


def _wearing(subject: Cluster, host: Cluster, relation: Relation, rng: random.Random) -> Cluster:
    """Hats on the crown, glasses on the eyes, other clothes on the chest."""
    del rng
    frame = _frame(host, relation)
    copy = next((c for c in host.copies if c.box == frame), host.copies[0])
    x, y, wide = _head(_host_drawing(host, frame))
    thing = copy.what
    if isinstance(thing, Thing) and thing.flip != copy.flip:
        x = 1 - x
    what = subject.copies[0].what
    name = what.drawing if isinstance(what, Thing) else ""
    worn = subject.lifted()
    box = worn.box
    if any(word in name for word in _EYES):
        worn = worn.scaled(frame.width * wide * 0.8 / box.width)
        foot = frame.y + frame.height * (y + 0.16) + worn.box.height / 2
    elif any(word in name for word in _HATS):
        worn = worn.scaled(frame.width * wide * 0.85 / box.width)
        foot = frame.y + frame.height * y + worn.box.height * 0.22
    else:
        worn = worn.scaled(frame.width * 0.5 / box.width)
        foot = frame.y + frame.height * 0.62 + worn.box.height / 2
        x = (x + 0.5) / 2
    return merged(host, worn.moved(frame.x + frame.width * x, foot))


def _head(drawing: str) -> tuple[float, float, float]:
    if any(word in drawing for word in _CENTRED_HEADS):
        return 0.5, 0.04, 0.7
    return _HEADS.get(_subgroup(drawing), (0.5, 0.05, 0.6))


def _subgroup(drawing: str) -> str:
    try:
        return drawings.entry(drawing).subgroup
    except KeyError:
        return ""


_WAYS: Mapping[Bond, Callable[[Cluster, Cluster, Relation, random.Random], Cluster]] = (
    MappingProxyType(
        {
            Bond.ON: _on,
            Bond.IN: _in,
            Bond.BEHIND: _behind,
            Bond.IN_FRONT_OF: _in_front,
            Bond.ABOVE: _above,
            Bond.BELOW: _below,
            Bond.AROUND: _around,
            Bond.HOLDING: _holding,
            Bond.WEARING: _wearing,
        }
    )
)
