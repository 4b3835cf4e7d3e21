"""Measures everything and prints one table: ``bench/run [--write] [NAME...]``.

``--write`` puts the table into docs/performance.md. Names choose among card, gateway, large, load.
"""

import argparse
from pathlib import Path

from bench import card, gateway, large, load
from bench.report import table

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
MEASURES = {"card": card.rows, "gateway": gateway.rows, "large": large.rows, "load": load.rows}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES], default=[])
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    rows = [row for name in options.names or MEASURES for row in MEASURES[name]()]
    measured = table(rows)
    print(measured)
    if options.write:
        before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{measured}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
