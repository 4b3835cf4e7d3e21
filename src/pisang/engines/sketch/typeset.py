"""Measures words and breaks them into lines that fill a box.

Pango says how large the *ink* of a line is: script faces swing far outside their advance boxes,
and what is measured by advances gets clipped. A face is measured once at 100 pixels and scaled,
because hinting is off and outlines grow evenly; so a layout is the same at 1K and at 4K.

Lines are broken here and not by Pango: titles want lines of even length and the largest size that
fits, which a paragraph breaker does not look for. Chinese, Japanese and Korean break between
letters but for the marks that may not begin or end a line; Thai, which has no spaces and needs a
dictionary, breaks at spaces only. Emoji are drawings and not letters: a line keeps a gap of
one em for each.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape

import pyvips

from pisang.engines.sketch import fonts
from pisang.engines.sketch.layers import Box

__all__ = [
    "EM",
    "Block",
    "Gap",
    "Setting",
    "block",
    "fit",
    "font_for",
    "is_rtl",
    "letters_ink",
    "line_ink",
    "markup",
    "pieces",
    "spoken",
]

EM = 100.0
GAP = "\u2003"  # an em space: where an emoji will be put
EMOJI = 1.0  # side of an emoji in em
_RLM = "\u200f"
_MEASURED_WHOLE = 150  # letters of a line that is measured at 100 pixels, however wide they are
_ENDLESS = 10_000  # letters from which a line is measured in parts
_WEIGHED = 120  # words up to which all ways of breaking them are compared
_MEANT = 1.7  # lines that the writer broke stay so unless others are this much larger
_TIES = 0.9  # fewer lines win unless more lines are this much larger
_DIVIDERS = set("·•|–—")  # they stay with the word before them
_NO_START = set(
    "、。，．・：；？！ー々〜）］｝」』】〉》’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ%!?,.:;)]}"
)
_NO_END = set("（［｛「『【〈《‘“([{$¥£€")
# Words that look lost at the end of a line.
_WEAK = {"a", "an", "the", "of", "to", "in", "on", "at", "for", "and", "or", "&", "is", "my"}
_WEAK |= {"de", "la", "le", "el", "und", "der", "die", "das", "et", "y", "i", "в", "и", "на", "с"}


@dataclass(frozen=True, slots=True)
class Setting:
    """How letters are set: Pango font without size, line height and letter spacing."""

    font: str
    spacing: float = 1.0
    tracking: float = 0.0
    align: str = "centre"
    rtl: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Where an emoji stands in a line: left and top from the line's origin, in em/100; its name."""

    x: float
    y: float
    drawing: str


@dataclass(frozen=True, slots=True)
class Line:
    """One measured line at 100 pixels: ink box against the line's own origin, emoji gaps."""

    x: float
    y: float
    width: float
    height: float
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Lines set at ``pixels``: ``places`` holds each line's ink box from the block's ink corner."""

    lines: tuple[str, ...]
    pixels: float
    width: float
    height: float
    places: tuple[Box, ...]


def font_for(words: str, style: str) -> str:
    """A Pango font description without size whose families together cover the words."""
    faces = fonts.faces_for(words, style)
    families = ",".join(dict.fromkeys(face.family for face in faces))
    bold = " Bold" if faces[0].weight >= 600 else ""
    italic = " Italic" if faces[0].slant == "italic" else ""
    return f"{families},{bold}{italic}"


def is_rtl(words: str) -> bool:
    """True where the first strong letter runs from right to left."""
    for letter in words:
        kind = unicodedata.bidirectional(letter)
        if kind in ("R", "AL"):
            return True
        if kind == "L":
            return False
    return False


def spoken(line: str) -> str:
    """The line with an em space in the place of each emoji."""
    return "".join(GAP if name else piece for piece, name in fonts.split_emoji(line))


def pieces(line: str) -> tuple[str, ...]:
    """The drawings of a line's emoji, in order."""
    return tuple(name for _, name in fonts.split_emoji(line) if name)


def markup(line: str, setting: Setting, pixels: float) -> str:
    """A line as Pango markup, every sign of markup in it escaped."""
    words = escape(spoken(line))
    if setting.rtl:
        words = _RLM + words
    if not setting.tracking:
        return words
    return f'<span letter_spacing="{round(setting.tracking * pixels * 1024)}">{words}</span>'


@lru_cache(maxsize=8192)
def line_ink(line: str, setting: Setting) -> Line:
    """Measures one line at 100 pixels."""
    x, y, width, height = _line(line, setting)
    drawn = pieces(line)
    if not drawn:
        return Line(x, y, width, height)
    lift = _ink("H", setting.font)
    top = lift[1] + lift[3] / 2 - EM * EMOJI / 2
    gaps = tuple(
        Gap(at, top, name) for at, name in zip(_gap_places(line, setting), drawn, strict=True)
    )
    left = min([gap.x for gap in gaps] + ([x] if width else []))
    right = max([gap.x + EM * EMOJI for gap in gaps] + ([x + width] if width else []))
    upper = min([top] + ([y] if width else []))
    lower = max([top + EM * EMOJI] + ([y + height] if width else []))
    return Line(left, upper, right - left, lower - upper, gaps)


