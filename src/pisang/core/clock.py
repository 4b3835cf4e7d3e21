"""What time it is, as the tables keep it."""

from datetime import UTC, datetime


def now() -> datetime:
    """UTC without a zone, because SQLite keeps none."""
    return datetime.now(UTC).replace(tzinfo=None)
