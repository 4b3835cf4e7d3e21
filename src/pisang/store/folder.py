"""The data folder: made private at first use, it holds the database, keys, added fonts.

Everything in it may be backed up by copying the folder while no server runs, or at any time with
``pisang backup``. Whoever can read it can continue every signed conversation, so only its owner may
look inside (mode 0700).
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pisang.core.errors import StoreError

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Folder:
    """The places inside the data folder."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "pisang.db"

    @property
    def signing_key(self) -> Path:
        return self.path / "signing.key"

    @property
    def master_key(self) -> Path:
        return self.path / "master.key"

    @property
    def blobs(self) -> Path:
        return self.path / "blobs"

    @property
    def address(self) -> Path:
        return self.path / "address"

    @property
    def fonts(self) -> Path:
        return self.path / "fonts"


def prepare(path: Path) -> Folder:
    """Makes the folder where it is missing. Raises ``StoreError`` where it cannot be used."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        effective = os.access in os.supports_effective_ids
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK, effective_ids=effective):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise StoreError(
            f"The data folder {path} cannot be used: {reason(error)}. "
            "Choose another one with --data, or PISANG_DATA."
        ) from error
    return Folder(path)


def signing_key(folder: Folder) -> bytes:
    """The secret of this folder that signs, made at the first call. Raises ``StoreError``."""
    key = secret_file(folder.signing_key, what="signing key")
    if len(key) < 16:
        raise StoreError(
            f"The signing key {folder.signing_key} is damaged. Restore it from a backup, or delete "
            "it: a new one is then made, and running conversations continue as edits of pixels."
        )
    return key


def secret_file(place: Path, *, what: str) -> bytes:
    """A secret of 64 hexadecimal digits, made at the first call; safe when two processes start at
    once. Raises ``StoreError``.

    It is written whole under another name and then linked into place, so a reader never sees half.
    """
    try:
        if not place.exists():
            _make_secret(place)
        return place.read_bytes()
    except OSError as error:
        raise StoreError(f"The {what} {place} cannot be used: {reason(error)}.") from error


@contextmanager
def serving_at(folder: Folder, url: str) -> Iterator[None]:
    """Leaves the address of a running server in the folder, for commands that have to name it.

    A folder that takes no more files is no reason not to serve. A process that was forked meanwhile
    leaves the address where it is: its parent still serves.
    """
    me = os.getpid()
    with suppress(OSError):
        folder.address.write_text(url, encoding="utf-8")
    try:
        yield
    finally:
        with suppress(OSError):
            found = folder.address.read_text(encoding="utf-8")
            if found == url and os.getpid() == me:  # and not that of another server
                folder.address.unlink()


def served_at(folder: Folder) -> str | None:
    """The address of the server that runs on this folder; None where none is known to."""
    try:
        return folder.address.read_text(encoding="utf-8") or None
    except (OSError, UnicodeDecodeError):
        return None


def reason(error: OSError) -> str:
    """The system's own words for an error, as part of a sentence."""
    return (error.strerror or str(error)).lower()


def _make_secret(place: Path) -> None:
    draft = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_hex(_SECRET_BYTES).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, place)
        except FileExistsError:
            pass  # another process was quicker: its secret counts
        except OSError:  # a file system without hard links
            os.replace(draft, place)
            return
    finally:
        draft.unlink(missing_ok=True)
