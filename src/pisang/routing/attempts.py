"""Tries the engines of a plan one after another, until the first content of an answer is there.

What a failure means is decided by triage; what follows from it, here. Trouble with a key: another
key of the engine, at once. Trouble that passes: the same engine again, after as long as the
upstream asked for and a random while (exponential backoff with full jitter), if the caller's
deadline leaves time for it. Else the next engine of the route, and in the end the error that tells
the caller most. Nothing here goes on once content was handed over: a caller who has seen the
beginning of one picture must not get the end of another.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Generic, TypeVar

import structlog

from pisang.core.errors import (
    EngineBillingStopped,
    EngineError,
    EngineMisconfigured,
    EngineRateLimited,
    EngineRejected,
    EngineUnavailable,
    Fault,
    PisangError,
)
from pisang.core.until import Until
from pisang.core.upstream import Broken, Dialect, Symptom
from pisang.engines.base import Engine, UpstreamFault, server_of
from pisang.routing.attempt import Attempt, Failure, History
from pisang.routing.consequences import TABLE
from pisang.routing.crew import Crew
from pisang.routing.diagnosis import Diagnosis, Kind, Scope
from pisang.routing.health import Health, lasting, may_be_mended
from pisang.routing.hedge import race
from pisang.routing.plan import Plan, Step
from pisang.routing.rules import RetryRules
from pisang.routing.served import Served
from pisang.routing.told import error_of, too_late
from pisang.routing.triage import triage
from pisang.telemetry.observer import CANCELLED, ObservedAttempt, Observer

log = structlog.get_logger("pisang.routing")

T = TypeVar("T")

_OF_THE_KEY = (EngineRateLimited, EngineMisconfigured, EngineBillingStopped)
"""Errors that another key of the same engine may be spared; any other error would meet it too."""

_SILENT = Symptom(
    dialect=Dialect.GEMINI, broken=Broken.TIMEOUT, detail="No answer within the caller's time."
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Time and chance, so that tests need neither. ``sleep`` waits for seconds of ``clock``."""

    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]]
    choose: Callable[[], float]


Opened = tuple[T, Served]


