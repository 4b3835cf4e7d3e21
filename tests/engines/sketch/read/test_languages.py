"""The tables of the languages besides English: every value means something, prompts are read."""

import pytest

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read import lexicon, read
from pisang.engines.sketch.read.language import detect
from pisang.engines.sketch.read.themes import THEMES
from pisang.engines.sketch.vocabulary import (
    BlockKind,
    Bond,
    Change,
    Depth,
    EffectKind,
    Face,
    Genre,
    Hour,
    Place,
    Role,
    Size,
    Slot,
    Style,
    Texture,
)

LANGUAGES = ("de", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "uk", "zh")
_ENUMS = {
    "block": set(BlockKind),
    "bond": {*Bond, "riding"},
    "depth": set(Depth),
    "effect": set(EffectKind),
    "face": set(Face),
    "genre": set(Genre),
    "hour": set(Hour),
    "place": set(Place),
    "says": {*Role, "-", "with"},
    "size": set(Size),
    "slot": set(Slot),
    "style": set(Style),
    "text": set(Role),
    "texture": set(Texture),
    "theme": set(THEMES),
    "tone": {"light", "dark", "pale", "deep", "bright", "pastel", "neon", "metallic", "muted"},
    "weight": {"bold", "italic", "caps", "lower", "glow", "shadow", "outline", "foil"},
    "ask": {"question", "greeting", "task"},
    "pronoun": {"one", "many"},
    "verb": {
        "add", "remove", "replace", "move", "change", "make", "grow", "shrink", "recolour", "flip",
        "rotate", "crop", "undo", "restart", "combine", "keep", "use",
    },
}  # fmt: skip
_BARE = {
    "and", "but", "det", "draw", "early", "fluff", "from", "ground", "lead", "link", "medium",
    "not", "of", "on", "photo", "skip", "to", "with", "write",
}  # fmt: skip


def test_every_language_has_a_table():
    assert set(LANGUAGES) <= set(lexicon.languages())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_value_of_a_table_means_something(code):
    colours = {key for kind, _value, key in lexicon.rows("en") if kind == "colour"}
    wrong = []
    for kind, value, phrase in lexicon.rows(code):
        if kind in _ENUMS:
            good = value in _ENUMS[kind]
        elif kind == "colour":
            good = value in colours
        elif kind in ("number", "ordinal"):
            good = value.lstrip("-").isdigit()
        elif kind == "pixel":
            good = value.partition(" ")[0] in set(Change)
        elif kind == "thing":
            good = value.startswith("shape:") or drawings.get(value) is not None
        else:
            good = kind in _BARE
        if not (good and phrase):
            wrong.append((kind, value, phrase))
    assert wrong == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_phrase_stands_twice_under_one_meaning(code):
    seen = lexicon.rows(code)
    assert sorted({row for row in seen if seen.count(row) > 1}) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_table_covers_what_pictures_need(code):
    kinds = {}
    for kind, value, _phrase in lexicon.rows(code):
        kinds.setdefault(kind, set()).add(value)
    assert len(kinds["colour"]) >= 30
    assert kinds["slot"] == set(Slot)
    assert kinds["hour"] == set(Hour)
    assert {str(one) for one in range(2, 11)} <= kinds["number"]
    assert set(Bond) <= kinds["bond"]
    assert {"add", "remove", "replace", "move", "change", "make"} <= kinds["verb"]


@pytest.mark.parametrize(
    ("prompt", "code"),
    [
        ("A red cat next to a big tree at night", "en"),
        ("red apple", "en"),
        ("Poster saying “Fête de la musique”", "en"),
        ("a sign that says 「こんにちは」", "en"),
        ("jalapeño tacos on a plate", "en"),
        ("roter Apfel", "de"),
        ("Ein Plakat mit dem Text \"Open Air Summer Festival in the Park\"", "de"),
        ("gato negro", "es"),
        ("un gato", "es"),
        ("Три собаки перед будинком", "uk"),
        ("Три собаки перед домом", "ru"),
        ("家の前に犬", "ja"),
        ("三只狗", "zh"),
        ("빨간 고양이", "ko"),
        ("लाल बिल्ली", "hi"),
    ],
)  # fmt: skip
def test_language_is_told_by_words_outside_quotes(prompt, code):
    assert read(prompt, previous=None, pictures=()).language == code


def test_english_is_told_without_reading_other_tables(monkeypatch):
    asked = []

    def says(code: str, word: str) -> bool:
        asked.append(code)
        return bool(word)

    monkeypatch.setattr("pisang.engines.sketch.read.language._says", says)
    assert detect("a red cat and the dog") == "en"
    assert detect("red apple") == "en"
    assert set(asked) <= {"en"}


@pytest.mark.parametrize(
    "question",
    [
        "Wie heißt du?", "Comment t'appelles-tu ?", "¿Cómo te llamas?", "Come ti chiami?",
        "Como você se chama?", "Hoe heet je?", "Jak masz na imię?", "Как тебя зовут?",
        "Vad heter du?", "Як тебе звати?", "お名前は何ですか?", "你叫什么名字?",
        "이름이 뭐예요?", "आपका नाम क्या है?",
    ],
)  # fmt: skip
def test_a_question_draws_nothing(question):
    assert read(question, previous=None, pictures=()).scene is None


def test_colours_are_named_in_english_for_the_answer():
    scene = read("Eine rote Katze", previous=None, pictures=()).scene
    assert scene is not None
    assert scene.things[0].ink is not None
    assert scene.things[0].ink.name == "red"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Eine Geburtstagskarte für Anna", "Alles Gute zum Geburtstag, Anna!"),
        ("Une carte d'anniversaire", "Joyeux anniversaire!"),
        ("一张生日贺卡", "生日快乐!"),
    ],
)
def test_a_card_greets_in_the_language_of_the_prompt(prompt, words):
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None
    assert [run.words for run in scene.texts] == [words]


@pytest.mark.parametrize(
    "prompt", ["猫が帽子をかぶっている", "帽子をかぶった猫", "猫戴着帽子", "戴帽子的猫"]
)
def test_who_wears_what_is_read_in_any_order(prompt):
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None
    names = {thing.id: thing.drawing for thing in scene.things}
    relation = scene.relations[0]
    assert (names[relation.subject], relation.bond, names[relation.objects[0]]) == (
        "cat",
        "wearing",
        "top-hat",
    )


@pytest.mark.parametrize(
    ("first", "then", "drawing"),
    [
        ("Eine Katze im Garten", "ersetze die Katze durch einen Hund", "dog"),
        ("庭に猫", "猫を犬に変えて", "dog"),
        ("花园里的一只猫", "把猫换成狗", "dog"),
        ("Кошка в саду", "замени кошку на собаку", "dog"),
        ("Pies w ogrodzie", "zmień psa na kota", "cat"),
    ],
)
def test_a_thing_is_changed_for_another(first, then, drawing):
    scene = read(first, previous=None, pictures=()).scene
    changed = read(then, previous=scene, pictures=()).scene
    assert changed is not None
    assert [thing.drawing for thing in changed.things] == [drawing]
    assert changed.backdrop.place == "garden"
