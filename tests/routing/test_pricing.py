"""Prices and markups as people write them: what they mean, and what is said about a mistake."""

import tomllib
from datetime import date
from decimal import Decimal

import pytest

from pisang.core.errors import SettingsError
from pisang.routing import shown
from pisang.routing.read import engine
from pisang.routing.table import EngineSpec, Price, PriceLine


def read(toml: str) -> EngineSpec:
    written = tomllib.loads(toml, parse_float=Decimal)
    return engine("relay", {"kind": "openai", "base_url": "https://relay.example", **written})


def lines(toml: str) -> tuple[PriceLine, ...]:
    price = read(toml).price
    assert price is not None
    return price.lines


@pytest.mark.parametrize("word", ["list", "free"])
def test_a_price_may_be_a_word(word: str) -> None:
    assert read(f'price = "{word}"').price == Price(word)


def test_a_price_may_be_one_for_all_sizes() -> None:
    (line,) = lines("price = { image = 0.04, search = 14 }")
    assert line == PriceLine(image=(("default", Decimal("0.04")),), search=Decimal(14))


def test_a_price_may_be_by_the_second() -> None:
    (line,) = lines("price = { second = 0.0004 }")
    assert line == PriceLine(second=Decimal("0.0004"))


def test_a_price_may_be_by_size() -> None:
    (line,) = lines("price = { image = { 1K = 0.04, 4K = 0.12, default = 0.05 } }")
    assert dict(line.image) == {
        "1K": Decimal("0.04"),
        "4K": Decimal("0.12"),
        "default": Decimal("0.05"),
    }


def test_a_price_may_have_lines_by_tier_and_day() -> None:
    first, second, third = lines(
        """
        price = [
          { image = 0.04 },
          { tier = "batch", input = 1, output = "6.5", image_output = 60 },
          { from = 2026-12-01, image = 0.05 },
        ]
        """
    )
    assert (first.tier, first.start) == ("", date.min)
    assert (second.tier, second.output) == ("batch", Decimal("6.5"))
    assert third.start == date(2026, 12, 1)


def test_the_admin_api_writes_a_day_as_a_text() -> None:
    (line,) = lines('price = { from = "2026-12-01", image = 0.05 }')
    assert line.start == date(2026, 12, 1)


def test_a_markup_is_a_share() -> None:
    assert read("markup = 0.2").markup == Decimal("0.2")
    assert read('markup = "-0.1"').markup == Decimal("-0.1")
    assert read("").markup is None


def test_searches_may_be_free() -> None:
    assert read("free_searches = true").free_searches
    assert not read("").free_searches


@pytest.mark.parametrize(
    "toml",
    [
        'price = "free"',
        'price = { image = "0.04" }',
        'price = { image = "0" }',
        'price = { image = { 1K = "0.04", default = "0.05" }, input = "2" }',
        'price = [{ image = "0.04" }, { from = "2026-12-01", tier = "flex", image = "0.02" }]',
        'markup = "0.2"\nfree_searches = true',
    ],
)
def test_what_is_shown_is_read_again_as_the_same(toml: str) -> None:
    spec = read(toml)
    told = shown.engine(spec)
    wanted = tomllib.loads(toml)
    assert {name: told[name] for name in wanted} == wanted
    again = engine("relay", {name: told[name] for name in ("kind", "base_url", *wanted)})
    assert (again.price, again.markup, again.free_searches) == (
        spec.price,
        spec.markup,
        spec.free_searches,
    )


MISTAKES = [
    ('price = "cheap"', 'engines.relay.price: must be "list", "free", or dollars in a table'),
    ("price = []", 'engines.relay.price: must be "list"'),
    ("price = {}", 'engines.relay.price: must be "list"'),
    ("price = [3]", "engines.relay.price[0]: must be a table of dollars"),
    ("price = { image = -1 }", "engines.relay.price.image: must be an amount of dollars"),
    ("price = { second = -1 }", "engines.relay.price.second: must be an amount of dollars"),
    ("price = { seconds = 1 }", "engines.relay.price.seconds: there is no such name."),
    ("price = { picture = 1 }", "engines.relay.price.picture: there is no such name."),
    ("price = { image = { 8K = 1 } }", "engines.relay.price.image.8K: there is no such name."),
    ('price = { tier = "flx", image = 1 }', "Did you mean 'flex'?"),
    ('price = { tier = "flex", image = 1 }', "needs a line without a tier"),
    ('price = { from = "soon", image = 1 }', "engines.relay.price.from: must be a day"),
    ("price = [{ image = 1 }, { image = 2 }]", "price[1]: is for the same tier and day"),
    ("markup = -2", "engines.relay.markup: must be a share from -1 to 100"),
    ('markup = "much"', "engines.relay.markup: must be a share"),
    ("markup = true", "engines.relay.markup: must be a share"),
    ("free_searches = 5000", "engines.relay.free_searches: must be true or false"),
]


@pytest.mark.parametrize(("toml", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_place(toml: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(toml)
    assert said in caught.value.message
