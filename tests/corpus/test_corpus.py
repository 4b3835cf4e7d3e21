"""The corpus is read as it must be, drawn at its exact size, and its texts can be read back."""

import hashlib
from dataclasses import replace

import pytest

from pisang.catalog.models import catalog
from pisang.core.image import Canvas
from pisang.engines.sketch import fonts
from tests.corpus.cases import Case, load
from tests.corpus.ocr import available, unread
from tests.corpus.play import canvas_of, draw_on, play
from tests.corpus.score import faults
from tests.live import absent

CASES = load()
SAMPLE = CASES[::4]
PETS = ("cat", "dog")
fonts.setup()


def named(case: Case) -> str:
    return f"{case.kind}-{case.id}"


def test_the_corpus_is_large_and_speaks_many_languages() -> None:
    assert len(CASES) >= 250
    assert len({case.language for case in CASES}) >= 12


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_prompt_is_read_as_it_must_be(case: Case) -> None:
    assert faults(case, play(case, paint=False).reading) == []


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=() if case in SAMPLE else pytest.mark.long, id=named(case))
        for case in CASES
    ],
)
def test_a_prompt_is_drawn_and_its_texts_can_be_read(case: Case) -> None:
    if not available():
        absent("tesseract")
    sketch = play(case, size="1K")
    if case.expect.get("none"):
        assert sketch.pixels is None
        return
    canvas = canvas_of(case, "1K")
    assert sketch.pixels is not None
    assert (sketch.pixels.width, sketch.pixels.height) == (canvas.width, canvas.height)
    assert unread(sketch) == []


def _every_canvas() -> list[object]:
    found: dict[tuple[int, int], object] = {}
    for card in catalog().cards.values():
        for size, ratios in card.pixels.items():
            for ratio in ratios:
                canvas = card.canvas(ratio, size)
                marks = () if size in ("512", "1K") else pytest.mark.long
                name = f"{canvas.width}x{canvas.height}"
                found[canvas.width, canvas.height] = pytest.param(canvas, marks=marks, id=name)
    return list(found.values())


@pytest.mark.parametrize("canvas", _every_canvas())
def test_every_size_of_the_catalog_comes_out_exactly(canvas: Canvas) -> None:
    pixels = draw_on("A red cat next to a tree, with the text 'Hello'", canvas).pixels
    assert pixels is not None
    assert (pixels.width, pixels.height) == (canvas.width, canvas.height)
    assert len(pixels.data) == canvas.width * canvas.height * pixels.bands


def digest(case: Case, seed: int | None) -> str:
    sketch = draw_on(case.spoken[0], canvas_of(case, "512"), seed=seed)
    assert sketch.pixels is not None
    return hashlib.sha256(sketch.pixels.data).hexdigest()


@pytest.mark.parametrize("case", [case for case in CASES if case.kind == "scenes"][::11], ids=named)
def test_a_seed_decides_the_pixels(case: Case) -> None:
    first = digest(case, 7)
    assert digest(case, 7) == first
    assert len({first, digest(case, 8), digest(case, 9)}) == 3


def test_without_a_seed_the_request_decides() -> None:
    cat, dog = (replace(CASES[0], prompt=f"A red {name} in a garden", turns=()) for name in PETS)
    assert digest(cat, None) == digest(cat, None) != digest(dog, None)
