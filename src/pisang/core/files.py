"""A file that a caller uploaded, as every surface shows it; ``files/`` keeps it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """Where a file came from; only what was generated can be downloaded."""

    UPLOADED = "UPLOADED"
    GENERATED = "GENERATED"
    REGISTERED = "REGISTERED"


@dataclass(frozen=True, slots=True)
class File:
    """``name`` is without ``files/``; ``size`` in bytes; ``sha256`` the digest of the bytes.

    ``purpose`` is what an OpenAI client said. Times are UTC without a zone.
    """

    name: str
    display_name: str | None
    mime_type: str
    size: int
    sha256: bytes
    source: Source
    purpose: str | None
    created_at: datetime
    expires_at: datetime
