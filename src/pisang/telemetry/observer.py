"""What happens in a server is told to its ``Observer``, which counts it and traces it.

Where neither is wanted, each of these calls ends after looking whether it is.
"""

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.telemetry.meters import Meters, Values, copied
from pisang.telemetry.shared_counts import SharedCounts

if TYPE_CHECKING:
    from pisang.telemetry.traces import AttemptSpan, RequestTrace, Traces

TRACE: Final[ContextVar["RequestTrace | None"]] = ContextVar("pisang_trace", default=None)
"""The trace of the request that is being worked on, where there is one."""

CANCELLED: Final = "cancelled"

_PROVIDERS: Final[Mapping[str, str]] = {
    "google": "gcp.gemini",
    "vertex": "gcp.vertex_ai",
    "openai": "openai",
    "sketch": "pisang.sketch",
}
"""What the conventions call each kind of engine; ours have names of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What an engine made, and what it costs. ``model`` is the one that was asked for, ``drawn_by``
    the one that drew; ``hold`` is the id of the hold that was settled, ``response_id`` what the
    upstream calls its answer."""

    model: str
    drawn_by: str
    project: str
    surface: str
    tier: str
    size: str
    finish: str
    usage: Usage | None
    cost: Money | None
    charged: Money
    rehearsal: bool
    hold: str
    response_id: str = ""


STREAMS: Final = {"gen_ai.request.stream": True}
"""What a request asks for that wants its answer piece by piece."""


def in_conversation(conversation: str) -> None:
    """Tells the trace of a request the id of the conversation that it begins, or goes on with."""
    asks({"gen_ai.conversation.id": conversation})


def asks(attributes: Mapping[str, str | int | bool]) -> None:
    """Tells the trace of a request, where there is one, what it asks for."""
    if (trace := TRACE.get()) is not None:
        trace.asks(attributes)


class Observer:
    """Both who counts and who traces; None where nobody does. ``shared`` is where several
    processes count together, ``engines`` tells of each whether it may be asked, and how many
    requests it works on."""

    __slots__ = ("engines", "meters", "shared", "traces")

    def __init__(self) -> None:
        self.meters: Meters | None = None
        self.traces: Traces | None = None
        self.shared: SharedCounts | None = None
        self.engines: Callable[[], Mapping[str, tuple[bool, int]]] = dict

    def look(self) -> None:
        """Counts what can only be looked at: whether each engine is well, and what it does."""
        if self.meters is not None:
            self.meters.engines(self.engines())

    def counted(self) -> tuple[dict[str, Values], list[int]]:
        """What was counted, by all processes that count together, and which of them live."""
        assert self.meters is not None
        if self.shared is not None:
            return self.shared.read()
        own = {name: copied(each.values) for name, each in self.meters.counted.items()}
        return own, [os.getpid()]

    def attempt(
        self,
        *,
        engine: str,
        kind: str,
        model: str,
        route: str,
        number: int,
        before: str,
        server: tuple[str, int] | None,
    ) -> "ObservedAttempt | None":
        """An engine is asked. ``number`` counts from 1; ``before`` is the engine that was asked
        last for this request, empty for the first; ``server`` is its host and port, where it is
        somebody else's."""
        if self.meters is None and self.traces is None:
            return None
        provider = _PROVIDERS.get(kind, kind)
        if self.meters is not None and before:
            self.meters.again(engine, "retry" if before == engine else "failover")
        trace, span = TRACE.get(), None
        if trace is not None:
            span = trace.attempt(
                provider=provider,
                engine=engine,
                model=model,
                route=route,
                number=number,
                server=server,
            )
        return ObservedAttempt(self.meters, span, provider=provider, engine=engine, model=model)


class ObservedAttempt:
    """One attempt, from asking an engine to the end of its answer."""

    __slots__ = ("_began", "_meters", "_open", "_opened", "engine", "model", "provider", "span")

    def __init__(
        self,
        meters: Meters | None,
        span: "AttemptSpan | None",
        *,
        provider: str,
        engine: str,
        model: str,
    ) -> None:
        self._meters, self.span = meters, span
        self.provider, self.engine, self.model = provider, engine, model
        self._began = perf_counter()
        self._opened, self._open = False, True

    def opened(self) -> None:
        """The first content of the answer is there."""
        self._opened = True
        seconds = perf_counter() - self._began
        if self._meters is not None:
            self._meters.opened(self.provider, self.engine, self.model, seconds)
        if self.span is not None:
            self.span.opened(seconds)

    def used(self, made: Made) -> None:
        """The answer is known to the end, or as far as it went."""
        if (meters := self._meters) is not None:
            model = made.drawn_by or made.model
            meters.answer(model, self.engine, made.finish)
            if made.usage is not None:
                meters.used(
                    made.usage,
                    provider=self.provider,
                    engine=self.engine,
                    model=model,
                    size=made.size,
                )
            cost = made.cost.nanos if made.cost is not None else 0
            meters.paid(
                model,
                self.engine,
                cost=cost,
                charged=made.charged.nanos,
                rehearsal=made.rehearsal,
            )
        if self.span is not None:
            self.span.used(made)

    def ended(self) -> None:
        """Nobody reads any further; one that was never opened is told of by ``failed``."""
        if self._opened:
            self._ended("", None)

    def failed(self, kind: str, status: int | None = None) -> None:
        """It came to nothing, or broke off."""
        self._ended(kind, status)

    def left(self) -> None:
        """No engine was asked after all."""
        self._open = False
        if self.span is not None:
            self.span.ended("", None)

    def _ended(self, kind: str, status: int | None) -> None:
        if not self._open:
            return
        self._open = False
        if self._meters is not None:
            seconds = perf_counter() - self._began
            self._meters.attempt(self.provider, self.engine, self.model, kind, seconds)
        if self.span is not None:
            self.span.ended(kind, status)
