"""Reads JSON that strangers send, and writes JSON that holds pictures without copying them twice.

Reading is done by pydantic's parser, the fastest at hand for bodies that are nearly all base64
(a third of the time of the standard library's). It is strict about UTF-8, NaN, depth and trailing
text. Two things it does not do, and we do by counting bytes: it does not notice a name that is
given twice in one object (the last one silently wins), and it builds whatever it is sent, so that
100 MB of ``[[],[],...`` would become gigabytes.

Writing: the skeleton goes through ``json``, and every ``bytes`` value is base64-encoded straight
into the answer, or goes into it as the base64 that it came in; a 25 MB picture never becomes a
Python ``str``.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import from_json

from pisang.core.content import Encoded
from pisang.core.errors import MalformedRequest
from pisang.wire.base64 import encode_base64, encoded
from pisang.wire.cut import cut

_MOST_ITEMS: Final = 200_000
_FEW_ESCAPES: Final = 10_000
_FEW_STRINGS: Final = 10_000
_MARKS: Final = (b"[", b"{", b",")
_QUOTE: Final = b'"'
_MARK: Final = b"\\u0000%d"  # stands for a long string while the rest is parsed


Letters = str | bytes | Encoded
"""What a string is made of; bytes become base64."""


@dataclass(frozen=True, slots=True)
class Joined:
    """One string that is made of texts and of bytes, which become base64: a data URL, or Markdown
    with one inside."""

    parts: tuple[Letters, ...]


Leaf = bool | int | float | str | bytes | Encoded | Joined | None
Written = Leaf | list["Written"] | dict[str, "Written"]


def read_object(body: bytes | bytearray) -> dict[str, object]:
    """Parses a body that must be one JSON object.

    Raises ``MalformedRequest`` for anything else, and for a name given twice in one object.
    """
    values, quotes = _looked_over(body)
    if values >= _MOST_ITEMS:
        raise MalformedRequest(
            f"Invalid JSON payload received. The body holds more than {_MOST_ITEMS} values."
        )
    try:
        tree: object = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise MalformedRequest(f"Invalid JSON payload received. {_reason(body, error)}") from None
    if not isinstance(tree, dict):
        raise MalformedRequest(
            "Invalid JSON payload received. The body must be one JSON object, { ... }."
        )
    if (_quotes(body) if quotes is None else quotes) != 2 * _strings(tree):
        raise MalformedRequest(_name_given_twice(body))
    return tree


def read_answer(body: bytes) -> dict[str, object]:
    """Parses a body as ``read_object`` does, with each long base64 string left as it came, as an
    ``Encoded``: megabytes of it become no text."""
    found = cut(body)
    kept, texts, at = list[bytes](), list[bytes](), 0
    for begin, end in found.spans:
        text = body[begin:end]
        if body[begin - 1 : begin] == _QUOTE == body[end : end + 1] and b"\\" not in text:
            kept += (body[at:begin], _MARK % len(texts))
            texts.append(text)
            at = end
    if not texts:
        return read_object(body)
    tree = read_object(b"".join((*kept, body[at:])))
    _put_back(tree, [encoded(text) for text in texts])
    return tree


def pieces(value: Written) -> list[bytes]:
    """Writes a value as JSON in pieces, to be sent one after another or joined.

    ``bytes`` are written as base64 text. Keys keep their order.
    """
    out: list[bytes] = []
    _write(value, out)
    return out


def size(parts: Iterable[bytes]) -> int:
    """The number of bytes in a list of pieces (a Content-Length)."""
    return sum(map(len, parts))


def _put_back(value: object, texts: list[Encoded]) -> None:
    """Puts the long strings of a tree where their marks are."""
    if isinstance(value, dict):
        value.update({name: _unmarked(member, texts) for name, member in value.items()})
    elif isinstance(value, list):
        value[:] = [_unmarked(member, texts) for member in value]


def _unmarked(member: object, texts: list[Encoded]) -> object:
    if isinstance(member, str) and member[:1] == "\0" and member[1:].isdecimal():
        return texts[min(int(member[1:]), len(texts) - 1)]
    _put_back(member, texts)
    return member


def _write(value: Written, out: list[bytes]) -> None:
    if isinstance(value, bytes | Encoded):
        out += (_QUOTE, _base64(value), _QUOTE)
    elif isinstance(value, Joined):
        out.append(_QUOTE)
        out += (
            _plain(part)[1:-1] if isinstance(part, str) else _base64(part) for part in value.parts
        )
        out.append(_QUOTE)
    elif isinstance(value, dict):
        before = b"{"
        for key, member in value.items():
            out.append(before + _plain(key) + b":")
            _write(member, out)
            before = b","
        out.append(b"}" if value else b"{}")
    elif isinstance(value, list):
        before = b"["
        for member in value:
            out.append(before)
            _write(member, out)
            before = b","
        out.append(b"]" if value else b"[]")
    else:
        out.append(_plain(value))


def _base64(value: bytes | Encoded) -> bytes:
    return encode_base64(value) if isinstance(value, bytes) else value.text


def _plain(value: bool | int | float | str | None) -> bytes:
    # A lone surrogate cannot be written as UTF-8; an answer with a "?" beats no answer.
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _reason(body: bytes | bytearray, error: ValueError) -> str:
    if not body.strip():
        return "The body is empty; send one JSON object, { ... }."
    text = str(error)
    return text[:1].upper() + text[1:] + "."


def _looked_over(body: bytes | bytearray) -> tuple[int, int | None]:
    """How many values there may be, and how many quotes where that was counted along with them."""
    if len(body) < _MOST_ITEMS:  # each takes a byte
        return len(body), None
    return _hopped(body) or (_marks(body), None)


def _hopped(body: bytes | bytearray) -> tuple[int, int] | None:
    """How many values there may be, and how many quotes open or close a string: in one pass at
    memchr's speed, from the end of one string to the begin of the next. None where strings or
    escaped quotes are too many for that, or a string does not end."""
    counts, quotes, at = [0] * len(_MARKS), 0, 0
    for _ in range(_FEW_STRINGS):
        begin = body.find(b'"', at)
        outside = len(body) if begin < 0 else begin
        counts = [
            count + body.count(mark, at, outside)
            for count, mark in zip(counts, _MARKS, strict=True)
        ]
        if begin < 0:
            return max(counts), quotes
        end = body.find(b'"', begin + 1)
        if end < 0 or body[end - 1] == 0x5C:  # escaped, perhaps: not for a hop
            return None
        quotes, at = quotes + 2, end + 1
    return None


def _marks(body: bytes | bytearray) -> int:
    """How many values there may be, by the commonest of the marks that stand before one."""
    return max(_count(body, mark, most=_MOST_ITEMS) for mark in _MARKS)


def has_more(body: bytes | bytearray, mark: bytes, *, than: int) -> bool:
    """Whether a byte stands there more often than that, found at memchr's speed where it is rare:
    ``bytes.count`` takes three times as long for a picture."""
    return _count(body, mark, most=than + 1) > than


def _count(body: bytes | bytearray, mark: bytes, *, most: int) -> int:
    """Counts a byte by hopping from one to the next, at memchr's speed; stops at ``most``."""
    at, count = body.find(mark), 0
    while at >= 0 and count < most:
        count += 1
        at = body.find(mark, at + 1)
    return count


