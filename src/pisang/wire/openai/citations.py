"""Google's sources as OpenAI's chat names them: ``annotations`` of the kind ``url_citation``.

Google names the words that a source stands behind by their bytes in one part of its answer; here
the parts are one text, so the words themselves are looked for. All that Google said goes along
unread beside it, since there is more to it than links (what was searched for, and what has to be
shown with that).
"""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from pisang.wire.payload import Written

_GROUNDING: Final = "groundingMetadata"
_PLACES: Final = (("web", "uri"), ("image", "sourceUri"), ("maps", "uri"))


def annotations(notes: Mapping[str, object], text: str) -> list[Written]:
    """The sources of an answer that says ``text``. Each has the place of the words that it stands
    behind, counted in characters of ``text``; from 0 to 0 where there are no such words."""
    grounding = notes.get(_GROUNDING)
    if not isinstance(grounding, dict):
        return []
    sources = [_source(chunk) for chunk in _rows(grounding.get("groundingChunks"))]
    told = list[Written]()
    cited = set[int]()
    for support in _rows(grounding.get("groundingSupports")):
        start, end = _span(support.get("segment"), text)
        for number in _numbers(support.get("groundingChunkIndices"), below=len(sources)):
            cited.add(number)
            told += _told(sources[number], start, end)
    for number, source in enumerate(sources):
        if number not in cited:
            told += _told(source, 0, 0)
    return told


def google_said(notes: Mapping[str, object]) -> dict[str, Written]:
    """All that Google said beside its answer, under Google's names, but for ratings of safety."""
    return {name: cast(Written, value) for name, value in notes.items() if name != "safetyRatings"}


def _source(chunk: Mapping[str, object]) -> tuple[str, str]:
    """The address and the title of one source; empty where it has none."""
    for kind, name in _PLACES:
        found = chunk.get(kind)
        if isinstance(found, dict) and isinstance(address := found.get(name), str):
            title = found.get("title")
            return address, title if isinstance(title, str) else ""
    return "", ""


def _span(segment: object, text: str) -> tuple[int, int]:
    """Where the words of a segment begin and end in a text; 0, 0 where they are not in it."""
    words = segment.get("text") if isinstance(segment, dict) else None
    if not isinstance(words, str) or (start := text.find(words)) < 0:
        return 0, 0
    return start, start + len(words)


def _told(source: tuple[str, str], start: int, end: int) -> list[Written]:
    """One annotation, or none for a source without an address."""
    address, title = source
    if not address:
        return []
    cited: dict[str, Written] = {
        "start_index": start,
        "end_index": end,
        "url": address,
        "title": title,
    }
    return [{"type": "url_citation", "url_citation": cited}]


def _numbers(value: object, *, below: int) -> Iterator[int]:
    for number in value if isinstance(value, list) else ():
        if isinstance(number, int) and 0 <= number < below:
            yield number


def _rows(value: object) -> list[Mapping[str, object]]:
    rows = value if isinstance(value, list) else []
    return [row if isinstance(row, dict) else {} for row in rows]
