"""Finds what lies behind everything: a place in some light, or a coloured and textured ground."""

from __future__ import annotations

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.nouns import Noun, Parse
from pisang.engines.sketch.read.themes import Theme
from pisang.engines.sketch.recolour import to_oklch
from pisang.engines.sketch.scene import Backdrop, Ink
from pisang.engines.sketch.vocabulary import Genre, Hour, Place, Texture

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
DRAWN_PLACES: dict[str, str] = {
    "mountains": "snow-capped-mountain",
    "hills": "mountain",
    "city": "cityscape",
    "forest": "evergreen-tree",
    "sea": "water-wave",
    "beach": "beach-with-umbrella",
    "garden": "tulip",
    "farm": "house-with-garden",
    "desert": "cactus",
    "lake": "water-wave",
    "street": "houses",
    "park": "deciduous-tree",
    "meadow": "blossom",
    "space": "ringed-planet",
}
"""What stands for a place that is seen far off, or through a window of another one."""
_IN_VIEW: dict[str, tuple[str, ...]] = {
    "lake": ("mountains", "hills", "forest"),
    "mountains": ("hills", "forest", "meadow"),
    "snowfield": ("mountains", "forest", "hills"),
    "meadow": ("hills", "forest", "mountains"),
    "hills": ("meadow", "forest"),
    "farm": ("hills", "meadow"),
    "beach": ("sea",),
    "street": ("city",),
}
"""What a place shows far off of its own accord."""
_TONES = {
    "dark": "#1c2030",
    "deep": "#14213d",
    "light": "#f5f2ea",
    "pale": "#f3efe8",
    "pastel": "#f3e1ee",
    "bright": "#ffe066",
    "muted": "#d8d2c6",
    "neon": "#141021",
}
"""A background that is only called dark or light."""
_DARK = 0.38  # OKLCH lightness
_WARM = (95.0, 310.0)  # degrees: outside are reds, oranges, pinks, purples
_COLOURFUL = 0.05
_BRIGHT = 0.8
_GREEN, _BLUE, _SAND = (105.0, 170.0), (170.0, 275.0), (55.0, 115.0)
_NATURAL: dict[str, tuple[tuple[float, float], ...]] = {
    "sky": (_BLUE,),
    "meadow": (_GREEN,),
    "hills": (_GREEN,),
    "mountains": (_BLUE, _GREEN),
    "forest": (_GREEN,),
    "park": (_GREEN,),
    "garden": (_GREEN,),
    "farm": (_GREEN, _SAND),
    "sea": (_BLUE,),
    "lake": (_BLUE,),
    "underwater": (_BLUE,),
    "beach": (_SAND, _BLUE),
    "desert": ((40.0, 100.0),),
    "snowfield": (_BLUE,),
}
"""OKLCH hues, in degrees, of the colours that a place is drawn in anyway."""
_PLAIN = frozenset(
    ("green", "blue", "yellow", "brown", "white", "grey", "gray", "light blue", "sandy", "grün",
     "blau", "vert", "verte", "bleu", "bleue", "verde", "azul", "azzurro", "blu")
)  # fmt: skip
"""Colour words that only say what a place looks like anyway."""
_SANDY = frozenset(("beach", "desert", "farm"))
_PALE = frozenset(("snowfield", "beach", "mountains"))
_BUILT = frozenset(("barn", "cabin", "greenhouse", "village", "town", "harbor", "harbour"))
_PAGES = frozenset(("card", "poster", "social", "infographic", "pattern"))
_GROUNDED = (Genre.CARD, Genre.POSTER, Genre.SOCIAL, Genre.INFOGRAPHIC, Genre.PATTERN)


def backdrop_of(parse: Parse, *, genre: Genre, theme: Theme | None) -> Backdrop:
    """The backdrop that a parse describes, with a theme's ground for cards that name none."""
    place = place_of(parse) if genre is not Genre.ICON else None
    ground = _ground(parse)
    ink, texture = _ink(parse, ground, place), _texture(parse, ground, place)
    hour = _hour(parse, place, lit=genre is Genre.SCENE)
    if place is None and ink is None and texture is None and hour is None:
        if theme and genre in _GROUNDED:
            return Backdrop(ink=Ink(colours=theme.ground), texture=Texture.GRADIENT)
        return Backdrop()
    if place is None and ink is not None and texture is None:
        texture = Texture.GRADIENT if len(ink.colours) > 1 else Texture.PLAIN
    return Backdrop(
        place=Place(place.value) if place else None,
        hour=hour,
        ink=ink,
        texture=texture,
        sky=sky_ink(parse) if place else None,
    )


