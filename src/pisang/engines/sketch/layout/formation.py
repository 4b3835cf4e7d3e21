"""Formations: a group that stands in a straight row, a column, a circle or a pile, as was asked.

All else that `clusters` builds is loose on purpose; here nothing is left to chance. Sizes and
places are as there: x 0 the middle, y 0 the foot, y downwards; copies back to front.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.vocabulary import Formation

_GAP = 1.14  # from middle to middle, in widths or heights
_LONGEST = 12  # members of one row or column; more go on in the next
_LEANING = 0.42  # how high against wide a circle on the ground is seen
_STEP = 0.82  # of its height that a layer of a pile rises above the one below


def places(
    formation: Formation, count: int, *, width: float, height: float, standing: bool = False
) -> list[Box]:
    """The boxes of ``count`` members of width x height, farthest first; a circle of those who
    are ``standing`` lies on the ground."""
    boxes = _BUILT[formation](count, width, height)
    if not (standing and formation is Formation.CIRCLE):
        return boxes
    return [Box(box.x, box.y * _LEANING, box.width, box.height) for box in boxes]


def _row(count: int, width: float, height: float) -> list[Box]:
    rows = math.ceil(count / _LONGEST)
    each = math.ceil(count / rows)
    boxes = []
    for number in range(count):
        line, at = divmod(number, each)
        foot = (line - rows + 1) * height * _GAP
        boxes.append(Box((at - each / 2) * width * _GAP, foot - height, width, height))
    return boxes


def _column(count: int, width: float, height: float) -> list[Box]:
    columns = math.ceil(count / _LONGEST)
    each = math.ceil(count / columns)
    boxes = []
    for number in range(count):
        line, at = divmod(number, each)
        x = (line - columns / 2) * width * _GAP
        boxes.append(Box(x, (at + 1 - each) * height * _GAP - height, width, height))
    return boxes


def _circle(count: int, width: float, height: float) -> list[Box]:
    """Round, the first at the top, wide enough that neighbours do not touch."""
    across = math.hypot(width, height) * 0.86
    radius = across / (2 * math.sin(math.pi / count)) if count > 1 else 0.0
    boxes = []
    for number in range(count):
        angle = 2 * math.pi * number / count - math.pi / 2
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        boxes.append(Box(x - width / 2, y - height / 2, width, height))
    return sorted(boxes, key=lambda box: (round(box.bottom, 6), box.x))


def _pile(count: int, width: float, height: float) -> list[Box]:
    """Layers, each one shorter than the one below; what is over lies on top."""
    base = math.ceil((math.sqrt(8 * count + 1) - 1) / 2)
    boxes, left, layer = list[Box](), count, 0
    while left:
        wide = min(max(base - layer, 1), left)
        foot = -layer * height * _STEP
        boxes += [
            Box((at - wide / 2) * width * 0.96, foot - height, width, height) for at in range(wide)
        ]
        left, layer = left - wide, layer + 1
    return boxes[::-1]


_BUILT: dict[Formation, Callable[[int, float, float], list[Box]]] = {
    Formation.ROW: _row,
    Formation.COLUMN: _column,
    Formation.CIRCLE: _circle,
    Formation.PILE: _pile,
}
