"""The verbatim lane: a body goes to an engine of its own dialect as it came; so does the answer.

A Pro answer is 4 MB and a 4K answer 25 MB, nearly all of it a picture and its signature. Nothing of
that is parsed, copied or kept: chunks are handed on as they arrive, while a *tap* looks at them for
what has to be known (usage, finish reason). An answer is held back until its first content, so that
whatever goes wrong before that can still be tried again elsewhere.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeGuard

from pisang.catalog.models import Catalog
from pisang.core.content import Blob
from pisang.core.errors import PisangError, RequestError
from pisang.core.request import GenerateRequest
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
from pisang.lanes.admitted import Admitted
from pisang.lanes.events import seconds_left
from pisang.metering import outcome, usage
from pisang.metering.bill import bill
from pisang.metering.outcome import Meter, Outcome, settle
from pisang.routing import holding
from pisang.routing.plan import Step
from pisang.routing.router import Router, Served
from pisang.wire.gemini.usage import SERVED_TIER
from pisang.wire.openai.words import ANYTHING, Wanted
from pisang.wire.taps import Tap, Tapped

_NOT_WHOLE: Final = "The answer ended in the middle."

Outgoing = tuple[Sequence[Piece], Mapping[str, str]]
"""A body in pieces, and the headers that go with it."""


@dataclass(slots=True, kw_only=True)
class Sent:
    """A body as a caller sent it, for engines that speak its dialect.

    ``asked`` is what admission needs of it, ``trouble`` why it cannot even be looked at. ``tap``
    makes a tap for one answer, None for a method that makes no picture, and ``images`` is how many
    are asked for. ``wanted`` is what a server of OpenAI's kind has to understand, or the body is
    not for it. ``readable`` says of a model that the catalog lacks that one of ours can stand in
    for it. ``unusual`` is whether writing the body takes long enough for a thread.

    ``written`` gives the body for one engine: whether that is Vertex AI, and the upstream's model
    id. The other functions give the same request with another body: ``inlined`` has the files in
    it, by field, that only we can read; ``for_google`` is as Google itself wants it, where that is
    another one; ``at_standard`` does not ask for a service tier.
    """

    dialect: Dialect
    method: str
    asked: GenerateRequest
    written: Callable[[bool, str], Outgoing]
    tap: Callable[[], Tap] | None
    trouble: PisangError | None = None
    images: int = 1
    media_type: str = "application/json"
    version: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted = ANYTHING
    readable: bool = False
    unusual: bool = False
    inlined: "Callable[[Mapping[str, Blob]], Sent] | None" = None
    for_google: "Callable[[], Sent | None] | None" = None
    at_standard: "Callable[[], Sent] | None" = None

    @property
    def draws(self) -> bool:
        """Whether the answer is to hold a picture, so that the model must be able to make it."""
        return self.tap is not None


@dataclass(slots=True, kw_only=True)
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

    async def begun(self, sent: Sent, asked: Admitted, step: Step, engine: Engine) -> Passage:
        """Sends the body to one engine, and waits for the first content of its answer.

        Raises ``UpstreamFault``, and ``Unspoken`` for an engine that takes no such body.
        """
        if not speaks(engine, step, sent):
            raise Unspoken(step)
        if asked.held is not None:
            asked.held.reached = True
        named, ends = sent.asked.model, asked.ends
        model = step.upstream_model or asked.model
        try:
            return await self._opened(sent, engine, model, ends)
        except UpstreamFault as fault:
            if sent.dialect is Dialect.IMAGEN and _has_no_imagen(fault.symptom):
                raise Unspoken(step) from fault
            chosen_here = named != model and not step.upstream_model
            if fault.symptom.status == 404 and chosen_here and not engine.keeps_dates:
                # A stand-in for Google may still have the model that Google has shut down.
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
                seconds=seconds_left(ends),
            )
        )
        if sent.tap is None:
            return Passage(passing, None, model)
        tap = sent.tap()
        return Passage(passing, tap, model, await holding.held(passing, tap, dialect=sent.dialect))

    def relayed(self, asked: Admitted, passage: Passage, served: Served) -> Relayed:
        """The answer as the surface hands it on; what the tap saw is settled."""
        found = asked.found
        return Relayed(
            headers=passage.passing.headers,
            length=passage.passing.length,
            chunks=self._passed_on(asked, passage, served),
            served=served,
            model=passage.model,
            notice=found.notice if found else None,
        )

    async def _passed_on(
        self, asked: Admitted, passage: Passage, served: Served
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer, as they arrive. However it ends, the upstream is stopped, and
        what the tap saw is settled: before the caller gets the last byte where the length of the
        answer is known, else before the caller learns that it has ended."""
        tap, chunks = passage.tap, passage.passing.chunks
        to_come, whole = passage.passing.length, False
        try:
            while passage.beginning:
                chunk = passage.beginning.pop(0)
                to_come = None if to_come is None else to_come - len(chunk)
                if to_come == 0:
                    whole = await self._ended(asked, passage, served)
                yield chunk
            async for chunk in chunks:
                if tap is not None:
                    tap.feed(chunk)
                to_come = None if to_come is None else to_come - len(chunk)
                if to_come == 0:
                    whole = await self._ended(asked, passage, served)
                yield chunk
            if not whole:
                whole = await self._ended(asked, passage, served)
        except UpstreamFault as fault:
            raise served.broke(fault.symptom) from fault
        finally:
            await chunks.aclose()
            served.ended()
            if not whole:
                await self._settle(asked, passage, served, whole=False)

    async def _ended(self, asked: Admitted, passage: Passage, served: Served) -> bool:
        """Settles an answer of which every byte is here. Raises ``UpstreamFault`` where it was cut
        off all the same, and ``StoreError``."""
        if passage.tap is not None and not passage.tap.close().whole:
            cut = Symptom(dialect=asked.dialect, broken=Broken.CUT, detail=_NOT_WHOLE)
            raise UpstreamFault(cut)
        await self._settle(asked, passage, served)
        return True

    async def _settle(
        self, asked: Admitted, passage: Passage, served: Served, *, whole: bool = True
    ) -> None:
        """Posts what an answer used; one of which nothing is known is free."""
        if passage.tap is None:
            return
        seen = passage.tap.close()
        seen.tier = seen.tier or passage.passing.headers.get(SERVED_TIER, "")
        made = self._outcome(asked, seen, served, passage.model, whole=whole)
        if not whole and made.usage is None and asked.held is not None:
            asked.held.void()
        await settle(made, asked.held, self.meter)

    def _outcome(
        self, asked: Admitted, seen: Tapped, served: Served, model: str, *, whole: bool
    ) -> Outcome:
        request, plan = asked.request, asked.plan
        card = self.catalog.get(seen.model_version) or self.catalog.get(model) or asked.card
        size = request.image.image_size
        used = usage.told(seen.usage, card, image_size=size) if seen.usage else None
        used = used or usage.supposed(request, card, image_size=size, images=seen.images)
        tier = outcome.served_tier(seen.tier, asked.tier)
        made = bill(
            used,
            card,
            tier,
            route=plan.route,
            engine=plan.engines[served.engine],
            surface=asked.surface,
            size=size or (card.default_size if card else None),
            model=request.model,
            markup=asked.caller.terms.markup,
            seconds=served.seconds,
            finish=seen.reason.value if seen.reason else "",
            labels=request.labels,
        )
        return Outcome(
            caller=asked.caller,
            request=request,
            model=request.model,
            card=card,
            tier=tier,
            reason=seen.reason,
            bill=made,
            whole=whole and seen.whole,
            observed=served.observed,
            response_id=seen.response_id,
        )


def _written(sent: Sent, engine: Upstream, model: str) -> Outgoing:
    """The body for one engine, and the headers that go with it."""
    if engine.keeps_dates and sent.for_google is not None:  # then it is Google that answers
        sent = sent.for_google() or sent
    return sent.written(engine.vertex, model)


async def dropped(passage: Passage) -> None:
    """Lets go of an answer that came second, where two engines were asked at once."""
    await passage.passing.chunks.aclose()


def _has_no_imagen(symptom: Symptom) -> bool:
    return symptom.status in (404, 405, 501) or symptom.broken is Broken.GARBLED
