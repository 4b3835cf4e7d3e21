"""What is said about a secret that is none of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.admission.foreign import cure


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        ("AIzaSyX", "API key of Google's"),
        ("AQ.Ab8", "API key of Google's"),
        ("ya29.x", "access token of Google's"),
        ("sk-ant-x", "API key of OpenAI's, or of a server like it"),
        ('{"type":\n"service_account"}', "content of a JSON file"),
        ("robot.json", "name of a file"),
        ("bearer psk_x", "word Bearer"),
        ("'psk_x'", "quotation marks"),
        ('psk_x"', "quotation marks"),
        ("${PISANG_KEY}", "placeholder"),
        ("<your key>", "placeholder"),
        ("my-api-key", "placeholder"),
        ("None", "placeholder"),
    ],
)
def test_the_kind_is_named_with_a_cure(secret: str, told: str) -> None:
    assert told in cure(secret)


@pytest.mark.parametrize("secret", ["psk_abc", "abc", "nonesuch", "eyJhbGciOi.x.y"])
def test_nothing_is_said_where_nothing_is_known(secret: str) -> None:
    assert cure(secret) == ""


@given(st.text(min_size=12))
def test_a_secret_is_never_repeated(secret: str) -> None:
    said = cure(secret)
    assert secret not in said
    assert said == "" or said.endswith(".")
