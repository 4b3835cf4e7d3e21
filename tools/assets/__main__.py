"""`script/pack-assets [--check] [--relock] [--cache DIR]`: packs the sketch engine's data again.

The result depends on the lock and on this code alone, so a second run changes no byte;
`--check` compares instead of writing and says which files differ.
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
from pathlib import Path

from tools.assets import notice, pack_drawings, pack_fonts, pack_ordinary, pack_words
from tools.assets.fetch import ROOT, fetch

DATA = ROOT / "src" / "pisang" / "engines" / "sketch" / "data"
PARTS = {
    "fonts": pack_fonts.pack,
    "drawings": pack_drawings.pack,
    "words": pack_words.pack,
    "ordinary": pack_ordinary.pack,
    "notice": notice.pack,
}


def differences(files: dict[str, bytes], *, only: list[str]) -> list[str]:
    """Paths that are missing, changed, or there without being packed any more."""
    changed = [
        path
        for path, data in sorted(files.items())
        if not (DATA / path).is_file() or (DATA / path).read_bytes() != data
    ]
    if only:
        return changed
    there = {str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.is_file()}
    return changed + sorted(there - set(files))


def write(files: dict[str, bytes]) -> None:
    """Write every packed file below the data folder."""
    for path, data in files.items():
        target = DATA / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def main() -> int:
    """0 when written or equal, 1 when `--check` found a difference."""
    parser = argparse.ArgumentParser(prog="script/pack-assets", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--relock", action="store_true", help="take over the hashes that come")
    parser.add_argument("--cache", type=Path, help="keep the tarballs in this folder")
    parser.add_argument("--only", action="append", choices=PARTS, default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        cache = options.cache or Path(scratch)
        get = functools.cache(functools.partial(fetch, cache=cache, relock=options.relock))
        files: dict[str, bytes] = {}
        for part in options.only or PARTS:
            files |= PARTS[part](get)
    changed = differences(files, only=options.only)
    if not options.check:
        write(files)
    for path in changed:
        print(("differs: " if options.check else "wrote ") + path)
    print(f"{len(files)} files, {sum(map(len, files.values())) / 1e6:.1f} MB")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
