"""A stand-in for somebody else's server: it answers what a test scripts, byte for byte.

::

    async with upstream(whole(b'{"a": 1}'), error(503, "busy")) as there:
        ...                              # ask there.url; the last answer is given again and again
    there.requests[0].headers["x-goog-api-key"], there.requests[0].json
    await there.asked.wait()             # the first request is here
    await there.hung_up.wait()           # someone left before their answer was whole

An ``Answer`` is a tuple of steps: ``bytes`` are written as they are, a number is a pause in
seconds, and a ``Deed`` ends the connection or waits. ``whole``, ``chunked``, ``sse`` and ``error``
make the usual ones; a function from ``Received`` to ``Answer`` may stand in the script too.
``standing`` is the same for a test that is not async: it serves from a thread.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any, Final


class Deed(Enum):
    """What a step does other than write or pause."""

    CUT = "cut"  # close the connection, orderly
    RESET = "reset"  # break the connection off (TCP RST)
    HANG = "hang"  # say nothing more, until the other side leaves or the test ends


CUT, RESET, HANG = Deed
NONE: Final[Mapping[str, str]] = MappingProxyType({})
Step = bytes | float | Deed
Answer = tuple[Step, ...]


@dataclass(frozen=True)
class Received:
    """One request as it came; header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Script = Answer | Callable[[Received], Answer]


@dataclass
class Upstream:
    """The running server. ``asked`` is set when the first request has come, ``hung_up`` when a
    caller leaves before the end of their answer; ``connections`` counts those that were opened."""

    url: str
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)


def whole(
    body: bytes | str | dict[str, Any],
    *,
    status: int = 200,
    content_type: str = "application/json; charset=UTF-8",
    length: int | None = None,
    headers: Mapping[str, str] = NONE,
) -> Answer:
    """An answer in one piece. ``length`` is a wrong Content-Length; the connection is then cut."""
    data = _bytes(body)
    told = len(data) if length is None else length
    head = _head(status, {"content-type": content_type, "content-length": str(told)}, headers)
    return (head, data) if told == len(data) else (head, data, CUT)


def chunked(
    *steps: Step,
    status: int = 200,
    content_type: str = "application/json; charset=UTF-8",
    headers: Mapping[str, str] = NONE,
) -> Answer:
    """An answer whose length is not told: every ``bytes`` step becomes a chunk. The last chunk is
    left out where the steps end with a ``Deed``."""
    head = _head(status, {"content-type": content_type, "transfer-encoding": "chunked"}, headers)
    written = (b"%x\r\n%b\r\n" % (len(s), s) if isinstance(s, bytes) else s for s in steps)
    ends = bool(steps) and isinstance(steps[-1], Deed)
    return (head, *written) if ends else (head, *written, b"0\r\n\r\n")


def sse(*values: dict[str, Any] | Step, headers: Mapping[str, str] = NONE) -> Answer:
    """Server-sent events, one to a chunk: objects are written as ``data: {...}``."""
    steps = (
        b"data: " + _bytes(value) + b"\r\n\r\n" if isinstance(value, dict) else value
        for value in values
    )
    return chunked(*steps, content_type="text/event-stream", headers=headers)


def error(
    status: int,
    message: str = "",
    *,
    word: str = "",
    details: Sequence[dict[str, Any]] = (),
    headers: Mapping[str, str] = NONE,
) -> Answer:
    """An error in Google's envelope."""
    told: dict[str, Any] = {"code": status, "message": message, "status": word}
    if details:
        told["details"] = list(details)
    return whole({"error": told}, status=status, headers=headers)


@asynccontextmanager
async def upstream(*script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Upstream]:
    """Serves ``script`` on loopback, one answer to a request; the last one is given for ever."""
    tasks = set[asyncio.Task[None]]()
    there = Upstream("")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        there.connections += 1
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await _conversation(there, script, reader, writer)
        except asyncio.CancelledError:  # the test is over: nobody says goodbye
            writer.transport.abort()
        finally:
            tasks.discard(task)
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls, limit=2**20)
    port = server.sockets[0].getsockname()[1]
    there.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    try:
        yield there
    finally:
        server.close()
        running = list(tasks)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@contextmanager
def standing(*script: Script, tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """``upstream`` in a thread of its own (do not wait for its events from outside of it)."""
    up, done = threading.Event(), threading.Event()
    found: list[Upstream] = []

    async def run() -> None:
        async with upstream(*script, tls=tls) as there:
            found.append(there)
            up.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    try:
        assert up.wait(10), "the stand-in did not start"
        yield found[0]
    finally:
        done.set()
        thread.join(10)


async def _conversation(
    there: Upstream,
    script: Sequence[Script],
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    early = b""
    while True:
        received = await _received(reader, writer, early)
        there.requests.append(received)
        there.asked.set()
        step = script[min(len(there.requests), len(script)) - 1]
        answer = step if isinstance(step, tuple) else step(received)
        # The peer says nothing while it waits; end of file means that it left.
        heard = asyncio.create_task(reader.read(1))
        told = asyncio.create_task(_tell(answer, writer))
        try:
            await asyncio.wait((heard, told), return_when=asyncio.FIRST_COMPLETED)
            if not told.done() and not _heard(heard):
                there.hung_up.set()
                return
            if not await told:
                return
        except OSError:
            there.hung_up.set()
            raise
        finally:
            told.cancel()
            await asyncio.gather(told, return_exceptions=True)
        early = await heard
        if not early:
            return


def _heard(task: asyncio.Task[bytes]) -> bytes:
    return b"" if task.exception() else task.result()


async def _tell(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    """Takes the steps; whether the connection goes on."""
    for step in answer:
        if isinstance(step, bytes):
            writer.write(step)
            await writer.drain()
        elif isinstance(step, Deed):
            if step is HANG:
                await asyncio.Event().wait()
            elif step is RESET:
                writer.transport.abort()
            return False
        else:
            await asyncio.sleep(step)
    return True


async def _received(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, early: bytes
) -> Received:
    head = (early + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            headers[name.lower()] = value.strip()
    if headers.get("expect") == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding") == "chunked":
        body = await _chunks(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, target, headers, body)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)


def _head(status: int, *headers: Mapping[str, str]) -> bytes:
    lines = [f"{name}: {value}" for some in headers for name, value in some.items()]
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""]).encode("latin-1")


def _bytes(body: bytes | str | dict[str, Any]) -> bytes:
    if isinstance(body, dict):
        return json.dumps(body).encode()
    return body.encode() if isinstance(body, str) else body
