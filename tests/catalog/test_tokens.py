import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import catalog
from pisang.catalog.tokens import (
    most_prompt_tokens,
    prompt_limit,
    prompt_tokens,
    text_pieces,
    text_tokens,
)
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.request import GenerateRequest

# The prompt and ``promptTokenCount`` of recorded answers of Google's models. The otter's prompt
# came with a system instruction, which counts too.
RECORDED = [
    ("a siamese cat", 5),
    ("Reply with exactly: OK", 5),
    ("Generate an image of an axolotl.", 9),
    ("Tell me a two-sentence story about an axolotl with an illustration.", 17),
    (
        "Generate an image based on the user prompt. Do not ask clarifying questions."
        "A cute baby sea otter",
        22,
    ),
]


@pytest.mark.parametrize(("text", "tokens"), RECORDED)
def test_the_estimate_is_within_one_token_of_googles_count(text: str, tokens: int) -> None:
    assert abs(text_tokens(text) - tokens) <= 1


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \t ", 0),
        ("一只可爱的猫", 6),
        ("バナナ", 3),
        ("바나나", 3),
        ("2026", 4),
        ("кошка", 2),
        ("❤️", 1),  # the variation selector is free
        ("👩‍🚀", 2),  # so is the joiner
        ("a\n\n\nb", 3),
        ("don't", 3),
        ("naïve", 1),
        ("x^2", 3),
    ],
)
def test_the_rule_by_script(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


@given(st.text(), st.text())
def test_text_never_counts_less_than_its_parts_apart(first: str, second: str) -> None:
    together = text_tokens(f"{first} {second}")
    assert 0 <= together <= text_tokens(first) + text_tokens(second)
    assert together >= text_tokens(first) + text_tokens(second) - 1  # line breaks may run together


def test_turns_instruction_and_pictures_all_count() -> None:
    picture = Part(blob=Blob("image/png", b"x"))
    request = GenerateRequest(
        model="m",
        contents=(
            Content(Role.USER, (Part(text="a cat"), picture)),
            Content(Role.MODEL, (Part(text="done"), picture)),
        ),
        system_instruction=Content(Role.USER, (Part(text="be kind"),)),
    )
    tokens = prompt_tokens(request, catalog().cards["gemini-3-pro-image"])
    assert (tokens.text, tokens.image, tokens.total) == (5, 1120, 1125)
    assert prompt_tokens(request, catalog().cards["gemini-3.1-flash-image"]).image == 2240


@given(st.text(), st.integers(0, 3), st.text())
def test_no_prompt_has_more_tokens_than_the_quick_look_says(
    text: str, pictures: int, said: str
) -> None:
    parts = (Part(text=text), *[Part(blob=Blob("image/png", b"x"))] * pictures)
    request = GenerateRequest(
        model="m",
        contents=(Content(Role.USER, parts),),
        system_instruction=Content(Role.USER, (Part(text=said),)),
    )
    card = catalog().cards["gemini-3-pro-image"]
    most = most_prompt_tokens(request, card)
    assert prompt_tokens(request, card).total <= most == len(text + said) + 560 * pictures


def test_vertex_may_allow_a_shorter_prompt() -> None:
    card = catalog().cards["gemini-3.1-flash-image"]
    assert prompt_limit(card, "gemini_api") == 131072
    assert prompt_limit(card, "vertex") == 65536
    assert prompt_limit(catalog().cards["gemini-3-pro-image"], "vertex") == 65536


@given(st.text())
def test_a_text_has_as_many_pieces_as_tokens_and_they_are_the_text(text: str) -> None:
    pieces = text_pieces(text)
    assert len(pieces) == text_tokens(text)
    if pieces:
        assert "".join(pieces) == text
        assert all(pieces)


def test_pieces_follow_the_rule() -> None:
    assert text_pieces("a yellow  field!") == ["a ", "yellow  ", "field", "!"]
    assert text_pieces("watermelons") == ["waterm", "elons"]
    assert text_pieces(" \t ") == []