def letters_ink(line: str, setting: Setting) -> Line | None:
    """The ink of a line's letters alone, at 100 pixels; None for a line of emoji only."""
    x, y, width, height = _line(line, setting)
    return Line(x, y, width, height) if width else None


def _gap_places(line: str, setting: Setting) -> Iterator[float]:
    """Left edge of every em space: what stands before it is measured between two bars."""
    whole = spoken(line)
    total = _advance(whole, setting)
    for at, letter in enumerate(whole):
        if letter == GAP:
            before = _advance(whole[:at], setting)
            yield total - before - EM if setting.rtl else before


def _advance(words: str, setting: Setting) -> float:
    bars = _line("||", setting)
    between = _line(f"|{words}|", setting)
    return between[2] - bars[2]


def _line(line: str, setting: Setting) -> tuple[float, float, float, float]:
    """The ink of one line at 100 pixels. A long line is measured smaller, and an endless one in
    parts: what is wider than 32,767 pixels is more than libvips can draw."""
    if len(line) > _ENDLESS:
        parts = [_line(line[at : at + _ENDLESS], setting) for at in range(0, len(line), _ENDLESS)]
        left, top, _, height = parts[0]
        return left, top, sum(part[2] for part in parts), height
    size = EM * min(1.0, _MEASURED_WHOLE / max(len(line), 1))
    left, top, width, height = _ink(markup(line, setting, size), setting.font, size)
    scale = EM / size
    return left * scale, top * scale, width * scale, height * scale


@lru_cache(maxsize=8192)
def _ink(words: str, font: str, pixels: float = EM) -> tuple[float, float, float, float]:
    """Left, top, width, height of the ink at ``pixels``; all 0 where there is none."""
    bare = re.sub(r"<[^>]*>", "", words)
    if not bare.strip(f" \t{GAP}{_RLM}\u200b"):
        return 0.0, 0.0, 0.0, 0.0
    drawn = pyvips.Image.text(words, font=f"{font} {pixels:g}", dpi=72)
    return drawn.xoffset, drawn.yoffset, drawn.width, drawn.height


@lru_cache(maxsize=512)
def pitch(font: str, sample: str = "x") -> float:
    """The font's own distance between two baselines, at 100 pixels."""
    one = pyvips.Image.text(sample, font=f"{font} {EM:g}", dpi=72)
    two = pyvips.Image.text(f"{sample}\n{sample}", font=f"{font} {EM:g}", dpi=72)
    return float(two.height - one.height)


def block(lines: Sequence[str], setting: Setting, *, pixels: float) -> Block:
    """Sets lines under each other and aligns them by their ink."""
    scale = pixels / EM
    step = pitch(setting.font) * setting.spacing
    inks = [line_ink(line, setting) for line in lines]
    width = max(ink.width for ink in inks)
    tops = [row * step + ink.y for row, ink in enumerate(inks)]
    first = min(tops)
    foot = max(top + ink.height for top, ink in zip(tops, inks, strict=True))
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[setting.align]
    places = tuple(
        Box(
            (width - ink.width) * share * scale,
            (top - first) * scale,
            ink.width * scale,
            ink.height * scale,
        )
        for top, ink in zip(tops, inks, strict=True)
    )
    return Block(tuple(lines), pixels, width * scale, (foot - first) * scale, places)


def fit(
    words: str,
    setting: Setting,
    *,
    width: float,
    height: float,
    most: float = math.inf,
    rows: int = 12,
) -> Block:
    """The words at the largest size up to ``most`` pixels that stays inside width x height.

    Explicit line breaks stay. Of two ways nearly as large the one with fewer lines wins.
    """
    best: Block | None = None
    worth = 0.0
    given = tuple(line.strip() for line in words.splitlines() if line.strip())
    for lines in _ways(words, setting, rows):
        bare = block(lines, setting, pixels=EM)
        pixels = EM * min(width / max(bare.width, 1e-6), height / max(bare.height, 1e-6), most / EM)
        merit = pixels * _TIES ** len(lines) * _grace(lines)
        merit *= _MEANT if len(given) > 1 and lines == given else 1.0
        if merit > worth * (1 + 1e-9):
            best, worth = block(lines, setting, pixels=pixels), merit
    assert best is not None
    return best


def _grace(lines: Sequence[str]) -> float:
    """Below 1 for a line that ends in a small word, and for a lone short last word."""
    score = 1.0
    for line in lines[:-1]:
        if line.split()[-1:] and line.split()[-1].casefold() in _WEAK:
            score *= 0.94
        if line[-1:] in _DIVIDERS:
            score *= 0.8
    if len(lines) > 1 and len(lines[-1]) * 3 < max(map(len, lines)):
        score *= 0.9
    return score


