"""``pisang audit``: what commands change is in the log, and a log that was changed is noticed."""

import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from pisang.cli.exits import Exit
from tests.cli.test_secrets import Commands


@pytest.fixture
def pisang(capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capsys)


@pytest.fixture
def data(pisang: Commands, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    pisang.done("projects", "create", "shop", "--data", folder)
    words = ("--project", "shop", "--data", folder)
    pisang.done("budgets", "set", "--amount", "5.00", *words)
    pisang.done("limits", "set", "--model", "*", "--rpm", "3", *words)
    pisang.done("ledger", "top-up", "--amount", "1.00", *words)
    pisang.done("routes", "add", "*", "--engine", "sketch", "--data", folder)
    return folder


def test_what_was_changed_is_listed_with_who_did_it(pisang: Commands, data: Path) -> None:
    found = json.loads(pisang.done("audit", "list", "--data", data, "--json"))
    actions = [each["action"] for each in found]
    for action in ("routes.update", "ledger.top-up", "limits.update", "budgets.update"):
        assert action in actions
    assert all(each["actor"].startswith("local:") for each in found)
    (one,) = json.loads(
        pisang.done("audit", "list", "--action", "budgets.*", "--data", data, "--json")
    )
    assert (one["project"], one["after"]["amount_usd"]) == ("shop", "5.00")
    table = pisang.done("audit", "list", "--project", "shop", "--data", data)
    assert "routes.update" not in table
    assert "budgets.update" in table


def test_all_of_it_is_exported(pisang: Commands, data: Path, tmp_path: Path) -> None:
    lines = pisang.done("audit", "export", "--data", data).splitlines()
    numbers = [json.loads(line)["number"] for line in lines]
    assert numbers == list(range(len(numbers), 0, -1))
    file = tmp_path / "audit.csv"
    words = ("audit", "export", "--format", "csv", "--output", file, "--data", data)
    assert pisang.done(*words) == ""
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [int(row["number"]) for row in rows] == numbers


def test_a_change_is_noticed_and_the_first_row_named(pisang: Commands, data: Path) -> None:
    assert "as they were written" in pisang.done("audit", "verify", "--data", data)
    head = pisang.done("audit", "head", "--data", data).strip()
    assert head in pisang.done("audit", "verify", "--head", head, "--data", data)
    _tamper(data, "UPDATE audit SET actor = 'local:nobody' WHERE number = 2")
    code, _, err = pisang("audit", "verify", "--data", data)
    assert code == Exit.STORE
    assert "Row 2 " in err
    code, out, _ = pisang("audit", "verify", "--data", data, "--json")
    assert code == Exit.FAILURE
    assert json.loads(out)["broken"]["number"] == 2


def test_rows_that_were_cut_off_are_noticed_by_the_head(pisang: Commands, data: Path) -> None:
    head = pisang.done("audit", "head", "--data", data).strip()
    _tamper(data, "DELETE FROM audit WHERE number > 2")
    pisang.done("audit", "verify", "--data", data)
    code, _, err = pisang("audit", "verify", "--head", head, "--data", data)
    assert code == Exit.STORE
    assert "Row 3 " in err
    code, _, err = pisang("audit", "verify", "--head", "nonsense", "--data", data)
    assert code == Exit.USAGE


def _tamper(data: Path, deed: str) -> None:
    """As somebody who owns the file can."""
    connection = sqlite3.connect(data / "pisang.db")
    for kind in ("update", "delete"):
        connection.execute(f"DROP TRIGGER audit_append_only_{kind}")
    connection.execute(deed)
    connection.commit()
    connection.close()
