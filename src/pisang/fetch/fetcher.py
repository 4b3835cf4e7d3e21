"""Fetches a file from an address that a caller named, without lending them this machine's network;
and sends web hooks with the same care.

The trap is DNS: a name that was checked can mean something else when it is looked up once more. So
each name is looked up here, once, its addresses are checked, and the connection goes to the checked
address, while the ``Host`` header and TLS keep the name. Each redirect is a new address and starts
from the beginning. A proxy from the environment is not used: it would look names up itself.

What a caller is told is the same for a name that does not exist, one that is not public, and one
that does not answer: else this would be a map of the operator's network. The log tells them apart.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

import httpx2
import structlog

from pisang import __version__
from pisang.core.errors import FetchFailed
from pisang.fetch.addresses import Allowed, is_public

log = structlog.get_logger("pisang.fetch")

REDIRECTS: Final = 5
AT_ONCE: Final = 16  # of all callers together: so many files of ``most`` bytes are in memory
_CONNECT_SECONDS: Final = 5.0
_TRIED: Final = 3  # addresses of one name
_LONGEST: Final = 8192  # characters of an address
_LONGEST_KIND: Final = 100  # characters of a media type that somebody's server says
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"https": 443, "http": 80}

_NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})
_UNREACHABLE: Final = (
    "The address cannot be reached from this server, or is not public. Send the file in the "
    "request, or upload it first; the operator allows hosts of the own network with fetch_allow."
)
_NOT_SENT: Final = (
    "The address cannot be reached from this server, or is not public; the operator allows hosts "
    "of the own network with fetch_allow."
)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses (text) of a host. Raises ``OSError``."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes, and the media type that their server says they have (``""``: none)."""

    data: bytes
    mime_type: str


@dataclass(frozen=True, slots=True)
class _Target:
    """One address, checked: where to connect, and what to say there."""

    url: httpx2.URL
    addresses: Sequence[str]


