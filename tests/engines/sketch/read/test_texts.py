"""Which words a picture must show, and how: prompt to text runs."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Scene, TextRun
from pisang.engines.sketch.vocabulary import EffectKind


def scene_of(prompt: str) -> Scene:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return scene


def texts_of(prompt: str) -> list[str]:
    return [run.words for run in scene_of(prompt).texts]


def run_of(prompt: str) -> TextRun:
    (run,) = scene_of(prompt).texts
    return run


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ('a card with "Hello"', ["Hello"]),
        ("a card with 'Hello'", ["Hello"]),
        ("a card with “Hello”", ["Hello"]),
        ("a card with ‘Hello’", ["Hello"]),
        ("a card with «Bonjour»", ["Bonjour"]),
        ("a card with „Hallo“", ["Hallo"]),
        ("a card with 「こんにちは」", ["こんにちは"]),
        ("a card with 'Don't stop'", ["Don't stop"]),
        ("a card that says 'It's Anna's day'", ["It's Anna's day"]),
        ('a card with "Line one\nLine two"', ["Line one\nLine two"]),
        ("a card with \"He said 'hi'\"", ["He said 'hi'"]),
        ('a card with "Hello', ["Hello"]),
        ("the dogs' house and the cats' garden", []),
        ("saying HAPPY NEW YEAR in gold", ["HAPPY NEW YEAR"]),
        ("a poster titled Summer Nights with a boat", ["Summer Nights"]),
        ("a banner that says welcome home", ["welcome home"]),
        ("a card with the words Happy Birthday Anna! in script", ["Happy Birthday Anna!"]),
        ("poster, headline Grow Faster and subheading Start Today", ["Grow Faster", "Start Today"]),
        ("text: Hello World", ["Hello World"]),
        ("Title: Summer Sale, Subtitle: 50% off everything", ["Summer Sale", "50% off everything"]),
        ('- Headline: "Fresh"\n- Subline: "Since 1987"', ["Fresh", "Since 1987"]),
        ("a logo for a coffee shop called Bean There", ["Bean There"]),
        ("the number 7 in red", ["7"]),
        ("the letter A made of gold", ["A"]),
        ("x", ["x"]),
        ("a bottle with a price tag $9.99", ["$9.99"]),
        ("a girl reading a book", []),
        ("a cat, no text", []),
        ("a poster for a jazz concert on Friday at 8pm", ["Jazz Concert", "Friday at 8pm"]),
        ("a birthday card for Anna", ["Happy Birthday, Anna!"]),
        ("a Christmas card", ["Merry Christmas!"]),
        ("a birthday card with no text", []),
        ("invitation to Anna's wedding", ["Anna's Wedding"]),
        ("a sunset over the sea", []),
        ("happy birthday", ["Happy Birthday!"]),
        ("a get well soon card", ["Get Well Soon!"]),
        ("Instagram story: New collection out now!", ["New collection out now!"]),
        ("A quote card: 'Be yourself.' — Oscar Wilde", ["Be yourself.", "Oscar Wilde"]),
        ("a menu with tacos $3", ["Tacos $3"]),
    ],
)
def test_words(prompt: str, words: list[str]) -> None:
    assert texts_of(prompt) == words


@pytest.mark.parametrize(
    ("prompt", "field", "value"),
    [
        ("'Hi' in script", "face", "script"),
        ("'Hi' in cursive letters", "face", "script"),
        ("'Hi' in a serif font", "face", "serif"),
        ("'Hi' in handwritten lettering", "face", "handwritten"),
        ("'Hi' in typewriter font", "face", "mono"),
        ("'Hi' as a neon sign", "face", "neon"),
        ("'Hi' in elegant capitals", "face", "elegant"),
        ("'Hi' in pixel font", "face", "pixel"),
        ("'Hi' in comic book lettering", "face", "comic"),
        ("'Hi' in bubble letters", "face", "rounded"),
        ("'Hi' in blackletter", "face", "gothic"),
        ("'Hi' in bold", "bold", True),
        ("bold text 'Hi'", "bold", True),
        ("'Hi' in italics", "italic", True),
        ("'Hi' in large letters", "size", "large"),
        ("'Hi' in huge yellow letters", "size", "huge"),
        ("small text 'Hi'", "size", "small"),
        ("'Hi' at the top", "slot", "top"),
        ("'Hi' at the bottom of the picture", "slot", "bottom"),
        ("'Hi' in the bottom right corner", "slot", "bottom-right"),
        ("'Hi' centred", "slot", "centre"),
        ("at the top 'Hi'", "slot", "top"),
        ("the subtitle 'Hi'", "role", "subtitle"),
        ("a label 'Hi'", "role", "label"),
        ("a cat saying 'Hi'", "role", "speech"),
        ("a sign that says 'Hi'", "role", "sign"),
        ("a mug with 'Hi' written on it", "role", "sign"),
        ("a 'Hi' sign", "role", "sign"),
        ("'Hi' in capital letters", "words", "HI"),
        ("a card with 'Hi', use a script font", "face", "script"),
    ],
)
def test_looks(prompt: str, field: str, value: object) -> None:
    assert getattr(run_of(prompt), field) == value


@pytest.mark.parametrize(
    ("prompt", "text", "ground"),
    [
        ("'Hi' in gold script on a navy background", "gold", "navy"),
        ("navy background with 'Hi' in gold", "gold", "navy"),
        ("'Hi' in white letters, background dark blue", "white", "dark blue"),
        ("red text 'Hi' on white", "red", "white"),
        ("white 'Hi' on a teal background", "white", "teal"),
        ("'Hi', black on yellow", "black", "yellow"),
        ("'Hi' on navy blue in silver letters", "silver", "navy blue"),
        (
            "gradient background from purple to orange with white text 'Hi'",
            "white",
            "purple and orange",
        ),
        ("A navy poster with gold text 'Hi'", "gold", "navy"),
        ("'Hi' with a coral background and white letters", "white", "coral"),
    ],
)
def test_colours_stay_on_their_side(prompt: str, text: str, ground: str) -> None:
    scene = scene_of(prompt)
    assert scene.texts[0].ink is not None
    assert scene.texts[0].ink.name == text
    assert scene.backdrop.ink is not None
    assert scene.backdrop.ink.name == ground


def test_each_text_keeps_its_own_looks() -> None:
    prompt = (
        'A poster with the title "SALE" in large red letters and the subtitle "50% off" '
        "in small black text on a yellow background"
    )
    sale, off = scene_of(prompt).texts
    assert (sale.ink and sale.ink.name, sale.size) == ("red", "large")
    assert (off.ink and off.ink.name, off.size, off.role) == ("black", "small", "subtitle")


def test_gold_is_metal_and_neon_glows() -> None:
    gold = run_of("'Hi' in gold").ink
    assert gold is not None
    assert gold.finish == "metal"
    assert run_of("'Hi' as a pink neon sign").glow


def test_what_carries_a_text_is_named() -> None:
    scene = scene_of("a sign that says 'OPEN' next to a door")
    assert scene.texts[0].on == scene.things[0].id
    assert scene.things[0].drawing == "placard"


def test_a_text_after_a_comma_is_on_nothing() -> None:
    assert run_of("a cat under the moon, with the text 'Good night'").on is None


def test_invented_words_are_told() -> None:
    notes = read("a birthday card for Anna", previous=None, pictures=()).notes
    assert any("Happy Birthday, Anna!" in note for note in notes)


def test_a_shadow_in_a_card_of_words_is_the_words() -> None:
    prompt = 'A birthday card: "Happy Birthday!" in gold lettering with a soft shadow, and confetti'
    scene = scene_of(prompt)
    assert scene.texts[0].shadow
    assert [effect.kind for effect in scene.effects] == [EffectKind.CONFETTI]
