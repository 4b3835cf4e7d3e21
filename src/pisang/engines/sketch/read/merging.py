"""Adds what a command names to a scene, and takes parts out of one, keeping all ids in order."""

from __future__ import annotations

from pisang.engines.sketch.read import targets
from pisang.engines.sketch.read.animate import is_worn
from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.read.compose import compose
from pisang.engines.sketch.read.ground import DRAWN_PLACES
from pisang.engines.sketch.read.nouns import Parse
from pisang.engines.sketch.scene import Effect, Relation, Scene, TextRun, Thing
from pisang.engines.sketch.vocabulary import Bond, Genre, Role


def merged(scene: Scene, command: Command, *, focus: list[str]) -> tuple[Scene, list[str]]:
    """The scene with what the command names added, and the ids that are new.

    "to the cat", "it a hat": what exists already is not added again but related to.
    """
    parse = command.parse
    known = _known(scene, parse)
    fresh = Parse(
        nouns=[noun for noun in parse.nouns if id(noun) not in known],
        links=[],
        floating=parse.floating,
        themes=[],
    )
    for noun in fresh.nouns:
        if noun.kind == "place" and scene.backdrop.place and noun.value in DRAWN_PLACES:
            noun.kind, noun.value = "thing", DRAWN_PLACES[noun.value]
            noun.traits.depth = noun.traits.depth or "background"
            noun.plural = False
    composed = compose(fresh, mentions=command.mentions, prompt="", alone=False)
    renamed = _renamed(scene, composed.scene)
    things = tuple(
        thing.model_copy(update={"id": renamed[thing.id]}) for thing in composed.scene.things
    )
    texts = tuple(
        run.model_copy(update={"id": renamed[run.id], "on": renamed.get(run.on or "", run.on)})
        for run in composed.scene.texts
    )
    blocks = tuple(
        block.model_copy(update={"id": renamed[block.id]}) for block in composed.scene.blocks
    )
    ids = {noun: renamed[key] for noun, key in composed.ids.items() if key in renamed} | known
    relations = _relations(parse, ids)
    relations += _given(command, ids=ids, known=known) or _worn(
        command, things, known=list(known.values()), focus=focus
    )
    backdrop = scene.backdrop
    if scene.genre is Genre.EDIT:
        composed.scene = composed.scene.model_copy(update={"backdrop": backdrop})
    new = composed.scene.backdrop
    update = {
        name: getattr(new, name)
        for name in ("place", "hour", "ink", "texture", "sky")
        if getattr(new, name) is not None
    }
    scene = scene.model_copy(
        update={
            "things": (*scene.things, *things),
            "blocks": (*scene.blocks, *blocks),
            "texts": (*scene.texts, *_ranked(scene, texts)),
            "relations": (*scene.relations, *relations),
            "effects": _effects(scene, composed.scene.effects),
            "backdrop": backdrop.model_copy(update=update),
        }
    )
    return scene, [thing.id for thing in things] + [run.id for run in texts]


def without(scene: Scene, gone: set[str]) -> Scene:
    """The scene without the parts of these ids, and without what was written on them."""
    gone = gone | {run.id for run in scene.texts if run.on in gone}
    relations = tuple(
        one for one in scene.relations if one.subject not in gone and not gone & set(one.objects)
    )
    return scene.model_copy(
        update={
            "things": tuple(one for one in scene.things if one.id not in gone),
            "texts": tuple(one for one in scene.texts if one.id not in gone),
            "pictures": tuple(one for one in scene.pictures if one.id not in gone),
            "blocks": tuple(one for one in scene.blocks if one.id not in gone),
            "relations": relations,
        }
    )


def _known(scene: Scene, parse: Parse) -> dict[int, str]:
    """Nouns of the command that name what is there: all but those after an "a" or a number."""
    known: dict[int, str] = {}
    for noun in parse.nouns:
        if noun.kind == "thing" and noun.definite and not noun.traits.count:
            found = targets.things_named(scene, noun)
            if found:
                known[id(noun)] = found[0].id
        elif noun.kind == "text" and not noun.words and scene.texts:
            known[id(noun)] = scene.texts[0].id
    return known


def _renamed(scene: Scene, new: Scene) -> dict[str, str]:
    taken = scene.ids()
    renamed: dict[str, str] = {}
    for key in sorted(new.ids()):
        letter, number = key[0], 1
        while f"{letter}{number}" in taken:
            number += 1
        renamed[key] = f"{letter}{number}"
        taken.add(renamed[key])
    return renamed


def _ranked(scene: Scene, texts: tuple[TextRun, ...]) -> tuple[TextRun, ...]:
    """A text added to a card that has a title already is not a second title."""
    if not scene.texts:
        return texts
    return tuple(
        run.model_copy(update={"role": Role.SUBTITLE if len(scene.texts) == 1 else Role.BODY})
        if run.role == "title"
        else run
        for run in texts
    )


def _relations(parse: Parse, ids: dict[int, str]) -> list[Relation]:
    result = []
    for link in parse.links:
        subject = ids.get(id(link.subject))
        objects = tuple(ids[id(one)] for one in link.objects if id(one) in ids)
        if subject and objects and subject not in objects:
            bond = Bond("on" if link.bond == "riding" else link.bond)
            result.append(Relation(subject=subject, bond=bond, objects=objects))
    return result


def _given(command: Command, *, ids: dict[int, str], known: dict[int, str]) -> list[Relation]:
    """ "Give the cat a crown and the dog a bone": each gets what is named behind it."""
    if not command.said.startswith("give"):
        return []
    relations: list[Relation] = []
    owner = ""
    for noun in command.parse.nouns:
        if id(noun) in known:
            owner = known[id(noun)]
        elif owner and id(noun) in ids:
            bond = Bond.WEARING if is_worn(noun.value) else Bond.HOLDING
            relations.append(Relation(subject=owner, bond=bond, objects=(ids[id(noun)],)))
    return relations


def _worn(
    command: Command, things: tuple[Thing, ...], *, known: list[str], focus: list[str]
) -> list[Relation]:
    """ "Add a hat to the cat", "give it a hat": who is meant wears or holds it."""
    wearer = known or (focus if command.pronoun else [])
    to_it = any(mention.has("to") for mention in command.mentions) or command.pronoun
    if not (things and wearer and to_it) or command.parse.links:
        return []
    thing = things[0]
    if thing.id in wearer or not wearer[0].startswith(("d", "p")):
        return []
    bond = Bond.WEARING if is_worn(thing.drawing) else Bond.HOLDING
    return [Relation(subject=wearer[0], bond=bond, objects=(thing.id,))]


def _effects(scene: Scene, new: tuple[Effect, ...]) -> tuple[Effect, ...]:
    by_kind = {effect.kind: effect for effect in scene.effects}
    by_kind.update({effect.kind: effect for effect in new})
    return tuple(by_kind.values())
