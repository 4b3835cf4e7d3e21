"""No string raises, no scene is malformed, and no length blows up."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pisang.engines.sketch.read import read
from pisang.engines.sketch.reading import Supplied
from pisang.engines.sketch.scene import Scene, dump, load

_TEXT = """
a the red blue gold cat dog tree two three "Hello" 'Hi' on in with without no and , . : text title
background navy at the top left of next to under behind between wearing holding make it bigger
remove add change replace move to night sunset confetti poster card logo list: steps: of saying
says $9 40% 猫 の 左 に кот рядом с deux chats à gauche de pie chart button field one first image
picture photo rotate blur crop font script bold not more instead undo draw what is give who
"""
_WORDS = st.sampled_from([*_TEXT.split(), "\n"])
_PROMPTS = st.one_of(st.text(max_size=120), st.lists(_WORDS, max_size=25).map(" ".join))


def check(scene: Scene | None) -> None:
    """What every later stage relies on."""
    if scene is None:
        return
    assert load(dump(scene)) == scene
    ids = scene.ids()
    parts = (*scene.things, *scene.texts, *scene.pictures, *scene.blocks)
    assert len(ids) == len(parts)
    for relation in scene.relations:
        assert {relation.subject, *relation.objects} <= ids
    for run in scene.texts:
        assert run.words
        assert run.on is None or run.on in ids
    for thing in scene.things:
        assert thing.count >= 1


@settings(max_examples=300, deadline=None)
@given(_PROMPTS)
def test_any_prompt(prompt: str) -> None:
    check(read(prompt, previous=None, pictures=()).scene)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PROMPTS, min_size=2, max_size=4))
def test_any_conversation(turns: list[str]) -> None:
    scene: Scene | None = None
    for turn in turns:
        scene = read(turn, previous=scene, pictures=()).scene or scene
        check(scene)


@settings(max_examples=200, deadline=None)
@given(_PROMPTS, st.integers(min_value=1, max_value=3))
def test_any_prompt_with_pictures(prompt: str, count: int) -> None:
    pictures = [Supplied(f"{n:064x}", width=9, height=9, fresh=True) for n in range(count)]
    first = read(prompt, previous=None, pictures=pictures).scene
    check(first)
    check(read(prompt, previous=first, pictures=()).scene)


@pytest.mark.parametrize(
    "prompt",
    [
        "A poster with a red car and a blue house, 'Title here', surrounded by trees. " * 1200,
        "'" * 100_000,
        '"' * 100_000,
        "a" * 100_000,
        "cat," * 25_000,
        "title: x, " * 10_000,
        "list: a, b, c " * 7_000,
        "猫" * 33_000,
        "\n" * 100_000,
        "make it blue and " * 6_000,
    ],
    ids=lambda prompt: repr(prompt[:12]),
)
def test_a_hundred_kilobytes_are_read_in_seconds(prompt: str) -> None:
    scene = read("a cat and a dog", previous=None, pictures=()).scene
    start = time.process_time()
    read(prompt, previous=None, pictures=())
    read(prompt, previous=scene, pictures=())
    assert time.process_time() - start < 20
