"""Where a command works: four options of the command line come to it as one place."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pisang.cli.options import JsonOption
from pisang.cli.place import HERE, AdminKeyOption, Place, placed


def _seen(typed: list[str], **key: object) -> tuple[Place, bool]:
    """What a command gets of these words."""
    app, found = typer.Typer(), list[tuple[Place, bool]]()

    @app.command()
    @placed(**key)
    def look(at: Place = HERE, json: JsonOption = False) -> None:
        found.append((at, json))

    result = CliRunner().invoke(app, typed)
    assert result.exit_code == 0, result.output
    return found[0]


@pytest.fixture(autouse=True)
def _no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PISANG_SERVER", raising=False)
    monkeypatch.delenv("PISANG_KEY", raising=False)


def test_a_command_works_here_where_nothing_is_said() -> None:
    assert _seen([]) == (HERE, False)


def test_the_four_options_come_as_one_place() -> None:
    typed = ["--server", "http://a", "--key", "k", "--data", "d", "--config", "c", "--json"]
    assert _seen(typed) == (Place("http://a", "k", Path("d"), Path("c")), True)


def test_key_is_left_to_commands_that_mean_something_else_by_it() -> None:
    assert _seen(["--admin-key", "k"], key=AdminKeyOption)[0] == Place(key="k")
    with pytest.raises(AssertionError, match="No such option"):
        _seen(["--key", "k"], key=AdminKeyOption)


def test_the_options_stand_where_the_place_stood() -> None:
    app = typer.Typer()

    @app.command()
    @placed()
    def look(first: str = "", at: Place = HERE, json: JsonOption = False) -> None:
        """Looks."""

    words = [word for word in CliRunner().invoke(app, ["--help"]).output.split() if "--" in word]
    found = [word.strip(",") for word in words if word.startswith("--")]
    order = [found.index(f"--{name}") for name in ("first", "server", "data", "config", "json")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("place", "environment", "expected"),
    [
        (HERE, None, False),
        (Place("http://a"), None, True),
        (Place("http://a", data=Path("d")), None, True),
        (Place("http://a", data=Path("d")), "http://a", False),
        (Place("http://a"), "http://a", True),
    ],
)
def test_a_data_folder_that_was_named_is_meant_whatever_the_environment_says(
    place: Place, environment: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if environment:
        monkeypatch.setenv("PISANG_SERVER", environment)
    assert place.is_server is expected
