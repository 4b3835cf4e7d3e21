"""Turns the texts of a parse into runs: role, face, colour, size, place, and what carries them."""

from __future__ import annotations

import re

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.animate import is_alive
from pisang.engines.sketch.read.nouns import Noun, Parse, Traits
from pisang.engines.sketch.scene import Ink, TextRun
from pisang.engines.sketch.vocabulary import Face, Finish, Genre, Role, Size, Slot

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = (
    r"(?:jan|febr)uary|march|april|may|june|july|august|(?:septem|octo|novem|decem)ber|"
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
)
_WHEN = re.compile(
    rf"(?:{_DAY}s?\b,?.*\d|(?:{_MONTH})\s+\d|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_MONTH})\b|"
    r"\d{1,2}[./]\d{1,2}[./]\d{2,4})",
    re.IGNORECASE,
)
_DATED = re.compile(rf"{_DAY},?\s+(?:{_MONTH})\s+\d.*", re.IGNORECASE)
"""Words that say when: never the headline where there is another one."""
_PRICE = re.compile(r"[$€£¥₹]\s?\d[\d.,]*[kKmM]?|\d[\d.,]*\s?[€£¥₹$]")
_BY_ORDER = (Role.TITLE, Role.SUBTITLE, Role.BODY)
_MOST_RUNS = 40
_GLOWS = frozenset(("glow",))


def runs_of(parse: Parse, *, genre: Genre, ids: dict[int, str]) -> list[TextRun]:
    """The text runs of the scene, ids `t1` ... in the order of the prompt."""
    for noun in parse.of("block"):
        if noun.words and not noun.items and genre not in (Genre.INTERFACE, Genre.INFOGRAPHIC):
            noun.value = "button" if noun.value == "button" else "body"
            noun.kind = "text"  # a poster's "'Call now' button"
    denied = any(
        noun.kind == "text" and noun.denied and not noun.words for noun in parse.nouns
    ) and not any(noun.words for noun in parse.of("text"))
    if denied:
        return []
    filled = [noun for noun in parse.of("text") if noun.words][:_MOST_RUNS]
    for noun in parse.of("text"):
        if not noun.words and noun.traits:
            _share(noun, filled)
    runs = []
    for number, noun in enumerate(filled):
        key = f"t{number + 1}"
        ids[id(noun)] = key
        runs.append(_run(noun, key, role=_role(noun, filled), ids=ids))
    return runs


def _share(noun: Noun, filled: list[Noun]) -> None:
    """ "Use a script font": a text that says nothing describes the texts of its role, or all."""
    same = [one for one in filled if one.value == noun.value] if noun.value != "title" else filled
    for one in same or filled:
        shared = Traits(
            inks=list(noun.traits.inks) if not one.traits.inks else [],
            face=noun.traits.face,
            size=noun.traits.size if len(filled) == 1 else "",
            slot=noun.traits.slot if len(filled) == 1 else "",
            weights=list(noun.traits.weights),
        )
        one.traits.take(shared)


def _role(noun: Noun, filled: list[Noun]) -> Role:
    if noun.value != "title":
        return Role(noun.value)
    if noun.on is not None:
        return Role.SPEECH if noun.speaks and is_alive(noun.on.value) else Role.SIGN
    if noun.headline:
        return Role.TITLE
    if _PRICE.fullmatch(noun.words):
        return Role.PRICE
    if _is_when(noun, filled):
        return Role.BODY
    taken = {one.value for one in filled if one.value == "subtitle"}
    taken |= {"title" for one in filled if one.headline}
    order = [role for role in _BY_ORDER if role not in taken or role is Role.BODY]
    return order[min(_rank(noun, filled), len(order) - 1)]


def _rank(noun: Noun, filled: list[Noun]) -> int:
    """How many texts without a role of their own stand before it."""
    rank = 0
    for one in filled:
        if one is noun:
            break
        own = one.value != "title" or one.on is not None or one.headline
        rank += not (own or _PRICE.fullmatch(one.words) or _is_when(one, filled))
    return rank


def _is_when(noun: Noun, filled: list[Noun]) -> bool:
    return bool(_DATED.fullmatch(noun.words) or (len(filled) > 1 and _WHEN.match(noun.words)))


def _run(noun: Noun, key: str, *, role: Role, ids: dict[int, str]) -> TextRun:
    traits = noun.traits
    weights = set(traits.weights)
    ink = colours.joined(traits.inks)
    if ink and "foil" in weights and ink.finish is Finish.FLAT:
        ink = Ink(colours=ink.colours, finish=Finish.METAL, name=ink.name)
    words = noun.words.upper() if "caps" in weights else noun.words
    if "lower" in weights:
        words = words.lower()
    return TextRun(
        id=key,
        words=words,
        role=role,
        face=Face(traits.face) if traits.face else None,
        bold="bold" in weights,
        italic="italic" in weights,
        ink=ink,
        size=Size(traits.size) if traits.size else None,
        slot=Slot(traits.slot) if traits.slot else None,
        on=ids.get(id(noun.on)) if noun.on else None,
        glow=bool(weights & _GLOWS) or traits.face == "neon",
        shadow="shadow" in weights,
        outline=traits.outline or (Ink(colours=("#1b1b1f",)) if "outline" in weights else None),
    )
