"""Identifiers: short, URL-safe, sortable by time of making, with a prefix that tells the kind.

``key_01hq...`` is 48 bits of milliseconds and 80 random bits in Crockford's base 32 (26 letters),
the layout known as ULID.
"""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str, *, now: float | None = None) -> str:
    """Makes a new identifier, e.g. ``new_id("key")``; later ones sort after earlier ones."""
    millis = int((time.time() if now is None else now) * 1000) & ((1 << 48) - 1)
    number = (millis << 80) | secrets.randbits(80)
    letters = "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{letters}"
