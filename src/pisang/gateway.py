"""THE path of a request, in plain verbs: admit, plan, run, encode, count.

Surfaces and the command line call the same methods. An answer is an iterator of events, and a unary
answer is its fold (``generate``; lanes/events.py); where the engine speaks the caller's own
dialect, it may be the bytes that the engine sent (``relay``; lanes/verbatim.py). What is refused is
refused before any event or byte, so that a surface can still choose its status.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

import structlog

from pisang.admission import policy, restrictions
from pisang.admission.named import References, named_files, with_files
from pisang.admission.via import USUAL, Via
from pisang.catalog.models import Card, Catalog, Resolution, catalog
from pisang.core.caller import Caller
from pisang.core.content import FileRef
from pisang.core.events import Event, Usage
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, ServiceTier
from pisang.core.upstream import Dialect
from pisang.engines.base import Engine
from pisang.engines.faults import FaultsEngine
from pisang.lanes.admitted import Admitted
from pisang.lanes.events import EventsLane, Run, before, seconds_left
from pisang.lanes.guide import Guide
from pisang.lanes.holds import Holds
from pisang.lanes.verbatim import Relayed, Sent, Unspoken, VerbatimLane, dropped
from pisang.ledger.held import Held
from pisang.ledger.words import Desk
from pisang.metering import usage
from pisang.metering.outcome import Meter
from pisang.routing.attempt import History
from pisang.routing.plan import Plan
from pisang.routing.router import Router, Served, only

log = structlog.get_logger("pisang.gateway")

T = TypeVar("T")

_COUNTING: Final = Via(method="countTokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator decided about requests; ``timeout`` is in seconds."""

    strict_models: bool = False
    strict_signatures: bool = False
    max_megapixels: float = 100
    timeout: float = 600
    png_level: int = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """An admitted request: the tier that serves it, the usage known so far, and the events, which
    start to be made when they are asked for. Close the events (``contextlib.aclosing``) where they
    may not be read to the end: that stops the work.

    ``run`` tells which model and engine draw: surely so from the first event on.
    """

    run: Run
    prompt: Usage
    events: AsyncGenerator[Event, None]

    @property
    def card(self) -> Card:
        return self.run.drawn_by or self.run.card

    @property
    def model(self) -> str:
        """The id of the model that draws, which may be somebody else's."""
        return self.run.foreign or self.card.id

    @property
    def notice(self) -> str | None:
        """A sentence where the model is not the one that was asked for."""
        return self.run.notice

    @property
    def tier(self) -> ServiceTier:
        return self.run.tier

    @property
    def served(self) -> Served | None:
        return self.run.served


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left to be tried of a request that could not be relayed, until when, what was tried
    before, and what is held for it."""

    plan: Plan
    ends: float
    past: History = field(default_factory=History)
    held: Held | None = None


class Gateway:
    """Every request for a picture passes here, whichever surface it came in by.

    ``engine`` may be one engine, which then makes everything, or a router over many. ``meter``
    learns what became of each request; ``desk`` holds its money and room, and gets its bill.
    """

    def __init__(
        self,
        engine: Engine | Router,
        *,
        rules: Rules = Rules(),
        models: Catalog | None = None,
        references: References | None = None,
        meter: Meter | None = None,
        desk: Desk | None = None,
    ) -> None:
        self.router = engine if isinstance(engine, Router) else only(engine)
        self.rules = rules
        self.catalog = models or catalog()
        self.references = references
        self._events = EventsLane(self.router, self.catalog, rules.png_level, meter)
        self._verbatim = VerbatimLane(self.router, self.catalog, meter)
        self._holds = Holds(desk, self.router)
        self._guide = Guide(self.router, self.catalog, strict=rules.strict_models)

    async def generate(
        self,
        caller: Caller,
        request: GenerateRequest,
        *,
        via: Via = USUAL,
        rest: Rest | None = None,
    ) -> Answer:
        """Admits a request, or raises why not (a ``RequestError``, or ``NoRoute``). ``rest`` is
        what ``relay`` left to be tried.

        The events raise ``EngineTimeout`` at the caller's deadline or the ``request_timeout``
        setting, whichever comes first, and ``EngineError`` where all engines of the route fail.
        """
        (answer,) = await self.generate_all(caller, (request,), via=via, rest=rest)
        return answer

    async def generate_all(
        self,
        caller: Caller,
        requests: Sequence[GenerateRequest],
        *,
        via: Via = USUAL,
        rest: Rest | None = None,
    ) -> list[Answer]:
        """Admits several requests that are one to their caller and count as one in the limits: all
        of them or none. Raises what refuses the first that is refused."""
        if caller.fault:
            faulty = self._faulty(caller)
            return await faulty.generate_all(_without_fault(caller), requests, via=via)
        asked = [await self._admitted(caller, each, via=via, rest=rest) for each in requests]
        await self._hold([each for each, _ in asked], rest.held if rest else None)
        past = rest.past if rest else History()
        return [self._answer(each, prompt, via, past.copy()) for each, prompt in asked]

    async def _hold(self, asked: Sequence[Admitted], known: Held | None) -> None:
        """Gives each request its hold. ``known`` is what ``relay`` held already: it goes on with
        one request, and is given back where several need a hold each."""
        for each in asked[1:]:
            each.again = True
        if known is not None and len(asked) > 1:
            known.reached = False  # so that it counts no more: the new holds are counted
            known.void()
            known = None
        helds = [known] if known else await self._holds.of_all(asked)
        for each, held in zip(asked, helds, strict=True):
            each.held = held

    async def _admitted(
        self, caller: Caller, request: GenerateRequest, *, via: Via, rest: Rest | None
    ) -> tuple[Admitted, Usage]:
        """A request that may be drawn, and how its prompt counts; nothing is held for it yet."""
        ends = rest.ends if rest else self._ends(request)
        found = self.find(request.model, via=via)
        plan = rest.plan if rest else self._guide.plan(caller, request, found, via)
        request = await before(ends, with_files(self.references, caller, request))
        admit = partial(self._admit, request, found.card, via)
        canvas, prompt = await _thread_if_long(request, admit)
        log.debug("admitted", key=caller.key_id, model=found.card.id)
        asked = Admitted(
            caller=caller,
            request=request,
            found=found,
            plan=plan,
            ends=ends,
            surface=via.surface,
            named=via.named,
            canvas=canvas,
            prompt=prompt,
        )
        return asked, prompt

    def _answer(self, asked: Admitted, prompt: Usage, via: Via, past: History) -> Answer:
        found, canvas, held = asked.found, asked.canvas, asked.held
        assert found is not None
        assert canvas is not None  # it was admitted to be drawn as events
        if held and held.hold.downgraded:  # an upstream would serve, and bill, what it is asked for
            asked.request = replace(asked.request, service_tier=None)
        tier = policy.served_tier(asked.request, found.card, surface=via.surface)
        run = Run(
            caller=asked.caller,
            request=asked.request,
            plan=asked.plan,
            surface=via.surface,
            card=found.card,
            canvas=canvas,
            ends=asked.ends,
            tier=tier,
            notice=found.notice,
            named=via.named,
            held=held,
            past=past,
        )
        return Answer(run, prompt, self._events.events(run))

    async def relay(self, caller: Caller, sent: Sent, *, via: Via = USUAL) -> Relayed | Rest:
        """Hands a body to an engine of its own dialect, where the route leads to one. What comes
        back is the answer on its way through, or what is left for ``generate`` to try: engines that
        take no such body.

        Tries until the first content of an answer is there, so raises ``EngineError`` itself. A
        model that the catalog does not know passes, where a route leads to such an engine.
        """
        if caller.fault:
            return await self._faulty(caller).relay(_without_fault(caller), sent, via=via)
        asked, ends = sent.asked, self._ends(sent.asked)
        found, plan = self._guide.find_and_plan(caller, sent, via)
        if not self._guide.speaks(plan.steps[0], sent):
            return Rest(plan, ends)
        if sent.trouble is not None:
            raise sent.trouble
        if found is not None and sent.draws:
            admit = partial(policy.admit_forward, asked, found.card, surface=via.surface)
            await _thread_if_long(asked, admit)
        if sent.inlined is not None and (named := named_files(asked)):
            sent = await before(ends, self._with_own_files(caller, sent, named))
        admitted = Admitted(
            caller=caller,
            request=asked,
            found=found,
            plan=plan,
            ends=ends,
            surface=via.surface,
            dialect=sent.dialect,
            images=sent.images,
        )
        if sent.draws:
            admitted.held = await self._holds.of(admitted)
        if admitted.held and admitted.held.hold.downgraded and sent.at_standard is not None:
            sent = sent.at_standard()
            admitted.request = sent.asked
        return await self._tried(admitted, sent, via)

    async def _tried(self, admitted: Admitted, sent: Sent, via: Via) -> Relayed | Rest:
        """Asks one engine after another; what is held is freed where none answers."""
        plan, ends, held, past = admitted.plan, admitted.ends, admitted.held, History()
        begun = partial(self._verbatim.begun, sent, admitted)
        try:
            passage, served = await self.router.run(
                plan, begun, ends=ends, model=admitted.model, discard=dropped, past=past
            )
        except Unspoken as unspoken:
            if admitted.found is None and not sent.readable:
                if held is not None:
                    held.void()
                self.find(sent.asked.model, via=via)  # raises: only an upstream could know it
            untried = replace(plan, steps=plan.steps[plan.steps.index(unspoken.step) :])
            return Rest(untried, ends, past, held)
        except BaseException:
            if held is not None:
                held.void()
            raise
        return self._verbatim.relayed(admitted, passage, served)

    async def count_tokens(
        self, caller: Caller, request: GenerateRequest, *, via: Via = _COUNTING
    ) -> Usage:
        """What the prompt of this request would count as, by the catalog. Draws nothing.

        Raises a ``RequestError`` for a prompt that cannot be counted.
        """
        card = self.find(request.model, via=via).card
        restrictions.check_model(
            caller, request.model, (card.id, *card.aliases, *card.gateway_aliases)
        )
        ends = self._ends(request)
        request = await before(ends, with_files(self.references, caller, request))
        policy.admit_count(request, card, max_megapixels=self.rules.max_megapixels)
        return await _thread_if_long(request, partial(usage.count_prompt, request, card))

    def find(self, model: str, *, via: Via = USUAL) -> Resolution:
        """The card an id means; raises ``ModelNotFound``."""
        return self._guide.find(model, via)

    def relays(self, dialect: Dialect) -> bool:
        """Whether any engine speaks a dialect, so that peeking at a body is worth it."""
        return self.router.speaks(dialect)

    async def fetched(self, caller: Caller, request: GenerateRequest) -> GenerateRequest:
        """The request with the bytes of every file that it names: for who sends it more than once.

        The deadline of what comes back is what is left of it. Raises what ``generate`` raises for a
        file that cannot be had, or not in time.
        """
        ends = self._ends(request)
        loaded = await before(ends, with_files(self.references, caller, request))
        if loaded is request or request.deadline is None:
            return loaded
        return replace(loaded, deadline=seconds_left(ends))

    async def close(self) -> None:
        await self.router.close()

    def _faulty(self, caller: Caller) -> "Gateway":
        """The same path for an answer that was ordered with a fault: its engine asks no upstream,
        and no meter counts it."""
        engine = FaultsEngine(caller.fault)
        return Gateway(engine, rules=self.rules, models=self.catalog, references=self.references)

    def _ends(self, request: GenerateRequest) -> float:
        """When a request that has just come is given up, by the loop's clock."""
        now = asyncio.get_running_loop().time()
        return now + min(self.rules.timeout, request.deadline or self.rules.timeout)

    async def _with_own_files(
        self, caller: Caller, sent: Sent, named: Mapping[str, FileRef]
    ) -> Sent:
        """The body with every file put into it that an upstream could not fetch."""
        if self.references is None or sent.inlined is None:
            return sent
        own = await self.references.own(caller, named)
        return sent.inlined(own) if own else sent

    def _admit(self, request: GenerateRequest, card: Card, via: Via) -> tuple[Canvas, Usage]:
        canvas = policy.admit(
            request,
            card,
            max_megapixels=self.rules.max_megapixels,
            surface=via.surface,
            strict=self.rules.strict_signatures,
        )
        return canvas, usage.count_prompt(request, card)


async def _thread_if_long(request: GenerateRequest, read: Callable[[], T]) -> T:
    """Reads all texts of a request: long ones in a thread, so that nobody else has to wait."""
    return await asyncio.to_thread(read) if usage.is_long(request) else read()


def _without_fault(caller: Caller) -> Caller:
    return replace(caller, fault="")
