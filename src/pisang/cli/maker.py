"""Where a command has its pictures made: by a server over HTTP, or right here in this process.

Both are one function from a request to a whole result, so that no command knows the difference.
What each needs is imported only once it is chosen: drawing loads fonts and libvips, and a server's
client loads HTTP.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pisang.core.caller import Caller
from pisang.core.events import Result, fold
from pisang.core.request import GenerateRequest

LOCAL = Caller(project_id="local", key_id="local")
"""Who asks in process: the person whose machine it is; no key and no database are involved."""


@dataclass(frozen=True, slots=True)
class Made:
    """A result; ``notice`` is a sentence where another model served it than was asked for."""

    result: Result
    notice: str | None = None


_LOG_LEVEL = "error"
"""What a person who waits for one picture should see of the log: its errors, not its course."""

Make = Callable[[GenerateRequest], Awaitable[Made]]


@asynccontextmanager
async def maker(
    server: str | None,
    key: str | None,
    *,
    data: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Make]:
    """Opens the way to a server, or to the engine in this process where ``server`` is None.

    A key alone changes nothing: many people have PISANG_KEY in their environment for snippets.

    ``data`` is the data folder of this process: its signing key and its added fonts are used.
    ``tell`` gets a sentence where that folder cannot be used.
    """
    if server:
        from pisang.client import Client

        async with Client(server, key) as client:

            async def ask(request: GenerateRequest) -> Made:
                return Made(*await client.generate(request))

            yield ask
    else:
        async with _here(data, tell) as make:
            yield make


@asynccontextmanager
async def _here(data: Path | None, tell: Callable[[str], None]) -> AsyncIterator[Make]:
    from pisang import announce, journal
    from pisang.local import gateway
    from pisang.sources import load

    settings = load({"data": data}).settings
    journal.set_up(level=_LOG_LEVEL, form="auto")
    async with gateway(settings, tell=tell) as path:
        told = set[str]()

        async def make(request: GenerateRequest) -> Made:
            said = announce.of_one(path.router.table, request.model, request.image.image_size)
            if said and said not in told:  # before the first of them is paid for
                told.add(said)
                tell(said)
            answer = await path.generate(LOCAL, request)
            return Made(await fold(answer.events), answer.notice)

        yield make
