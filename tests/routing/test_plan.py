"""Which engines a request goes to, and in which order."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.core.errors import NoRoute
from pisang.routing.plan import Plan, Question, Step, names, plan
from pisang.routing.table import EngineSpec, Route, Table, Target

SKETCH = EngineSpec(name="sketch", kind="sketch")
STUDIO = EngineSpec(name="studio", kind="google")
BELGIUM = EngineSpec(name="belgium", kind="vertex", location="europe-west1")
AMERICA = EngineSpec(name="america", kind="vertex", location="us-central1")
EVERYWHERE = EngineSpec(name="everywhere", kind="vertex", location="global")
ENGINES = (SKETCH, STUDIO, BELGIUM, AMERICA, EVERYWHERE)

PRO = Question(
    asked="nano-banana-pro",
    names=frozenset({"nano-banana-pro", "gemini-3-pro-image", "gemini-3-pro-image-preview"}),
    known=True,
)
UNKNOWN = Question(asked="gemini-9-image", names=frozenset({"gemini-9-image"}), known=False)


def table(*routes: Route) -> Table:
    return Table({engine.name: engine for engine in ENGINES}, routes)


def route(models: str, *engines: str, **more: object) -> Route:
    targets = tuple(Target(engine) for engine in engines)
    return Route(id=f"to-{'-'.join(engines)}", models=(models,), targets=targets, **more)  # type: ignore[arg-type]


def never() -> float:
    raise AssertionError("there was nothing to choose")


def engines(made: Plan) -> list[str]:
    return [step.engine for step in made.steps]


def asked(question: Question, **more: object) -> Question:
    known = {name: getattr(question, name) for name in Question.__slots__}
    return Question(**(known | more))


def test_engines_are_asked_in_the_order_of_the_route() -> None:
    made = plan(PRO, table(route("gemini-3-pro-image", "studio", "belgium")), choose=never)
    assert made.steps == (Step("studio", ""), Step("belgium", ""))
    assert made.left_out == ()


@pytest.mark.parametrize(
    "pattern",
    ["gemini-3-pro-image", "nano-banana-pro", "gemini-3-pro-image-preview", "gemini-3*", "*"],
)
def test_a_route_is_found_by_every_name_of_the_model(pattern: str) -> None:
    assert engines(plan(PRO, table(route(pattern, "studio")), choose=never)) == ["studio"]


@pytest.mark.parametrize("pattern", ["gemini-2*", "gemini-3-pro", "nano-banana", "NANO-BANANA-PRO"])
def test_a_route_for_another_model_is_not(pattern: str) -> None:
    with pytest.raises(NoRoute, match="No route of this server leads to the model nano-banana-pro"):
        plan(PRO, table(route(pattern, "studio")), choose=never)


def test_the_first_route_that_fits_wins() -> None:
    first, second = route("gemini-3*", "belgium"), route("gemini-3-pro-image", "studio")
    assert plan(PRO, table(first, second), choose=never).route is first
    assert plan(PRO, table(second, first), choose=never).route is second


CONDITIONS = {
    "sizes": ({"sizes": ("4K",)}, {"size": "4K"}, {"size": "2K"}, "the sizes 4K"),
    "tiers": ({"tiers": ("flex",)}, {"tier": "flex"}, {}, "the tiers flex"),
    "projects": (
        {"projects": ("lab",)},
        {"projects": frozenset({"prj_1", "lab"})},
        {"projects": frozenset({"prj_2", "shop"})},
        "other projects",
    ),
    "locations": (
        {"locations": ("europe-*",)},
        {"location": "europe-west4"},
        {"location": "us-east1"},
        "addresses in europe-\\*",
    ),
    "no location": (
        {"locations": ("*",)},
        {"location": "global"},
        {"location": ""},
        "addresses in \\*",
    ),
    "surfaces": ({"surfaces": ("vertex",)}, {"surface": "vertex"}, {}, "the surfaces vertex"),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_route_whose_condition_does_not_hold_is_passed_over(case: str) -> None:
    condition, meets, fails, words = CONDITIONS[case]
    narrow, wide = route("*", "belgium", **condition), route("*", "studio")
    assert engines(plan(asked(PRO, **meets), table(narrow, wide), choose=never)) == ["belgium"]
    assert engines(plan(asked(PRO, **fails), table(narrow, wide), choose=never)) == ["studio"]
    with pytest.raises(NoRoute, match=words):
        plan(asked(PRO, **fails), table(narrow), choose=never)


def test_nobody_learns_the_names_of_other_projects() -> None:
    with pytest.raises(NoRoute) as caught:
        plan(PRO, table(route("*", "studio", projects=("secret-merger",))), choose=never)
    assert "secret-merger" not in caught.value.message


def test_the_upstreams_name_of_a_model_comes_from_the_engine_or_else_from_the_route() -> None:
    targets = (Target("studio"), Target("belgium", upstream_model="imagen-4"))
    made = plan(
        PRO,
        table(Route(id="r", models=("*",), targets=targets, upstream_model="pro-v2")),
        choose=never,
    )
    assert made.steps == (Step("studio", "pro-v2"), Step("belgium", "imagen-4"))


def weighted(*weights: int | None) -> Table:
    targets = tuple(
        Target(spec.name, weight) for spec, weight in zip(ENGINES, weights, strict=False)
    )
    return table(Route(id="shared", models=("*",), targets=targets))


def test_weights_share_the_work() -> None:
    choose = Random(20).random
    first = Counter(engines(plan(PRO, weighted(9, 1), choose=choose))[0] for _ in range(4000))
    assert first["sketch"] / 4000 == pytest.approx(0.9, abs=0.03)


def test_every_weighted_engine_stays_in_the_plan_for_failing_over() -> None:
    made = plan(PRO, weighted(5, 3, 1), choose=Random(3).random)
    assert sorted(engines(made)) == ["belgium", "sketch", "studio"]


@given(st.lists(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=5, max_size=5))
def test_engines_without_a_weight_come_after_and_a_weight_of_0_last(numbers: list[float]) -> None:
    chosen = iter(numbers)
    made = plan(PRO, weighted(0, None, 4, 2, None), choose=lambda: next(chosen))
    assert set(engines(made)[:2]) == {"belgium", "america"}
    assert engines(made)[2:] == ["studio", "everywhere", "sketch"]


PLACES = st.lists(
    st.sampled_from(["europe-*", "europe-west1", "us-*", "global", "*", "asia-*", "EUROPE-WEST1"]),
    min_size=1,
    max_size=3,
    unique=True,
)
ROUTES = st.lists(
    st.lists(st.sampled_from([spec.name for spec in ENGINES]), min_size=1, max_size=5).map(
        lambda chosen: route("*", *chosen)
    ),
    min_size=1,
    max_size=3,
)


@given(PLACES, ROUTES)
def test_a_bound_project_never_reaches_an_engine_elsewhere(
    bound: list[str], routes: list[Route]
) -> None:
    try:
        made = plan(asked(PRO, bound=tuple(bound)), table(*routes), choose=never)
    except NoRoute:
        return
    for name in engines(made):
        assert name != "studio", "it does not say where it works"
        place = next(spec.location for spec in ENGINES if spec.name == name)
        assert (
            name == "sketch"
            or "*" in bound
            or place in [each.lower() for each in bound]
            or f"{place.partition('-')[0]}-*" in bound
        )


def test_what_a_bound_project_is_kept_from_is_said() -> None:
    question = asked(PRO, bound=("europe-*",))
    made = plan(question, table(route("*", "studio", "america", "belgium")), choose=never)
    assert engines(made) == ["belgium"]
    assert [engine for engine, _ in made.left_out] == ["studio", "america"]
    assert "does not say where it works" in made.left_out[0][1]
    assert "works in us-central1" in made.left_out[1][1]
    with pytest.raises(NoRoute, match=r"america works in us-central1, .* only go to europe-\*"):
        plan(question, table(route("*", "america")), choose=never)


def test_a_bound_project_does_not_fall_through_to_a_later_route() -> None:
    """A route is an operator's decision about a model; the next one is for other models."""
    question = asked(PRO, bound=("europe-*",))
    with pytest.raises(NoRoute):
        plan(question, table(route("*", "america"), route("*", "belgium")), choose=never)


