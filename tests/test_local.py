"""The path without a server."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from pisang import local
from pisang.core.errors import SettingsError
from pisang.engines.google import GoogleEngine
from pisang.routing.read import Written
from pisang.routing.rules import RetryRules
from pisang.settings import Settings
from pisang.store.folder import Folder

KEY = b"a key that signs scenes"
STUDIO = {"kind": "google", "api_keys": ["AIza1", "AIza2"]}
ROUTE = {"model": "*", "engines": ["studio"]}


def test_one_picture_in_process_loads_nothing_that_only_a_server_needs() -> None:
    names = (
        "{'sqlalchemy', 'alembic', 'aiosqlite', 'starlette', 'uvicorn', 'google.auth', "
        "'pisang.engines.google', 'pisang.engines.vertex', 'pisang.engines.openai'}"
    )
    program = f"import sys, pisang.local; print(*{names} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert found.stdout.split() == []


def staff(
    tmp_path: Path,
    *,
    environ: Mapping[str, str] = {},
    kept: Written | None = None,
    before: local.Staff | None = None,
    **settings: object,
) -> local.Staff:
    chosen = Settings.model_validate({"data": tmp_path, **settings})
    return local.staff(chosen, Folder(tmp_path), KEY, environ=environ, kept=kept, before=before)


def test_without_routes_the_built_in_engine_draws(tmp_path: Path) -> None:
    made = staff(tmp_path)
    assert [engine.name for engine in made.members["sketch"]] == ["sketch"]


def test_every_key_of_an_engine_is_a_member_of_it(tmp_path: Path) -> None:
    made = staff(tmp_path, engines={"studio": STUDIO}, routes=[ROUTE])
    assert [type(engine) for engine in made.members["studio"]] == [GoogleEngine, GoogleEngine]
    assert list(made.members) == ["studio"]


def test_the_environment_makes_an_engine(tmp_path: Path) -> None:
    made = staff(tmp_path, environ={"GEMINI_API_KEY": "AIza1"})
    assert [type(engine) for engine in made.members["google"]] == [GoogleEngine]
    assert list(made.members) == ["google"]


@pytest.mark.parametrize(
    ("engine", "told"),
    [
        ({"kind": "google"}, r"engines\.studio\.api_keys: "),
        (STUDIO | {"api_keys": ["env:NONE"]}, r"engines\.studio\.api_keys\[0\]: the variable NONE"),
        (STUDIO | {"api_key": "x"}, r"engines\.studio\.api_key: .*Did you mean api_keys"),
        (STUDIO | {"credentials": "file:/none"}, r"engines\.studio\.credentials: there is no file"),
    ],
)
def test_an_engine_that_cannot_be_built_is_told_by_its_place(
    tmp_path: Path, engine: dict[str, object], told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        staff(tmp_path, engines={"studio": engine}, routes=[ROUTE])


def test_a_row_of_the_database_keeps_no_server_from_starting(tmp_path: Path) -> None:
    kept = Written(
        "the admin API",
        {"own": STUDIO | {"api_keys": ["env:NONE"]}},
        [{"model": "gemini-3-pro-image", "engines": ["own"]}],
        ["route_1"],
        kept=True,
    )
    made = staff(tmp_path, engines={"studio": STUDIO}, routes=[ROUTE], kept=kept)
    assert list(made.members) == list(made.table.engines) == ["studio"]
    assert [route.id for route in made.table.routes] == ["route_1", "routes[0]"]
    assert "NONE is not set" in made.missing["own"]


def test_what_has_not_changed_is_not_built_again(tmp_path: Path) -> None:
    two = {"studio": STUDIO, "other": STUDIO}
    first = staff(tmp_path, engines=two, routes=[ROUTE])
    changed = two | {"other": STUDIO | {"api_keys": ["AIza3"]}}
    second = staff(tmp_path, engines=changed, routes=[ROUTE], before=first)
    assert second.members["studio"] is first.members["studio"]
    assert second.members["other"] is not first.members["other"]


def test_the_settings_are_as_patient_as_routing_is() -> None:
    assert local.retry_rules(Settings()) == RetryRules()
    asked = {
        "tries": 1,
        "tries_before_next": 3,
        "longest_wait": 5,
        "longest_wait_before_next": 1,
        "hedge_after": 9,
    }
    rules = asdict(local.retry_rules(Settings.model_validate(asked)))
    assert {name: rules[name] for name in asked} == asked


def test_a_folder_of_fonts_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="font_dirs names no folder"):
        staff(tmp_path, font_dirs=[tmp_path / "none"])
