"""Watches an answer in passing: what it cost, how it ended, whether it was whole.

The chunks are somebody else's and go on to the caller untouched; a *tap* is shown each of them and
keeps next to nothing. It reads the skeleton (``wire/cut.py``) of one JSON value at a time: of the
whole body, or of each event of a stream, told apart by the first letter. A value whose very
skeleton is too long, or that breaks off, is *salvaged*: what is known by its name alone (usage,
finish reason) is picked out of its head and its tail.

Each dialect says what its values mean: ``wire/gemini/tap.py``, ``wire/imagen/tap.py`` and
``wire/openai/tap.py``. A tap never raises, whatever an upstream sends.
"""

import json
import re
from dataclasses import dataclass
from typing import Final, Protocol

from pydantic_core import from_json

from pisang.core.events import FinishReason, Usage
from pisang.core.upstream import Original
from pisang.wire.cut import Cutter
from pisang.wire.sse import EventReader

MOST: Final = 1 << 20
"""Bytes of one skeleton that are kept from its begin."""
_TAIL: Final = 1 << 16
_LOOK_BACK: Final = 256  # bytes that may stand before the first content, in the same value
_MOST_TRIES: Final = 100
_MOST_LOOKS: Final = 1000
_JSON: Final = "application/json"
_BOM: Final = b"\xef\xbb\xbf"
_DONE: Final = b"[DONE]"
_ERROR_SEEN: Final = b'"error": {'
_ERROR: Final = re.compile(rb'"error"\s*:\s*[{"]')
_ERROR_FIRST: Final = re.compile(rb'\[?\s*\{\s*"error"\s*:')
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_STATUS: Final = re.compile(r"[45]\d\d", re.A)
_DECODER: Final = json.JSONDecoder()


@dataclass(slots=True, kw_only=True)
class Tapped:
    """What an answer told.

    ``usage`` is None where it did not say; ``images`` are the pictures in it that are no drafts.
    ``tier`` is the upstream's own word for the tier that it served (``serviceTier``,
    ``trafficType``), ``blocked`` whether the prompt was refused as such, and ``whole`` whether the
    answer came to its end and, but for a few odd bytes, could be read. ``empty`` is whether it is a
    success with nothing in it: no picture, no word, and no reason why; ``response_id`` is what the
    upstream calls it.
    """

    usage: Usage | None = None
    reason: FinishReason | None = None
    message: str | None = None
    model_version: str = ""
    images: int = 0
    tier: str = ""
    blocked: bool = False
    whole: bool = False
    empty: bool = False
    response_id: str = ""


class Tap(Protocol):
    """Watches one answer. ``begun`` is whether its first content has come: until then the answer
    may still be thrown away and asked for elsewhere. ``error`` is an error that came in its place.
    """

    @property
    def begun(self) -> bool: ...

    @property
    def error(self) -> Original | None: ...

    def feed(self, chunk: bytes) -> None:
        """Shows it the next bytes."""
        ...

    def close(self) -> Tapped:
        """The answer has ended, or has been left; says what was seen. May be asked again."""
        ...


class Notes(Protocol):
    """What one dialect makes of the values of an answer. ``content`` matches a skeleton that has
    begun to say something."""

    content: re.Pattern[bytes]

    def take(self, value: dict[str, object]) -> None:
        """Notes one JSON value: the answer, or one event of it."""
        ...

    def salvage(self, scraps: "Scraps") -> None:
        """Notes what can be found in a value that cannot be read."""
        ...

    def ended(self) -> bool:
        """Whether an event has said that the answer ends with it."""
        ...

    def told(self, *, whole: bool) -> Tapped:
        """Everything that was noted."""
        ...


class Scraps:
    """The skeleton of a value that is too long or broken, its head and its tail, and what they say
    under some names."""

    def __init__(self, *texts: bytes) -> None:
        self._texts = [text.decode("utf-8", "replace") for text in texts]

    def count(self, *names: str) -> int:
        """How often one of these names stands there."""
        return sum(len(_named(names).findall(text)) for text in self._texts)

    def last(self, *names: str) -> object:
        """The last value that stands whole under one of these names; None if there is none."""
        for text in reversed(self._texts):
            for found in reversed(list(_named(names).finditer(text))[-_MOST_TRIES:]):
                try:
                    value: object = _DECODER.raw_decode(text, found.end())[0]
                except (ValueError, RecursionError):
                    continue
                if value is not None:
                    return value
        return None

    def words(self, *names: str) -> str:
        """The last text under one of these names, or an empty one."""
        value = self.last(*names)
        return value if isinstance(value, str) else ""


