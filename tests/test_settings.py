"""Settings: where a value comes from, and what is said about a wrong one."""

import os
from pathlib import Path

import pytest

from pisang.core.errors import SettingsError
from pisang.settings import Settings
from pisang.shown import rows, shown, without_secrets
from pisang.sources import load


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_the_first_source_that_has_a_value_wins(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('port = 1\nhost = "file"\nqueue = 3\n')
    loaded = load(
        {"port": 3, "host": None}, config=file, environ={"PISANG_PORT": "2", "PISANG_HOST": "env"}
    )
    assert (loaded.settings.port, loaded.settings.host, loaded.settings.queue) == (3, "env", 3)
    assert loaded.sources["port"] == "command line"
    assert loaded.sources["host"] == "environment"
    assert loaded.sources["queue"] == str(file)
    assert loaded.sources["workers"] == "default"


def test_the_file_in_this_folder_comes_before_the_one_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "pisang.toml").write_text("port = 1")
    assert load({"data": data}, environ={}).settings.port == 1
    assert load({}, environ={"PISANG_DATA": str(data)}).settings.port == 1
    (tmp_path / "pisang.toml").write_text("port = 2")
    assert load({"data": data}, environ={}).settings.port == 2


SPELT = {
    "database_url": "postgresql://pisang:secret@database.example/pisang",
    "limits_url": "valkey://:secret@valkey.example",
    "signing_key": "a-secret-of-enough-letters",
    "font_dirs": "/a:/b",
    "prefix": "/x",
    "public_url": "https://images.example",
    "buckets": "mine=/a",
    "fetch_allow": "files.example",
    "trusted_proxies": "10.0.0.0/8,::1",
    "oidc_issuer": "https://accounts.example",
    "oidc_client_id": "pisang",
    "oidc_client_secret": "a secret",
    "oidc_default_role": "viewer",
    "oidc_allowed_domains": "example.com",
    "oidc_allowed_emails": "ana@example.com",
    "engines": '{"studio": {"kind": "google"}}',
    "routes": '[{"model": "*", "engines": ["studio"]}]',
}


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_can_come_from_the_environment(name: str) -> None:
    text = SPELT.get(name) or str(getattr(Settings(), name))
    loaded = load(environ={f"PISANG_{name.upper()}": text})
    assert loaded.sources[name] == "environment"


def test_a_secret_of_an_engine_is_never_shown() -> None:
    engines = {
        "studio": {
            "kind": "google",
            "api_keys": ["AIza-very-secret", "env:GEMINI_API_KEY"],
            "headers": {"x-token": "very-secret"},
        }
    }
    plain = without_secrets(engines)
    assert plain["studio"]["api_keys"] == ["********", "env:GEMINI_API_KEY"]
    assert plain["studio"]["headers"] == {"x-token": "********"}
    assert "very-secret" not in shown(engines)
    for wrong in ('{"studio": ["very-secret"]}', '"very-secret"', "very-secret"):
        with pytest.raises(SettingsError, match="engines has a wrong value") as caught:
            load(environ={"PISANG_ENGINES": wrong})
        assert "very-secret" not in caught.value.message


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"PISANG_PROT": "1"}, "Did you mean PISANG_PORT?"),
        ({"PISANG_PORT": "many"}, "PISANG_PORT"),
        ({"PISANG_PORT": "70000"}, "65535"),
        ({"PISANG_COMPATIBILITY": "helpfull"}, "'helpful' or 'strict'"),
        ({"PISANG_SIGNING_KEY": "short"}, "at least 16 characters"),
        ({"PISANG_PUBLIC_URL": "images.example"}, "https://images.example"),
        ({"PISANG_BUCKETS": "/only/a/folder"}, "name=/folder"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_be_right(
    environ: dict[str, str], told: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(environ=environ)
    assert told in caught.value.message
    assert "'short'" not in caught.value.message


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pisang.toml"
    file.write_text("prot = 1")
    with pytest.raises(SettingsError, match=r"no setting prot .*Did you mean port\?"):
        load(environ={})
    file.write_text("port = ")
    with pytest.raises(SettingsError, match="is not TOML"):
        load(environ={})
    with pytest.raises(SettingsError, match="no such file"):
        load(config=tmp_path / "none.toml", environ={})


def test_a_pipe_is_refused_and_not_ignored(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SettingsError, match="is a pipe"):
        load(config=pipe, environ={})
    assert load(config=Path(os.devnull), environ={}).sources["port"] == "default"


def test_a_wrong_value_in_the_file_is_named_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('font_dirs = ["/a", "/b"]\nport = "many"')
    with pytest.raises(SettingsError, match=rf"port has a wrong value 'many' \({file}\)"):
        load(config=file, environ={})
    file.write_text('font_dirs = ["/a", "/b"]')
    assert load(config=file, environ={}).settings.font_dirs == (Path("/a"), Path("/b"))


def test_an_empty_variable_counts_as_not_set() -> None:
    loaded = load(environ={"PISANG_PORT": "", "PISANG_PROT": ""})
    assert (loaded.settings.port, loaded.sources["port"]) == (8787, "default")


def test_who_builds_settings_in_their_own_process_is_not_surprised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PISANG_QUEUE", "3")
    (tmp_path / "pisang.toml").write_text("workers = 7")
    assert (Settings(workers=2).queue, Settings(workers=2).workers) == (1000, 2)
    assert (load().settings.queue, load().settings.workers) == (3, 7)


def test_names_that_others_set_are_no_settings() -> None:
    others = {
        "PISANG_KEY": "k",
        "PISANG_SERVER": "http://x",
        "PISANG_PORT": "tcp://10.0.0.1:8787",
        "PISANG_PORT_8787_TCP": "tcp://10.0.0.1:8787",
        "PISANG_SERVICE_HOST": "10.0.0.1",
        "PISANG_TEST_LONG": "1",
    }
    assert load(environ=others).settings.port == 8787


def test_the_data_folder_follows_the_system(tmp_path: Path) -> None:
    assert load(environ={}).settings.data == tmp_path / "share" / "pisang"


def test_a_secret_is_never_shown() -> None:
    secret = "a-secret-of-enough-letters"
    settings = load(environ={"PISANG_SIGNING_KEY": secret}).settings
    assert secret not in shown(settings.signing_key) + repr(settings)


def test_the_documentation_has_a_sentence_for_every_setting() -> None:
    table = rows()
    assert [row.name for row in table] == list(Settings.model_fields)
    for row in table:
        assert row.sentence.endswith(".")
        assert row.type
        assert row.default


def test_a_switch_is_no_number(tmp_path: Path) -> None:
    (tmp_path / "pisang.toml").write_text("workers = true")
    with pytest.raises(SettingsError, match=r"workers .*pisang\.toml.* true or false"):
        load({}, environ={})
