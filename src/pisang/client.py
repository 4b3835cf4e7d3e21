"""A small HTTP client for our own command line: sends a request to a server, reads the answer.

It speaks the Gemini dialect through the client half of ``wire/gemini``, so it works with any server
that does, Google's included. Everything that goes wrong comes back as an error of ``core/errors``,
just as if the picture had been made in this process.
"""

import asyncio
import json
from collections.abc import Mapping
from ipaddress import ip_address
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx2

from pisang import __version__
from pisang.core.errors import (
    EngineGarbled,
    EngineTimeout,
    EngineUnavailable,
    RequestError,
    SettingsError,
)
from pisang.core.events import Result
from pisang.core.request import GenerateRequest
from pisang.wire import oauth
from pisang.wire.faults import from_google
from pisang.wire.gemini import request as gemini_request
from pisang.wire.gemini import response as gemini_response

CONNECT_SECONDS = 10.0
SIGN_IN_SECONDS = 30.0
ANSWER_SECONDS = 600.0  # a 4K picture with fourteen references can take minutes upstream

_BEARERS = ("pst_", "pss_")  # tokens of this server; all else stands where a key belongs

FETCH_SECONDS = 30.0
FETCH_BYTES = 50_000_000
_FETCH_REDIRECTS = 5


class Client:
    """One server and one key. Use as ``async with Client(server, key) as client``."""

    def __init__(
        self, server: str, key: str | None, *, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        """``server`` is the address without a version, as ``http://127.0.0.1:8787``.

        Raises ``SettingsError`` where it is no http(s) address.
        """
        self.server = server.rstrip("/")
        parts = urlsplit(self.server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(
                f"{server!r} is no server address: write it as http://127.0.0.1:8787",
                field="server",
            )
        headers = {"user-agent": f"pisang/{__version__}"}
        if key and key.startswith(_BEARERS):
            headers["authorization"] = f"Bearer {key}"
        elif key:
            headers["x-goog-api-key"] = key
        self._http = httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=not _is_loopback(parts.hostname),  # no proxy stands before this machine
        )

    async def generate(self, request: GenerateRequest) -> tuple[Result, str | None]:
        """Sends one request; returns the whole answer, and a notice where the server sent one
        (another model than the one asked for has served it).

        Raises the ``PisangError`` that the server's envelope names, ``EngineUnavailable`` where
        no server answers, ``EngineTimeout`` where it takes longer than ten minutes,
        ``EngineGarbled`` for an answer that breaks off, and ``EngineFailed`` for one that cannot be
        read.
        """
        model = quote(request.model.removeprefix("models/"), safe="")
        answer = await self._ask(
            "POST", f"/v1beta/models/{model}:generateContent", gemini_request.encode(request)
        )
        return gemini_response.decode(answer.content), answer.headers.get("x-pisang-notice")

    async def admin(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, Any]:
        """Asks the admin API (``path`` begins after ``/admin/v1``) for one JSON object.

        Raises what ``generate`` raises.
        """
        answer = await self.admin_bytes(method, path, body)
        try:
            return dict(json.loads(answer))
        except ValueError as error:
            message = f"{self.server} answered with no JSON; is it a pisang?"
            raise EngineGarbled(message) from error

    async def admin_bytes(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> bytes:
        """The same for an answer of any kind."""
        content = None if body is None else json.dumps(body).encode()
        return (await self._ask(method, f"/admin/v1{path}", content)).content

    async def readiness(self) -> Mapping[str, Any]:
        """What the server says of itself to probes, which know no prefix; empty where a proxy does
        not let them through."""
        parts = urlsplit(self.server)
        try:
            answer = await self._http.get(f"{parts.scheme}://{parts.netloc}/readyz")
            said = answer.json() if answer.status_code in (200, 503) else {}
        except (httpx2.HTTPError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    async def _ask(self, method: str, path: str, content: bytes | None) -> httpx2.Response:
        try:
            answer = await self._http.request(
                method,
                self.server + path,
                content=content,
                headers={"content-type": "application/json"},
            )
        except httpx2.TimeoutException as error:
            raise EngineTimeout(f"{self.server} did not answer in time") from error
        except (httpx2.RemoteProtocolError, httpx2.ReadError) as error:
            raise EngineGarbled(
                f"The answer of {self.server} broke off ({error}). Send the request again."
            ) from error
        except httpx2.HTTPError as error:
            raise EngineUnavailable(
                f"Cannot reach {self.server} ({error}); is `pisang serve` running there?"
            ) from error
        if answer.status_code not in (200, 201):
            raise from_google(answer.status_code, answer.content)
        return answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()


async def access_token(
    token_uri: str, assertion: str, *, transport: httpx2.AsyncBaseTransport | None = None
) -> tuple[str, int]:
    """Trades a signed request (``wire/key_file.py`` makes it) for an access token; returns it and
    how many seconds it is good.

    Raises ``InvalidToken`` with the reason that the token endpoint gives, ``EngineUnavailable`` and
    ``EngineTimeout`` where none answers, and ``RequestError`` where ``token_uri`` is no address.
    """
    try:
        host = urlsplit(token_uri).hostname or ""
    except ValueError:
        host = ""
    try:
        async with httpx2.AsyncClient(
            headers={"user-agent": f"pisang/{__version__}", "content-type": oauth.FORM},
            timeout=httpx2.Timeout(SIGN_IN_SECONDS, connect=CONNECT_SECONDS),
            transport=transport,
            trust_env=not _is_loopback(host),
        ) as http:
            answer = await http.post(token_uri, content=oauth.write_grant(assertion))
    except httpx2.TimeoutException as error:
        raise EngineTimeout(f"{token_uri} did not answer in time") from error
    except (httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
        raise RequestError(
            f"The token_uri of this key file is no address: {token_uri[:200]!r}."
        ) from error
    except httpx2.HTTPError as error:
        raise EngineUnavailable(
            f"Cannot reach {token_uri} ({error}); is `pisang serve` running there?"
        ) from error
    return oauth.read_answer(answer.status_code, answer.content)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


async def fetch(address: str, *, transport: httpx2.AsyncBaseTransport | None = None) -> bytes:
    """Downloads a picture that the person at this command line named.

    At most 50 MB, half a minute and five redirects, over http and https only. Private addresses
    are allowed, because it is the caller's own machine that asks. Raises ``RequestError``.
    """
    try:
        async with asyncio.timeout(FETCH_SECONDS):
            return await _fetch(address, transport)
    except TimeoutError as error:
        message = f"{address} did not arrive within {FETCH_SECONDS:.0f} seconds"
        raise RequestError(message, field="attach") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise RequestError(f"Cannot fetch {address}: {error}", field="attach") from error


async def _fetch(address: str, transport: httpx2.AsyncBaseTransport | None) -> bytes:
    async with (
        httpx2.AsyncClient(
            follow_redirects=True,
            max_redirects=_FETCH_REDIRECTS,
            transport=transport,
            timeout=FETCH_SECONDS,
            headers={"user-agent": f"pisang/{__version__}", "accept": "image/*"},
        ) as http,
        http.stream("GET", address) as answer,
    ):
        if answer.status_code != 200:
            raise RequestError(
                f"Cannot fetch {address}: HTTP status {answer.status_code}", field="attach"
            )
        data = bytearray()
        async for chunk in answer.aiter_bytes():
            data += chunk
            if len(data) > FETCH_BYTES:
                raise RequestError(
                    f"{address} is larger than {FETCH_BYTES // 1_000_000} MB", field="attach"
                )
        return bytes(data)
