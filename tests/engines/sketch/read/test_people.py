"""Who is drawn: the old, the trades, faces for portraits, and what somebody has but is not."""

import pytest

from pisang.engines.sketch.read import read


def drawn(prompt: str) -> list[str]:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return [thing.drawing for thing in scene.things]


@pytest.mark.parametrize(
    ("prompt", "drawings"),
    [
        ("an elderly potter at work, her hands in clay", ["old-woman"]),
        ("a close-up portrait of an elderly potter, he smiles", ["old-man-face"]),
        ("a female firefighter", ["woman-firefighter"]),
        ("a portrait of a bearded man", ["man-beard"]),
        ("a bearded man in the park", ["man"]),
        ("a close-up of a lion's face", ["lion-face"]),
        ("the face of a lion", ["lion-face"]),
        ("two foxes, close-up portrait", ["fox"]),
        ("a woman with a warm smile", ["woman"]),
        ("a family of four", ["man", "woman", "child", "child"]),
        ("a couple of dogs", ["dog"]),
        ("sun-drenched hills with a horse", ["horse"]),
        ("for the poster: a man named John Fox", ["man"]),
    ],
)
def test_who_is_drawn(prompt: str, drawings: list[str]) -> None:
    assert drawn(prompt) == drawings


def test_a_stand_in_is_told() -> None:
    (note,) = read("a barista", previous=None, pictures=()).notes
    assert "'barista'" in note
    assert "'cook'" in note
