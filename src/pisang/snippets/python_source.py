"""Pieces of Python that the programs of all Python clients share."""

from collections.abc import Iterable

from pisang.snippets.draft import Draft, Picture
from pisang.snippets.quoting import python_text


def read(picture: Picture) -> str:
    """An expression for the picture's bytes."""
    source = python_text(picture.source)
    return f"urlopen({source}).read()" if picture.is_address else f"Path({source}).read_bytes()"


def imports(draft: Draft, *more: str) -> str:
    """The imports of the standard library, each on its line: ``more``, and what ``read`` needs."""
    lines = set(more)
    for picture in draft.pictures:
        lines.add(
            "from urllib.request import urlopen"
            if picture.is_address
            else "from pathlib import Path"
        )
    plain = sorted(line for line in lines if line.startswith("import"))
    return "".join(f"{line}\n" for line in [*plain, *sorted(lines.difference(plain))])


def indented(lines: Iterable[str], depth: int) -> str:
    """Lines of a call's arguments, each with its comma and line break."""
    return "".join(f"{' ' * depth}{line},\n" for line in lines)
