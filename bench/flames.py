"""A flame graph, hanging down: who called whom, each as wide as the time that was spent in it.

Plain SVG without scripts, so that a page on the web shows it as it is; hovering tells the shares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Final

Stack = tuple[list[str], int]
"""Functions, the outermost first, and in how many samples they were found so."""

_WIDTH: Final = 1200
_ROW: Final = 17
_LETTER: Final = 6.2  # about as wide as a letter is
_LEAST: Final = 0.002  # of all samples; what is less is no wider than its border
_COLOURS: Final[Mapping[str, str]] = {
    "pisang/surfaces": "#f5c04a",
    "pisang/wire": "#e8935b",
    "pisang/lanes": "#f2dc7e",
    "pisang/gateway": "#f2dc7e",
    "pisang/routing": "#c7d36f",
    "pisang/engines": "#8cc28a",
    "pisang/ledger": "#79b8c9",
    "pisang/metering": "#9fb3e0",
    "pisang/telemetry": "#c3a6dc",
    "pisang": "#e6cf9b",
}
_OTHER: Final = "#d4d4d4"


@dataclass(slots=True)
class _Box:
    count: int = 0
    inside: dict[str, "_Box"] = field(default_factory=dict)


def flames(stacks: Iterable[Stack], *, title: str) -> str:
    """The picture of some samples."""
    root = _Box()
    for frames, count in stacks:
        box = root
        box.count += count
        for frame in frames:
            box = box.inside.setdefault(frame, _Box())
            box.count += count
    shapes: list[str] = []
    depth = _drawn(root, root.count, 0.0, 1, shapes)
    height = (depth + 1) * _ROW + 8
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
            ' font-family="monospace" font-size="10">',
            f'<rect width="{_WIDTH}" height="{height}" fill="#fffdf5"/>',
            f'<text x="6" y="13" font-size="12">{escape(title)}</text>',
            *shapes,
            "</svg>\n",
        )
    )


def _drawn(box: _Box, every: int, left: float, row: int, shapes: list[str]) -> int:
    """Draws what was called from a box; returns the lowest row."""
    lowest = row
    for name, called in sorted(box.inside.items()):
        share = called.count / every
        if share >= _LEAST:
            shapes.append(_shape(name, share, left, row))
            lowest = max(lowest, _drawn(called, every, left, row + 1, shapes))
        left += share * _WIDTH
    return lowest


def _shape(name: str, share: float, left: float, row: int) -> str:
    place = name.partition(" (")[2]
    begins = (begin for begin in _COLOURS if place.startswith(begin))
    colour = _COLOURS.get(max(begins, key=len, default=""), _OTHER)
    width, top = share * _WIDTH, row * _ROW + 4
    box = (
        f'<g><title>{escape(name)} {share:.1%}</title><rect x="{left:.1f}" y="{top}"'
        f' width="{width:.1f}" height="{_ROW - 1}" fill="{colour}" stroke="#fffdf5"/>'
    )
    room = int((width - 4) / _LETTER)
    if room >= 4:
        shown = name if len(name) <= room else name.partition(" (")[0][:room]
        box += f'<text x="{left + 2:.1f}" y="{top + 12}">{escape(shown)}</text>'
    return box + "</g>"
