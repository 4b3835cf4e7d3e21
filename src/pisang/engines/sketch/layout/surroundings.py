"""Chooses a place for a scene whose prompt names none: cats want a meadow, rockets want space.

Only for scenes with things and without a colour or texture behind them: a card or a poster is
better on its own ground, and what was asked for is never overruled.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pisang.engines.sketch.layout import nature
from pisang.engines.sketch.layout.nature import Habitat
from pisang.engines.sketch.scene import Bond, Framing, Genre, Place, Scene

__all__ = ["settled"]

_BY_GROUP: Mapping[str, Place] = MappingProxyType(
    {
        "animal-mammal": Place.MEADOW,
        "animal-bird": Place.MEADOW,
        "animal-bug": Place.GARDEN,
        "animal-reptile": Place.MEADOW,
        "animal-amphibian": Place.LAKE,
        "plant-flower": Place.GARDEN,
        "plant-other": Place.MEADOW,
        "place-building": Place.MEADOW,
        "place-religious": Place.MEADOW,
        "place-geographic": Place.HILLS,
        "place-other": Place.PARK,
        "transport-ground": Place.STREET,
        "person-activity": Place.PARK,
        "person-sport": Place.PARK,
        "person-fantasy": Place.FOREST,
        "food-prepared": Place.TABLE,
        "food-sweet": Place.TABLE,
        "food-fruit": Place.TABLE,
        "food-vegetable": Place.KITCHEN,
        "food-asian": Place.TABLE,
        "drink": Place.TABLE,
        "dishware": Place.KITCHEN,
        "computer": Place.DESK,
        "office": Place.DESK,
        "writing": Place.DESK,
        "book-paper": Place.DESK,
        "light-video": Place.ROOM,
        "household": Place.ROOM,
        "musical-instrument": Place.STAGE,
    }
)
_SPACE = {"astronaut", "ringed-planet", "flying-saucer", "comet", "milky-way", "satellite"}
_SPACE |= {"man-astronaut", "woman-astronaut", "alien-monster"}
_OUTDOORS = {Habitat.SKY, Habitat.AIR}


def settled(scene: Scene) -> Scene:
    """The scene in a place, if it has none and its things ask for one; groups that something
    stands between are parted."""
    scene = _parted(scene)
    drop = scene.backdrop
    plain = drop.place is None and drop.ink is None and drop.texture is None
    if drop.place is Place.SKY and _landed(scene):
        plain = True  # "the sun in the sky" over a house speaks of the sky above some land
    covered = any(picture.framing is Framing.COVER for picture in scene.pictures)
    if scene.genre is not Genre.SCENE or not plain or covered:
        return scene
    place = _place(scene) or (Place.MEADOW if drop.place is Place.SKY else None)
    if place is None:
        return scene
    return scene.model_copy(update={"backdrop": drop.model_copy(update={"place": place})})


def _parted(scene: Scene) -> Scene:
    """ "Between two stacks of books": one group of two becomes two things, left and right."""
    things, relations = list(scene.things), list(scene.relations)
    for at, relation in enumerate(relations):
        if relation.bond is not Bond.BETWEEN or len(relation.objects) != 1:
            continue
        whole = next((one for one in things if one.id == relation.objects[0]), None)
        if whole is None or whole.count < 2:
            continue
        other = f"{whole.id}-other"
        half = whole.count // 2
        place = things.index(whole)
        things[place : place + 1] = [
            whole.model_copy(update={"count": whole.count - half}),
            whole.model_copy(update={"count": half, "id": other}),
        ]
        relations[at] = relation.model_copy(update={"objects": (whole.id, other)})
    if len(things) == len(scene.things):
        return scene
    return scene.model_copy(update={"things": tuple(things), "relations": tuple(relations)})


def _landed(scene: Scene) -> bool:
    """True where something that stands on the ground is neither on nor in something else."""
    carried = {r.subject for r in scene.relations if r.bond in (Bond.ON, Bond.IN, Bond.BEHIND)}
    return any(
        nature.habitat(thing.drawing) is Habitat.GROUND and thing.id not in carried
        for thing in scene.things
        if not thing.drawing.startswith("shape:") and nature.subgroup(thing.drawing) in _BY_GROUP
    )


def _place(scene: Scene) -> Place | None:
    names = [thing.drawing for thing in scene.things]
    homes = {nature.habitat(name) for name in names}
    if any(name in _SPACE for name in names):
        return Place.SPACE
    if Habitat.DEEP in homes and Habitat.WATER not in homes:
        return Place.UNDERWATER
    if Habitat.WATER in homes:
        return Place.SEA if homes <= {Habitat.WATER, Habitat.DEEP, *_OUTDOORS} else Place.LAKE
    wishes = [_BY_GROUP.get(nature.subgroup(name)) for name in names]
    said = [wish for wish in wishes if wish is not None]
    if said:
        inside = {Place.ROOM, Place.TABLE, Place.KITCHEN, Place.DESK, Place.STAGE}
        outside = [wish for wish in said if wish not in inside]
        for strong in (Place.STREET, Place.ROOM):
            if strong in said:
                return strong
        return outside[0] if outside else said[0]
    if names and homes <= _OUTDOORS:
        return Place.SKY
    if scene.backdrop.hour is not None:
        return Place.SKY if not names else Place.MEADOW
    return None
