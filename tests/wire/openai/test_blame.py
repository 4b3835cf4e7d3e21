"""Errors in the words of the caller's own body, in all their sentences and fields."""

import pytest

from pisang.core.content import Blob, Content, Part, Role, Use
from pisang.core.errors import UnsupportedParameter, Violation
from pisang.core.request import GenerateRequest
from pisang.wire.openai.blame import blaming_params, blaming_places

PNG = Blob("image/png", b"png")
EDIT = GenerateRequest(
    model="m",
    contents=(
        Content(Role.USER, (Part(text="red"), Part(blob=PNG), Part(blob=PNG, use=Use.MASK))),
    ),
)


def refused(field: str) -> UnsupportedParameter:
    return UnsupportedParameter(f"{field} is bad.", field=field, metadata={"kept": "yes"})


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ("contents[0].parts[0].text", "prompt"),
        ("contents[0].parts[1].inline_data", "image"),
        ("contents[0].parts[2].inline_data.mime_type", "mask"),
        ("contents", "prompt"),
        ("generation_config.image_config.image_size", "size"),
        ("model", "model"),
    ],
)
def test_the_images_api_reads_its_own_parameters(field: str, param: str) -> None:
    with pytest.raises(UnsupportedParameter) as told, blaming_params(EDIT):
        raise refused(field)
    assert told.value.field == param
    assert told.value.message == str(told.value) == f"{param} is bad."
    assert told.value.violations == (Violation(param, f"{param} is bad."),)
    assert told.value.metadata == {"kept": "yes"}


@pytest.mark.parametrize(
    ("field", "param"),
    [
        ("contents[0].parts[1].inline_data", "messages[2].content"),
        ("contents[0].parts[7]", "messages"),
        ("contents", "messages"),
        ("generation_config.max_output_tokens", "max_completion_tokens"),
        ("generation_config.seed", "seed"),
    ],
)
def test_a_chat_reads_the_places_of_its_messages(field: str, param: str) -> None:
    known = {"contents[0].parts[1]": "messages[2].content"}
    with pytest.raises(UnsupportedParameter) as told, blaming_places(known, else_="messages"):
        raise refused(field)
    assert (told.value.field, type(told.value)) == (param, UnsupportedParameter)


def test_places_that_moved_are_forgotten_and_not_guessed() -> None:
    known = {"contents[0].parts[0]": "input[3]"}

    def moved() -> None:
        with blaming_places(known, else_="input") as places:
            assert places == known
            places.clear()
            raise refused("contents[0].parts[0]")

    with pytest.raises(UnsupportedParameter) as told:
        moved()
    assert told.value.field == "input"
    assert known
