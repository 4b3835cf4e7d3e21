"""Bytes too large for the database, one file each in a folder; tables name them by a random key.

A blob is written under another name and renamed when it is whole, so that a reader never sees half
of one and a killed process leaves only a draft, which ``sweep`` removes. Only uploads that come in
pieces grow in place (``append``): nobody reads them before they are finished.
"""

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pisang.core.errors import StoreError
from pisang.store.folder import reason

_PIECE: Final = 262_144
_LONG: Final = 1_000_000
_DRAFT: Final = ".draft"
_DRAFT_SECONDS: Final = 86_400
_KEY: Final = re.compile(r"[0-9a-f]{32}")


class Blobs:
    """The folder of blobs; every method raises ``StoreError`` where the disk does not obey."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def put(self, data: bytes) -> str:
        """Keeps bytes, safely on the disk, and returns their key (32 letters)."""
        key = secrets.token_hex(16)
        await asyncio.to_thread(self._put, self._place(key), data)
        return key

    async def get(self, key: str) -> bytes:
        """The bytes of a blob. Raises ``FileNotFoundError`` where it is gone."""
        with _sentences(self.folder):
            return await asyncio.to_thread(self._place(key).read_bytes)

    async def stream(self, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes in pieces. Raises ``FileNotFoundError`` where the blob is gone."""
        with _sentences(self.folder):
            file = await asyncio.to_thread(self._place(key).open, "rb")
            with file:
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    yield piece

    async def start(self) -> str:
        """Makes an empty blob to ``append`` to."""
        return await self.put(b"")

    async def append(self, key: str, data: bytes, *, at: int) -> None:
        """Writes a piece of a growing blob; what was there from ``at`` on is cut off first."""
        await asyncio.to_thread(self._append, self._place(key), data, at)

    async def seal(self, key: str) -> bytes:
        """Puts a blob that has grown safely on the disk; returns the SHA-256 of its bytes.

        Raises ``FileNotFoundError`` where it is gone.
        """
        with _sentences(self.folder):
            return await asyncio.to_thread(self._seal, self._place(key))

    async def size(self, key: str) -> int:
        """How many bytes there are. Raises ``FileNotFoundError`` where the blob is gone."""
        with _sentences(self.folder):
            return (await asyncio.to_thread(self._place(key).stat)).st_size

    async def delete(self, *keys: str) -> None:
        """Removes blobs; one that is gone already is fine."""
        with _sentences(self.folder):
            for key in keys:
                await asyncio.to_thread(self._place(key).unlink, missing_ok=True)

    async def sweep(self) -> None:
        """Removes drafts that a killed process left behind, a day after."""
        await asyncio.to_thread(self._sweep)

    def _place(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return self.folder / key[:2] / key

    def _put(self, place: Path, data: bytes) -> None:
        draft = place.with_name(place.name + _DRAFT)
        with _sentences(self.folder):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with draft.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)

    def _append(self, place: Path, data: bytes, at: int) -> None:
        with _sentences(self.folder), place.open("r+b") as file:
            file.truncate(at)
            file.seek(at)
            file.write(data)

    def _seal(self, place: Path) -> bytes:
        with place.open("rb") as file:
            os.fsync(file.fileno())
            return hashlib.file_digest(file, "sha256").digest()

    def _sweep(self) -> None:
        with _sentences(self.folder):
            for draft in self.folder.glob(f"*/*{_DRAFT}"):
                with contextlib.suppress(FileNotFoundError):
                    if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                        draft.unlink()


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
        raise StoreError(f"The folder {folder} cannot be used: {reason(error)}.") from error
