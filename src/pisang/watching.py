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
from pisang.telemetry.together import Together, dumped
from pisang.telemetry.watch import Watch

log = structlog.get_logger("pisang.telemetry")

OFTEN: Final = 5.0  # seconds, in which a process tells the others what it has counted


@asynccontextmanager
async def watching(
    watch: Watch,
    settings: Settings,
    models: Catalog,
    *,
    folder: Path | None = None,
    often: float = OFTEN,
) -> AsyncIterator[None]:
    """Counts and traces until the block is left; ``folder`` is where several processes count
    together. Raises ``SettingsError``."""
    telling: asyncio.Task[None] | None = None
    if traces.wanted(settings.traces, os.environ):
        watch.traces = await asyncio.to_thread(traces.opened, os.environ)
    if settings.metrics == "on":
        watch.meters = Meters(models.cards)
        if folder is not None:  # another process may be the one that is scraped
            watch.together = Together(folder)
            telling = asyncio.create_task(_tell(watch, often), name="metrics of several processes")
    try:
        yield
    finally:
        if telling is not None:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
            await _told(watch)
        sent = watch.traces
        watch.meters = watch.traces = watch.together = None
        if sent is not None:
            await asyncio.to_thread(sent.close)


async def _tell(watch: Watch, often: float) -> None:
    while True:
        await _told(watch)
        await asyncio.sleep(often)


async def _told(watch: Watch) -> None:
    if watch.meters is None or watch.together is None:
        return
    watch.look()
    try:
        await asyncio.to_thread(watch.together.write, dumped(watch.meters.counted))
    except OSError as error:
        log.error("metrics are not told to the other processes", why=str(error))
