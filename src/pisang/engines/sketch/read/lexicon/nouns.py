"""The nouns of the drawings library, as the lexicon wants them: folded phrase to drawing."""

from __future__ import annotations

from collections.abc import Mapping

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read.tokens import phrase


def drawings_by_noun(language: str) -> Mapping[str, str]:
    """The drawing that a noun of the language means first; later tables may overrule it."""
    if language != "en":
        return {}
    return {phrase(name): name for name in drawings.names() if not drawings.entry(name).tone}
