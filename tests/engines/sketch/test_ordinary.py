"""The list that keeps real words from being corrected."""

import pytest

from pisang.engines.sketch.ordinary import is_word


@pytest.mark.parametrize("word", ["presented", "corners", "chest", "colour", "color", "night"])
def test_real_words_are_known(word: str) -> None:
    assert is_word(word)


@pytest.mark.parametrize("word", ["elefant", "girafe", "baloon", "", "cat"])
def test_slips_and_short_words_are_not(word: str) -> None:
    assert not is_word(word)
