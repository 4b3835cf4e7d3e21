"""Scenes made ready for placing.

Loose candles go on their cake, a room's window is the one in its wall, groups that something
stands between are parted ("an owl between two stacks of books"), and a rainbow over land is light
in the sky and not a thing that stands.
"""

from __future__ import annotations

from pisang.engines.sketch.scene import Effect, Relation, Scene
from pisang.engines.sketch.vocabulary import Bond, EffectKind, Genre, Place

__all__ = ["glazed", "parted", "spanned", "topped"]


def parted(scene: Scene) -> Scene:
    """Returns the scene with every such group as two things, left and right."""
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


_CAKES = {"birthday-cake", "shortcake", "cupcake", "moon-cake"}
_TOPPINGS = {"candle", "sparkler"}


def topped(scene: Scene) -> Scene:
    """Returns the scene with candles that nobody placed on the one cake."""
    cakes = [one for one in scene.things if one.drawing in _CAKES]
    placed = {one.subject for one in scene.relations}
    loose = [
        one
        for one in scene.things
        if one.drawing in _TOPPINGS and one.id not in placed and not one.slot and one.count <= 12
    ]
    if len(cakes) != 1 or not loose:
        return scene
    new = (Relation(subject=one.id, bond=Bond.ON, objects=(cakes[0].id,)) for one in loose)
    return scene.model_copy(update={"relations": (*scene.relations, *new)})


_WINDOWED = {Place.ROOM, Place.KITCHEN, Place.CAFE, Place.DESK, Place.LIBRARY}


def glazed(scene: Scene) -> Scene:
    """Returns the scene without a window that the room has anyway: a second one would stand on
    the floor."""
    if scene.backdrop.place not in _WINDOWED or len(scene.things) < 2:
        return scene
    tied = {name for one in scene.relations for name in (one.subject, *one.objects)}
    tied |= {run.on for run in scene.texts if run.on}
    kept = tuple(
        one
        for one in scene.things
        if one.drawing != "window" or one.id in tied or one.ink or one.size or one.count > 1
    )
    return scene.model_copy(update={"things": kept}) if kept else scene


_SKYLESS = {
    Place.ROOM, Place.KITCHEN, Place.CAFE, Place.DESK, Place.TABLE, Place.LIBRARY, Place.STAGE,
    Place.STUDIO, Place.SPACE, Place.UNDERWATER,
}  # fmt: skip
_LOOSE = {Bond.ABOVE, Bond.BEHIND, Bond.BELOW, Bond.IN_FRONT_OF, Bond.NEXT_TO}


def spanned(scene: Scene) -> Scene:
    """Returns the scene with its one rainbow as an arc from horizon to horizon."""
    place = scene.backdrop.place
    bows = [one for one in scene.things if one.drawing == "rainbow"]
    if scene.genre is not Genre.SCENE or place is None or place in _SKYLESS or len(bows) != 1:
        return scene
    bow = bows[0]
    ties = [one for one in scene.relations if bow.id in (one.subject, *one.objects)]
    chosen = bow.count > 1 or bow.ink or bow.slot or bow.size
    if chosen or any(tie.bond not in _LOOSE for tie in ties) or len(scene.things) < 2:
        return scene
    arc = Effect(kind=EffectKind.RAINBOW)
    return scene.model_copy(
        update={
            "things": tuple(one for one in scene.things if one is not bow),
            "relations": tuple(one for one in scene.relations if one not in ties),
            "effects": (*scene.effects, arc),
        }
    )
