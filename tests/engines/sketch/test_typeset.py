"""Words fill their box, are never clipped, and break where people would break them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisang.engines.sketch import fonts, typeset

fonts.setup()
SANS = typeset.Setting(typeset.font_for("abc", "bold"))


@given(
    words=st.text(st.characters(min_codepoint=32, max_codepoint=0x24F), min_size=1, max_size=60),
    width=st.floats(40, 2000),
    height=st.floats(20, 1000),
)
@settings(max_examples=80, deadline=None)
def test_any_words_fit_any_box(words: str, width: float, height: float) -> None:
    found = typeset.fit(words, SANS, width=width, height=height)
    assert found.width <= width * 1.0001
    assert found.height <= height * 1.0001
    said = "".join(found.lines).replace(" ", "")
    assert said == "".join(words.split())


@pytest.mark.parametrize("words", ["word " * 400, "word " * 8000, "w" * 25_000])
def test_endless_words_fit_too_and_soon(words: str) -> None:
    """No line of them could be measured at full size, and not every way of breaking compared."""
    found = typeset.fit(words, SANS, width=800, height=600)
    assert found.width <= 800.1
    assert found.height <= 600.1
    assert "".join(found.lines).replace(" ", "") == words.replace(" ", "")
    widths = [place.width for place in found.places]
    assert min(widths) > 0.9 * max(widths)


def test_the_box_is_used() -> None:
    found = typeset.fit("Happy Birthday", SANS, width=800, height=400)
    assert found.width > 780 or found.height > 390


def test_explicit_breaks_stay() -> None:
    found = typeset.fit("one\ntwo three\nfour", SANS, width=900, height=300)
    assert found.lines == ("one", "two three", "four")


def test_lines_are_balanced_and_no_small_word_ends_one() -> None:
    found = typeset.fit(
        "The old man and the sea of many colours", SANS, width=500, height=500, most=90
    )
    lengths = [len(line) for line in found.lines]
    assert len(lengths) > 1
    assert min(lengths) * 2 > max(lengths)


def test_long_words_shrink_and_addresses_break_at_their_marks() -> None:
    found = typeset.fit("Donaudampfschifffahrtsgesellschaft", SANS, width=200, height=200)
    assert found.lines == ("Donaudampfschifffahrtsgesellschaft",)
    found = typeset.fit("https://example.com/a/long/path/to/some/page", SANS, width=200, height=200)
    assert len(found.lines) > 1
    assert all(line[-1] in "/-_.@e" for line in found.lines)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_japanese_breaks_between_letters_but_not_before_a_stop(count: int) -> None:
    words = "「春が来た。」と、彼は言った。"
    atoms = typeset._atoms(words)
    lines = typeset._balanced(atoms, SANS, min(count, len(atoms)))
    assert "".join(lines) == words
    assert not any(line[0] in "。、」" or line[-1] in "「" for line in lines)


def test_script_swashes_lie_inside_the_measured_box() -> None:
    setting = typeset.Setting(typeset.font_for("Jolly", "script"))
    line = typeset.line_ink("Jolly", setting)
    assert line.x < 0  # the swing of the J leaves its advance box: the ink is what counts
    bare = typeset.block(("Jolly",), setting, pixels=100)
    assert bare.width == line.width


def test_markup_in_words_is_only_words() -> None:
    assert typeset.markup("<b>&", SANS, 100) == "&lt;b&gt;&amp;"
    plain = typeset.line_ink("<b>x</b>", SANS)
    assert plain.width > typeset.line_ink("x", SANS).width * 3


def test_emoji_leave_a_gap_of_one_em() -> None:
    line = typeset.line_ink("I ❤️ you", SANS)
    assert [gap.drawing for gap in line.gaps] == ["red-heart"]
    assert 0 < line.gaps[0].x < line.width - 100


def test_direction_is_that_of_the_first_strong_letter() -> None:
    assert typeset.is_rtl("123 שלום abc")
    assert not typeset.is_rtl("abc שלום")
    assert not typeset.is_rtl("123")


def test_lines_that_the_writer_broke_stay() -> None:
    words = "Dear Mum,\nthank you for everything\nLove, Sam"
    setting = typeset.Setting(typeset.font_for(words, "script"))
    found = typeset.fit(words, setting, width=600, height=700, most=90)
    assert found.lines == tuple(words.splitlines())


def test_a_divider_never_begins_a_line() -> None:
    words = "June 12, 2027 · Lake Como"
    setting = typeset.Setting(typeset.font_for(words, "sans"))
    for width in (200, 300, 420, 600):
        found = typeset.fit(words, setting, width=width, height=400, most=80)
        assert not any(line.startswith("·") for line in found.lines)
        assert " ".join(found.lines) == words
