"""Passwords of people who sign in here: kept as argon2id, compared in the same time for everybody.

A password is chosen by a person, so other than a key it can be guessed: its digest has to be slow.
Both functions take a good part of a second and 64 MiB: call them in a thread, a few at a time
(``signin/people.py``).
"""

from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from pisang.core.errors import RequestError

LEAST: Final = 10
MOST: Final = 200
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_NOBODYS: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)
"""What is compared with where there is nobody, so that it takes as long. No password fits it."""


def checked(password: str) -> str:
    """A password that may be chosen. Raises ``RequestError``."""
    if not LEAST <= len(password) <= MOST:
        raise RequestError(
            f"A password has {LEAST} to {MOST} letters: three or four words do.", field="password"
        )
    return password


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(checked(password))


def fits(kept: str | None, password: str) -> bool:
    """Whether it is this password. Takes as long where nothing is kept, and then is false."""
    try:
        right = _HASHER.verify(kept or _NOBODYS, password[: MOST + 1])
    except (Argon2Error, InvalidHashError):
        return False
    return right and kept is not None
