"""Infographics and interfaces: which blocks, rows and numbers a prompt gives."""

import pytest

from pisang.engines.sketch.read import read
from pisang.engines.sketch.scene import Block


def blocks_of(prompt: str) -> tuple[Block, ...]:
    scene = read(prompt, previous=None, pictures=()).scene
    assert scene is not None, prompt
    return scene.blocks


@pytest.mark.parametrize(
    ("prompt", "kind", "items", "values"),
    [
        ("infographic with three steps: plan, build, ship", "step", "plan build ship", ()),
        ("Infographic with three steps: Plan, Build and Ship.", "step", "Plan Build Ship", ()),
        ("a bar chart of sales: Q1 10, Q2 20", "bar-chart", "Q1 Q2", (10, 20)),
        ("pie chart 40% A, 60% B", "pie-chart", "A B", (40, 60)),
        ("pie chart with 40% tea and 60% milk", "pie-chart", "tea milk", (40, 60)),
        (
            "app home screen with bottom navigation Home, Search, Profile",
            "nav",
            "Home Search Profile",
            (),
        ),
        ("slide with sections Problem, Solution, Team", "list", "Problem Solution Team", ()),
        ("line chart: Jan 1.5k, Feb 2k", "line-chart", "Jan Feb", (1500, 2000)),
    ],
)
def test_rows(prompt: str, kind: str, items: str, values: tuple[float, ...]) -> None:
    (block,) = blocks_of(prompt)
    assert (block.kind, block.items, block.values) == (kind, tuple(items.split()), values)


def test_a_timeline_keeps_its_years() -> None:
    (block,) = blocks_of("a timeline: 1990 founded, 2000 IPO, 2010 global")
    assert block.items == ("1990 founded", "2000 IPO", "2010 global")


def test_a_price_table_keeps_its_prices() -> None:
    (block,) = blocks_of("pricing table with Basic $9, Pro $29")
    assert block.items == ("Basic $9", "Pro $29")


def test_fields_and_buttons_are_labelled() -> None:
    prompt = "login screen with email field, password field and a sign in button"
    assert [(block.kind, block.label) for block in blocks_of(prompt)] == [
        ("field", "Email"),
        ("field", "Password"),
        ("button", "Sign in"),
    ]


def test_a_count_gives_several_blocks() -> None:
    kinds = [block.kind for block in blocks_of("a dashboard with three stat cards and a sidebar")]
    assert kinds == ["stat", "stat", "stat", "nav"]


def test_a_list_in_a_landscape_is_no_block() -> None:
    assert blocks_of("a mountain lake with steps down to the water") == ()


def test_steps_that_are_only_counted_are_numbered() -> None:
    (block,) = blocks_of("an infographic with four steps")
    assert block.items == ("Step 1", "Step 2", "Step 3", "Step 4")
