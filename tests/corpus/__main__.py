"""Scores the corpus: ``python -m tests.corpus [--sheets DIR] [--only TEXT] [--kind KIND] [--ocr]``.

Prints each fault, then the share of cases and of single facts that are right, by kind. With
``--sheets`` it draws every case and writes contact sheets; with ``--ocr`` it reads the texts back
from the pixels with tesseract.
"""

import argparse
import time
from collections import defaultdict
from pathlib import Path

from pisang.engines.sketch import fonts
from tests.corpus.cases import Case, load
from tests.corpus.ocr import unread
from tests.corpus.play import play
from tests.corpus.score import expectations, faults
from tests.corpus.sheet import Entry, write_sheets


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.corpus", description=__doc__)
    parser.add_argument("--sheets", type=Path, help="draw every case, write contact sheets here")
    parser.add_argument("--only", default="", help="cases whose id or prompt holds this")
    parser.add_argument("--kind", default="", help="cases of this file")
    parser.add_argument("--ocr", action="store_true", help="read the texts back from the pixels")
    options = parser.parse_args()
    fonts.setup()
    found: dict[str, list[tuple[Case, list[str]]]] = defaultdict(list)
    entries: dict[str, list[Entry]] = defaultdict(list)
    started = time.perf_counter()
    for case in load():
        told = " / ".join(case.spoken)
        if options.only.casefold() not in f"{case.id} {told}".casefold():
            continue
        if options.kind not in case.kind:
            continue
        size = "1K" if options.ocr else "512"
        sketch = play(case, paint=bool(options.sheets or options.ocr), size=size)
        wrong = faults(case, sketch.reading)
        if options.ocr and sketch.pixels is not None:
            wrong += unread(sketch)
        found[case.kind].append((case, wrong))
        entries[case.kind].append((f"{case.id}: {told}", sketch.pixels, wrong))
        for fault in wrong:
            print(f"{case.kind}/{case.id}: {fault}\n    {told}")
    _summary(found, time.perf_counter() - started)
    for kind in entries if options.sheets else ():
        for path in write_sheets(entries[kind], options.sheets, kind):
            print(path)


def _summary(found: dict[str, list[tuple[Case, list[str]]]], seconds: float) -> None:
    print(f"\n{'kind':<12}{'cases':>7}{'right':>7}{'facts':>7}{'right':>7}")
    rows = [*found.items(), ("all", [pair for pairs in found.values() for pair in pairs])]
    for kind, pairs in rows:
        right = sum(not wrong for _, wrong in pairs)
        facts = sum(expectations(case) for case, _ in pairs)
        missed = sum(min(len(wrong), expectations(case)) for case, wrong in pairs)
        print(f"{kind:<12}{len(pairs):>7}{right:>7}{facts:>7}{facts - missed:>7}")
    print(f"{seconds:.1f} s")


if __name__ == "__main__":
    main()
