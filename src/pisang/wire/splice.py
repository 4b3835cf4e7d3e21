"""Changes a few members of a JSON body that passes, without writing the rest of it anew.

JSON that is read and written again is not the same JSON: numbers change their digits, names given
twice become one, megabytes of base64 are copied. So the members to change are found in the skeleton
(``wire/cut.py``), and the new body is made of slices of the old one with little texts between them.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from pisang.wire.cut import Cut

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODER: Final = json.JSONDecoder()

Piece = bytes | memoryview
"""A piece of a body; a slice of one that is not copied."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its name, where it begins, where its value begins and ends."""

    name: str
    begin: int
    value: int
    end: int


class NotJson(ValueError):
    """What stands there is no JSON, so nothing in it can be changed."""


class Splice:
    """A body to be changed; positions are those of its skeleton."""

    def __init__(self, found: Cut) -> None:
        self._cut = found
        # One letter a byte, so that positions stay; the names that matter are ASCII.
        self._text = found.skeleton.decode("latin-1")
        self._edits: list[tuple[int, int, bytes]] = []

    @property
    def root(self) -> int:
        """Where the outermost value begins."""
        return self._skip(0)

    def read(self, at: int) -> object:
        """The value that begins here, without its long strings. Raises ``NotJson``."""
        return self._value(at)[0]

    def end(self, at: int) -> int:
        """Where the value that begins here ends. Raises ``NotJson``."""
        return self._value(at)[1]

    def members(self, at: int) -> list[Member]:
        """The members of the object that begins here, none for any other value.

        Raises ``NotJson``.
        """
        found = list[Member]()
        for begin in self._positions(at, "{", "}"):
            name, end = self._value(begin)
            colon = self._skip(end)
            if not isinstance(name, str) or self._text[colon : colon + 1] != ":":
                raise NotJson
            value = self._skip(colon + 1)
            found.append(Member(name, begin, value, self._value(value)[1]))
        return found

    def items(self, at: int) -> list[int]:
        """Where the items of the list that begins here begin; for any other value, itself.

        Raises ``NotJson``.
        """
        return self._positions(at, "[", "]") if self._text[at : at + 1] == "[" else [at]

    def replace(self, begin: int, end: int, text: bytes) -> None:
        """Puts a text there instead."""
        self._edits.append((begin, end, text))

    def change(
        self, at: int, members: list[Member], *, without: Collection[Member], adding: bytes = b""
    ) -> None:
        """Takes members out of the object that begins here, and puts some text before the rest."""
        if not without and not adding:
            return
        gone = {member.begin for member in without}
        end = self._skip(members[-1].end if members else at + 1)
        if len(gone) == len(members):
            self.replace(at + 1, end, adding)
            return
        if adding:
            self.replace(at + 1, at + 1, adding + b",")
        begin, comma, skipped = at + 1, b"", False
        for member in members:
            if member.begin in gone:
                skipped = True
                continue
            if skipped:
                self.replace(begin, member.begin, comma)
            begin, comma, skipped = member.end, b",", False
        if skipped:
            self.replace(begin, end, b"")

    def pieces(self) -> list[Piece]:
        """The changed body in pieces; the body itself where nothing has changed."""
        body = self._cut.body
        edits = sorted(edit for edit in self._edits if edit[0] != edit[1] or edit[2])
        if not edits:
            return [body]
        places = self._cut.in_body(place for begin, end, _ in edits for place in (begin, end))
        view, out, at = memoryview(body), list[Piece](), 0
        for begin, end, (_, _, text) in zip(places[::2], places[1::2], edits, strict=True):
            out += (view[at:begin], text)
            at = end
        return [piece for piece in (*out, view[at:]) if piece]

    def _positions(self, at: int, opening: str, closing: str) -> list[int]:
        """Where the items between these brackets begin (of an object: their names)."""
        if self._text[at : at + 1] != opening:
            return []
        found, at = list[int](), self._skip(at + 1)
        while self._text[at : at + 1] != closing:
            found.append(at)
            at = self._skip(self._value(at)[1])
            if opening == "{":
                at = self._skip(self._value(self._skip(at + 1))[1])
            if self._text[at : at + 1] == ",":
                at = self._skip(at + 1)
            elif self._text[at : at + 1] != closing:
                raise NotJson
        return found

    def _value(self, at: int) -> tuple[object, int]:
        try:
            value, end = _DECODER.raw_decode(self._text, at)
        except (ValueError, RecursionError):
            raise NotJson from None
        return value, end

    def _skip(self, at: int) -> int:
        space = _SPACE.match(self._text, at)
        return space.end() if space else at
