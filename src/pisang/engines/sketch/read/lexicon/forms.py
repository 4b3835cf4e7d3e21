"""Word forms: English plurals to singulars, and cut endings for languages that inflect."""

from __future__ import annotations

import functools

_IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "people": "person",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "teeth": "tooth",
    "oxen": "ox",
    "cacti": "cactus",
    "fungi": "fungus",
    "octopi": "octopus",
    "firemen": "fireman",
    "policemen": "policeman",
    "snowmen": "snowman",
    "fishermen": "fisherman",
    "leaves": "leaf",
    "loaves": "loaf",
    "wolves": "wolf",
    "knives": "knife",
    "elves": "elf",
    "scarves": "scarf",
    "calves": "calf",
    "shelves": "shelf",
    "lives": "life",
    "dice": "die",
    "kitties": "kitty",
    "sheep": "sheep",
}
_LEAST_STEM = 3


@functools.lru_cache(maxsize=4096)
def singulars(word: str) -> tuple[str, ...]:
    """The English singulars a plural may come from, likeliest first; none for a singular."""
    if word in _IRREGULAR:
        return (_IRREGULAR[word],)
    if len(word) < _LEAST_STEM or not word.endswith("s") or word.endswith("ss"):
        return ()
    if word.endswith("ies"):
        return word[:-3] + "y", word[:-1]
    if word.endswith("ves"):
        return word[:-1], word[:-3] + "f", word[:-3] + "fe"
    if word.endswith("es"):
        return word[:-1], word[:-2]
    return (word[:-1],)


@functools.lru_cache(maxsize=16384)
def stems(word: str, endings: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(stem, ending cut) of a word, the longest cut first; the word itself when nothing fits."""
    fitting = sorted(
        (
            ending
            for ending in endings
            if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM
        ),
        key=len,
        reverse=True,
    )
    return tuple((word[: -len(ending)], ending) for ending in fitting) or ((word, ""),)
