"""How long an upstream wants to be left alone: it says so in many places, each in its own form.

Google says it in the body (``RetryInfo``, and in the message with more digits) and in no header;
OpenAI in headers; proxies in ``Retry-After``, as seconds or as a date.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pisang.wire.complaint import Complaint

LONGEST: Final = 25 * 3600.0
"""More than a day is not believed: who says so means "never", or is wrong."""

_NUMBER: Final = r"\d{1,9}(?:\.\d{1,12})?"
_SECONDS: Final = re.compile(rf"({_NUMBER})s?")
_PIECE: Final = re.compile(rf"({_NUMBER})(ms|h|m|s)")
_SPAN: Final = re.compile(rf"(?:{_NUMBER}(?:ms|h|m|s))+")
_IN_WORDS: Final = re.compile(
    rf"(?:retry|try again) in ((?:{_NUMBER}(?:ms|h|m|s))+|{_NUMBER} ?(?:seconds?|secs?)\b)", re.I
)
_UNIT: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_RESETS: Final = ("requests", "tokens", "images")


def delay_of(headers: Mapping[str, str], said: Complaint, *, now: datetime) -> float | None:
    """Seconds until the upstream may be asked again, as far as it said so."""
    told = (
        _span(said.retry_delay),
        _in_words(said.message),
        _milliseconds(headers.get("retry-after-ms", "")),
        _retry_after(headers.get("retry-after", ""), now),
        _reset(headers),
    )
    delay = next((seconds for seconds in told if seconds is not None), None)
    return None if delay is None else min(max(delay, 0.0), LONGEST)


def until_midnight(now: datetime) -> float:
    """Seconds to the next midnight in California, where Google's days end."""
    here = now.astimezone(_california())
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), tzinfo=here.tzinfo)
    # In UTC, because two times of one zone are subtracted as if no clock were ever put forward.
    return (midnight.astimezone(UTC) - now.astimezone(UTC)).total_seconds()


@cache
def _california() -> tzinfo:
    try:
        return ZoneInfo("America/Los_Angeles")
    except (ZoneInfoNotFoundError, OSError):  # a host without zones: an hour late in summer
        return timezone(timedelta(hours=-8))


def _span(text: str) -> float | None:
    """``11s``, ``34.4s``, ``6m0s``, ``120ms``."""
    if not _SPAN.fullmatch(text):
        return None
    return sum(float(number) * _UNIT[unit] for number, unit in _PIECE.findall(text))


def _in_words(message: str) -> float | None:
    found = _IN_WORDS.search(message)
    if not found:
        return None
    span = _span(found[1])
    return float(found[1].split()[0].rstrip("sec")) if span is None else span


def _milliseconds(text: str) -> float | None:
    return float(text) / 1000 if re.fullmatch(_NUMBER, text) else None


def _retry_after(text: str, now: datetime) -> float | None:
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return float(text.rstrip("s"))
    if not text or len(text) > 60:
        return None
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return (date - now).total_seconds()


def _reset(headers: Mapping[str, str]) -> float | None:
    """OpenAI's: of the limits that have nothing left, the one that is renewed last."""
    spans = [
        span
        for name in _RESETS
        if headers.get(f"x-ratelimit-remaining-{name}", "0").strip() == "0"
        and (span := _span(headers.get(f"x-ratelimit-reset-{name}", "").strip())) is not None
    ]
    return max(spans, default=None)
