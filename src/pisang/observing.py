"""Opens the metrics and traces that the settings ask for, and closes them at the end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import structlog

from pisang.catalog.models import Catalog
from pisang.settings import Settings
from pisang.telemetry import traces
from pisang.telemetry.meters import Meters
from pisang.telemetry.observer import Observer
from pisang.telemetry.shared_counts import SharedCounts, dumped

log = structlog.get_logger("pisang.telemetry")

OFTEN: Final = 5.0  # seconds, in which a process tells the others what it has counted


@asynccontextmanager
async def observing(
    observer: Observer,
    settings: Settings,
    models: Catalog,
    *,
    folder: Path | None = None,
    often: float = OFTEN,
) -> AsyncIterator[None]:
    """Counts and traces until the block is left; ``folder`` is where several processes count
    together. Raises ``SettingsError``."""
    sharing: asyncio.Task[None] | None = None
    if traces.wanted(settings.traces, os.environ):
        observer.traces = await asyncio.to_thread(traces.opened, os.environ)
    if settings.metrics == "on":
        observer.meters = Meters(models.cards)
        if folder is not None:  # another process may be the one that is scraped
            observer.shared = SharedCounts(folder)
            sharing = asyncio.create_task(
                _share_often(observer, often), name="metrics of several processes"
            )
    try:
        yield
    finally:
        if sharing is not None:
            sharing.cancel()
            with suppress(asyncio.CancelledError):
                await sharing
            await _share(observer)
        sent = observer.traces
        observer.meters = observer.traces = observer.shared = None
        if sent is not None:
            await asyncio.to_thread(sent.close)


async def _share_often(observer: Observer, often: float) -> None:
    while True:
        await _share(observer)
        await asyncio.sleep(often)


async def _share(observer: Observer) -> None:
    if observer.meters is None or observer.shared is None:
        return
    observer.look()
    try:
        await asyncio.to_thread(observer.shared.write, dumped(observer.meters.counted))
    except OSError as error:
        log.error("metrics are not told to the other processes", why=str(error))
