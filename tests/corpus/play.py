"""Plays a corpus case through the sketch engine, turn by turn, as an SDK chat would."""

import hashlib

import pyvips

from pisang.catalog.models import catalog
from pisang.core.content import Blob, Content, Part, Role
from pisang.core.image import Canvas, Pixels
from pisang.core.request import GenerateRequest, Modality, Sampling
from pisang.engines.sketch.engine import Sketch, draw
from tests.corpus.cases import Case
from tests.corpus.samples import picture

KEY = hashlib.sha256(b"corpus").digest()
MODEL = "gemini-3.1-flash-image"


def play(case: Case, *, paint: bool = True, size: str = "512") -> Sketch:
    """Draws every turn of a case and returns the last; ``paint=False`` stops at the Scene."""
    canvas = canvas_of(case, size)
    wanted = frozenset({Modality.IMAGE, Modality.TEXT} if paint else {Modality.TEXT})
    return draw(request_of(case, canvas, wanted), canvas, key=KEY)


def request_of(case: Case, canvas: Canvas, wanted: frozenset[Modality]) -> GenerateRequest:
    """The last turn of a case, after those before it."""
    contents: list[Content] = []
    for turn, words in enumerate(case.spoken, 1):
        last = turn == len(case.spoken)
        supplied = case.pictures if last else ()
        parts = [Part(blob=Blob("image/png", picture(name))) for name in supplied]
        contents.append(Content(Role.USER, (*parts, Part(text=words))))
        request = GenerateRequest(model=MODEL, contents=tuple(contents), modalities=wanted)
        if last:
            return request
        sketch = draw(request, canvas, key=KEY)
        contents.append(Content(Role.MODEL, (Part(text="…", thought_signature=sketch.signature),)))
    raise ValueError(f"{case.id} says nothing")


def draw_on(words: str, canvas: Canvas, *, seed: int | None = None) -> Sketch:
    """Draws one prompt on a canvas of any model."""
    request = GenerateRequest(
        model=MODEL,
        contents=(Content(Role.USER, (Part(text=words),)),),
        sampling=Sampling(seed=seed),
    )
    return draw(request, canvas, key=KEY)


def canvas_of(case: Case, size: str) -> Canvas:
    """The canvas a case is drawn on, with the catalog's own pixels."""
    return catalog().cards[MODEL].canvas(case.size, size)


def image_of(pixels: Pixels) -> pyvips.Image:
    """Finished pixels as a libvips image."""
    return pyvips.Image.new_from_memory(
        pixels.data, pixels.width, pixels.height, pixels.bands, "uchar"
    ).copy(interpretation="srgb")
