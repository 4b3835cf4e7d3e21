"""Where a scene happens when its prompt does not say."""

import pytest

from pisang.engines.sketch.scene import Backdrop, Effect, Ink, Relation, Scene, Thing
from pisang.engines.sketch.setting import settle
from pisang.engines.sketch.vocabulary import Bond, EffectKind, Genre, Hour, Place


def scene(*drawings: str, **fields: object) -> Scene:
    things = tuple(Thing(id=f"d{n}", drawing=name) for n, name in enumerate(drawings, 1))
    return Scene(things=things).model_copy(update=fields)


@pytest.mark.parametrize(
    ("drawings", "place"),
    [
        (("cat", "deciduous-tree"), Place.MEADOW),
        (("sailboat",), Place.SEA),
        (("tropical-fish", "octopus"), Place.UNDERWATER),
        (("penguin", "snowman"), Place.SNOWFIELD),
        (("astronaut", "rocket"), Place.SPACE),
        (("automobile", "bus"), Place.STREET),
        (("house", "dog", "automobile"), Place.MEADOW),
        (("crescent-moon", "cloud"), Place.SKY),
        (("cat",), Place.MEADOW),
        (("banana", "hot-beverage"), Place.TABLE),
        (("dog", "couch-and-lamp"), Place.ROOM),
        (("shape:cube",), None),
    ],
)
def test_things_stand_where_they_live(drawings: tuple[str, ...], place: Place | None) -> None:
    assert settle(scene(*drawings)).backdrop.place is place


def test_a_lone_thing_at_night_stands_outdoors() -> None:
    settled = settle(scene("cat", backdrop=Backdrop(hour=Hour.NIGHT)))
    assert settled.backdrop == Backdrop(place=Place.MEADOW, hour=Hour.NIGHT)


def test_snow_lies_on_the_ground_and_a_frame_changes_nothing() -> None:
    snow = Effect(kind=EffectKind.SNOW)
    frame = Effect(kind=EffectKind.FRAME)
    assert settle(scene("cat", effects=(snow,))).backdrop.place is Place.SNOWFIELD
    assert settle(scene("cat", effects=(frame,))).backdrop.place is Place.MEADOW


def test_sky_behind_things_on_the_ground_is_a_sky_above_some_ground() -> None:
    over = settle(scene("cow", "horse", backdrop=Backdrop(place=Place.SKY)))
    assert over.backdrop.place in (Place.MEADOW, Place.FARM)


def test_what_is_carried_goes_where_its_carrier_goes() -> None:
    bond = Relation(subject="d1", bond=Bond.IN, objects=("d2",))
    rose = scene("rose", "amphora", relations=(bond,))
    assert settle(rose).backdrop.place is not Place.GARDEN


@pytest.mark.parametrize(
    "asked",
    [
        {"genre": Genre.CARD},
        {"backdrop": Backdrop(ink=Ink(colours=("#ffffff",)))},
        {"backdrop": Backdrop(place=Place.DESERT)},
    ],
)
def test_what_the_prompt_chose_stays(asked: dict[str, object]) -> None:
    wanted = scene("cat", "dog", **asked)
    assert settle(wanted) is wanted
