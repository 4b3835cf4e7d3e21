"""An answer of Imagen's in passing: how many pictures, and why not more."""

import json
from pathlib import Path
from typing import Any

import pytest

from pisang.core.events import FinishReason, Usage
from pisang.wire.imagen.tap import Tap
from pisang.wire.taps import Tapped

PICTURE = {"mimeType": "image/png", "bytesBase64Encoded": "iVBORw0K" * 2000}
FILTERED = {"raiFilteredReason": "Unable to show it. Support codes: 29310472"}


def tapped(answer: Any, size: int = 4096) -> Tapped:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    tap = Tap()
    for at in range(0, len(body), size):
        tap.feed(body[at : at + size])
    return tap.close()


@pytest.mark.parametrize("size", [1, 4096])
def test_pictures_are_counted(size: int) -> None:
    scores = {"contentType": "Positive Prompt", "safetyAttributes": {"scores": [0.1]}}
    kept = {"mimeType": "image/png", "gcsUri": "gs://b/sample_0.png"}
    answer = {
        "predictions": [PICTURE, FILTERED, kept, scores],
        "model": "publishers/google/models/imagen-4.0-generate-001",
    }
    assert tapped(answer, size) == Tapped(
        usage=Usage(images=2),
        reason=FinishReason.STOP,
        message=FILTERED["raiFilteredReason"],
        model_version="imagen-4.0-generate-001",
        images=2,
        whole=True,
    )


@pytest.mark.parametrize("answer", [{}, {"predictions": [FILTERED]}, {"predictions": []}])
def test_an_answer_without_pictures_is_a_refusal(answer: Any) -> None:
    seen = tapped(answer)
    assert (seen.images, seen.reason) == (0, FinishReason.IMAGE_SAFETY)
    assert (seen.usage, seen.whole) == (Usage(), True)


def test_an_answer_that_breaks_off_is_not_whole() -> None:
    seen = tapped(json.dumps({"predictions": [PICTURE, PICTURE]}).encode()[:-9])
    assert (seen.whole, seen.images, seen.reason) == (False, 2, None)


def test_an_answer_begins_with_a_picture_or_a_reason() -> None:
    for first in (PICTURE, FILTERED):
        tap = Tap()
        tap.feed(b'{"predictions": [')
        assert not tap.begun
        tap.feed(json.dumps(first).encode())
        assert tap.begun


def test_recorded_answers_are_tapped(shared: Path) -> None:
    folder = shared / "recordings"
    (some,) = folder.glob("firebase-test-data/*some-filtered.json")
    body = some.read_bytes()
    pictures = body.count(b'"bytesBase64Encoded"')
    assert pictures
    assert (tapped(body).images, tapped(body).whole) == (pictures, True)
    (told,) = (folder / "js-genai").glob("*generateImages_Vertex*")
    answer = json.loads(told.read_bytes())["interactions"][0]["response"]["bodySegments"][0]
    seen = tapped(answer)
    assert (seen.images, seen.reason) == (1, FinishReason.STOP)
