"""Says in words what a scene holds and what of the prompt had no meaning here."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Parse
from pisang.engines.sketch.read.people import stand_ins
from pisang.engines.sketch.scene import Ink, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Bond

_SHOWN_UNKNOWN = 30
_BONDS = {
    Bond.LEFT_OF: "left of",
    Bond.RIGHT_OF: "right of",
    Bond.IN_FRONT_OF: "in front of",
    Bond.NEXT_TO: "next to",
}


def drawn(scene: Scene) -> tuple[str, ...]:
    """What the picture holds, one phrase each, the most important first."""
    phrases = [_text(run) for run in scene.texts]
    phrases += [_thing(thing) for thing in scene.things]
    phrases += [f"your picture ({picture.framing.value})" for picture in scene.pictures]
    phrases += [block.kind.value.replace("-", " ") for block in scene.blocks]
    phrases += [effect.kind.value for effect in scene.effects]
    ground = _ground(scene)
    return tuple([*phrases, ground] if ground else phrases)


def ignored(parse: Parse, scene: Scene | None = None) -> tuple[str, ...]:
    """The words that no table knows, each once, as typed; not those that a text of ours took up."""
    shown = " ".join(run.words.casefold() for run in scene.texts) if scene else ""
    seen = dict.fromkeys(
        word
        for word in parse.unknown
        if (len(word) > 1 or word > "\u3040")
        and not word.startswith("'")
        and word.casefold() not in shown
    )
    return tuple(seen)[:_SHOWN_UNKNOWN]


def notes(parse: Parse, mentions: Sequence[Mention] = ()) -> tuple[str, ...]:
    """Sentences about how slips of the hand were read, and what stands for what has no drawing."""
    slips = (f"Took '{typed}' as {meant}." for typed, meant in dict(parse.typos).items())
    return (*slips, *stand_ins(parse, mentions))


def thoughts(parse: Parse, scene: Scene) -> tuple[str, ...]:
    """The plan, one sentence a step."""
    steps = [f"The prompt asks for a picture of the kind {scene.genre.value}."]
    if scene.texts:
        words = ", ".join(f'"{run.words}" ({run.role.value})' for run in scene.texts)
        steps.append(f"It must say {words}.")
    if scene.things:
        steps.append(f"It shows {', '.join(_thing(thing) for thing in scene.things)}.")
    names = {thing.id: thing.said or thing.drawing for thing in scene.things}
    names |= {run.id: f'"{run.words}"' for run in scene.texts}
    for relation in scene.relations:
        bond = _BONDS.get(relation.bond, relation.bond.value)
        others = " and ".join(names.get(one, one) for one in relation.objects)
        steps.append(f"{names.get(relation.subject, relation.subject)} is {bond} {others}.")
    ground = _ground(scene)
    if ground:
        steps.append(f"Behind everything: {ground}.")
    unknown = ignored(parse, scene)
    if unknown:
        steps.append(f"Not understood: {', '.join(unknown)}.")
    return tuple(steps)


def _thing(thing: Thing) -> str:
    name = thing.said or thing.drawing.removeprefix("shape:").replace("-", " ")
    words = [str(thing.count)] if thing.count > 1 else []
    words += [thing.size.value] if thing.size else []
    words += [_ink(thing.ink)] if thing.ink else []
    return " ".join([*words, name])


def _text(run: TextRun) -> str:
    looks = [_ink(run.ink)] if run.ink else []
    looks += ["bold"] if run.bold else []
    looks += [run.face.value] if run.face else []
    return f'"{run.words}" in {" ".join(looks)}' if looks else f'"{run.words}"'


def _ground(scene: Scene) -> str:
    backdrop = scene.backdrop
    words = [_ink(backdrop.ink)] if backdrop.ink and backdrop.ink.name else []
    words += [backdrop.texture.value] if backdrop.texture else []
    words += [backdrop.place.value] if backdrop.place else ["background"] if words else []
    words += [f"at {backdrop.hour.value}"] if backdrop.hour else []
    words += [f"without {' and '.join(scene.without)}"] if scene.without and words else []
    return " ".join(words)


def _ink(ink: Ink) -> str:
    return ink.name or ink.colours[0]
