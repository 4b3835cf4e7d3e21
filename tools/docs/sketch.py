"""The tables of docs/sketch.md: what the engine knows, from its enums, word lists and fonts.

The words beside a value are a few of those that English prompts may use; there are more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from pisang.engines.sketch import drawings, fonts, words
from pisang.engines.sketch.read import lexicon
from pisang.engines.sketch.vocabulary import (
    BlockKind,
    Bond,
    Change,
    Depth,
    EffectKind,
    Face,
    Genre,
    Hour,
    Place,
    Slot,
    Style,
    Texture,
)
from tools.docs.markdown import table

_MOST = 5
# What is said differently from the word lists, or has no list of its own.
_SAID: Mapping[tuple[str, str], str] = {
    ("genre", "scene"): "(the default)",
    ("genre", "edit"): "(a picture is sent in and changed)",
    ("genre", "collage"): "(several pictures are sent in) a collage, side by side",
    ("style", "flat"): "(the default) flat illustration, vector",
    ("depth", "middle"): "(the default)",
    ("pixel", "recolour"): "make it green, make the car blue",
    ("pixel", "background"): "change the background to white, blur the background",
}


def _values(kind: type[StrEnum], listed_as: str, *, title: str) -> Callable[[], str]:
    """A table of every value of an enum with words that mean it."""

    def make() -> str:
        said = _phrases(listed_as)
        rows = [
            (str(value), _SAID.get((listed_as, value)) or ", ".join(said[value][:_MOST]))
            for value in kind
        ]
        return table((title, "some words for it"), [row for row in rows if row[1]])

    return make


def _phrases(kind: str) -> Mapping[str, list[str]]:
    """Value -> the phrases of the English word list, without an amount behind the value."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, value, phrase in lexicon.rows("en"):
        if name == kind:
            found[value.partition(" ")[0]].append(phrase)
    return found


def _shapes() -> str:
    rows = [
        (value.removeprefix("shape:"), ", ".join(phrases[:_MOST]))
        for value, phrases in _phrases("thing").items()
        if value.startswith("shape:")
    ]
    return table(("shape", "some words for it"), rows)


def _themes() -> str:
    return ", ".join(sorted(value.replace("-", " ") for value in _phrases("theme")))


def _faces() -> str:
    said = _phrases("face")
    rows = [(str(face), ", ".join(said[face][:_MOST]) or "-", _families(face)) for face in Face]
    return table(("face", "some words for it", "fonts"), rows)


def _families(face: Face) -> str:
    names = fonts.STYLES.get(face, ())
    return ", ".join(dict.fromkeys(fonts.FACES[name].family for name in names)) or "-"


def _scripts() -> str:
    families: dict[str, set[str]] = defaultdict(set)
    for face in fonts.FACES.values():
        for script in face.scripts:
            families[script].add(face.family)
    rows = [(script, str(len(names)), _some(names)) for script, names in sorted(families.items())]
    return table(("script", "families in the package", "for example"), rows)


def _some(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)[:4])


def _drawings() -> str:
    """The groups, most drawings first, and their number in hundreds: one more is no news."""
    entries = [drawings.entry(name) for name in drawings.names()]
    kinds = Counter(entry.group for entry in entries if not entry.tone)
    groups = ", ".join(group.replace("-", " and ") for group, _ in kinds.most_common())
    toned = sum(1 for entry in entries if entry.tone)
    return (
        f"More than {_hundreds(kinds.total())} drawings of {groups}; and more than "
        f"{_hundreds(toned)} that are people in other skin tones."
    )


def _hundreds(count: int) -> str:
    return f"{count // 100 * 100:,}"


_NAMES = {
    "ar": "Arabic", "bn": "Bengali", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "ms": "Malay", "nb": "Norwegian",
    "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def _languages() -> str:
    """No counts: they would change with every word that somebody adds."""
    read = lexicon.languages()
    listed = f"Prompts are read in {len(read)} languages: {_named(read)}."
    others = {code.partition("-")[0] for code in words.LANGUAGES} - set(read)
    if not others:
        return listed
    return (
        f"{listed} Names of drawings are packed for more, but prompts in these are not read: "
        f"{_named(others)}."
    )


def _named(codes: Iterable[str]) -> str:
    return ", ".join(sorted(_NAMES[code] for code in codes))


PIECES: Mapping[str, Callable[[], str]] = {
    "genres": _values(Genre, "genre", title="kind of picture"),
    "places": _values(Place, "place", title="place"),
    "hours": _values(Hour, "hour", title="light"),
    "textures": _values(Texture, "texture", title="ground"),
    "effects": _values(EffectKind, "effect", title="effect"),
    "styles": _values(Style, "style", title="style"),
    "themes": _themes,
    "faces": _faces,
    "scripts": _scripts,
    "shapes": _shapes,
    "drawings": _drawings,
    "relations": _values(Bond, "bond", title="relation"),
    "slots": _values(Slot, "slot", title="place on the canvas"),
    "depths": _values(Depth, "depth", title="depth"),
    "blocks": _values(BlockKind, "block", title="block"),
    "changes": _values(Change, "pixel", title="change"),
    "languages": _languages,
}
"""Name of a piece -> who makes it."""
