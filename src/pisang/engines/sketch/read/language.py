"""Says which language a prompt is in: by its script, then by its commonest small words.

Only languages with a lexicon table count. Quoted text has been lifted out before, so "draw a sign
that says 「こんにちは」" is English.
"""

from __future__ import annotations

import functools
import re
from collections import Counter

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
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W\d_]+['’]?")
_LATIN_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "id", "vi")
_LETTERS = {
    "de": "äöüß",
    "fr": "çèêëàùœ",
    "es": "ñ¿¡",
    "pt": "ãõ",
    "pl": "ąćęłńśźż",
    "sv": "å",
}


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
    if len(_CYRILLIC.findall(sample)) > latin / 2:
        if _UKRAINIAN.search(sample) and "uk" in known:
            return "uk"
        return "ru" if "ru" in known else "en"
    return _by_small_words(sample, known)


def _by_small_words(sample: str, known: set[str]) -> str:
    words = Counter(fold(word).replace("’", "'") for word in _WORD.findall(sample))
    scores = {}
    for code in _LATIN_LANGUAGES:
        if code not in known:
            continue
        marks = _marks(code)
        score = 1.5 * sum(count for word, count in words.items() if word in marks)
        score += sum(1.0 for letter in _LETTERS.get(code, "") if letter in sample.lower())
        # Content words break the tie of prompts with no small word at all ("roter Apfel").
        score += sum(0.5 for word in words if _says(code, word))
        scores[code] = score + (0.25 if code == "en" else 0.0)
    best = max(scores, key=lambda code: scores[code], default="en")
    return best if scores.get(best, 0.0) > 0 else "en"


@functools.cache
def _marks(code: str) -> frozenset[str]:
    return frozenset(phrase(mark) for mark in lexicon.facts(code).get("marks", ()))


@functools.lru_cache(maxsize=8192)
def _says(code: str, word: str) -> bool:
    return lexicon.load(code).find((word,)) is not None
