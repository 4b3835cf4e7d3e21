"""Google's sources as OpenAI names them: ``annotations`` of the kind ``url_citation``.

Chat has the source in an object of its own, Responses beside the kind. All that Google said goes
along unread beside the answer, since there is more to it than links (what was searched for, and
what has to be shown with that).
"""

from collections.abc import Mapping
from typing import Final, cast

from pisang.core.events import Citation
from pisang.wire.gemini.grounding import citations
from pisang.wire.payload import Written

_KIND: Final = "url_citation"


def annotations(notes: Mapping[str, object], text: str) -> list[Written]:
    """The sources of a chat's answer that says ``text``. Each has the place of the words that it
    stands behind, counted in characters of ``text``; from 0 to 0 where there are no such words."""
    return [{"type": _KIND, _KIND: _written(each)} for each in citations(notes, text)]


def annotation(citation: Citation) -> dict[str, Written]:
    """One source as an output text of Responses has it."""
    return {"type": _KIND, **_written(citation)}


def google_said(notes: Mapping[str, object]) -> dict[str, Written]:
    """All that Google said beside its answer, under Google's names, but for ratings of safety."""
    return {name: cast(Written, value) for name, value in notes.items() if name != "safetyRatings"}


def _written(citation: Citation) -> dict[str, Written]:
    return {
        "start_index": citation.start,
        "end_index": citation.end,
        "url": citation.url,
        "title": citation.title,
    }
