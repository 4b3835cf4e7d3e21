"""Which server process owns a hold, and whether it still lives: who is dead has its holds freed.

A process holds a lock that the system lets go of when it ends, however it ends; so nobody has to
wait for a time to pass, and a clock plays no part. On SQLite that is a lock on a file of its own
beside the database; on PostgreSQL it is a lock of its connection (``postgres.py``).
"""

import os
import socket
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from pisang.core.errors import StoreError
from pisang.core.ids import new_id
from pisang.ledger.state import State

if sys.platform != "win32":
    import fcntl

FOLDER: Final = "owners"
_HEARTBEAT_SECONDS: Final = 60.0


def place() -> str:
    """Where this process is, for people: host and process id."""
    return f"{socket.gethostname()} {os.getpid()}"[:300]


class Owner:
    """An owner, and when it last said that it lives: its row is there before any hold of it."""

    def __init__(self) -> None:
        self.id = new_id("owner")
        self.place = place()
        self._seen: float | None = None

    def heartbeat_due(self, now: float) -> bool:
        """Whether its row has to be written (again) before a hold of it is."""
        return self._seen is None or abs(now - self._seen) >= _HEARTBEAT_SECONDS

    def to_write(self, state: State) -> bool:
        """Whether its row is written in this transaction."""
        changes = state.changes
        return changes.seen or (bool(changes.holds) and self.heartbeat_due(state.now))

    def heartbeat(self, now: float) -> None:
        """That its row is written."""
        self._seen = now

    def lost(self) -> None:
        """That its row may be gone."""
        self._seen = None


class FileOwner(Owner):
    """An owner on this machine: it lives as long as its file is locked."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._folder = database.parent / FOLDER
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._file = os.open(self._folder / self.id, os.O_CREAT | os.O_RDWR, 0o600)
            _locked(self._file)
        except OSError as error:
            raise StoreError(
                f"The folder {self._folder} cannot be used: {error.strerror or error}. Give this "
                "user the right to write to it."
            ) from error

    def dead(self, connection: sqlite3.Connection) -> list[str]:
        """The owners whose process has ended, and which may have left holds."""
        owners = [id for (id,) in connection.execute("SELECT id FROM owners").fetchall()]
        return [id for id in owners if id != self.id and not self._lives(id)]

    def forget(self, ids: list[str]) -> None:
        """Removes the files of owners whose holds are freed."""
        for id in ids:
            if id != self.id:
                with suppress(OSError):
                    (self._folder / id).unlink()

    def close(self) -> None:
        with suppress(OSError):
            (self._folder / self.id).unlink()
        os.close(self._file)

    def _lives(self, id: str) -> bool:
        try:
            file = os.open(self._folder / id, os.O_RDWR)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # nobody knows: then its holds are freed when their time is over
        try:
            return not _locked(file)
        finally:
            os.close(file)


def _locked(file: int) -> bool:
    """Whether the lock of a file could be taken; it is let go of with the file."""
    if sys.platform == "win32":
        return False  # no such lock there: holds are freed when their time is over
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