def test_an_engine_in_this_process_is_wherever_the_server_is() -> None:
    question = asked(PRO, bound=("europe-*",))
    assert engines(plan(question, table(route("*", "sketch")), choose=never)) == ["sketch"]


def test_an_unknown_model_goes_to_upstreams_only() -> None:
    made = plan(UNKNOWN, table(route("*", "sketch", "studio")), choose=never)
    assert engines(made) == ["studio"]
    assert made.left_out == (("sketch", "draws the models of the catalog only"),)
    with pytest.raises(NoRoute, match="draws the models of the catalog only"):
        plan(UNKNOWN, table(route("*", "sketch")), choose=never)


def test_an_engine_that_is_gone_is_left_out() -> None:
    made = plan(PRO, table(route("*", "yesterday", "studio")), choose=never)
    assert engines(made) == ["studio"]
    assert made.left_out == (("yesterday", "is not an engine of this server"),)


def test_without_any_route_it_is_said_what_to_write() -> None:
    with pytest.raises(NoRoute, match=r'\[\[routes\]\] with model = "gemini-9-image"'):
        plan(UNKNOWN, table(), choose=never)


@pytest.mark.parametrize(
    ("pattern", "model", "named"),
    [
        ("gemini-9-image", "gemini-9-image", True),
        ("gemini-9*", "gemini-9-image", True),
        ("*", "gemini-9-image", False),
        ("gemini-8*", "gemini-9-image", False),
        ("*", "*", True),
    ],
)
def test_a_route_names_a_model_by_more_than_everything(
    pattern: str, model: str, named: bool
) -> None:
    assert names(route(pattern, "studio"), model) is named
