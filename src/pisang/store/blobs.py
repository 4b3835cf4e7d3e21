"""Bytes too large for the database, one file each in a folder; tables name them by a random key.

A blob is written under another name and renamed when it is whole, so that a reader never sees half
of one and a killed process leaves only a draft, which ``sweep`` removes. Only uploads that come in
pieces grow in place (``append``): nobody reads them before they are finished.

Where the operator wants it, new blobs are encrypted (``store/segments.py``) and have another
ending; the others stay, and both are read. ``rewrap`` brings them under a new data key.
"""

import asyncio
import contextlib
import errno
import hashlib
import itertools
import os
import re
import secrets
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import structlog

from pisang.core.errors import StoreError, StoreUnavailable
from pisang.core.obstacles import Obstacle
from pisang.store import segments
from pisang.store.folder import reason
from pisang.store.keyring import Keyring
from pisang.store.segments import Cipher

log = structlog.get_logger("pisang.store")

_PIECE: Final = 262_144
_LONG: Final = 1_000_000
_DRAFT: Final = ".draft"
_SEALED: Final = ".sealed"
_DRAFT_SECONDS: Final = 86_400
_CHECKED: Final = 65_536  # bytes
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT)
_OBSTACLES: Final[Mapping[int | None, Obstacle]] = {
    errno.ENOSPC: Obstacle.DISK_FULL,
    errno.EDQUOT: Obstacle.DISK_FULL,
    errno.EROFS: Obstacle.DISK_READ_ONLY,
}
_NO_SALT: Final = b""  # each blob has a key of its own
_KEY: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many encrypted blobs are under another data key now, and how many could not be read."""

    done: int
    damaged: int


class Blobs:
    """The folder of blobs; every method raises ``StoreError`` where the disk does not obey."""

    def __init__(
        self, folder: Path, keyring: Keyring | None = None, *, encrypt: bool = False
    ) -> None:
        self.folder = folder
        self._keyring = keyring
        self._encrypt = encrypt and keyring is not None

    async def put(self, data: bytes) -> str:
        """Keeps bytes, safely on the disk, and returns their key (32 letters)."""
        key = secrets.token_hex(16)
        await asyncio.to_thread(self._put, key, data)
        return key

    async def get(self, key: str) -> bytes:
        """The bytes of a blob. Raises ``FileNotFoundError`` where it is gone."""
        with _sentences(self.folder):
            return await asyncio.to_thread(self._get, key)

    async def stream(self, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces. Raises ``FileNotFoundError`` where the blob is gone."""
        with _sentences(self.folder):
            file = await asyncio.to_thread(self._open, key)
            with file:
                pieces = self._pieces(key, file)
                while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
                    yield piece

    async def start(self) -> str:
        """Makes an empty blob to ``append`` to."""
        key = secrets.token_hex(16)
        await asyncio.to_thread(self._start, key)
        return key

    async def append(self, key: str, data: bytes, *, at: int) -> None:
        """Writes a piece of a growing blob; what was there from ``at`` on is cut off first."""
        await asyncio.to_thread(self._append, key, data, at)

    async def seal(self, key: str) -> bytes:
        """Puts a blob that has grown safely on the disk; returns the SHA-256 of its bytes.

        Raises ``FileNotFoundError`` where it is gone.
        """
        with _sentences(self.folder):
            return await asyncio.to_thread(self._seal, key)

    async def size(self, key: str) -> int:
        """How many bytes there are. Raises ``FileNotFoundError`` where the blob is gone."""
        with _sentences(self.folder):
            place = await asyncio.to_thread(self._found, key)
            size = (await asyncio.to_thread(place.stat)).st_size
            return segments.plain_size(size) if _is_sealed(place) else size

    async def delete(self, *keys: str) -> None:
        """Removes blobs; one that is gone already is fine."""
        with _sentences(self.folder):
            for key in keys:
                for sealed in (False, True):
                    place = self._place(key, sealed=sealed)
                    await asyncio.to_thread(place.unlink, missing_ok=True)

    async def rewrap(self) -> Rewrapped:
        """Brings the key of each encrypted blob under the newest data key, so that none needs an
        older one. May be cut off and started again; others may read and write meanwhile."""
        return await asyncio.to_thread(self._rewrap)

    async def counted(self) -> dict[str, int]:
        """How many encrypted blobs are under each data key."""
        return await asyncio.to_thread(self._counted)

    async def check(self) -> None:
        """Raises ``StoreError`` unless something small could be kept."""
        await asyncio.to_thread(self._check)

    async def sweep(self) -> None:
        """Removes drafts that a killed process left behind, a day after."""
        await asyncio.to_thread(self._sweep)

    def _place(self, key: str, *, sealed: bool = False) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.folder / key[:2] / f"{key}{_SEALED if sealed else ''}"

    def _found(self, key: str) -> Path:
        """Where a blob is: encrypted, or (also where it is nowhere) as it came."""
        place = self._place(key, sealed=True)
        return place if place.exists() else self._place(key)

    def _put(self, key: str, data: bytes) -> None:
        place = self._place(key, sealed=self._encrypt)
        if not self._encrypt:
            self._write(place, (data,))
            return
        head, cipher = self._new_cipher(key)
        self._write(place, itertools.chain((head,), segments.sealed(data, cipher)))

    def _start(self, key: str) -> None:
        place = self._place(key, sealed=self._encrypt)
        self._write(place, (self._new_cipher(key)[0],) if self._encrypt else ())

    def _write(self, place: Path, pieces: Iterable[bytes]) -> None:
        draft = place.with_name(place.name + _DRAFT)
        with _sentences(self.folder):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    file.writelines(pieces)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)

    def _check(self) -> None:
        """Writes a draft and removes it; the system finds room for it as it is written."""
        draft = self.folder / "00" / f"{secrets.token_hex(16)}{_DRAFT}"
        with _sentences(self.folder):
            draft.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                draft.write_bytes(bytes(_CHECKED))
            finally:
                draft.unlink(missing_ok=True)

    def _open(self, key: str) -> BinaryIO:
        return self._found(key).open("rb")

    def _get(self, key: str) -> bytes:
        with self._open(key) as file:
            return b"".join(self._pieces(key, file))

    def _pieces(self, key: str, file: BinaryIO) -> Iterator[bytes]:
        if _is_sealed(Path(file.name)):
            return segments.unsealed(file, self._cipher(key, file))
        return iter(lambda: file.read(_PIECE), b"")

    def _append(self, key: str, data: bytes, at: int) -> None:
        place = self._found(key)
        with _sentences(self.folder), place.open("r+b") as file:
            if _is_sealed(place):
                segments.append(file, data, self._cipher(key, file), at=at)
                return
            file.truncate(at)
            file.seek(at)
            file.write(data)

    def _seal(self, key: str) -> bytes:
        place = self._found(key)
        with place.open("r+b") as file:
            if _is_sealed(place):
                digest = segments.finish(file, self._cipher(key, file))
                file.flush()
            else:
                digest = hashlib.file_digest(file, "sha256").digest()
            os.fsync(file.fileno())
            return digest

    def _new_cipher(self, key: str) -> tuple[bytes, Cipher]:
        """The head of a new encrypted blob, and what encrypts it."""
        assert self._keyring is not None
        own, id_ = segments.new_key(), self._keyring.active
        return segments.head(id_, self._data_key(id_), own, key), Cipher(own, _NO_SALT, key)

    def _cipher(self, key: str, file: BinaryIO) -> Cipher:
        """What decrypts a blob, by its head; the file then stands behind that."""
        return Cipher(self._own_key(key, file.read(segments.HEAD)), _NO_SALT, key)

    def _own_key(self, key: str, head: bytes) -> bytes:
        """The key of a blob, by its head."""
        return segments.file_key(head, self._data_key(segments.key_id(head)), key)

    def _data_key(self, id_: str) -> bytes:
        found = self._keyring.key(id_) if self._keyring else None
        if found is None:
            raise StoreError(
                f"A file is encrypted under the data key {id_[:40]!r}, which this database has "
                "not. Restore both from the same backup."
            )
        return found

    def _rewrap(self) -> Rewrapped:
        done = damaged = 0
        active = self._keyring.active if self._keyring else ""
        with _sentences(self.folder):
            for place in sorted(self.folder.glob(f"*/*{_SEALED}")):
                try:
                    done += self._rewrapped(place, active)
                except FileNotFoundError:  # it has expired
                    continue
                except StoreError as error:
                    log.error("a file keeps its key", file=str(place), why=error.message)
                    damaged += 1
        return Rewrapped(done, damaged)

    def _rewrapped(self, place: Path, active: str) -> bool:
        """Whether the blob was under another data key. Its head is written in one go: whoever reads
        it meanwhile sees the old or the new one, and both are right."""
        with place.open("r+b", buffering=0) as file:
            head = file.read(segments.HEAD)
            if segments.key_id(head) == active:
                return False
            own = self._own_key(place.stem, head)
            file.seek(0)
            file.write(segments.head(active, self._data_key(active), own, place.stem))
            return True

    def _counted(self) -> dict[str, int]:
        found: dict[str, int] = {}
        with _sentences(self.folder):
            for place in self.folder.glob(f"*/*{_SEALED}"):
                with contextlib.suppress(FileNotFoundError, StoreError), place.open("rb") as file:
                    id_ = segments.key_id(file.read(segments.HEAD))
                    found[id_] = found.get(id_, 0) + 1
        return found

    def _sweep(self) -> None:
        with _sentences(self.folder):
            for draft in self.folder.glob(f"*/*{_DRAFT}"):
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                        draft.unlink()


def _is_sealed(place: Path) -> bool:
    return place.suffix == _SEALED


async def digest(data: bytes) -> bytes:
    """The SHA-256 of bytes; of many in a thread, so that nobody waits for it."""
    if len(data) > _LONG:
        return await asyncio.to_thread(_digest, data)
    return _digest(data)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@contextmanager
def _sentences(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        kind = StoreUnavailable if error.errno in _NO_ROOM else StoreError
        failed = kind(f"The folder {folder} cannot be used: {reason(error)}.")
        failed.obstacle = _OBSTACLES.get(error.errno)
        raise failed from error
