"""Secrets that this server gives out, keys and access tokens: how they look, and what is kept.

A secret is a prefix and 40 random letters and digits (238 bits). Because nobody can guess or list
such a secret, plain SHA-256 is the right digest: a slow password hash would protect nothing more
and cost every request its time.
"""

import hashlib
import secrets
import string
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pisang.core.caller import Caller

_ALPHABET: Final = string.ascii_letters + string.digits
_LETTERS: Final = 40


@dataclass(frozen=True, slots=True)
class Valid:
    """Whom a credential stands for, and until when that is sure; None for as long as nothing is
    changed."""

    caller: Caller
    expires_at: datetime | None


def new_secret(prefix: str) -> str:
    """A new one; it is known to who made it and to nobody else."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(_LETTERS))


def digest(secret: str) -> bytes:
    """What is kept of a secret: 32 bytes. Takes any text, also one that no client could send."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
