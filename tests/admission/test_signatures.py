"""Which parts of a model's turn must come back signed, and how Google says so."""

from dataclasses import replace

import pytest

from pisang.admission import signatures
from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import GenerateRequest

PRO, FIRST = (catalog().cards[name] for name in ("gemini-3-pro-image", "gemini-2.5-flash-image"))
PICTURE = Part(blob=Blob("image/png", b"\x89PNG"))
SIGNED_PICTURE = replace(PICTURE, thought_signature=b"s")
TEXT = Part(text="Here it is.")
SIGNED_TEXT = replace(TEXT, thought_signature=b"s")
THOUGHT = Part(text="A fox.", thought=True)


def chat(*turns: tuple[Part, ...]) -> GenerateRequest:
    """A chat in which the person speaks first and last, and the model once in each turn."""
    contents = [Content(Role.USER, (Part(text="a fox"),))]
    contents += [Content(Role.MODEL, turn) for turn in turns]
    contents.append(Content(Role.USER, (PICTURE, Part(text="now at night"))))
    return GenerateRequest(model=PRO.id, contents=tuple(contents))


@pytest.mark.parametrize(
    ("turn", "kind", "position"),
    [
        ((PICTURE,), "Image", 1),
        ((TEXT,), "Text", 1),
        ((THOUGHT, TEXT, SIGNED_PICTURE), "Text", 2),
        ((SIGNED_TEXT, PICTURE), "Image", 2),
        ((SIGNED_TEXT, TEXT, SIGNED_PICTURE, PICTURE), "Image", 4),
    ],
)
def test_the_first_part_and_every_picture_need_one(
    turn: tuple[Part, ...], kind: str, position: int
) -> None:
    with pytest.raises(UnsupportedParameter) as caught:
        signatures.check(chat(turn), PRO)
    assert caught.value.message == (
        f"{kind} part is missing a thought_signature in content position 2, part position "
        f"{position}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures"
        "#model-behavior for more details."
    )
    assert caught.value.field == f"contents[1].parts[{position - 1}]"
    signatures.check(chat(turn), FIRST)  # does not think, so it never gave one


@pytest.mark.parametrize(
    "turns",
    [
        ((SIGNED_PICTURE,),),
        ((THOUGHT, SIGNED_TEXT, TEXT, SIGNED_PICTURE),),
        ((THOUGHT,), (SIGNED_TEXT,), (TEXT,), (SIGNED_PICTURE,)),  # chunks of one stream
        (),
    ],
)
def test_signed_turns_and_chunks_of_them_pass(turns: tuple[tuple[Part, ...], ...]) -> None:
    signatures.check(chat(*turns), PRO)
