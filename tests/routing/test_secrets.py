"""Secrets: read from where they are, refused where they cannot be right, never told."""

from pathlib import Path

import pytest

from pisang.core.errors import SettingsError
from pisang.routing import secrets

KEY = "AIzaSyVerySecret"


def test_a_secret_is_itself_a_variable_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    environ = {"STUDIO": f" {KEY}\n"}
    for written in (KEY, "env:STUDIO", f"file:{file}"):
        assert secrets.secret(written, environ=environ) == KEY


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("env:NONE", "engines.a: the variable NONE is not set: set it where pisang is started."),
        ("env:EMPTY", "engines.a: the variable EMPTY is not set: set it"),
        ("$STUDIO", "engines.a: the key is a variable that nobody reads here: write it as env:"),
        ("env:QUOTED", "engines.a: the variable QUOTED has quotation marks around it"),
        ("env:TWO", "engines.a: the variable TWO has white space in it"),
        ("env:ODD", "engines.a: the variable ODD has letters that no key has"),
        ("file:/none/key", "engines.a: the file /none/key cannot be read: no such file"),
        (f"'{KEY}'", "engines.a: the key has quotation marks"),
        ("x" * 10_001, "engines.a: the key is too long"),
    ],
)
def test_a_secret_that_cannot_be_right_is_told_by_its_place(written: str, told: str) -> None:
    environ = {"EMPTY": " ", "QUOTED": f'"{KEY}"', "TWO": f"{KEY} {KEY}", "ODD": f"{KEY}\u200b"}
    with pytest.raises(SettingsError) as caught:
        secrets.secret(written, environ=environ, place="engines.a")
    assert told in caught.value.message
    assert KEY not in caught.value.message


def test_a_file_that_is_no_text_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is no text"):
        secrets.secret(f"file:{tmp_path / 'key'}", environ={})


def test_credentials_are_a_file_or_what_the_machine_has(tmp_path: Path) -> None:
    file = tmp_path / "sa.json"
    file.write_text("{}")
    assert secrets.path("adc") == "adc"
    assert secrets.path("") == ""
    assert secrets.path(f"file:{file}") == str(file)
    assert secrets.path('{"private_key": "secret"}') == '{"private_key": "secret"}'
    for wrong in ("file:/none/sa.json", '[{"private_key": "secret"}]', str(file)):
        with pytest.raises(SettingsError, match=r"^engines\.a: ") as caught:
            secrets.path(wrong, place="engines.a")
        assert "private_key" not in caught.value.message


def test_people_see_where_a_secret_is_or_how_it_ends() -> None:
    told = [secrets.told(each) for each in ("env:A", "file:/a", "adc", KEY, "short")]
    assert told == ["env:A", "file:/a", "adc", "...cret", "..."]
    assert secrets.told('{"private_key": "a long one that is secret"}') == "..."
