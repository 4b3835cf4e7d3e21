"""Lengths of time as people type them."""

from datetime import UTC, datetime, timedelta

import pytest

from pisang.cli.durations import length, moment
from pisang.core.errors import RequestError


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("0s", timedelta()),
        ("90m", timedelta(minutes=90)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_lengths(typed: str, expected: timedelta) -> None:
    assert length(typed) == expected


@pytest.mark.parametrize("typed", ["", "30", "d", "1.5d", "-1d", "30 d", "1y", "999999d"])
def test_what_is_no_length_is_told(typed: str) -> None:
    with pytest.raises(RequestError, match="write it as 30d or 12h"):
        length(typed)


def test_a_moment_is_so_long_from_now_or_as_it_was_typed() -> None:
    found = datetime.fromisoformat(moment("1h"))
    assert timedelta(minutes=59) < found - datetime.now(UTC) <= timedelta(hours=1)
    assert moment("2026-12-31") == "2026-12-31"
    for typed in ("999999d", "-1d", "3 days"):
        with pytest.raises(RequestError, match="write it as 30d or 12h"):
            moment(typed)
