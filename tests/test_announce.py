"""What is said of routes before money is spent."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pisang.announce import FREE, lines, of_one
from pisang.routing.assemble import assemble
from pisang.routing.table import Table

PRO = "gemini-3-pro-image"
ENGINES = {
    "studio": {"kind": "google", "api_keys": ["AIza-secret"]},
    "relay": {"kind": "openai", "profile": "chat-markdown", "base_url": "https://relay.example"},
}


def table(
    *routes: Mapping[str, object],
    engines: Mapping[str, object] = ENGINES,
    environ: Mapping[str, str] = {},
) -> Table:
    return assemble(engines, routes, environ=environ).table


def said(*routes: Mapping[str, object]) -> Sequence[str]:
    return lines(table(*routes))


def test_the_built_in_engine_costs_nothing() -> None:
    free = table(engines={})
    assert lines(free) == [FREE]
    assert of_one(free, PRO) == ""


def test_a_key_in_the_environment_is_named_with_what_pictures_cost() -> None:
    found = table(engines={}, environ={"GEMINI_API_KEY": "AIza-secret"})
    assert lines(found) == [
        "GEMINI_API_KEY is set: every model -> google: $0.137 for gemini-3-pro-image 1K, "
        "$0.068 for gemini-3.1-flash-image 1K"
    ]
    assert of_one(found, "nano-banana-pro", "4K") == (
        "The picture is made by google, because GEMINI_API_KEY is set; it costs about $0.242."
    )


def test_two_variables_are_named_both(tmp_path: Path) -> None:
    file = tmp_path / "sa.json"
    file.write_text('{"type": "service_account", "project_id": "p"}', "utf-8")
    found = table(
        engines={},
        environ={"GEMINI_API_KEY": "AIza-secret", "GOOGLE_APPLICATION_CREDENTIALS": str(file)},
    )
    (line,) = lines(found)
    assert line.startswith("GEMINI_API_KEY and GOOGLE_APPLICATION_CREDENTIALS are set: every model")


def test_each_route_has_a_line() -> None:
    found = said(
        {"model": PRO, "engines": ["studio", "relay"], "size": ["1K", "2K"]},
        {"model": "gemini-2.5-*", "engines": ["relay", "sketch"], "price": {"image": 0.02}},
        {"model": "other", "engines": [{"engine": "relay", "weight": 9}]},
    )
    assert found == [
        "gemini-3-pro-image, size 1K or 2K -> studio (google), relay (openai, chat-markdown, at "
        "https://relay.example): $0.137 for gemini-3-pro-image 1K",
        "gemini-2.5-* -> relay (openai, chat-markdown, at https://relay.example): $0.020 for "
        "gemini-2.5-flash-image 1K, sketch: at no cost",
        "other -> 9 x relay (openai, chat-markdown, at https://relay.example)",
    ]
    assert "secret" not in "".join(found)


def test_one_picture_goes_by_the_route_for_its_size() -> None:
    found = table(
        {"model": PRO, "engines": ["relay"], "size": "4K", "price": {"image": 0.5}},
        {"model": "*", "engines": ["sketch"]},
    )
    assert of_one(found, PRO) == ""
    assert "made by relay" in of_one(found, PRO, "4K")
    assert of_one(found, PRO, "4K").endswith("it costs about $0.500.")


def test_what_leads_nowhere_is_told() -> None:
    assert said() == [
        "There is no route, so no picture will be made. Engines: studio, relay. Add [[routes]]."
    ]
    assert said({"model": "*", "engines": ["studio"]})[-1] == "No route leads to relay."


def test_a_price_that_nobody_knows_is_not_made_up() -> None:
    found = table({"model": "banana-*", "engines": ["relay"]})
    assert of_one(found, "banana-9").endswith("; it costs what it costs there.")
    assert of_one(found, PRO) == ""
