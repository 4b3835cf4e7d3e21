"""Measures everything and prints the tables: ``bench/run [--write] [NAME...]``.

``--write`` puts them into docs/performance.md. Names choose among card, gateway, large, load,
ledger, relay, governing and profile; ``--quick`` is for trying out relay and governing, ``--only``
and ``--gateway`` for parts of relay.
"""

import argparse
from pathlib import Path

from bench import card, gateway, governing, large, ledger, load, passing, profile
from bench.report import table

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
MEASURES = {
    "card": card.rows,
    "gateway": gateway.rows,
    "large": large.rows,
    "ledger": ledger.rows,
    "load": load.rows,
}
RELAY = "relay"
GOVERNING = "governing"
PROFILE = "profile"


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    every = [*MEASURES, RELAY, GOVERNING, PROFILE]
    parser.add_argument("names", nargs="*", choices=[[], *every], default=[])
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    parser.add_argument("--quick", action="store_true", help="relay: one short run of each")
    parser.add_argument("--only", action="append", default=[], help="relay: part of a scenario")
    parser.add_argument("--gateway", action="append", default=[], help="relay: part of a name")
    options = parser.parse_args()
    names = options.names or every
    if drawn := [name for name in MEASURES if name in names]:
        rows = [row for name in drawn for row in MEASURES[name]()]
        _tell("measured", table(rows), write=options.write and len(drawn) == len(MEASURES))
    if RELAY in names:
        parts = {"only": options.only, "gateways": options.gateway}
        passed = passing.page(quick=options.quick, **parts)
        whole = not (options.quick or options.only or options.gateway)
        _tell(RELAY, passed, write=options.write and whole)
    if GOVERNING in names:
        found = governing.page(quick=options.quick)
        _tell(GOVERNING, found, write=options.write and not options.quick)
    if PROFILE in names:
        _tell(PROFILE, profile.page(write=options.write), write=options.write)


def _tell(name: str, found: str, *, write: bool) -> None:
    """Prints a table and, where it is whole, puts it between its marks in the page."""
    print(found)
    if write:
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = PAGE.read_text("utf-8").partition(begin)
        after = rest.partition(end)[2]
        PAGE.write_text(f"{before}{begin}\n{found}\n{end}{after}", "utf-8")


if __name__ == "__main__":
    main()
