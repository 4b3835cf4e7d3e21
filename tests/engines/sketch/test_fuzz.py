"""Prompts that nobody would write, conversations that make no sense: the engine draws or declines.

Prompts are strung together from the reader's own vocabulary, because noise of random letters only
ever reaches the first step; canvases are of every ratio, and supplied pictures come and go.
"""

import functools
import random

import pytest

from pisang.core.content import Blob, Content, Part, Role
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest, Sampling
from pisang.engines.sketch import fonts
from pisang.engines.sketch.engine import draw
from pisang.engines.sketch.read import lexicon
from tests.corpus.samples import picture

KEY = b"fuzz"
LANGUAGES = ("en", "en", "en", "en", "de", "fr", "es", "ru", "ja", "zh", "hi")
QUOTED = (
    '"Hello"',
    "'Don\u2019t stop'",
    "«Привет»",
    "「日本」",
    '"1,000 %"',
    "'<b>&amp;'",
    '"a\nb"',
)
GLUE = ("a", "the", "and", "with", "on", "in", ",", ".", "next to", "between", "three", "no", "of")
SIZES = ((512, 512), (688, 384), (384, 688), (1536, 192), (192, 1536), (256, 1024), (792, 336))
PICTURES = ("landscape.png", "apple.png", "portrait.png", "card.png")
fonts.setup()


@functools.cache
def vocabulary(language: str) -> tuple[str, ...]:
    return tuple(sorted(lexicon.load(language).entries))


def prompt(chance: random.Random) -> str:
    words = vocabulary(chance.choice(LANGUAGES))
    pieces = [
        chance.choice(words if roll < 0.6 else GLUE if roll < 0.92 else QUOTED)
        for roll in (chance.random() for _ in range(chance.randint(1, 18)))
    ]
    return " ".join(pieces)


def conversation(chance: random.Random) -> None:
    """One to three turns, each on top of the picture before."""
    contents: list[Content] = []
    width, height = chance.choice(SIZES)
    for _ in range(chance.randint(1, 3)):
        some = chance.sample(PICTURES, chance.choice((0, 0, 0, 1, 2)))
        parts = [Part(blob=Blob("image/png", picture(name))) for name in some]
        contents.append(Content(Role.USER, (*parts, Part(text=prompt(chance)))))
        request = GenerateRequest(
            model="any", contents=tuple(contents), sampling=Sampling(seed=chance.randint(0, 9))
        )
        sketch = draw(request, Canvas(width, height, "", ""), key=KEY)
        if sketch.pixels is not None:
            assert (sketch.pixels.width, sketch.pixels.height) == (width, height)
        contents.append(Content(Role.MODEL, (Part(text="…", thought_signature=sketch.signature),)))


@pytest.mark.parametrize("seed", range(12))
def test_any_conversation_is_drawn_or_declined(seed: int) -> None:
    for number in range(8):
        conversation(random.Random(f"{seed}/{number}"))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_conversations_are_drawn_or_declined(seed: int) -> None:
    for number in range(50):
        conversation(random.Random(f"{seed}/{number}"))
