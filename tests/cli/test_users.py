"""``pisang users`` on a data folder without a server."""

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.nouns import said as pisang


@pytest.fixture
def data(tmp_path: Path) -> str:
    return str(tmp_path / "data")


def test_a_user_is_made_listed_changed_and_deleted(
    capsys: pytest.CaptureFixture[str], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("four words of mine\n"))
    words = ("create", "Ana@example.com", "--name", "Ana", "--password", "--data", data)
    assert pisang(capsys, "users", *words)[1] == "Made the user ana@example.com.\n"
    pisang(capsys, "users", "create", "ben@example.com", "--data", data)
    listed = json.loads(pisang(capsys, "users", "list", "--json", "--data", data)[1])
    assert [(each["email"], each["signs_in_by"]) for each in listed] == [
        ("ana@example.com", ["password"]),
        ("ben@example.com", []),
    ]
    assert "four words" not in json.dumps(listed)
    code, out, _ = pisang(capsys, "users", "disable", "ben@example.com", "--data", data, "--json")
    assert code == 0
    assert json.loads(out)["disabled_at"]
    pisang(capsys, "users", "enable", "ben@example.com", "--data", data)
    changed = pisang(capsys, "users", "update", "ben@example.com", "--name", "Ben", "--data", data)
    assert changed[0] == 0
    assert pisang(capsys, "users", "delete", "ben@example.com", "--data", data)[0] == 0
    table = pisang(capsys, "users", "list", "--data", data)[1]
    assert "ana@example.com" in table
    assert "ben@example.com" not in table


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "ana"), "no email address"),
        (("create", "ana@example.com"), "already"),
        (("update", "ana@example.com"), "Say what to change"),
        (("disable", "nobody@example.com"), "no such user"),
    ],
)
def test_a_mistake_is_told(
    capsys: pytest.CaptureFixture[str], data: str, words: tuple[str, ...], said: str
) -> None:
    pisang(capsys, "users", "create", "ana@example.com", "--data", data)
    code, _, err = pisang(capsys, "users", *words, "--data", data)
    assert code == 2
    assert said in err


def test_a_short_password_is_none(
    capsys: pytest.CaptureFixture[str], data: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    words = ("create", "ana@example.com", "--password", "--data", data)
    code, _, err = pisang(capsys, "users", *words)
    assert (code, "10 to 200 letters" in err) == (2, True)
