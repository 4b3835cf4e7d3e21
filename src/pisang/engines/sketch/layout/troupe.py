"""Turns a scene's things and pictures into clusters at natural relative sizes, bonds settled.

What the rows and the sky get from here is a list of performers: a cluster, whose thing it is, where
it lives and how deep in the picture it stands.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.bonds import ATTACHED, attach
from pisang.engines.sketch.layout.clusters import Cluster, group
from pisang.engines.sketch.layout.ensemble import varied
from pisang.engines.sketch.layout.letters import SIZES
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.rows import ROW_BONDS
from pisang.engines.sketch.scene import Picture, Relation, Thing
from pisang.engines.sketch.vocabulary import Bond, Depth, Framing, Genre, Size, Slot

__all__ = ["Performer", "Troupe", "gather"]

_HOSTED_BY_SUBJECT = {Bond.HOLDING, Bond.WEARING}
_STANDING = {Framing.CUTOUT, Framing.INSET, Framing.ROUND}
_TURNING = ("animal-", "person", "transport-ground", "musical-instrument")
_APART = {Bond.ABOVE, Bond.BELOW, Bond.IN_FRONT_OF, Bond.BEHIND}
_HANDY = 2.0  # metres: what shines in the sky and is smaller can hang on something
_TALL = 1.5  # stature from which on "large" says little
_FEW = 4  # up to so many things, the smallest is raised so that it is seen
_RAISED = 0.46  # ... to this share of the largest one's stature
_MAIN, _RETINUE = 1.35, 0.55  # how the main thing grows, and what lies before it shrinks
_PRINT = 1.7  # stature of a supplied picture that stands among things


@dataclass(frozen=True, slots=True)
class Performer:
    """``members`` are the ids of everything that travels in the cluster; the first is its own."""

    ident: str
    cluster: Cluster
    home: Habitat
    stature: float
    slot: Slot | None = None
    depth: Depth | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Troupe:
    """``owner`` says for every id which performer it travels with."""

    performers: tuple[Performer, ...]
    owner: Mapping[str, str]


def gather(page: Page, parts: Sequence[Thing | Picture]) -> Troupe:
    """Builds the performers of some things and pictures, in the scene's order."""
    known = {part.id: part for part in parts}
    landed = page.scene.backdrop.place is not None and not page.anchors.floating
    hosts = _hosts(page.scene.relations, known, landed=landed)
    children: dict[str, list[tuple[str, Relation]]] = {}
    for child, (host, relation) in hosts.items():
        children.setdefault(host, []).append((child, relation))
    owner: dict[str, str] = {}
    out = []
    for part in parts:
        if part.id in hosts:
            continue
        cluster, members = _built(page, part.id, known, children)
        owner |= dict.fromkeys(members, part.id)
        out.append(
            Performer(
                part.id,
                cluster,
                _home(page, part),
                _stature(page, part),
                part.slot,
                part.depth,
                tuple(members),
            )
        )
    return Troupe(tuple(out), owner)


def _hosts(
    relations: Sequence[Relation], known: Mapping[str, Thing | Picture], *, landed: bool
) -> dict[str, tuple[str, Relation]]:
    """Who is carried by whom: each at most once, and never in a circle."""
    out: dict[str, tuple[str, Relation]] = {}
    for relation in relations:
        if relation.bond not in ATTACHED:
            continue
        if relation.bond in _HOSTED_BY_SUBJECT:
            pairs = [(name, relation.subject) for name in relation.objects]
        else:
            pairs = [(relation.subject, relation.objects[0])] if relation.objects else []
        for child, host in pairs:
            there = child in known and host in known and child != host
            apart = there and landed and _far_apart(relation, known[child], known[host])
            if not there or child in out or apart:
                continue
            above: str | None = host
            while above is not None and above != child:
                above = out[above][0] if above in out else None
            if above is None:
                out[child] = (host, relation)
    return out


def _far_apart(relation: Relation, child: Thing | Picture, host: Thing | Picture) -> bool:
    """The moon above a house stays in the sky, and the house below the moon on the ground; a
    star on the tip of a tree is small enough to go with the tree."""
    skies = [
        isinstance(one, Thing)
        and nature.habitat(one.drawing) is Habitat.SKY
        and nature.metres(one.drawing) > _HANDY
        for one in (child, host)
    ]
    if relation.bond is Bond.IN:
        return skies[1] and not skies[0]
    return relation.bond in _APART and skies[0] != skies[1]


def _built(
    page: Page,
    ident: str,
    known: Mapping[str, Thing | Picture],
    children: Mapping[str, list[tuple[str, Relation]]],
) -> tuple[Cluster, list[str]]:
    cluster = _cluster(page, known[ident])
    members = [ident]
    for child, relation in children.get(ident, ()):
        inner, names = _built(page, child, known, children)
        rng = random.Random(f"{page.seed}:{relation.bond}:{child}")
        cluster = attach(relation.bond, inner, cluster, relation, rng)
        members += names
    return cluster, members


