"""The page being composed: canvas, safe area, palette, chance - what every part of layout asks for.

Lengths are in pixels of the final canvas but always come from shares of it, so that the same
scene and seed give the same composition at every size. ``unit`` is the side of a square with the
canvas' area: type and strokes are measured in it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout import palettes
from pisang.engines.sketch.layout.anchors import Anchors, anchors
from pisang.engines.sketch.layout.palettes import Palette
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.vocabulary import EffectKind

__all__ = ["Page", "inner", "new_page", "random_share", "union"]


_TALLEST, _WIDEST = 3.0, 5.0  # height in widths, width in heights that one composition spans


@dataclass(frozen=True, slots=True)
class Page:
    """``rng`` is the picture's own chance; drawing from it in another order is another picture."""

    scene: Scene
    width: float
    height: float
    unit: float
    safe: Box
    anchors: Anchors
    palette: Palette
    rng: random.Random = field(repr=False)
    sizes: Mapping[str, tuple[int, int]]
    seed: int

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def wide(self) -> bool:
        """True from about 3:2 on: columns beside each other work better than rows."""
        return self.width / self.height >= 1.45

    @property
    def tall(self) -> bool:
        return self.height / self.width >= 1.45

    def behind(self, box: Box) -> tuple[str, ...]:
        """The colours that probably lie behind a box."""
        level = max(self.anchors.horizon, 1e-6)
        return palettes.behind(self.scene, self.palette, high=box.y / level, low=box.bottom / level)


def new_page(
    scene: Scene,
    width: float,
    height: float,
    *,
    seed: int,
    sizes: Mapping[str, tuple[int, int]],
) -> Page:
    """A page with a margin of about a twentieth, wider where a frame runs round it."""
    rng = random.Random(seed)
    framed = any(effect.kind is EffectKind.FRAME for effect in scene.effects)
    short = min(width, height)
    margin = short * (0.095 if framed else 0.06)
    down = across = margin
    if (
        scene.backdrop.place is None and not scene.blocks
    ):  # a plain ribbon is composed in its middle
        down = max(margin, (height - _TALLEST * width) * 0.46)
        across = max(margin, (width - _WIDEST * height) / 2)
    return Page(
        scene=scene,
        width=width,
        height=height,
        unit=math.sqrt(width * height),
        safe=Box(across, down, width - 2 * across, height - 2 * down),
        anchors=anchors(scene.backdrop.place, width, height),
        palette=palettes.choose(scene, rng),
        rng=rng,
        sizes=sizes,
        seed=seed,
    )


def inner(box: Box, across: float, down: float | None = None) -> Box:
    """A box made smaller by margins on each side."""
    high = across if down is None else down
    return Box(
        box.x + across,
        box.y + high,
        max(box.width - 2 * across, 1e-3),
        max(box.height - 2 * high, 1e-3),
    )


def union(boxes: list[Box]) -> Box:
    """The smallest box around all; raises ValueError for none."""
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    right, foot = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, foot - top)


def random_share(page: Page, name: str) -> float:
    """0-1, the same for a name and seed whatever else was drawn from chance."""
    value = page.seed * 2654435761
    for letter in name:
        value = (value * 31 + ord(letter)) & 0xFFFFFFFF
    value ^= value >> 15
    return ((value * 2246822519) & 0xFFFFFFFF) / 0xFFFFFFFF
