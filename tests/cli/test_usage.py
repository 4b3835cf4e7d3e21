"""``pisang usage`` on a data folder."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.nouns import Commands
from tests.ledger.billed import SKETCH, billed

PRO = "gemini-3-pro-image"


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Commands:
    commands = Commands(capsys, tmp_path / "data")
    commands.done("projects", "create", "shop")
    bills = (
        billed(labels={"team": "=1+1"}),
        billed(model=PRO),
        billed(engine=SKETCH, labels={"team": "b"}),
    )
    commands.spend(*bills)
    commands.spend(project="default")
    return commands


def test_usage_is_added_up_in_every_way(shop: Commands) -> None:
    of = ("usage", "--project", "shop")
    by_model = shop.json(*of, "--by", "model")
    assert {(row["model"], row["rehearsal"], row["images"]) for row in by_model["rows"]} == {
        (PRO, False, 1),
        ("gemini-3.1-flash-image", False, 1),
        ("gemini-3.1-flash-image", True, 1),
    }
    total = by_model["total"]
    assert (total["requests"], total["images"], total["failed"]) == (3, 3, 0)
    amounts = [Decimal(row["amount_usd"]) for row in by_model["rows"]]
    assert sum(amounts) == Decimal(total["amount_usd"])
    rehearsed = [row["amount_usd"] for row in by_model["rows"] if row["rehearsal"]]
    assert [total["rehearsal_usd"]] == rehearsed
    for way in ("hour", "day", "month", "project", "key", "tier", "surface", "engine"):
        found = shop.json(*of, "--by", way)
        assert found["total"]["requests"] == 3, way
        assert all(way in row for row in found["rows"])
    teams = {row["team"] for row in _renamed(shop.json(*of, "--by", "label:team")["rows"])}
    assert teams == {"=1+1", "", "b"}


def _renamed(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"team": row["label:team"]} for row in rows]


def test_all_projects_or_one_and_of_a_time(shop: Commands) -> None:
    rows = shop.json("usage", "--by", "project")["rows"]
    assert {row["project"] for row in rows} == {"shop", "default"}
    assert shop.json("usage")["total"]["requests"] == 4
    assert shop.json("usage", "--to", "2020-01-01")["rows"] == []
    assert shop.json("usage", "--from", "2020-01-01T00:00:00Z")["total"]["requests"] == 4


def test_csv_has_the_same_rows_and_no_formulas(shop: Commands) -> None:
    text = shop.done("usage", "-p", "shop", "--by", "label:team", "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["label:team"] for row in rows} == {"'=1+1", "", "b"}
    assert sum(int(row["images"]) for row in rows) == 3


def test_a_rehearsal_is_told_from_a_bill(shop: Commands) -> None:
    table = shop.done("usage", "-p", "shop", "--by", "engine")
    assert "sketch" in table
    assert table.count("rehearsal, not a bill") == 2  # its row, and the sum


def test_a_forecast_says_how_it_was_reckoned(shop: Commands) -> None:
    found = shop.json("usage", "--project", "shop", "--forecast")
    assert Decimal(found["total_usd"]) >= Decimal(found["spent_usd"]) > 0
    code, out, err = shop.say("usage", "--forecast")
    assert code == 0
    assert out.startswith("$")
    assert "rehearsal, not a bill" in err


def test_a_forecast_of_rehearsals_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = Commands(capsys, tmp_path / "data")
    commands.done("projects", "create", "shop")
    commands.spend(billed(engine=SKETCH))
    assert commands.done("usage", "--forecast").endswith(" (rehearsal, not a bill)\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--by", "colour"), "cannot be added up by 'colour'"),
        (("--from", "yesterday"), "2026-11-21T08:30:00Z"),
        (("--project", "shpo"), "Did you mean 'shop'?"),
        (("--csv", "--json"), "--csv by itself"),
    ],
)
def test_a_mistake_is_told(shop: Commands, words: tuple[str, ...], why: str) -> None:
    code, out, err = shop.say("usage", *words)
    assert (code, out) == (2, "")
    assert why in err
