"""Remembers who is sick, so that nobody is sent there: engines, their keys, and models with a key.

Three things keep a request away. *Out*: an empty wallet or a dead key, until an operator lets it
back in (a dead key is asked all the same where there is nobody else: that costs nothing).
*Cooling*: the upstream said for how long to stay away. *Resting*: it failed so often in a row that
it is left alone for a while, longer each time; then one request at a time may see whether it is
back (a circuit breaker, half open). Whoever is well is not in here at all: looking costs nothing
while nothing is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import Final

import structlog

from pisang.core.errors import EngineMisconfigured, Fault
from pisang.core.upstream import Symptom
from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Diagnosis, Scope
from pisang.routing.limits import Limits
from pisang.routing.rules import RetryRules

log = structlog.get_logger("pisang.routing")

Place = tuple[str, int | None, str | None]
"""What can be sick: an engine, or one key (member) of it, or one model with that key."""

MOST: Final = 1000
"""Troubles that are remembered: where a route takes every model, callers make up as many as they
like, and each that is not found would be one."""

LONGEST: Final = 64 * 1024
"""Bytes of what an upstream said that are remembered."""


class State(StrEnum):
    """How a place is, where it is not simply well."""

    SHAKY = "shaky"  # it failed lately, and is still asked
    COOLING = "cooling"  # until the time the upstream said
    RESTING = "resting"  # it failed too often in a row
    PROBING = "probing"  # it has rested; one request at a time may see whether it is back
    OUT = "out"  # until an operator lets it back in


@dataclass(slots=True, eq=False)
class Trouble:
    """What is wrong with a place, and what it last said. ``until`` is when it may be asked again;
    ``rests`` is how often in a row it was sent to rest, ``probed`` whether someone is looking."""

    place: Place
    diagnosis: Diagnosis
    symptom: Symptom
    failures: int = 0
    rests: int = 0
    until: float = 0.0
    out: bool = False
    probed: bool = False

    def state(self, now: float) -> State:
        if self.out:
            return State.OUT
        if now < self.until:
            return State.RESTING if self.rests else State.COOLING
        return State.PROBING if self.rests else State.SHAKY

    def blocks(self, now: float) -> bool:
        """Whether nobody may be sent here now."""
        return self.out or now < self.until or (self.rests > 0 and self.probed)


@dataclass(slots=True)
class Health:
    """All that is known to be wrong. Its clock counts seconds from anywhere."""

    rules: RetryRules
    clock: Callable[[], float]
    troubles: dict[Place, Trouble] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def hindrance(self, engine: str, member: int, model: str) -> Trouble | None:
        """What keeps requests for a model away from a member now: the longest-lasting, where there
        are several."""
        if not self.troubles:
            return None
        now = self.clock()
        found = [each for each in self._at(engine, member, model) if each.blocks(now)]
        return max(found, key=lasting) if found else None

    def spent(self, engine: str, member: int, model: str) -> bool:
        """Whether a limit that was met before must be used up by now."""
        key = (engine, member, model)
        return bool(self.limits.met) and self.limits.spent(key, self.clock())

    def wait(self, engine: str, member: int, model: str) -> float:
        """The seconds until a member may be asked; infinite where an operator has to act first."""
        trouble = self.hindrance(engine, member, model)
        if trouble is None:
            return 0.0
        if trouble.out:
            return inf
        return max(trouble.until - self.clock(), self.rules.base)  # someone may be looking

    def begin(self, engine: str, member: int, model: str) -> tuple[Trouble, ...]:
        """A request is sent to a member. Returned are the troubles that it is the one to look at;
        they are given back by ``worked``, ``failed`` or ``left``."""
        if self.limits.met:
            self.limits.begin((engine, member, model), self.clock())
        if not self.troubles:
            return ()
        probed = tuple(each for each in self._at(engine, member, model) if each.rests)
        for each in probed:
            each.probed = True
        return probed

    def worked(
        self, engine: str, member: int, model: str, probed: tuple[Trouble, ...] = ()
    ) -> None:
        """It did its work: what was counted against it is forgotten, and so is what was wrong with
        its key or model, which are right now. What stays is a time for which the upstream said to
        wait, and an empty balance."""
        if not self.troubles:
            return
        now = self.clock()
        for each in tuple(self._at(engine, member, model)):
            if not may_be_mended(each) and (each.out or (now < each.until and each not in probed)):
                continue
            del self.troubles[each.place]
            if each.rests:
                log.info("engine is back", **_named(each.place))

    def left(self, probed: tuple[Trouble, ...]) -> None:
        """The request that looked at these has ended before anything was known."""
        for each in probed:
            each.probed = False

    def failed(
        self,
        engine: str,
        member: int,
        model: str,
        *,
        diagnosis: Diagnosis,
        symptom: Symptom,
        probed: tuple[Trouble, ...] = (),
    ) -> None:
        """It did not do its work, and this is what that means."""
        self.left(probed)
        place = place_of(diagnosis.scope, engine, member, model)
        if place is None:  # the request was to blame, so the engine is well
            self.worked(engine, member, model, probed)
            return
        if diagnosis.quota_id:
            key = (engine, member, model)
            self.limits.learn(key, diagnosis.quota_id, symptom, now=self.clock())
        symptom = replace(symptom, body=symptom.body[:LONGEST])
        known = self.troubles.get(place)
        if known is None and len(self.troubles) >= MOST:
            self._forget_oldest()
        trouble = known or Trouble(place, diagnosis, symptom)
        self.troubles[place] = trouble
        news = known is None or known.diagnosis.kind is not diagnosis.kind
        if trouble.out and not may_be_mended(trouble):
            return
        trouble.diagnosis, trouble.symptom, trouble.out = diagnosis, symptom, diagnosis.out
        if not diagnosis.out and diagnosis.delay is not None:
            trouble.until = max(trouble.until, self.clock() + diagnosis.delay)
            if diagnosis.fault is Fault.OPERATOR:  # time alone does not mend it: one may look
                trouble.rests = max(trouble.rests, 1)
        elif not diagnosis.out:
            self._count(trouble)
        if diagnosis.alarm and news:
            _alarm(trouble)

    def readmit(self, engine: str, member: int | None = None) -> int:
        """Forgets all that is held against an engine, or against one of its keys. Returns how many
        troubles there were."""
        gone = [
            place
            for place in self.troubles
            if place[0] == engine and (member is None or place[1] in (None, member))
        ]
        for place in gone:
            del self.troubles[place]
        if gone:
            log.info("engine let back in", engine=engine, engine_key=member)
        return len(gone)

    def forget(self, engine: str) -> None:
        """The engine is another one now, or gone."""
        for place in [place for place in self.troubles if place[0] == engine]:
            del self.troubles[place]
        self.limits.forget(engine)

    def of(self, engine: str, member: int | None) -> Iterator[Mapping[str, object]]:
        """What is wrong with an engine (None) or one of its keys, as plain data for people."""
        now = self.clock()
        for place, trouble in self.troubles.items():
            if place[:2] != (engine, member):
                continue
            state, what = trouble.state(now), trouble.diagnosis
            if state is State.SHAKY and not trouble.failures:
                continue  # the time the upstream told is over
            yield {
                "state": state.value,
                "model": place[2],
                "kind": what.kind.value,
                "fault": what.fault.value,
                "advice": what.advice,
                "status": trouble.symptom.status,
                "failures": trouble.failures,
                "seconds": None if trouble.out else round(max(trouble.until - now, 0.0), 1),
            }

    def _at(self, engine: str, member: int, model: str) -> Iterator[Trouble]:
        for place in ((engine, None, None), (engine, member, None), (engine, member, model)):
            if (trouble := self.troubles.get(place)) is not None:
                yield trouble

    def _forget_oldest(self) -> None:
        """Makes room, but never by letting back in one that is out."""
        oldest = next((place for place, each in self.troubles.items() if not each.out), None)
        if oldest is not None:
            del self.troubles[oldest]

    def _count(self, trouble: Trouble) -> None:
        """One failure more. Enough of them in a row, or one after a rest, make it rest."""
        trouble.failures += 1
        if trouble.failures < self.rules.failures and not trouble.rests:
            return
        rest = min(self.rules.rest * 2**trouble.rests, self.rules.longest_rest)
        now = self.clock()
        if now >= trouble.until:  # those who were under way when it began do not make it longer
            trouble.until, trouble.rests = now + rest, trouble.rests + 1
            log.warning("engine rests", seconds=rest, **_told(trouble))


def place_of(scope: Scope, engine: str, member: int, model: str) -> Place | None:
    """What is sick; None where the request was to blame."""
    return {
        Scope.REQUEST: None,
        Scope.MODEL: (engine, member, model),
        Scope.KEY: (engine, member, None),
        Scope.ENGINE: (engine, None, None),
    }[scope]


def lasting(trouble: Trouble) -> float:
    """When it ends."""
    return inf if trouble.out else trouble.until


def may_be_mended(trouble: Trouble) -> bool:
    """Whether an operator may have put it right at the upstream, and asking costs nothing: a key, a
    model, a project."""
    return TABLE[trouble.diagnosis.kind].error is EngineMisconfigured


def _alarm(trouble: Trouble) -> None:
    """Tells those who watch the log, since it does not mend by itself."""
    said = "engine out" if trouble.out else "engine in trouble"
    log.error(said, advice=trouble.diagnosis.advice, **_told(trouble))


def _told(trouble: Trouble) -> dict[str, object]:
    return {
        **_named(trouble.place),
        "kind": trouble.diagnosis.kind.value,
        "status": trouble.symptom.status,
        "detail": trouble.symptom.detail,
    }


def _named(place: Place) -> dict[str, object]:
    """The place in words; keys are numbered from 0, as in the settings."""
    engine, member, model = place
    named: dict[str, object] = {"engine": engine}
    if member is not None:
        named["engine_key"] = member
    if model is not None:
        named["model"] = model
    return named
