"""How long to wait is found wherever an upstream says it, and is never silly."""

from datetime import UTC, datetime, timedelta

import pytest

from pisang.routing.delays import LONGEST, delay_of, until_midnight
from pisang.wire.complaint import Complaint

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


def told(headers: dict[str, str] | None = None, *, message: str = "", body: str = "") -> object:
    said = Complaint(message=message, retry_delay=body)
    return delay_of(headers or {}, said, now=NOW)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [("11s", 11), ("34.4s", 34.4), ("0.5s", 0.5), ("0s", 0), ("90000000s", LONGEST),
     ("s", None), ("-1s", None), ("11", None), ("", None), ("1e9s", None)],
)  # fmt: skip
def test_retry_info_is_heard(body: str, seconds: float | None) -> None:
    assert told(body=body) == seconds


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("Quota.\nPlease retry in 11.769242877s.", 11.769242877),
        ("Please try again in 20s. Visit us.", 20),
        ("Please try again in 1m26.4s.", 86.4),
        ("please retry in 250ms", 0.25),
        ("Please retry after a while", None),
        ("Try again in 20 seconds.", 20),
        ("Try again in 1.5 secs.", 1.5),
        ("Try again in", None),
    ],
)
def test_a_sentence_is_heard(message: str, seconds: float | None) -> None:
    assert told(message=message) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7.5 ", 7.5),
        ("Sat, 21 Nov 2026 20:01:30 GMT", 90),
        ("Sat, 21 Nov 2026 19:00:00 GMT", 0),
        ("Sat, 21 Nov 2030 19:00:00 GMT", LONGEST),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("Sat, 99 Nov 2026 20:01:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert told({"retry-after": value}) == seconds


def test_milliseconds_are_more_exact() -> None:
    assert told({"retry-after": "2", "retry-after-ms": "1500"}) == 1.5


def test_of_openais_limits_the_one_that_is_used_up_counts() -> None:
    headers = {
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "6m0s",
        "x-ratelimit-remaining-tokens": "900",
        "x-ratelimit-reset-tokens": "20m0s",
    }

    assert told(headers) == 360
    assert told({"x-ratelimit-reset-requests": "120ms"}) == pytest.approx(0.12)
    assert told({"x-ratelimit-reset-requests": "soon"}) is None


def test_the_body_goes_before_headers() -> None:
    assert told({"retry-after": "60"}, body="3s", message="retry in 9s") == 3
    assert told({"retry-after": "60"}, message="retry in 9s") == 9


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 21, 20, 0, tzinfo=UTC), 12),  # winter: UTC-8
        (datetime(2026, 7, 1, 20, 0, tzinfo=UTC), 11),  # summer: UTC-7
        (datetime(2026, 3, 8, 8, 0, tzinfo=UTC), 23),  # the clock is put forward on this day
        (datetime(2026, 11, 1, 7, 0, tzinfo=UTC), 25),  # and back on this one
        (datetime(2026, 11, 21, 7, 59, 59, tzinfo=UTC), 1 / 3600),
    ],
)
def test_googles_day_ends_in_california(now: datetime, hours: float) -> None:
    assert until_midnight(now) == hours * 3600
    assert until_midnight(now.astimezone()) == hours * 3600


def test_it_is_never_more_than_a_long_day() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert all(0 < until_midnight(start + timedelta(hours=h)) <= LONGEST for h in range(0, 9000, 7))
