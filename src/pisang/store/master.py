"""The operator's master key: where it is read from, and how it encrypts the keys that encrypt.

It is written as itself (32 bytes as base64 or hexadecimal, or any passphrase of 16 letters and
more), as ``file:PATH``, or as ``command:WORDS``: a program that prints it, as that of a key
management service. Without one, a key is made in the data folder: then a copy of the database alone
is of no use, but a copy of the whole folder is.

A data key is encrypted (wrapped) under a key that is derived from the master key and a salt; with a
passphrase slowly, so that guessing is expensive. The salt and a fingerprint stand beside it: so a
wrong master key is told apart from a damaged row.
"""

import base64
import binascii
import hashlib
import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pisang.core.errors import SettingsError, StoreError
from pisang.settings import Settings
from pisang.store.folder import Folder, secret_file

FILE: Final = "file:"
COMMAND: Final = "command:"
KEY_BYTES: Final = 32
SHORTEST: Final = 16  # letters of a passphrase
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_SECONDS: Final = 60  # that a command may take
_LONGEST: Final = 10_000
_WORK: Final = 2**15  # of scrypt: 32 MB and a tenth of a second a guess


@dataclass(frozen=True, slots=True)
class Master:
    """One master key; ``place`` says where it is from, for people. ``slow`` is a passphrase;
    ``spare`` one that is only tried because it may have been in use before."""

    place: str
    secret: bytes = field(repr=False)
    slow: bool = False
    spare: bool = False

    def fingerprint(self, salt: bytes) -> str:
        """What tells it from another master key, and tells nothing else of it."""
        return _derived(self.secret, salt, self.slow, b"fingerprint").hex()[:32]

    def wrap(self, key: bytes, *, name: str, salt: bytes) -> bytes:
        """A data key, encrypted; it can be decrypted under the same name only."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(_derived(self.secret, salt, self.slow, b"wrapping"))
        return salt + nonce + cipher.encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, *, name: str) -> bytes:
        """The data key. Raises ``StoreError`` where it was damaged; ask ``made`` first."""
        nonce = wrapped[_SALT_BYTES : _SALT_BYTES + _NONCE_BYTES]
        cipher = AESGCM(_derived(self.secret, salt_of(wrapped), self.slow, b"wrapping"))
        try:
            return cipher.decrypt(nonce, wrapped[_SALT_BYTES + _NONCE_BYTES :], name.encode())
        except (InvalidTag, ValueError) as error:
            raise StoreError(
                f"The data key {name} is damaged. Restore the database from a backup."
            ) from error

    def made(self, wrapped: bytes, fingerprint: str) -> bool:
        """Whether a data key was wrapped under this master key."""
        return self.fingerprint(salt_of(wrapped)) == fingerprint


def salt_of(wrapped: bytes) -> bytes:
    """The salt with which a data key was wrapped."""
    return wrapped[:_SALT_BYTES]


def new_salt() -> bytes:
    """A salt for data keys under a new master key."""
    return os.urandom(_SALT_BYTES)


def masters(settings: Settings, folder: Folder) -> Sequence[Master]:
    """The master keys that may be tried; new data keys are wrapped under the first. The second is
    the next one, where there is one, and the last that of the data folder, where there is one.

    Raises ``SettingsError`` for one that cannot be had, and ``StoreError``.
    """
    found: list[Master] = []
    for name in ("master_key", "master_key_next"):
        written = getattr(settings, name)
        if written is not None:
            found.append(master(written.get_secret_value(), setting=name))
    if settings.master_key is None:
        found.insert(0, of_folder(folder))
    elif folder.master_key.exists():
        found.append(replace(of_folder(folder), spare=True))
    return found


def of_folder(folder: Folder) -> Master:
    """The key in the data folder, made at the first call. Raises ``StoreError``."""
    place = folder.master_key
    text = secret_file(place, what="master key").decode("ascii", "replace").strip()
    try:
        return master(text, setting="master_key", place=str(place))
    except SettingsError as error:
        raise StoreError(f"The master key {place} is damaged. Restore it from a backup.") from error


def master(written: str, *, setting: str, place: str = "") -> Master:
    """The master key that was written down. Raises ``SettingsError`` that never repeats it."""
    if written.startswith(FILE):
        file = Path(written.removeprefix(FILE)).expanduser()
        return _read(_of_file(file, setting), setting, str(file))
    if written.startswith(COMMAND):
        words = written.removeprefix(COMMAND)
        return _read(_of_command(words, setting), setting, f"the command {shlex.split(words)[0]}")
    return _read(written, setting, place or f"the setting {setting}")


def _read(text: str, setting: str, place: str) -> Master:
    text = text.strip()
    exact = _exact(text)
    if exact is not None:
        return Master(place, exact)
    if len(text) < SHORTEST:
        raise _wrong(
            setting,
            f"{place} must have 32 bytes as base64 (openssl rand -base64 32) or hexadecimal, or a "
            f"passphrase of at least {SHORTEST} letters",
        )
    return Master(place, text.encode(errors="surrogateescape"), slow=True)


def _exact(text: str) -> bytes | None:
    """The 32 bytes that a text stands for; None where it stands for none."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text)
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{43}=?", text):
        return None
    try:
        return base64.b64decode(text.rstrip("=") + "=", altchars=_alphabet(text), validate=True)
    except binascii.Error:
        return None


def _alphabet(text: str) -> bytes | None:
    return b"-_" if "-" in text or "_" in text else None


def _of_file(file: Path, setting: str) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(_LONGEST)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _wrong(setting, f"the file {file} cannot be read: {why}") from error
    except UnicodeDecodeError as error:
        raise _wrong(setting, f"the file {file} is no text") from error


def _of_command(words: str, setting: str) -> str:
    try:
        command = shlex.split(words)
        done = subprocess.run(
            command,
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except (ValueError, IndexError) as error:
        raise _wrong(setting, "the command cannot be read: look at its quotation marks") from error
    except subprocess.TimeoutExpired as error:
        raise _wrong(setting, f"{command[0]} took more than {_SECONDS} seconds") from error
    except subprocess.CalledProcessError as error:
        said = " ".join((error.stderr or "").split())[-200:]
        raise _wrong(
            setting, f"{command[0]} failed with status {error.returncode}: {said or 'no word'}"
        ) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise _wrong(setting, f"{command[0] if command else 'it'} cannot be run: {why}") from error
    return done.stdout


@lru_cache(maxsize=64)
def _derived(secret: bytes, salt: bytes, slow: bool, use: bytes) -> bytes:
    """A key for one use."""
    root = _stretched(secret, salt) if slow else secret
    return HKDF(SHA256(), KEY_BYTES, salt=salt, info=b"pisang master " + use).derive(root)


@lru_cache(maxsize=16)
def _stretched(passphrase: bytes, salt: bytes) -> bytes:
    most = 128 * 8 * _WORK * 2
    return hashlib.scrypt(passphrase, salt=salt, n=_WORK, r=8, p=1, maxmem=most, dklen=KEY_BYTES)


def _wrong(setting: str, why: str) -> SettingsError:
    return SettingsError(f"{setting}: {why}.", field=setting)
