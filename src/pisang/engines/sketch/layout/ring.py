"""Stands things around another one so that all of them are seen.

A true ring puts someone right before the thing and someone right behind it. Few therefore keep to
its sides, and the ring of many is open at the front and, before a tall thing, at the back.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster, Copy, merged

__all__ = ["surround"]

_SIDES = 4  # up to so many stand beside what they are around


def surround(subject: Cluster, host: Cluster, frame: Box, rng: random.Random) -> Cluster:
    """Few stand left and right of it; many make a ring in perspective that is open before it.

    ``frame`` is the box of what they are around, among the host's copies.
    """
    copies = subject.copies
    if len(copies) <= _SIDES:
        return _flanking(copies, host, frame, rng)
    wide = max(copy.box.width for copy in copies)
    tall = max(copy.box.height for copy in copies)
    rx = max(frame.width / 2 + wide * 0.6, len(copies) * wide * 0.26)
    ry = max(frame.width * 0.16, tall * 0.3, rx * 0.22)
    ring: list[tuple[float, Copy]] = []
    for angle, copy in zip(_angles(len(copies), hidden=frame.height > tall), copies, strict=True):
        depth = math.sin(angle)
        grown = 1.0 + 0.1 * depth  # the near ones are larger
        high, broad = copy.box.height * grown, copy.box.width * grown
        x = frame.centre[0] + math.cos(angle) * rx - broad / 2
        y = frame.bottom - tall * 0.05 + depth * ry - high
        ring.append((depth, replace(copy, box=Box(x, y, broad, high))))
    ring.sort(key=lambda pair: pair[0])
    far = Cluster(tuple(copy for depth, copy in ring if depth < 0))
    near = Cluster(tuple(copy for depth, copy in ring if depth >= 0))
    return merged(far, host, near)


def _angles(count: int, *, hidden: bool) -> list[float]:
    """Places on the ring, 0 right and 90 degrees near: two arcs that leave out the front, where
    one would stand before the host, and the back where the host would hide one."""
    last = -64.0 if hidden else -84.0
    half = count // 2
    right = [58 + (last - 58) * (at + 0.5) / half for at in range(half)]
    left = count - count // 2
    other = [122 + (180 - last - 122) * (at + 0.5) / left for at in range(left)]
    return [math.radians(angle) for angle in (*right, *other)]


def _flanking(copies: Sequence[Copy], host: Cluster, frame: Box, rng: random.Random) -> Cluster:
    """One after the other to the side that has more room left; the second pair stands nearer."""
    first = rng.choice((-1, 1))
    out = host
    for number, copy in enumerate(copies):
        left, right = frame.x - out.box.x, out.box.right - frame.right
        side = first if abs(left - right) < 0.05 else (-1 if left < right else 1)
        taken = left if side < 0 else right
        near = number >= 2 or taken > 0.05
        grown = 1.06 if near else 0.97
        broad, high = copy.box.width * grown, copy.box.height * grown
        gap = -0.06 * broad if near else 0.08 * broad
        x = frame.x - taken - gap - broad if side < 0 else frame.right + taken + gap
        foot = frame.bottom + high * (0.08 if near else -0.04)
        stood = Cluster((replace(copy, box=Box(x, foot - high, broad, high)),))
        out = merged(out, stood) if near else merged(stood, out)
    return out
