"""A mark that changes with each write transaction, for all processes that share a database file.

Whoever keeps something of the database in memory looks at the mark before using it: eight bytes of
a file that is mapped into memory, read without asking the database. The same mark as before says
that nothing at all was written since. It says nothing of what was written: the database does.
"""

import mmap
import os
from pathlib import Path
from typing import Final

from pisang.core.errors import StoreError
from pisang.store.folder import reason

_BYTES: Final = 8


class Changes:
    """The mark beside a database file. It is opened at its first use; raises ``StoreError``
    where it cannot be."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}-changes")
        self._map: mmap.mmap | None = None

    def mark(self) -> bytes:
        """The mark as it is now."""
        return (self._map or self._opened())[:_BYTES]

    def made(self) -> None:
        """Something was written: sets another mark. Call it once the transaction has ended.

        Chance makes it another one than before, whoever else sets one at the same moment; two that
        count on from the same number would hide one of their changes.
        """
        (self._map or self._opened())[:_BYTES] = os.urandom(_BYTES)

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None

    def _opened(self) -> mmap.mmap:
        try:
            with open(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                if os.fstat(file.fileno()).st_size < _BYTES:
                    os.ftruncate(file.fileno(), _BYTES)
                self._map = mmap.mmap(file.fileno(), _BYTES)
        except OSError as error:
            raise StoreError(f"The file {self._path} cannot be used: {reason(error)}.") from error
        return self._map
