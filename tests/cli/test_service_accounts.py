"""``pisang service-accounts`` and ``pisang token``: key files, and what is done with them."""

import json
import re
import stat
from pathlib import Path

import pytest

from pisang.cli.address import reachable
from pisang.store.folder import Folder, serving_at
from pisang.wire import key_file
from tests.cli.test_keys import pisang


@pytest.fixture
def data(tmp_path: Path) -> tuple[str, str]:
    return ("--data", str(tmp_path / "data"))


def test_create_writes_an_ordinary_key_file_for_its_owner_only(
    tmp_path: Path, data: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "robot.json"
    code, said, note = pisang(
        capsys, "service-accounts", "create", "robot", "--out", str(out), *data
    )
    assert (code, said) == (0, "robot@default.iam.pisang.internal\n")
    assert "GOOGLE_APPLICATION_CREDENTIALS" in note
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    made = json.loads(out.read_text())
    assert list(made) == [
        "type",
        "project_id",
        "private_key_id",
        "private_key",
        "client_email",
        "client_id",
        "auth_uri",
        "token_uri",
        "auth_provider_x509_cert_url",
        "client_x509_cert_url",
        "universe_domain",
    ]
    assert made["type"] == "service_account"
    assert made["project_id"] == "default"
    assert made["token_uri"] == "http://127.0.0.1:8787/token"
    assert made["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n")
    assert re.fullmatch(r"[0-9a-f]{40}", made["private_key_id"])
    assert re.fullmatch(r"[1-9][0-9]{20}", made["client_id"])
    assert made["universe_domain"] == "googleapis.com"
    assert "google" not in json.dumps({**made, "universe_domain": ""})
    assert key_file.read(out.read_bytes()).email == made["client_email"]
    for file in (tmp_path / "data").rglob("*"):
        private = made["private_key"].splitlines()[3].encode()
        assert not file.is_file() or private not in file.read_bytes()


def test_the_address_in_the_file_is_the_settings_or_what_is_given(
    tmp_path: Path,
    data: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def uri(name: str, *options: str) -> str:
        out = tmp_path / f"{name}.json"
        code, *_ = pisang(
            capsys, "service-accounts", "create", name, "-o", str(out), *data, *options
        )
        assert code == 0
        return str(json.loads(out.read_text())["token_uri"])

    assert uri("a", "--server", "https://pics.example/gemini/") == (
        "https://pics.example/gemini/token"
    )
    monkeypatch.setenv("PISANG_PREFIX", "/pre")
    monkeypatch.setenv("PISANG_HOST", "0.0.0.0")
    assert uri("b") == "http://127.0.0.1:8787/pre/token"
    with serving_at(Folder(tmp_path / "data"), "http://127.0.0.1:5/pre"):
        assert uri("running") == "http://127.0.0.1:5/pre/token"
    monkeypatch.setenv("PISANG_PUBLIC_URL", "https://images.example")
    assert uri("c") == "https://images.example/token"
    monkeypatch.delenv("PISANG_PUBLIC_URL")
    monkeypatch.setenv("PISANG_PORT", "0")
    code, _, said = pisang(
        capsys, "service-accounts", "create", "d", "-o", str(tmp_path / "d"), *data
    )
    assert (code, "--server" in said) == (78, True)
    assert not (tmp_path / "d").exists()
    for wrong in ("nonsense", "ftp://x", "http://[::1", "http://x?y"):
        code, _, said = pisang(
            capsys,
            *("service-accounts", "create", "d", "-o", str(tmp_path / "d"), *data),
            *("--server", wrong),
        )
        assert (code, "no server address" in said) == (78, True)


def test_addresses_to_listen_on_and_to_reach() -> None:
    assert reachable("0.0.0.0") == "127.0.0.1"
    assert reachable("::") == "[::1]"
    assert reachable("fe80::1") == "[fe80::1]"
    assert reachable("localhost") == "localhost"


def test_nothing_is_made_where_the_file_cannot_be(
    tmp_path: Path, data: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken.json"
    taken.write_text("mine")
    create = ("service-accounts", "create", "robot", *data, "--out")
    code, out, said = pisang(capsys, *create, str(taken))
    assert (code, out, taken.read_text()) == (2, "", "mine")
    assert "exists already" in said
    code, _, said = pisang(capsys, *create, str(tmp_path / "no" / "folder.json"))
    assert (code, "Cannot write the key file" in said) == (74, True)
    for name in ("Robot", "-x", "a" * 31, "a b", "é", ""):
        free = tmp_path / "free.json"
        code, _, said = pisang(
            capsys, "service-accounts", "create", *data, "-o", str(free), "--", name
        )
        assert (code, free.exists()) == (2, False), name
    assert pisang(capsys, "service-accounts", "list", *data, "--json")[1] == "[]\n"


def test_list_add_key_and_revoke(
    tmp_path: Path, data: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    def file(name: str) -> tuple[str, str]:
        return ("--out", str(tmp_path / f"{name}.json"))

    made = json.loads(
        pisang(
            capsys,
            *("service-accounts", "create", "robot", "-p", "my shop"),
            *(*file("one"), *data, "--json"),
        )[1]
    )
    assert re.fullmatch(r"robot@\d{12}\.iam\.pisang\.internal", made["email"])
    again = pisang(
        capsys, "service-accounts", "create", "robot", "-p", "my shop", *file("x"), *data
    )
    assert (again[0], "add-key" in again[2]) == (2, True)
    added = json.loads(
        pisang(capsys, "service-accounts", "add-key", made["email"], *file("two"), *data, "--json")[
            1
        ]
    )
    assert added["email"] == made["email"]
    one, two = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("one", "two"))
    assert one["client_id"] == two["client_id"]
    assert one["project_id"] == "my shop"
    table = pisang(capsys, "service-accounts", "list", *data)[1]
    assert made["key_id"] in table
    assert added["key_id"] in table
    said = pisang(capsys, "service-accounts", "revoke", made["key_id"], *data)[1]
    assert said == f"{made['key_id']} is revoked.\n"
    listed = json.loads(pisang(capsys, "service-accounts", "list", *data, "--json")[1])
    assert [bool(key["revoked_at"]) for key in listed] == [True, False]
    code, _, error = pisang(
        capsys, "service-accounts", "revoke", made["email"], "-p", "default", *data
    )
    assert (code, "no such service account" in error) == (2, True)
    assert pisang(capsys, "service-accounts", "revoke", made["email"], *data)[0] == 0
    listed = json.loads(pisang(capsys, "service-accounts", "list", *data, "--json")[1])
    assert all(key["revoked_at"] for key in listed)
    gone = pisang(capsys, "service-accounts", "add-key", made["email"], *file("three"), *data)
    assert gone[0] == 2
    reused = pisang(
        capsys, "service-accounts", "create", "robot", "-p", "my shop", *file("four"), *data
    )
    assert (reused[0], "It was revoked" in reused[2]) == (2, True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "Cannot read the key file"),
        ("", "not JSON"),
        ("[]", "not JSON"),
        ('{"type": "authorized_user"}', "its type is 'authorized_user'"),
        ('{"type": "service_account"}', "no client_email"),
        (
            '{"type": "service_account", "client_email": "a", "private_key_id": "b", '
            '"token_uri": "http://127.0.0.1:1/token", "private_key": "c"}',
            "private key in this key file is damaged",
        ),
    ],
)
def test_a_key_file_that_is_none_is_told_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, why: str
) -> None:
    file = tmp_path / "key.json"
    if text is not None:
        file.write_text(text)
    code, out, said = pisang(capsys, "token", "--service-account", str(file))
    assert (code, out) == (2, "")
    assert why in said


def test_no_key_file_and_no_server(
    tmp_path: Path,
    data: tuple[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    code, _, said = pisang(capsys, "token")
    assert (code, "GOOGLE_APPLICATION_CREDENTIALS" in said) == (2, True)
    file = tmp_path / "robot.json"
    created = ("service-accounts", "create", "robot", "--out", str(file), *data)
    assert pisang(capsys, *created, "--server", "http://127.0.0.1:9")[0] == 0
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    code, _, said = pisang(capsys, "token")
    assert (code, "Cannot reach http://127.0.0.1:9/token" in said) == (69, True)


def test_another_universe_keeps_google_out(
    tmp_path: Path, data: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "quiet.json"
    create = ("service-accounts", "create", "quiet", "-o", str(out), *data)
    assert pisang(capsys, *create, "--universe", "pisang.internal")[0] == 0
    assert "google" not in out.read_text()
