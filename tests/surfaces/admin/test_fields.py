"""Fields of the admin API: amounts exact to the nano-dollar, times, words, and what is wrong."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.errors import MalformedRequest
from pisang.core.money import Money
from pisang.core.terms import Period
from pisang.surfaces.admin import fields


@pytest.mark.parametrize(
    ("written", "nanos"),
    [
        ("5", 5_000_000_000),
        ("5.00", 5_000_000_000),
        (" 0.067 ", 67_000_000),
        ("0.000000001", 1),
        ("0.0000000010000", 1),
        ("0", 0),
        ("-0", 0),
        ("999999999.999999999", 999_999_999_999_999_999),
    ],
)
def test_an_amount_is_exact(written: str, nanos: int) -> None:
    assert fields.amount({"amount_usd": written}, "amount_usd") == Money(nanos)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (None, "as a text"),
        (5, "as a text"),
        (5.5, "as a text"),
        ("", "as a text"),
        ("$5", "as a text"),
        ("5,00", "as a text"),
        ("1e3", "as a text"),
        ("NaN", "as a text"),
        ("Infinity", "as a text"),
        ("٥", "as a text"),
        ("0x10", "as a text"),
        ("0.0000000001", "more than nine decimals"),
        ("1000000000", "less than"),
        ("-1", "must not be negative"),
    ],
)
def test_what_is_no_amount_is_told(written: object, why: str) -> None:
    with pytest.raises(MalformedRequest, match=why) as error:
        fields.amount({"amount_usd": written}, "amount_usd")
    assert error.value.field == "amount_usd"


def test_a_correction_may_be_negative() -> None:
    assert fields.amount({"a": "-1.20"}, "a", signed=True) == Money(-1_200_000_000)


@given(st.integers(-(10**18) + 1, 10**18 - 1).map(Money))
def test_an_amount_comes_back_as_it_was_written(amount: Money) -> None:
    written = fields.usd(amount)
    assert fields.amount({"a": written}, "a", signed=True) == amount


def test_an_unknown_name_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(MalformedRequest, match="Did you mean 'amount_usd'"):
        fields.check({"amuont_usd": "5"}, ("project", "amount_usd"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-21", datetime(2026, 11, 21)),
        ("2026-11-21T08:30:00Z", datetime(2026, 11, 21, 8, 30)),
        ("2026-11-21T08:30:00-08:00", datetime(2026, 11, 21, 16, 30)),
        ("", None),
    ],
)
def test_times(written: str, expected: datetime | None) -> None:
    assert fields.time({"from": written}, "from") == expected


@pytest.mark.parametrize(
    ("read", "wrong", "why"),
    [
        (lambda sent: fields.time(sent, "x"), "yesterday", "2026-11-21T08:30:00Z"),
        (lambda sent: fields.time(sent, "x"), "0001-01-01T00:00:00+10:00", "2026-11-21"),
        (lambda sent: fields.word(sent, "x", Period), "mnth", "Did you mean 'month'"),
        (lambda sent: fields.whole(sent, "x"), "many", "a whole number from 0"),
        (lambda sent: fields.whole(sent, "x"), True, "a whole number from 0"),
        (lambda sent: fields.whole(sent, "x"), 1.5, "a whole number from 0"),
        (lambda sent: fields.whole(sent, "x"), -1, "a whole number from 0"),
        (lambda sent: fields.whole(sent, "x"), 10**30, "a whole number from 0"),
        (lambda sent: fields.truth(sent, "x"), "yes", "true or false"),
        (lambda sent: fields.truth(sent, "x"), 1, "true or false"),
        (lambda sent: fields.texts(sent, "x"), [1], "a list of texts"),
        (lambda sent: fields.text(sent, "x"), 1, "must be a text"),
        (lambda sent: fields.text(sent, "x"), "a\nb", "one line"),
        (lambda sent: fields.text(sent, "x"), "a" * 301, "at most 300"),
        (lambda sent: fields.needed(sent, "x"), " ", "is missing"),
    ],
)
def test_a_wrong_value_is_told(read: Any, wrong: object, why: str) -> None:
    with pytest.raises(MalformedRequest, match=why):
        read({"x": wrong})


def test_times_and_amounts_are_written_in_one_way() -> None:
    assert fields.shown(datetime(2026, 11, 21, 8, 30, 1, 5)) == "2026-11-21T08:30:01Z"
    assert fields.shown(None) is None
    assert fields.usd(Money(-67_000_000)) == "-0.067"
    assert fields.usd(None) is None
