"""Finds what a command is about among what the last scene holds: "the cat", "it", "the text"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.read.nouns import Noun
from pisang.engines.sketch.read.restyling import Editing
from pisang.engines.sketch.scene import Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Role

_T = TypeVar("_T")
_WORDY = frozenset(("text", "words", "lettering", "letters", "font", "writing", "typeface", "type"))


def things_named(scene: Scene, noun: Noun, *, ordinals: Sequence[int] = ()) -> list[Thing]:
    """The things of the scene that a noun can mean: the same drawing, word, or kind of it."""
    said = noun.said.lower()
    exact = [thing for thing in scene.things if thing.drawing == noun.value or thing.said == said]
    found = exact or [thing for thing in scene.things if _akin(thing.drawing, noun.value)]
    return _picked(found, ordinals)


def texts_named(scene: Scene, noun: Noun, *, ordinals: Sequence[int] = ()) -> list[TextRun]:
    """The texts that a noun can mean: its quoted words, its role, or all of them."""
    if noun.words:
        wanted = noun.words.casefold()
        exact = [run for run in scene.texts if run.words.casefold() == wanted]
        return exact or [run for run in scene.texts if wanted in run.words.casefold()]
    if noun.said.lower().split(" ")[-1] not in _WORDY and noun.value in set(Role):
        role = [run for run in scene.texts if run.role == noun.value]
        if role:
            return role
    return _picked(list(scene.texts), ordinals)


def hero(scene: Scene) -> list[str]:
    """What "it" means when nothing was spoken of: the picture, else the first thing, else texts."""
    if scene.pictures:
        return [scene.pictures[0].id]
    if scene.things:
        return [scene.things[0].id]
    return [run.id for run in scene.texts]


def _akin(drawing: str, other: str) -> bool:
    """ "cat" and "black-cat", "dog" and "dog-face" are one kind."""
    if drawing.startswith("shape:") or other.startswith("shape:"):
        return drawing.removeprefix("shape:") == other.removeprefix("shape:")
    first, second = set(drawing.split("-")), set(other.split("-"))
    small = min(first, second, key=len)
    return small <= (first | {"face"}) and small <= (second | {"face"}) and bool(first & second)


def _picked(found: list[_T], ordinals: Sequence[int]) -> list[_T]:
    if not ordinals or not found:
        return found
    number = ordinals[0]
    if number < 0:
        return [found[-1]]
    return [found[number - 1]] if number <= len(found) else []


def named(editing: Editing, command: Command) -> list[str]:
    """The ids that the command's nouns mean, in order."""
    found: list[str] = []
    for noun in command.parse.nouns:
        found.extend(ids_of(editing.scene, noun, command))
    return list(dict.fromkeys(found))


def ids_of(scene: Scene, noun: Noun, command: Command) -> list[str]:
    if noun.kind == "thing":
        return [one.id for one in things_named(scene, noun, ordinals=command.ordinals)]
    if noun.kind == "text":
        return [one.id for one in texts_named(scene, noun, ordinals=command.ordinals)]
    return []


def meant(editing: Editing, command: Command) -> list[str]:
    """What the command is about: what it names, else what "it" means."""
    found = named(editing, command)
    if found:
        return found
    if command.pronoun == "many" and len(editing.focus) < 2:
        return [thing.id for thing in editing.scene.things] or hero(editing.scene)
    focus = [key for key in editing.focus if key in editing.scene.ids()]
    return focus or hero(editing.scene)
