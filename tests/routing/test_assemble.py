"""Which routes count, where several places have some: nobody falls into an engine by accident."""

from collections.abc import Mapping, Sequence

import pytest

from pisang.core.errors import NoRoute, SettingsError
from pisang.routing.assemble import assemble
from pisang.routing.plan import Question, plan
from pisang.routing.read import Written
from pisang.routing.table import Table

KEY = {"GEMINI_API_KEY": "AIza1"}
STUDIO = {"studio": {"kind": "google", "api_keys": ["x"]}}
PRO = {"model": "gemini-3-pro-image", "engines": ["studio"]}


def assembled(
    engines: Mapping[str, object] = {},
    routes: Sequence[object] = (),
    *,
    environ: Mapping[str, str] = {},
    kept: Written | None = None,
) -> Table:
    return assemble(engines, routes, environ=environ, kept=kept).table


def goes_to(table: Table, model: str) -> list[str]:
    question = Question(asked=model, names=frozenset({model}), known=True)
    return [step.engine for step in plan(question, table).steps]


def by_admin(*routes: object, engines: Mapping[str, object] = {}) -> Written:
    ids = tuple(f"route_{number}" for number in range(len(routes)))
    return Written("the admin API", engines, routes, ids, kept=True)


def test_with_nothing_set_up_sketches_are_drawn() -> None:
    assert goes_to(assembled(), "gemini-3-pro-image") == ["sketch"]


def test_a_file_with_routes_has_no_others() -> None:
    table = assembled(STUDIO, [PRO], environ=KEY)
    assert goes_to(table, "gemini-3-pro-image") == ["studio"]
    assert list(table.engines) == ["studio"]
    with pytest.raises(NoRoute):
        goes_to(table, "gemini-2.5-flash-image")


def test_an_engine_without_a_route_never_means_sketches() -> None:
    with pytest.raises(NoRoute):
        goes_to(assembled(STUDIO), "gemini-3-pro-image")


def test_routes_of_the_admin_api_come_first_and_the_environment_stays_last() -> None:
    kept = by_admin(
        {"model": "gemini-3-pro-image", "engines": ["own"]}, engines={"own": STUDIO["studio"]}
    )
    table = assembled(environ=KEY, kept=kept)
    assert goes_to(table, "gemini-3-pro-image") == ["own"]
    assert goes_to(table, "gemini-2.5-flash-image") == ["google"]
    table = assembled(STUDIO, [PRO, {"model": "*", "engines": "studio"}], kept=kept)
    assert goes_to(table, "gemini-3-pro-image") == ["own"]
    assert goes_to(table, "gemini-2.5-flash-image") == ["studio"]


def test_a_first_route_of_the_admin_api_ends_sketches_for_all() -> None:
    own = {"own": STUDIO["studio"]}
    assert goes_to(assembled(kept=by_admin(engines=own)), "gemini-3-pro-image") == ["sketch"]
    kept = by_admin({"model": "gemini-3-pro-image", "engines": ["own"]}, engines=own)
    with pytest.raises(NoRoute):
        goes_to(assembled(kept=kept), "gemini-2.5-flash-image")


def test_a_route_may_name_what_the_server_has_by_itself() -> None:
    routes = [
        {"model": "gemini-3-pro-image", "engines": ["google"]},
        {"model": "*", "engines": ["sketch"]},
    ]
    table = assembled({}, routes, environ=KEY)
    assert goes_to(table, "gemini-3-pro-image") == ["google"]
    assert goes_to(table, "gemini-2.5-flash-image") == ["sketch"]
    with pytest.raises(SettingsError, match=r"routes\[0\]\.engines\[0\]: there is no engine 'goo"):
        assembled({}, routes)


def test_a_file_may_say_more_of_an_engine_of_the_environment() -> None:
    engines = {
        "google": {"kind": "google", "base_url": "https://stand-in.example", "api_keys": "x"}
    }
    table = assembled(engines, environ=KEY)
    assert goes_to(table, "gemini-3-pro-image") == ["google"]
    assert table.engines["google"].base_url == "https://stand-in.example"


def test_variables_that_are_not_wanted_are_not_looked_at() -> None:
    broken = {"GOOGLE_APPLICATION_CREDENTIALS": __file__}  # no project in it
    assert goes_to(assembled(STUDIO, [PRO], environ=broken), "gemini-3-pro-image") == ["studio"]
    with pytest.raises(SettingsError):
        assembled(environ=broken)


def test_what_was_left_aside_is_told_where_it_would_have_counted() -> None:
    ours = {"GEMINI_API_KEY": "psk_abc"}
    assert len(assemble({}, [], environ=ours).notes) == 1
    assert assemble(STUDIO, [PRO], environ=ours).notes == ()
