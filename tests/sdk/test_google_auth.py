"""Google's own sign-in library, unmodified, with a key file of ours and a live server."""

import json
import os
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import google.auth
import pytest
import requests
from google.auth import jwt
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from tests.live import PISANG, Account, Live, signed_up, started

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


@pytest.fixture
def mine(live: Live, tmp_path: Path) -> Path:
    """The key file of an account that a test may revoke."""
    out, name = tmp_path / "mine.json", f"mine{time.time_ns() % 10**12}"
    words = ["create", name, "--out", out, "--data", live.data, "--server", live.url]
    subprocess.run([PISANG, "service-accounts", *words], check=True, capture_output=True)
    return out


def credentials(file: Path) -> service_account.Credentials:
    found: service_account.Credentials = service_account.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
        file, scopes=SCOPES
    )
    return found


def status(live: Live, token: str) -> int:
    answer = requests.get(
        f"{live.url}/v1beta/models", headers={"authorization": f"Bearer {token}"}, timeout=30
    )
    return answer.status_code


def refusal(signed: service_account.Credentials) -> str:
    with pytest.raises(RefreshError) as caught:
        signed.refresh(Request())
    return str(caught.value)


def _two_hours_ago() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=2)


def test_a_refresh_gets_a_token_that_counts(live: Live, account: Account) -> None:
    signed = credentials(account.file)
    signed.refresh(Request())
    assert signed.valid
    assert 3500 < (signed.expiry - datetime.now(UTC).replace(tzinfo=None)).seconds <= 3600
    assert signed.project_id == account.project
    assert status(live, signed.token) == 200


def test_the_environment_is_enough(live: Live, account: Account) -> None:
    named = {"GOOGLE_APPLICATION_CREDENTIALS": str(account.file)}
    with mock.patch.dict(os.environ, named):
        found, project = google.auth.default(scopes=SCOPES)
    found.refresh(Request())
    assert project == account.project
    assert status(live, found.token) == 200


def test_a_token_that_signs_itself_counts(live: Live, account: Account) -> None:
    """As google-cloud-aiplatform does, with a scope; and as others do, with an audience."""
    signed = credentials(account.file).with_always_use_jwt_access(True)
    signed._create_self_signed_jwt(None)
    signed.refresh(Request())
    claims = jwt.decode(signed.token, verify=False)
    assert claims["scope"]
    assert "aud" not in claims
    assert status(live, signed.token) == 200
    for audience, wanted in ((f"{live.url}/", 200), ("https://elsewhere.example/", 401)):
        other = jwt.Credentials.from_service_account_file(account.file, audience=audience)
        other.refresh(Request())
        assert status(live, other.token.decode()) == wanted


def test_an_account_that_was_revoked_is_a_refresh_error(live: Live, mine: Path) -> None:
    signed = credentials(mine)
    signed.refresh(Request())
    held = signed.token
    words = ["revoke", signed.service_account_email, "--data", live.data]
    subprocess.run([PISANG, "service-accounts", *words], check=True, capture_output=True)
    assert status(live, held) == 401
    said = refusal(signed)
    assert "invalid_grant" in said
    assert "was revoked" in said


def test_a_token_has_its_time(tmp_path: Path) -> None:
    with started(tmp_path, token_minutes="0.02") as live:
        account = signed_up(live, tmp_path)
        signed = credentials(account.file)
        signed.refresh(Request())
        held = signed.token
        assert status(live, held) == 200
        time.sleep(1.3)
        assert status(live, held) == 401
        signed.refresh(Request())
        assert signed.token != held
        assert status(live, signed.token) == 200


def test_other_refusals_can_be_read(live: Live, mine: Path, tmp_path: Path) -> None:
    assert "itself only" in refusal(credentials(mine).with_subject("boss@example.com"))
    old = credentials(mine)
    with mock.patch("google.auth._helpers.utcnow", _two_hours_ago):
        late = old._make_authorization_grant_assertion()
    with mock.patch.object(old, "_make_authorization_grant_assertion", return_value=late):
        assert "It expired" in refusal(old)
    file = json.loads(mine.read_text())
    for name, value, why in (
        ("client_email", "nobody@x.iam.pisang.internal", "account not found"),
        ("private_key_id", "0" * 40, "account not found"),
        ("token_uri", f"{live.url}/tokens", "{'code': 404"),
    ):
        changed = tmp_path / f"{name}.json"
        changed.write_text(json.dumps(file | {name: value}))
        assert why in refusal(credentials(changed))


def test_an_id_token_is_refused_in_words(mine: Path) -> None:
    signed = service_account.IDTokenCredentials.from_service_account_file(  # type: ignore[no-untyped-call]
        mine, target_audience="https://run.example"
    )
    signed = signed.with_token_uri(json.loads(mine.read_text())["token_uri"])
    with pytest.raises(RefreshError, match="no ID tokens"):
        signed.refresh(Request())


def test_pisang_token_prints_one(live: Live, account: Account) -> None:
    command = [PISANG, "token", "--json"]
    environ = os.environ | {"GOOGLE_APPLICATION_CREDENTIALS": str(account.file)}
    got = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    answer = json.loads(got.stdout)
    assert list(answer) == ["access_token", "expires_in", "token_type"]
    assert status(live, answer["access_token"]) == 200
    assert status(live, account.token) == 200
