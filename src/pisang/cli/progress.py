"""The one moving line that a person sees while a picture is drawn; a pipe never sees it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from pisang.cli.output import Terminal, coloured, plain, write

_DIM, _OFF = "\x1b[2m", "\x1b[0m"
_ERASE_LINE = "\r\x1b[K"
_STEP = 0.25  # seconds between two states of the line


@asynccontextmanager
async def progress(terminal: Terminal, doing: str) -> AsyncIterator[None]:
    """Shows what is being done and the seconds so far on standard error, while the body runs."""
    if terminal.quiet or not terminal.err.isatty():
        yield
        return
    ticker = asyncio.create_task(_tick(terminal, doing))
    try:
        yield
    finally:
        ticker.cancel()
        with suppress(asyncio.CancelledError):
            await ticker
        write(terminal.err, _ERASE_LINE)


async def _tick(terminal: Terminal, doing: str) -> None:
    start = time.monotonic()
    dim, off = (_DIM, _OFF) if coloured(terminal.err) else ("", "")
    while True:
        seconds = time.monotonic() - start
        write(terminal.err, f"{_ERASE_LINE}{dim}{plain(doing)} {seconds:.1f} s{off}")
        await asyncio.sleep(_STEP)
