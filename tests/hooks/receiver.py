"""A real server that receives web hooks, and answers what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from tests.fetch.sites import plain


@dataclass(frozen=True)
class Received:
    """One hook as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """``status`` is what each is answered with; ``got`` waits for none."""

    port: int = 0
    status: str = "204 No Content"
    got: list[Received] = field(default_factory=list)
    before: Callable[[], object] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?to=me"

    @property
    def allow(self) -> list[str]:
        return [f"127.0.0.1:{self.port}"]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that runs until the block is left."""
    made = Receiver()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rest = head.strip().split("\r\n")
            headers = {
                name.lower(): value for name, _, value in (each.partition(": ") for each in rest)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            made.got.append(Received(line, headers, body))
            made.before()
            writer.write(plain(b"", status=made.status))
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
