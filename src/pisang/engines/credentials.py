"""Access tokens for Google Cloud: had from google-auth in a thread, kept until shortly before they
end, and asked for by one request at a time however many are waiting.

A token that is about to end is used while the next one is fetched. What cannot be had is an
``UpstreamFault`` whose symptom says so: nothing was asked of the upstream then.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import google.auth
import requests
import structlog
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import credentials as person
from google.oauth2 import service_account

from pisang.core.clock import now
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import UpstreamFault
from pisang.engines.registry import ConfigError

log = structlog.get_logger("pisang.engines")

ADC: Final = "adc"
SCOPES: Final = ("https://www.googleapis.com/auth/cloud-platform",)
_MARGIN: Final = timedelta(minutes=5)  # before the end of a token, the next one is fetched
_SHORTEST: Final = timedelta(seconds=10)  # left: below this, requests wait for the next one
_SECONDS: Final = 20.0  # for one answer of a token endpoint or of the metadata server
_FILE: Final = "This is no credential of Google's that pisang reads"


@dataclass(frozen=True, slots=True)
class Account:
    """A credential of google-auth's, and the project it belongs to, where it says."""

    signer: Any
    project: str


class _NoToken(Exception):
    """There is no token to be had; the message says why."""


class Tokens:
    """The tokens of one account. ``load`` is called once, in a thread: where an account is to be
    found may take asking."""

    def __init__(self, load: Callable[[], Account], *, ca_file: Path | None = None) -> None:
        self._load = load
        self._ca_file = ca_file
        self._account: Account | None = None
        self._refresh: asyncio.Task[Account] | None = None

    async def account(self) -> tuple[str, str]:
        """A token that is good for now, and the account's project (empty where it has none).
        Raises ``UpstreamFault``."""
        account, left = self._account, self._left()
        if account is None or left < _SHORTEST:
            account = await self._renewed()
        elif left < _MARGIN:
            self._begin()
        return str(account.signer.token), account.project

    def forget(self, token: str) -> None:
        """Takes a token for dead, since the upstream does; it is not handed out again."""
        if self._account is not None and self._account.signer.token == token:
            self._account.signer.expiry = now()

    async def close(self) -> None:
        """Stops waiting for a token that is being fetched."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)

    def _left(self) -> timedelta:
        """How long the token is good for. One without an end is good for ever."""
        if self._account is None or not self._account.signer.token:
            return timedelta()
        end = self._account.signer.expiry
        return timedelta.max if end is None else end - now()

    async def _renewed(self) -> Account:
        try:
            # Who leaves does not stop it for the others.
            return await asyncio.shield(self._begin())
        except _NoToken as error:
            detail = f"No access token for our own account: {error}"
            symptom = Symptom(dialect=Dialect.GEMINI, broken=Broken.CREDENTIALS, detail=detail)
            raise UpstreamFault(symptom) from error

    def _begin(self) -> asyncio.Task[Account]:
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(asyncio.to_thread(self._fetch))
            self._refresh.add_done_callback(_noticed)
        return self._refresh

    def _fetch(self) -> Account:
        try:
            account = self._account or self._load()
            with requests.Session() as session:
                if self._ca_file is not None:
                    session.verify = str(self._ca_file)
                account.signer.refresh(partial(Request(session), timeout=_SECONDS))
        except (GoogleAuthError, requests.RequestException, OSError) as error:
            raise _NoToken(_reason(error)) from error
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            # google-auth trips over an answer that is none of a token endpoint's.
            raise _NoToken("The answer of its token endpoint cannot be read.") from error
        self._account = account
        return account


def of_file(path: Path) -> Callable[[], Account]:
    """The account of a credential file, read now. Raises ``ConfigError``."""
    try:
        text = path.read_bytes()
    except OSError as error:
        sentence = f"The file {path} cannot be read: {error.strerror}."
        raise ConfigError("credentials", sentence) from None
    return of_text(text, place=str(path))


def of_text(text: bytes | str, *, place: str = "the settings") -> Callable[[], Account]:
    """The account of a credential file whose text is there. Raises ``ConfigError``."""
    try:
        info: Any = json.loads(text)
        kind = info.get("type") if isinstance(info, dict) else None
        if kind == "service_account":
            signer: Any = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
                info, scopes=SCOPES
            )
        elif kind == "authorized_user":
            signer = person.Credentials.from_authorized_user_info(info, SCOPES)  # type: ignore[no-untyped-call]
        else:
            sentence = (
                f"{_FILE}: its type is {str(kind)[:40]!r}. Files of service accounts and of people "
                'are read; for any other, set GOOGLE_APPLICATION_CREDENTIALS and credentials="adc".'
            )
            raise ConfigError("credentials", sentence)
    except (GoogleAuthError, ValueError, TypeError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError("credentials", f"{_FILE}, in {place}: {_reason(error)}") from None
    project = str(info.get("project_id") or info.get("quota_project_id") or "")
    return lambda: Account(signer, project)


def of_machine() -> Account:
    """What this machine is: GOOGLE_APPLICATION_CREDENTIALS, a sign-in of gcloud, or the metadata
    server of a machine at Google. Raises ``GoogleAuthError`` where it is none of them."""
    signer, project = google.auth.default(scopes=SCOPES)
    return Account(signer, project or "")


def _noticed(task: asyncio.Task[Account]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.warning("no access token", why=str(error))


def _reason(error: BaseException) -> str:
    """The first sentence of an error of google-auth's, whose second argument is often a body."""
    said = str(error.args[0] if error.args else error) or type(error).__name__
    return said.splitlines()[0][:300]
