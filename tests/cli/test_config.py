"""``pisang config`` shows what counts, and never a secret."""

import json
from pathlib import Path

import pytest

from pisang.cli.main import run
from pisang.settings import Settings


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        run(["config", *arguments])
    assert not end.value.code
    return capsys.readouterr().out


def test_every_setting_with_its_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("queue = 3")
    monkeypatch.setenv("PISANG_SIGNING_KEY", "a-secret-of-enough-letters")
    values = json.loads(
        shown(capsys, "--json", "--config", str(file), "--data", str(tmp_path / "d"))
    )
    assert list(values) == list(Settings.model_fields)
    assert values["queue"] == {"value": 3, "source": str(file)}
    assert values["data"] == {"value": str(tmp_path / "d"), "source": "command line"}
    assert values["signing_key"] == {"value": "********", "source": "environment"}
    assert values["port"]["source"] == "default"
    table = shown(capsys, "--config", str(file))
    assert "a-secret" not in table
    assert table.splitlines()[0].split() == ["SETTING", "VALUE", "SOURCE"]


def test_engines_and_routes_are_shown_without_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[engines.studio]\nkind = "google"\napi_keys = ["AIza-very-secret", "env:STUDIO"]\n'
        '[[routes]]\nmodel = "*"\nengines = ["studio"]\n'
    )
    values = json.loads(shown(capsys, "--json", "--config", str(file)))
    assert values["engines"]["value"] == {
        "studio": {"kind": "google", "api_keys": ["********", "env:STUDIO"]}
    }
    assert values["routes"]["value"] == [{"model": "*", "engines": ["studio"]}]
    assert values["routes"]["source"] == str(file)
    table = shown(capsys, "--config", str(file))
    assert "studio (google)" in table
    assert "very-secret" not in table
