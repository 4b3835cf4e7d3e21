"""What Google found, as citations: each with the text that has its words."""

import json
import random
from typing import Any

from pisang.core.events import Citation, Event, Image, Text, Thought
from pisang.wire.gemini.grounding import citations, cited
from pisang.wire.gemini.response import decode
from tests.wire.gemini.test_fuzz import mutated

FIRST, SECOND = "https://a.example/1", "https://b.example/2"
GROUNDING: dict[str, Any] = {
    "webSearchQueries": ["height of the Eiffel tower"],
    "groundingChunks": [
        {"web": {"uri": FIRST, "title": "a.example"}},
        {"image": {"sourceUri": SECOND, "imageUri": "https://b.example/2.png"}},
        {"odd": {}},
    ],
    "groundingSupports": [
        {
            "segment": {"startIndex": 9, "endIndex": 14, "text": "300 m"},
            "groundingChunkIndices": [0, 2],
        }
    ],
}
NOTES = {"groundingMetadata": GROUNDING}
PLAN, TOWER, HEIGHT, LAST = Thought("300 m"), Text("A tower."), Text("It is 300 m."), Text("Done.")


def found(events: list[Event], notes: dict[str, Any] = NOTES) -> list[tuple[Citation, ...]]:
    return [event.citations for event in cited(events, notes) if isinstance(event, Text)]


def test_a_source_has_the_letters_of_its_words_and_one_without_words_none() -> None:
    at_letter = Citation(FIRST, "a.example", 16, 21)
    assert citations(NOTES, "Höhe des Turms: 300 m.") == [at_letter, Citation(SECOND, "")]


def test_a_source_goes_with_the_text_that_has_its_words_and_else_with_the_last() -> None:
    placed = Citation(FIRST, "a.example", 6, 11)
    assert found([PLAN, TOWER, HEIGHT, LAST]) == [(), (placed,), (Citation(SECOND, ""),)]
    assert found([TOWER]) == [(Citation(FIRST, "a.example"), Citation(SECOND, ""))]


def test_an_answer_without_words_keeps_what_it_has() -> None:
    events: list[Event] = [PLAN]
    assert cited(events, NOTES) == events
    assert found([TOWER, LAST], {}) == [(), ()]
    assert found([TOWER], {"groundingMetadata": None}) == [()]


def test_an_answer_that_is_read_has_its_sources() -> None:
    parts = [{"text": "It is 300 m."}, {"inlineData": {"mimeType": "image/png", "data": "AAAA"}}]
    said = {"content": {"parts": parts}, "finishReason": "STOP", **NOTES}
    text, picture = decode(json.dumps({"candidates": [said]}).encode()).parts
    assert isinstance(text, Text)
    assert [each.url for each in text.citations] == [FIRST, SECOND]
    assert isinstance(picture, Image)


def test_no_sources_however_broken_break_the_answer() -> None:
    chance = random.Random(7)
    for _ in range(500):
        told = found([TOWER, HEIGHT], {"groundingMetadata": mutated(GROUNDING, chance)})
        for text, sources in zip((TOWER.text, HEIGHT.text), told, strict=True):
            assert all(0 <= each.start <= each.end <= len(text) for each in sources)