@dataclass(slots=True, kw_only=True)
class Course(Generic[T]):
    """One request on its way along the steps of its plan. ``discard`` closes an answer that came
    second, where two engines were asked at once; ``past`` is what was tried before and is now."""

    plan: Plan
    crews: Mapping[str, Crew]
    health: Health
    rules: RetryRules
    pace: Pace
    open_: Callable[[Step, Engine], Awaitable[T]]
    ends: float
    model: str
    discard: Callable[[T], Awaitable[None]] | None = None
    past: History = field(default_factory=History)
    observer: Observer = field(default_factory=Observer)

    async def run(self) -> Opened[T]:
        """Raises the ``EngineError`` that tells most, or whatever an engine of ours raises."""
        steps = self.plan.steps
        for index, step in enumerate(steps):
            outcome = await self._step(step, steps[index + 1 :])
            if not isinstance(outcome, Failure):
                return outcome
            if outcome.diagnosis is not None and not outcome.diagnosis.fail_over:
                raise self._told(outcome)
            if self._is_too_late(outcome):
                raise too_late(self.past.attempts)
        raise self._told(max(reversed(self.past.failures), key=_telling))

    async def _step(self, step: Step, rest: Sequence[Step]) -> Opened[T] | Failure:
        """Tries one engine with all of its keys, again as long as that may help. ``rest`` are the
        steps after it."""
        tried = set[int]()
        waits = 0
        while True:
            member = self._pick(step, tried)
            if member is None:  # a key that failed, but is not kept away, may be tried again
                member = self._pick(step)
            if member is None and not rest and not tried:
                member = self._misconfigured(step)
            if member is None:
                sick = self._sick(step)
                if sick is None:
                    continue  # its rest has ended between two looks at the clock
                return sick
            outcome = await (
                self._try(step, member)
                if self.rules.hedge_after is None
                else self._hedged(step, member, rest, after=self.rules.hedge_after)
            )
            if not isinstance(outcome, Failure):
                return outcome
            if outcome.diagnosis is None or self._left() <= 0:
                return outcome
            tried.add(member)
            if _of_the_key(outcome.diagnosis) and self._pick(step, tried) is not None:
                continue
            waits += 1
            if not await self._waited(outcome.diagnosis, step, rest, waits=waits):
                return outcome
            tried = {member}

    async def _waited(
        self, diagnosis: Diagnosis, step: Step, rest: Sequence[Step], *, waits: int
    ) -> bool:
        """Waits before an engine is asked again; False, at once, where it should not be asked."""
        rules, more = self.rules, any(self._pick(each) is not None for each in rest)
        if not diagnosis.retry or waits >= (rules.tries_before_next if more else rules.tries):
            return False
        if self._rests_again(step):
            return False
        backoff = min(rules.base * 2 ** (waits - 1), rules.longest_backoff)
        told = (diagnosis.delay or 0) if diagnosis.scope is Scope.REQUEST else self._soonest(step)
        wait = told + backoff * self.pace.choose()
        mends = diagnosis.fault is Fault.UPSTREAM  # by itself, so that time may help
        most = rules.longest_wait if mends and not more else rules.longest_wait_before_next
        if self.past.waited + wait > most:
            return False
        if self._left() < wait + rules.least_work:
            return False
        log.info("engine is asked again", engine=step.engine, seconds=round(wait, 2))
        self.past.waited += wait
        await self.pace.sleep(wait)
        return True

    async def _hedged(
        self, step: Step, member: int, rest: Sequence[Step], *, after: float
    ) -> Opened[T] | Failure:
        """One try, and another at once where the first has nothing to show for a while."""
        for other in (step, *rest):
            found = self._pick(other, {member} if other is step else ())
            if found is not None:
                return await race(
                    partial(self._try, step, member),
                    partial(self._try, other, found),
                    after=self.pace.sleep(after),
                    won=_is_opened,
                    lose=self._lose,
                )
        return await self._try(step, member)

    async def _try(self, step: Step, member: int) -> Opened[T] | Failure:
        crew, model, began = self.crews[step.engine], self._model(step), self.pace.clock()
        probed = self.health.begin(step.engine, member, model)
        observed = self._observed(step, crew.members[member])
        served = Served(
            *(step.engine, member, (), crew, self.health, model, probed),
            began=began,
            observed=observed,
        )
        crew.enter(member)
        limit = Until(asyncio.get_running_loop().time() + self.ends - began)
        try:
            with limit:
                opened = await self.open_(step, crew.members[member])
        except UpstreamFault as fault:
            return self._failed(served, fault.symptom, began)
        except (EngineUnavailable, EngineRejected) as error:
            served.gave_up()  # an engine of ours with too much to do, or one that cannot make this
            full = isinstance(error, EngineUnavailable)
            self._note(served, began, kind="full" if full else "cannot-make")
            self.past.failures.append(Failure(step.engine, error))
            return self.past.failures[-1]
        except TimeoutError:
            if not limit.expired:
                _abandoned(served, "failed")
                raise
            served.held_against(triage(_SILENT), _SILENT)
            self._note(served, began, kind=Kind.TIMEOUT.value)
            raise too_late(self.past.attempts) from None
        except BaseException as error:
            _abandoned(served, _trouble_of(error))
            raise
        self._note(served, began)
        served.attempts = tuple(self.past.attempts)
        return opened, served

    def _failed(self, served: Served, symptom: Symptom, began: float) -> Failure:
        diagnosis = triage(symptom)
        served.held_against(diagnosis, symptom)
        self._note(served, began, kind=diagnosis.kind.value, status=symptom.status)
        log.warning(
            "attempt failed",
            engine=served.engine,
            engine_key=served.member,
            model=served.model,
            kind=diagnosis.kind.value,
            status=symptom.status,
            detail=symptom.detail,
        )
        self.past.failures.append(Failure(served.engine, None, diagnosis, symptom))
        return self.past.failures[-1]

    def _misconfigured(self, step: Step) -> int | None:
        """A key to try where no other is left: one that is wrong, or has no such model. To ask once
        more costs nothing, and shows when the operator has put it right at the upstream."""
        for member in range(len(self.crews[step.engine].members)):
            trouble = self.health.hindrance(step.engine, member, self._model(step))
            if trouble and may_be_mended(trouble):
                return member
        return None

    def _sick(self, step: Step) -> Failure | None:
        """Why no key of an engine may be asked now: the failure of the one that may be asked
        soonest. None where one may be asked after all."""
        last = self.past.failures[-1] if self.past.failures else None
        if last is not None and last.engine == step.engine:
            return last  # this very request was told so
        known = (
            self.health.hindrance(step.engine, member, self._model(step))
            for member in range(len(self.crews[step.engine].members))
        )
        trouble = min(filter(None, known), key=lasting, default=None)
        if trouble is None:
            return None
        self.past.attempts.append(
            Attempt(step.engine, 0, trouble.diagnosis.kind.value, asked=False)
        )
        self.past.failures.append(Failure(step.engine, None, trouble.diagnosis, trouble.symptom))
        return self.past.failures[-1]

    def _told(self, failure: Failure) -> EngineError:
        """What the caller gets, with all that was tried, and when to come back."""
        if failure.diagnosis is None or failure.symptom is None:
            assert failure.error is not None
            return failure.error
        error = error_of(
            failure.diagnosis, failure.symptom, engine=failure.engine, attempts=self.past.attempts
        )
        soonest = min(self._soonest(step) for step in self.plan.steps)
        if 0 < soonest < inf and failure.diagnosis.fault is Fault.UPSTREAM:
            error.retry_after = soonest
        return error

    def _is_too_late(self, failure: Failure) -> bool:
        """Whether the time is over, or what is left of it is a rounding error."""
        kind = failure.diagnosis.kind if failure.diagnosis else None
        return self._left() <= (self.rules.least_work if kind is Kind.TIMEOUT else 0)

    def _note(
        self, served: Served, began: float, *, kind: str = "", status: int | None = None
    ) -> None:
        seconds = self.pace.clock() - began
        self.past.attempts.append(Attempt(served.engine, served.member, kind, status, seconds))
        if served.observed is not None:
            if kind:
                served.observed.failed(kind, status)
            else:
                served.observed.opened()

    def _observed(self, step: Step, engine: Engine) -> ObservedAttempt | None:
        """Tells the observer that an engine is asked."""
        last = self.past.attempts[-1].engine if self.past.attempts else ""
        return self.observer.attempt(
            engine=step.engine,
            kind=self.plan.engines[step.engine].kind,
            model=self.model,
            route=self.plan.route.id,
            number=len(self.past.attempts) + 1,
            before=last,
            server=server_of(engine),
        )

    def _pick(self, step: Step, but: Collection[int] = ()) -> int | None:
        health, name, model = self.health, step.engine, self._model(step)
        return self.crews[name].pick(
            lambda member: health.hindrance(name, member, model) is None,
            but,
            spent=lambda member: health.spent(name, member, model),
        )

    def _soonest(self, step: Step) -> float:
        """The seconds until a key of an engine may be asked; infinite where an operator has to act
        first."""
        return min(
            self.health.wait(step.engine, member, self._model(step))
            for member in range(len(self.crews[step.engine].members))
        )

    def _rests_again(self, step: Step) -> bool:
        """Whether each key of an engine has failed again after a rest. A request that went on
        waiting and trying would only make the rests longer for those that come after it."""
        found = (
            self.health.hindrance(step.engine, member, self._model(step))
            for member in range(len(self.crews[step.engine].members))
        )
        return all(trouble is not None and trouble.rests > 1 for trouble in found)

    def _model(self, step: Step) -> str:
        return step.upstream_model or self.model

    def _left(self) -> float:
        return self.ends - self.pace.clock()

    async def _lose(self, outcome: Opened[T] | Failure) -> None:
        if not isinstance(outcome, Failure):
            opened, served = outcome
            served.gave_up()
            if self.discard is not None:
                await self.discard(opened)


