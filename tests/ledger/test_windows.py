"""Windows: never more than the limit in any 60 seconds, days of Los Angeles, clocks that jump."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.terms import Period
from pisang.ledger.windows import (
    DAY,
    MINUTE,
    TEN_MINUTES,
    Window,
    day_of,
    midnight,
    period_end,
    period_start,
    used_now,
)

START = 1_800_000_000.0


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_what_was_counted_leaves_when_its_last_moment_is_a_minute_ago() -> None:
    window = Window(MINUTE, START + 0.9)
    window.add(window.now, 3)
    packed = window.packed()
    assert used_now("rpm", packed, START + 60.9) == 3
    assert used_now("rpm", packed, START + 61) == 0
    assert Window(MINUTE, START + 10, packed).room_at(3, 1) == START + 61


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(1, 3)), max_size=60), st.integers(1, 6))
def test_no_minute_ever_sees_more_than_the_limit(
    steps: list[tuple[float, int]], value: int
) -> None:
    now, packed, taken = START, "[]", list[tuple[float, int]]()
    for wait, count in steps:
        now += wait
        window = Window(MINUTE, now, packed)
        if window.used + count <= value:
            window.add(window.now, count)
            taken.append((now, count))
        elif count <= value:
            room_at = window.room_at(value, count)
            assert room_at is not None
            later = Window(MINUTE, room_at, packed)
            assert later.used + count <= value
            assert Window(MINUTE, room_at - 0.01, packed).used + count > value
        packed = window.packed()
    for begin, _ in taken:
        assert sum(count for when, count in taken if begin <= when < begin + 60) <= value


def test_a_clock_that_jumps_back_frees_nothing_and_holds_up_nobody_for_long() -> None:
    window = Window(MINUTE, START + 86_400)
    window.add(window.now, 5)
    jumped = Window(MINUTE, START, window.packed())
    assert jumped.used == 5
    assert jumped.changed  # so that it is written, and not moved along with the clock
    assert used_now("rpm", jumped.packed(), START + 60) == 5
    assert used_now("rpm", jumped.packed(), START + 61) == 0


def test_a_clock_that_is_a_little_behind_another_servers_moves_nothing() -> None:
    window = Window(MINUTE, START + 3)
    window.add(window.now, 5)
    behind = Window(MINUTE, START, window.packed())
    assert (behind.used, behind.changed) == (5, False)


def test_who_gives_back_what_was_moved_takes_nothing_of_what_others_have_counted_since() -> None:
    window = Window(TEN_MINUTES, START + 86_400)
    window.add(window.now, 5)
    jumped = Window(TEN_MINUTES, START, window.packed())
    later = Window(TEN_MINUTES, START + 700, jumped.packed())
    later.add(later.now, 7)
    later.add(window.now, -5)
    assert later.used == 7


def test_a_day_ends_at_midnight_in_los_angeles() -> None:
    evening = at("2026-11-22 07:59:59")
    window = Window(DAY, evening)
    window.add(window.now, 7)
    assert window.room_at(7, 1) == evening + 1
    assert used_now("rpd", window.packed(), evening) == 7
    assert used_now("rpd", window.packed(), evening + 1) == 0


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-08 20:00", 23), ("2026-11-01 20:00", 25), ("2026-11-02 20:00", 24)]
)
def test_a_day_has_23_or_25_hours_where_the_clocks_are_changed(day: str, hours: int) -> None:
    number = day_of(at(day))
    assert midnight(number + 1) - midnight(number) == hours * 3600
    assert day_of(midnight(number + 1) - 0.1) == number
    assert day_of(midnight(number + 1)) == number + 1


def test_a_clock_that_jumps_back_over_midnight_finds_the_day_as_it_was() -> None:
    window = Window(DAY, at("2026-11-22 07:59:59"))
    window.add(window.now, 7)
    next_day = Window(DAY, at("2026-11-22 08:00:01"), window.packed())
    next_day.add(next_day.now, 1)
    assert used_now("rpd", next_day.packed(), at("2026-11-22 07:59:58")) == 7
    assert used_now("rpd", next_day.packed(), at("2026-11-22 08:00:02")) == 1


def test_a_late_post_sees_the_fullest_ten_minutes_that_its_bucket_is_in() -> None:
    window = Window(TEN_MINUTES, START + 900)
    first = window.now - 70
    for bucket, amount in ((first, 5), (first + 30, 7), (first + 61, 11)):
        window.add(bucket, amount)
    assert window.peak(first + 30) == 18
    assert window.peak(first + 60) == 18
    assert window.peak(first + 5) == 18
    assert window.peak(first) == 12


@given(st.dictionaries(st.integers(-119, 0), st.integers(1, 9), max_size=12), st.integers(-119, 0))
def test_the_fullest_ten_minutes_are_found_wherever_they_begin(
    counts: dict[int, int], ago: int
) -> None:
    window = Window(TEN_MINUTES, START)
    for at_, count in counts.items():
        window.add(window.now + at_, count)
    begins = range(ago - 60, ago + 1)
    sums = [sum(counts.get(at_, 0) for at_ in range(begin, begin + 61)) for begin in begins]
    assert window.peak(window.now + ago) == max(sums)


def test_what_counted_lately_is_forgotten_ten_minutes_after_it_left() -> None:
    window = Window(TEN_MINUTES, START)
    window.add(window.now, 5)
    packed = window.packed()
    for seconds, used, lately in ((600, 5, 5), (610, 0, 5), (1200, 0, 5), (1210, 0, 0)):
        later = Window(TEN_MINUTES, START + seconds, packed)
        assert (later.used, later.lately) == (used, lately)


@given(st.floats(at("2020-01-01 00:00"), at("2040-01-01 00:00")))
def test_periods_follow_one_another_without_a_gap(when: float) -> None:
    for period in (Period.DAY, Period.WEEK, Period.MONTH):
        start, end = period_start(period, when), period_end(period, when)
        assert end is not None
        assert start <= when < end
        assert period_start(period, end) == end
        assert period_start(period, end - 0.5) == start
    assert (period_start(Period.TOTAL, when), period_end(Period.TOTAL, when)) == (0, None)


def test_weeks_begin_on_monday_and_months_on_the_first_in_los_angeles() -> None:
    sunday = at("2026-11-23 07:59:59")  # 23:59:59 there
    assert period_end(Period.WEEK, sunday) == sunday + 1
    assert period_start(Period.MONTH, sunday) == at("2026-11-01 07:00")
    assert period_end(Period.MONTH, sunday) == at("2026-12-01 08:00")
    months = [period_start(Period.MONTH, at(f"2026-{month:02}-15 00:00")) for month in range(1, 13)]
    assert all(a < b for a, b in pairwise(months))
