"""What the two engines of Google's have in common: a request written, and an answer read as events.

Unary and streamed answers are told apart by what arrives, not by what was asked for.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from pisang.core.errors import EngineFailed, PisangError
from pisang.core.events import Event, Finished, Image, Started
from pisang.core.upstream import Dialect, Symptom
from pisang.engines.base import Passing, UpstreamFault
from pisang.engines.upstream import garbled
from pisang.wire import faults, sse
from pisang.wire.gemini import response

_LARGE: Final = 256 * 1024  # bytes whose reading would hold up everyone else


async def events(passing: Passing, *, model: str) -> AsyncGenerator[Event, None]:
    """The events of an answer: ``Started`` first, ``Finished`` last. Raises ``UpstreamFault``."""
    async with aclosing(passing.chunks):
        told = _Told(model)
        async for value in _values(passing):
            for event in told.in_order(await _read(value, passing.hide)):
                yield event
        yield told.end()


class _Told:
    """What has been told of an answer so far."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._started = False
        self._images = 0
        self._finished: Finished | None = None

    def in_order(self, events: list[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Finished):
                self._finished = event
                continue
            if isinstance(event, Started):
                if self._started:
                    continue
            elif not self._started:
                yield Started(self._model)
            self._started = True
            self._images += isinstance(event, Image)
            yield event

    def end(self) -> Finished:
        """The last event. The usage of a stream counts the pictures of its last chunk only."""
        if self._finished is None:
            raise garbled(Dialect.GEMINI, "The upstream's answer ends without a finish reason.")
        usage = self._finished.usage
        return replace(self._finished, usage=usage and replace(usage, images=self._images))


async def _values(passing: Passing) -> AsyncIterator[bytes]:
    """The JSON values of an answer, one after another."""
    if not passing.headers.get("content-type", "").startswith("text/event-stream"):
        yield b"".join([chunk async for chunk in passing.chunks])
        return
    reader = sse.EventReader()
    async for chunk in passing.chunks:
        for event in reader.feed(chunk):
            yield event.data
    for event in reader.close():
        yield event.data


async def _read(value: bytes, hide: Callable[[bytes], bytes]) -> list[Event]:
    try:
        if len(value) > _LARGE:
            return await asyncio.to_thread(response.decode_chunk, value)
        return response.decode_chunk(value)
    except EngineFailed as error:
        raise garbled(Dialect.GEMINI, error.message, hide(value)) from None
    except PisangError as error:  # the body of an error, where an answer was promised
        code = faults.envelope_of(value).get("code")
        raise UpstreamFault(
            Symptom(
                dialect=Dialect.GEMINI,
                status=code if isinstance(code, int) else None,
                body=hide(value),
                detail=hide(error.message.encode()).decode(),
            )
        ) from None
