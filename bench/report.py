"""One table of what was measured, for the terminal and for docs/performance.md."""

import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``ours`` against ``other`` in the same run; ``good`` tells whether the target is met."""

    what: str
    ours: str
    other: str
    ratio: str
    target: str
    good: bool


def table(rows: list[Row]) -> str:
    """A Markdown table, with the machine it was measured on below."""
    lines = [
        "| what | pisang | against | ratio (range) | target | met |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        met = "yes" if row.good else "**no**"
        cells = (row.what, row.ours, row.other, row.ratio, row.target, met)
        lines.append(f"| {' | '.join(cells)} |")
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    return "\n".join((*lines, "", f"Measured on: {machine}, {platform.system()}."))
