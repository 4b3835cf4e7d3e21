"""Reads from a font file just what choosing a font needs: family, weight, slant and code points.

Only for fonts that people add and for the system's CJK fonts; the packed ones come with a table.
TrueType and OpenType files and their collections (.ttc) share the container; of the character
maps, formats 4 and 12 are read, which every Unicode font has at least one of.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CMAP_ORDER = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))


class BadFont(ValueError):
    """The file is not a font that can be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face of a file: `index` is its place in a collection, 0 in a plain file."""

    path: Path
    index: int
    family: str
    weight: int
    slant: str


def read_faces(path: Path) -> tuple[FontFace, ...]:
    """Every face of a font file; raises BadFont."""
    data = path.read_bytes()
    try:
        return tuple(_face(path, data, index) for index in range(len(_offsets(data))))
    except (struct.error, KeyError, IndexError, UnicodeDecodeError) as error:
        raise BadFont(f"{path.name} cannot be read as a font ({error})") from error


def read_points(path: Path, index: int = 0) -> frozenset[int]:
    """The code points that one face of the file draws; raises BadFont."""
    data = path.read_bytes()
    try:
        start, _ = _tables(data, index)["cmap"]
        (count,) = struct.unpack_from(">H", data, start + 2)
        maps = {}
        for row in range(count):
            platform, encoding, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * row)
            maps[platform, encoding] = start + offset
        best = next(maps[key] for key in _CMAP_ORDER if key in maps)
        return frozenset(_points(data, best))
    except (struct.error, KeyError, StopIteration) as error:
        raise BadFont(f"{path.name} has no Unicode character map ({error})") from error


def _offsets(data: bytes) -> tuple[int, ...]:
    if data[:4] == b"ttcf":
        (count,) = struct.unpack_from(">L", data, 8)
        return tuple(struct.unpack_from(f">{count}L", data, 12))
    if data[:4] in (b"\0\1\0\0", b"OTTO", b"true"):
        return (0,)
    raise KeyError("neither TrueType nor OpenType")


def _tables(data: bytes, index: int) -> dict[str, tuple[int, int]]:
    base = _offsets(data)[index]
    (count,) = struct.unpack_from(">H", data, base + 4)
    rows = (struct.unpack_from(">4sLLL", data, base + 12 + 16 * row) for row in range(count))
    return {tag.decode("latin-1"): (offset, length) for tag, _, offset, length in rows}


def _face(path: Path, data: bytes, index: int) -> FontFace:
    tables = _tables(data, index)
    names = dict(_names(data, tables["name"][0]))
    weight, selection = 400, 0
    if "OS/2" in tables:
        start = tables["OS/2"][0]
        weight = struct.unpack_from(">H", data, start + 4)[0]
        selection = struct.unpack_from(">H", data, start + 62)[0]
    slant = "italic" if selection & 1 else "normal"
    return FontFace(path, index, names.get(16) or names[1], weight, slant)


def _names(data: bytes, start: int) -> Iterator[tuple[int, str]]:
    """Name id and text, English Windows names last so that they win."""
    count, strings = struct.unpack_from(">HH", data, start + 2)
    rows = [struct.unpack_from(">6H", data, start + 6 + 12 * row) for row in range(count)]
    for platform, _, language, name, length, offset in sorted(
        rows, key=lambda row: (row[0] == 3, row[2] == 0x409)
    ):
        text = data[start + strings + offset : start + strings + offset + length]
        if platform in (0, 3) and name in (1, 16):
            yield name, text.decode("utf-16-be")
        elif name in (1, 16) and language == 0:
            yield name, text.decode("latin-1")


def _points(data: bytes, start: int) -> Iterator[int]:
    (kind,) = struct.unpack_from(">H", data, start)
    if kind == 12:
        (count,) = struct.unpack_from(">L", data, start + 12)
        for group in range(count):
            first, last, _ = struct.unpack_from(">LLL", data, start + 16 + 12 * group)
            yield from range(first, min(last, 0x10FFFF) + 1)
    elif kind == 4:
        half = struct.unpack_from(">H", data, start + 6)[0] // 2
        ends = struct.unpack_from(f">{half}H", data, start + 14)
        starts = struct.unpack_from(f">{half}H", data, start + 16 + 2 * half)
        deltas = struct.unpack_from(f">{half}H", data, start + 16 + 4 * half)
        place = start + 16 + 6 * half
        for row, (first, last, delta) in enumerate(zip(starts, ends, deltas, strict=True)):
            (jump,) = struct.unpack_from(">H", data, place + 2 * row)
            for point in range(first, min(last, 0xFFFE) + 1):
                glyph = point
                if jump:
                    at = place + 2 * row + jump + 2 * (point - first)
                    glyph = struct.unpack_from(">H", data, at)[0]
                if glyph and (glyph + delta) & 0xFFFF:
                    yield point
    else:
        raise KeyError(f"character map format {kind}")
