"""The forms of settings: how a list, a table, an address is written, and which are refused."""

from pathlib import Path

import pytest

from pisang.core.errors import SettingsError
from pisang.settings import Settings
from pisang.shown import shown
from pisang.sources import load


@pytest.fixture(autouse=True)
def _in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))


def test_folders_in_the_environment_are_split_like_a_path() -> None:
    fonts = load(environ={"PISANG_FONT_DIRS": "/a:/b"}).settings.font_dirs
    assert fonts == (Path("/a"), Path("/b"))


def test_buckets_are_folders_by_name(tmp_path: Path) -> None:
    in_text = load(environ={"PISANG_BUCKETS": f"one={tmp_path}:two=/b"}).settings
    assert in_text.bucket_folders == {"one": tmp_path, "two": Path("/b")}
    file = tmp_path / "mine.toml"
    file.write_text('[buckets]\none = "/c"\n')
    assert load(config=file, environ={}).settings.bucket_folders == {"one": Path("/c")}


def test_engines_and_routes_are_tables_in_a_file_and_json_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[engines.cloud]\nkind = "vertex"\ncredentials = "file:sa.json"\n'
        '[[routes]]\nmodel = "*"\nengines = ["cloud"]\n'
    )
    written = load(config=file, environ={}).settings
    sent = load(
        environ={
            "PISANG_ENGINES": '{"cloud": {"kind": "vertex", "credentials": "file:sa.json"}}',
            "PISANG_ROUTES": '[{"model": "*", "engines": ["cloud"]}]',
        }
    ).settings
    assert written.routes == sent.routes == ({"model": "*", "engines": ["cloud"]},)
    assert sent.engines == {"cloud": {"kind": "vertex", "credentials": "file:sa.json"}}
    # in a file, other files are found from the folder of the first one
    assert written.engines["cloud"]["credentials"] == f"file:{tmp_path / 'sa.json'}"


def test_one_bracket_too_few_is_told(tmp_path: Path) -> None:
    file = tmp_path / "pisang.toml"
    file.write_text('[routes]\nmodel = "*"\nengines = ["sketch"]\n')
    with pytest.raises(SettingsError, match="two brackets"):
        load({"data": tmp_path}, config=file, environ={})


def test_hosts_are_split_at_commas() -> None:
    allowed = load(environ={"PISANG_FETCH_ALLOW": "a.example, b.example:8080"}).settings
    assert allowed.fetch_allow == ("a.example", "b.example:8080")


@pytest.mark.parametrize("written", ["sqlite:///pisang.db", "mysql://a@b/c", "pisang.db", "x"])
def test_a_wrong_address_of_a_database_is_not_repeated(written: str) -> None:
    with pytest.raises(
        SettingsError, match=r"database_url has a wrong value .*postgresql://"
    ) as error:
        load(environ={"PISANG_DATABASE_URL": f"{written}hunter2"})
    assert "hunter2" not in str(error.value)


def test_the_password_of_a_database_is_not_shown() -> None:
    for scheme in ("postgres", "postgresql"):
        written = f"{scheme}://pisang:hunter2@database.example/pisang"
        settings = load(environ={"PISANG_DATABASE_URL": written}).settings
        assert settings.postgres == written
        assert "hunter2" not in shown(settings.database_url) + repr(settings)
    assert Settings().postgres is None


@pytest.mark.parametrize("written", ["http://valkey:hunter2", "hunter2", "valkey:hunter2"])
def test_a_wrong_address_of_a_valkey_is_not_repeated(written: str) -> None:
    with pytest.raises(SettingsError, match=r"limits_url has a wrong value .*valkey://") as error:
        load(environ={"PISANG_LIMITS_URL": written})
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("scheme", ["valkey", "valkeys", "redis", "rediss", "unix"])
def test_a_valkey_is_named_as_its_clients_do(scheme: str) -> None:
    settings = load(environ={"PISANG_LIMITS_URL": f"{scheme}://:hunter2@valkey.example"}).settings
    assert settings.valkey == f"{scheme}://:hunter2@valkey.example"
    assert "hunter2" not in shown(settings.limits_url) + repr(settings)
    assert Settings().valkey is None


def test_domains_and_addresses_of_people_are_written_in_any_case() -> None:
    environ = {
        "PISANG_OIDC_ALLOWED_DOMAINS": "@Example.com",
        "PISANG_OIDC_ALLOWED_EMAILS": "Ana@Example.com",
    }
    settings = load(environ=environ).settings
    assert settings.oidc_allowed_domains == ("example.com",)
    assert settings.oidc_allowed_emails == ("ana@example.com",)


@pytest.mark.parametrize(
    ("name", "written", "wanted"),
    [
        ("oidc_allowed_domains", '["Example.com", "example.org"]', ("example.com", "example.org")),
        ("oidc_allowed_domains", "[]", ()),
        ("oidc_allowed_emails", ' [ "ana@example.com" ]', ("ana@example.com",)),
        ("trusted_proxies", '["10.0.0.0/8", "::1"]', ("10.0.0.0/8", "::1")),
        ("fetch_allow", '["a.example"]', ("a.example",)),
        ("font_dirs", '["/a", "/b:c"]', (Path("/a"), Path("/b:c"))),
        ("buckets", '["one=/a"]', ("one=/a",)),
    ],
)
def test_a_list_in_the_environment_may_be_json(
    name: str, written: str, wanted: tuple[object, ...]
) -> None:
    assert getattr(load(environ={f"PISANG_{name.upper()}": written}).settings, name) == wanted


@pytest.mark.parametrize(
    ("name", "written", "said"),
    [
        ("OIDC_ALLOWED_DOMAINS", "[example.com]", "no domain like example.com"),
        ("OIDC_ALLOWED_DOMAINS", "*.example.com", "no domain like example.com"),
        ("OIDC_ALLOWED_DOMAINS", "ana@example.com", "no domain like example.com"),
        ("OIDC_ALLOWED_DOMAINS", "[1]", "string"),
        ("OIDC_ALLOWED_EMAILS", "example.com", "no address like ana@example.com"),
    ],
)
def test_whom_to_let_in_is_refused_where_it_would_be_nobody(
    name: str, written: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        load(environ={f"PISANG_{name}": written})


def test_a_proxy_that_is_no_network_is_named() -> None:
    with pytest.raises(SettingsError, match=r"'10\.0\.0' is no network like"):
        load(environ={"PISANG_TRUSTED_PROXIES": "10.0.0.0/8,10.0.0"})


@pytest.mark.parametrize(
    ("written", "read"), [("", ""), ("/", ""), ("gemini/", "/gemini"), ("/a/b", "/a/b")]
)
def test_a_prefix_begins_with_a_slash_and_ends_without(written: str, read: str) -> None:
    assert Settings(prefix=written).prefix == read


def test_an_issuer_keeps_the_slash_that_our_own_address_loses() -> None:
    settings = Settings(public_url="https://a.example/", oidc_issuer="https://b.example/")
    assert settings.public_url == "https://a.example"
    assert settings.oidc_issuer == "https://b.example/"
