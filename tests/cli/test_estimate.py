import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pisang.cli import estimate
from pisang.core.errors import ModelNotFound, RequestError, UnsupportedParameter

runner = CliRunner()


@pytest.fixture(autouse=True)
def no_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISANG_DATA", str(tmp_path / "data"))


def priced(*words: str) -> dict[str, Any]:
    result = runner.invoke(estimate.app, [*words, "--json"])
    assert result.exception is None
    quote: dict[str, Any] = json.loads(result.stdout)
    return quote


def test_tokens_times_rates_are_exact() -> None:
    quote = priced("a red cube", "-m", "gemini-3.1-flash-image", "-s", "2K", "-n", "4")

    tokens, each = quote["tokens_each"], quote["each"]
    assert tokens["image"] == 1680
    assert each["image"] == "0.1008"  # 1680 tokens at $60 per million
    assert each["input"] == f"{tokens['prompt_text'] * 0.5 / 1e6:.7f}".rstrip("0")
    assert float(quote["total"]) == pytest.approx(4 * float(each["total"]))


def test_references_cost_their_tokens() -> None:
    by_number = priced("-m", "gemini-3-pro-image", "--references", "2")
    by_name = priced("-m", "gemini-3-pro-image", "-a", "a.png", "-a", "b.png")

    assert by_number == by_name
    assert by_number["tokens_each"]["prompt_image"] == 2 * 560


def test_a_tier_halves_the_price() -> None:
    assert priced("--tier", "batch")["each"]["image"] == "0.0336"
    assert priced("--tier", "STANDARD")["each"]["image"] == "0.0672"


def test_a_rate_that_no_source_states_is_marked() -> None:
    words = ["-m", "gemini-3-pro-image", "--tier", "priority"]
    text = runner.invoke(estimate.app, words).stdout

    assert priced(*words)["inferred"] == ["image"]
    assert "* for 1 picture" in text
    assert estimate.INFERRED in text


def test_models_are_compared_cheapest_first_and_the_others_say_why() -> None:
    result = json.loads(
        runner.invoke(estimate.app, ["--compare", "-s", "4K", "-n", "3", "--json"]).stdout
    )

    totals = [float(model["total"]) for model in result["models"]]
    assert totals == sorted(totals)
    assert len(totals) >= 3
    assert {one["model"] for one in result["unavailable"]} == {
        "gemini-2.5-flash-image",
        "gemini-3.1-flash-lite-image",
    }
    assert all("no size 4K" in one["why"] for one in result["unavailable"])


def test_the_table_has_status_and_total() -> None:
    lines = runner.invoke(estimate.app, ["--compare", "-n", "10"]).stdout.splitlines()

    assert " ".join(lines[0].split()) == "model status size tokens each total of 10"
    flash = next(line for line in lines if line.startswith("gemini-3.1-flash-image "))
    assert flash.split()[1:3] == ["deprecated", "1K"]


def test_too_many_references_are_refused_with_the_limit() -> None:
    result = runner.invoke(estimate.app, ["-m", "gemini-2.5-flash-image", "--references", "4"])

    assert isinstance(result.exception, UnsupportedParameter)
    assert "at most 3" in result.exception.message


def test_references_are_counted_in_one_way_only() -> None:
    result = runner.invoke(estimate.app, ["-a", "x.png", "--references", "4"])

    assert isinstance(result.exception, RequestError)


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        ((), {"GEMINI_API_KEY": "AIza-a-key"}),  # an upstream: nobody knows how much it thinks
        (("--references", "1"), {}),
        ((), {"PISANG_SERVER": "http://server.example"}),
    ],
)
def test_what_nobody_can_foresee_is_supposed(
    words: tuple[str, ...], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    quote = priced("a red cube", *words)
    assert quote["foreseen_by"] is None
    assert (quote["tokens_each"]["thoughts"], quote["tokens_each"]["text"]) == (180, 0)


def test_what_the_built_in_engine_will_say_is_foreseen() -> None:
    text = runner.invoke(estimate.app, ["a red cube"]).stdout

    assert "text and thinking" in text
    assert "By the engine sketch, which says beforehand what it will use: a rehearsal" in text
    compared = json.loads(runner.invoke(estimate.app, ["a red cube", "--compare", "--json"]).stdout)
    assert {model["foreseen_by"] for model in compared["models"]} == {"sketch"}
    table = runner.invoke(estimate.app, ["a red cube", "--compare"]).stdout
    assert table.count("a rehearsal, not a bill") == 1
    supposed = runner.invoke(estimate.app, ["--compare"]).stdout
    assert "rehearsal" not in supposed


def test_a_tier_that_the_model_lacks_is_foreseen_as_standard() -> None:
    standard, flex = priced("a red cube"), priced("a red cube", "--tier", "flex")
    assert flex["total"] == standard["total"]
    assert flex["tier"] == "standard"
    assert flex["notes"][1:] == ["The model has no flex tier there: it is served at standard."]
    batch = priced("a red cube", "--tier", "batch")
    assert float(batch["total"]) == pytest.approx(float(standard["total"]) / 2)


def test_a_markup_makes_no_bill_of_a_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = {"sketch": {"kind": "sketch", "markup": 0.5}}
    monkeypatch.setenv("PISANG_ENGINES", json.dumps(engines))
    monkeypatch.setenv("PISANG_ROUTES", json.dumps([{"model": "*", "engines": ["sketch"]}]))
    assert priced("a red cube")["notes"][0].endswith("a rehearsal, not a bill.")


def test_a_mistyped_model_is_told_with_the_nearest() -> None:
    result = runner.invoke(estimate.app, ["-m", "gemini-3-pro-imge"])

    assert isinstance(result.exception, ModelNotFound)
    assert result.exception.field == "model"
    assert "Did you mean 'gemini-3-pro-image'? `pisang models`" in result.exception.message


@pytest.mark.parametrize("count", ["0", "-3", "99999999999"])
def test_only_so_many_are_priced(count: str) -> None:
    assert runner.invoke(estimate.app, ["-n", count]).exit_code == 2


def test_an_estimate_makes_nothing(tmp_path: Path) -> None:
    priced("a red cube")
    assert not list(tmp_path.iterdir())
