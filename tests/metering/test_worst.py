"""What is held is never less than what is charged, and for engines of ours exactly that."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, FileRef, Part, Role
from pisang.core.events import FinishReason, fold
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, Modality, Sampling, ServiceTier, Tool
from pisang.engines.sketch.engine import SketchEngine
from pisang.metering.bill import UNKNOWN, bill
from pisang.metering.usage import count
from pisang.metering.worst import MOST_SEARCHES, foreseen, most, worst
from pisang.routing.plan import Plan, Step
from pisang.routing.table import EngineSpec, Price, PriceLine, Route, Target
from pisang.wire.gemini import request as requests
from pisang.wire.gemini import tap
from pisang.wire.gemini.schema import DEVELOPER
from pisang.wire.gemini.vertex import VERTEX
from tests.corpus.cases import Case, load
from tests.corpus.play import KEY, canvas_of, request_of
from tests.recordings import Exchange, drawn

CARDS = catalog().cards
CASES = load()
PRO, FLASH = CARDS["gemini-3-pro-image"], CARDS["gemini-3.1-flash-image"]
STUDIO = EngineSpec(name="studio", kind="google")
SKETCH = EngineSpec(name="sketch", kind="sketch")
STANDARD = ServiceTier.STANDARD


def plan(*engines: EngineSpec, price: Price | None = None, markup: str | None = None) -> Plan:
    targets = tuple(Target(engine.name) for engine in engines)
    share = None if markup is None else Decimal(markup)
    route = Route(id="r", models=("*",), targets=targets, price=price, markup=share)
    steps = tuple(Step(engine.name, "") for engine in engines)
    return Plan(route, steps, (), {engine.name: engine for engine in engines})


def asked(*parts: Part, **fields: object) -> GenerateRequest:
    contents = (Content(Role.USER, parts or (Part(text="a siamese cat"),)),)
    return GenerateRequest(model="x", contents=contents, **fields)  # type: ignore[arg-type]


def test_the_size_that_is_asked_for_is_held() -> None:
    assert most(asked(), PRO, size="4K").image_output == 2000
    assert most(asked(), PRO).image_output == 1120  # Google draws 1K where nothing is said
    assert most(asked(), PRO, size="16K").image_output == 2000  # whatever it is: the largest


def test_pictures_that_go_in_count_each() -> None:
    picture = Part(blob=Blob("image/png", b"x"))
    named = Part(file=FileRef("files/x"))
    bare = most(asked(), PRO).prompt
    assert most(asked(Part(text="a siamese cat"), picture, named), PRO).prompt == bare + 2 * 560


def test_a_document_may_have_as_many_tokens_as_there_is_room_for() -> None:
    document = Part(file=FileRef("files/x", "application/pdf"))
    assert most(asked(document), PRO).prompt == PRO.input_tokens


def test_text_is_held_as_far_as_the_request_lets_it_be_written() -> None:
    limited = asked(sampling=Sampling(max_output_tokens=300))
    assert most(limited, PRO).text_output == 300
    assert most(asked(), PRO).text_output == PRO.most_text_tokens
    talk = asked(modalities=frozenset({Modality.TEXT}))
    assert most(talk, PRO).text_output == PRO.output_tokens
    assert most(talk, PRO).images == 0


def test_the_time_that_is_left_is_held_where_time_is_paid() -> None:
    by_time = Price("own", (PriceLine(second=Decimal("0.0004"), image=(("default", Decimal(1)),)),))
    gpu = EngineSpec(name="gpu", kind="openai", price=by_time)
    used = most(asked(), PRO)
    assert worst(used, PRO, STANDARD, plan=plan(gpu), seconds=600) == Money.of("1.24")
    assert worst(used, PRO, STANDARD, plan=plan(STUDIO), seconds=600) == worst(
        used, PRO, STANDARD, plan=plan(STUDIO)
    )


def test_searches_are_held_where_the_request_allows_them() -> None:
    assert most(asked(tools=frozenset({Tool.GOOGLE_SEARCH})), PRO).searches == MOST_SEARCHES
    assert most(asked(), PRO).searches == 0


def test_several_pictures_are_as_many_times_one() -> None:
    one, four = most(asked(), PRO), most(asked(), PRO, images=4)
    assert (four.image_output, four.images, four.text_output) == (
        4 * one.image_output,
        4,
        4 * one.text_output,
    )


def test_the_dearest_engine_of_a_plan_is_held() -> None:
    relay = EngineSpec(
        name="relay", kind="openai", price=Price("own", (PriceLine(image=(("4K", Decimal(3)),)),))
    )
    used = most(asked(), PRO)
    alone = worst(used, PRO, STANDARD, plan=plan(STUDIO))
    both = worst(used, PRO, STANDARD, plan=plan(STUDIO, relay))
    assert alone is not None
    assert both == Money.of(3) > alone


def test_an_upstream_may_serve_standard_where_flex_was_asked_for() -> None:
    used = most(asked(), PRO)
    flex = worst(used, PRO, ServiceTier.FLEX, plan=plan(STUDIO))
    assert flex == worst(used, PRO, STANDARD, plan=plan(STUDIO))
    assert worst(used, PRO, ServiceTier.FLEX, plan=plan(SKETCH)) < flex  # type: ignore[operator]
    priority = worst(used, PRO, ServiceTier.PRIORITY, plan=plan(STUDIO))
    assert priority > flex  # type: ignore[operator]


def test_what_an_engine_of_ours_serves_at_another_tier_is_held_at_that() -> None:
    used = most(asked(), PRO)
    flex = ServiceTier.FLEX
    assert worst(used, PRO, flex, plan=plan(SKETCH), ours_at=STANDARD) == worst(
        used, PRO, STANDARD, plan=plan(SKETCH)
    )
    priority = ServiceTier.PRIORITY  # which an upstream may still serve
    assert worst(used, PRO, priority, plan=plan(STUDIO), ours_at=STANDARD) == worst(
        used, PRO, priority, plan=plan(STUDIO)
    )


def test_markups_of_route_and_project_are_held_too() -> None:
    used = most(asked(), PRO)
    bare = worst(used, PRO, STANDARD, plan=plan(STUDIO))
    both = worst(used, PRO, STANDARD, plan=plan(STUDIO, markup="0.5"), markup=Decimal("0.5"))
    assert both == bare * 2  # type: ignore[operator]


def test_an_engine_without_a_known_price_makes_the_worst_unknown() -> None:
    used = most(asked(), None)
    assert worst(used, None, STANDARD, plan=plan(STUDIO)) is None
    assert worst(used, None, STANDARD, plan=plan(STUDIO, price=Price("free"))) == Money(0)


def test_only_an_engine_of_ours_is_held_at_what_was_foreseen() -> None:
    used, known = most(asked(), PRO), replace(most(asked(), PRO), text_output=0)
    exact = worst(used, PRO, STANDARD, plan=plan(SKETCH), foreseen=known)
    assert exact == worst(known, PRO, STANDARD, plan=plan(SKETCH))
    assert worst(used, PRO, STANDARD, plan=plan(STUDIO, SKETCH), foreseen=known) == worst(
        used, PRO, STANDARD, plan=plan(STUDIO)
    )


@given(
    st.sampled_from(sorted(CARDS)),
    st.sampled_from(list(ServiceTier)),
    st.sampled_from(["512", "1K", "2K", "4K", None]),
    st.integers(0, 14),
    st.integers(0, 400),
    st.decimals(0, 1, places=3),
)
def test_what_is_held_covers_what_is_charged(
    model: str, tier: ServiceTier, size: str | None, references: int, said: int, markup: Decimal
) -> None:
    """An answer of one picture that says and thinks no more than was ever recorded."""
    card = CARDS[model]
    pictures = [Part(blob=Blob("image/png", b"x"))] * references
    request = asked(Part(text="a siamese cat"), *pictures)
    there = plan(STUDIO)
    used = most(request, card, size=size)
    tokens = card.image_tokens.get(size or card.default_size, 0)
    answer = replace(
        count(request, card, canvas=PRO.canvas("1:1"), parts=()),
        text_output=min(said, card.most_text_tokens),
        image_output=tokens,
        images=1,
    )
    held = worst(used, card, tier, plan=there, size=size, markup=markup)
    if held is None:
        return
    for served in (tier, STANDARD):
        charged = bill(
            answer, card, served, route=there.route, engine=STUDIO, size=size, markup=markup
        )
        assert charged.amount <= held


@pytest.mark.parametrize("recorded", drawn(), ids=repr)
def test_what_is_held_covers_every_recorded_answer(recorded: Exchange) -> None:
    variant = VERTEX if recorded.is_vertex else DEVELOPER
    asked_for = requests.decode(recorded.request, model=recorded.model, variant=variant)
    card = catalog().get(str(recorded.value["modelVersion"]))
    watch = tap.Tap()
    watch.feed(recorded.response)
    there = plan(STUDIO)
    held = worst(most(asked_for, card), card, STANDARD, plan=there)
    charged = bill(watch.close().usage, card, STANDARD, route=there.route, engine=STUDIO)
    assert (held is None) == (charged.price == UNKNOWN)
    assert held is None or charged.amount <= held


@pytest.fixture(scope="module")
def engine() -> Iterator[SketchEngine]:
    engine = SketchEngine(KEY)
    yield engine
    asyncio.run(engine.close())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}-{case.id}")
async def test_the_engine_of_ours_foresees_what_it_says(case: Case, engine: SketchEngine) -> None:
    canvas = canvas_of(case, "512")
    request = request_of(case, canvas, frozenset({Modality.TEXT}))
    known = await foreseen(engine, request, card=PRO, canvas=canvas)
    made = await fold(engine.generate(request, card=PRO, canvas=canvas))
    assert known == count(request, PRO, canvas=canvas, parts=made.parts)


@pytest.mark.parametrize("case", CASES[::12], ids=lambda case: f"{case.kind}-{case.id}")
async def test_the_engine_of_ours_foresees_what_it_draws(case: Case, engine: SketchEngine) -> None:
    canvas = canvas_of(case, "512")
    request = request_of(case, canvas, frozenset())
    known = await foreseen(engine, request, card=FLASH, canvas=canvas)
    made = await fold(engine.generate(request, card=FLASH, canvas=canvas))
    assert known == count(request, FLASH, canvas=canvas, parts=made.parts)
    held = worst(most(request, FLASH, size="512"), FLASH, STANDARD, plan=plan(SKETCH), size="512")
    charged = worst(known, FLASH, STANDARD, plan=plan(SKETCH), size="512")
    assert held is not None
    assert charged is not None
    assert held >= charged


async def test_a_refusal_is_foreseen_without_a_picture(engine: SketchEngine) -> None:
    config = replace(asked().image, person_generation="DONT_ALLOW")
    request = asked(Part(text="a woman at the beach"), image=config)
    canvas = PRO.canvas("1:1")
    known = await foreseen(engine, request, card=PRO, canvas=canvas)
    made = await fold(engine.generate(request, card=PRO, canvas=canvas))
    assert made.finished.reason is FinishReason.IMAGE_SAFETY
    assert known == count(request, PRO, canvas=canvas, parts=made.parts)
    assert known.images == 0


async def test_an_upstream_foresees_nothing() -> None:
    assert await foreseen(object(), asked(), card=PRO, canvas=PRO.canvas("1:1")) is None
