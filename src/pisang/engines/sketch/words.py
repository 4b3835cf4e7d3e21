"""Which words mean which drawing, in 28 languages; a language is read when it is first asked for.

A phrase is normalised by `normal` and mapped to drawings with a rank: 0 the drawing's own label,
1 a synonym written by hand, 2 a loose tag; half a rank more for an inflected form made by rule.
A reader should believe ranks below 2 and ask for more context at 2 and above. Made by
`script/pack-assets` from emojibase and `tools/assets/words`.
"""

from __future__ import annotations

import functools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pisang.engines.sketch import drawings

FOLDER = Path(__file__).parent / "data" / "words"
LANGUAGES = tuple(sorted(path.name.partition(".")[0] for path in FOLDER.glob("*.tsv.z")))
NO_SPACES = ("ja", "zh", "zh-hant", "th")
"""Languages written without spaces: look for their phrases with `scan`."""
CERTAIN = 2.0
"""Ranks below this are labels and hand-written words."""

Found = tuple[tuple[str, float], ...]

_IRREGULAR = {
    "children": "child", "men": "man", "women": "woman", "people": "person", "mice": "mouse",
    "geese": "goose", "feet": "foot", "teeth": "tooth", "oxen": "ox", "wolves": "wolf",
    "leaves": "leaf", "knives": "knife", "loaves": "loaf", "shelves": "shelf", "wives": "wife",
    "scarves": "scarf", "elves": "elf", "dwarves": "dwarf", "calves": "calf", "halves": "half",
    "cacti": "cactus", "octopi": "octopus", "dice": "die", "kitties": "kitty", "pies": "pie",
    "cookies": "cookie", "movies": "movie", "ties": "tie", "zombies": "zombie", "genies": "genie",
    "selfies": "selfie", "shoes": "shoe", "axes": "axe", "aliens": "alien", "lenses": "lens",
    "buses": "bus", "snowmen": "snowman", "policemen": "policeman", "firemen": "fireman",
    "potatoes": "potato", "tomatoes": "tomato", "mangoes": "mango", "volcanoes": "volcano",
    "heroes": "hero", "bookshelves": "bookshelf", "buffaloes": "buffalo", "thieves": "thief",
    "horses": "horse", "houses": "house", "roses": "rose", "vases": "vase", "noses": "nose",
    "cheeses": "cheese", "suitcases": "suitcase", "purses": "purse", "mooses": "moose",
    "bees": "bee", "trees": "tree", "knees": "knee", "canoes": "canoe", "oboes": "oboe",
    "moustaches": "moustache", "avalanches": "avalanche", "headaches": "headache",
}  # fmt: skip
_SAME = frozenset(
    {
        "bus", "glass", "dress", "grass", "cactus", "octopus", "lotus", "hibiscus", "crocus",
        "chess", "cross", "compass", "moss", "walrus", "hippopotamus", "platypus", "circus",
        "tennis", "christmas", "iris", "atlas", "canvas", "pants", "jeans", "scissors", "sheep",
        "fish", "deer", "glasses", "sunglasses", "binoculars", "shorts", "headphones", "series",
        "gas", "virus", "stegosaurus", "brontosaurus", "tyrannosaurus", "mattress", "princess",
        "waitress", "actress", "goddess", "lioness", "tigress", "fortress", "mistress", "eyeglass",
        "hourglass", "business", "darkness", "bonus", "campus", "genius", "focus", "lens", "venus",
        "paris", "this", "its", "is", "was", "has", "yes", "us", "plus", "less", "always", "news",
    }
)  # fmt: skip


def normal(phrase: str) -> str:
    """The form phrases are stored in: NFC, case folded, hyphens and runs of space as one space."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", phrase).casefold())
    text = re.sub(r"[\u2018\u2019\u02bc]", "'", text)
    return re.sub(r"[\s\-\u2010-\u2015_]+", " ", text).strip()


@functools.cache
def listing(code: str) -> str:
    """The table of one of LANGUAGES as text, a phrase, a tab and its drawings a line: to ask
    whether it holds a word takes a hundredth of the time that making `nouns` does."""
    return "\n" + zlib.decompress((FOLDER / f"{code}.tsv.z").read_bytes()).decode("utf-8")


@functools.cache
def nouns(language: str) -> Mapping[str, Found]:
    """Every phrase of a language with the drawings it may mean, best first.

    Two spellings of one language fall back to its main one (`pt-br` -> `pt`); raises KeyError
    for a language that is not in LANGUAGES.
    """
    code = language.casefold().replace("_", "-")
    code = code if code in LANGUAGES else code.partition("-")[0]
    if code not in LANGUAGES:
        raise KeyError(f"no words for language {language!r}; there are {', '.join(LANGUAGES)}")
    table: dict[str, Found] = {}
    for line in listing(code)[1:].splitlines():
        phrase, _, found = line.partition("\t")
        pairs = (pair.rpartition(":") for pair in found.split(" "))
        table[phrase] = tuple((name, float(rank)) for name, _, rank in pairs)
    return MappingProxyType(table)


@functools.cache
def longest(language: str) -> int:
    """How many words the longest phrase of a language has."""
    return max(phrase.count(" ") + 1 for phrase in nouns(language))


@functools.cache
def widest(language: str) -> int:
    """How many characters the longest phrase of a language has: what `scan` looks ahead."""
    return max(map(len, nouns(language)))


def lookup(phrase: str, language: str) -> Found:
    """The drawings a phrase may mean, () for none; English plurals are found by their singular."""
    table, wanted = nouns(language), normal(phrase)
    if wanted in table or language.partition("-")[0] != "en":
        return table.get(wanted, ())
    head, space, last = wanted.rpartition(" ")
    return table.get(f"{head}{space}{singular(last)}", ())


def scan(text: str, language: str) -> Iterator[tuple[int, int, Found]]:
    """Longest matches in a text without spaces: (start, end, drawings), left to right.

    For Japanese, Chinese and Thai, and for a single Korean word, whose particle stays unmatched.
    `text` must be normalised already (`normal`), so that places mean the same to both sides.
    """
    table, most = nouns(language), widest(language)
    start = 0
    while start < len(text):
        ends = range(min(len(text), start + most), start, -1)
        end = next((end for end in ends if text[start:end] in table), None)
        if end is None:
            start += 1
            continue
        yield start, end, table[text[start:end]]
        start = end


def singular(word: str) -> str:
    """The singular of an English noun in lower case; a word that is one comes back as it is."""
    if word in _SAME:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def known(name: str) -> bool:
    """Is there a drawing of this name?"""
    try:
        drawings.entry(name)
    except KeyError:
        return False
    return True
