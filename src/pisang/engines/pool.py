"""Connections to servers: opened when they are needed, kept for the next request, let go at once.

A pool belongs to one event loop. It follows no redirects, keeps no cookies and tries nothing twice:
what to do about a failure is decided elsewhere. A caller who leaves, a deadline, or a server that
says nothing for too long ends the connection at once.
"""

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from pisang.core.upstream import Broken
from pisang.engines.base import Piece
from pisang.engines.connection import Broke, Connection

_KEPT: Final = 55.0  # seconds without use; load balancers forget a connection after a minute
_MOST_KEPT: Final = 64
_NEXT_ADDRESS: Final = 2.0  # seconds for one of several addresses
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: for a connection to be there, and between two pieces of an answer."""

    connect: float = 10
    silence: float = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """A server: everything of an address up to its path."""

    scheme: str
    host: str
    port: int

    @property
    def name(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(slots=True)
class Reply:
    """The head of an answer, and its body as it arrives. Close the chunks."""

    status: int
    headers: Mapping[str, str]
    length: int | None
    chunks: AsyncGenerator[bytes, None]


Header = tuple[str, str]
Teller = Callable[[Broke, int, Mapping[str, str]], Exception]
PATIENT: Final = Patience()


class Pool:
    """Asks servers. ``ca_file`` names authorities to trust beside those of the machine; proxies
    are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``), never for this machine itself.
    """

    def __init__(self, *, patience: Patience = PATIENT, ca_file: Path | None = None) -> None:
        self._patience = patience
        self._ca_file = ca_file
        self._context: ssl.SSLContext | None = None
        self._proxies = getproxies()
        self._kept: dict[Origin, list[Connection]] = {}
        self._open = set[Connection]()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Sequence[Piece] = (),
        seconds: float,
        told: Teller,
    ) -> Reply:
        """Sends a request and waits for the head of its answer. Raises ``Broke``. Where the answer
        breaks off later, the chunks raise what ``told`` makes of that."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        origin, target = _parted(url)
        connection = self._fetched(origin) or await self._opened(origin, seconds)
        clock = _Clock(connection, ends, self._patience.silence)
        try:
            head = self._head(method, target, origin, headers, body)
            await connection.send(head, body)
            status, heard = await connection.head()
        except BaseException:
            clock.stop()
            connection.abort()
            raise
        chunks = _Chunks(self, origin, connection, clock, lambda broke: told(broke, status, heard))
        return Reply(status, heard, connection.length(), chunks)

    async def close(self) -> None:
        """Ends every connection, used or not."""
        for connection in list(self._open):
            connection.fail(Broke(Broken.RESET, "pisang is shutting down."))
        self._kept.clear()

    def keep(self, origin: Origin, connection: Connection) -> None:
        """Takes a connection back for the next request."""
        kept = self._kept.setdefault(origin, [])
        connection.kept_since = asyncio.get_running_loop().time()
        kept.append(connection)
        if len(kept) > _MOST_KEPT:
            kept.pop(0).abort()

    def _fetched(self, origin: Origin) -> Connection | None:
        """A connection that is kept: the one that was used last, since it is most likely alive."""
        kept = self._kept.get(origin, [])
        now = asyncio.get_running_loop().time()
        while kept:
            connection = kept.pop()
            if now - connection.kept_since < _KEPT and connection.is_quiet():
                return connection
            connection.abort()
        return None

    async def _opened(self, origin: Origin, seconds: float) -> Connection:
        limit = min(seconds, self._patience.connect)
        try:
            async with asyncio.timeout(limit):
                return await self._connect(origin)
        except TimeoutError:
            kind = Broken.TIMEOUT if limit == seconds else Broken.CONNECT
            raise Broke(kind, f"No connection to {origin.name} within {limit:g} s.") from None
        except ssl.SSLError as error:  # before OSError, which it is
            reason = getattr(error, "verify_message", "") or error.reason or str(error)
            detail = f"The TLS of {origin.name} is not to be trusted: {reason}."
            raise Broke(Broken.TLS, detail) from None
        except OSError as error:
            detail = f"No connection to {origin.name}: {error.strerror or error}."
            raise Broke(Broken.CONNECT, detail) from None

    async def _connect(self, origin: Origin) -> Connection:
        proxy = self._proxy(origin)
        if proxy is None:
            tls = self._tls() if origin.scheme == "https" else None
            return await self._socket(origin.host, origin.port, tls, origin.host)
        there = _origin(proxy)
        connection = await self._socket(there.host, there.port, None, there.host)
        if origin.scheme == "http":
            return connection
        return await self._tunnel(connection, origin, proxy)

    async def _socket(
        self, host: str, port: int, tls: ssl.SSLContext | None, name: str
    ) -> Connection:
        """Tries every address of the host; one that says nothing is soon passed over, since a
        machine may have addresses of a kind that lead nowhere from here."""
        *others, last = await _addresses(host, port)
        for address in others:
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(_NEXT_ADDRESS):
                    return await self._socket_at(address, port, tls, name)
        return await self._socket_at(last, port, tls, name)

    async def _socket_at(
        self, address: str, port: int, tls: ssl.SSLContext | None, name: str
    ) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._open.discard),
            address,
            port,
            ssl=tls,
            server_hostname=name if tls else None,
        )
        self._open.add(connection)
        _keep_alive(connection)
        return connection

    async def _tunnel(
        self, connection: Connection, origin: Origin, proxy: SplitResult
    ) -> Connection:
        """TLS to the server, through a proxy that does not see what is said."""
        address = f"{origin.host}:{origin.port}"
        head = _lines(f"CONNECT {address} HTTP/1.1", ("host", address), *_authorization(proxy))
        await connection.send(head + b"\r\n", ())
        status, _ = await connection.head()
        if status != 200:
            connection.abort()
            detail = f"The proxy {proxy.hostname} does not connect to {address}: HTTP {status}."
            raise Broke(Broken.CONNECT, detail)
        inside = Connection(self._open.discard)
        transport = await asyncio.get_running_loop().start_tls(
            connection.detach(), inside, self._tls(), server_hostname=origin.host
        )
        if transport is None:
            raise Broke(Broken.CONNECT, f"The proxy {proxy.hostname} closed the connection.")
        inside.connection_made(transport)
        self._open.discard(connection)
        self._open.add(inside)
        return inside

    def _proxy(self, origin: Origin) -> SplitResult | None:
        named = self._proxies.get(origin.scheme)
        if not named or _is_here(origin.host) or proxy_bypass(origin.host):
            return None
        return urlsplit(named if "://" in named else f"http://{named}")

    def _head(
        self,
        method: str,
        target: str,
        origin: Origin,
        headers: Mapping[str, str],
        body: Sequence[Piece],
    ) -> bytes:
        said = tuple(headers.items())
        if origin.scheme == "http" and (proxy := self._proxy(origin)) is not None:
            target = f"http://{origin.name}{target}"
            said += _authorization(proxy)
        head = _head(f"{method} {target} HTTP/1.1", origin, said)
        if body or method == "POST":
            return b"%bcontent-length: %d\r\n\r\n" % (head, sum(map(len, body)))
        return head + b"\r\n"

    def _tls(self) -> ssl.SSLContext:
        """Made once, when it is first needed: it costs as much as many requests."""
        if self._context is None:
            self._context = ssl.create_default_context()
            if not self._context.cert_store_stats()["x509_ca"]:
                with suppress(ImportError):  # a machine without authorities may have these
                    import certifi

                    self._context.load_verify_locations(certifi.where())
            if self._ca_file is not None:
                self._context.load_verify_locations(self._ca_file)
            self._context.set_alpn_protocols(["http/1.1"])
        return self._context


