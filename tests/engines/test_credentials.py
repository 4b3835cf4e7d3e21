"""Access tokens: one at a time, before they end, and in words when there is none."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.auth.exceptions import RefreshError

from pisang.core.clock import now
from pisang.core.upstream import Broken
from pisang.engines.base import UpstreamFault
from pisang.engines.credentials import Account, Tokens, of_file
from pisang.engines.registry import ConfigError
from tests.live import Account as OurAccount
from tests.live import Live
from tests.upstream import Received, standing, upstream, whole


class Signer:
    """Stands for a credential of google-auth's; every token is good for ``minutes``."""

    def __init__(self, minutes: float = 60, fails: Exception | None = None) -> None:
        self.token: str | None = None
        self.expiry: Any = None
        self.minutes = minutes
        self.fails = fails
        self.refreshed = 0

    def refresh(self, request: object) -> None:
        del request
        self.refreshed += 1
        if self.fails:
            raise self.fails
        self.token = f"token-{self.refreshed}"
        self.expiry = now() + timedelta(minutes=self.minutes)


async def test_many_who_ask_at_once_cause_one_refresh() -> None:
    signer = Signer()
    tokens = Tokens(lambda: Account(signer, "p"))
    found = await asyncio.gather(*(tokens.account() for _ in range(50)))
    assert set(found) == {("token-1", "p")}
    assert signer.refreshed == 1


async def test_a_token_that_is_about_to_end_serves_while_the_next_one_is_fetched() -> None:
    signer = Signer(minutes=1)
    tokens = Tokens(lambda: Account(signer, "p"))
    assert await tokens.account() == ("token-1", "p")
    assert await tokens.account() == ("token-1", "p")
    await asyncio.sleep(0.1)
    assert signer.refreshed == 2
    assert (await tokens.account())[0] == "token-2"
    await tokens.close()


async def test_a_token_that_has_ended_is_waited_for() -> None:
    signer = Signer(minutes=0)
    tokens = Tokens(lambda: Account(signer, "p"))
    assert [(await tokens.account())[0] for _ in range(2)] == ["token-1", "token-2"]


async def test_a_refresh_that_fails_while_the_token_is_good_is_no_fault() -> None:
    signer = Signer(minutes=1)
    tokens = Tokens(lambda: Account(signer, "p"))
    await tokens.account()
    signer.fails = RefreshError("not now")
    assert (await tokens.account())[0] == "token-1"
    await asyncio.sleep(0.1)
    assert (await tokens.account())[0] == "token-1"
    await tokens.close()


async def test_a_token_that_cannot_be_had_is_a_fault_before_anything_was_asked() -> None:
    signer = Signer(fails=RefreshError("invalid_grant: Account not found", {"error": "x"}))
    tokens = Tokens(lambda: Account(signer, "p"))
    with pytest.raises(UpstreamFault, match="invalid_grant: Account not found") as caught:
        await tokens.account()
    assert (caught.value.symptom.broken, caught.value.symptom.status) == (Broken.CREDENTIALS, None)
    signer.fails = None
    assert (await tokens.account())[0] == "token-2"


async def test_who_leaves_does_not_stop_the_refresh_for_the_others() -> None:
    signer = Signer()
    tokens = Tokens(lambda: Account(signer, "p"))
    first, second = (asyncio.create_task(tokens.account()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ("token-1", "p")
    assert signer.refreshed == 1


async def test_a_token_that_was_refused_is_not_handed_out_again() -> None:
    signer = Signer()
    tokens = Tokens(lambda: Account(signer, "p"))
    token, _ = await tokens.account()
    tokens.forget("another")
    assert (await tokens.account())[0] == token
    tokens.forget(token)
    assert (await tokens.account())[0] == "token-2"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no JSON", "no credential of Google's"),
        ("[]", "its type is 'None'"),
        ('{"type": "external_account"}', "GOOGLE_APPLICATION_CREDENTIALS"),
        ('{"type": "service_account"}', "client_email"),
        ('{"type": "authorized_user"}', "refresh_token"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_at_the_start(
    text: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(ConfigError, match=says) as caught:
        of_file(tmp_path / "a.json")
    assert caught.value.field == "credentials"


def test_a_damaged_private_key_is_not_shown(tmp_path: Path) -> None:
    told = {
        "type": "service_account",
        "client_email": "a@b",
        "token_uri": "http://127.0.0.1:1",
        "private_key": "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n",
    }
    (tmp_path / "a.json").write_text(json.dumps(told))
    with pytest.raises(ConfigError) as caught:
        of_file(tmp_path / "a.json")
    assert "secret" not in caught.value.sentence


async def test_a_person_who_signed_in_is_an_account(tmp_path: Path) -> None:
    told = {
        "type": "authorized_user",
        "client_id": "c",
        "client_secret": "s",
        "refresh_token": "r",
        "quota_project_id": "of-the-person",
    }
    (tmp_path / "a.json").write_text(json.dumps(told))
    account = of_file(tmp_path / "a.json")()
    assert account.project == "of-the-person"


async def test_a_key_file_of_ours_signs_in_at_our_own_token_endpoint(
    live: Live, account: OurAccount
) -> None:
    del live
    tokens = Tokens(of_file(account.file))
    token, project = await tokens.account()
    assert project == account.project
    assert token.startswith("ya29.") or len(token) > 20


async def test_a_token_endpoint_that_answers_with_nonsense_is_a_fault(
    account: OurAccount, tmp_path: Path
) -> None:
    async with upstream(whole("<html>")) as there:
        told = json.loads(account.file.read_text()) | {"token_uri": f"{there.url}/token"}
        (tmp_path / "a.json").write_text(json.dumps(told))
        with pytest.raises(UpstreamFault) as caught:
            await Tokens(of_file(tmp_path / "a.json")).account()
    assert caught.value.symptom.broken is Broken.CREDENTIALS


ON_A_MACHINE = """
import asyncio
from pisang.engines.credentials import Tokens, of_machine
print(asyncio.run(Tokens(of_machine).account()))
"""


def test_a_machine_at_google_is_asked_who_it_is(tmp_path: Path) -> None:
    """In a process of its own: google-auth reads where the metadata server is when it is loaded."""

    def metadata(received: Received) -> Any:
        flavor = {"metadata-flavor": "Google"}
        assert received.headers["metadata-flavor"] == "Google"
        path = received.target.partition("?")[0]
        if path.endswith("/token"):
            told = {"access_token": "of-the-machine", "expires_in": 3600, "token_type": "Bearer"}
            return whole(told, headers=flavor)
        if path.endswith("/project/project-id"):
            return whole("of-the-machine", content_type="application/text", headers=flavor)
        if path.endswith("/service-accounts/default/"):
            told = {"email": "me@machine", "aliases": ["default"], "scopes": []}
            return whole(told, headers=flavor)
        return whole("", content_type="text/plain", headers=flavor)

    with standing(metadata) as there:
        host = there.url.removeprefix("http://")
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "CLOUDSDK"))}
        environ |= {
            "GCE_METADATA_HOST": host,
            "GCE_METADATA_IP": host,
            "HOME": str(tmp_path),
            "NO_PROXY": "127.0.0.1",
        }
        ran = subprocess.run(
            [sys.executable, "-c", ON_A_MACHINE],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.stdout.strip() == "('of-the-machine', 'of-the-machine')", ran.stderr


def test_a_machine_that_is_nobody_says_so(tmp_path: Path) -> None:
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("GOOGLE_", "CLOUDSDK"))}
    environ |= {"NO_GCE_CHECK": "true", "HOME": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", ON_A_MACHINE],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "default credentials were not found" in ran.stderr
