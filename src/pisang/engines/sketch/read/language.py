"""Says which language a prompt is in: by its script, then by its commonest small words.

Only languages with a lexicon table count. Quoted text has been lifted out before, so "draw a sign
that says 「こんにちは」" is English.
"""

from __future__ import annotations

import functools
import re
from collections import Counter

from pisang.engines.sketch import words as words_of
from pisang.engines.sketch.read import lexicon
from pisang.engines.sketch.read.tokens import fold, phrase

_LOOKED_AT = 4000  # characters: enough to know a language
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+['’]?")
_CYRILLIC_LANGUAGES = ("ru", "uk")
_LATIN_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "id", "vi")
_LETTERS = {
    "de": "äöüß",
    "fr": "çèêëàùœé",
    "es": "ñ¿¡",
    "it": "òèù",
    "pt": "ãõçê",
    "pl": "ąćęłńśźżó",
    "sv": "åäö",
    "ru": "ыэёъ",
    "uk": "іїєґ",
}
_TRIED = 2
_STEM = 4  # letters; a longer word may have an ending
_CLEAR = 1.5  # a lead of one small word decides


def detect(text: str) -> str:
    """The language code of `text`; `en` when nothing tells."""
    known = set(lexicon.languages())
    sample = text[:_LOOKED_AT]
    latin = len(_LATIN.findall(sample))
    for code, pattern in _SCRIPTS:
        found = len(pattern.findall(sample))
        # A name in Latin letters weighs less: it takes three letters where kanji take one.
        if found and code in known and (found * 3 >= latin or found >= 6):
            return code
    family: tuple[str, ...] = _LATIN_LANGUAGES
    if len(_CYRILLIC.findall(sample)) > latin / 2 and "ru" in known:
        family = _CYRILLIC_LANGUAGES
    return _by_small_words(sample, [code for code in family if code in known])


def _by_small_words(sample: str, family: list[str]) -> str:
    """The language of `family` whose small words and letters are there; the first when none are."""
    words = Counter(fold(word).replace("’", "'") for word in _WORD.findall(sample))
    letters = sample.lower()
    usual = family[0]
    scores = {
        code: 1.5 * sum(count for word, count in words.items() if word in _marks(code))
        + sum(1.0 for letter in _LETTERS.get(code, "") if letter in letters)
        + (0.25 if code == usual else 0.0)
        for code in family
    }
    best = max(scores, key=lambda code: scores[code])
    near = [code for code in family if scores[best] - scores[code] < _CLEAR]
    if len(near) == 1:
        return best
    # Content words decide where small ones do not ("roter Apfel"). The usual language is asked
    # first, so that the others' tables are read only for words that it does not know.
    if best == usual and _share(usual, words) >= 0.5:
        return usual
    # A whole table takes a tenth of a second to make: only the likeliest are made.
    hints = {code: scores[code] + _hint(code, words) for code in near if code != usual}
    likely = sorted((code for code in hints if hints[code] > 0), key=lambda code: -hints[code])
    tried = [*([usual] if usual in near else []), *likely[:_TRIED]] or [best]
    found = max(tried, key=lambda code: scores[code] + 3.0 * _share(code, words))
    # One word that another language has by chance is a name ("Mona Lisa").
    named = found != usual and not scores[found] and _share(found, words) <= 0.5
    return usual if named and len(words) > 1 else found


def _hint(code: str, words: Counter[str]) -> float:
    """How many of the words a language's table seems to hold, by their beginnings, 0 to 3."""
    table, nouns = _listed(code), words_of.listing(code) if code in words_of.LANGUAGES else ""
    found = 0.0
    for word in words:
        if f" {word} " in table or f"\n{word}\t" in nouns:
            found += 1.0
        elif len(word) > _STEM and f" {word[:-2]}" in table:
            found += 0.5
    return 3.0 * found / max(len(words), 1)


@functools.cache
def _listed(code: str) -> str:
    """The phrases of a language's table as one folded text."""
    return f" {fold(lexicon.phrases(code))} "


def _share(code: str, words: Counter[str]) -> float:
    """How many of the words the language's tables know: 0 to 1."""
    return sum(1 for word in words if _says(code, word)) / max(len(words), 1)


@functools.cache
def _marks(code: str) -> frozenset[str]:
    return frozenset(phrase(mark) for mark in lexicon.facts(code).get("marks", ()))


@functools.lru_cache(maxsize=8192)
def _says(code: str, word: str) -> bool:
    return lexicon.load(code).find((word,)) is not None
