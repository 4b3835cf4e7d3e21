"""Finds what a prompt denies that a place would draw of its own accord: moon, clouds, trees.

A denied thing is simply not drawn; but a night sky brings its own moon, and a forest its trees.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read.nouns import Noun
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.vocabulary import Absent

_BY_DRAWING = {
    "sun": Absent.SUN,
    "sun-with-face": Absent.SUN,
    "cloud": Absent.CLOUDS,
    "sun-behind-cloud": Absent.CLOUDS,
    "star": Absent.STARS,
    "glowing-star": Absent.STARS,
    "bouquet": Absent.FLOWERS,
    "blossom": Absent.FLOWERS,
    "person-standing": Absent.PEOPLE,
    "house": Absent.BUILDINGS,
    "houses": Absent.BUILDINGS,
    "office-building": Absent.BUILDINGS,
    "cactus": Absent.TREES,
}
_BY_SUBGROUP = {"animal-bird": Absent.BIRDS, "plant-flower": Absent.FLOWERS}
_BY_EFFECT = {"clouds": Absent.CLOUDS, "stars": Absent.STARS, "sunrays": Absent.SUN}
_BY_WORD = {
    "building": Absent.BUILDINGS, "buildings": Absent.BUILDINGS, "skyscrapers": Absent.BUILDINGS,
    "sunshine": Absent.SUN, "forest": Absent.TREES, "humans": Absent.PEOPLE,
    "anyone": Absent.PEOPLE, "pedestrians": Absent.PEOPLE,
}  # fmt: skip


def absent(nouns: Sequence[Noun]) -> tuple[Absent, ...]:
    """What the denied nouns keep out of a place, each once."""
    found = [_kind(noun) for noun in nouns if noun.denied]
    return tuple(dict.fromkeys(one for one in found if one))


def denying(scene: Scene, nouns: Sequence[Noun]) -> Scene:
    """The scene with what these nouns name kept out of its place, whether denied or not."""
    kinds = [_kind(noun) for noun in nouns]
    more = tuple(dict.fromkeys((*scene.without, *(one for one in kinds if one))))
    return scene.model_copy(update={"without": more})


def allowing(scene: Scene, nouns: Sequence[Noun]) -> Scene:
    """The scene with what these nouns name no longer kept out ("add a moon")."""
    kinds = {_kind(noun) for noun in nouns if not noun.denied}
    return scene.model_copy(
        update={"without": tuple(one for one in scene.without if one not in kinds)}
    )


def _kind(noun: Noun) -> Absent | None:
    word = _BY_WORD.get(noun.said.lower())
    if word or noun.kind == "effect":
        return word or _BY_EFFECT.get(noun.value)
    if noun.kind != "thing":
        return None
    if "moon" in noun.value.split("-"):
        return Absent.MOON
    if "tree" in noun.value.split("-"):
        return Absent.TREES
    if noun.value in _BY_DRAWING:
        return _BY_DRAWING[noun.value]
    try:
        entry = drawings.entry(noun.value)
    except KeyError:
        return None
    # "No roses" in a garden keeps out its flowers: the place does not know them apart.
    return _BY_SUBGROUP.get(entry.subgroup)
