"""Supplied pictures: edited as pixels, put together, or put into a drawn scene."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.reading import Supplied
from pisang.engines.sketch.scene import Scene


def supplied(count: int) -> tuple[Supplied, ...]:
    return tuple(
        Supplied(f"{number:064x}", width=800, height=600, fresh=True) for number in range(count)
    )


def scene_of(prompt: str, count: int = 1) -> Scene:
    scene = read(prompt, previous=None, pictures=supplied(count)).scene
    assert scene is not None, prompt
    return scene


@pytest.mark.parametrize(
    ("prompt", "edits"),
    [
        ("make it greyscale", ["greyscale"]),
        ("black and white please", ["greyscale"]),
        ("sepia", ["sepia"]),
        ("mirror it", ["flip"]),
        ("turn it upside down", ["flip-vertical"]),
        ("rotate 90 degrees clockwise", ["rotate 90"]),
        ("rotate 90 degrees counterclockwise", ["rotate -90"]),
        ("rotate it by 45 degrees", ["rotate 45"]),
        ("blur it", ["blur 0.5"]),
        ("blur it a little", ["blur 0.25"]),
        ("make it brighter", ["brightness 0.25"]),
        ("make it much darker", ["brightness -0.4"]),
        ("make it a bit warmer and increase the contrast", ["warmth 0.2", "contrast 0.3"]),
        ("pixelate it", ["pixelate 0.5"]),
        ("make it look like night", ["night"]),
        ("make it sunset", ["sunset"]),
        ("blur the background", ["background 0.5"]),
        ("crop it to a square", ["crop 1 centre"]),
        ("crop to the left half", ["crop 0.5 left"]),
        ("make it blue", ["recolour blue"]),
        ("change the background to white", ["background white"]),
        ("make the sky purple", ["tint purple"]),
        ("edit it", []),
    ],
)
def test_pixel_edits(prompt: str, edits: list[str]) -> None:
    scene = scene_of(prompt)
    (picture,) = scene.pictures
    assert scene.genre == "edit"
    assert [
        " ".join(
            part
            for part in (
                one.change,
                "" if one.amount is None else f"{one.amount:g}",
                one.ink.name if one.ink else "",
                one.slot or "",
            )
            if part
        )
        for one in picture.edits
    ] == edits


def test_edits_of_later_turns_are_added() -> None:
    first = read("make it greyscale", previous=None, pictures=supplied(1)).scene
    scene = read("now blur it", previous=first, pictures=()).scene
    assert scene is not None
    assert [one.change for one in scene.pictures[0].edits] == ["greyscale", "blur"]


def test_a_text_stands_on_the_picture() -> None:
    scene = scene_of('Add the text "Lake Bled" at the bottom in white')
    assert scene.pictures[0].framing == "cover"
    assert [(run.words, run.slot) for run in scene.texts] == [("Lake Bled", "bottom")]


def test_a_hat_stands_on_the_picture() -> None:
    scene = scene_of("put a hat on him")
    assert [thing.drawing for thing in scene.things] == ["top-hat"]
    assert scene.relations[0].subject == "p1"


def test_the_background_is_cut_away() -> None:
    assert scene_of("remove the background").pictures[0].framing == "cutout"


def test_what_a_picture_shows_cannot_be_removed() -> None:
    reading = read("remove the person", previous=None, pictures=supplied(1))
    assert "stays in it" in reading.notes[0]


@pytest.mark.parametrize(
    "prompt",
    ["put these side by side", "combine image 1 and image 2", "make a collage of these photos"],
)
def test_a_collage(prompt: str) -> None:
    scene = scene_of(prompt, 2)
    assert scene.genre == "collage"
    assert [one.framing for one in scene.pictures] == ["tile", "tile"]


def test_a_collage_follows_the_order_that_is_said() -> None:
    scene = scene_of("the second image on the left, the first on the right", 2)
    assert [one.slot for one in scene.pictures] == ["right", "left"]


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("place this product on a marble table", "table"),
        ("put my cat in space", "space"),
        ("Put the object from the image on a beach at sunset", "beach"),
    ],
)
def test_a_picture_stands_in_a_drawn_place(prompt: str, place: str) -> None:
    scene = scene_of(prompt)
    assert scene.backdrop.place == place
    assert [one.framing for one in scene.pictures] == ["cutout"]
    assert scene.things == ()


def test_a_photo_becomes_a_print_on_a_card() -> None:
    scene = scene_of("make a birthday card with this photo and the text 'Happy Birthday Mia'")
    assert scene.genre == "card"
    assert [one.framing for one in scene.pictures] == ["inset"]


def test_a_picture_that_is_not_spoken_of_is_not_used() -> None:
    reading = read("A castle on a hill", previous=None, pictures=supplied(1))
    assert reading.scene is not None
    assert reading.scene.pictures == ()
    assert "not used" in reading.notes[-1]


def test_a_question_about_a_picture_is_no_edit() -> None:
    reading = read("what is in this picture?", previous=None, pictures=supplied(1))
    assert reading.scene is None


def test_a_drawn_picture_without_its_scene_is_edited_as_pixels() -> None:
    last = Supplied("a" * 64, width=800, height=600, fresh=False, drawn=True)
    scene = read("make it greyscale", previous=None, pictures=(last,)).scene
    assert scene is not None
    assert [one.change for one in scene.pictures[0].edits] == ["greyscale"]
