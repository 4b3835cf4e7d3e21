"""Ordinary English words of five letters and more: what is one is not a slip of another."""

import functools
import zlib
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "ordinary.txt.z"


def is_word(word: str) -> bool:
    """Whether a lower-case word stands in the packed list (see ``tools/assets``)."""
    return word in _words()


@functools.cache
def _words() -> frozenset[str]:
    return frozenset(zlib.decompress(_FILE.read_bytes()).decode("ascii").split("\n"))
