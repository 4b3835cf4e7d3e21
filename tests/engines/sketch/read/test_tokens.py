"""Tokens: one cut for all languages."""

import pytest

from pisang.engines.sketch.read.tokens import Kind, cut, fold, part, phrase


@pytest.mark.parametrize(
    ("text", "norms"),
    [
        ("A Red Cat", ["a", "red", "cat"]),
        ("t-shirt", ["t", "shirt"]),
        ("dog's", ["dog", "'s"]),
        ("don't", ["don't"]),
        ("l'arbre", ["l'", "arbre"]),
        ("猫が", ["猫", "が"]),
        ("हिन्दी", ["हिन्दी"]),
        ("3 cats", ["3", "cats"]),
        ("Café", ["cafe"]),
        ("1,000", ["1,000"]),
    ],
)
def test_cuts(text: str, norms: list[str]) -> None:
    assert [token.norm for token in cut(text)] == norms


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#ff8800", Kind.COLOUR),
        ("#f80", Kind.COLOUR),
        ("rgb(1, 2, 3)", Kind.COLOUR),
        ("$9.99", Kind.PRICE),
        ("16:9", Kind.MEASURE),
        ("f/1.8", Kind.MEASURE),
        ("85mm", Kind.NUMBER),
        ("40%", Kind.NUMBER),
        ("cat", Kind.WORD),
        (".", Kind.END),
        (",", Kind.PAUSE),
        ("\n", Kind.LINE),
        ("\ue0000\ue001", Kind.QUOTE),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert [token.kind for token in cut(text)] == [kind]


def test_places_point_into_the_text() -> None:
    text = "A dog's t-shirt, 3 cats"
    assert [text[token.start : token.end] for token in cut(text)] == [
        token.text for token in cut(text)
    ]


def test_accents_go_from_latin_only() -> None:
    assert fold("Éléphant") == "elephant"
    assert fold("が") == "が"


def test_a_phrase_is_its_tokens() -> None:
    assert phrase("T-Shirt") == "t shirt"


def test_particles_are_parted_from_known_words() -> None:
    tokens = part(cut("고양이가"), particles=("가", "이"), known=lambda word: word == "고양이")
    assert [token.norm for token in tokens] == ["고양이", "가"]
