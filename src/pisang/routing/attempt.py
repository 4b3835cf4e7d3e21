"""One try of one engine, as it is told to people: in errors, in the log, by ``pisang routes``; and
all that was tried for one request."""

from dataclasses import dataclass, field

from pisang.core.errors import EngineError
from pisang.core.upstream import Symptom
from pisang.routing.diagnosis import Diagnosis


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one engine. ``kind`` says what went wrong, empty where nothing did; ``asked`` is
    False where the engine was known to be sick and nothing was sent."""

    engine: str
    member: int
    kind: str = ""
    status: int | None = None
    seconds: float = 0.0
    asked: bool = True

    def __str__(self) -> str:
        """For people, and for the metadata of errors: ``studio#0 429 rate-minute 0.3s``."""
        if not self.asked:
            return f"{self.engine} {self.kind} (not asked)"
        words = (f"{self.engine}#{self.member}", self.status, self.kind, f"{self.seconds:.1f}s")
        return " ".join(str(word) for word in words if word)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an engine did not serve: what triage said of its ``symptom``, or the error of an engine
    of ours."""

    engine: str
    error: EngineError | None = None
    diagnosis: Diagnosis | None = None
    symptom: Symptom | None = None


@dataclass(slots=True)
class History:
    """What one request has behind it, in order. It goes with a request that changes lanes, so that
    its caller is told of all that was tried, and waits are counted once."""

    attempts: list[Attempt] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    waited: float = 0.0

    def copy(self) -> "History":
        """The same, for a request that goes its own way from here."""
        return History([*self.attempts], [*self.failures], self.waited)
