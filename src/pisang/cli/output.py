"""What a command prints, and where: results on standard output, everything else on standard error.

Text that came from a prompt or from a server never steers the terminal: control characters are
shown, not sent (``plain``). On a pipe there is no progress and no colour, and ``NO_COLOR`` is
obeyed (https://no-color.org).
"""

import json
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

_BOLD, _OFF = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Terminal:
    """The two streams of one command. ``quiet`` silences notes and progress, never errors."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    quiet: bool = False

    def result(self, text: str) -> None:
        """Prints one line of what the command was called for."""
        write(self.out, f"{text}\n")

    def json(self, value: Any) -> None:
        """Prints one JSON value: what a program reads."""
        ascii_only = not (self.out.encoding or "").lower().startswith("utf")
        write(self.out, json.dumps(value, indent=2, ensure_ascii=ascii_only) + "\n")

    def tell(self, value: Any, *sentences: str, json: bool) -> None:
        """Prints what was done: for a program as JSON, for a person in sentences."""
        if json:
            self.json(value)
            return
        for sentence in sentences:
            self.result(sentence)

    def note(self, text: str) -> None:
        """Tells a person something beside the result; silent with ``--quiet``."""
        if not self.quiet:
            write(self.err, f"{plain(text)}\n")

    def warn(self, text: str) -> None:
        """Tells a person something they must not miss."""
        write(self.err, f"pisang: {plain(text)}\n")

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Prints rows in columns; the last column is as long as it needs to be."""
        lines = [tuple(plain(cell) for cell in row) for row in rows]
        widths = [max(map(_columns, column)) for column in zip(headers, *lines, strict=True)]
        self.result(self.bold(_aligned(headers, widths)))
        for line in lines:
            self.result(_aligned(line, widths))

    def bold(self, text: str) -> str:
        return f"{_BOLD}{text}{_OFF}" if coloured(self.out) else text


def coloured(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this stream may get colour: a terminal that is not dumb, and no ``NO_COLOR``."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def plain(text: str) -> str:
    """Replaces every character that could steer a terminal by a visible stand-in.

    Line breaks and tabs stay; so do the joiners that Indic scripts, Persian and emoji need.
    """
    return "".join(letter if _harmless(letter) else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _harmless(letter: str) -> bool:
    return letter in "\n\t\u200c\u200d" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _columns(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _columns(text: str) -> int:
    """How many terminal columns a text takes: marks none, East Asian wide letters two."""
    return sum(
        0
        if unicodedata.combining(letter)
        else 2
        if unicodedata.east_asian_width(letter) in "WF"
        else 1
        for letter in text
    )


def write(stream: TextIO, text: str) -> None:
    """Writes at once, and never fails because the terminal lacks a letter."""
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
