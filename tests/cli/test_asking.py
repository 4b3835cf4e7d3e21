import io

import pytest

from pisang.cli import asking
from pisang.core.errors import RequestError


def test_a_dash_reads_standard_input_without_its_last_line_break() -> None:
    stdin = io.BytesIO("\ufeffa fox\nin the snow\r\n".encode())

    assert asking.read_prompt("-", attach=[], stdin=stdin) == "a fox\nin the snow"


@pytest.mark.parametrize("prompt", ["", "  \n", "\udc80"])
def test_a_prompt_has_words(prompt: str) -> None:
    with pytest.raises(RequestError):
        asking.read_prompt(prompt, attach=[])


def test_an_argument_in_the_c_locale_is_still_utf_8() -> None:
    argument = "über 夕".encode().decode("ascii", "surrogateescape")

    assert asking.read_prompt(argument, attach=[]) == "über 夕"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(RequestError, match="UTF-8"):
        asking.read_prompt("-", attach=[], stdin=io.BytesIO(b"\xff\xfe\xfd"))


def test_standard_input_is_not_read_twice() -> None:
    with pytest.raises(RequestError, match="both"):
        asking.read_prompt("-", attach=["-"], stdin=io.BytesIO(b"a fox"))
