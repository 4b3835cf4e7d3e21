"""The spellings that scripts rely on, as processes: on a data folder, and at a server that runs on
it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.live import PISANG, started


def pisang(*words: str, code: int = 0) -> str:
    done = subprocess.run([PISANG, *words], check=False, capture_output=True, text=True)
    assert done.returncode == code, (words, done.stderr)
    return done.stdout


def said(*words: str) -> Any:
    return json.loads(pisang(*words, "--json"))


def every_spelling(*where: str) -> None:
    made = pisang("projects", "create", "shop", "--tier", "1", "--prepaid", *where)
    assert "shop" in made
    assert "open" in pisang("projects", "create", "open", "--postpaid", *where)
    assert set(said("keys", "create", "--project", "shop", *where)) == {"id", "key"}
    pisang("ledger", "top-up", "--project", "shop", "--amount", "5.00", *where)
    balance = said("ledger", "balance", "--project", "shop", *where)
    assert (balance["available_usd"], balance["held_usd"], balance["posted_usd"]) == (
        "5.00",
        "0.00",
        "0.00",
    )
    assert said("ledger", "balance", "--project", "open", *where)["available_usd"] is None
    limits = ("--model", "gemini-3-pro-image", "--rpm", "5", "--ipm", "2", "--rpd", "100")
    pisang("limits", "set", "--project", "shop", *limits, *where)
    assert said("usage", "--project", "shop", *where)["rows"] == []
    pisang("ledger", "verify", *where)
    pisang("projects", "create", "shop", *where, code=2)


def test_on_a_data_folder(tmp_path: Path) -> None:
    every_spelling("--data", str(tmp_path / "data"))


def test_at_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with started(tmp_path) as server:
        key = said("keys", "create", "--allow", "admin", "--data", str(server.data))["key"]
        monkeypatch.setenv("PISANG_KEY", key)
        every_spelling("--server", server.url)
        names = {each["name"] for each in said("projects", "list", "--data", str(server.data))}
        assert names == {"default", "shop", "open"}
