"""A sheet of vector drawing: shapes are written on it one by one, librsvg draws it once.

The rules that keep it fast (measured; tests pin them): alpha goes on fills and strokes, never on
elements, for which librsvg makes a layer of the whole picture each; no SVG filters; one document
for as many shapes as possible. Nothing a user wrote ever comes here but colours and numbers, and
colours pass `colour.rgb` first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape

import pyvips

Point = tuple[float, float]
Stop = tuple[float, str, float]  # offset 0-1, colour, alpha
_SHORT = 200_000  # characters that are parsed in a few milliseconds
_BAND = 1024  # rows of a band


def num(value: float) -> str:
    """A coordinate, to a hundredth of a pixel, as short as it goes."""
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


@dataclass
class Sheet:
    """Shapes so far, in picture coordinates, and the box that they touch."""

    width: int
    height: int
    parts: list[str] = field(default_factory=list)
    _ids: int = 0
    _box: tuple[float, float, float, float] | None = None

    def touch(self, left: float, top: float, right: float, bottom: float) -> None:
        """Notes that something was drawn here; rendering is limited to what was touched."""
        old = self._box or (left, top, right, bottom)
        self._box = (
            min(old[0], left),
            min(old[1], top),
            max(old[2], right),
            max(old[3], bottom),
        )

    def everywhere(self) -> None:
        """Notes that the whole picture is drawn on."""
        self.touch(0, 0, self.width, self.height)

    def fresh(self) -> str:
        """A new id."""
        self._ids += 1
        return f"s{self._ids}"

    def raw(self, svg: str) -> None:
        """Adds ready markup; the caller has touched its box."""
        self.parts.append(svg)

    def path(self, d: str, fill: str, alpha: float = 1.0, *, more: str = "") -> None:
        """A filled path; ``more`` are further attributes, ready to write."""
        self.parts.append(f'<path d="{d}" fill="{fill}"{_alpha(alpha)}{more}/>')

    def line(
        self, d: str, stroke: str, width: float, alpha: float = 1.0, *, more: str = ""
    ) -> None:
        """A stroked path with round ends."""
        faint = f' stroke-opacity="{num(alpha)}"' if alpha < 1 else ""
        self.parts.append(
            f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{num(width)}"'
            f' stroke-linecap="round" stroke-linejoin="round"{faint}{more}/>'
        )

    def circle(self, x: float, y: float, r: float, fill: str, alpha: float = 1.0) -> None:
        self.parts.append(
            f'<circle cx="{num(x)}" cy="{num(y)}" r="{num(r)}" fill="{fill}"{_alpha(alpha)}/>'
        )

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, fill: str, alpha: float = 1.0
    ) -> None:
        self.parts.append(
            f'<ellipse cx="{num(x)}" cy="{num(y)}" rx="{num(rx)}" ry="{num(ry)}"'
            f' fill="{fill}"{_alpha(alpha)}/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        alpha: float = 1.0,
        *,
        radius: float = 0.0,
        more: str = "",
    ) -> None:
        rounded = f' rx="{num(radius)}"' if radius else ""
        self.parts.append(
            f'<rect x="{num(x)}" y="{num(y)}" width="{num(width)}" height="{num(height)}"'
            f'{rounded} fill="{fill}"{_alpha(alpha)}{more}/>'
        )

    def linear(self, stops: Sequence[Stop], start: Point, end: Point) -> str:
        """Defines a gradient between two points of the picture; gives the fill to use."""
        name = self.fresh()
        self.parts.append(
            f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" x1="{num(start[0])}"'
            f' y1="{num(start[1])}" x2="{num(end[0])}" y2="{num(end[1])}">'
            f"{_stops(stops)}</linearGradient>"
        )
        return f"url(#{name})"

    def radial(self, stops: Sequence[Stop], centre: Point, radius: float) -> str:
        """Defines a round gradient; gives the fill to use."""
        name = self.fresh()
        self.parts.append(
            f'<radialGradient id="{name}" gradientUnits="userSpaceOnUse" cx="{num(centre[0])}"'
            f' cy="{num(centre[1])}" r="{num(radius)}">{_stops(stops)}</radialGradient>'
        )
        return f"url(#{name})"

    def ball(self, stops: Sequence[Stop], *, focus: Point = (0.5, 0.5)) -> str:
        """Defines a round gradient that fills whatever shape uses it; shared by many shapes."""
        name = self.fresh()
        self.parts.append(
            f'<radialGradient id="{name}" cx="{num(focus[0])}" cy="{num(focus[1])}" r="0.5">'
            f"{_stops(stops)}</radialGradient>"
        )
        return f"url(#{name})"

    def render(self) -> Iterator[tuple[pyvips.Image, int, int]]:
        """Draws the touched part as RGBA pictures; gives each with its left and top.

        A short sheet is drawn in bands, which takes a quarter of the memory and less time; a long
        one at once, because every band reads it anew.
        """
        if not self.parts or self._box is None:
            return
        left, top = (max(math.floor(side) - 1, 0) for side in self._box[:2])
        right = min(math.ceil(self._box[2]) + 1, self.width)
        bottom = min(math.ceil(self._box[3]) + 1, self.height)
        if right <= left or bottom <= top:
            return
        short = sum(map(len, self.parts)) <= _SHORT
        step = _BAND if short else bottom - top
        for first in range(top, bottom, step):
            box = (left, first, right - left, min(step, bottom - first))
            svg = document(self.parts, box=box)
            yield pyvips.Image.svgload_buffer(svg, unlimited=True), left, first


def document(parts: Iterable[str], *, box: tuple[int, int, int, int]) -> bytes:
    """An SVG file that shows ``box`` (left, top, width, height) at one unit a pixel."""
    left, top, width, height = box
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">'
        f"{''.join(parts)}</svg>"
    ).encode()


def _alpha(alpha: float) -> str:
    return f' fill-opacity="{num(alpha)}"' if alpha < 1 else ""


def _stops(stops: Sequence[Stop]) -> str:
    return "".join(
        f'<stop offset="{num(offset)}" stop-color="{escape(colour)}"'
        + (f' stop-opacity="{num(alpha)}"/>' if alpha < 1 else "/>")
        for offset, colour, alpha in stops
    )


def polygon(points: Iterable[Point]) -> str:
    """Path data of a closed polygon."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points) + "Z"


def polyline(points: Iterable[Point]) -> str:
    """Path data of an open line."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def curve(points: Sequence[Point], *, start: bool = True) -> str:
    """Path data of a smooth open line through the points (Catmull-Rom as cubic curves)."""
    first = points[0]
    data = [f"{'M' if start else 'L'}{num(first[0])} {num(first[1])}"]
    for i in range(len(points) - 1):
        before = points[max(i - 1, 0)]
        here, there = points[i], points[i + 1]
        after = points[min(i + 2, len(points) - 1)]
        one = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        two = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        data.append("C" + " ".join(f"{num(p[0])} {num(p[1])}" for p in (one, two, there)))
    return "".join(data)


def blob(points: Sequence[Point]) -> str:
    """Path data of a smooth closed shape through the points."""
    count = len(points)
    data = [f"M{num(points[0][0])} {num(points[0][1])}"]
    for i in range(count):
        before, here = points[i - 1], points[i]
        there, after = points[(i + 1) % count], points[(i + 2) % count]
        one = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        two = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        data.append("C" + " ".join(f"{num(p[0])} {num(p[1])}" for p in (one, two, there)))
    return "".join(data) + "Z"
