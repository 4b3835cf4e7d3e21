"""The events lane: an engine turns a request into events, whatever dialect it and the caller speak.

Engines of ours yield pixels, which are encoded here, once; what an upstream yields is a finished
file and stays one. An upstream is held back until its first content, so that a failure before that
can still be tried again elsewhere.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from pisang.admission import shape, successor
from pisang.catalog.models import Card, Catalog, Surface
from pisang.core.caller import Caller
from pisang.core.content import Blob
from pisang.core.errors import EngineFailed, PisangError
from pisang.core.events import (
    Event,
    Finished,
    FinishReason,
    Image,
    Preview,
    Started,
    Text,
    Thought,
    Usage,
    stop,
)
from pisang.core.image import Canvas, MediaType, Pixels
from pisang.core.request import GenerateRequest, Modality, ServiceTier
from pisang.core.upstream import Dialect
from pisang.engines.base import Engine, UpstreamFault, is_upstream
from pisang.ledger.held import Held
from pisang.metering import usage
from pisang.metering.bill import bill
from pisang.metering.outcome import Meter, Outcome, served_tier, settle
from pisang.provenance.encode import encode
from pisang.routing.attempt import History
from pisang.routing.holding import first_content, first_event
from pisang.routing.plan import Plan, Step
from pisang.routing.router import Router, Served
from pisang.routing.told import too_late

T = TypeVar("T")
_QUICK = 1  # the png_level of previews, which nobody keeps
_COUNTED = Blob("", b"")  # stands for a picture that was already handed on
_SHORTEST = 0.001  # seconds: a deadline that has passed, since 0 would mean none


@dataclass(slots=True, kw_only=True)
class Run:
    """One admitted request on its way through an engine. ``ends`` is when it is given up, by the
    loop's clock. Once an engine has begun, ``drawn_by``, ``canvas`` and ``notice`` are those of the
    model that really draws, ``version`` is what its engine calls it, and ``served`` tells by which
    engine; ``past`` is what was tried before. ``named`` is as in ``Via``: a server of OpenAI's kind
    is asked for that model itself, whose id is then ``foreign``. ``held`` is settled when the run
    has ended, however it ended."""

    caller: Caller
    request: GenerateRequest
    plan: Plan
    surface: Surface
    card: Card
    canvas: Canvas
    ends: float
    tier: ServiceTier
    notice: str | None
    named: str = ""
    drawn_by: Card | None = None
    version: str = ""
    foreign: str = ""
    held: Held | None = None
    served: Served | None = None
    parts: list[Thought | Text | Image] = field(default_factory=list)
    past: History = field(default_factory=History)

    def void(self) -> None:
        """Frees what is held for it, where nothing was made."""
        if self.held is not None:
            self.held.void()


@dataclass(frozen=True, slots=True)
class EventsLane:
    """Runs requests through engines, and makes finished files of their pixels."""

    router: Router
    catalog: Catalog
    png_level: int
    meter: Meter | None

    async def events(self, run: Run) -> AsyncGenerator[Event, None]:
        """All events of a request; the engines of its plan are tried when the first is asked for.

        Raises ``EngineTimeout`` at the deadline, and ``EngineError`` where no engine could.
        """
        begun = partial(self.begun, run)
        try:
            made, run.served = await self.router.run(
                run.plan, begun, ends=run.ends, model=run.card.id, discard=stop, past=run.past
            )
        except BaseException:
            run.void()
            raise
        async with aclosing(self.shown(run, made)) as events:
            async for event in events:
                yield event

    async def begun(self, run: Run, step: Step, engine: Engine) -> AsyncIterator[Event]:
        """The events of one engine, once the first of them (of an upstream: its first content) is
        there. Raises ``UpstreamFault``, or what the engine raises."""
        request, card, canvas = run.request, run.card, run.canvas
        if run.held is not None:
            run.held.reached = True
        upstream = is_upstream(engine)
        foreign = bool(run.named) and is_upstream(engine) and Dialect.OPENAI in engine.dialects
        if upstream:
            card = successor.heir(run.card, self.catalog)
            request = successor.adapted(request, run.card, card)
            if card is not run.card:
                canvas = shape.choose(request, card)
            model = step.upstream_model or (run.named if foreign else "") or card.id
            request = replace(request, model=model, deadline=seconds_left(run.ends))
        events = engine.generate(request, card=card, canvas=canvas)
        try:
            made = await (first_content(events) if upstream else first_event(events))
        except (PisangError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise _broke(engine.name) from error
        run.drawn_by, run.canvas = card, canvas
        run.foreign = request.model if foreign else ""
        run.notice = successor.notice(run.card, card) or run.notice
        return made

    async def shown(self, run: Run, made: AsyncIterator[Event]) -> AsyncGenerator[Event, None]:
        """The events as the caller gets them: pictures encoded, what was not asked for left out."""
        served = run.served
        assert served is not None
        try:
            while (event := await before(run.ends, anext(made, None))) is not None:
                shown = await before(run.ends, self._seen(event, run))
                if shown is not None:
                    yield shown
        except UpstreamFault as fault:
            raise served.broke(fault.symptom) from fault
        except (PisangError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise _broke(served.engine) from error
        finally:
            served.ended()
            await stop(made)
            await self._let_go(run)

    async def _seen(self, event: Event, run: Run) -> Event | None:
        """The event as the caller gets it; None for one that was not asked for."""
        request, thinks = run.request, run.card.thinking.supported
        match event:
            case Started():
                run.version = event.model_version
                return event
            case Thought():
                run.parts.append(event)
                return event if request.thinking.include_thoughts else None
            case Text():
                if not request.wants(Modality.TEXT):
                    return None
                run.parts.append(event)
                return event if thinks else replace(event, signature=None)
            case Image():
                if not request.wants(Modality.IMAGE):
                    return None
                run.parts.append(Image(_COUNTED))
                blob = await self._finished(event.content, run)
                return Image(blob, event.signature if thinks else None)
            case Preview():
                if not (request.previews and request.wants(Modality.IMAGE)):
                    return None
                return Preview(await self._finished(event.content, run, png_level=_QUICK))
            case Finished():
                run.tier = served_tier(event.tier, run.tier)
                used = self._used(event, run)
                await self._settle(run, event.reason, used)
                return replace(event, usage=used)

    async def _finished(
        self, content: Pixels | Blob, run: Run, *, png_level: int | None = None
    ) -> Blob:
        if isinstance(content, Blob):  # an upstream's finished file stays one
            return content
        media_type = MediaType(run.request.image.mime_type or run.card.mime_default)
        data = await asyncio.to_thread(
            encode,
            content,
            media_type,
            quality=run.request.image.quality,
            png_level=self.png_level if png_level is None else png_level,
        )
        return Blob(media_type, data)

    def _used(self, event: Finished, run: Run) -> Usage:
        if event.usage is None:
            return self._count(run)
        card = run.drawn_by or run.card
        return usage.told(event.usage, card, image_size=run.canvas.image_size)

    def _count(self, run: Run) -> Usage:
        card = run.drawn_by or run.card
        return usage.count(run.request, card, canvas=run.canvas, parts=run.parts)

    async def _let_go(self, run: Run) -> None:
        """Settles an answer that did not get to its end: it broke off, or its caller left. Pictures
        that were drawn by then are charged."""
        if run.held is None or run.held.settled:
            return
        if any(isinstance(part, Image) for part in run.parts):
            await self._settle(run, None, self._count(run))
        else:
            run.void()

    async def _settle(self, run: Run, reason: FinishReason | None, used: Usage) -> None:
        if run.served is None:
            return
        drawn_by = self.catalog.get(run.foreign) if run.foreign else run.drawn_by
        card = self.catalog.get(run.version) or drawn_by
        made = bill(
            used,
            card,
            run.tier,
            route=run.plan.route,
            engine=run.plan.engines[run.served.engine],
            surface=run.surface,
            size=run.canvas.image_size,
            model=run.named or run.request.model,
            markup=run.caller.terms.markup,
            seconds=run.served.seconds,
            finish=reason.value if reason else "",
            labels=run.request.labels,
        )
        outcome = Outcome(
            caller=run.caller,
            request=run.request,
            model=run.named or run.request.model,
            card=drawn_by,
            tier=run.tier,
            reason=reason,
            bill=made,
            whole=reason is not None,
            observed=run.served.observed,
        )
        await settle(outcome, run.held, self.meter)


def seconds_left(ends: float) -> float:
    """The seconds until a deadline by the loop's clock; never 0, which would mean none."""
    return max(ends - asyncio.get_running_loop().time(), _SHORTEST)


async def before(ends: float, work: Awaitable[T]) -> T:
    """Waits for one step, but not beyond the deadline."""
    try:
        async with asyncio.timeout_at(ends) as limit:
            return await work
    except TimeoutError:
        if not limit.expired():
            raise
    raise too_late()


def _broke(engine: str) -> EngineFailed:
    return EngineFailed(
        f"The {engine} engine broke while drawing: a defect of pisang, which the server's log "
        "explains. Please report it."
    )