class Fetcher:
    """Fetches over https; over http only from hosts in ``allow`` (the ``fetch_allow`` setting).

    A file has at most ``most`` bytes and arrives, redirects included, within ``seconds``. ``tls``,
    ``resolve`` and ``transport`` replace what the system has, for tests.
    """

    def __init__(
        self,
        *,
        allow: Sequence[str] = (),
        most: int = 30_000_000,
        seconds: float = 30,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
        transport: Callable[[], httpx2.AsyncBaseTransport] | None = None,
    ) -> None:
        self.most = most
        self.seconds = seconds
        self._allowed = Allowed.of(allow)
        self._tls = tls
        self._resolve = resolve or self._look_up
        self._transport = transport
        self._turns = asyncio.Semaphore(AT_ONCE)
        # Threads of its own: whoever runs a slow name server must not hold up those that everything
        # else here shares.
        self._lookups = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")

    async def fetch(self, address: str, *, field: str) -> Fetched:
        """The file at an address. Raises ``FetchFailed`` that blames ``field``."""
        late = (
            f"The file did not arrive within {self.seconds:g} seconds. Send it in the request, or "
            "upload it first."
        )
        async with self._guarded(field, late=late, unreachable=_UNREACHABLE):
            return await self._follow(address, field)

    async def post(
        self, address: str, body: bytes, *, headers: Mapping[str, str], field: str
    ) -> int:
        """Sends a body to an address, and returns the HTTP status of the answer, of which nothing
        else is read; a redirect is not followed. Raises ``FetchFailed`` that blames ``field``."""
        late = f"The address did not answer within {self.seconds:g} seconds."
        async with self._guarded(field, late=late, unreachable=_NOT_SENT):
            target = await self._checked(_parsed(address, field), field, unreachable=_NOT_SENT)
            async with self._answer(target, method="POST", headers=headers, body=body) as answer:
                return answer.status_code

    @asynccontextmanager
    async def _guarded(self, field: str, *, late: str, unreachable: str) -> AsyncIterator[None]:
        """Waits for a turn, and turns whatever happens on the way into ``FetchFailed``."""
        try:
            async with asyncio.timeout(self.seconds), self._turns:
                yield
        except TimeoutError as error:
            raise FetchFailed(late, field=field) from error
        except (
            httpx2.HTTPError,
            httpx2.InvalidURL,
            httpx2.StreamError,
            OSError,
            ValueError,
        ) as error:
            log.info("not fetched", why=f"{type(error).__name__}: {error}"[:200])
            raise FetchFailed(unreachable, field=field) from error

    def close(self) -> None:
        """Waits for nobody: names that are still being looked up are forgotten."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        """The addresses that this machine finds for a name, best first."""
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._lookups, ask)
        return list(dict.fromkeys(str(info[4][0]) for info in found))

    async def _follow(self, address: str, field: str) -> Fetched:
        url = _parsed(address, field)
        for _ in range(REDIRECTS + 1):
            target = await self._checked(url, field)
            async with self._answer(target) as answer:
                if answer.status_code not in _REDIRECTED:
                    return await self._body(answer, field)
                upcoming = url.join(_parsed(answer.headers.get("location", ""), field, whole=False))
            if url.scheme == "https" and upcoming.scheme == "http":
                raise FetchFailed("The address redirects from https to http.", field=field)
            url = upcoming
        raise FetchFailed(f"The address redirects more than {REDIRECTS} times.", field=field)

    async def _checked(
        self, url: httpx2.URL, field: str, *, unreachable: str = _UNREACHABLE
    ) -> _Target:
        """Where to connect for this address. Raises ``FetchFailed`` where it may not be fetched."""
        host = url.raw_host.decode("ascii").lower().removesuffix(".")
        if url.scheme not in _PORTS or not host:
            raise FetchFailed("Only https:// addresses can be fetched.", field=field)
        if url.userinfo:
            raise FetchFailed("The address may hold no name and password.", field=field)
        port = url.port or _PORTS[url.scheme]
        known = self._allowed.has(host, port)
        if not known and url.scheme == "http":
            raise FetchFailed("Only https:// addresses can be fetched, not http://.", field=field)
        if not known and port not in _PORTS.values():
            raise FetchFailed(f"Port {port} may not be fetched from; use 443.", field=field)
        found = await self._resolve(host, port)
        usable = [address for address in found if known or is_public(address)]
        if not usable:
            log.info("not fetched", host=host, why="no public address", found=list(found)[:_TRIED])
            raise FetchFailed(unreachable, field=field)
        return _Target(url, usable[:_TRIED])

    @asynccontextmanager
    async def _answer(
        self,
        target: _Target,
        *,
        method: str = "GET",
        headers: Mapping[str, str] = _NO_HEADERS,
        body: bytes | None = None,
    ) -> AsyncIterator[httpx2.Response]:
        """Asks the first of the addresses that takes a connection."""
        host = target.url.raw_host.decode("ascii").removesuffix(".")
        request_headers = {
            **headers,
            "host": target.url.netloc.decode("ascii"),
            "user-agent": f"pisang/{__version__}",
            "accept": "*/*",
            "accept-encoding": "identity",  # a compressed file could be a bomb
        }
        for turn, address in enumerate(target.addresses, start=1):
            # A client of its own: a kept connection would serve the next name at this address too.
            async with httpx2.AsyncClient(
                transport=await self._make_transport(),
                timeout=httpx2.Timeout(self.seconds, connect=_CONNECT_SECONDS),
                trust_env=False,
            ) as client:
                request = client.build_request(
                    method,
                    target.url.copy_with(host=address, fragment=None),
                    headers=request_headers,
                    content=body,
                    extensions={"sni_hostname": host},
                )
                try:
                    answer = await client.send(request, stream=True)
                except (httpx2.ConnectError, httpx2.ConnectTimeout):
                    if turn == len(target.addresses):
                        raise
                    continue
                async with aclosing(answer):
                    yield answer
                return

    async def _make_transport(self) -> httpx2.AsyncBaseTransport:
        if self._transport is not None:
            return self._transport()
        if self._tls is None:  # reads some hundred certificates: not at start-up, and not here
            self._tls = await asyncio.to_thread(httpx2.create_ssl_context)
        return httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False)

    async def _body(self, answer: httpx2.Response, field: str) -> Fetched:
        if answer.status_code != 200:
            raise FetchFailed(
                f"The address answered with HTTP status {answer.status_code}.", field=field
            )
        if answer.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise FetchFailed("The address sent a compressed file.", field=field)
        announced = answer.headers.get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > self.most:
            raise self._too_large(field)
        data = bytearray()
        async for piece in answer.aiter_raw():
            data += piece
            if len(data) > self.most:
                raise self._too_large(field)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Fetched(bytes(data), kind[:_LONGEST_KIND])

    def _too_large(self, field: str) -> FetchFailed:
        return FetchFailed(
            f"The file is larger than {self.most} bytes, which the operator sets with fetch_mb.",
            field=field,
        )


def _parsed(address: str, field: str, *, whole: bool = True) -> httpx2.URL:
    if not address or len(address) > _LONGEST:
        raise FetchFailed("This is no address that can be fetched.", field=field)
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchFailed("This is no address that can be fetched.", field=field) from error
    if whole and not url.host:
        raise FetchFailed("Only https:// addresses can be fetched.", field=field)
    return url
