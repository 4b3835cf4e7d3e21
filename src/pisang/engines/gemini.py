"""What the two engines of Google's have in common: a request written, and an answer read as events.

Unary and streamed answers are told apart by what arrives, not by what was asked for.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from pisang.core.errors import EngineFailed, PisangError
from pisang.core.events import Event, Finished, FinishReason, Image, Started
from pisang.core.upstream import Dialect, Symptom
from pisang.engines.base import Passing, UpstreamFault
from pisang.engines.upstream import garbled
from pisang.wire import faults, sse
from pisang.wire.cut import cut
from pisang.wire.gemini import response
from pisang.wire.gemini.usage import SERVED_TIER
from pisang.wire.splice import NotJson, Splice

_LARGE: Final = 256 * 1024  # bytes whose reading would hold up everyone else


async def events(passing: Passing, *, model: str) -> AsyncGenerator[Event, None]:
    """The events of an answer: ``Started`` first, ``Finished`` last. Raises ``UpstreamFault``."""
    async with aclosing(passing.chunks):
        told = _Told(model, passing.headers.get(SERVED_TIER, ""))
        async for value, whole in _values(passing):
            for event in told.in_order(await _read(value, passing.hide, whole=whole)):
                yield event
        yield told.end()


class _Told:
    """What has been told of an answer so far."""

    def __init__(self, model: str, tier: str) -> None:
        self._model = model
        self._tier = tier
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
        """The last event. The usage of a stream counts the pictures of its last chunk only; and a
        reason without a word that we know is no refusal where there is a picture."""
        if self._finished is None:
            raise garbled(Dialect.GEMINI, "The upstream's answer ends without a finish reason.")
        usage, reason = self._finished.usage, self._finished.reason
        if self._images and reason is FinishReason.OTHER:
            reason = FinishReason.STOP
        return replace(
            self._finished,
            reason=reason,
            usage=usage and replace(usage, images=self._images),
            tier=self._finished.tier or self._tier,
        )


async def _values(passing: Passing) -> AsyncIterator[tuple[bytes, bool]]:
    """The JSON values of an answer, one after another, and whether one is all of it."""
    if not passing.headers.get("content-type", "").startswith("text/event-stream"):
        body = b"".join([chunk async for chunk in passing.chunks])
        if not body.lstrip().startswith(b"["):
            yield body, True
            return
        for value in _apart(body):
            yield value, False
        return
    reader = sse.EventReader()
    async for chunk in passing.chunks:
        for event in reader.feed(chunk):
            yield event.data, False
    for event in reader.close():
        yield event.data, False


def _apart(body: bytes) -> list[bytes]:
    """The values of a JSON array, the form of a stream that is not asked to be one of events."""
    found = cut(body)
    splice = Splice(found)
    try:
        edges = [edge for item in splice.items(splice.root) for edge in (item, splice.end(item))]
    except NotJson:
        return [body]
    places = found.in_body(edges)
    return [body[begin:end] for begin, end in zip(places[::2], places[1::2], strict=True)]


async def _read(value: bytes, hide: Callable[[bytes], bytes], *, whole: bool) -> list[Event]:
    try:
        if len(value) > _LARGE:
            return await asyncio.to_thread(response.decode_chunk, value, whole=whole)
        return response.decode_chunk(value, whole=whole)
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
