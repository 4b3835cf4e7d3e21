"""The verbatim lane: a body goes to an engine of its own dialect as it came; so does the answer.

A Pro answer is 4 MB and a 4K answer 25 MB, nearly all of it a picture and its signature. Nothing of
that is parsed, copied or kept: chunks are handed on as they arrive, while a *tap* looks at them for
what has to be known (usage, finish reason). An answer is held back until its first content, so that
whatever goes wrong before that can still be tried again elsewhere.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeGuard

from pisang.catalog.models import Catalog, Resolution, Surface
from pisang.core.caller import Caller
from pisang.core.content import Blob
from pisang.core.errors import PisangError, RequestError
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import (
    Engine,
    Forward,
    Passing,
    Piece,
    Upstream,
    UpstreamFault,
    is_upstream,
)
from pisang.lanes.events import left
from pisang.metering import outcome, usage
from pisang.metering.outcome import Meter, Outcome
from pisang.routing.holding import held
from pisang.routing.plan import Plan, Step
from pisang.routing.router import Router, Served
from pisang.wire.openai.words import ANYTHING, Wanted
from pisang.wire.taps import Tap, Tapped

Outgoing = tuple[Sequence[Piece], Mapping[str, str]]
"""A body in pieces, and the headers that go with it."""


@dataclass(slots=True, kw_only=True)
class Sent:
    """A body as a caller sent it, for engines that speak its dialect.

    ``asked`` is what admission needs of it, ``trouble`` why it cannot even be looked at.
    ``written`` gives the body for one engine: whether that is Vertex AI, and the upstream's model
    id. ``tap`` makes a tap for one answer, None for a method that makes no picture. ``wanted`` is
    what a server of OpenAI's kind has to understand, or the body is not for it. ``readable`` says
    of a model that the catalog lacks that one of ours can stand in for it. ``inlined`` is the same
    with files that only we have put into it, by field; ``for_google`` is it as Google itself wants
    it, where that is otherwise. ``unusual`` is whether writing it takes long enough for a thread.
    """

    dialect: Dialect
    method: str
    asked: GenerateRequest
    written: Callable[[bool, str], Outgoing]
    tap: Callable[[], Tap] | None
    trouble: PisangError | None = None
    media_type: str = "application/json"
    version: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = ANYTHING
    readable: bool = False
    unusual: bool = False
    inlined: "Callable[[Mapping[str, Blob]], Sent] | None" = None
    for_google: "Callable[[], Sent | None] | None" = None

    @property
    def draws(self) -> bool:
        """Whether the answer is to hold a picture, so that the model must be able to make it."""
        return self.tap is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relayed:
    """An answer on its way through: its headers, its length where it is known, and its bytes, which
    raise an ``EngineError`` where it breaks off. Close the chunks: that stops the upstream.

    ``model`` is the id that the upstream was asked for.
    """

    headers: Mapping[str, str]
    length: int | None
    chunks: AsyncGenerator[bytes, None]
    served: Served
    model: str
    notice: str | None = None


@dataclass(slots=True)
class Passage:
    """An opened answer, what looks at it, the model that makes it, and what was read of it until
    its first content."""

    passing: Passing
    tap: Tap | None
    model: str
    beginning: list[bytes] = field(default_factory=list)


class Unspoken(RequestError):
    """An engine of the plan takes no such body: the request has to be read for it."""

    def __init__(self, step: Step) -> None:
        super().__init__("This engine speaks another dialect.")
        self.step = step


def speaks(engine: Engine, step: Step, sent: Sent) -> TypeGuard[Upstream]:
    """Whether this body can be sent to the engine as it is. Google has shut Imagen down, so there
    ``predict`` is never sent on; a stand-in may still have it."""
    if not is_upstream(engine) or sent.dialect not in engine.dialects:
        return False
    if not engine.takes(sent.method, sent.wanted):
        return False
    if sent.dialect is not Dialect.IMAGEN:
        return True
    return step.upstream_model.startswith("image") or not engine.keeps_dates


@dataclass(frozen=True, slots=True)
class VerbatimLane:
    """Sends bodies to upstreams, and hands on what comes back. What it costs goes by the model that
    the answer names, since that is the one that made it."""

    router: Router
    catalog: Catalog
    meter: Meter | None

    async def begun(
        self, sent: Sent, found: Resolution | None, ends: float, step: Step, engine: Engine
    ) -> Passage:
        """Sends the body to one engine, and waits for the first content of its answer.

        Raises ``UpstreamFault``, and ``Unspoken`` for an engine that takes no such body.
        """
        if not speaks(engine, step, sent):
            raise Unspoken(step)
        named = sent.asked.model
        model = step.upstream_model or (found.card.id if found else named)
        try:
            return await self._opened(sent, engine, model, ends)
        except UpstreamFault as fault:
            if sent.dialect is Dialect.IMAGEN and _has_no_imagen(fault.symptom):
                raise Unspoken(step) from fault
            own = fault.symptom.status == 404 and not (step.upstream_model or engine.keeps_dates)
            if own and named != model:  # a stand-in may still have what Google has shut down
                return await self._opened(sent, engine, named, ends)
            raise

    async def _opened(self, sent: Sent, engine: Upstream, model: str, ends: float) -> Passage:
        write = partial(_written, sent, engine, model)
        body, headers = await asyncio.to_thread(write) if sent.unusual else write()
        passing = await engine.forward(
            Forward(
                dialect=sent.dialect,
                method=sent.method,
                model=model,
                body=body,
                media_type=sent.media_type,
                version=sent.version,
                query=sent.query,
                headers=headers,
                seconds=left(ends),
            )
        )
        if sent.tap is None:
            return Passage(passing, None, model)
        tap = sent.tap()
        return Passage(passing, tap, model, await held(passing, tap, dialect=sent.dialect))

    def relayed(
        self,
        caller: Caller,
        sent: Sent,
        found: Resolution | None,
        plan: Plan,
        passage: Passage,
        served: Served,
        surface: Surface,
    ) -> Relayed:
        """The answer as the surface hands it on; what the tap saw goes to the meter."""
        asked = sent.asked  # without the body, which is not needed any more

        def done(seen: Tapped | None) -> None:
            if self.meter is not None and seen is not None:
                model = passage.model
                self.meter(self._outcome(caller, asked, found, plan, served, surface, seen, model))

        return Relayed(
            headers=passage.passing.headers,
            length=passage.passing.length,
            chunks=_passed_on(passage, served, sent.dialect, done),
            served=served,
            model=passage.model,
            notice=found.notice if found else None,
        )

    def _outcome(
        self,
        caller: Caller,
        asked: GenerateRequest,
        found: Resolution | None,
        plan: Plan,
        served: Served,
        surface: Surface,
        seen: Tapped,
        model: str,
    ) -> Outcome:
        card = self.catalog.get(seen.model_version) or self.catalog.get(model)
        card = card or (found.card if found else None)
        size = asked.image.image_size
        used = seen.usage or usage.supposed(asked, card, image_size=size, images=seen.images)
        tier = outcome.served_tier(seen.tier, asked.service_tier or ServiceTier.STANDARD)
        cost = None
        if used is not None:
            cost = outcome.cost_of(
                used,
                card,
                tier,
                route=plan.route,
                engine=plan.engines[served.engine],
                surface=surface,
                size=size or (card.default_size if card else None),
            )
        return Outcome(
            caller=caller,
            model=asked.model,
            card=card,
            engine=served.engine,
            tier=tier,
            reason=seen.reason,
            usage=used,
            cost=cost,
            whole=seen.whole,
        )


def _written(sent: Sent, engine: Upstream, model: str) -> Outgoing:
    """The body for one engine, and the headers that go with it."""
    if engine.keeps_dates and sent.for_google is not None:  # then it is Google that answers
        sent = sent.for_google() or sent
    return sent.written(engine.vertex, model)


async def dropped(passage: Passage) -> None:
    """Lets go of an answer that came second."""
    await passage.passing.chunks.aclose()


async def _passed_on(
    passage: Passage, served: Served, dialect: Dialect, done: Callable[[Tapped | None], None]
) -> AsyncGenerator[bytes, None]:
    """The bytes of an answer, as they arrive. However it ends, the upstream is stopped and ``done``
    learns what the tap saw."""
    tap, chunks, broken = passage.tap, passage.passing.chunks, False
    try:
        try:
            while passage.beginning:
                yield passage.beginning.pop(0)
            async for chunk in chunks:
                if tap is not None:
                    tap.feed(chunk)
                yield chunk
        finally:
            await chunks.aclose()
        if tap is not None and not tap.close().whole:
            raise UpstreamFault(Symptom(dialect=dialect, broken=Broken.CUT, detail=_NOT_WHOLE))
    except UpstreamFault as fault:
        broken = True
        raise served.broke(fault.symptom) from fault
    finally:
        seen = tap.close() if tap is not None else None
        served.ended()
        done(replace(seen, whole=False) if broken and seen is not None else seen)


def _has_no_imagen(symptom: Symptom) -> bool:
    return symptom.status in (404, 405, 501) or symptom.broken is Broken.GARBLED


_NOT_WHOLE: Final = "The answer ended in the middle."
