"""Gives every free text its zone and says what room is left for the pictures' things.

Texts are placed first and everything else makes way. Texts of one slot are stacked; slots not
named by the prompt follow the genre. A wide canvas puts words beside the things, a tall one above
and below them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, PanelLayer, TextLayer
from pisang.engines.sketch.layout import letters, panels
from pisang.engines.sketch.layout.page import Page, inner, union
from pisang.engines.sketch.scene import TextRun
from pisang.engines.sketch.vocabulary import Role, Slot

__all__ = ["Words", "place_words"]

_ROWS: Mapping[Slot, int] = MappingProxyType(
    {
        Slot.TOP_LEFT: 0, Slot.TOP: 0, Slot.TOP_RIGHT: 0,
        Slot.LEFT: 1, Slot.CENTRE: 1, Slot.RIGHT: 1,
        Slot.BOTTOM_LEFT: 2, Slot.BOTTOM: 2, Slot.BOTTOM_RIGHT: 2,
    }
)  # fmt: skip
_COLUMNS: Mapping[Slot, int] = MappingProxyType(
    {
        Slot.TOP_LEFT: 0, Slot.LEFT: 0, Slot.BOTTOM_LEFT: 0,
        Slot.TOP: 1, Slot.CENTRE: 1, Slot.BOTTOM: 1,
        Slot.TOP_RIGHT: 2, Slot.RIGHT: 2, Slot.BOTTOM_RIGHT: 2,
    }
)  # fmt: skip
_ALIGN = ("left", "centre", "right")
_ALONE = (0.40, 0.62, 0.34)  # share of the height a row may take when words are all there is
_SHARED = (0.30, 0.34, 0.22)  # ... when things need room


@dataclass(frozen=True, slots=True)
class Words:
    """Set texts by id, and the room that stays free."""

    layers: Mapping[str, TextLayer]
    room: Box
    plates: tuple[PanelLayer, ...] = ()

    def boxes(self) -> list[Box]:
        """What nothing else may touch: the texts and the pills behind buttons."""
        return [layer.box for layer in self.layers.values()] + [pill.box for pill in self.plates]


def place_words(
    page: Page,
    runs: Sequence[TextRun],
    defaults: Mapping[Role, Slot],
    *,
    crowded: bool,
    area: Box | None = None,
    shares: Sequence[float] | None = None,
    grounds: Sequence[str] | None = None,
    busy: bool = False,
    column: bool = False,
) -> Words:
    """Sets the runs inside ``area`` (the safe area unless given).

    ``crowded`` says that things will share the area; ``shares`` are the heights the three rows
    may take then. ``column``: the area is a column already, a lone text may use its full width.
    """
    area = area or page.safe
    panel = panels.ground_for(page, runs) if grounds is None else None
    pad = panels.PAD * page.unit if panel else 0.0
    if panel:
        area, grounds, busy = inner(area, pad), (panel,), False
    groups: dict[Slot, list[TextRun]] = {}
    for run in runs:
        slot = run.slot or defaults.get(run.role, Slot.TOP)
        groups.setdefault(slot, []).append(run)
    rows: dict[int, list[Slot]] = {}
    for slot in groups:
        rows.setdefault(_ROWS[slot], []).append(slot)
    heights = _heights(sorted(rows), crowded=crowded, shares=shares or _SHARED)
    layers: dict[str, TextLayer] = {}
    spans: dict[int, Box] = {}
    for row in (0, 2, 1):  # the middle gets what the bands leave
        if row not in rows:
            continue
        top, foot = _band(area, row, heights, spans, page)
        found = _set_row(page, rows[row], groups, Box(area.x, top, area.width, foot - top), row,
                         grounds=grounds, busy=busy, column=column, crowded=crowded)  # fmt: skip
        if panel is not None:
            found = _plaques(found, [groups[slot] for slot in rows[row]])
        layers |= found
        spans[row] = union([layer.box for layer in found.values()])
    plates = {run.id: letters.plates(page, layers[run.id], run) for run in runs}
    for members in groups.values():
        if panel is None:
            break
        plate = panels.panel(page, [(layers[run.id], plates[run.id]) for run in members], panel)
        plates[members[0].id] = [plate, *plates[members[0].id]]
    backed = {
        name: union([layer.box, *(plate.box for plate in plates[name])])
        for name, layer in layers.items()
    }
    room = _room(page, area, rows, groups, backed)
    every = [plate for found in plates.values() for plate in found]
    every.sort(key=lambda plate: -plate.box.height * plate.box.width)  # pills lie on panels
    return Words(layers, room, tuple(every))


def _plaques(
    found: dict[str, TextLayer], groups: Sequence[Sequence[TextRun]]
) -> dict[str, TextLayer]:
    """Texts on a panel are centred on it, all of them: ragged lines look lost on a plaque."""
    out = dict(found)
    for members in groups:
        span = union([found[run.id].box for run in members])
        for run in members:
            layer = found[run.id]
            x = span.centre[0] - layer.box.width / 2
            out[run.id] = replace(letters.moved(layer, x, layer.box.y), align="centre")
    return out


def _heights(rows: Sequence[int], *, crowded: bool, shares: Sequence[float]) -> dict[int, float]:
    if crowded:
        return {row: shares[row] for row in rows}
    if len(rows) == 1:
        return {rows[0]: 1.0 if rows[0] == 1 else 0.8}
    return {row: _ALONE[row] for row in rows}


def _band(
    area: Box, row: int, heights: Mapping[int, float], spans: Mapping[int, Box], page: Page
) -> tuple[float, float]:
    gap = 0.035 * page.unit
    tall = heights[row] * area.height
    if row == 0:
        return area.y, area.y + tall
    if row == 2:
        return area.bottom - tall, area.bottom
    top = spans[0].bottom + gap if 0 in spans else area.y
    foot = spans[2].y - gap if 2 in spans else area.bottom
    middle = (area.y + area.bottom) / 2
    high = max(top, min(middle - tall / 2, foot - tall))
    return high, max(min(high + tall, foot), high + 0.02 * page.height)


def _set_row(
    page: Page,
    slots: Sequence[Slot],
    groups: Mapping[Slot, Sequence[TextRun]],
    band: Box,
    row: int,
    *,
    grounds: Sequence[str] | None,
    busy: bool,
    column: bool,
    crowded: bool,
) -> dict[str, TextLayer]:
    """One band: its slots side by side; corners share the width, a lone slot may use more."""
    out: dict[str, TextLayer] = {}
    gap = 0.04 * page.unit
    many = len(slots)
    columns = sorted(_COLUMNS[slot] for slot in slots)
    for slot in slots:
        col = _COLUMNS[slot]
        if many == 1:
            share = 1.0 if col == 1 or column else 0.5 if page.wide else 0.66
            wide = band.width * share
        else:
            wide = (band.width - gap * (many - 1)) / many
            if row == 1 and crowded:  # two columns of words with the things between them
                wide = min(wide, band.width * 0.3)
            if 1 in columns and many == 2:
                wide = (band.width - 2 * gap) / 3
        x = (band.x, band.centre[0] - wide / 2, band.right - wide)[col]
        zone = Box(x, band.y, wide, band.height)
        valign = (0.0, 0.5, 1.0)[row]
        found = letters.stack(
            page, groups[slot], zone, align=_ALIGN[col], valign=valign, grounds=grounds, busy=busy
        )
        out |= {run.id: layer for run, layer in zip(groups[slot], found, strict=True)}
    return out


def _room(
    page: Page,
    area: Box,
    rows: Mapping[int, Sequence[Slot]],
    groups: Mapping[Slot, Sequence[TextRun]],
    boxes: Mapping[str, Box],
) -> Box:
    """The largest box the words leave: below the top row, above the foot, beside a column."""
    gap = 0.042 * min(page.unit, 1.6 * page.width, 1.6 * page.height)
    left, top, right, foot = area.x, area.y, area.right, area.bottom
    for row, slots in rows.items():
        for slot in slots:
            box = union([boxes[run.id] for run in groups[slot]])
            col = _COLUMNS[slot]
            if row == 1 and col == 0:
                left = max(left, box.right + gap)
            elif row == 1 and col == 2:
                right = min(right, box.x - gap)
            elif row == 0:
                top = max(top, box.bottom + gap)
            elif row == 2:
                foot = min(foot, box.y - gap)
            else:
                top, foot = _larger(page, top, foot, box, gap)
    least = 0.02 * page.unit
    return Box(left, top, max(right - left, least), max(foot - top, least))


def _larger(page: Page, top: float, foot: float, box: Box, gap: float) -> tuple[float, float]:
    """Of what lies above and below a centred text, the larger part; the land if there is some."""
    above, below = box.y - gap - top, foot - box.bottom - gap
    landed = page.scene.backdrop.place is not None and not page.anchors.floating
    if above > below * (2.5 if landed else 1.15):
        return top, box.y - gap
    return box.bottom + gap, foot
