"""Who may be shown."""

import pytest

from pisang.engines.sketch.persons import NO_CHILDREN, NO_PEOPLE, emptied, refusal
from pisang.engines.sketch.scene import Scene, Thing
from pisang.engines.sketch.vocabulary import Absent


def scene(*drawings: str) -> Scene:
    return Scene(things=tuple(Thing(id=f"d{n}", drawing=d) for n, d in enumerate(drawings)))


@pytest.mark.parametrize(
    ("drawings", "allowed", "why"),
    [
        (("man",), "DONT_ALLOW", NO_PEOPLE),
        (("fox", "woman"), "ALLOW_NONE", NO_PEOPLE),
        (("baby-face",), "ALLOW_ADULT", NO_CHILDREN),
        (("man", "girl"), "ALLOW_ADULT", NO_CHILDREN),
        (("man",), "ALLOW_ADULT", None),
        (("girl",), "ALLOW_ALL", None),
        (("girl",), None, None),
        (("baby-chick", "baby-bottle", "shape:star"), "DONT_ALLOW", None),
    ],
)
def test_people_and_children(drawings: tuple[str, ...], allowed: str | None, why: str) -> None:
    assert refusal(scene(*drawings), allowed) == why


def test_a_place_brings_no_people_along_where_none_are_allowed() -> None:
    assert emptied(Scene(), "DONT_ALLOW").without == (Absent.PEOPLE,)
    assert emptied(Scene(without=(Absent.PEOPLE,)), "DONT_ALLOW").without == (Absent.PEOPLE,)
    assert emptied(Scene(), "ALLOW_ADULT") == Scene()
