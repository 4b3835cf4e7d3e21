"""The library of about 3,000 vector drawings: find one by name or emoji, take its SVG body.

The bodies lie in `data/drawings.bin` as small deflated blocks, so that one drawing costs a
fraction of a millisecond; `data/drawings.json` is the index with what layout needs to know (box
of the ink, main colour, group). Made by `script/pack-assets`, which also says what was changed.
A body is the inside of an `<svg viewBox="0 0 width height">`; ids in it are made unique per use.
"""

from __future__ import annotations

import functools
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pisang.engines.sketch.recolour import recolour

__all__ = [
    "TONES",
    "Drawing",
    "Entry",
    "by_emoji",
    "emoji_length",
    "entry",
    "get",
    "names",
    "recolour",
    "with_tone",
]

DATA = Path(__file__).parent / "data"
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
_ID = re.compile(r"(\sid=\"|url\(#|href=\"#)(?=i\d)")
_LONGEST_EMOJI = 12  # code points: a family of four with skin tones and joiners is shorter


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index knows of a drawing without opening it.

    `box` is the ink as (left, top, right, bottom) in units of the view box `width` x `height`;
    `fill` the colour that covers most of it, as `#rrggbb`; `group` and `subgroup` are
    emojibase's (`animals-nature`, `animal-mammal`); `base` and `tone` split a name that is a
    skin tone variant (`waving-hand`, `dark`), tone is "" where there is none; `emoji` the code
    points the drawing stands for (`1f408`, joined by `-`).
    """

    name: str
    width: int
    height: int
    box: tuple[float, float, float, float]
    fill: str
    group: str
    subgroup: str
    base: str
    tone: str
    emoji: tuple[str, ...]
    block: int
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing: `body` is SVG to be put in a view box of 0 0 `width` `height`."""

    name: str
    width: int
    height: int
    body: str
    box: tuple[float, float, float, float]
    fill: str

    def body_with_ids(self, prefix: str) -> str:
        """The body with every id begun by `prefix` (letters, digits), for a second copy."""
        return _ID.sub(lambda match: match.group() + prefix, self.body)


def _entry(name: str, row: list[Any]) -> Entry:
    block, start, length, width, height, box, fill, group, subgroup, base, tone, emoji = row
    return Entry(
        name=name,
        width=width,
        height=height,
        box=(box[0], box[1], box[2], box[3]),
        fill=fill,
        group=group,
        subgroup=subgroup,
        base=base,
        tone=tone,
        emoji=tuple(emoji),
        block=block,
        start=start,
        length=length,
    )


@functools.cache
def _index() -> tuple[tuple[int, ...], Mapping[str, list[Any]]]:
    raw = json.loads((DATA / "drawings.json").read_text("utf-8"))
    return tuple(raw["blocks"]), MappingProxyType(raw["drawings"])


@functools.cache
def _emoji() -> Mapping[str, str]:
    return {code: name for name, row in _index()[1].items() for code in row[-1]}


@functools.lru_cache(maxsize=64)
def _block(number: int) -> bytes:
    start, end = _index()[0][number : number + 2]
    with (DATA / "drawings.bin").open("rb") as file:
        file.seek(start)
        return zlib.decompress(file.read(end - start))


def names() -> tuple[str, ...]:
    """Every drawing's name, sorted; skin tone variants are names of their own."""
    return tuple(_index()[1])


@functools.lru_cache(maxsize=512)
def entry(name: str) -> Entry:
    """The index's knowledge of one drawing; raises KeyError."""
    return _entry(name, _index()[1][name])


@functools.lru_cache(maxsize=256)
def get(name: str) -> Drawing:
    """One drawing; raises KeyError for a name that `names()` does not have."""
    found = entry(name)
    data = _block(found.block)[found.start : found.start + found.length]
    return Drawing(name, found.width, found.height, data.decode("utf-8"), found.box, found.fill)


def with_tone(name: str, tone: str) -> str:
    """The variant of a drawing in a skin tone, or the name itself where there is none."""
    variant = f"{entry(name).base}-{tone}" if tone else entry(name).base
    return variant if variant in _index()[1] else name


def by_emoji(char: str) -> str | None:
    """The drawing's name for an emoji (one cluster, variation selectors or not), or None."""
    codes = [f"{ord(one):x}" for one in char if one not in "\ufe0e\ufe0f"]
    return _emoji().get("-".join(codes))


@functools.cache
def _emoji_starts() -> frozenset[int]:
    return frozenset(int(codes.partition("-")[0], 16) for codes in _emoji())


def emoji_length(text: str, start: int) -> int:
    """How many characters from `start` are one emoji that we can draw; 0 for none.

    The longest sequence wins, so that a joined family is not taken apart.
    """
    if ord(text[start]) not in _emoji_starts():  # nearly every letter there is
        return 0
    for end in range(min(len(text), start + _LONGEST_EMOJI), start, -1):
        if text[end - 1] != "\u200d" and by_emoji(text[start:end]):
            return end - start
    return 0
