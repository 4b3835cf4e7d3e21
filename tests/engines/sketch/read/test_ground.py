"""What lies behind everything, the style, the kind of picture and its effects."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Scene


def scene_of(prompt: str) -> Scene:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return scene


@pytest.mark.parametrize(
    ("prompt", "place", "hour"),
    [
        ("a fox in a forest", "forest", None),
        ("a fox in the woods at night", "forest", "night"),
        ("sunset over the sea", "sea", "sunset"),
        ("a boat on the ocean at dawn", "sea", "dawn"),
        ("a castle on a hill", "hills", None),
        ("a city skyline at midnight", "city", "night"),
        ("a rocket in outer space", "space", None),
        ("a sunny beach", "beach", "day"),
        ("a snowy landscape with a fox", "snowfield", None),
        ("fish underwater", "underwater", None),
        ("a cozy living room with a cat", "room", None),
        ("a laptop on a desk", "desk", None),
        ("a cup of coffee on a wooden table", "table", None),
        ("an owl under the moon", None, "night"),
        ("a night sky", "sky", "night"),
        ("a dark blue sky over mountains", "mountains", "night"),
        ("a pink sky over mountains", "mountains", "sunset"),
        ("fireworks over a city", "city", "night"),
        ("a farm with two cows", "farm", None),
        ("a library full of books", "library", None),
        ("golden hour in a meadow", "meadow", "sunset"),
        ("a kitchen in the morning", "kitchen", "dawn"),
        ("a red chair next to a table", None, None),
    ],
)
def test_place_and_hour(prompt: str, place: str | None, hour: str | None) -> None:
    backdrop = scene_of(prompt).backdrop
    assert (backdrop.place, backdrop.hour) == (place, hour)


@pytest.mark.parametrize(
    ("prompt", "ink", "texture"),
    [
        ("a cat on a blue background", "blue", "plain"),
        ("a cat, background: navy", "navy", "plain"),
        ("a cat on white", "white", "plain"),
        ("a gradient from purple to orange", "purple and orange", "gradient"),
        ("a gradient background from teal to pink", "teal and pink", "gradient"),
        ("blue and white stripes", "blue and white", "stripes"),
        ("a pink polka dot background", "pink", "dots"),
        ("a cat on a brick wall", None, "brick"),
        ("'Hi' on a chalkboard", None, "chalkboard"),
        ("a chalkboard that says 'Hi'", None, "chalkboard"),
        ("a watch on a marble table", None, "marble"),
        ("a mug on a wooden table", None, "wood"),
        ("'Hi' on parchment", None, "paper"),
        ("a striped green poster with 'Hi'", "green", "stripes"),
        ("a navy card with 'Hi'", "navy", "plain"),
    ],
)
def test_ground(prompt: str, ink: str | None, texture: str) -> None:
    backdrop = scene_of(prompt).backdrop
    assert ((backdrop.ink.name if backdrop.ink else None), backdrop.texture) == (ink, texture)


@pytest.mark.parametrize(
    ("prompt", "genre"),
    [
        ("a cat", "scene"),
        ("a birthday card", "card"),
        ("an invitation to a party", "card"),
        ("'Happy Birthday' in gold with confetti", "card"),
        ("a movie poster", "poster"),
        ("a flyer for a concert", "poster"),
        ("book cover with a ship", "poster"),
        ("product shot of a watch", "product"),
        ("a red shoe, product photography", "product"),
        ("an infographic about bees", "infographic"),
        ("a bar chart of sales: Q1 10, Q2 20", "infographic"),
        ("a login screen with an email field", "interface"),
        ("a dashboard with a line chart", "interface"),
        ("Instagram post about coffee", "social"),
        ("YouTube thumbnail with a cat", "social"),
        ("a logo with a fox", "icon"),
        ("a sticker of a frog", "icon"),
        ("seamless pattern of lemons", "pattern"),
        ("a storybook scene with a bear", "scene"),
    ],
)
def test_genre(prompt: str, genre: str) -> None:
    assert scene_of(prompt).genre == genre


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("a watercolor of a cat", "watercolour"),
        ("a cat, pencil sketch", "pencil"),
        ("flat vector illustration of a cat", "flat"),
        ("a minimalist poster of a cat", "minimal"),
        ("a vintage travel poster", "vintage"),
        ("a cyberpunk robot", "neon"),
        ("pixel art of a cat", "pixel"),
        ("a pastel illustration of a cat", "pastel"),
        ("a black and white drawing of a cat", "monochrome"),
        ("a pencil on a desk", "flat"),
    ],
)
def test_style(prompt: str, style: str) -> None:
    assert scene_of(prompt).style == style


@pytest.mark.parametrize(
    ("prompt", "kinds"),
    [
        ("a card with confetti", ["confetti"]),
        ("a cat in the rain", ["rain"]),
        ("a fox in falling snow", ["snow"]),
        ("a night sky full of stars", ["stars"]),
        ("a forest in the fog", ["fog"]),
        ("a lighthouse in a storm", ["lightning"]),
        ("a ship in a terrible storm at sea", ["lightning"]),
        ("a fox walking through a snowstorm", ["snow"]),
        ("an icon of a storm", []),
        ("a card with a gold frame", ["frame"]),
        ("fireworks over a city", ["fireworks"]),
        ("a cherry tree with falling petals", ["petals"]),
        ("a park with autumn leaves", ["leaves"]),
        ("a cat without rain", []),
    ],
)
def test_effects(prompt: str, kinds: list[str]) -> None:
    assert [effect.kind for effect in scene_of(prompt).effects] == kinds


def test_the_colour_of_an_effect_is_its_own() -> None:
    (stars,) = scene_of("a navy background with gold stars").effects
    assert stars.ink is not None
    assert stars.ink.name == "gold"


@pytest.mark.parametrize(
    ("prompt", "drawing"),
    [
        ("a birthday card for Anna", "birthday-cake"),
        ("a Christmas card", "christmas-tree"),
        ("a Halloween flyer", "jack-o-lantern"),
        ("a poster for a jazz concert", "saxophone"),
        ("a graduation card", "graduation-cap"),
    ],
)
def test_an_occasion_brings_its_drawing_and_says_so(prompt: str, drawing: str) -> None:
    reading = read(prompt, previous=None, pictures=())
    assert reading.scene is not None
    assert [thing.drawing for thing in reading.scene.things] == [drawing]
    assert any("Added" in note for note in reading.notes)


def test_an_occasion_adds_nothing_where_something_is_named() -> None:
    scene = scene_of("a birthday card with a dog")
    assert [thing.drawing for thing in scene.things] == ["dog"]
    assert scene.effects == ()


def test_what_cannot_be_drawn_is_replaced_openly() -> None:
    reading = read("draw a flibbertigibbet", previous=None, pictures=())
    assert reading.scene is not None
    assert reading.scene.things == ()
    assert reading.ignored == ("flibbertigibbet",)
    assert "flibbertigibbet" in reading.notes[0]


@pytest.mark.parametrize(
    "prompt",
    [
        "What is your name?",
        "hello",
        "Hi!",
        "Write a Python function that sorts a list",
        "2 + 2 = ?",
        "",
        "   \n",
        "?!...",
        "hmm",
        "What is the capital of France?",
        "How old is the sun?",
        "Will it rain tomorrow in Berlin?",
        "Translate 'good morning' to Spanish",
        "Thanks, that's great!",
        "Who painted the Mona Lisa?",
        "tell me a joke about cats",
    ],
)
def test_asks_for_no_picture(prompt: str) -> None:
    assert read(prompt, previous=None, pictures=()).scene is None


@pytest.mark.parametrize(
    "prompt",
    [
        "banana",
        "Can you draw a horse?",
        "draw",
        "What would a banana look like on the moon? Show me.",
        "hello kitty in a garden",
        "blue",
        "a logo",
    ],
)
def test_asks_for_a_picture(prompt: str) -> None:
    assert read(prompt, previous=None, pictures=()).scene is not None


@pytest.mark.parametrize(
    ("prompt", "sky", "ink"),
    [
        ("a meadow under a purple sky", "purple", None),
        ("a pink sky over the sea", "pink", None),
        ("a blue sky over a meadow", None, None),
        ("a dark blue sky over mountains", None, None),
        ("a turquoise sea", None, "turquoise"),
        ("a golden beach", None, None),
    ],
)
def test_sky_and_land_are_dyed_apart(prompt: str, sky: str | None, ink: str | None) -> None:
    backdrop = scene_of(prompt).backdrop
    assert (backdrop.sky.name if backdrop.sky else None) == sky
    assert (backdrop.ink.name if backdrop.ink else None) == ink


def test_an_edit_of_the_sky_keeps_the_place() -> None:
    scene = scene_of("a cat in a meadow")
    edited = read("make the sky purple", previous=scene, pictures=()).scene
    assert edited is not None
    assert edited.backdrop.place == "meadow"
    assert edited.backdrop.sky is not None
    assert edited.backdrop.sky.name == "purple"
