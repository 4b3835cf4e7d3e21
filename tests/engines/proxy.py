"""A proxy on loopback that leads every host to one stand-in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Proxy:
    port: int = 0
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def proxy(url: str) -> AsyncIterator[Proxy]:
    """Tunnels and forwards to ``url``, and keeps the heads of what it was asked."""
    there, made = urlsplit(url), Proxy()
    tasks = set[asyncio.Task[None]]()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        head = await reader.readuntil(b"\r\n\r\n")
        made.heads.append(head.decode())
        inside, outside = await asyncio.open_connection(there.hostname, there.port)
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            outside.write(head)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(pump(reader, outside), pump(inside, writer))
        outside.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
