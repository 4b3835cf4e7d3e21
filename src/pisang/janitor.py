"""The one background task of a server: deletes what was kept long enough, every few minutes.

Nothing waits for it: what has expired behaves as gone at once, and the janitor only makes room. So
whatever goes wrong in here is logged and tried again, and never stops the server.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import Final

import structlog

from pisang.accounts import attempts, sessions, tokens
from pisang.assets import library as assets
from pisang.conversations import signatures
from pisang.conversations import store as conversations
from pisang.core.clock import now
from pisang.core.errors import StoreError
from pisang.files import library as files
from pisang.hooks import deliveries
from pisang.store.blobs import Blobs
from pisang.store.database import Database

log = structlog.get_logger("pisang.janitor")

SOON: Final = 10.0  # seconds after the start
OFTEN: Final = 300.0  # seconds between two rounds

Sweep = Callable[[Database, Blobs, datetime], Awaitable[int | None]]
"""Deletes what has expired by then; how many things that were, where it counts."""


async def _drafts(_: Database, blobs: Blobs, __: datetime) -> None:
    await blobs.sweep()


SWEEPS: Final[Mapping[str, Sweep]] = MappingProxyType(
    {
        "files": files.sweep,
        "assets": assets.sweep,
        "conversations": conversations.sweep,
        "signatures": signatures.sweep,
        "access tokens": tokens.sweep,
        "web hooks": deliveries.sweep,
        "sign-ins": sessions.sweep,
        "attempts to sign in": attempts.sweep,
        "drafts": _drafts,
    }
)


@asynccontextmanager
async def janitor(
    database: Database,
    blobs: Blobs,
    *,
    sweeps: Mapping[str, Sweep] = SWEEPS,
    soon: float = SOON,
    often: float = OFTEN,
) -> AsyncIterator[None]:
    """Sweeps in the background until the block is left; times are in seconds."""

    async def work() -> None:
        await asyncio.sleep(soon)
        while True:
            await sweep(database, blobs, sweeps)
            await asyncio.sleep(often)

    task = asyncio.create_task(work(), name="janitor")
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def sweep(
    database: Database, blobs: Blobs, sweeps: Mapping[str, Sweep] = SWEEPS
) -> Mapping[str, int]:
    """One round; returns how many of each were deleted, where there were any. Never raises."""
    gone: dict[str, int] = {}
    for name, work in sweeps.items():
        try:
            count = await work(database, blobs, now())
        except StoreError as error:
            log.error("sweep", of=name, why=error.message)
        except Exception:
            log.exception("sweep", of=name)
        else:
            if count:
                gone[name] = count
    if gone:
        log.info("swept", **{name.replace(" ", "_"): count for name, count in gone.items()})
    return gone
