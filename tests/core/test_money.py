from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.money import NANOS, Money, Rate, per_million

amounts = st.integers(-(10**18), 10**18).map(Money)


@pytest.mark.parametrize(
    ("dollars", "text"),
    [
        ("0.0672", "$0.0672"),
        ("0", "$0.00"),
        ("1.5", "$1.50"),
        ("2.00", "$2.00"),
        ("-0.01", "-$0.01"),
        ("0.000000125", "$0.000000125"),
        ("1234567.891", "$1234567.891"),
    ],
)
def test_amounts_are_written_exactly_without_noise(dollars: str, text: str) -> None:
    assert str(Money.of(dollars)) == text


@pytest.mark.parametrize(
    ("dollars", "nanos"),
    [
        ("0.0000000005", 0),
        ("0.0000000015", 2),
        ("0.0000000025", 2),
        ("0.00000000250000000000000000000000000001", 3),
        ("-0.0000000015", -2),
        ("-0.0000000025", -2),
    ],
)
def test_a_half_is_rounded_to_the_even_neighbour(dollars: str, nanos: int) -> None:
    assert Money.of(dollars).nanos == nanos


@pytest.mark.parametrize("nonsense", ["", "abc", "NaN", "Infinity", "-inf", "$1", "1e999999999"])
def test_what_is_no_amount_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        Money.of(nonsense)


def test_the_cheapest_token_is_a_whole_number_of_nanos() -> None:
    assert Money.of(per_million(Decimal("0.125"), 1)).nanos == 125


@given(amounts, amounts, amounts)
def test_sums_do_not_depend_on_their_order(a: Money, b: Money, c: Money) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a - b == -(b - a)
    assert a + Money() == a


@given(amounts, st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_multiples_distribute(a: Money, m: int, n: int) -> None:
    assert a * (m + n) == a * m + n * a


@given(amounts, amounts)
def test_amounts_compare_as_their_dollars_do(a: Money, b: Money) -> None:
    assert (a < b) == (a.dollars < b.dollars)
    assert (a == b) == (a.dollars == b.dollars)
    assert bool(a) == (a != Money())


@given(amounts)
def test_dollars_and_text_read_back_to_the_same_amount(a: Money) -> None:
    assert Money.of(a.dollars) == a
    assert Money.of(str(a).replace("$", "")) == a


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_rounding_is_off_by_half_a_nano_at_most(dollars: Decimal) -> None:
    assert abs(Decimal(Money.of(dollars).nanos) - dollars * NANOS) <= Decimal("0.5000001")


@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_per_million_is_exact_for_large_counts(rate: int, count: int) -> None:
    assert per_million(rate, count) * 1_000_000 == Decimal(rate) * count


@given(st.decimals(0, 1000, places=5), st.integers(0, 10**9))
def test_a_rate_charges_what_the_exact_product_rounds_to(rate: Decimal, count: int) -> None:
    assert Rate.of(rate).times(count) == Money.of(per_million(rate, count))


@pytest.mark.parametrize("rate", ["0.125", "120", "0.0375", "33.0001"])
def test_a_rate_of_odd_nanos_is_rounded_once(rate: str) -> None:
    amounts = [Rate.of(Decimal(rate)).times(count) for count in (1, 3, 1120)]
    exact = [Decimal(rate) * count / 1_000_000 for count in (1, 3, 1120)]
    assert amounts == [Money.of(dollars) for dollars in exact]


def test_money_is_not_multiplied_by_fractions() -> None:
    with pytest.raises(TypeError):
        Money.of(1) * 0.5  # type: ignore[operator]
