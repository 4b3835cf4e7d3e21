"""Backups: one file with all that a data folder holds, made while its server runs, and of no use to
whoever lacks the master key.

The file begins with a line of JSON that has a key of its own, wrapped under the master key; what
follows is a tar, encrypted under that key in segments (``store/segments.py``). In the tar are the
database as it was at one moment (``store/snapshot.py``), then the blobs (all that the database
names were written before it), the signing key, added fonts. The master key is never in it.
"""

import base64
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, Final

from pisang.core.clock import now, rfc3339
from pisang.core.errors import AlreadyExists, NotFound, SettingsError, StoreError
from pisang.store import snapshot
from pisang.store.folder import Folder, prepare, reason
from pisang.store.master import KEY_BYTES, Master, new_salt
from pisang.store.segments import SEGMENT, Cipher

FORM: Final = "pisang-backup-1"
_NAME: Final = "backup"
_LONGEST_HEAD: Final = 4096
_STORED: Final = SEGMENT + 28
_DATABASE: Final = "pisang.db"
_TREES: Final = ("blobs", "fonts", "secrets")
_FILES: Final = ("signing.key", "pisang.toml")
_LEFT: Final = frozenset({"master.key", "pisang.toml", "lost+found"})
"""What may be in a folder that a backup is restored to."""


@dataclass(frozen=True, slots=True)
class Contents:
    """How much is in a backup."""

    files: int
    size: int


def write(folder: Folder, target: Path, master: Master, postgres: str | None = None) -> Contents:
    """Backs a folder up to a new file, and the database: that of the folder, or the PostgreSQL of
    this address. Blocking; not to be called where an event loop runs. Raises ``StoreError``, and
    ``AlreadyExists`` for a file that is there."""
    if target.exists():
        raise AlreadyExists(f"There is a file {target} already. Choose another name.", field="file")
    draft = target.with_name(f"{target.name}.draft")
    try:
        with _sentences(f"{target} cannot be written"), draft.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            made = _write(folder, file, master, postgres)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return made


def restore(source: Path, path: Path, masters: Iterable[Master]) -> Contents:
    """Makes a data folder from a backup: all of it, or nothing. Blocking.

    Raises ``SettingsError`` where none of the master keys is the right one, ``AlreadyExists`` for a
    folder that is in use, ``NotFound``, and ``StoreError`` for a file that is damaged.
    """
    if not source.is_file():
        raise NotFound(f"There is no file {source}.", field="file")
    with _sentences(f"{source} cannot be restored to {path}"), source.open("rb") as file:
        cipher = _cipher_of(file, tuple(masters))
        folder = prepare(path)
        there = sorted({each.name for each in folder.path.iterdir()} - _LEFT)
        if there:
            raise AlreadyExists(
                f"The data folder {path} is in use: it has {there[0]}. Restore to a new one.",
                field="data",
            )
        with tempfile.TemporaryDirectory(prefix=".restoring-", dir=folder.path) as place:
            made = _unpack(file, cipher, Path(place))
            for each in sorted(Path(place).iterdir(), key=lambda each: each.name == _DATABASE):
                if not (folder.path / each.name).exists():  # a settings file of its own stays
                    shutil.move(each, folder.path / each.name)
    return made


def _write(folder: Folder, file: BinaryIO, master: Master, postgres: str | None) -> Contents:
    key, salt = os.urandom(KEY_BYTES), new_salt()
    wrapped = master.wrap(key, name=_NAME, salt=salt)
    head = {
        "form": FORM,
        "made": rfc3339(now()),
        "master": master.fingerprint(salt),
        "key": base64.b64encode(wrapped).decode(),
    }
    file.write(json.dumps(head).encode() + b"\n")
    count = size = 0
    with (
        _Encrypted(file, Cipher(key, salt, _NAME)) as sink,
        _tar(sink) as tar,
        _snapshot(folder, postgres) as database,
    ):
        for place, name in ((database, _DATABASE), *_inside(folder)):
            with suppress(FileNotFoundError), place.open("rb") as opened:  # it may have expired
                member = tar.gettarinfo(arcname=name, fileobj=opened)
                tar.addfile(member, _Padded(opened))  # type: ignore[arg-type]
                count, size = count + 1, size + member.size
    return Contents(count, size)


