"""Identifiers: short, URL-safe, sortable by time of making, with a prefix that tells the kind.

``key_01hq...`` is 48 bits of milliseconds and 80 random bits in Crockford's base 32 (26 letters),
the layout known as ULID.
"""

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(prefix: str, *, now: float | None = None) -> str:
    """Makes a new identifier, e.g. ``new_id("key")``; later ones sort after earlier ones."""
    millis = int((time.time() if now is None else now) * 1000) & ((1 << 48) - 1)
    number = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(120, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"
