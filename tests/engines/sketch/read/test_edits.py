"""Turns that change the last picture: prompt, change, and what the scene holds then."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.reading import Reading
from pisang.engines.sketch.scene import Scene

BASE = "A red cat and a dog in a garden with the text 'Hello' at the top"


def chat(*turns: str) -> Reading:
    scene: Scene | None = None
    for turn in turns:
        reading = read(turn, previous=scene, pictures=())
        scene = reading.scene or scene
    return reading


def after(turn: str) -> Scene:
    scene = chat(BASE, turn).scene
    assert scene is not None, turn
    return scene


def things(scene: Scene) -> list[str]:
    return [
        " ".join(
            part
            for part in (
                str(one.count) if one.count > 1 else "",
                one.ink.name if one.ink else "",
                one.size or "",
                one.drawing,
                one.slot or "",
            )
            if part
        )
        for one in scene.things
    ]


@pytest.mark.parametrize(
    ("turn", "left"),
    [
        ("make the cat blue", ["blue cat", "dog"]),
        ("the cat should be green", ["green cat", "dog"]),
        ("change the dog's color to brown", ["red cat", "brown dog"]),
        ("change the color of the dog to brown", ["red cat", "brown dog"]),
        ("make it bigger", ["red large cat", "dog"]),
        ("bigger", ["red large cat", "dog"]),
        ("can you make the cat smaller?", ["red small cat", "dog"]),
        ("make them all pink", ["pink cat", "pink dog"]),
        ("remove the cat", ["dog"]),
        ("get rid of the dog", ["red cat"]),
        ("without the dog", ["red cat"]),
        ("I don't like the dog, remove it", ["red cat"]),
        ("replace the dog with a rabbit", ["red cat", "rabbit"]),
        ("swap the cat for two birds", ["2 bird", "dog"]),
        ("make the dog a wolf", ["red cat", "wolf"]),
        ("more dogs", ["red cat", "3 dog"]),
        ("make it five dogs", ["red cat", "5 dog"]),
        ("now the same but with three dogs", ["red cat", "3 dog"]),
        ("add a sun in the top right corner", ["red cat", "dog", "sun top-right"]),
        ("add two birds and a tree", ["red cat", "dog", "2 bird", "deciduous-tree"]),
        ("move the cat to the left", ["red cat left", "dog"]),
        ("move it to the bottom", ["red cat bottom", "dog"]),
        ("make the dog smaller and move it to the left", ["red cat", "small dog left"]),
        ("add a hat to the cat", ["red cat", "dog", "top-hat"]),
        ("remove the elephant", ["red cat", "dog"]),
        ("a castle", ["castle"]),
        ("Draw a castle on a hill", ["castle"]),
        ("start over: a boat", ["sailboat"]),
    ],
)
def test_things_change(turn: str, left: list[str]) -> None:
    assert things(after(turn)) == left


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        ("change the text to 'Bye'", ["Bye"]),
        ("change 'Hello' to 'Bye'", ["Bye"]),
        ("replace 'Hello' with 'Bye'", ["Bye"]),
        ("rename the title to Goodbye", ["Goodbye"]),
        ("make it say Goodbye", ["Goodbye"]),
        ("write 'Goodbye' instead", ["Goodbye"]),
        ("add 'Welcome' below", ["Hello", "Welcome"]),
        ("remove the text", []),
        ("no text", []),
        ("delete the dog and the text", []),
        ("make it night", ["Hello"]),
    ],
)
def test_texts_change(turn: str, words: list[str]) -> None:
    assert [run.words for run in after(turn).texts] == words


@pytest.mark.parametrize(
    ("turn", "field", "value"),
    [
        ("move the text to the bottom", "slot", "bottom"),
        ("use a handwritten font", "face", "handwritten"),
        ("change the font to serif", "face", "serif"),
        ("make the text bold", "bold", True),
        ("make the text larger", "size", "large"),
    ],
)
def test_lettering_changes(turn: str, field: str, value: object) -> None:
    (run,) = after(turn).texts
    assert getattr(run, field) == value


@pytest.mark.parametrize(
    ("turn", "place", "hour"),
    [
        ("make it night", "garden", "night"),
        ("at sunset", "garden", "sunset"),
        ("put it on the beach", "beach", None),
        ("set it in space", "space", None),
        ("change the background to a blue gradient", None, None),
        ("remove the background", None, None),
        ("make it brighter", "garden", "day"),
    ],
)
def test_surroundings_change(turn: str, place: str | None, hour: str | None) -> None:
    backdrop = after(turn).backdrop
    assert (backdrop.place, backdrop.hour) == (place, hour)


@pytest.mark.parametrize(
    ("turn", "kinds"),
    [
        ("add snow", ["snow"]),
        ("now in winter", ["snow"]),
        ("add a gold frame", ["frame"]),
        ("blur the background", ["blur"]),
        ("make it more festive", ["confetti"]),
    ],
)
def test_effects_change(turn: str, kinds: list[str]) -> None:
    assert [effect.kind for effect in after(turn).effects] == kinds


def test_the_style_changes() -> None:
    assert after("make it a watercolor").style == "watercolour"
    assert after("make everything greyscale").style == "monochrome"


def test_a_hat_is_worn_and_a_bone_held() -> None:
    scene = after("give the cat a crown and the dog a bone")
    assert [(one.subject, one.bond) for one in scene.relations] == [
        ("d1", "wearing"),
        ("d2", "holding"),
    ]


def test_a_thing_is_flipped_or_turned() -> None:
    assert after("flip the cat").things[0].flip
    assert after("turn the cat 90 degrees").things[0].turn == 90


def test_the_whole_drawing_is_mirrored() -> None:
    scene = chat("A cat on the left and a dog on the right", "mirror the image").scene
    assert scene is not None
    assert things(scene) == ["cat right", "dog left"]


def test_it_is_what_was_spoken_of_last() -> None:
    scene = chat(BASE, "make the dog smaller and colour it blue").scene
    assert scene is not None
    assert things(scene) == ["red cat", "blue small dog"]


def test_ids_stay() -> None:
    scene = chat(BASE, "remove the cat", "add a bird").scene
    assert scene is not None
    assert [one.id for one in scene.things] == ["d2", "d1"]


def test_what_is_not_there_is_told() -> None:
    reading = chat(BASE, "remove the elephant")
    assert reading.notes == ("There is no elephant to remove.",)


def test_undo_is_told_to_be_impossible() -> None:
    reading = chat(BASE, "undo")
    assert "undone" in reading.notes[0]
    assert reading.scene is not None


def test_unknown_words_of_an_edit_are_told() -> None:
    assert chat(BASE, "make it more zorblike").ignored == ("zorblike",)


@pytest.mark.parametrize("turn", ["thanks", "what is this?", "What is your name?", "hello"])
def test_talk_is_no_edit(turn: str) -> None:
    assert chat(BASE, turn).scene is None
