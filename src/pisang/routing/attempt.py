"""One try of one engine, as it is told to people: in errors, in the log, by ``pisang routes``."""

from dataclasses import dataclass


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
