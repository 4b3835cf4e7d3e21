"""Times two things in turn, A B A B, so that a machine that drifts does not favour either."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians in seconds, and the median of the ratios pair by pair with its range."""

    first: float
    second: float
    ratio: float
    low: float
    high: float


def pairs(first: Callable[[], object], second: Callable[[], object], *, runs: int) -> Pair:
    """Runs both once to warm up, then ``runs`` times in turn."""
    first()
    second()
    a, b = [], []
    for _ in range(runs):
        a.append(_seconds(first))
        b.append(_seconds(second))
    ratios = [x / y for x, y in zip(a, b, strict=True)]
    return Pair(
        statistics.median(a),
        statistics.median(b),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )


def _seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started
