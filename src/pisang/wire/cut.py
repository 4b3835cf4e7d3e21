"""Leaves the pictures out of a JSON body: what stays is its *skeleton*, a few kilobytes to read.

A body of Google's dialect is mostly base64: pictures and signatures of megabytes. Reading one for
what it says would cost more than sending it on, so the verbatim lane reads the skeleton: the same
JSON with every long base64 string emptied, ``"data": "iVBORw0..."`` to ``"data": ""``. Everything
else stays byte for byte. ``cut`` does a whole body, a ``Cutter`` one that arrives in chunks, split
anywhere; both find the same. The speed is that of ``bytes.find``: a string is known by how it
begins, and then only its closing quote is looked for.

A string is cut if it begins with 2048 characters that base64 is written with, alone or after
``data:image/png;base64,``, and where such an address stands in Markdown, ``![](data:...)``. The
backslash counts as one of them: PHP writes ``\\/`` and Gson ``\\u003d``. A bare run of letters
under a name that holds what people say (``"text"``) is never cut: its tokens are counted.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

LONG: Final = 2048
"""Characters of base64 that a string has at least, if it is cut."""

_LETTER: Final = rb"[A-Za-z0-9+/=_\\-]"
_ADDRESS: Final = rb'data:[^"\\,()\s]{0,100},'
_RUN: Final = re.compile(
    rb'"(?:%b)?%b{%d}|\(%b%b{%d}' % (_ADDRESS, _LETTER, LONG, _ADDRESS, _LETTER, LONG)
)
_SAID: Final = re.compile(rb'"\w*(?:[tT]ext|[pP]rompt|refusal)"\s*:\s*\Z')
_LOOK_BACK: Final = 64  # bytes before a string that are searched for its name
_UNDECIDED: Final = LONG + 128  # bytes after which it is clear whether a string is cut
_WINDOW: Final = 1 << 18
_SMALL: Final = 1 << 16  # bytes up to which looking at all strings first costs less than a search
_QUOTE: Final = b'"'
_QUOTE_OR_BRACKET: Final = b'")'

# From outside a string to the begin of the first one that does not end. A line end closes one too:
# JSON has none inside a string, so a stray quote between two events of a stream does no harm.
_STRINGS: Final = re.compile(rb'(?:[^"]*+"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*+["\r\n])*+[^"]*+', re.S)
# From inside a string to its end, or to what is looked for in it.
_ESCAPES: Final = {
    _QUOTE: re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S),
    _QUOTE_OR_BRACKET: re.compile(rb'[^")\\]*+(?:\\.[^")\\]*+)*+', re.S),
}
# What may become an address in Markdown when more of it has come.
_PERHAPS: Final = re.compile(
    rb'\((?:d|da|dat|data|data:[^"\\,()\s]{0,100}(?:,%b{0,%d})?)?\Z' % (_LETTER, LONG - 1)
)


@dataclass(frozen=True, slots=True, repr=False)
class Cut:
    """A body and its skeleton; ``spans`` are what was left out: where in the body it begins and
    ends."""

    body: bytes
    skeleton: bytes
    spans: tuple[tuple[int, int], ...] = ()

    def in_body(self, places: Iterable[int]) -> list[int]:
        """Where these places of the skeleton are in the body; none may be inside a string."""
        gone = [0, *accumulate(end - begin for begin, end in self.spans)]
        cuts = [begin - less for (begin, _), less in zip(self.spans, gone, strict=False)]
        return [place + gone[bisect_left(cuts, place)] for place in places]


def cut(body: bytes) -> Cut:
    """Cuts a whole body; one without long strings is its own skeleton."""
    found = cut_soon(body, most=len(body))
    assert found is not None  # no skeleton is longer than its body
    return found


def cut_soon(body: bytes, *, most: int) -> Cut | None:
    """The same in a time that does not grow with the body, but for that of ``bytes.find``: None for
    a skeleton of more than so many bytes."""
    spans, at, gone = list[tuple[int, int]](), 0, 0
    while len(body) - at > LONG and (found := _run(body, at, most + gone + _UNDECIDED)):
        said = _is_said(found, body[max(0, found.start() - _LOOK_BACK) : found.start()])
        end = _end(body, found.end(), _QUOTE if said else _closing(found))
        if not said:
            begin, until = found.end() - LONG, len(body) if end < 0 else end
            spans.append((begin, until))
            gone += until - begin
        if end < 0:
            break
        at = end + 1
    if len(body) - gone > most:
        return None
    if not spans:
        return Cut(body, body)
    edges = [0, *(edge for span in spans for edge in span), len(body)]
    kept = [body[begin:end] for begin, end in list(pairwise(edges))[::2]]
    return Cut(body, b"".join(kept), tuple(spans))


class Cutter:
    """Cuts a body that arrives in chunks, in little memory: ``feed`` hands out what of the skeleton
    is sure, and keeps back at most the begin of one string."""

    def __init__(self) -> None:
        self._rest = b""  # what came and is not decided
        self._before = b""  # the end of what was handed out
        self._inside = False  # in a string that is kept, but for addresses in it
        self._said = False  # in a string that is kept whatever it holds
        self._until = b""  # in that one, or in what is cut: the bytes that may end it

    def feed(self, chunk: bytes) -> bytes:
        """Takes the next bytes; returns the next bytes of the skeleton."""
        data = self._rest + chunk if self._rest else chunk
        self._rest = b""
        kept = list[bytes]()
        at = self._pass(data, 0, kept) if self._until else 0
        while len(data) - at > LONG and (found := _run(data, at, len(data))):
            at = self._go_into(data, at, found, kept)
        self._tail(data, at, kept)
        out = b"".join(kept)
        self._before = (self._before + out[-_LOOK_BACK:])[-_LOOK_BACK:]
        return out

    def close(self) -> bytes:
        """The body has ended; returns what was kept back."""
        rest, self._rest = self._rest, b""
        return rest

    def _go_into(self, data: bytes, at: int, found: re.Match[bytes], kept: list[bytes]) -> int:
        """Goes into a string that begins as base64 does; returns where it goes on."""
        begin = found.start()
        before = data[max(0, begin - _LOOK_BACK) : begin]
        if begin < _LOOK_BACK:
            before = (self._before + before)[-_LOOK_BACK:]
        self._said = _is_said(found, before)
        self._until = _QUOTE if self._said else _closing(found)
        kept.append(data[at : found.end() if self._said else found.end() - LONG])
        return self._pass(data, found.end(), kept)

    def _pass(self, data: bytes, at: int, kept: list[bytes]) -> int:
        """Goes on in such a string; returns where the rest begins, behind its end."""
        end = _end(data, at, self._until)
        if end < 0:
            open_escape = _slashes(data, len(data)) % 2
            self._rest = data[len(data) - open_escape :]
            if self._said:
                kept.append(data[at : len(data) - open_escape])
            return len(data)
        kept.append(data[at if self._said else end : end + 1])
        self._inside = data[end] not in _QUOTE
        self._said, self._until = False, b""
        return end + 1

    def _tail(self, data: bytes, at: int, kept: list[bytes]) -> None:
        """Hands out what has no long string in it, but for what may become one."""
        if self._until:
            return
        hold = len(data)
        begin = at
        if self._inside and (end := _end(data, at, _QUOTE)) >= 0:
            self._inside, begin = False, end + 1
        if not self._inside:
            hold = _open_string(data, begin)
            self._inside = hold + _UNDECIDED <= len(data)
        if self._inside:
            perhaps = _PERHAPS.search(data, max(begin, len(data) - _UNDECIDED))
            hold = len(data) - _slashes(data, len(data)) % 2
            hold = perhaps.start() if perhaps else hold
        kept.append(data[at:hold])
        self._rest = data[hold:]


def _open_string(data: bytes, begin: int) -> int:
    """From outside a string: where the first one begins that does not end, or the end of it all.

    Whatever was open at a line end is closed there, so that the last line tells, by its number of
    quotes, where no backslash has a say in it.
    """
    line = max(data.rfind(b"\n", begin), data.rfind(b"\r", begin)) + 1 or begin
    if data.find(b"\\", max(line - 2, begin)) < 0:
        odd = data.count(_QUOTE, line) % 2
        return data.rindex(_QUOTE, line) if odd else len(data)
    strings = _STRINGS.match(data, begin)
    return strings.end() if strings else begin


def _run(data: bytes, at: int, until: int) -> re.Match[bytes] | None:
    """The next string that begins as base64 does, up to some place. In little data it is soon sure
    that there is none: too little stands between any two quotes."""
    if len(data) <= _SMALL and max(map(len, data.split(_QUOTE))) < LONG:
        return None
    return _RUN.search(data, at, until)


def _is_said(found: re.Match[bytes], before: bytes) -> bool:
    """Whether a run is kept: it is what people say, or stands after a quote inside a string."""
    bare = found.end() - found.start() == LONG + 1
    return bare and (before[-1:] == b"\\" or _SAID.search(before) is not None)


def _closing(found: re.Match[bytes]) -> bytes:
    return _QUOTE if found[0][:1] == _QUOTE else _QUOTE_OR_BRACKET


def _end(data: bytes, at: int, marks: bytes) -> int:
    """Where the first of some marks is that ends a string, or what is cut of it; -1 for nowhere.

    A quote after a backslash ends nothing. Windows, so that a mark that never comes is not looked
    for to the end of the body again and again.
    """
    for begin in range(at, len(data), _WINDOW):
        limit = begin + _WINDOW
        found = [p for m in marks if (p := data.find(m, begin, limit)) >= 0]
        if found:
            place = min(found)
            if not _slashes(data, place) % 2:
                return place
            passed = _ESCAPES[marks].match(data, place + 1)
            place = passed.end() if passed else place
            return place if place < len(data) and data[place] in marks else -1
    return -1


def _slashes(data: bytes, end: int) -> int:
    """How many backslashes stand right before a place."""
    begin = end
    while begin and data[begin - 1] == 0x5C:
        begin -= 1
    return end - begin
