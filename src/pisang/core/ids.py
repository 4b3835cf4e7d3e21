"""Identifiers: short, URL-safe, sortable by time of making, with a prefix that tells the kind.

``key_01hq...`` is 48 bits of milliseconds and 80 random bits in Crockford's base 32 (26 letters),
the layout known as ULID.
"""

import base64
import os
import time
from functools import lru_cache
from typing import Final

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def new_id(prefix: str, *, now: float | None = None) -> str:
    """Makes a new identifier, e.g. ``new_id("key")``; later ones sort after earlier ones."""
    millis = int((time.time() if now is None else now) * 1000) & ((1 << 48) - 1)
    return f"{prefix}_{_moment(millis)}{_chance()}"


def _chance() -> str:
    """Ten bytes of the system's chance, as sixteen letters. They are fetched for many at once: to
    ask for them lets go of the interpreter's lock, which then has to be waited for."""
    try:
        return _fetched.pop()
    except IndexError:
        many = base64.b32encode(os.urandom(_BYTES * _MANY)).translate(_OURS).decode()
        _fetched.extend(many[at : at + _EACH] for at in range(_EACH, len(many), _EACH))
        return many[:_EACH]


_BYTES: Final = 10
_EACH: Final = 16  # letters
_MANY: Final = 256
_fetched: Final[list[str]] = []
if hasattr(os, "register_at_fork"):  # or a process and its child would make the same
    os.register_at_fork(after_in_child=_fetched.clear)


def _letters(number: int) -> str:
    """Forty bits, as eight letters."""
    return (
        _PAIRS[number >> 30]
        + _PAIRS[number >> 20 & 1023]
        + _PAIRS[number >> 10 & 1023]
        + _PAIRS[number & 1023]
    )


@lru_cache(maxsize=1)
def _moment(millis: int) -> str:
    """48 bits of milliseconds, as ten letters."""
    return _PAIRS[millis >> 40] + _letters(millis & (1 << 40) - 1)
