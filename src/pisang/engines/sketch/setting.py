"""Gives a scene that names no place the place its things live in, so that nothing floats.

Only what a person would expect is added: cat and tree at night stand in a meadow at night, a boat
needs the sea, a banana lies on a table. A card or a poster is better on its own ground, and what
the prompt chose is never overruled. The place is kept in the Scene that travels, so that taking
the fox away does not take the forest away.
"""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from pisang.engines.sketch.layout.nature import Habitat, habitat, subgroup
from pisang.engines.sketch.scene import Scene, Thing
from pisang.engines.sketch.vocabulary import Bond, EffectKind, Framing, Genre, Place, Size


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NATIVES: Mapping[Place, frozenset[str]] = MappingProxyType(
    {
        Place.SPACE: _words(
            "astronaut woman-astronaut man-astronaut rocket ringed-planet satellite alien-monster "
            "flying-saucer milky-way comet"
        ),
        Place.DESERT: _words("camel two-hump-camel cactus scorpion"),
        Place.SNOWFIELD: _words(
            "penguin polar-bear snowman snowman-without-snow sled skier snowboarder seal"
        ),
        Place.BEACH: _words(
            "palm-tree crab beach-with-umbrella umbrella-on-ground coconut man-surfing "
            "woman-surfing person-surfing desert-island"
        ),
        Place.FOREST: _words(
            "fox deer bear wolf evergreen-tree mushroom brown-mushroom hedgehog raccoon badger "
            "beaver boar moose tent camping"
        ),
        Place.FARM: _words("tractor rooster chicken cow pig ox goat farmer"),
        Place.CITY: _words(
            "office-building hotel department-store convenience-store bank hospital"
        ),
        Place.ROOM: _words("couch-and-lamp chair bed armchair christmas-tree"),
    }
)
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
        "person": Place.PARK,
        "person-role": Place.PARK,
        "person-gesture": Place.PARK,
        "person-activity": Place.PARK,
        "person-sport": Place.PARK,
        "person-fantasy": Place.FOREST,
        "food-prepared": Place.TABLE,
        "food-sweet": Place.TABLE,
        "food-fruit": Place.TABLE,
        "food-vegetable": Place.KITCHEN,
        "food-asian": Place.TABLE,
        "drink": Place.TABLE,
        "dishware": Place.TABLE,
        "computer": Place.DESK,
        "office": Place.DESK,
        "writing": Place.DESK,
        "book-paper": Place.DESK,
        "light-video": Place.ROOM,
        "household": Place.ROOM,
        "musical-instrument": Place.STAGE,
        "music": Place.STAGE,
        "science": Place.DESK,
        "phone": Place.DESK,
        "arts-crafts": Place.DESK,
        "time": Place.TABLE,
        "hotel": Place.ROOM,
    }
)
_OFF_EARTH = _words(
    "full-moon crescent-moon moon new-moon last-quarter-moon first-quarter-moon ringed-planet"
)
_INDOORS = frozenset({Place.ROOM, Place.TABLE, Place.KITCHEN, Place.DESK, Place.STAGE})
_UP = frozenset({Habitat.SKY, Habitat.AIR})
_CARRIED = frozenset({Bond.ON, Bond.IN, Bond.HOLDING, Bond.WEARING})


def settle(scene: Scene) -> Scene:
    """Returns the scene with a place where it needs one and names none."""
    backdrop = scene.backdrop
    if (
        scene.genre is not Genre.SCENE
        or backdrop.place not in (None, Place.SKY)
        or backdrop.ink is not None
        or backdrop.texture is not None
        or any(picture.framing is Framing.COVER for picture in scene.pictures)
    ):
        return scene
    place = _place(scene)
    if place is None or place is backdrop.place:
        return scene
    return scene.model_copy(update={"backdrop": backdrop.model_copy(update={"place": place})})


def _place(scene: Scene) -> Place | None:
    """Where the things that carry themselves live; a rose in a vase goes where the vase goes.
    A face that fills the picture stands nowhere."""
    if any(one.drawing.endswith("-face") and one.size is Size.HUGE for one in scene.things):
        return scene.backdrop.place
    carried = {bond.subject for bond in scene.relations if bond.bond in _CARRIED}
    things = [thing for thing in scene.things if thing.id not in carried] or list(scene.things)
    if any(thing.drawing in _OFF_EARTH for thing in scene.things) and _off_earth(scene):
        return Place.SPACE
    homes = {habitat(thing.drawing) for thing in things}
    if Habitat.WATER in homes:
        return Place.SEA if homes <= {Habitat.WATER, Habitat.DEEP, *_UP} else Place.LAKE
    if Habitat.DEEP in homes:
        return Place.UNDERWATER
    wished = _wished(things)
    snow = any(effect.kind is EffectKind.SNOW for effect in scene.effects)
    if wished is not None:
        return Place.SNOWFIELD if snow and wished not in _INDOORS - {Place.ROOM} else wished
    if things and homes <= _UP:
        return Place.SKY
    if scene.backdrop.hour is not None:
        return Place.MEADOW if things else Place.SKY
    return scene.backdrop.place


def _off_earth(scene: Scene) -> bool:
    """Does somebody stand or sit on a planet or the moon ("an astronaut on the moon")?"""
    worlds = {thing.id for thing in scene.things if thing.drawing in _OFF_EARTH}
    return any(
        bond.bond is Bond.ON and worlds & set(bond.objects) and bond.subject not in worlds
        for bond in scene.relations
    )


def _wished(things: list[Thing]) -> Place | None:
    """The place of the native-born where they are half of those who care, else by kind.

    Furniture makes a room; vehicles make a street only where they outnumber the rest: a car in
    front of a house is in the country as well.
    """
    kinds = [_BY_GROUP.get(subgroup(thing.drawing)) for thing in things]
    natives = Counter(
        place for thing in things for place, those in _NATIVES.items() if thing.drawing in those
    )
    cares = sum(kind is not None for kind in kinds)
    for place, votes in natives.most_common(1):
        if votes * 2 >= cares or place in (Place.SPACE, Place.ROOM):
            return place
    said = [kind for kind in kinds if kind is not None]
    if Place.ROOM in said:
        return Place.ROOM
    if said.count(Place.STREET) * 2 > len(said):
        return Place.STREET
    outside = [kind for kind in said if kind not in _INDOORS and kind is not Place.STREET]
    return next(iter(outside or said), None)