def _stature(page: Page, part: Thing | Picture) -> float:
    """Natural size; evened out where there is no place that would show it."""
    if isinstance(part, Picture):
        return _PRINT
    size = nature.stature(part.drawing)
    if not (page.scene.backdrop.place or page.scene.genre is Genre.SCENE):
        return float(size**0.45)
    others = [
        nature.stature(thing.drawing)
        for thing in page.scene.things
        if nature.habitat(thing.drawing) is not Habitat.SKY
    ]
    many = sum(thing.count for thing in page.scene.things) > 2 * _FEW
    least = 0.0 if len(others) > _FEW or many else _RAISED * max(others, default=0.0)
    return max(size, least)


def _cluster(page: Page, part: Thing | Picture) -> Cluster:
    side = _stature(page, part)
    grown = SIZES[part.size if part.size is not Size.NORMAL else None]
    side *= grown**0.6 if grown > 1 and side > _TALL else grown  # a big tree leaves room for a cat
    side *= _rank(page, part)
    if isinstance(part, Thing) and page.scene.genre is not Genre.SCENE:
        side *= part.count**-0.3  # a bunch weighs about as much as one large thing
        if nature.habitat(part.drawing) in (Habitat.SKY, Habitat.AIR) and _has_ground(page):
            side *= 0.72  # balloons are company for the cake
    wide = _aspect(page, part)
    rng = random.Random(f"{page.seed}:{part.id}")
    whole = group(
        part,
        width=side * wide**0.5,
        height=side / wide**0.5,
        rng=rng,
        airy=_hanging(page, part),
        shape=_shape(page, part),
        mirrored=_mirrored(page, part),
        apart=page.scene.backdrop.place is None or _home(page, part) is Habitat.DEEP,
    )
    return varied(whole, rng=random.Random(f"{page.seed}:kin:{part.id}"))


def _rank(page: Page, part: Thing | Picture) -> float:
    """What stands in the centre among others is the main thing; a group said to be in front of
    a thing of its own size must not outgrow it."""
    things = page.scene.things
    if not isinstance(part, Thing) or len(things) < 2 or page.scene.genre is not Genre.SCENE:
        return 1.0
    if part.slot is Slot.CENTRE and part.size is None:
        return _MAIN
    main = next((one for one in things if one.slot is Slot.CENTRE), things[0])
    near = part.depth is Depth.FOREGROUND and part.count > 1 and main is not part
    alike = nature.metres(part.drawing) > 0.5 * nature.metres(main.drawing)
    return _RETINUE if near and alike else 1.0


def _hanging(page: Page, part: Thing | Picture) -> bool:
    """True for what fills the air or water as a flock or shoal; two or three whales are a row."""
    home = _home(page, part)
    few = isinstance(part, Thing) and part.count <= 3
    return home in (Habitat.SKY, Habitat.AIR) or (home is Habitat.DEEP and not few)


def _mirrored(page: Page, part: Thing | Picture) -> bool:
    """True for every other living thing or vehicle that nothing is tied to or written on: another
    seed looks the other way."""
    if isinstance(part, Picture) or not nature.subgroup(part.drawing).startswith(_TURNING):
        return False
    tied = any(
        bond.bond in ATTACHED and part.id in (bond.subject, *bond.objects)
        for bond in page.scene.relations
    )
    written = any(run.on == part.id for run in page.scene.texts)
    if tied or written:
        return False
    return random.Random(f"{page.seed}:mirror:{part.id}").random() < 0.5


def _has_ground(page: Page) -> bool:
    """True where something in the picture stands."""
    airy = (Habitat.SKY, Habitat.AIR)
    return any(nature.habitat(thing.drawing) not in airy for thing in page.scene.things)


def _shape(page: Page, part: Thing | Picture) -> float:
    """How wide against high a big group becomes: as the canvas, but a shoal lies flat."""
    water = page.anchors.water
    if water is not None and water.y > 0 and _home(page, part) is Habitat.DEEP:
        return 2.0
    least = 0.4 if len(page.scene.things) <= 2 else 0.6  # in company a group keeps to its row
    return min(max(page.width / page.height, least), 3.0) * 1.2


def _aspect(page: Page, part: Thing | Picture) -> float:
    if isinstance(part, Thing):
        return nature.aspect(part.drawing)
    if part.framing is Framing.ROUND:
        return 1.0
    width, height = page.sizes.get(part.digest, (1, 1))
    return min(max(width / max(height, 1), 0.2), 5.0) if width else 1.0


def _home(page: Page, part: Thing | Picture) -> Habitat:
    if isinstance(part, Picture):
        return Habitat.GROUND
    home = nature.habitat(part.drawing)
    beside = any(
        relation.bond in ROW_BONDS and part.id in (relation.subject, *relation.objects)
        for relation in page.scene.relations
    )
    return Habitat.GROUND if home is Habitat.AIR and beside else home
