import json

import pytest
from typer.testing import CliRunner

from pisang.cli import models
from pisang.core.errors import ModelNotFound

runner = CliRunner()


def test_living_models_are_listed_with_size_and_price() -> None:
    lines = runner.invoke(models.app).stdout.splitlines()

    row = next(line for line in lines if line.startswith("gemini-3-pro-image "))
    assert " ".join(row.split()) == "gemini-3-pro-image Nano Banana Pro ga 1K 2K 4K 10 14 $0.1344"
    assert not any(line.startswith("imagen-") for line in lines)
    assert "  nano-banana (nickname) -> gemini-2.5-flash-image" in lines


def test_all_has_the_dead_ones_with_their_date_and_successor() -> None:
    text = runner.invoke(models.app, ["--all"]).stdout

    assert "shut down 2026-08-17" in text
    assert "imagen-4.0-fast-generate-001 (shut down) -> gemini-3.1-flash-lite-image" in text


def test_a_nickname_is_resolved_and_said() -> None:
    result = runner.invoke(models.app, ["show", "nano-banana-2"])

    assert result.stdout.startswith("gemini-3.1-flash-image: Nano Banana 2\n")
    assert "served by models/gemini-3.1-flash-image" in result.stderr
    assert " 16:9  512 688x384, 1K 1376x768, 2K 2752x1536, 4K 5504x3072" in result.stdout


def test_a_dead_model_shows_its_own_card_and_who_serves_it() -> None:
    result = runner.invoke(models.app, ["show", "imagen-4.0-generate-001", "--json"])

    card = json.loads(result.stdout)
    assert card["id"] == "imagen-4.0-generate-001"
    assert card["stage"] == "shutdown"
    assert card["served_by"] == "gemini-nano-banana-2.1"


@pytest.mark.parametrize("words", [["--json"], ["--all", "--json"]])
def test_json_is_the_whole_card_with_exact_rates(words: list[str]) -> None:
    cards = json.loads(runner.invoke(models.app, words).stdout)

    pro = next(card for card in cards if card["id"] == "gemini-3-pro-image")
    assert pro["pixels"]["4K"]["16:9"] == [5504, 3072]
    assert pro["lifecycle"]["released"] == "2026-05-28"
    standard = next(row for row in pro["prices"] if row["tier"] == "standard")
    assert (standard["input"], standard["image"]) == (2, 120)


def test_an_unknown_model_names_what_was_near() -> None:
    result = runner.invoke(models.app, ["show", "gemini-3-pro-imagge"])

    assert isinstance(result.exception, ModelNotFound)
    assert "Did you mean models/gemini-3-pro-image" in result.exception.message
