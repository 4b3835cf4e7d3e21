"""Reads the fenced blocks of the documentation, with the comments that say how they are run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md")),
)
RUN = ("sh", "python", "js")
PRINTS = "prints"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!-- ([^\n]*) -->\n\Z")


@dataclass(frozen=True)
class Block:
    """``note`` is the comment on the line before it, empty if there is none."""

    language: str
    text: str
    line: int
    note: str


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        before = text[: found.start()]
        note = _COMMENT.search(before)
        yield Block(found[1], found[2], before.count("\n") + 2, note[1] if note else "")


def runnable(page: Path) -> list[Block]:
    """The blocks that are to be run, in order; ``not run: why`` leaves one out.

    A text under ``<!-- prints -->`` is what the block before it prints.
    """
    return [
        block
        for block in blocks(page)
        if block.note == PRINTS
        or (block.language in RUN and not block.note.startswith("not run: "))
    ]
