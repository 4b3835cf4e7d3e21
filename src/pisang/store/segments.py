"""Encrypted files: a head, and segments of 64 KiB that are encrypted one by one, so that a large
file is read and written piece by piece, and grows in place.

Each segment has a random nonce of its own (one that is written anew gets another) and is bound to
the file's name, to its number, and to whether it is the last: segments cannot be moved between
files or within one, and a file that was cut off is seen to be.

A file has a key of its own, which stands in the head, encrypted (wrapped) under a data key. So
another data key changes the head alone, in place, also while others read or the file grows.
"""

import hashlib
import io
import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pisang.core.errors import StoreError

SEGMENT: Final = 65_536
_NONCE: Final = 12
_SEALED: Final = SEGMENT + _NONCE + 16
_KEY: Final = 32
_MAGIC: Final = b"pisang\x00\x01"
_ID: Final = 40
_START: Final = len(_MAGIC) + _ID
HEAD: Final = _START + _NONCE + _KEY + 16


class Cipher:
    """Encrypts and decrypts the segments of one file; ``name`` is what it is bound to."""

    def __init__(self, key: bytes, salt: bytes, name: str) -> None:
        derived = HKDF(SHA256(), 32, salt=salt, info=b"pisang file").derive(key)
        self._cipher = AESGCM(derived)
        self._name = name

    def seal(self, data: bytes, number: int, *, last: bool) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, self._bound(number, last))

    def unseal(self, data: bytes, number: int, *, last: bool) -> bytes:
        """Raises ``StoreError``."""
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], self._bound(number, last))
        except (InvalidTag, ValueError) as error:
            raise StoreError(
                f"The encrypted file {self._name} is damaged, or is not whole."
            ) from error

    def _bound(self, number: int, last: bool) -> bytes:
        return f"{self._name}/{number}/{int(last)}".encode()


def head(under: str, data_key: bytes, own: bytes, name: str) -> bytes:
    """How an encrypted file begins: its own key, wrapped under the data key of this id."""
    nonce = os.urandom(_NONCE)
    wrapped = AESGCM(data_key).encrypt(nonce, own, _owner(name))
    return _MAGIC + under.encode("ascii").ljust(_ID, b"\0") + nonce + wrapped


def new_key() -> bytes:
    """A key for a new file."""
    return os.urandom(_KEY)


def key_id(data: bytes) -> str:
    """The id of the data key that a head names. Raises ``StoreError`` for what is no head."""
    if len(data) < HEAD or not data.startswith(_MAGIC):
        raise StoreError("The encrypted file is damaged: it has no head.")
    return data[len(_MAGIC) : _START].rstrip(b"\0").decode("ascii", "replace")


def file_key(data: bytes, data_key: bytes, name: str) -> bytes:
    """The key of the file that begins with this head. Raises ``StoreError``."""
    nonce, wrapped = data[_START : _START + _NONCE], data[_START + _NONCE : HEAD]
    try:
        return AESGCM(data_key).decrypt(nonce, wrapped, _owner(name))
    except InvalidTag as error:
        raise StoreError(
            f"The encrypted file {name} is damaged: its key cannot be read."
        ) from error


def plain_size(size: int) -> int:
    """How many bytes an encrypted file of so many has."""
    whole, rest = divmod(max(size - HEAD, 0), _SEALED)
    return whole * SEGMENT + max(rest - (_SEALED - SEGMENT), 0)


def sealed(data: bytes, cipher: Cipher) -> Iterator[bytes]:
    """All segments of a file whose bytes are there."""
    whole = max((len(data) - 1) // SEGMENT, 0)
    for number in range(whole + 1):
        part = data[number * SEGMENT : (number + 1) * SEGMENT]
        yield cipher.seal(part, number, last=number == whole)


def unsealed(file: BinaryIO, cipher: Cipher) -> Iterator[bytes]:
    """The bytes of a file that stands behind its head, piece by piece. Raises ``StoreError``."""
    number, piece = 0, file.read(_SEALED)
    while True:
        upcoming = file.read(_SEALED)
        yield cipher.unseal(piece, number, last=not upcoming)
        if not upcoming:
            return
        number, piece = number + 1, upcoming


def append(file: BinaryIO, data: bytes, cipher: Cipher, *, at: int) -> None:
    """Writes a piece of a file that grows, which has no last segment yet; what was there from
    ``at`` on is cut off first. Raises ``StoreError``."""
    number, inside = divmod(at, SEGMENT)
    place = HEAD + number * _SEALED
    kept = b""
    if inside:
        file.seek(place)
        kept = cipher.unseal(file.read(_SEALED), number, last=False)[:inside]
        if len(kept) < inside:
            raise StoreError("A piece of the file that comes before this one is missing.")
    file.truncate(place)
    file.seek(place)
    for start in range(0, len(kept) + len(data), SEGMENT):
        part = (kept + data[: SEGMENT - len(kept)]) if not start else _part(data, start, len(kept))
        file.write(cipher.seal(part, number, last=False))
        number += 1


def finish(file: BinaryIO, cipher: Cipher) -> bytes:
    """Marks the last segment of a file that has grown; returns the SHA-256 of its bytes. A file
    that is finished already stays so. Raises ``StoreError``."""
    size = file.seek(0, io.SEEK_END) - HEAD
    count = max((size + _SEALED - 1) // _SEALED, 1)
    digest = hashlib.sha256()
    file.seek(HEAD)
    for number in range(count):
        piece = file.read(_SEALED)
        if number < count - 1:
            digest.update(cipher.unseal(piece, number, last=False))
            continue
        part = _last(piece, number, cipher)
        digest.update(part)
        file.seek(HEAD + number * _SEALED)
        file.write(cipher.seal(part, number, last=True))
    return digest.digest()


def _owner(name: str) -> bytes:
    return f"key of {name}".encode()


def _part(data: bytes, start: int, kept: int) -> bytes:
    return data[start - kept : start - kept + SEGMENT]


def _last(piece: bytes, number: int, cipher: Cipher) -> bytes:
    if not piece:
        return b""
    try:
        return cipher.unseal(piece, number, last=False)
    except StoreError:
        return cipher.unseal(piece, number, last=True)
