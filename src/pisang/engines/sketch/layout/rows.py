"""Puts clusters side by side: in an order that honours left, right, next to and between, at the
largest scale that fits, in one row or, where the canvas is narrow, in several.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.layout.clusters import Cluster
from pisang.engines.sketch.scene import Relation
from pisang.engines.sketch.vocabulary import Bond, Slot

__all__ = ["ROW_BONDS", "Item", "column", "ordered", "shelves", "spread", "widths"]

ROW_BONDS = frozenset({Bond.LEFT_OF, Bond.RIGHT_OF, Bond.NEXT_TO, Bond.BETWEEN})
_COLUMNS = {
    Slot.TOP_LEFT: 0, Slot.LEFT: 0, Slot.BOTTOM_LEFT: 0, Slot.TOP: 1, Slot.CENTRE: 1,
    Slot.BOTTOM: 1, Slot.TOP_RIGHT: 2, Slot.RIGHT: 2, Slot.BOTTOM_RIGHT: 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A cluster that takes one place in a row; ``slot`` is where the prompt wants it."""

    ident: str
    cluster: Cluster
    slot: Slot | None = None


def column(slot: Slot | None) -> int:
    """0 left, 1 middle or anywhere, 2 right."""
    return _COLUMNS[slot] if slot else 1


def ordered(
    idents: Sequence[str], relations: Sequence[Relation], owner: Mapping[str, str]
) -> list[str]:
    """The ids in an order from left to right that meets the relations.

    ``owner`` says which item an id travels with. Contradictions ("a left of b, b left of a") keep
    the last one said.
    """
    row = list(idents)
    told = [r for r in relations if r.bond in ROW_BONDS]
    for _ in range(max(len(told), 1)):
        before = list(row)
        for relation in told:
            _settle(row, relation, owner)
        if row == before:
            break
    return row


def _settle(row: list[str], relation: Relation, owner: Mapping[str, str]) -> None:
    who = owner.get(relation.subject)
    others = [owner[name] for name in relation.objects if owner.get(name) in row]
    others = [name for name in others if name != who]
    if who not in row or who is None or not others:
        return
    at, marks = row.index(who), [row.index(name) for name in others]
    if relation.bond is Bond.LEFT_OF:
        if at > min(marks):
            row.insert(min(marks), row.pop(at))
    elif relation.bond is Bond.RIGHT_OF:
        if at < max(marks):
            row.insert(max(marks), row.pop(at))
    elif relation.bond is Bond.NEXT_TO:
        if abs(at - marks[0]) != 1:
            row.remove(who)
            row.insert(row.index(others[0]) + 1, who)
    elif len(set(others)) == 2:
        _between(row, who, others)


def _between(row: list[str], who: str, others: Sequence[str]) -> None:
    first, last = sorted(others, key=row.index)
    if row.index(first) < row.index(who) < row.index(last):
        return
    row.remove(who)
    row.insert(row.index(first) + 1, who)


def widths(items: Sequence[Item], near: Mapping[tuple[str, str], bool]) -> float:
    """How wide a row is, gaps included, in the clusters' own unit."""
    total = sum(item.cluster.box.width for item in items)
    return total + sum(gaps(items, near))


def gaps(items: Sequence[Item], near: Mapping[tuple[str, str], bool]) -> list[float]:
    """The least room between neighbours; small where they are said to be next to each other."""
    out = []
    for one, two in itertools.pairwise(items):
        small = min(one.cluster.box.width, two.cluster.box.width)
        close = near.get((one.ident, two.ident)) or near.get((two.ident, one.ident))
        out.append(small * (0.12 if close else 0.22))
    return out


def shelves(
    items: Sequence[Item],
    near: Mapping[tuple[str, str], bool],
    room: Box,
    *,
    tied: bool,
    overlap: float,
) -> tuple[list[list[Item]], float]:
    """Breaks the row into as many rows as give the largest scale; returns rows and scale.

    ``overlap`` is how much of its height a row may lose behind the next one. A row whose order
    was told (``tied``) is not broken.
    """
    best: tuple[list[list[Item]], float] = ([list(items)], 0.0)
    for count in range(1, (1 if tied else len(items)) + 1):
        rows = _cut(items, count)
        wide = max(widths(row, near) for row in rows)
        heights = [max(item.cluster.box.height for item in row) for row in rows]
        tall = max(heights) + (sum(heights) - max(heights)) * (1 - overlap)
        tall += 0.12 * (len(rows) - 1) * max(heights) * (1 - overlap)
        scale = min(room.width / wide, room.height / tall)
        if scale > best[1] * 1.12:
            best = (rows, scale)
    return best


def _cut(items: Sequence[Item], count: int) -> list[list[Item]]:
    """Rows of about equal width, in reading order."""
    total = sum(item.cluster.box.width for item in items)
    rows: list[list[Item]] = [[] for _ in range(count)]
    done = 0.0
    for item in items:
        middle = done + item.cluster.box.width / 2
        rows[min(int(middle / total * count), count - 1)].append(item)
        done += item.cluster.box.width
    return [row for row in rows if row]


def spread(
    row: Sequence[Item],
    near: Mapping[tuple[str, str], bool],
    *,
    scale: float,
    left: float,
    right: float,
    lean: float,
) -> list[float]:
    """The x of each item's middle: slots are met, gaps kept, the rest shared out evenly.

    ``lean`` -1..1 moves a loose row to one side.
    """
    size = [item.cluster.box.width * scale for item in row]
    least = [gap * scale for gap in gaps(row, near)]
    free = max(right - left - sum(size) - sum(least), 0.0)
    loose = [
        number
        for number, (one, two) in enumerate(itertools.pairwise(row))
        if not (near.get((one.ident, two.ident)) or near.get((two.ident, one.ident)))
    ]
    extra = min(free / (len(loose) + 1.6), 0.75 * sum(size) / len(size)) if loose else 0.0
    for number in loose:
        least[number] += extra
    start = left + (right - left - sum(size) - sum(least)) * (0.5 + 0.3 * lean)
    spots = []
    for number, wide in enumerate(size):
        spots.append(start + wide / 2)
        start += wide + (least[number] if number < len(least) else 0.0)
    for number, item in enumerate(row):
        if item.slot is not None:
            share = (0.2, 0.5, 0.8)[column(item.slot)]
            spots[number] = left + (right - left) * share
    tight = [gap * scale for gap in gaps(row, near)]
    return _apart(spots, size, tight, (left, right))


def _apart(
    spots: list[float], size: list[float], least: list[float], ends: tuple[float, float]
) -> list[float]:
    """Moves overlapping neighbours apart, in order, inside the ends."""
    edge = ends[0]
    for number, wide in enumerate(size):
        spots[number] = max(spots[number], edge + wide / 2)
        edge = spots[number] + wide / 2 + (least[number] if number < len(least) else 0.0)
    edge = ends[1]
    for number in range(len(size) - 1, -1, -1):
        spots[number] = min(spots[number], edge - size[number] / 2)
        edge = spots[number] - size[number] / 2 - (least[number - 1] if number else 0.0)
    return spots
