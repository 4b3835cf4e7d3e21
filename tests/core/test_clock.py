from datetime import datetime

import pytest

from pisang.core.clock import moment, now, rfc3339, seconds_of


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0, "1970-01-01T00:00:00Z"), (1_793_000_000, "2026-10-26T07:33:20Z")],
)
def test_moments_are_counted_from_1970_and_back(seconds: int, written: str) -> None:
    assert rfc3339(moment(seconds)) == written
    assert seconds_of(moment(seconds)) == seconds


def test_parts_of_a_second_are_cut() -> None:
    at = datetime(2026, 11, 21, 8, 30, 0, 999_999)
    assert rfc3339(at) == "2026-11-21T08:30:00Z"
    assert moment(seconds_of(at)) == datetime(2026, 11, 21, 8, 30)


def test_now_has_no_zone() -> None:
    assert now().tzinfo is None
