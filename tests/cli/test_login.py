"""``pisang login``: by password at a real server, and by a browser that comes back here."""

import io
import json
import stat
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest

from pisang.cli import admin, login, signins
from pisang.core.errors import SignInFailed
from tests.cli.nouns import said as pisang
from tests.live import Live

PASSWORD = "four words of mine"
FAR, LONG_AGO = "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config folder of the test's own."""
    monkeypatch.setattr(signins, "folder", lambda: tmp_path / "config" / "pisang")
    return tmp_path / "config" / "pisang"


def test_commands_need_no_key_after_a_sign_in(
    capsys: pytest.CaptureFixture[str], live: Live, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    email, data = "login@example.com", ("--data", str(live.data))
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    assert pisang(capsys, "users", "create", email, "--password", *data)[0] == 0
    assert pisang(capsys, "members", "add", f"user:{email}", "--operator", *data)[0] == 0
    server = ("--server", live.url)
    assert pisang(capsys, "projects", "list", *server)[0] != 0
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))
    code, out, err = pisang(capsys, "login", email, *server)
    assert code == 0, err
    assert f"as user:{email}" in out
    (file,) = home.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "pss_" not in out + err
    assert pisang(capsys, "projects", "list", *server)[0] == 0
    token = signins.kept(live.url)
    assert token
    assert pisang(capsys, "logout", *server)[0] == 0
    assert signins.kept(live.url) is None
    assert pisang(capsys, "projects", "list", *server, "--key", token)[0] != 0


def test_a_wrong_password_keeps_nothing(
    capsys: pytest.CaptureFixture[str], live: Live, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a wrong password\n"))
    code, _, err = pisang(capsys, "login", "nobody@example.com", "--server", live.url)
    assert code != 0
    assert "The email or the password is wrong." in err
    assert not home.exists()
    code, _, err = pisang(capsys, "login", "--server", live.url)
    assert "Give your email" in err


def test_a_browser_brings_the_code_that_only_this_command_exchanges(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[dict[str, Any]]()
    statuses = list[int]()

    def came_back(address: str) -> None:
        for state, status in (("wrong", 404), (query_of(address)["state"], 200)):
            back = urlencode({"code": "a code", "state": state})
            try:
                with urlopen(f"{query_of(address)['loopback']}?{back}", timeout=20) as answer:
                    statuses.append(answer.status)
            except HTTPError as error:
                statuses.append(error.code)
            assert statuses[-1] == status

    def browser(address: str) -> bool:
        threading.Thread(target=came_back, args=(address,), daemon=True).start()
        asked.append({"challenge": query_of(address)["challenge"]})
        return True

    def server(_: object, method: str, path: str, body: Mapping[str, Any]) -> dict[str, str]:
        asked.append({"method": method, "path": path, **body})
        return {"principal": "user:ana@example.com", "expires_at": FAR, "token": "pss_x"}

    monkeypatch.setattr(login.webbrowser, "open", browser)
    monkeypatch.setattr(admin, "ask", server)
    code, _, err = pisang(capsys, "login", "--oidc", "--server", "https://images.example")
    assert code == 0, err
    assert statuses[:1] == [404]
    assert (asked[1]["path"], asked[1]["code"]) == ("/sessions", "a code")
    from pisang.surfaces.signin import challenge_of

    assert challenge_of(asked[1]["verifier"]) == asked[0]["challenge"]
    assert asked[1]["verifier"] not in err
    assert signins.kept("https://images.example/") == "pss_x"


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def test_who_waits_too_long_is_told() -> None:
    with login._Loopback("state") as loopback, pytest.raises(SignInFailed, match="Nobody"):
        loopback.code(0.01)


def test_a_sign_in_ends_with_its_time(home: Path) -> None:
    signins.keep("https://one.example/", "pss_1", principal="user:a@b", expires_at=FAR)
    signins.keep("https://two.example", "pss_2", principal="user:a@b", expires_at=LONG_AGO)
    assert signins.kept("https://ONE.example") == "pss_1"
    assert signins.kept("https://two.example") is None
    assert signins.kept("https://three.example") is None
    signins.forget("https://one.example")
    assert signins.kept("https://one.example") is None
    (home / "sign-ins.json").write_text("no JSON")
    assert signins.kept("https://one.example") is None
    assert set(json.loads((signins.keep("x", "y", principal="", expires_at=FAR)).read_text()))
