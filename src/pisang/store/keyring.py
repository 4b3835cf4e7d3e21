"""Data keys: what is secret in the database is encrypted under one of them, and they themselves
under the operator's master key (``store/master.py``).

So the master key is needed once, at the start, and changing it means to encrypt a few rows anew and
not everything. A sealed text is ``sealed:v1:KEY:...``: AES-256-GCM with the row's identity as
associated data, so that whoever can write to the database cannot move a secret to another row, and
have it sent to themselves.

A data key that was replaced stays: what was written at that very moment may need it.
"""

import base64
import binascii
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import SettingsError, StoreError
from pisang.core.ids import new_id
from pisang.store.database import Database
from pisang.store.master import KEY_BYTES, Master, new_salt, salt_of
from pisang.store.schema import data_keys

log = structlog.get_logger("pisang.store")

SEALED: Final = "sealed:v1:"
_FORM: Final = re.compile(r"sealed:v1:([a-z0-9_]{1,40}):([A-Za-z0-9_-]+)")
_NONCE_BYTES: Final = 12
_IN_ORDER: Final = (data_keys.c.created_at, data_keys.c.id)


@dataclass(frozen=True, slots=True)
class DataKey:
    """A row, for people: ``master`` says from where the master key is that it is wrapped under."""

    id: str
    master: str
    created_at: datetime
    retired_at: datetime | None


