"""The engine of faults: answers that were ordered, instead of the engine that would draw them.

It asks no upstream, and its pictures are noise: a test that orders a fault costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator

from pisang.catalog.models import Card
from pisang.core.events import Event
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest
from pisang.faults.answers import usual
from pisang.faults.fault import Drawing
from pisang.faults.order import read


class FaultsEngine:
    """Answers as one order says (``faults/order.py``)."""

    name = "faults"

    def __init__(self, order: str) -> None:
        self._order = read(order)

    async def generate(
        self, request: GenerateRequest, *, card: Card, canvas: Canvas
    ) -> AsyncIterator[Event]:
        """The events of the fault; of a good answer where the fault only concerns its way out."""
        fault = self._order.answer
        value = (self._order.value(fault) if fault else None) or 0.0
        drawing = Drawing(request=request, canvas=canvas, model=card.id, value=value)
        events = (fault.script if fault else usual)(drawing)
        while (event := await asyncio.to_thread(next, events, None)) is not None:
            yield event

    async def close(self) -> None:
        """Nothing is open."""