def _unpack(file: BinaryIO, cipher: Cipher, place: Path) -> Contents:
    count = size = 0
    source = BufferedReader(_Decrypted(file, cipher), _STORED)
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                tar.extract(member, place, filter="data")
                count, size = count + 1, size + member.size
        while source.read(SEGMENT):  # what follows the tar's end must be whole too
            pass
    except tarfile.TarError as error:
        raise StoreError(f"The backup is damaged: {error}.") from error
    return Contents(count, size)


def _cipher_of(file: BinaryIO, masters: tuple[Master, ...]) -> Cipher:
    try:
        head = json.loads(file.readline(_LONGEST_HEAD))
        wrapped, fingerprint = base64.b64decode(head["key"]), str(head["master"])
        if head["form"] != FORM:
            raise ValueError(head["form"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError("This file is no backup of pisang, or one of a newer version.") from error
    for each in masters:
        if each.made(wrapped, fingerprint):
            return Cipher(each.unwrap(wrapped, name=_NAME), wrapped[:16], _NAME)
    tried = " and ".join(each.place for each in masters) or "none"
    raise SettingsError(
        f"master_key: the backup was made under another master key (tried: {tried}). Set "
        "PISANG_MASTER_KEY as it was then, or name the master.key of its data folder: --key-from.",
        field="master_key",
    )


def _inside(folder: Folder) -> Iterator[tuple[Path, str]]:
    for name in _FILES:
        yield from _one(folder.path / name, name)
    for tree in _TREES:
        for place in sorted((folder.path / tree).rglob("*")):
            if place.is_file() and not place.is_symlink() and place.suffix != ".draft":
                yield place, place.relative_to(folder.path).as_posix()


def _one(place: Path, name: str) -> Iterator[tuple[Path, str]]:
    if place.is_file():
        yield place, name


@contextmanager
def _snapshot(folder: Folder, postgres: str | None) -> Iterator[Path]:
    """The database as it is at one moment, while others go on writing."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=folder.path) as place:
        copy = Path(place) / _DATABASE
        if postgres:
            snapshot.of_postgres(postgres, copy)
        else:
            snapshot.of_sqlite(folder.database, copy)
        yield copy


def _tar(sink: "_Encrypted") -> tarfile.TarFile:
    return tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT)  # type: ignore[call-overload,no-any-return]


class _Padded:
    """A file that never ends: an upload that starts anew while it is copied becomes shorter."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        return self._file.read(size).ljust(size, b"\0")


class _Encrypted:
    """A file to write to: what is written is encrypted, segment by segment."""

    def __init__(self, file: BinaryIO, cipher: Cipher) -> None:
        self._file, self._cipher = file, cipher
        self._held, self._number = bytearray(), 0

    def __enter__(self) -> "_Encrypted":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._file.write(self._cipher.seal(bytes(self._held), self._number, last=True))

    def write(self, data: Any) -> int:
        self._held += data
        while len(self._held) > SEGMENT:
            part = bytes(self._held[:SEGMENT])
            self._file.write(self._cipher.seal(part, self._number, last=False))
            del self._held[:SEGMENT]
            self._number += 1
        return len(data)


class _Decrypted(RawIOBase):
    """A file to read from, of which every byte was checked before it is handed out."""

    def __init__(self, file: BinaryIO, cipher: Cipher) -> None:
        self._file, self._cipher = file, cipher
        self._upcoming, self._number = file.read(_STORED), 0
        self._held = memoryview(b"")
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held and not self._ended:
            piece, self._upcoming = self._upcoming, self._file.read(_STORED)
            self._ended = not self._upcoming
            plain = self._cipher.unseal(piece, self._number, last=self._ended)
            self._held, self._number = memoryview(plain), self._number + 1
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


@contextmanager
def _sentences(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"The backup {what}: {reason(error)}.") from error
