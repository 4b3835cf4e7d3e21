"""Where particles fall: spread evenly but not in rows, thicker at the edges, never on words.

Places are drawn in shares of the area, from the layer's seed, and their number follows the area's
proportions only: the same card at 1K and at 4K has the same confetti.
"""

import math
import random
from collections.abc import Iterator

from pisang.engines.sketch.layers import Box, EffectLayer
from pisang.engines.sketch.paint import inks
from pisang.engines.sketch.paint.easel import Easel


def scatter(
    easel: Easel,
    layer: EffectLayer,
    rng: random.Random,
    *,
    count: float,
    size: tuple[float, float],
    edge: float = 0.0,
    spread: float = 1.0,
    hang: float = 0.02,
) -> Iterator[tuple[float, float, float]]:
    """Yields x, y and radius, in pixels.

    ``count`` is the number on a square area at amount 0.5; ``size`` the smallest and largest radius
    in units; ``edge`` 0-1 how much thinner the middle is; ``spread`` how far from its cell's centre
    a particle may lie; ``hang`` how far outside the area (a share) they begin.
    """
    area, unit = layer.area, easel.unit
    wanted = count * (0.35 + 1.3 * layer.effect.amount) * area.width * area.height / unit**2
    if wanted < 1:
        return
    whole = area.width >= easel.width and area.height >= easel.height
    hang = hang if whole else 0.0
    columns = max(round(math.sqrt(wanted * area.width / max(area.height, 1))), 1)
    rows = max(round(wanted / columns), 1)
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    for row, column in cells:
        u = (column + 0.5 + (rng.random() - 0.5) * spread * 1.2) / columns
        v = (row + 0.5 + (rng.random() - 0.5) * spread * 1.2) / rows
        r = unit * (size[0] + (size[1] - size[0]) * rng.random() ** 1.6)
        lucky = rng.random()
        u, v = u * (1 + 2 * hang) - hang, v * (1 + 2 * hang) - hang
        out = max(abs(u - 0.5), abs(v - 0.5)) * 2
        if lucky < edge * max(1 - out, 0.0) ** 0.8:
            continue
        x, y = area.x + u * area.width, area.y + v * area.height
        if not whole and not (area.x + r < x < area.right - r and area.y + r < y < area.bottom - r):
            continue
        if clear(x, y, r, layer.avoid, unit=unit):
            yield x, y, r


def clear(x: float, y: float, r: float, avoid: tuple[Box, ...], *, unit: float) -> bool:
    """Whether a disc keeps off every box, with a little air between."""
    gap = r * 1.15 + unit * 0.008
    return not any(
        box.x - gap < x < box.right + gap and box.y - gap < y < box.bottom + gap for box in avoid
    )


def palette(layer: EffectLayer, default: tuple[str, ...]) -> tuple[str, ...]:
    """The particles' colours: the ink's (a metal gives its lights and shadows), or the usual."""
    ink = layer.effect.ink
    if ink is None or not ink.colours:
        return default
    return tuple(stop[1] for stop in inks.stops(ink))
