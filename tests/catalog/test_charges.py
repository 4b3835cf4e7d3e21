"""The one formula: components are rounded once each and sum to the total, markup and all."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.charges import COMPONENTS, Cost, Rates
from pisang.core.events import Usage
from pisang.core.money import Money

PRO = Rates.of(input=2, text=12, image=120, search=14)
COUNTS = st.integers(0, 200_000)
USAGES = st.builds(
    Usage,
    prompt_text=COUNTS,
    prompt_image=COUNTS,
    text_output=COUNTS,
    image_output=COUNTS,
    thoughts=COUNTS,
    images=st.integers(0, 20),
    searches=st.integers(0, 50),
    engine_ms=st.integers(0, 3_600_000),
)
DOLLARS = st.decimals(0, 200, places=9)
RATES = st.builds(
    Rates.of,
    input=DOLLARS,
    text=DOLLARS,
    image=DOLLARS,
    each=DOLLARS,
    search=DOLLARS,
    second=DOLLARS,
)
MARKUPS = st.decimals("-1", 5, places=6)


def exact(usage: Usage, rates: Rates) -> Fraction:
    """The same, with fractions and without rounding."""
    counts = (
        (rates.input, usage.prompt_text + usage.prompt_image),
        (rates.text, usage.text_output + usage.thoughts),
        (rates.image, usage.image_output),
        (rates.each, usage.images),
        (rates.search, usage.searches),
        (rates.second, usage.engine_ms),
    )
    return sum((Fraction(rate.dollars) * count for rate, count in counts), Fraction()) / 10**6


def test_each_component_is_a_line_of_its_own() -> None:
    usage = Usage(
        prompt_text=100,
        prompt_image=560,
        text_output=50,
        thoughts=150,
        image_output=1120,
        images=1,
        searches=2,
    )
    assert PRO.cost(usage).components == {
        "input_text": Money.of("0.0002"),
        "input_image": Money.of("0.00112"),
        "output_text": Money.of("0.0024"),
        "output_image": Money.of("0.1344"),
        "search": Money.of("0.028"),
    }
    assert PRO.cost(usage).total == Money.of("0.16612")


def test_markup_is_put_on_each_component() -> None:
    cost = Cost(input_text=Money(5), images=Money(10), search=Money(3))
    assert cost.marked_up(Decimal("0.5")) == Cost(
        input_text=Money(8), images=Money(15), search=Money(4)
    )  # 7.5 and 4.5: a half goes to the even neighbour
    assert cost.marked_up(Decimal(0)) is cost
    assert cost.marked_up(Decimal(-1)).total == Money(0)


@given(USAGES, RATES, MARKUPS)
def test_components_sum_to_the_total(usage: Usage, rates: Rates, markup: Decimal) -> None:
    for cost in (rates.cost(usage), rates.cost(usage).marked_up(markup)):
        assert sum(cost.components.values(), Money(0)) == cost.total
        assert set(cost.components) <= set(COMPONENTS)


@given(USAGES, RATES)
def test_no_component_is_rounded_more_than_once(usage: Usage, rates: Rates) -> None:
    off = abs(Fraction(rates.cost(usage).total.dollars) - exact(usage, rates))
    assert off <= Fraction(len(COMPONENTS), 2) / 10**9  # half a nano-dollar for each of them


@given(USAGES, RATES)
def test_rates_that_were_written_down_give_the_same_bill(usage: Usage, rates: Rates) -> None:
    assert Rates.read(rates.written).cost(usage) == rates.cost(usage)


@given(USAGES, USAGES, RATES)
def test_more_of_anything_never_costs_less(usage: Usage, more: Usage, rates: Rates) -> None:
    both = Usage(
        **{name: getattr(usage, name) + getattr(more, name) for name in Usage.__dataclass_fields__}
    )
    assert rates.cost(both).total >= rates.cost(usage).total


def test_rates_are_written_as_people_write_prices() -> None:
    rates = Rates.of(input=Decimal("0.50"), image=60, each=Decimal("0.0450"), search=14)
    assert dict(rates.written) == {
        "input": "0.5",
        "image_output": "60",
        "image": "0.045",
        "search": "14",
    }


def test_the_time_of_an_engine_is_a_component_by_the_second() -> None:
    gpu = Rates.of(second=Decimal("0.0004"))
    used = gpu.timed(Usage(images=1), 2.5001)
    assert used.engine_ms == 2_501  # a millisecond that was begun counts
    assert gpu.cost(used).components == {"engine_time": Money.of("0.0010004")}
    assert gpu.written == {"second": "0.0004"}
    assert gpu.cost(used).marked_up(Decimal("0.5")).total == Money.of("0.0015006")
    assert gpu.timed(Usage(), -1).engine_ms == 0  # a clock that was set back


def test_time_that_nobody_pays_for_is_not_noted() -> None:
    used = Usage(images=1)
    assert PRO.timed(used, 9) is used