class Watch:
    """A ``Tap`` that takes an answer apart into its values, for the notes of a dialect."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._cutter = Cutter()
        self._seen = b""  # the end of the skeleton, until the first content
        self._events: EventReader | None = None
        self._whole_body: bool | None = None  # rather than a stream; None until that is known
        self._kept: list[bytes] = []
        self._size = 0
        self._tail = b""
        self._looks = 0
        self._error: Original | None = None
        self._tapped: Tapped | None = None
        self._read = True  # so far, all that came could be read
        self._done = False  # the word after the last event of some streams has come
        self.begun = False

    @property
    def error(self) -> Original | None:
        """The error that came in place of an answer, once it is there as a whole."""
        if self._error is None and self._whole_body and not self.begun and self._may_end():
            start = b"".join(self._kept)
            self._kept = [start]
            if _ERROR_FIRST.match(start) and not self._tail:
                self._note_errors(_parsed(start))
        return self._error

    def feed(self, chunk: bytes) -> None:
        """Shows it the next bytes."""
        self._add(self._cutter.feed(chunk))

    def close(self) -> Tapped:
        """The answer has ended, or has been left; says what was seen. May be asked again."""
        if self._tapped is None:
            self._add(self._cutter.close())
            whole = self._end()
            self._tapped = self._notes.told(whole=whole and self._error is None)
        return self._tapped

    def _may_end(self) -> bool:
        """Whether a body may be whole by now, so that it is worth reading: not after every byte."""
        last = self._kept[-1].rstrip()[-1:] if self._kept else b""
        if last not in (b"}", b"]") or self._looks >= _MOST_LOOKS:
            return False
        self._looks += 1
        return True

    def _add(self, piece: bytes) -> None:
        if not piece:
            return
        if not self.begun:
            self._look(piece)
        if self._events is not None:
            self._size += len(piece)
            for event in self._events.feed(piece):
                self._size = 0
                self._take_event(event.data)
            if self._size <= MOST:
                return
            self._events = None  # one event too long to be read; what follows is salvaged
        self._keep(piece)
        if self._whole_body is None:
            self._tell_apart()

    def _keep(self, piece: bytes) -> None:
        room = max(0, MOST - self._size) if not self._tail else 0
        if room:
            self._kept.append(piece[:room])
            self._size += len(self._kept[-1])
        if len(piece) > room:
            self._tail = (self._tail + piece[room:])[-_TAIL:]

    def _tell_apart(self) -> None:
        """A body begins with a bracket (or is a page of HTML), and a stream with a letter."""
        start = b"".join(self._kept).removeprefix(_BOM).lstrip()
        if not start:
            self._kept, self._size = [], 0  # some servers keep a connection awake by line breaks
        if not start or _BOM.startswith(start):
            return
        self._whole_body = start[:1] in b"{[<"
        if self._whole_body:
            self._kept = [start]
            return
        self._events, self._kept, self._size = EventReader(), [], 0
        self._add(start)

    def _look(self, piece: bytes) -> None:
        self._seen += piece
        content = self._notes.content.search(self._seen)
        error = _ERROR.search(self._seen)
        self.begun = content is not None and (error is None or content.start() < error.start())
        self._seen = _ERROR_SEEN if error else self._seen[-_LOOK_BACK:]

    def _end(self) -> bool:
        """Reads what is left; returns whether the answer was whole."""
        if self._events is not None:
            for event in self._events.close():
                self._take_event(event.data)
            return self._read and (self._done or self._notes.ended())
        start = b"".join(self._kept)
        value = None if self._tail else _parsed(start)
        if value is None:
            self._notes.salvage(Scraps(start, self._tail))
            return self._notes.ended() and _is_closed(start, self._tail)
        self._take(value)
        return self._read

    def _take_event(self, data: bytes) -> None:
        if data.strip() == _DONE:
            self._done = True
            return
        value = _parsed(data)
        if value is None:
            self._read = self._read and _is_closed(data)
            self._notes.salvage(Scraps(data))
        else:
            self._take(value)

    def _take(self, value: object) -> None:
        self._note_errors(value)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and not each.get("error"):
                self._notes.take(each)
            elif not isinstance(each, dict):
                self._read = False

    def _note_errors(self, value: object) -> None:
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and each.get("error") and self._error is None:
                said = each["error"]
                code = str(said.get("code")) if isinstance(said, dict) else ""
                status = int(code) if _STATUS.fullmatch(code) else 500
                body = json.dumps(each, ensure_ascii=False).encode("utf-8", "replace")
                self._error = Original(status, _JSON, body)


def text_of(value: object) -> str:
    """A text of somebody else's, or an empty one for anything else."""
    return value if isinstance(value, str) else ""


def _parsed(body: bytes) -> object:
    """A value of JSON; None where there is none."""
    try:
        value: object = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    return value


def _is_closed(start: bytes, tail: bytes = b"") -> bool:
    """Whether a value that cannot be read came to its end all the same. Of one that is too long,
    only the end is known."""
    if (tail or start).rstrip()[-1:] not in (b"}", b"]"):
        return False
    bare = b"" if tail else _STRING.sub(b"", start)
    return bare.count(b"{") == bare.count(b"}") and bare.count(b"[") == bare.count(b"]")


def _named(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf'"(?:{"|".join(names)})"\s*:\s*')
