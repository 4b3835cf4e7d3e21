"""The chain: how a row of the audit log is written down so that its hash can be computed again.

A row's hash is SHA-256 over one line of JSON that has all of its columns and the hash of the row
before it. Whoever changes, removes or inserts a row has to change every row after it; and whoever
can do that still cannot change a head (number and hash of the last row) that was written down
elsewhere.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row

from pisang.core.errors import RequestError

NOTHING: Final = bytes(32)
"""What the first row has as the hash before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. ``before`` and ``after`` are JSON as it is kept."""

    number: int
    at: datetime
    actor: str
    address: str
    project_id: str
    action: str
    target: str
    request_id: str
    before: str
    after: str
    previous: bytes = NOTHING
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the log: written down elsewhere, it shows whether rows were cut off. An empty log
    has the number 0."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def of(cls, text: str) -> "Head":
        """Reads ``NUMBER:HASH``. Raises ``RequestError``."""
        number, _, hash_ = text.strip().partition(":")
        try:
            found = cls(int(number), bytes.fromhex(hash_))
        except ValueError:
            found = cls(-1, b"")
        if found.number < 0 or len(found.hash) != len(NOTHING):
            raise RequestError(
                "A head is NUMBER:HASH, as `pisang audit head` prints it.", field="head"
            )
        return found


START: Final = Head(0, NOTHING)


def hashed(entry: Entry) -> bytes:
    """The hash that the row must have."""
    line = json.dumps(
        [
            entry.number,
            f"{entry.at:%Y-%m-%dT%H:%M:%S.%f}",
            entry.actor,
            entry.address,
            entry.project_id,
            entry.action,
            entry.target,
            entry.request_id,
            entry.before,
            entry.after,
            entry.previous.hex(),
        ],
        separators=(",", ":"),
    )
    return hashlib.sha256(line.encode("ascii")).digest()


def entry_of(row: Row[Any]) -> Entry:
    """A row of the table ``audit``."""
    return Entry(**row._mapping)
