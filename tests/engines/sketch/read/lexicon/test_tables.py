"""Every table keeps the format of README.md: kinds, values, no phrase twice under one kind."""

from collections import Counter

import pytest

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read import lexicon
from pisang.engines.sketch.read.colours import parse_value, toned
from pisang.engines.sketch.read.themes import THEMES
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import (
    BlockKind,
    Bond,
    Change,
    Depth,
    EffectKind,
    Face,
    Formation,
    Genre,
    Hour,
    Place,
    Role,
    Size,
    Slot,
    Style,
    Texture,
)

_VALUES: dict[str, set[str]] = {
    "size": set(Size),
    "slot": set(Slot),
    "depth": set(Depth),
    "formation": set(Formation),
    "place": set(Place),
    "hour": set(Hour),
    "texture": set(Texture),
    "style": set(Style),
    "effect": set(EffectKind),
    "genre": set(Genre),
    "theme": set(THEMES),
    "text": set(Role),
    "says": {*Role, "-", "with"},
    "face": set(Face),
    "bond": {*Bond, "riding"},
    "block": set(BlockKind),
    "det": {"-", "the"},
    "draw": {"-", "weak"},
    "ask": {"question", "greeting", "task"},
    "pronoun": {"one", "many"},
}
_BARE = {
    "skip", "and", "with", "link", "on", "of", "from", "to", "not", "but", "medium", "early",
    "ground", "fluff", "photo", "unknown", "typo", "lead", "write",
}  # fmt: skip
_VERBS = set(
    """add remove replace move change make grow shrink recolour flip rotate crop undo restart put
    combine keep set use""".split()  # noqa: SIM905
)


def wrong(kind: str, value: str) -> bool:
    """Is this no value of that kind?"""
    if kind in _VALUES:
        return value not in _VALUES[kind]
    if kind in _BARE:
        return value != "-"
    if kind == "number" or kind == "ordinal":
        return not value.lstrip("-").isdigit()
    if kind == "verb":
        return value not in _VERBS
    if kind == "pixel":
        return value.split(" ")[0] not in set(Change)
    if kind == "nearest":
        return value not in set(drawings.names())
    if kind == "group":
        return not set(value.split(" ")) <= set(drawings.names())
    if kind == "thing":
        return not value.startswith("shape:") and value not in set(drawings.names())
    if kind == "colour":
        return not parse_value(value, "x").colours[0].startswith("#")
    if kind == "weight":
        return value not in {"bold", "italic", "caps", "lower", "glow", "shadow", "outline", "foil"}
    if kind == "tone":
        return not toned(Ink(colours=("#336699",)), value).colours
    return True


@pytest.mark.parametrize("language", lexicon.languages())
def test_kinds_and_values(language: str) -> None:
    rows = lexicon.rows(language)
    assert rows
    assert [row for row in rows if wrong(row[0], row[1])] == []


@pytest.mark.parametrize("language", lexicon.languages())
def test_no_phrase_means_two_values_of_a_bare_kind(language: str) -> None:
    once = ("not", "with", "of", "and", "place", "genre", "bond")
    counts = Counter((row[0], row[2]) for row in lexicon.rows(language) if row[0] in once)
    values = {(row[0], row[2]): set[str]() for row in lexicon.rows(language) if row[0] in once}
    for kind, value, phrase in lexicon.rows(language):
        if kind in once:
            values[kind, phrase].add(value)
    assert counts
    assert {key: found for key, found in values.items() if len(found) > 1} == {}


def test_a_plural_is_found_by_its_singular() -> None:
    hit = lexicon.load("en").find(("cats",))
    assert hit is not None
    assert hit.plural
    assert hit.entries[0].value == "cat"


def test_an_unknown_word_is_not_found() -> None:
    assert lexicon.load("en").find(("zorble",)) is None