def _abandoned(served: Served, kind: str) -> None:
    """Ends a try of which nobody knows how it would have gone; ``kind`` is empty where no engine
    was asked at all."""
    served.gave_up()
    if served.observed is not None:
        if kind:
            served.observed.failed(kind)
        else:
            served.observed.left()


def _trouble_of(error: BaseException) -> str:
    """What the observer is told of an error that is no engine's failure."""
    if isinstance(error, PisangError):
        return "failed" if isinstance(error, EngineError) else ""
    return CANCELLED if isinstance(error, asyncio.CancelledError) else "failed"


def _is_opened(outcome: object) -> bool:
    return not isinstance(outcome, Failure)


def _of_the_key(diagnosis: Diagnosis) -> bool:
    """Whether another key of the same engine may do where this one does not."""
    error = TABLE[diagnosis.kind].error
    return diagnosis.scope is Scope.KEY or (
        diagnosis.scope is Scope.MODEL and error is not None and issubclass(error, _OF_THE_KEY)
    )


def _telling(failure: Failure) -> int:
    """How much an error helps the caller: what they can change, then what passes by itself."""
    if failure.diagnosis is None:
        return 2
    if failure.diagnosis.fault is Fault.CALLER:
        return 3
    return 1 if failure.diagnosis.fault is Fault.OPERATOR else 2
