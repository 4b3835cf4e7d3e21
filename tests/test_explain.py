"""Where a request would go, and what it would cost, told without sending one."""

from collections.abc import Mapping, Sequence

import pytest

from pisang.core.money import Money
from pisang.core.request import ServiceTier
from pisang.explain import Asked, Explanation, explain
from pisang.routing.assemble import assemble

ENGINES = {
    "studio": {"kind": "google", "api_keys": ["x"]},
    "cloud": {"kind": "vertex", "project": "p", "location": "europe-west4", "credentials": "adc"},
    "relay": {"kind": "openai", "profile": "images"},
}
PRO = "gemini-3-pro-image"
ASKED = Asked(model=PRO)


def explained(
    *routes: Mapping[str, object], asked: Asked = ASKED, strict: bool = False
) -> Explanation:
    table = assemble(ENGINES, routes, environ={}).table
    return explain(asked, table, strict=strict)


def test_it_says_what_a_name_means_and_which_route_took_it() -> None:
    found = explained(
        {"model": "gemini-2.5-*", "engines": ["relay"]},
        {"model": PRO, "engines": ["relay"], "size": ["1K", "2K"]},
        {"model": "gemini-3-*", "engines": ["studio", "cloud"]},
        {"model": "*", "engines": ["relay"]},
        asked=Asked(model="nano-banana-pro", size="4K"),
    )
    assert found.card
    assert found.card.id == PRO
    assert "nano-banana-pro is not an id of Google's" in str(found.notice)
    assert [(each.route.id, each.why) for each in found.looked] == [
        ("routes[0]", "is for other models"),
        ("routes[1]", "is only for the sizes 1K, 2K"),
        ("routes[2]", ""),
    ]
    assert [(each.engine.name, each.upstream_model) for each in found.engines] == [
        ("studio", PRO),
        ("cloud", PRO),
    ]
    assert found.refusal == ""


def test_a_picture_costs_by_the_list_of_the_engine_or_by_the_routes_own_price() -> None:
    (studio,) = explained({"model": "*", "engines": ["studio"]}).engines
    assert studio.price
    # 1120 tokens at $120 a million, and a typical amount of thinking at $12
    assert Money.of("0.1344") < studio.price < Money.of("0.14")
    (own,) = explained({"model": "*", "engines": ["relay"], "price": {"image": 0.04}}).engines
    assert own.price == Money.of("0.04")
    (free,) = explained({"model": "*", "engines": ["relay"], "price": "free"}).engines
    assert free.price == Money(0)
    (large,) = explained(
        {"model": "*", "engines": ["studio"]}, asked=Asked(model=PRO, size="4K")
    ).engines
    assert large.price
    assert large.price > studio.price
    (flex,) = explained(
        {"model": "*", "engines": ["studio"]}, asked=Asked(model=PRO, tier=ServiceTier.FLEX)
    ).engines
    assert flex.price
    assert flex.price < studio.price


def test_a_model_that_nobody_knows_goes_by_its_own_name_at_the_routes_price() -> None:
    asked = Asked(model="models/banana-9")
    found = explained({"model": "banana-*", "engines": ["studio"]}, asked=asked)
    assert found.card is None
    assert [(each.upstream_model, each.price) for each in found.engines] == [("banana-9", None)]
    priced = {"model": "*", "engines": ["studio"], "price": {"image": 0.1}, "upstream_model": "b"}
    (would,) = explained(priced, asked=asked).engines
    assert (would.upstream_model, would.price) == ("b", Money.of("0.1"))


def test_engines_that_share_the_work_have_shares() -> None:
    shared = [{"engine": "relay", "weight": 1}, {"engine": "studio", "weight": 3}]
    found = explained({"model": "*", "engines": shared})
    assert [(each.engine.name, each.share) for each in found.engines] == [
        ("studio", 75),
        ("relay", 25),
    ]


def test_a_project_that_is_bound_is_told_what_is_left_out() -> None:
    asked = Asked(model=PRO, bound=("europe-*",))
    found = explained({"model": "*", "engines": ["studio", "cloud"]}, asked=asked)
    assert [each.engine.name for each in found.engines] == ["cloud"]
    assert found.left_out[0][0] == "studio"
    refused = explained({"model": "*", "engines": ["studio"]}, asked=asked)
    assert refused.engines == ()
    assert "does not say where it works" in refused.refusal


@pytest.mark.parametrize(
    ("routes", "told"),
    [
        ([], "No route of this server leads"),
        ([{"model": PRO, "engines": ["studio"], "project": "shop"}], "only for other projects"),
    ],
)
def test_no_route_is_a_sentence(routes: Sequence[Mapping[str, object]], told: str) -> None:
    assert told in explained(*routes).refusal


def test_imagen_is_drawn_by_its_successor_at_an_upstream() -> None:
    asked = Asked(model="imagen-4.0-generate-001")
    there = explained({"model": "*", "engines": ["studio"]}, asked=asked)
    assert there.engines[0].upstream_model.startswith("gemini-")
    assert "drawn by models/gemini-" in str(there.notice)
    here = explained({"model": "*", "engines": ["sketch"]}, asked=asked)
    assert here.engines[0].upstream_model == "imagen-4.0-generate-001"
    assert "emulated" in str(here.notice)


@pytest.mark.parametrize("size", ["8K", "4k", "512"])
def test_a_size_that_the_model_has_not_is_refused_as_a_request_would_be(size: str) -> None:
    found = explained({"model": "*", "engines": ["studio"]}, asked=Asked(model=PRO, size=size))
    assert f'imageSize "{size}" is not' in found.refusal
    assert not found.engines
