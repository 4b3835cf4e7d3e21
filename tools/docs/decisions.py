"""The list of decisions, from the first line of each page."""

import re
from pathlib import Path

_INTRO = """\
# Decisions

Half a page for each choice that could have gone another way: context, choice, consequences. A new
page takes the next number; `script/docs` puts it on this list.
"""
_NAME = re.compile(r"(\d{4})-[a-z0-9-]+\.md")


def page(docs: Path) -> str:
    lines = [f"- [{_title(path)}]({path.name})" for path in numbered(docs)]
    return "\n".join((_INTRO, *lines))


def numbered(docs: Path) -> list[Path]:
    """The pages that bear a number, in its order."""
    return sorted(p for p in (docs / "decisions").iterdir() if _NAME.fullmatch(p.name))


def _title(path: Path) -> str:
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