@lru_cache(maxsize=512)
def _ways(words: str, setting: Setting, rows: int) -> tuple[tuple[str, ...], ...]:
    """Balanced breakings into 1, 2, 3... lines; every explicit line is broken as evenly as need."""
    given = [line.strip() for line in words.splitlines() if line.strip()] or [words.strip() or " "]
    if len(given) == 1:
        atoms = _atoms(given[0])
        few = range(1, min(len(atoms), rows) + 1)
        counts = few if len(atoms) <= _WEIGHED else few[rows // 3 - 1 :: 4]
        return tuple(dict.fromkeys(_balanced(atoms, setting, count) for count in counts))
    ways = [tuple(given)]
    widths = [line_ink(line, setting).width for line in given]
    for share in (0.75, 0.5, 0.34, 0.25, 0.17):
        room = max(max(widths) * share, 1.0)
        broken: list[str] = []
        for line, wide in zip(given, widths, strict=True):
            atoms = _atoms(line)
            broken += _balanced(atoms, setting, min(math.ceil(wide / room), len(atoms)))
        if len(broken) <= max(rows, len(given)):
            ways.append(tuple(broken))
    return tuple(dict.fromkeys(ways))


def _atoms(line: str) -> tuple[tuple[str, bool], ...]:
    """What is never broken apart, each with whether a space follows it."""
    out: list[tuple[str, bool]] = []
    for word in line.split():
        if word in _DIVIDERS and out:
            out[-1] = (f"{out[-1][0]} {word}", True)
            continue
        parts = list(_letters_apart(word)) if any(map(_breaks_anywhere, word)) else [word]
        if len(parts) == 1 and len(word) > 18:
            parts = [part for part in re.split(r"(?<=[/\-_.@])", word) if part]
        out += [(part, False) for part in parts[:-1]] + [(parts[-1], True)]
    return tuple(out)


def _breaks_anywhere(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF" and fonts.script_of(letter) not in (
        "Hangul",
        "Emoji",
    )


def _letters_apart(word: str) -> Iterator[str]:
    """A word with Chinese or Japanese in it, cut wherever a line may end."""
    part = ""
    for letter in word:
        joined = (
            not part
            or letter in _NO_START
            or part[-1] in _NO_END
            or unicodedata.combining(letter)
            or not (_breaks_anywhere(letter) or _breaks_anywhere(part[-1]))
        )
        if joined:
            part += letter
        else:
            yield part
            part = letter
    if part:
        yield part


def _balanced(atoms: Sequence[tuple[str, bool]], setting: Setting, count: int) -> tuple[str, ...]:
    """Breaks into exactly ``count`` lines so that the widest is as narrow as can be, then even.

    Widths of atoms are added up (exact enough to choose; the block is measured afterwards).
    """
    space = EM * 0.28
    wide = [line_ink(part, setting).width for part, _ in atoms]
    total = len(atoms)
    ends = [0.0]
    for at, (_, spaced) in enumerate(atoms):
        ends.append(ends[-1] + wide[at] + (space if spaced else 0.0))

    def width(first: int, last: int) -> float:
        return ends[last] - ends[first] - (space if atoms[last - 1][1] else 0.0)

    if total > _WEIGHED:
        return _cut(atoms, _evenly(ends, count))
    even = width(0, total) / count
    cost: dict[tuple[int, int], tuple[float, int]] = {(0, 0): (0.0, 0)}
    for row in range(1, count + 1):
        for last in range(row, total - (count - row) + 1):
            options = (
                (cost[row - 1, first][0] + abs(width(first, last) / even - 1) ** 3, first)
                for first in range(row - 1, last)
                if (row - 1, first) in cost
            )
            cost[row, last] = min(options)
    cuts = [total]
    for row in range(count, 0, -1):
        cuts.append(cost[row, cuts[-1]][1])
    cuts.reverse()
    return _cut(atoms, cuts)


def _evenly(ends: Sequence[float], count: int) -> list[int]:
    """Cuts nearest to equal shares: as good as weighing all ways where lines have many words."""
    cuts = [0]
    for row in range(1, count):
        last = len(ends) - 1 - (count - row)
        cuts.append(min(max(bisect_left(ends, ends[-1] * row / count), cuts[-1] + 1), last))
    return [*cuts, len(ends) - 1]


def _cut(atoms: Sequence[tuple[str, bool]], cuts: Sequence[int]) -> tuple[str, ...]:
    """The lines between the cuts."""
    return tuple(
        "".join(part + (" " if spaced else "") for part, spaced in atoms[first:last]).strip()
        for first, last in itertools.pairwise(cuts)
    )
