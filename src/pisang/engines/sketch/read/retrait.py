"""Gives new colour, size, place or lettering to what a command means, and keeps the rest."""

from __future__ import annotations

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.read.nouns import Traits
from pisang.engines.sketch.read.restyling import Editing
from pisang.engines.sketch.read.targets import ids_of, meant
from pisang.engines.sketch.scene import Ink, TextRun, Thing
from pisang.engines.sketch.vocabulary import Face, Size, Slot

_SIZES = tuple(Size)


def retrait(editing: Editing, command: Command) -> None:
    scene = editing.scene
    own = {key: noun.traits for noun in command.parse.nouns for key in ids_of(scene, noun, command)}
    loose = command.parse.floating
    step = {"grow": 1, "shrink": -1}.get(command.verb, 0) or _step(command)
    if not own and (loose or step or command.verb in ("move", "flip", "rotate")):
        own = {key: Traits() for key in meant(editing, command)}
    if not own:
        return
    for traits in own.values():
        traits.take(loose)
    things = tuple(
        thing_with(one, own[one.id], sized=step, verb=command.verb, command=command)
        if one.id in own
        else one
        for one in scene.things
    )
    texts = tuple(
        text_with(one, own[one.id], sized=step) if one.id in own else one for one in scene.texts
    )
    pictures = tuple(
        one.model_copy(update=_placing(one.size, own[one.id], step)) if one.id in own else one
        for one in scene.pictures
    )
    relations = scene.relations
    if any(traits.slot for traits in own.values()):
        relations = tuple(one for one in relations if one.subject not in own)
    editing.scene = scene.model_copy(
        update={"things": things, "texts": texts, "pictures": pictures, "relations": relations}
    )
    editing.focus = list(own)


def _step(command: Command) -> int:
    """ "bigger" and "smaller" compare with what is there; "big" does not."""
    for mention in command.mentions:
        word = mention.text.lower()
        if mention.has("verb") and mention.value_as("verb") in ("grow", "shrink"):
            return 1 if mention.value_as("verb") == "grow" else -1
        if mention.has("size") and word.endswith("er"):
            return 1 if mention.value_as("size") in ("large", "huge") else -1
    return 0


def _placing(size: Size | None, traits: Traits, step: int) -> dict[str, object]:
    update: dict[str, object] = {}
    if step:
        at = _SIZES.index(size or Size.NORMAL) + step
        update["size"] = _SIZES[min(max(at, 0), len(_SIZES) - 1)]
    elif traits.size:
        update["size"] = Size(traits.size)
    if traits.slot:
        update["slot"] = Slot(traits.slot)
    return update


def thing_with(
    thing: Thing, traits: Traits, *, sized: int, verb: str = "", command: Command | None = None
) -> Thing:
    update = _placing(thing.size, traits, sized)
    ink = colours.joined(traits.inks)
    if ink:
        update["ink"] = ink
    if traits.count:
        update["count"] = traits.count
    if verb == "flip":
        update["flip"] = not thing.flip
    if verb == "rotate" and command:
        degrees = float(command.numbers[0]) if command.numbers else 90.0
        update["turn"] = (thing.turn + degrees) % 360
    return thing.model_copy(update=update)


def text_with(run: TextRun, traits: Traits, *, sized: int = 0) -> TextRun:
    update = _placing(run.size, traits, sized)
    ink = colours.joined(traits.inks)
    if ink:
        update["ink"] = ink
    if traits.face:
        update["face"] = Face(traits.face)
    update |= {
        name: True for name in ("bold", "italic", "glow", "shadow") if name in traits.weights
    }
    if "caps" in traits.weights:
        update["words"] = run.words.upper()
    if "outline" in traits.weights:
        update["outline"] = Ink(colours=("#1b1b1f",))
    if run.on and traits.slot:
        update["on"] = None
    return run.model_copy(update=update)
