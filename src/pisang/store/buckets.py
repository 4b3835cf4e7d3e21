"""``gs://`` addresses: a bucket is a folder that the operator named in the ``buckets`` setting.

The rule is that an object's name stays inside its bucket's folder: no ``..``, and no symbolic link
that leads out. Every key of the server reads and writes the same buckets; who needs more walls
maps fewer folders.
"""

import asyncio
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pisang.core.errors import FetchFailed, StoreError
from pisang.store.folder import reason

SCHEME: Final = "gs://"
MOST_BYTES: Final = 100_000_000
_ADDRESS: Final = re.compile(r"gs://([a-z0-9][a-z0-9._-]{0,62})/(.+)", re.DOTALL)
_LONGEST_NAME: Final = 1024  # bytes of UTF-8, as in Cloud Storage
_LONGEST_STEP: Final = 255  # bytes, as in nearly every file system
_DRAFT: Final = ".pisang-draft"


class Buckets:
    """The configured folders by bucket name; an object of at most ``most`` bytes can be read."""

    def __init__(self, folders: Mapping[str, Path], *, most: int = MOST_BYTES) -> None:
        self.folders = dict(folders)
        self.most = most

    def has(self, uri: str) -> bool:
        """Whether an address, of an object or of a whole bucket, is in a bucket of ours."""
        return uri.removeprefix(SCHEME).partition("/")[0] in self.folders

    async def read(self, uri: str, *, field: str) -> bytes:
        """The object at ``gs://bucket/name``.

        Raises ``FetchFailed`` that blames ``field``: an address that is none, a bucket without a
        folder, no such object, one that is too large. ``StoreError`` where the disk fails.
        """
        place = self._place(uri, field)
        return await asyncio.to_thread(self._read, place, field)

    async def write(self, uri: str, data: bytes, *, field: str) -> None:
        """Keeps an object, whole or not at all; one of that name is replaced.

        Raises ``FetchFailed`` that blames ``field``, ``StoreError`` where the disk fails.
        """
        place = self._place(uri, field)
        await asyncio.to_thread(self._write, place, data, field)

    def check(self, uri: str, *, field: str) -> None:
        """Raises ``FetchFailed`` where ``write`` would for the address alone; asks no disk."""
        self._place(uri, field)

    def _place(self, uri: str, field: str) -> tuple[Path, str]:
        """The folder of the bucket, and the name of the object in it."""
        found = _ADDRESS.fullmatch(uri)
        if found is None:
            raise FetchFailed("A bucket's address is gs://bucket/name.", field=field)
        bucket, name = found.groups()
        folder = self.folders.get(bucket)
        if folder is None:
            raise FetchFailed(
                f"This server knows no bucket {bucket!r}. Its operator maps it to a folder with "
                f"the setting buckets ({bucket}=/folder).",
                field=field,
            )
        steps = name.split("/")
        if (
            any(step in {"", ".", ".."} or len(_octets(step)) > _LONGEST_STEP for step in steps)
            or "\\" in name
            or "\0" in name
            or steps[-1].endswith(_DRAFT)
            or len(_octets(name)) > _LONGEST_NAME
        ):
            raise FetchFailed(
                "The name after the bucket must be a file's: at most 1024 bytes and 255 between "
                "two slashes, without empty steps, '.', '..' and backslashes.",
                field=field,
            )
        return folder, name

    def _read(self, place: tuple[Path, str], field: str) -> bytes:
        with _sentences(place[0], field):
            path = _inside(*place, field)
            if not stat.S_ISREG(path.stat().st_mode):  # a folder; or a pipe, which would never end
                raise FileNotFoundError(path)
            with path.open("rb") as file:
                data = file.read(self.most + 1)
        if len(data) > self.most:
            raise FetchFailed(
                f"The object is larger than {self.most} bytes, which the operator sets with "
                "fetch_mb. Send a smaller one.",
                field=field,
            )
        return data

    def _write(self, place: tuple[Path, str], data: bytes, field: str) -> None:
        with _sentences(place[0], field):
            if not place[0].is_dir():
                raise StoreError(f"The folder {place[0]} of the setting buckets is not there.")
            path = _inside(*place, field)
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                raise IsADirectoryError(path)
            draft = path.with_name(secrets.token_hex(8) + _DRAFT)
            try:
                with draft.open("xb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)


def _octets(name: str) -> bytes:
    return name.encode(errors="replace")


def _inside(folder: Path, name: str, field: str) -> Path:
    """The file's place with all links followed. Raises where it is not in the folder."""
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or path == root:
        raise FetchFailed("The name after the bucket leads out of the bucket.", field=field)
    return path


@contextmanager
def _sentences(folder: Path, field: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise FetchFailed("There is no such object in the bucket.", field=field) from error
    except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        raise FetchFailed(
            "The name is taken in this bucket: a folder, or a file where a folder would be.",
            field=field,
        ) from error
    except (ValueError, RuntimeError) as error:  # letters no file has; links that go in a circle
        raise FetchFailed("There cannot be an object of this name.", field=field) from error
    except OSError as error:
        raise StoreError(f"The folder {folder} cannot be used: {reason(error)}.") from error
