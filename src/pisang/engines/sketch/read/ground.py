"""Finds what lies behind everything: a place in some light, or a coloured and textured ground."""

from __future__ import annotations

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.nouns import Noun, Parse
from pisang.engines.sketch.read.themes import Theme
from pisang.engines.sketch.scene import Backdrop, Genre, Hour, Ink, Place, Texture

_NIGHT_THINGS = frozenset(
    (
        "full-moon",
        "crescent-moon",
        "moon",
        "full-moon-face",
        "new-moon",
        "owl-at-night",
        "milky-way",
    )
)
_GROUNDED = (Genre.CARD, Genre.POSTER, Genre.SOCIAL, Genre.INFOGRAPHIC, Genre.PATTERN)


def backdrop_of(parse: Parse, *, genre: Genre, theme: Theme | None) -> Backdrop:
    """The backdrop that a parse describes, with a theme's ground for cards that name none."""
    place = _place(parse)
    ground = _ground(parse)
    ink, texture = _ink(parse, ground, place), _texture(ground, place)
    hour = _hour(parse)
    if place is None and ink is None and texture is None and hour is None:
        if theme and genre in _GROUNDED:
            return Backdrop(ink=Ink(colours=theme.ground), texture=Texture.GRADIENT)
        return Backdrop()
    if place is None and ink is not None and texture is None:
        texture = Texture.GRADIENT if len(ink.colours) > 1 else Texture.PLAIN
    return Backdrop(
        place=Place(place.value) if place else None, hour=hour, ink=ink, texture=texture
    )


def _place(parse: Parse) -> Noun | None:
    near = [
        noun for noun in parse.of("place") if noun.traits.depth not in ("distance", "outside")
    ] or parse.of("place")
    solid = [noun for noun in near if noun.value != "sky"]
    return (solid or near or [None])[0]


def _ground(parse: Parse) -> Noun | None:
    grounds = parse.of("ground")
    described = [noun for noun in grounds if noun.traits]
    return (described or grounds or [None])[0]


def _ink(parse: Parse, ground: Noun | None, place: Noun | None) -> Ink | None:
    if ground and ground.traits.inks:
        return colours.joined(ground.traits.inks)
    if place and place.traits.inks:
        return colours.joined(place.traits.inks)
    floating = parse.floating
    if floating.inks and (floating.ranged or floating.texture):
        return colours.joined(floating.inks)
    nothing = not parse.of("thing") and not parse.of("place") and not parse.of("text")
    return colours.joined(floating.inks) if floating.inks and nothing else None


def _texture(ground: Noun | None, place: Noun | None) -> Texture | None:
    for noun in (ground, place):
        if noun and noun.traits.texture:
            return Texture(noun.traits.texture)
        if noun and noun.traits.ranged and noun.kind == "ground":
            return Texture.GRADIENT
    return None


def _hour(parse: Parse) -> Hour | None:
    if parse.hours:
        return Hour(parse.hours[0])
    if any(noun.value in _NIGHT_THINGS for noun in parse.of("thing")):
        return Hour.NIGHT
    return None
