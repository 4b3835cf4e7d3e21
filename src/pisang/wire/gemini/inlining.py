"""Puts files that only we have into a body that passes: an upstream cannot fetch them from us."""

import re
from collections.abc import Mapping
from typing import Final

from pisang.core.content import Blob
from pisang.wire import payload
from pisang.wire.cut import Cut
from pisang.wire.fields import camel
from pisang.wire.gemini.contents import write_blob
from pisang.wire.splice import Member, NotJson, Splice

_PART: Final = re.compile(r"contents\[(\d+)\]\.parts\[(\d+)\]\.file_data")


def inlined(found: Cut, files: Mapping[str, Blob]) -> bytes:
    """The body with ``inlineData`` in place of each ``fileData``; ``files`` are by field path, as
    ``contents[0].parts[1].file_data``. Everything else stays as it is."""
    splice = Splice(found)
    try:
        for path, blob in files.items():
            member = _named(splice, path)
            if member is not None:
                text = b"".join(payload.pieces(write_blob(blob)))
                splice.replace(member.begin, member.end, b'"inlineData":' + text)
        return b"".join(splice.pieces())
    except NotJson:
        return found.body


def _named(splice: Splice, path: str) -> Member | None:
    """The ``fileData`` that stands at a path."""
    place = _PART.fullmatch(path)
    if place is None:
        return None
    at = splice.root
    for name, index in (("contents", int(place[1])), ("parts", int(place[2]))):
        member = _member(splice, at, name)
        items = splice.items(member.value) if member else []
        if index >= len(items):
            return None
        at = items[index]
    return _member(splice, at, "file_data")


def _member(splice: Splice, at: int, name: str) -> Member | None:
    spellings = (name, camel(name))
    return next((each for each in splice.members(at) if each.name in spellings), None)
