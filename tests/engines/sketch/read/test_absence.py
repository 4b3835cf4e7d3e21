"""What is denied is kept out of the place, and comes back when it is asked for."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Scene
from pisang.engines.sketch.vocabulary import Absent


def after(*turns: str) -> Scene:
    scene = None
    for turn in turns:
        scene = read(turn, previous=scene, pictures=()).scene
    assert scene is not None
    return scene


@pytest.mark.parametrize(
    ("prompt", "without"),
    [
        ("a night sky without the moon", (Absent.MOON,)),
        ("a forest with no birds and no flowers", (Absent.BIRDS, Absent.FLOWERS)),
        ("a beach without people", (Absent.PEOPLE,)),
        ("a blue sky without clouds", (Absent.CLOUDS,)),
        ("a night sky with a moon", ()),
    ],
)
def test_what_is_denied_is_kept_out(prompt: str, without: tuple[Absent, ...]) -> None:
    assert after(prompt).without == without


def test_the_moon_of_a_place_can_be_removed_and_added() -> None:
    assert after("a lake at night", "remove the moon").without == (Absent.MOON,)
    assert after("a lake at night", "remove the moon", "add a moon").without == ()
