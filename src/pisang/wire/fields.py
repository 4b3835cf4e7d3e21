"""Reads one JSON object the way Google's servers do: field by field, with the path of each error.

Proto-JSON has habits that a plain JSON model does not (surfaces contract, section 0): every field
has two spellings (``inlineData``, ``inline_data``) that may be mixed at every depth, whole numbers
come as ``4``, ``4.0`` or ``"4"``, enums as a name in any case or a number, bytes as base64 in
either alphabet, and ``null`` means absent.

``Fields`` takes fields *out of* the parsed tree, so that a base64 text is freed as soon as its
bytes exist, and so that what nobody took is, at the end, what we do not know. Errors are collected
in a ``Reading`` and raised together by ``Reading.check``.
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Final, TypeVar

from pisang.core.content import Encoded
from pisang.core.errors import MalformedRequest, UnsupportedParameter, Violation
from pisang.core.request import UnknownField
from pisang.wire.base64 import BadBase64, decode_base64, is_standard

T = TypeVar("T")

PACKAGE: Final = "google.ai.generativelanguage.v1beta"
TYPES: Final = f"type.googleapis.com/{PACKAGE}."
INT32: Final = (-(2**31), 2**31 - 1)
INT64: Final = (-(2**63), 2**63 - 1)

_MOST_VIOLATIONS: Final = 20
_MOST_UNKNOWN: Final = 100
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


@cache
def camel(name: str) -> str:
    """``inline_data`` -> ``inlineData``: the spelling that Google writes."""
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def shown(value: object) -> str:
    """A value as an error message may show it: never long, never a whole picture."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Encoded):
        value = value.text[:61].decode("ascii", "replace")
    if isinstance(value, str) and len(value) > 60:
        value = value[:60] + "..."
    if isinstance(value, int) and abs(value) > INT64[1]:
        return "a number out of range"
    return json.dumps(value, ensure_ascii=False)


class Reading:
    """What was found wrong or unknown while one body was read.

    ``types`` is what stands before the name of a type in a message, e.g. of an object.
    """

    def __init__(self, types: str = TYPES) -> None:
        self.types = types
        self._malformed: list[Violation] = []
        self._unsupported: list[Violation] = []
        self._opened: list[Fields] = []

    def blame(self, path: str, text: str) -> None:
        """Notes that the value at ``path`` is not well formed; what comes after 20 is dropped."""
        if len(self._malformed) < _MOST_VIOLATIONS:
            self._malformed.append(Violation(path, text))

    def blamed(self, path: str) -> bool:
        """Whether the value at ``path``, or something inside it, is noted already."""
        return any(v.field.startswith(path) for v in (*self._malformed, *self._unsupported))

    def invalid(self, path: str, kind: str, value: object, remedy: str) -> None:
        """Notes a bad value in Google's words, followed by what to do about it."""
        self.blame(path, f"Invalid value at '{path}' ({kind}), {shown(value)}. {remedy}")

    def unsupported(self, path: str, text: str) -> None:
        """Notes a value that is well formed and that pisang does not serve."""
        if len(self._unsupported) < _MOST_VIOLATIONS:
            self._unsupported.append(Violation(path, text))

    def opened(self, fields: "Fields") -> None:
        self._opened.append(fields)

    def check(self) -> tuple[UnknownField, ...]:
        """Ends the reading: raises what was blamed, else returns the names nobody took.

        Raises ``MalformedRequest``, or ``UnsupportedParameter`` if that is all that is wrong.
        """
        # What was read holds this and is held by it: let go, so that it needs no garbage collector.
        opened, self._opened = self._opened, []
        for violations, error in (
            (self._malformed, MalformedRequest),
            (self._unsupported, UnsupportedParameter),
        ):
            if violations:
                text = "\n".join(violation.description for violation in violations)
                raise error(text, violations=tuple(violations))
        left = [fields for fields in opened if not fields.is_empty]
        unknown = (UnknownField(fields.path, name) for fields in left for name in fields.rest())
        return tuple(islice(unknown, _MOST_UNKNOWN))


