"""An answer that was opened: whose it is, and how it is told what became of it.

Whether an engine is well is known only when its answer has been read to the end, which happens in a
lane, long after the engine was chosen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from pisang.core.errors import EngineError
from pisang.core.upstream import Symptom
from pisang.routing.attempt import Attempt
from pisang.routing.crew import Crew
from pisang.routing.diagnosis import Diagnosis, Kind
from pisang.routing.health import Health, Trouble
from pisang.routing.told import error_of
from pisang.routing.triage import triage
from pisang.telemetry.observer import ObservedAttempt

_OUT_OF_TIME: Final = (Kind.DEADLINE, Kind.TIMEOUT)


@dataclass(slots=True)
class Served:
    """Who opened an answer, and what was tried before. Whoever reads the rest of the answer says
    how it went: ``ended``, or ``broke`` with what was seen. The first of them counts. ``after`` is
    called then; ``began`` is when it was asked; ``observed`` is told for who watches the server."""

    engine: str
    member: int
    attempts: tuple[Attempt, ...]
    crew: Crew
    health: Health
    model: str
    probed: tuple[Trouble, ...] = ()
    after: Callable[[], None] | None = None
    began: float = 0.0
    observed: ObservedAttempt | None = None
    open: bool = True

    @property
    def seconds(self) -> float:
        """How long ago it was asked."""
        return self.health.clock() - self.began

    def ended(self) -> None:
        """It was read to its end, or its caller has had enough of it."""
        if self._leaves():
            self.health.worked(self.engine, self.member, self.model, self.probed)

    def broke(self, symptom: Symptom) -> EngineError:
        """It broke off in the middle. Returns what to tell the caller."""
        diagnosis = triage(symptom)
        if self.observed is not None:
            self.observed.failed(diagnosis.kind.value, symptom.status)
        self.held_against(diagnosis, symptom)
        *others, this = self.attempts
        tried = (*others, replace(this, kind=diagnosis.kind.value, status=symptom.status))
        return error_of(diagnosis, symptom, engine=self.engine, attempts=tried)

    def gave_up(self) -> None:
        """Nothing is known of how it would have gone."""
        if self._leaves():
            self.health.left(self.probed)

    def __del__(self) -> None:
        """A caller may hang up before anyone has begun to read: then nobody says how it ended."""
        self.gave_up()

    def held_against(self, diagnosis: Diagnosis, symptom: Symptom) -> None:
        """Counts a failure, but not that of an engine which had no fair chance to finish."""
        hurried = self.health.clock() - self.began < self.health.rules.fair_time
        if diagnosis.kind in _OUT_OF_TIME and hurried:
            self.gave_up()
        else:
            self.failed(diagnosis, symptom)

    def failed(self, diagnosis: Diagnosis, symptom: Symptom) -> None:
        """Nothing came of it."""
        if self._leaves():
            self.health.failed(
                self.engine,
                self.member,
                self.model,
                diagnosis=diagnosis,
                symptom=symptom,
                probed=self.probed,
            )

    def _leaves(self) -> bool:
        """Lets go of the engine, once. Returns whether how it went tells anything: not when it was
        told before, and not of an engine that has been replaced."""
        if not self.open:
            return False
        self.open = False
        self.crew.leave(self.member)
        if self.observed is not None:
            self.observed.ended()
        if self.after is not None:
            self.after()
        return not self.crew.gone
