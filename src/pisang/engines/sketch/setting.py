"""Gives a scene that names no place the place its things live in, so that nothing floats.

Only what a person would expect is added: cat and tree at night stand in a meadow at night, a boat
needs the sea. A single object on its own stays on a plain ground. The place is kept in the Scene
that travels, so that taking the fox away does not take the forest away.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pisang.engines.sketch import drawings
from pisang.engines.sketch.layout.nature import Habitat, habitat
from pisang.engines.sketch.scene import Backdrop, EffectKind, Framing, Genre, Place, Scene, Thing

_HOMES: Mapping[Place, frozenset[str]] = MappingProxyType(
    {
        Place.SPACE: frozenset(
            [
                "astronaut",
                "woman-astronaut",
                "man-astronaut",
                "rocket",
                "ringed-planet",
                "satellite",
                "alien",
                "flying-saucer",
                "milky-way",
                "comet",
            ]
        ),
        Place.DESERT: frozenset(["camel", "two-hump-camel", "cactus", "scorpion"]),
        Place.SNOWFIELD: frozenset(
            [
                "penguin",
                "polar-bear",
                "snowman",
                "snowman-without-snow",
                "sled",
                "skier",
                "snowboarder",
                "seal",
            ]
        ),
        Place.BEACH: frozenset(
            [
                "palm-tree",
                "crab",
                "beach-with-umbrella",
                "umbrella-on-ground",
                "coconut",
                "man-surfing",
                "woman-surfing",
                "person-surfing",
                "desert-island",
            ]
        ),
        Place.FOREST: frozenset(
            [
                "fox",
                "deer",
                "bear",
                "wolf",
                "evergreen-tree",
                "mushroom",
                "brown-mushroom",
                "hedgehog",
                "raccoon",
                "badger",
                "beaver",
                "boar",
                "moose",
                "tent",
                "camping",
            ]
        ),
        Place.FARM: frozenset(
            ["tractor", "rooster", "chicken", "cow", "pig", "ox", "goat", "farmer"]
        ),
        Place.STREET: frozenset(
            [
                "automobile",
                "taxi",
                "oncoming-taxi",
                "bus",
                "oncoming-bus",
                "police-car",
                "ambulance",
                "fire-engine",
                "bicycle",
                "motor-scooter",
                "motorcycle",
                "delivery-truck",
                "articulated-lorry",
                "trolleybus",
                "tram",
                "minibus",
                "sport-utility-vehicle",
                "pickup-truck",
                "kick-scooter",
                "bus-stop",
            ]
        ),
        Place.CITY: frozenset(
            [
                "office-building",
                "hotel",
                "department-store",
                "convenience-store",
                "bank",
                "hospital",
            ]
        ),
    }
)
_OPEN = (None, Place.SKY)
_WEATHER = frozenset(
    {
        EffectKind.SNOW,
        EffectKind.RAIN,
        EffectKind.FOG,
        EffectKind.CLOUDS,
        EffectKind.SUNRAYS,
        EffectKind.LIGHTNING,
        EffectKind.RAINBOW,
    }
)


def settle(scene: Scene) -> Scene:
    """Returns the scene with a place where it needs one and names none."""
    backdrop = scene.backdrop
    if (
        scene.genre is not Genre.SCENE
        or backdrop.place not in _OPEN
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
    weather = {effect.kind for effect in scene.effects}
    placed = [thing for thing in scene.things if not thing.drawing.startswith("shape:")]
    homes = [habitat(thing.drawing) for thing in placed]
    if Habitat.WATER in homes:
        return Place.SEA
    if placed and all(home is Habitat.DEEP for home in homes):
        return Place.UNDERWATER
    if not any(_stands(thing) for thing in placed):
        up = any(home in (Habitat.SKY, Habitat.AIR) for home in homes)
        return Place.SKY if up or (scene.backdrop.hour and not placed) else scene.backdrop.place
    if EffectKind.SNOW in weather:
        return Place.SNOWFIELD
    lone = len(placed) == 1 and placed[0].count == 1
    if lone and scene.backdrop == Backdrop() and not weather & _WEATHER:
        return None
    return _most_at_home(placed)


def _stands(thing: Thing) -> bool:
    """Whether a thing is of the outdoors and stands on the ground; food and tools are not."""
    if habitat(thing.drawing) is not Habitat.GROUND:
        return False
    return drawings.entry(thing.drawing).group not in ("objects", "food-drink", "symbols")


def _most_at_home(things: list[Thing]) -> Place:
    votes = {
        place: sum(thing.drawing in natives for thing in things)
        for place, natives in _HOMES.items()
    }
    best = max(votes, key=lambda place: votes[place])
    grounded = [thing for thing in things if _stands(thing)]
    if votes[best] * 2 >= len(grounded):
        return best
    return Place.MEADOW
