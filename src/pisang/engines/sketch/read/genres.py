"""Decides what kind of picture is asked for: by its name, else by what it holds."""

from __future__ import annotations

from pisang.engines.sketch.read.nouns import Parse
from pisang.engines.sketch.vocabulary import Genre

# A prompt that names two ("a poster with a logo") is the earlier one, but these decide at once.
_STRONG = (Genre.INTERFACE, Genre.INFOGRAPHIC, Genre.PATTERN, Genre.COLLAGE)
_CHARTS = frozenset(("bar-chart", "pie-chart", "line-chart", "timeline", "table", "step", "stat"))
_COMMON_WORDS = frozenset(("step", "stat", "list", "card", "comparison"))
_ROWED = frozenset(("table", "list", "comparison", "timeline", "step"))
_TILES = frozenset(("card", "field", "button", "nav", "tabs", "toggle"))
_PARTS = frozenset(("button", "field", "nav", "tabs", "toggle", "phone", "browser", "avatar"))


def genre_of(parse: Parse) -> Genre:
    """The kind of picture."""
    named = [Genre(value) for value in parse.genres]
    rows = {noun.value for noun in parse.of("block") if len(noun.items) > 1}
    if named:
        first = named[0]
        strong = next((genre for genre in named if genre in _STRONG), None)
        if rows & _ROWED and first not in _STRONG:
            return Genre.INFOGRAPHIC  # a menu or poster of rows: only a page of blocks shows them
        return strong if strong and first in (Genre.SCENE, strong) else first
    if rows & _ROWED:
        return Genre.INFOGRAPHIC
    if rows & _TILES:
        return Genre.INTERFACE
    blocks = {
        noun.value for noun in parse.of("block") if noun.items or noun.value not in _COMMON_WORDS
    }
    if blocks & _CHARTS:
        return Genre.INFOGRAPHIC
    if blocks & _PARTS:
        return Genre.INTERFACE
    if any(one.headline for one in parse.of("text")) and len(parse.of("text")) > 1:
        return Genre.POSTER
    things, texts = parse.of("thing"), [one for one in parse.of("text") if one.words]
    places = [place for place in parse.of("place") if place.value != "sky"]
    if texts and not things and not places:
        return Genre.CARD
    if parse.themes and not (parse.of("thing") or parse.of("place") or parse.asked):
        return Genre.CARD  # "happy birthday"
    return Genre.SCENE
