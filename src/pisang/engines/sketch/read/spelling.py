"""Mends a typing slip in a noun: one letter too many, too few, wrong or swapped.

The danger is the other way round: "might" must not become "night". So only words of five letters
and more are tried, the first letter must stand, a capital inside a sentence (a name) is left, and
so is every ordinary English word; the tables' `typo` lines list further ones beside a noun.
"""

from __future__ import annotations

from collections.abc import Iterator

from pisang.engines.sketch import ordinary
from pisang.engines.sketch.read.lexicon import Lexicon

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SHORTEST = 5
_LONGEST = 24
_SOUNDS = (("f", "ph"), ("ph", "f"), ("k", "c"), ("c", "k"), ("ei", "ie"), ("ie", "ei"))
_MENDED = frozenset(("thing", "colour", "place", "genre", "effect", "ground"))


def mended(word: str, lexicon: Lexicon) -> str:
    """The noun or colour that `word` is a slip of, or "" when there is none."""
    small = word.lower()
    if not _SHORTEST <= len(small) <= _LONGEST or not small.isalpha():
        return ""
    if word[0].isupper() and not word.isupper():
        return ""
    if ordinary.is_word(small):
        return ""
    for guess in _slips(small):
        hit = lexicon.find((guess,))
        if hit and any(entry.kind in _MENDED for entry in hit.entries):
            return guess
    return ""


def _slips(word: str) -> Iterator[str]:
    """Every word one slip away whose first letter is the same, likeliest slips first."""
    for wrong, right in _SOUNDS:
        if wrong in word:
            yield word.replace(wrong, right)
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) + 1)]
    for head, tail in cuts:
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
    for head, tail in cuts:
        if len(tail) > 1 or head[-1] == tail:  # "rocky" and "icons" are no slips
            yield head + tail[1:]
    for head, tail in cuts:
        for letter in _LETTERS:
            yield head + letter + tail
    for head, tail in cuts:
        if tail:
            for letter in _LETTERS:
                yield head + letter + tail[1:]
