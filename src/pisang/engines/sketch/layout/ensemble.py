"""The members of a group are not copies of one another: people differ, trees differ in size.

"Five kids" are boys and girls of several skin tones. A choice depends only on the seed and the
thing's id, so that a later turn shows the same people again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.clusters import Cluster, Copy
from pisang.engines.sketch.scene import Thing

__all__ = ["varied"]

# Who belongs to a group that is said without a sex; the others ("three boys") keep their drawing.
_SIBLINGS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "child": ("girl", "boy", "child"),
        "person": ("woman", "man", "person"),
        "person-standing": ("woman", "man", "person"),
        "older-person": ("old-woman", "old-man"),
        "student": ("woman-student", "man-student"),
        "teacher": ("woman-teacher", "man-teacher"),
        "person-running": ("woman-running", "man-running"),
        "person-walking": ("woman-walking", "man-walking"),
        "person-surfing": ("woman-surfing", "man-surfing"),
        "person-swimming": ("woman-swimming", "man-swimming"),
        "person-playing-handball": ("woman-playing-handball", "man-playing-handball"),
    }
)
_GROWN = ("plant-flower", "plant-other")
_UNEVEN = 0.12  # how much smaller than the largest a plant may be


def varied(whole: Cluster, *, rng: random.Random) -> Cluster:
    """The cluster of one thing with members that differ; a lone one and one dyed stay as drawn."""
    what = whole.copies[0].what
    if len(whole.copies) == 1 or not isinstance(what, Thing):
        return whole
    kind = nature.subgroup(what.drawing)
    if kind.startswith("person") and what.ink is None:
        return _people(whole, what, rng)
    if kind in _GROWN and len(whole.copies) <= 40:
        return Cluster(tuple(_sized(copy, 1 - _UNEVEN * rng.random()) for copy in whole.copies))
    return whole


def _people(whole: Cluster, what: Thing, rng: random.Random) -> Cluster:
    """Brothers and sisters in turn; no tone comes twice before all have come. Each keeps the
    height of its place and gets its own drawing's width."""
    if drawings.entry(what.drawing).tone:
        return whole
    kin = [name for name in _SIBLINGS.get(what.drawing, ()) if _known(name)] or [what.drawing]
    tones = list(drawings.TONES)
    rng.shuffle(tones)
    first = rng.randrange(len(kin))
    out = []
    for number, copy in enumerate(sorted(whole.copies, key=lambda one: one.box.centre[0])):
        name = kin[(first + number) % len(kin)]
        name = drawings.with_tone(name, tones[number % len(tones)])
        thing = what.model_copy(update={"drawing": name})
        out.append(_sized(replace(copy, what=thing), 1.0))
    out.sort(key=lambda one: one.box.bottom)
    return Cluster(tuple(out))


def _sized(copy: Copy, by: float) -> Copy:
    """The copy on its old foot, its height ``by`` times, never wider than its place."""
    assert isinstance(copy.what, Thing)
    wide = copy.box.height * by * nature.aspect(copy.what.drawing)
    shrink = min(by, by * copy.box.width * 1.25 / wide)
    high = copy.box.height * shrink
    wide = high * nature.aspect(copy.what.drawing)
    return replace(copy, box=Box(copy.box.centre[0] - wide / 2, copy.box.bottom - high, wide, high))


def _known(name: str) -> bool:
    try:
        return bool(drawings.entry(name))
    except KeyError:
        return False
