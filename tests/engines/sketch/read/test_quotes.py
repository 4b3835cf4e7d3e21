"""Quoted text comes out whole, and an apostrophe is no quotation mark."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.engines.sketch.read.quotes import lift


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ('say "hi"', ["hi"]),
        ("say 'hi'", ["hi"]),
        ("say “hi”", ["hi"]),
        ("say ‘hi’", ["hi"]),
        ("say „hi“", ["hi"]),
        ("say «hi»", ["hi"]),
        ("say »hi«", ["hi"]),
        ("say ‹hi›", ["hi"]),
        ("「こんにちは」と書いて", ["こんにちは"]),
        ("『本』", ["本"]),
        ("say 'don't'", ["don't"]),
        ("it's Anna's dog, don't", []),
        ("the dogs' house and the cats' toys", []),
        ("rock 'n' roll with 'Hi there'", ["n", "Hi there"]),
        ("'A' and 'B'", ["A", "B"]),
        ("\"He said 'hi'\" there", ["He said 'hi'"]),
        ('"two\nlines"', ["two\nlines"]),
        ('say "unclosed', ["unclosed"]),
        ('say "unclosed\nnext line', ["unclosed"]),
        ('a 24" screen', []),
        ('""', []),
        ("", []),
        ('say """hi "you" there"""', ['hi "you" there']),
    ],
)
def test_lifts(prompt: str, words: list[str]) -> None:
    assert [quote.words.strip('"') for quote in lift(prompt).quotes] == [
        word.strip('"') for word in words
    ]


def test_places_are_kept() -> None:
    (quote,) = lift("say 'hi' now").quotes
    assert (quote.start, quote.end) == (4, 8)


def test_private_characters_of_a_prompt_do_no_harm() -> None:
    assert lift("a \ue0000\ue001 cat").quotes == ()


@given(st.text(max_size=200))
def test_quotes_lie_in_the_prompt(prompt: str) -> None:
    for quote in lift(prompt).quotes:
        assert 0 <= quote.start < quote.end <= len(prompt)
        assert quote.words
