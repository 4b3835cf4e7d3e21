"""Contact sheets: many small pictures with what was asked and what was found wanting."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import pyvips

from pisang.core.image import Pixels
from tests.corpus.play import image_of

CELL = 340
_CAPTION = 62
_ACROSS = 4
_DOWN = 4

Entry = tuple[str, Pixels | None, list[str]]


def write_sheets(entries: Sequence[Entry], folder: Path, name: str) -> list[Path]:
    """Writes ``folder/name-1.png`` and so on: 16 pictures a sheet, wanting ones with a red line."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, start in enumerate(range(0, len(entries), _ACROSS * _DOWN), 1):
        cells = [_cell(entry) for entry in entries[start : start + _ACROSS * _DOWN]]
        path = folder / f"{name}-{number}.png"
        pyvips.Image.arrayjoin(cells, across=_ACROSS).pngsave(str(path))
        paths.append(path)
    return paths


def _cell(entry: Entry) -> pyvips.Image:
    caption, pixels, faults = entry
    ground = pyvips.Image.black(CELL, CELL + _CAPTION, bands=3).copy(interpretation="srgb")
    cell = (ground + (250 if pixels else 225)).cast("uchar")
    if pixels is not None:
        small = image_of(pixels).thumbnail_image(CELL - 12, height=CELL - 12, size="both")
        cell = cell.insert(small, (CELL - small.width) // 2, (CELL - small.height) // 2)
    cell = cell.insert(_text(caption[:110], "#222"), 8, CELL)
    if faults:
        cell = cell.insert(_text("; ".join(faults)[:70], "#c00"), 8, CELL + _CAPTION - 16)
    return cell


def _text(words: str, colour: str) -> pyvips.Image:
    markup = f'<span foreground="{colour}">{escape(words)}</span>'
    drawn = pyvips.Image.text(markup, font="Noto Sans 9", width=CELL - 16, rgba=True, dpi=80)
    return drawn.flatten(background=[250, 250, 250]).cast("uchar")
