"""Cuts a prompt into tokens: words, numbers, colour codes, emoji, punctuation and lifted quotes.

Three habits make one table lookup serve all languages: a hyphen parts words ("t-shirt" is
`t shirt`), an apostrophe parts an article from its noun ("l'arbre" is `l' arbre`, "dog's" is
`dog 's`), and a script without spaces is one token a character, so that "longest match over
tokens" is also how Chinese and Japanese are read. Lexicon phrases go through the same cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

# Python's \w leaves out the vowel signs of Devanagari, Thai and their kin, and Hebrew points.
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u064b-\u065f\u0670\u0900-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0b82\u0bbe-\u0bcd"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c\u200d"
)
SOLID = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
QUOTE = re.compile("\ue000(\\d+)\ue001")
_TOKEN = re.compile(
    rf"(?P<quote>\ue000\d+\ue001)"
    rf"|(?P<hex>\#(?:[0-9a-f]{{6}}|[0-9a-f]{{3}})(?![0-9a-z]))"
    rf"|(?P<rgb>rgba?\(\s*\d{{1,3}}%?\s*,\s*\d{{1,3}}%?\s*,\s*\d{{1,3}}%?\s*(?:,\s*[\d.]+\s*)?\))"
    rf"|(?P<price>[$€£¥₹]\s?\d[\d.,]*\d|[$€£¥₹]\s?\d)"
    rf"|(?P<ratio>\d+(?:\.\d+)?(?::|\s?[x×]\s?)\d+(?![\d]))"
    rf"|(?P<stop>f/\d+(?:\.\d+)?)"
    rf"|(?P<number>\d+(?:[.,]\d+)*(?P<unit>%|°|[a-z]{{1,7}}(?![a-z]))?)"
    rf"|(?P<solid>[{SOLID}])"
    rf"|(?P<word>[^\W\d_{SOLID}][^\W\d_{SOLID}{_MARKS}]*(?:[{_MARKS}]+[^\W\d_{SOLID}]*)*)"
    rf"|(?P<line>\n)"
    rf"|(?P<hyphen>(?<=[^\W_])[-\u2010\u2011](?=[^\W_]))"
    rf"|(?P<space>[^\S\n]+)"
    rf"|(?P<apostrophe>['’ʼ])"
    rf"|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONTRACTIONS = frozenset(("s", "t", "re", "ll", "ve", "m", "d"))
_ENDS = frozenset(".!?。！？;；।…")
_PAUSES = frozenset(",:：，、،()[]{}（）【】|/—–-*•·▪")


class Kind(StrEnum):
    WORD = "word"
    NUMBER = "number"
    COLOUR = "colour"
    QUOTE = "quote"
    PRICE = "price"
    MEASURE = "measure"  # 16:9, f/1.8, 85mm
    END = "end"  # of a sentence
    PAUSE = "pause"
    LINE = "line"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as written, `norm` folded for lookup, `start` and `end` in the lifted prompt."""

    kind: Kind
    text: str
    norm: str
    start: int
    end: int
    hyphened: bool = False  # a hyphen joins it to the word before


def fold(text: str) -> str:
    """Letters as the tables have them: compatibility forms and capitals gone, accents gone."""
    if text.isascii():
        return text.lower()
    flat = unicodedata.normalize("NFKD", text).casefold()
    # Accents go only from Latin, Greek and Cyrillic letters: elsewhere they are vowels.
    kept = "".join(one for one in flat if not "\u0300" <= one <= "\u036f")
    return unicodedata.normalize("NFC", kept.replace("ё", "е").replace("ß", "ss"))


def cut(text: str) -> list[Token]:
    """Every token of `text` in order; spaces are dropped."""
    tokens: list[Token] = []
    hyphened = False
    for match in _TOKEN.finditer(text):
        name = match.lastgroup
        if name == "unit":
            name = "number"
        if name in ("space", "hyphen", None):
            hyphened = name == "hyphen"
            continue
        if name == "apostrophe":
            _join_apostrophe(tokens, match.group(), start=match.start(), text=text)
            continue
        token = _token(name or "other", match)
        tokens.append(replace(token, hyphened=True) if hyphened else token)
        hyphened = False
    return _contract(tokens)


def phrase(text: str) -> str:
    """A lexicon phrase as a key: its tokens' folded forms, joined by spaces."""
    if text[-1:] in ("'", "’"):
        # An elided word at the end ("à côté d'") keeps its mark, as it does before a noun.
        return phrase(text + "x").removesuffix(" x")
    if text == "'s":
        return text  # the ending that `cut` parts from "dog's"
    return " ".join(token.norm for token in cut(text) if token.norm)


def part(
    tokens: list[Token], *, particles: tuple[str, ...], known: Callable[[str], bool]
) -> list[Token]:
    """Parts what sticks to a word (Korean particles) where the rest is a known word."""
    result: list[Token] = []
    for token in tokens:
        stem = ""
        if token.kind is Kind.WORD and not known(token.norm):
            stem = next(
                (
                    token.norm[: -len(tail)]
                    for tail in particles
                    if token.norm.endswith(tail) and known(token.norm[: -len(tail)])
                ),
                "",
            )
        if not stem:
            result.append(token)
            continue
        middle = token.start + min(len(stem), token.end - token.start)
        head, tail = token.text[: len(stem)], token.text[len(stem) :]
        result.append(Token(Kind.WORD, head, stem, token.start, middle))
        result.append(Token(Kind.WORD, tail, token.norm[len(stem) :], middle, token.end))
    return result


def _token(name: str, match: re.Match[str]) -> Token:
    text = match.group()
    start, end = match.span()
    if name in ("hex", "rgb"):
        return Token(Kind.COLOUR, text, "", start, end)
    if name == "quote":
        return Token(Kind.QUOTE, text, "", start, end)
    if name == "price":
        return Token(Kind.PRICE, text, text, start, end)
    if name in ("ratio", "stop"):
        return Token(Kind.MEASURE, text, "", start, end)
    if name == "number":
        return Token(Kind.NUMBER, text, fold(text), start, end)
    if name in ("word", "solid"):
        return Token(Kind.WORD, text, fold(text), start, end)
    if name == "line":
        return Token(Kind.LINE, text, "", start, end)
    if text in _ENDS:
        return Token(Kind.END, text, "", start, end)
    if text in _PAUSES:
        return Token(Kind.PAUSE, text, "", start, end)
    return Token(Kind.OTHER, text, text if text in "&+" else "", start, end)


def _join_apostrophe(tokens: list[Token], mark: str, *, start: int, text: str) -> None:
    """Keeps an apostrophe that stands between letters; any other is dropped."""
    before = tokens[-1] if tokens else None
    inside = start + 1 < len(text) and text[start + 1].isalpha()
    if before and before.kind is Kind.WORD and before.end == start and inside:
        whole = before.text + mark
        tokens[-1] = Token(Kind.WORD, whole, before.norm + "'", before.start, start + 1)


def _contract(tokens: list[Token]) -> list[Token]:
    """Puts "don'" "t" together again, and makes "dog'" "s" into `dog` and `'s`."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        open_word = last is not None and last.norm.endswith("'") and last.end == token.start
        if last and open_word and token.norm == "s":
            result[-1] = Token(Kind.WORD, last.text[:-1], last.norm[:-1], last.start, last.end - 1)
            result.append(Token(Kind.WORD, "'s", "'s", last.end - 1, token.end))
        elif last and open_word and token.norm in _CONTRACTIONS:
            joined = last.text + token.text
            result[-1] = Token(Kind.WORD, joined, last.norm + token.norm, last.start, token.end)
        else:
            result.append(token)
    return result
