"""Chooses the drawing of a person: who is old, whose face fills a portrait, what he or she is.

The library has a drawing for many trades, in a man's and a woman's form, and a face for most: a
portrait of one person or animal is its face. What is nearest only is told in the notes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read.animate import is_alive
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun, Parse

_PORTRAIT = frozenset(
    (
        "portrait", "headshot", "head shot", "close up", "closeup", "close up of", "closeup of",
        "extreme close up", "close up portrait", "mugshot", "profile picture", "portrait photo",
        "portrait photography", "close up photo", "passport photo", "selfie",
    )
)  # fmt: skip
_OLD = frozenset(("elderly", "old", "aged", "senior", "wrinkled"))
_GENERIC = frozenset(("man", "woman", "person-standing"))
_SHE = frozenset(("she", "her", "hers", "female", "woman", "lady", "girl"))
_HE = frozenset(("he", "his", "him", "male", "man", "guy", "boy"))
_HAIR = {
    "red hair": "red-hair", "ginger": "red-hair", "redhead": "red-hair", "auburn": "red-hair",
    "curly": "curly-hair", "blond": "blonde-hair", "blonde": "blonde-hair",
    "golden hair": "blonde-hair", "bald": "bald", "beard": "beard", "bearded": "beard",
    "white hair": "white-hair", "gray hair": "white-hair", "grey hair": "white-hair",
    "silver hair": "white-hair",
}  # fmt: skip
_STOPS = frozenset(("and", "with", "pause", "end", "line", "bond", "of", "on", "quote", "thing"))


def portray(parse: Parse, mentions: Sequence[Mention]) -> None:
    """Gives the persons of an English parse the drawings that suit what is said of them."""
    words = [mention.text.lower() for mention in mentions]
    people = [noun for noun in parse.of("thing") if is_person(noun.value) and noun.mention >= 0]
    for noun in people:
        near = _described(noun, mentions)
        sole = " ".join(words).split(" ") if len(people) == 1 else near
        _age(noun, near, sole=sole, nearest=mentions[noun.mention].has("nearest"))
        _gender(noun, near, sole=sole)
    alive = [noun for noun in parse.of("thing") if is_alive(noun.value)]
    portrait = bool(_PORTRAIT & set(words))
    if portrait and len(alive) == 1 and alive[0].traits.count <= 1 and not alive[0].plural:
        if len(people) == 1:
            _hair(people[0], " ".join(words))
        if is_drawing(f"{alive[0].value}-face"):
            alive[0].value += "-face"
        alive[0].traits.size = alive[0].traits.size or "huge"


def stand_ins(parse: Parse, mentions: Sequence[Mention]) -> tuple[str, ...]:
    """A sentence for each trade or thing that has no drawing of its own."""
    notes = []
    for noun in parse.of("thing"):
        if 0 <= noun.mention < len(mentions) and mentions[noun.mention].has("nearest"):
            shown = noun.value.removesuffix("-face").replace("-", " ")
            notes.append(f"There is no drawing of '{noun.said}': the nearest, '{shown}', is shown.")
    return tuple(dict.fromkeys(notes))


@functools.lru_cache(maxsize=1024)
def is_person(drawing: str) -> bool:
    """Is it a human being, of whatever trade, or a figure that looks like one?"""
    if not is_drawing(drawing):
        return False
    entry = drawings.entry(drawing)
    return entry.group == "people-body" and entry.subgroup.startswith("person")


def is_drawing(name: str) -> bool:
    """Does the library have a drawing of this name?"""
    return name in _all()


@functools.cache
def _all() -> frozenset[str]:
    return frozenset(drawings.names())


def _described(noun: Noun, mentions: Sequence[Mention]) -> set[str]:
    """The words right before the noun."""
    found: set[str] = set()
    at = noun.mention - 1
    while at >= 0 and noun.mention - at < 6 and mentions[at].kind not in _STOPS:
        found.update(mentions[at].text.lower().split(" "))
        at -= 1
    return found | set(noun.said.lower().split(" "))


def _age(noun: Noun, near: set[str], *, sole: Sequence[str] | set[str], nearest: bool) -> None:
    if near & _OLD and (noun.value in _GENERIC or nearest):
        woman = noun.value == "woman" or bool(_SHE & set(sole))
        man = noun.value == "man" or bool(_HE & set(sole))
        noun.value = "old-woman" if woman else "old-man" if man else "older-person"


def _gender(noun: Noun, near: set[str], *, sole: Sequence[str] | set[str]) -> None:
    """ "A female pilot", "a chef ... she": the form of the drawing, where there is one."""
    if noun.value.startswith(("man", "woman", "old")):
        return
    for words, form in ((_SHE, "woman"), (_HE, "man")):
        if words & (near | set(sole)) and is_drawing(f"{form}-{noun.value}"):
            noun.value = f"{form}-{noun.value}"
            return


def _hair(noun: Noun, said: str) -> None:
    if noun.value not in ("man", "woman"):
        return
    for words, look in _HAIR.items():
        if words in said and is_drawing(f"{noun.value}-{look}"):
            noun.value = f"{noun.value}-{look}"
            return
