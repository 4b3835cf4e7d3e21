"""What was used lately of a limit: a window that slides over buckets of time, kept as one text.

A limit of N a minute promises that no 60 seconds ever see more than N, wherever one begins to
count. Buckets are whole seconds, so a bucket is let go of only when its last moment is 60 seconds
ago: 61 of them count. The text is a JSON list of bucket, count, bucket, count.

The trap is a clock that jumps. Forwards it can only free what it says is over. Backwards it must
neither free what was counted (later buckets count as well) nor keep it counted until the clock has
come back to where it was (buckets too far ahead are moved to now, and leave as those of now do).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from math import inf, isfinite
from typing import Final
from zoneinfo import ZoneInfo

from pisang.core.terms import Dimension, Period

PACIFIC: Final = ZoneInfo("America/Los_Angeles")
"""Where the days, weeks and months of limits and budgets begin, as Google's do."""

_HOUR: Final = 3600


@lru_cache(maxsize=1024)
def _day_of_hour(hour: int) -> int:
    return datetime.fromtimestamp(hour * _HOUR, PACIFIC).toordinal()


def day_of(at: float) -> int:
    """The number of the day in Los Angeles, whose hours begin when ours do."""
    return _day_of_hour(int(at // _HOUR))


@lru_cache(maxsize=1024)
def midnight(day: int) -> float:
    """When a day begins in Los Angeles: it may have 23 or 25 hours."""
    return datetime.combine(date.fromordinal(day), time(), PACIFIC).timestamp()


@lru_cache(maxsize=1024)
def _bounds(period: Period, day: int) -> tuple[int, float]:
    if period is Period.TOTAL:
        return 0, inf
    if period is Period.WEEK:
        first = day - (day - 1) % 7  # day 1 was a Monday
        last = first + 7
    elif period is Period.MONTH:
        at = date.fromordinal(day)
        first = at.replace(day=1).toordinal()
        last = date(at.year + at.month // 12, at.month % 12 + 1, 1).toordinal()
    else:
        first, last = day, day + 1
    return int(midnight(first)), midnight(last)


def period_start(period: Period, at: float) -> int:
    """When the period began that a moment is in, in seconds since 1970."""
    return _bounds(period, day_of(at))[0]


def period_end(period: Period, at: float) -> float | None:
    """When it ends, and the next one begins; None for one that never does."""
    end = _bounds(period, day_of(at))[1]
    return end if isfinite(end) else None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a window counts: in which bucket a moment is, when a bucket begins, how many count (the
    present one too), how many are kept, and how far ahead of the clock one may be."""

    bucket: Callable[[float], int]
    begins: Callable[[int], float]
    span: int
    kept: int
    ahead: int

    def leaves(self, bucket: int) -> float:
        """When a bucket counts no more."""
        return self.begins(bucket + self.span)


MINUTE: Final = Shape(int, float, span=61, kept=61, ahead=5)
TEN_MINUTES: Final = Shape(
    lambda at: int(at) // 10,
    lambda bucket: bucket * 10.0,
    span=61,
    kept=121,  # a late post has to look at every window that its bucket is in
    ahead=1,
)
DAY: Final = Shape(day_of, midnight, span=1, kept=2, ahead=1)
OPEN: Final = Shape(lambda _: 0, lambda _: inf, span=1, kept=1, ahead=0)
"""Requests under way: no window has them, they are the open holds (``claims.concurrency_keys``)."""

compact: Final = json.JSONEncoder(separators=(",", ":")).encode
"""JSON without spaces; made once, because making it costs more than a short text does."""

SPEND: Final = "spend"
"""The dimension of a ten-minute budget: nano-dollars that are held or charged."""

CHARGED: Final = "charged"
"""Those that are charged, where the budget warns."""

PRIORITY: Final = "priority_"
"""Before the dimension of what priority requests have used of their share."""

_SHAPES: Final = {
    Dimension.RPD.value: DAY,
    Dimension.CONCURRENT.value: OPEN,
    SPEND: TEN_MINUTES,
    CHARGED: TEN_MINUTES,
}


def shape_of(dimension: str) -> Shape:
    """How the counter of a dimension counts."""
    return _SHAPES.get(dimension.removeprefix(PRIORITY), MINUTE)


class Window:
    """What was used, bucket by bucket, of one limit; for one transaction at a time."""

    __slots__ = ("buckets", "changed", "now", "shape")

    def __init__(self, shape: Shape, at: float, packed: str = "[]") -> None:
        self.shape = shape
        self.now = shape.bucket(at)
        flat = json.loads(packed)
        self.buckets: dict[int, int] = dict(zip(flat[::2], flat[1::2], strict=True))
        self.changed = False
        if self.buckets:
            self._settle()

    def resume(self, at: float) -> None:
        """Goes on with it at a later moment, in another transaction."""
        self.now = self.shape.bucket(at)
        self.changed = False
        if self.buckets:
            self._settle()

    def _settle(self) -> None:
        """Lets go of what is over, and moves to now what a clock that jumped back left ahead."""
        oldest, newest = self.now - self.shape.kept, self.now + self.shape.ahead
        if min(self.buckets) <= oldest:  # not worth a write: the next reader does the same
            self.buckets = {at: count for at, count in self.buckets.items() if at > oldest}
        ahead = [at for at in self.buckets if at > newest]
        for at in ahead:
            self.add(self.now, self.buckets.pop(at))

    @property
    def used(self) -> int:
        """What counts now."""
        shape = self.shape
        if shape.span == shape.kept:
            return sum(self.buckets.values())
        if shape.span == 1:
            return self.buckets.get(self.now, 0)
        oldest = self.now - shape.span
        return sum(count for at, count in self.buckets.items() if at > oldest)

    def add(self, bucket: int, count: int) -> None:
        """Counts in a bucket, where it is not over; a negative count gives back. What belongs to a
        bucket too far ahead was moved, and is left there until it is over: nobody can tell it from
        what others have counted since."""
        if not count or not self.has(bucket):
            return
        self.changed = True
        there = max(self.buckets.get(bucket, 0) + count, 0)
        if there:
            self.buckets[bucket] = there
        else:
            self.buckets.pop(bucket, None)

    def has(self, bucket: int) -> bool:
        """Whether what is counted in a bucket is still there."""
        return self.now - self.shape.kept < bucket <= self.now + self.shape.ahead

    def room_at(self, value: int, wanted: int) -> float | None:
        """When so much fits that does not fit now; None where time alone does not help."""
        over = self.used + wanted - value
        if wanted > value:
            return None
        for at in sorted(self.buckets):
            if at <= self.now - self.shape.span:
                continue
            over -= self.buckets[at]
            if over <= 0:
                leaves = self.shape.leaves(at)
                return leaves if isfinite(leaves) else None
        return None

    def peak(self, bucket: int) -> int:
        """The most that counted at any time when this bucket did."""
        span = self.shape.span
        starts = [at for at in self.buckets if bucket - span < at <= bucket] + [bucket]
        return max(
            sum(count for at, count in self.buckets.items() if start <= at < start + span)
            for start in starts
        )

    @property
    def lately(self) -> int:
        """The most that counted at any time since what is over now began to count."""
        return self.peak(self.now - self.shape.span + 1)

    def packed(self) -> str:
        flat: list[int] = []
        for pair in sorted(self.buckets.items()):
            flat += pair
        return compact(flat)


def used_now(dimension: str, packed: str, at: float) -> int:
    """What a row of ``counters`` says is used at a moment."""
    return Window(shape_of(dimension), at, packed).used
