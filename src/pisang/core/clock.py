"""What time it is, as the tables keep it: UTC without a zone, because SQLite keeps none."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC).replace(tzinfo=None)


def moment(seconds: float) -> datetime:
    """The moment that is so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def seconds_of(at: datetime) -> int:
    """The whole seconds from the beginning of 1970 to a moment."""
    return int(at.replace(tzinfo=UTC).timestamp())


def rfc3339(at: datetime) -> str:
    """A moment for programs, to the second: ``2026-11-21T08:30:00Z``."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
