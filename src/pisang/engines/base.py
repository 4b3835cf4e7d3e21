"""The contract of an engine: something that turns a request into events."""

from collections.abc import AsyncIterator
from typing import Protocol

from pisang.catalog.models import Card
from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest


class Engine(Protocol):
    """Makes images. ``name`` is what routes, logs and ``modelVersion`` call it.

    ``generate`` yields ``Started`` first and ``Finished`` last (see ``core/events.py``). It raises
    a ``RequestError`` for input it cannot read and an ``EngineError`` when it breaks. Cancellation
    of the task is normal: the engine stops its work and lets ``CancelledError`` pass.
    """

    name: str

    def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """Draws what ``request`` asks for at exactly the pixels of ``canvas``."""
        ...

    async def close(self) -> None:
        """Lets go of threads and connections; called once at shutdown."""
        ...