class Fields:
    """One JSON object, read field by field; names are given in snake_case.

    Every reader returns None for an absent field, for ``null``, and for a value that it blamed.
    """

    def __init__(self, value: dict[str, object], *, path: str, reading: Reading) -> None:
        self._value = value
        self.path = path
        self.reading = reading
        reading.opened(self)

    def rest(self) -> list[str]:
        """The names that no reader has taken, as the caller spelled them."""
        return [name for name, value in self._value.items() if value is not None]

    @property
    def is_empty(self) -> bool:
        """Whether every field was taken, so that looking for others is no use."""
        return not self._value

    def at(self, name: str) -> str:
        """The path of a field of this object."""
        return f"{self.path}.{name}" if self.path else name

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None or self._value.get(camel(name)) is not None

    def given(self, names: Iterable[str]) -> list[str]:
        """Those of these names under which there is something."""
        value = self._value
        return [
            name
            for name in names
            if value.get(name) is not None or value.get(camel(name)) is not None
        ]

    def take(self, name: str) -> object:
        """The raw value under either spelling; both spellings at once are an error."""
        if not self._value:
            return None
        value = self._value.pop(name, None)
        twin = self._value.pop(camel(name), None)
        if value is not None and twin is not None:
            self.reading.blame(
                self.at(name),
                f"Invalid value at '{self.at(name)}' (oneof), the field is set twice, as "
                f'"{camel(name)}" and as "{name}". Send it once.',
            )
            return None
        return twin if value is None else value

    def ignore(self, *names: str) -> None:
        """Takes fields that are known and have no effect on an image."""
        for name in names if self._value else ():
            self.take(name)

    def only_texts(self, name: str, *, under: str) -> list[str] | None:
        """The texts of a list of objects that have nothing but a text, under one name; None where
        there is anything else, and then nothing is taken."""
        items = self._value.get(name)
        if not isinstance(items, list) or not items:
            return None
        texts = [item.get(under) for item in items if isinstance(item, dict) and len(item) == 1]
        found = [text for text in texts if isinstance(text, str)]
        if len(found) != len(items):
            return None
        del self._value[name]
        return found

    def text(self, name: str) -> str | None:
        value = self.take(name)
        if value is None or isinstance(value, str):
            return value
        return read_text(value, self.at(name), self.reading)

    def flag(self, name: str) -> bool | None:
        value = self.take(name)
        if value is None or isinstance(value, bool):
            return value
        self.reading.invalid(self.at(name), "TYPE_BOOL", value, "Send true or false.")
        return None

    def integer(self, name: str, *, bounds: tuple[int, int] = INT32) -> int | None:
        value = self.take(name)
        if value is None:
            return None
        number = whole_in(bounds, value)
        if number is not None:
            return number
        kind = "TYPE_INT32" if bounds == INT32 else "TYPE_INT64"
        remedy = f"Send a whole number from {bounds[0]} to {bounds[1]}."
        self.reading.invalid(self.at(name), kind, value, remedy)
        return None

    def number(self, name: str) -> float | None:
        value = self.take(name)
        if value is None:
            return None
        number = _number(value)
        if number is None:
            self.reading.invalid(self.at(name), "TYPE_FLOAT", value, "Send a number.")
        return number

    def data(self, name: str, *, verbatim: Mapping[str, bytes] | None = None) -> bytes | None:
        """Bytes written as base64; ``verbatim`` are words that stand for themselves."""
        value = self.take(name)
        if value is None:
            return None
        path = self.at(name)
        if isinstance(value, Encoded):
            value = value.text.decode("ascii", "replace")
        if not isinstance(value, str):
            self.reading.invalid(path, "TYPE_BYTES", value, "Send a base64 string.")
            return None
        if verbatim and value in verbatim:
            return verbatim[value]
        try:
            return decode_base64(value)
        except BadBase64 as error:
            text = f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for "
            self.reading.blame(path, f"{text}{shown(value)}: {error}")
            return None

    def form(self, name: str) -> bytes | Encoded | None:
        """Bytes written as base64, as they came where that is as we write them."""
        value = self._value.get(name) or self._value.get(camel(name))
        if isinstance(value, Encoded) and is_standard(value.text):
            self.take(name)
            return value
        return self.data(name)

    def enum(
        self, name: str, table: Mapping[str, T], *, kind: str, numbers: Mapping[int, str]
    ) -> T | None:
        value = self.take(name)
        if value is None:
            return None
        return read_enum(
            value, self.at(name), self.reading, table=table, kind=kind, numbers=numbers
        )

    def nested(self, name: str, *, kind: str) -> "Fields | None":
        """A nested object; ``kind`` is the name of its type in Google's API, for the message."""
        value = self.take(name)
        if value is None:
            return None
        return read_object(value, path=self.at(name), kind=kind, reading=self.reading)

    def nested_list(self, name: str, *, kind: str, lone: bool = False) -> list["Fields"]:
        """A list of objects; ``lone`` takes an object in place of a list of one."""
        found: list[Fields] = []
        for path, value in self.items(name, lone=lone) if self._value else ():
            fields = read_object(value, path=path, kind=kind, reading=self.reading)
            if fields is not None:
                found.append(fields)
        return found

    def texts(self, name: str) -> list[str]:
        """A list of strings."""
        found = (read_text(value, path, self.reading) for path, value in self.items(name))
        return [text for text in found if text is not None]

    def items(self, name: str, *, lone: bool = False) -> list[tuple[str, object]]:
        """The raw members of a list, each with its own path."""
        value = self.take(name)
        if value is None:
            return []
        path = self.at(name)
        if lone and isinstance(value, dict):
            value = [value]
        if not isinstance(value, list):
            self.reading.blame(
                path,
                f"Invalid value at '{path}' (repeated field), {shown(value)}. "
                "This field is a list: put the value into [ ].",
            )
            return []
        found = []
        for index, item in enumerate(value):
            if item is None:
                self.reading.invalid(f"{path}[{index}]", "null", None, "Leave the item out.")
            else:
                found.append((f"{path}[{index}]", item))
        return found