class Keyring:
    """The data keys that were unwrapped so far. ``seal`` and ``unseal`` need no database; call
    ``refresh`` before them in a transaction, since another process may have made a new key.
    ``behind`` is whether there is one under a master key that this process was not told."""

    def __init__(self, masters: Sequence[Master]) -> None:
        self.masters = tuple(masters)
        self._keys: dict[str, bytes] = {}
        self._active = ""
        self.behind = False

    @classmethod
    async def opened(
        cls, database: Database, masters: Sequence[Master], *, adopt: bool = False
    ) -> "Keyring":
        """The keyring of a server or command that starts; the first one makes a data key. To
        ``adopt`` is what a server does with a master key that is configured since: data keys that
        are wrapped under the folder's own are wrapped under that. Raises ``SettingsError`` where
        the master key is another one."""
        made = cls(masters)
        async with database.read() as connection:
            ready = await made._is_ready(connection)
        if not ready and (adopt or not made.active):
            async with database.write() as connection:
                await made._settle(connection)
        return made

    async def refresh(self, connection: AsyncConnection) -> None:
        """Reads the data keys that are new. Raises ``SettingsError`` where one cannot be read."""
        try:
            await self._refresh(connection)
        except SettingsError:
            self.behind = True
            raise
        self.behind = False

    async def _refresh(self, connection: AsyncConnection) -> None:
        rows = (await connection.execute(select(data_keys).order_by(*_IN_ORDER))).all()
        for row in rows:
            if row.id not in self._keys:
                of = self._master_of(row.id, row.wrapped, row.master)
                self._keys[row.id] = of.unwrap(row.wrapped, name=row.id)
        active = [row.id for row in rows if row.retired_at is None]
        self._active = active[-1] if active else ""

    @property
    def active(self) -> str:
        """The id of the data key under which new things are sealed."""
        return self._active

    def key(self, id_: str) -> bytes | None:
        """A data key; None for one that is not known (yet)."""
        return self._keys.get(id_)

    def seal(self, text: str, *, identity: str) -> str:
        """The text, encrypted; it can be read under the same identity only."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher = AESGCM(self._keys[self._active])
        hidden = cipher.encrypt(nonce, text.encode(errors="surrogatepass"), identity.encode())
        written = base64.urlsafe_b64encode(nonce + hidden).decode().rstrip("=")
        return f"{SEALED}{self._active}:{written}"

    def unseal(self, sealed: str, *, identity: str) -> str:
        """The text. What was never sealed (a row of an older version) is as it is. Raises
        ``StoreError``."""
        if not is_sealed(sealed):
            return sealed
        id_, key = key_of(sealed), self._keys.get(key_of(sealed))
        if key is None:
            raise StoreError(
                f"The secret of {identity} is encrypted under the data key {id_!r}, which is not "
                "in this database. Restore both from the same backup."
            )
        try:
            data = base64.urlsafe_b64decode(sealed.rpartition(":")[2] + "==")
            nonce, hidden = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            plain = AESGCM(key).decrypt(nonce, hidden, identity.encode())
        except (InvalidTag, ValueError, binascii.Error) as error:
            raise StoreError(
                f"The secret of {identity} is damaged, or belongs to another row. Write it anew, "
                "or restore the database from a backup."
            ) from error
        return plain.decode(errors="surrogatepass")

    async def add(self, connection: AsyncConnection, under: Master) -> str:
        """Makes a data key that is used from now on, and retires those before. Call this, and
        ``rewrap``, inside a write transaction."""
        made, key = new_id("dek"), os.urandom(KEY_BYTES)
        salt = await self._salt(connection, under)
        await connection.execute(
            update(data_keys).where(data_keys.c.retired_at.is_(None)).values(retired_at=now())
        )
        await connection.execute(
            insert(data_keys).values(
                id=made,
                wrapped=under.wrap(key, name=made, salt=salt),
                master=under.fingerprint(salt),
                created_at=now(),
            )
        )
        self._keys[made] = key
        self._active = made
        return made

    async def rewrap(self, connection: AsyncConnection, under: Master) -> int:
        """Wraps all data keys under a master key; returns how many were not before."""
        await self.refresh(connection)
        salt, done = await self._salt(connection, under), 0
        for row in (await connection.execute(select(data_keys))).all():
            if under.made(row.wrapped, row.master):
                continue
            await connection.execute(
                update(data_keys)
                .where(data_keys.c.id == row.id)
                .values(
                    wrapped=under.wrap(self._keys[row.id], name=row.id, salt=salt),
                    master=under.fingerprint(salt),
                )
            )
            done += 1
        return done

    async def listed(self, connection: AsyncConnection) -> list[DataKey]:
        """All data keys, oldest first."""
        rows = await connection.execute(select(data_keys).order_by(*_IN_ORDER))
        return [
            DataKey(
                row.id,
                self._master_of(row.id, row.wrapped, row.master).place,
                row.created_at,
                row.retired_at,
            )
            for row in rows
        ]

    async def _is_ready(self, connection: AsyncConnection) -> bool:
        """Whether there is nothing to write at the start."""
        await self.refresh(connection)
        rows = (await connection.execute(select(data_keys))).all()
        found = [self._master_of(row.id, row.wrapped, row.master) for row in rows]
        return bool(self._active) and not any(each.spare for each in found)

    async def _settle(self, connection: AsyncConnection) -> None:
        await self.refresh(connection)
        if not self._active:
            await self.add(connection, self.masters[0])
        elif moved := await self.rewrap(connection, self.masters[0]):
            log.info("data keys were moved", to=self.masters[0].place, keys=moved)

    def _master_of(self, id_: str, wrapped: bytes, fingerprint: str) -> Master:
        for each in self.masters:
            if each.made(wrapped, fingerprint):
                return each
        tried = " and ".join(each.place for each in self.masters)
        raise SettingsError(
            f"master_key: the secrets in the database are encrypted under another master key "
            f"(tried: {tried}). Set PISANG_MASTER_KEY as it was, on all replicas the same; "
            f"nothing was changed (data key {id_}).",
            field="master_key",
        )

    async def _salt(self, connection: AsyncConnection, under: Master) -> bytes:
        """The salt of a master key: the same for all data keys under it, since a passphrase takes
        its time for each."""
        for row in await connection.execute(select(data_keys)):
            if under.made(row.wrapped, row.master):
                return salt_of(row.wrapped)
        return new_salt()


def is_sealed(text: str) -> bool:
    """Whether a text is one that ``seal`` made."""
    return _FORM.fullmatch(text) is not None


def key_of(sealed: str) -> str:
    """The id of the data key under which a text was sealed; empty where it was not."""
    found = _FORM.fullmatch(sealed)
    return found[1] if found else ""
