"""pisang migrate: says what it did, and what to do next."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.live import PISANG, started


def run(*words: object, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PISANG, *map(str, words)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
    )


def test_keys_of_the_folder_count_after_the_move(tmp_path: Path, postgres_url: str) -> None:
    data = tmp_path / "data"
    made = run("keys", "create", "--data", data, "--name", "moved", "--json")
    key = json.loads(made.stdout)
    moved = run("migrate", "--data", data, "--to", postgres_url)
    assert moved.returncode == 0, moved.stderr
    assert "keys" in moved.stdout
    assert "Next: set PISANG_DATABASE_URL" in moved.stderr
    (data / "pisang.db").rename(tmp_path / "kept.db")
    listed = run("keys", "list", "--data", data, "--json", PISANG_DATABASE_URL=postgres_url)
    assert [each["id"] for each in json.loads(listed.stdout)] == [key["id"]]
    assert not (data / "pisang.db").exists()
    upgraded = run("migrate", "--data", data, PISANG_DATABASE_URL=postgres_url)
    assert "is of this version" in upgraded.stdout
    assert "@" not in upgraded.stdout  # neither user nor password


def test_json_has_the_rows_of_each_table(tmp_path: Path, postgres_url: str) -> None:
    run("keys", "create", "--data", tmp_path / "data")
    moved = run("migrate", "--data", tmp_path / "data", "--to", postgres_url, "--json")
    rows = json.loads(moved.stdout)["rows"]
    assert (rows["projects"], rows["keys"]) == (1, 1)
    again = run("migrate", "--data", tmp_path / "data", "--to", postgres_url)
    assert again.returncode != 0
    assert "holds records already" in again.stderr


def test_it_is_not_moved_under_a_running_server(tmp_path: Path, postgres_url: str) -> None:
    with started(tmp_path) as server:
        refused = run("migrate", "--data", server.data, "--to", postgres_url)
        assert "Stop it first" in refused.stderr
        assert run("migrate", "--data", server.data).returncode == 0
    assert run("migrate", "--data", server.data, "--to", postgres_url).returncode == 0


@pytest.mark.parametrize("target", ["sqlite:///x", "mysql://root:secret@x/y", "here"])
def test_only_postgresql_is_a_place_to_go(tmp_path: Path, target: str) -> None:
    run("keys", "create", "--data", tmp_path / "data")
    refused = run("migrate", "--data", tmp_path / "data", "--to", target)
    assert "postgresql://user:password@host/name" in refused.stderr
    assert "secret" not in refused.stderr


def test_a_folder_without_a_database_gets_none(tmp_path: Path) -> None:
    refused = run("migrate", "--data", tmp_path)
    assert "no database" in refused.stderr
    assert not list(tmp_path.iterdir())