def sky_ink(parse: Parse) -> Ink | None:
    """The colour of a sky that is neither the blue of day nor the dark of night, or None."""
    for noun in parse.of("place"):
        if noun.value == "sky" and noun.traits.inks:
            ink = colours.joined(noun.traits.inks)
            plain = ink is None or ink.name in _PLAIN or _sky_hour(noun) is Hour.NIGHT
            return None if plain else ink
    return None


def far_places(parse: Parse) -> None:
    """Makes things of places far off, so that a room keeps its mountains outside the window."""
    chosen = place_of(parse)
    for noun in parse.of("place"):
        far = noun.traits.depth in ("distance", "outside", "background")
        if noun is chosen or not far or noun.value not in DRAWN_PLACES:
            continue
        if chosen and noun.value in _IN_VIEW.get(chosen.value, ()):
            parse.nouns.remove(noun)  # the place shows them anyway, and nothing stands before it
            continue
        if noun.traits.depth == "background":
            noun.traits.depth = "distance"
        noun.kind, noun.value, noun.plural = "thing", DRAWN_PLACES[noun.value], False


def place_of(parse: Parse) -> Noun | None:
    """The place the picture is in: the first that is near; the sky only if there is no other."""
    near = [
        noun for noun in parse.of("place") if noun.traits.depth not in ("distance", "outside")
    ] or parse.of("place")
    solid = [noun for noun in near if noun.value != "sky"]
    return next(iter(solid or near), None)


def _ground(parse: Parse) -> Noun | None:
    grounds = parse.of("ground")
    described = [noun for noun in grounds if noun.traits]
    return next(iter(described or grounds), None)


def _ink(parse: Parse, ground: Noun | None, place: Noun | None) -> Ink | None:
    if ground and ground.traits.inks:
        return colours.joined(ground.traits.inks)
    if ground and ground.traits.tone in _TONES:
        return Ink(colours=(_TONES[ground.traits.tone],), name=ground.traits.tone)
    if place and place.value == "sky" and _sky_hour(place):
        return None
    if place and place.traits.inks and not _natural(place):
        return colours.joined(place.traits.inks)
    page = _page(parse)
    if page:
        return page
    floating = parse.floating
    if floating.inks and (floating.ranged or floating.texture):
        return colours.joined(floating.inks)
    paged = any(genre in _PAGES for genre in parse.genres)
    if paged and len(floating.inks) == 1 and not parse.of("place"):
        return colours.joined(floating.inks)  # "a business card ..., mint green"
    nothing = not parse.of("thing") and not parse.of("place") and not parse.of("text")
    return colours.joined(floating.inks) if floating.inks and nothing else None


def _natural(place: Noun) -> bool:
    """Are these the colours that the place has anyway ("a green meadow", "the blue sea")?

    They would tint the sky with it. A red barn says nothing about its farm.
    """
    if place.said.lower() in _BUILT:
        return True
    ranges = _NATURAL.get(place.value, ())
    for ink in place.traits.inks:
        if ink.name and ink.name not in _PLAIN and place.value not in _SANDY:
            return False  # "a turquoise sea"
        for colour in ink.colours:
            light, chroma, hue = to_oklch(colour)
            plain = chroma < _COLOURFUL
            if plain and not (place.value in _PALE and light > _BRIGHT):
                return False
            if not plain and not any(low <= hue <= high for low, high in ranges):
                return False
    return True


def _page(parse: Parse) -> Ink | None:
    """ "A navy poster": the colour of a card or poster is its ground's."""
    for noun in parse.of("genre"):
        if noun.traits.inks and noun.value in _PAGES:
            return colours.joined(noun.traits.inks)
    return None


def _texture(parse: Parse, ground: Noun | None, place: Noun | None) -> Texture | None:
    for noun in (ground, place, *parse.of("genre")):
        if noun and noun.traits.texture:
            return Texture(noun.traits.texture)
        if noun and noun.traits.ranged and noun.kind == "ground":
            return Texture.GRADIENT
    return None


def _hour(parse: Parse, place: Noun | None, *, lit: bool) -> Hour | None:
    if parse.hours:
        return Hour(parse.hours[0])
    for noun in parse.of("place"):
        if noun.value == "sky" and _sky_hour(noun):
            return _sky_hour(noun)
    if lit and any(noun.value in _NIGHT_THINGS for noun in parse.of("thing")):
        return Hour.NIGHT
    sparks = any(noun.value == "fireworks" for noun in parse.of("effect"))
    return Hour.NIGHT if sparks and place else None


def _sky_hour(sky: Noun) -> Hour | None:
    """A dark blue sky is night, an orange or pink one sunset."""
    if not sky.traits.inks:
        return None
    light, chroma, hue = to_oklch(sky.traits.inks[0].colours[0])
    if light < _DARK:
        return Hour.NIGHT
    warm = hue < _WARM[0] or hue > _WARM[1]
    return Hour.SUNSET if warm and chroma > _COLOURFUL else None
