"""Which things a prompt names, how many, in which colour, size and place: prompt to facts."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Scene


def scene_of(prompt: str) -> Scene:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return scene


def things_of(prompt: str) -> list[str]:
    """Each thing as "count drawing colour size slot depth", what is left open left out."""
    return [
        " ".join(
            part
            for part in (
                str(thing.count),
                thing.drawing,
                thing.ink.name if thing.ink else "",
                thing.size or "",
                thing.slot or "",
                thing.depth or "",
            )
            if part
        )
        for thing in scene_of(prompt).things
    ]


@pytest.mark.parametrize(
    ("prompt", "things"),
    [
        ("a cat", ["1 cat"]),
        ("banana", ["1 banana"]),
        ("CAT", ["1 cat"]),
        ("a red cube", ["1 shape:cube red"]),
        ("blue circle", ["1 shape:circle blue"]),
        ("two dogs", ["2 dog"]),
        ("3 red apples", ["3 red-apple red"]),
        ("a dozen eggs", ["12 egg"]),
        ("half a dozen doughnuts", ["6 doughnut"]),
        ("several birds", ["4 bird"]),
        ("a few bees", ["3 honeybee"]),
        ("many butterflies", ["7 butterfly"]),
        ("a couple of penguins", ["2 penguin"]),
        ("a pair of owls", ["2 owl"]),
        ("balloons", ["3 balloon"]),
        ("a pair of glasses", ["1 glasses"]),
        ("black headphones", ["1 headphone black"]),
        ("a huge elephant", ["1 elephant huge"]),
        ("a tiny blue mouse", ["1 mouse blue tiny"]),
        ("a large, fluffy, white cat", ["1 cat white large"]),
        ("the cat is red", ["1 cat red"]),
        ("two cats, one black and one white", ["1 cat black", "1 cat white"]),
        ("a superhero dog", ["1 dog"]),
        ("a cat with green eyes", ["1 cat"]),
        ("a dog in yellow", ["1 dog yellow"]),
        ("a cat and a dog", ["1 cat", "1 dog"]),
        ("a red cat and a blue dog", ["1 cat red", "1 dog blue"]),
        ("a red and white rocket", ["1 rocket red and white"]),
        ("a light blue car", ["1 automobile light blue"]),
        ("a dark green turtle", ["1 turtle dark green"]),
        ("a #ff8800 car", ["1 automobile #ff8800"]),
        ("a rgb(255, 0, 0) car", ["1 automobile rgb(255, 0, 0)"]),
        ("a gold crown", ["1 crown gold"]),
        ("a rainbow umbrella", ["1 umbrella rainbow"]),
        ("a neon pink flamingo", ["1 flamingo neon pink"]),
        ("an orange cat", ["1 cat orange"]),
        ("an orange", ["1 tangerine"]),
        ("an orange and a banana", ["1 tangerine", "1 banana"]),
        ("a rose", ["1 rose"]),
        ("a rose-coloured dress", ["1 dress rose"]),
        ("three stars", ["3 star"]),
        ("two red balloons and three yellow stars", ["2 balloon red", "3 star yellow"]),
        ("a birthday cake", ["1 birthday-cake"]),
        ("a fire truck", ["1 fire-engine"]),
        ("a picture of a horse", ["1 horse"]),
        ("an illustration showing a panda", ["1 panda"]),
        ("Can you draw a horse?", ["1 horse"]),
        ("I want to see a tiger", ["1 tiger"]),
        ("A cat and a dog. The cat is red.", ["1 cat red", "1 dog"]),
        ("A cat on the left and a dog on the right", ["1 cat left", "1 dog right"]),
        ("On the left a dog, on the right a cat", ["1 dog left", "1 cat right"]),
        ("in the centre a giraffe", ["1 giraffe centre"]),
        ("a crab in the foreground", ["1 crab foreground"]),
        ("a ship far in the distance", ["1 ship distance"]),
        ("a butterfly in the top right corner", ["1 butterfly top-right"]),
        ("a snail at the bottom left", ["1 snail bottom-left"]),
        ("an elefant and a girafe", ["1 elephant", "1 giraffe"]),
        ("a five-star hotel", ["1 hotel"]),
        ("a basket of apples", ["1 basket", "3 red-apple"]),
        ("🐱 and 🐶", ["1 cat-face", "1 dog-face"]),
        ("a green apple, no text", ["1 green-apple green"]),
        ("a beach without people", []),
        ("no cats, a dog", ["1 dog"]),
        ("a dog but no cat", ["1 dog"]),
        ("a dog, not a cat", ["1 dog"]),
        ("don't draw a dog, draw a cat", ["1 cat"]),
        ("a red dog, not blue", ["1 dog red"]),
    ],
)
def test_things(prompt: str, things: list[str]) -> None:
    assert things_of(prompt) == things


@pytest.mark.parametrize(
    ("prompt", "relation"),
    [
        ("a cat to the left of a dog", "cat left-of dog"),
        ("a cat right of a dog", "cat right-of dog"),
        ("a bird above a tree", "bird above deciduous-tree"),
        ("a cat under an umbrella", "cat below umbrella"),
        ("a cat on a chair", "cat on chair"),
        ("a cat with a red bow tie", "cat wearing necktie"),
        ("an owl reading a book", "owl holding closed-book"),
        ("a mouse wearing a scarf, standing in front of a door", "mouse in-front-of door"),
        ("a cat sitting on top of a chair", "cat on chair"),
        ("a fox in front of a house", "fox in-front-of house"),
        ("a dog hiding behind a chair", "dog behind chair"),
        ("a bicycle next to a tree and a house", "bicycle next-to deciduous-tree"),
        ("a mouse beside a wheel of cheese", "mouse next-to wheel"),
        ("a goldfish in a bowl", "fish in bowl-with-spoon"),
        ("a girl holding a balloon", "girl holding balloon"),
        ("a monkey wearing a crown", "monkey wearing crown"),
        ("a monkey riding a bicycle", "monkey on bicycle"),
        ("a monkey riding a bicycle wearing a crown", "monkey wearing crown"),
        ("next to the house stands a horse", "horse next-to house"),
        ("bees around a sunflower", "honeybee around sunflower"),
        ("a house between two trees", "house between deciduous-tree"),
        ("a cat between a dog and a mouse", "cat between dog mouse"),
        ("a basket of apples", "red-apple in basket"),
        ("a chair next to a table", "chair next-to table"),
    ],
)
def test_relations(prompt: str, relation: str) -> None:
    scene = scene_of(prompt)
    drawn = {thing.id: thing.drawing for thing in scene.things}
    said = [
        " ".join((drawn.get(one.subject, "?"), one.bond, *(drawn[key] for key in one.objects)))
        for one in scene.relations
    ]
    assert relation in said


def test_a_relation_to_the_sky_is_no_relation() -> None:
    assert scene_of("a tree under the moon").relations == ()


def test_far_places_are_seen_through_the_window() -> None:
    scene = scene_of("A living room with mountains visible through the window")
    assert scene.backdrop.place == "room"
    assert [(thing.drawing, thing.depth) for thing in scene.things] == [
        ("snow-capped-mountain", "outside")
    ]


def test_a_mended_typo_is_told() -> None:
    notes = read("an elefant", previous=None, pictures=()).notes
    assert notes == ("Took 'elefant' as elephant.",)


@pytest.mark.parametrize("word", ["might", "cover", "store", "brand", "large", "house", "beach"])
def test_real_words_are_not_mended(word: str) -> None:
    assert not read(f"a dog {word}", previous=None, pictures=()).notes


def test_unknown_words_are_told() -> None:
    reading = read("a red zorble and a cat", previous=None, pictures=())
    assert reading.ignored == ("zorble",)
    assert reading.scene is not None
    assert [thing.ink for thing in reading.scene.things] == [None]


def test_camera_words_are_neither_drawn_nor_ignored() -> None:
    prompt = "A cat, 85mm, f/1.8, 4k, highly detailed, cinematic lighting, aspect ratio 16:9"
    reading = read(prompt, previous=None, pictures=())
    assert reading.ignored == ()
    assert things_of(prompt) == ["1 cat"]


def test_a_photo_is_owned_up_to() -> None:
    assert read("photorealistic portrait of a dog", previous=None, pictures=()).photo
    assert not read("a drawing of a dog", previous=None, pictures=()).photo
