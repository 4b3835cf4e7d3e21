"""Google's sources as OpenAI names them, and whatever else an upstream makes of them."""

import random
from typing import Any

import pytest

from pisang.core.events import Citation
from pisang.wire.openai.citations import annotation, annotations, google_said
from tests.wire.gemini.test_fuzz import mutated

GROUNDING: dict[str, Any] = {
    "webSearchQueries": ["height of the Eiffel tower"],
    "searchEntryPoint": {"renderedContent": "<div></div>", "sdkBlob": "QUJD"},
    "groundingChunks": [
        {"web": {"uri": "https://a.example/1", "title": "a.example"}},
        {"image": {"sourceUri": "https://b.example/2", "imageUri": "https://b.example/2.png"}},
        {"odd": {}},
    ],
    "groundingSupports": [
        {
            "segment": {"startIndex": 9, "endIndex": 14, "text": "300 m"},
            "groundingChunkIndices": [0, 7],
        }
    ],
}
TEXT = "Höhe des Turms: 300 m."


def test_a_source_stands_behind_the_words_that_google_names() -> None:
    first, second = annotations({"groundingMetadata": GROUNDING}, TEXT)
    at = TEXT.index("300")
    assert first == {
        "type": "url_citation",
        "url_citation": {
            "start_index": at,
            "end_index": at + 5,
            "url": "https://a.example/1",
            "title": "a.example",
        },
    }
    assert isinstance(second, dict)
    assert second["url_citation"] == {
        "start_index": 0,
        "end_index": 0,
        "url": "https://b.example/2",
        "title": "",
    }


def test_words_that_are_not_there_have_no_place() -> None:
    first, _ = annotations({"groundingMetadata": GROUNDING}, "Something else.")
    assert isinstance(first, dict)
    assert isinstance(cited := first["url_citation"], dict)
    assert (cited["start_index"], cited["end_index"]) == (0, 0)


def test_all_that_google_said_goes_along_but_for_its_ratings() -> None:
    notes = {"groundingMetadata": GROUNDING, "citationMetadata": {"a": 1}, "safetyRatings": [{}]}
    assert google_said(notes) == {"groundingMetadata": GROUNDING, "citationMetadata": {"a": 1}}


@pytest.mark.parametrize("notes", [{}, {"groundingMetadata": None}, {"groundingMetadata": {}}])
def test_without_sources_there_are_none(notes: dict[str, Any]) -> None:
    assert annotations(notes, TEXT) == []


def test_no_sources_however_broken_break_the_answer() -> None:
    chance = random.Random(5)
    for _ in range(500):
        annotations({"groundingMetadata": mutated(GROUNDING, chance)}, TEXT)


def test_a_source_of_responses_has_no_object_of_its_own() -> None:
    assert annotation(Citation("https://a.example/1", "a.example", 2, 7)) == {
        "type": "url_citation",
        "start_index": 2,
        "end_index": 7,
        "url": "https://a.example/1",
        "title": "a.example",
    }