class _Clock:
    """Ends a connection at the deadline, and when the server is silent for too long.

    One timer for each, moved when it rings and not at every piece that arrives; none for a silence
    that would end after the deadline.
    """

    def __init__(self, connection: Connection, ends: float, silence: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        self._silence = silence
        self._ends = ends
        self._deadline = self._loop.call_at(ends, self._late)
        self._quiet: asyncio.TimerHandle | None = None
        self._seen = 0

    def watch(self) -> None:
        """From here on the server has begun to answer, and should go on."""
        rings = self._loop.time() + self._silence
        if rings < self._ends:
            self._seen = self._connection.seen
            self._quiet = self._loop.call_at(rings, self._look)

    def stop(self) -> None:
        self._deadline.cancel()
        if self._quiet is not None:
            self._quiet.cancel()

    def _late(self) -> None:
        self._connection.fail(Broke(Broken.TIMEOUT, "No whole answer within the time there was."))

    def _look(self) -> None:
        if self._connection.is_waiting() and self._connection.seen == self._seen:
            detail = f"The answer stopped: nothing more for {self._silence:g} s."
            self._connection.fail(Broke(Broken.TIMEOUT, detail))
        else:
            self.watch()


class _Chunks(AsyncGenerator[bytes, None]):
    """A body as it arrives. Not a generator function: closing one of those before its first step
    would end nothing."""

    def __init__(
        self,
        pool: Pool,
        origin: Origin,
        connection: Connection,
        clock: _Clock,
        fault: Callable[[Broke], Exception],
    ) -> None:
        self._pool = pool
        self._origin = origin
        self._connection: Connection | None = connection
        self._clock = clock
        self._fault = fault
        clock.watch()

    async def asend(self, _: None) -> bytes:
        if self._connection is None:
            raise StopAsyncIteration
        try:
            chunk = await self._connection.read()
        except Broke as broke:
            self._leave()
            raise self._fault(broke) from None
        except BaseException:
            self._leave()
            raise
        if chunk is None:
            self._leave()
            raise StopAsyncIteration
        return chunk

    async def athrow(self, kind: Any, *_: Any) -> bytes:
        self._leave()
        raise kind

    async def aclose(self) -> None:
        self._leave()

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        self._clock.stop()
        if connection is not None and connection.finish():
            self._pool.keep(self._origin, connection)


@lru_cache(maxsize=256)
def _parted(url: str) -> tuple[Origin, str]:
    """The server of an address, and what is asked for there: few different ones ever come."""
    address = urlsplit(url)
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    return _origin(address), target


def _origin(address: SplitResult) -> Origin:
    scheme = address.scheme.lower()
    if scheme not in _PORTS or not address.hostname:
        raise Broke(Broken.CONNECT, f"{address.geturl()} is no address of a server.")
    return Origin(scheme, address.hostname, address.port or _PORTS[scheme])


@lru_cache(maxsize=256)
def _head(first: str, origin: Origin, headers: tuple[Header, ...]) -> bytes:
    """The head of a request without what its body decides: few different ones ever come."""
    return _lines(first, ("host", origin.name), *headers)


def _lines(first: str, *headers: Header) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers), ""]
    head = "\r\n".join(lines)
    if max(head.count("\r"), head.count("\n")) > len(headers) + 1:
        raise ValueError("a header with a line break in it")
    return head.encode("latin-1", "replace")


def _authorization(proxy: SplitResult) -> tuple[Header, ...]:
    if not proxy.username:
        return ()
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return (("proxy-authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),)


async def _addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, each once, in the order in which they should be tried."""
    with suppress(ValueError):
        return [str(ip_address(host))]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in found))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _keep_alive(connection: Connection) -> None:
    """A picture may take minutes in which nothing is sent: let the network know we are here."""
    found = connection.detach().get_extra_info("socket")
    if found is not None:
        with suppress(OSError):
            found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
