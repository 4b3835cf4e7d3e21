"""Lengths of time as people type them: 30d, 12h."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from pisang.core.errors import RequestError

_LENGTH: Final = re.compile(r"([0-9]{1,5})([smhdw])")
_LIKE_ONE: Final = re.compile(r"-?[0-9.]+ ?[A-Za-z]+")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(typed: str) -> str:
    """The moment that was typed: so long from now, or a day or time as it is."""
    if _LIKE_ONE.fullmatch(typed):
        return (datetime.now(UTC) + length(typed)).isoformat()
    return typed


def length(typed: str) -> timedelta:
    """How long that is. Raises ``RequestError``."""
    found = _LENGTH.fullmatch(typed)
    if found is None:
        raise RequestError(f"{typed[:40]!r} is no length of time: write it as 30d or 12h.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