def _quotes(body: bytes | bytearray) -> int:
    """The quotes that open or close a string: all of them, less the escaped ones."""
    few = 0 if len(body) < _MOST_ITEMS else _FEW_ESCAPES
    quotes = _count(body, b'"', most=few)
    if quotes == few:
        quotes = body.count(b'"')
    at, escaped = body.find(b"\\"), 0
    for _ in range(_FEW_ESCAPES):
        if at < 0:
            return quotes - escaped
        escaped += body[at + 1] == 0x22
        at = body.find(b"\\", at + 2)
    return quotes - body.replace(b"\\\\", b"").count(b'\\"')


def _strings(tree: object) -> int:
    """How many strings a tree was made of, names included."""
    count, open_values = 0, [tree]
    while open_values:
        value = open_values.pop()
        if isinstance(value, str):
            count += 1
        elif isinstance(value, dict):
            count += len(value)
            open_values.extend(value.values())
        elif isinstance(value, list):
            open_values.extend(value)
    return count


def _name_given_twice(body: bytes | bytearray) -> str:
    twice: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        counts = Counter(name for name, _ in pairs)
        twice.extend(name for name, count in counts.items() if count > 1)

    json.loads(body, object_pairs_hook=look)
    named = f'Duplicate name "{twice[0][:60]}" in one object' if twice else "A name is given twice"
    return f"Invalid JSON payload received. {named}. Send it once."