def read_object(value: object, *, path: str, kind: str, reading: Reading) -> Fields | None:
    """Opens a raw value as an object, or blames it."""
    if isinstance(value, dict):
        return Fields(value, path=path, reading=reading)
    reading.invalid(path, f"{reading.types}{kind}", value, "Send an object { }.")
    return None


def read_text(value: object, path: str, reading: Reading) -> str | None:
    """Reads a raw value as a string, or blames it."""
    if value is None or isinstance(value, str):
        return value
    reading.invalid(path, "TYPE_STRING", value, "Send a string.")
    return None


def read_enum(
    value: object,
    path: str,
    reading: Reading,
    *,
    table: Mapping[str, T],
    kind: str,
    numbers: Mapping[int, str],
) -> T | None:
    """Reads an enum by name in any case or by number; names outside ``table`` are blamed.

    0 and ``..._UNSPECIFIED`` count as absent, as everywhere in proto.
    """
    if value is None:
        return None
    name = value
    if not isinstance(value, str) or _WHOLE_NUMBER.fullmatch(value):
        number = _whole(value)
        name = None if number is None else numbers.get(number)
        if number == 0:
            return None
    if isinstance(name, str):
        name = name.upper()
        if name in table:
            return table[name]
        if name.endswith("UNSPECIFIED"):
            return None
    remedy = f"Allowed: {', '.join(table)}."
    reading.invalid(path, f"{reading.types}{kind}", value, remedy)
    return None


def whole_in(bounds: tuple[int, int], value: object) -> int | None:
    """A whole number as proto-JSON writes it, ``4``, ``4.0`` or ``"4"``, that is not out of range;
    None for anything else."""
    number = value if type(value) is int else _whole(value)
    return number if number is not None and bounds[0] <= number <= bounds[1] else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else None


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        return None
    if isinstance(value, int | float | str):
        try:
            number = float(value)
        except OverflowError:  # a JSON integer of 400 digits
            return None
        return number if math.isfinite(number) else None
    return None
