"""``script/docs`` writes the generated pages; ``script/docs --check`` says which are out of date.

A generated page is whole (``PAGES``) or a page written by hand with generated pieces between
``<!-- NAME: begin -->`` and ``<!-- NAME: end -->`` (``PIECES``).
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from tools.docs import (
    commands,
    decisions,
    errors,
    exits,
    faults,
    http,
    metrics,
    models,
    roles,
    settings,
    sketch,
    triage,
)

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"
HEAD: Final = "<!-- Written by script/docs from the code: change {source}, then run it. -->\n\n"

PAGES: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "reference/settings.md": ("src/pisang/settings.py", settings.page),
    "reference/errors.md": ("src/pisang/core/errors.py", errors.page),
    "reference/commands.md": ("src/pisang/cli", commands.page),
    "reference/exit-codes.md": ("src/pisang/cli/exits.py", exits.page),
    "reference/faults.md": ("src/pisang/faults", faults.page),
    "reference/models.md": ("src/pisang/catalog/data", models.page),
    "reference/http.md": ("src/pisang/surfaces", http.page),
    "reference/roles.md": ("src/pisang/core/roles.py", roles.page),
    "reference/metrics.md": ("src/pisang/telemetry/metrics.py", metrics.page),
    "reference/triage.md": ("src/pisang/routing", triage.page),
    "decisions/README.md": ("the pages beside this one", lambda: decisions.page(DOCS)),
}
"""Path below docs -> what it is made from, and by whom."""

PIECES: Final[Mapping[str, Mapping[str, Callable[[], str]]]] = {"sketch.md": sketch.PIECES}
"""Path below docs -> the names of its generated pieces, and who makes them."""


def pages() -> Iterator[tuple[Path, str]]:
    """Every page that has generated text, with the text it should have."""
    for name, (source, make) in PAGES.items():
        yield DOCS / name, HEAD.format(source=source) + make().rstrip() + "\n"
    for name, pieces in PIECES.items():
        page = DOCS / name
        text = page.read_text("utf-8")
        for piece, make in pieces.items():
            text = filled(text, piece, make())
        yield page, text


def filled(text: str, piece: str, content: str) -> str:
    """The page with one piece renewed. Raises ``ValueError`` where the page has no place for it."""
    begin, end = f"<!-- {piece}: begin -->", f"<!-- {piece}: end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"the page needs {begin} and {end} once")
    return pattern.sub(lambda _: f"{begin}\n{content.strip()}\n{end}", text)


def stale() -> list[Path]:
    """The pages that do not say what the code says."""
    return [page for page, text in pages() if not page.is_file() or page.read_text("utf-8") != text]


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: script/docs [--check]", file=sys.stderr)
        return 2
    if arguments:
        old = stale()
        for page in old:
            print(f"{page.relative_to(ROOT)} is out of date: run script/docs", file=sys.stderr)
        return 1 if old else 0
    for page, text in pages():
        if not page.is_file() or page.read_text("utf-8") != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, "utf-8")
            print(page.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
