"""Small pieces of Markdown: tables, code, a heading's anchor."""

import re
from collections.abc import Iterable, Sequence


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars inside cells are escaped, line breaks become spaces."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)


def cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def code(text: object) -> str:
    return f"`{text}`"


def codes(texts: Iterable[object]) -> str:
    """Words in code type with commas; a dash for none."""
    return ", ".join(map(code, texts)) or "-"


def fenced(text: str, language: str = "text") -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def anchor(heading: str) -> str:
    """The fragment under which GitHub finds a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def prose(text: str) -> str:
    """A docstring as Markdown: reStructuredText's doubled back-ticks become single ones."""
    return re.sub(r"``([^`]+)``", r"`\1`", " ".join(text.split()))
