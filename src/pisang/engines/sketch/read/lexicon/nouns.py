"""The nouns of the drawings library, as the lexicon wants them: folded phrase to drawing.

Only labels and hand-written synonyms are believed: a loose tag ("warm" for a jacket) would make
objects of words that describe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pisang.engines.sketch import words
from pisang.engines.sketch.read.tokens import SOLID, fold, phrase

_SOLID = re.compile(f"[{SOLID}]")


def drawings_by_noun(language: str) -> Mapping[str, str]:
    """The drawing that a noun of the language means first; {} for a language without nouns."""
    if language not in words.LANGUAGES:
        return {}
    result: dict[str, str] = {}
    for noun, found in words.nouns(language).items():
        name, rank = found[0]
        if rank < words.CERTAIN:
            # Most nouns are letters and spaces only: folding them is enough, and much faster.
            spaced = noun.replace(" ", "").isalpha() and not _SOLID.search(noun)
            key = noun if noun.isascii() and spaced else fold(noun) if spaced else phrase(noun)
            result.setdefault(key, name)
    return result
