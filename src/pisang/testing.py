"""Supported fakes: an engine that follows a script, and a whole server inside the test's process.

``ScriptedEngine`` is an engine like any other: it yields what a test tells it to, keeps what it was
asked, and can be slow, break, or wait until it is let go.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pisang.app import Application, application
from pisang.catalog.models import Card
from pisang.core.events import Event, Finished, FinishReason, Image, Started, Text, Thought
from pisang.core.image import Canvas, Pixels
from pisang.core.request import GenerateRequest
from pisang.settings import Settings


def plain_pixels(canvas: Canvas) -> Pixels:
    """A picture of one colour, exactly as large as the canvas."""
    colour = bytes((250, 200, 60))
    return Pixels(canvas.width, canvas.height, 3, colour * (canvas.width * canvas.height))


def usual(canvas: Canvas, model: str = "scripted-1") -> tuple[Event, ...]:
    """The events of an engine that draws one plain picture, thinks, and says a word."""
    return (
        Started(model),
        Thought("A yellow field."),
        Text("Here it is.", b"signature-of-text"),
        Image(plain_pixels(canvas), b"signature-of-image"),
        Finished(FinishReason.STOP),
    )


@dataclass
class ScriptedEngine:
    """Yields ``script`` (default: ``usual``); an exception in it is raised when its turn comes.

    ``hold`` makes it wait before every event after the first, until ``go`` is set; ``delay`` is in
    seconds. ``cancelled`` counts the requests whose work was stopped.
    """

    script: Sequence[Event | Exception] | None = None
    delay: float = 0
    hold: bool = False
    name: str = "scripted"
    asked: list[GenerateRequest] = field(default_factory=list)
    canvases: list[Canvas] = field(default_factory=list)
    cancelled: int = 0
    closed: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        self.asked.append(request)
        self.canvases.append(canvas)
        script = usual(canvas, f"{card.id}+scripted-1") if self.script is None else self.script
        try:
            for number, step in enumerate(script):
                if number:
                    self.begun.set()
                    await asyncio.sleep(self.delay)
                    if self.hold:
                        await self.go.wait()
                if isinstance(step, Exception):
                    raise step
                yield step
        except (asyncio.CancelledError, GeneratorExit):
            self.cancelled += 1
            raise

    async def close(self) -> None:
        self.closed = True


@dataclass(frozen=True)
class Server:
    """A server in this process: call ``app.asgi`` as an ASGI application, with ``key``."""

    app: Application
    engine: ScriptedEngine
    key: str
    settings: Settings


@asynccontextmanager
async def server(
    data: Path, *, engine: ScriptedEngine | None = None, **settings: object
) -> AsyncIterator[Server]:
    """A server on a fresh data folder with a scripted engine; ``settings`` as in ``Settings``."""
    chosen = Settings.model_validate({"data": data, **settings})
    engine = engine or ScriptedEngine()
    async with application(chosen, engine=engine) as app:
        if app.first_key is None:
            raise ValueError(f"{data} has been used before: its first key is not known any more")
        yield Server(app, engine, app.first_key.key, chosen)
