"""The routes of a server for which nobody wrote any."""

import json
from pathlib import Path

import pytest

from pisang.accounts.service_accounts import DOMAIN
from pisang.core.errors import SettingsError
from pisang.routing.environment import defaults
from pisang.routing.table import Target


def key_file(folder: Path, **fields: str) -> str:
    file = folder / "sa.json"
    file.write_text(json.dumps({"type": "service_account", **fields}))
    return str(file)


def test_without_a_key_of_google_the_built_in_engine_draws() -> None:
    found = defaults({})
    assert [spec.kind for spec in found.table.engines.values()] == ["sketch"]
    assert found.table.routes[0].models == ("*",)
    assert found.notes == ()


@pytest.mark.parametrize("name", ["GEMINI_API_KEY", "GOOGLE_API_KEY"])
def test_a_key_of_google_is_a_route_for_every_model(name: str) -> None:
    found = defaults({name: "AIza1"}).table
    assert [(spec.name, spec.kind, spec.api_keys) for spec in found.engines.values()] == [
        ("google", "google", (f"env:{name}",))
    ]
    (route,) = found.routes
    assert (route.models, route.targets, route.origin) == (("*",), (Target("google"),), name)


def test_of_two_keys_the_one_counts_that_googles_sdks_take() -> None:
    environ = {"GEMINI_API_KEY": "AIza1", "GOOGLE_API_KEY": "AIza2"}
    assert defaults(environ).table.engines["google"].api_keys == ("env:GOOGLE_API_KEY",)
    ours = environ | {"GOOGLE_API_KEY": "psk_ours"}
    found = defaults(ours)
    assert found.table.engines["google"].api_keys == ("env:GEMINI_API_KEY",)
    assert found.notes == (
        "GOOGLE_API_KEY has a key of this server (psk_...), which Google does not know.",
    )


def test_a_key_of_this_server_is_none_of_googles() -> None:
    found = defaults({"GEMINI_API_KEY": "psk_abc", "GOOGLE_API_KEY": " "})
    assert list(found.table.engines) == ["sketch"]
    assert len(found.notes) == 1
    assert "abc" not in found.notes[0]


def test_a_key_file_of_google_cloud_is_a_route(tmp_path: Path) -> None:
    file = key_file(tmp_path, project_id="mine", client_email="a@mine.iam.gserviceaccount.com")
    spec = defaults({"GOOGLE_APPLICATION_CREDENTIALS": file}).table.engines["vertex"]
    assert (spec.kind, spec.project, spec.location) == ("vertex", "mine", "global")
    assert spec.credentials == f"file:{file}"
    said = {"GOOGLE_CLOUD_PROJECT": "other", "GOOGLE_CLOUD_LOCATION": "europe-west4"}
    spec = defaults({"GOOGLE_APPLICATION_CREDENTIALS": file} | said).table.engines["vertex"]
    assert (spec.project, spec.location) == ("other", "europe-west4")


def test_both_are_one_route_in_order_and_never_sketch(tmp_path: Path) -> None:
    file = key_file(tmp_path, project_id="mine")
    found = defaults({"GEMINI_API_KEY": "AIza1", "GOOGLE_APPLICATION_CREDENTIALS": file}).table
    assert [target.engine for target in found.routes[0].targets] == ["google", "vertex"]
    assert "sketch" not in found.engines


def test_a_key_file_of_this_server_is_none_of_googles(tmp_path: Path) -> None:
    file = key_file(tmp_path, project_id="mine", client_email=f"robot@default.{DOMAIN}")
    found = defaults({"GOOGLE_APPLICATION_CREDENTIALS": file})
    assert list(found.table.engines) == ["sketch"]
    assert "key file of this server" in found.notes[0]


def test_a_key_file_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    found = defaults({"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "none.json")})
    assert list(found.table.engines) == ["sketch"]
    assert "names no file" in found.notes[0]


def test_a_key_file_needs_a_project(tmp_path: Path) -> None:
    file = key_file(tmp_path)
    with pytest.raises(SettingsError, match="set GOOGLE_CLOUD_PROJECT"):
        defaults({"GOOGLE_APPLICATION_CREDENTIALS": file})
    (tmp_path / "sa.json").write_text("no json")
    with pytest.raises(SettingsError, match="set GOOGLE_CLOUD_PROJECT"):
        defaults({"GOOGLE_APPLICATION_CREDENTIALS": file})
    file = key_file(tmp_path, quota_project_id="quota")
    assert (
        defaults({"GOOGLE_APPLICATION_CREDENTIALS": file}).table.engines["vertex"].project
        == "quota"
    )
