"""Opens the metrics and traces that the settings ask for, and closes them at the end."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog

from pisang.catalog.models import Catalog
from pisang.settings import Settings
from pisang.telemetry import traces
from pisang.telemetry.meters import SEVERAL, Meters
from pisang.telemetry.watch import Watch

log = structlog.get_logger("pisang.telemetry")

OFTEN: Final = 5.0  # seconds, in which a process tells the others of its engines

Engines = Callable[[], Mapping[str, tuple[bool, int]]]
"""Whether each engine may be asked, and how many requests it works on."""


@asynccontextmanager
async def watching(
    watch: Watch, settings: Settings, models: Catalog, *, often: float = OFTEN
) -> AsyncIterator[None]:
    """Counts and traces until the block is left. Raises ``SettingsError``."""
    looking: asyncio.Task[None] | None = None
    if traces.wanted(settings.traces, os.environ):
        watch.traces = await asyncio.to_thread(traces.opened, os.environ)
    if settings.metrics == "on":
        watch.meters = Meters(models.cards)
        if SEVERAL in os.environ:  # another process may be the one that is scraped
            looking = asyncio.create_task(_look(watch, often), name="metrics of engines")
    try:
        yield
    finally:
        if looking is not None:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking
        watch.meters, sent = None, watch.traces
        watch.traces = None
        if sent is not None:
            await asyncio.to_thread(sent.close)


async def _look(watch: Watch, often: float) -> None:
    while True:
        try:
            watch.look()
        except Exception:
            log.exception("engines cannot be counted")
        await asyncio.sleep(often)
