"""What Google found for an answer, as citations: which sources there are, and behind which words.

Google names the words that a source stands behind by their bytes in one part of its answer; other
dialects count letters, or bytes of a text that has several parts in it. So the words themselves are
looked for.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pisang.core.events import Citation, Event, Text

_GROUNDING: Final = "groundingMetadata"
_PLACES: Final = (("web", "uri"), ("image", "sourceUri"), ("maps", "uri"))


@dataclass(frozen=True, slots=True)
class _Source:
    """A source with an address; ``words`` are those that it stands behind, empty for none."""

    url: str
    title: str
    words: str = ""

    def within(self, text: str) -> Citation | None:
        """Its place in a text; None where its words are not in it."""
        start = text.find(self.words) if self.words else -1
        return (
            Citation(self.url, self.title, start, start + len(self.words)) if start >= 0 else None
        )

    @property
    def nowhere(self) -> Citation:
        return Citation(self.url, self.title)


def citations(notes: Mapping[str, object], text: str) -> list[Citation]:
    """The sources of an answer that says ``text``."""
    return [source.within(text) or source.nowhere for source in _sources(notes)]


def cited(events: list[Event], notes: Mapping[str, object]) -> list[Event]:
    """The same events, each source with the text that has its words; with the last text, where none
    has."""
    texts = [(at, event) for at, event in enumerate(events) if isinstance(event, Text)]
    found = defaultdict[int, list[Citation]](list)
    for source in _sources(notes) if texts else ():
        places = ((at, source.within(text.text)) for at, text in texts)
        at, place = next((each for each in places if each[1]), (texts[-1][0], None))
        found[at].append(place or source.nowhere)
    told = list(events)
    for at, text in texts:
        if at in found:
            told[at] = replace(text, citations=tuple(found[at]))
    return told


def _sources(notes: Mapping[str, object]) -> list[_Source]:
    """Every source as often as words stand on it, then those that no words stand on."""
    grounding = notes.get(_GROUNDING)
    if not isinstance(grounding, dict):
        return []
    found = [_source(chunk) for chunk in _rows(grounding.get("groundingChunks"))]
    told = list[_Source]()
    cited = set[int]()
    for support in _rows(grounding.get("groundingSupports")):
        words = _words(support.get("segment"))
        for number in _numbers(support.get("groundingChunkIndices"), below=len(found)):
            cited.add(number)
            told.append(replace(found[number], words=words))
    told += [source for number, source in enumerate(found) if number not in cited]
    return [source for source in told if source.url]


def _source(chunk: Mapping[str, object]) -> _Source:
    """One source; its address is empty where it has none."""
    for kind, name in _PLACES:
        found = chunk.get(kind)
        if isinstance(found, dict) and isinstance(address := found.get(name), str):
            title = found.get("title")
            return _Source(address, title if isinstance(title, str) else "")
    return _Source("", "")


def _words(segment: object) -> str:
    words = segment.get("text") if isinstance(segment, dict) else None
    return words if isinstance(words, str) else ""


def _numbers(value: object, *, below: int) -> Iterator[int]:
    for number in value if isinstance(value, list) else ():
        if isinstance(number, int) and 0 <= number < below:
            yield number


def _rows(value: object) -> list[Mapping[str, object]]:
    rows = value if isinstance(value, list) else []
    return [row if isinstance(row, dict) else {} for row in rows]
