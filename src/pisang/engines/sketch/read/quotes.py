"""Lifts quoted text out of a prompt before anything else looks at it.

What stands in quotation marks is drawn exactly and must never be read as a description. Each
quote is replaced by a placeholder of private-use characters, which the tokens keep as one token.
The trap is the apostrophe: `'` opens a quote only after a space or bracket and closes one only
before a space or punctuation, so "don't", "the dogs' house" and 'it's here' come out right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

PAIRS = {
    '"': '"',
    "\u201c": '\u201d\u201f"',
    "\u201e": '\u201c\u201d"',
    "\u201f": "\u201d",
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab",
    "\u2039": "\u203a",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\u300a": "\u300b",
    "\u2018": "\u2019",
    "\u201a": "\u2018\u2019",
    "'": "'",
    "\u201d": "\u201d",
    "\uff02": "\uff02",
    "`": "`",
}
_SINGLE = "'\u2018\u2019"
_OPENERS = "([{:,-=\u2014\u2013>|*_"
_LONGEST_SINGLE = 200  # a single quote that far from its partner is an apostrophe
_PRIVATE = re.compile("[\ue000\ue001]")


@dataclass(frozen=True, slots=True)
class Quote:
    """`words` without the marks, line breaks kept; `start` and `end` in the original prompt."""

    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """The prompt with placeholders `\\ue000N\\ue001`, and the quotes by number."""

    text: str
    quotes: tuple[Quote, ...]


def lift(prompt: str) -> Lifted:
    """Takes every quoted text out. An unclosed quote runs to the end of its line."""
    prompt = _PRIVATE.sub(" ", prompt)
    ends = _closers(prompt)
    pieces: list[str] = []
    quotes: list[Quote] = []
    at = 0
    while at < len(prompt):
        char = prompt[at]
        close = _find_close(prompt, at, ends) if char in PAIRS else None
        if close is None:
            nearest = _next_mark(prompt, at + 1)
            pieces.append(prompt[at:nearest])
            at = nearest
            continue
        words = prompt[at + 1 : close[0]].strip()
        if words:
            pieces.append(f" \ue000{len(quotes)}\ue001 ")
            quotes.append(Quote(words, at, close[1]))
        at = close[1]
    return Lifted("".join(pieces), tuple(quotes))


_MARK = re.compile("[" + "".join(re.escape(mark) for mark in PAIRS) + "]")


def _next_mark(prompt: str, start: int) -> int:
    found = _MARK.search(prompt, start)
    return found.start() if found else len(prompt)


def _closers(prompt: str) -> dict[str, list[int]]:
    """Where each closing mark stands, so that a prompt of many marks is not searched anew."""
    wanted = {mark for marks in PAIRS.values() for mark in marks}
    places: dict[str, list[int]] = {mark: [] for mark in wanted}
    for index, char in enumerate(prompt):
        if char in places:
            places[char].append(index)
    for where in places.values():
        where.reverse()  # the nearest is popped from the end
    return places


def _find_close(prompt: str, start: int, places: dict[str, list[int]]) -> tuple[int, int] | None:
    """(end of the words, end with the mark) of the quote that opens at `start`, if one does."""
    mark = prompt[start]
    single = mark in _SINGLE
    if not _opens(prompt, start, single=single):
        return None
    if prompt.startswith('"""', start):
        close = prompt.find('"""', start + 3)
        return (close, close + 3) if close > 0 else None
    best: int | None = None
    for closer in PAIRS[mark]:
        stack = places[closer]
        while stack and stack[-1] <= start:
            stack.pop()
        found = _closing(prompt, start, reversed(stack), single=single)
        if found is not None and (best is None or found < best):
            best = found
    if best is not None:
        return best, best + 1
    if single or mark in "\u00bb`\u201d":
        return None
    line = prompt.find("\n", start)
    line = len(prompt) if line < 0 else line
    return (line, line) if len(prompt[start + 1 : line].strip()) > 1 else None


def _closing(prompt: str, start: int, places: object, *, single: bool) -> int | None:
    for place in places:  # type: ignore[attr-defined]
        if single and place - start > _LONGEST_SINGLE:
            return None
        if not single or _closes_single(prompt, place):
            return int(place)
    return None


def _opens(prompt: str, at: int, *, single: bool) -> bool:
    before = prompt[at - 1] if at else " "
    after = prompt[at + 1] if at + 1 < len(prompt) else " "
    if prompt[at] == '"' and before.isdigit() and not after.isalnum():
        return False  # inches: 24" wide
    if not single:
        return True
    return (before.isspace() or before in _OPENERS or _solid(before)) and not after.isspace()


def _closes_single(prompt: str, at: int) -> bool:
    before = prompt[at - 1]
    after = prompt[at + 1] if at + 1 < len(prompt) else " "
    return not before.isspace() and not (after.isalnum() and not _solid(after))


def _solid(char: str) -> bool:
    """Is it from a script that writes no spaces, where a mark needs none around it?"""
    return "\u3040" <= char <= "\u9fff"
