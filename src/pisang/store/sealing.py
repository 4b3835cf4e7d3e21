"""Which columns hold sealed texts (``store/keyring.py``), and how all of them are sealed anew: at a
start those that an older version wrote as they were, and all where the data key is changed.

SQLite leaves what it replaces in free parts of its file and in its log; both are wiped here, so
that a secret that was once written as it was is really gone.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Column, Table, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.errors import SettingsError
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.keyring import SEALED, Keyring, key_of
from pisang.store.master import Master, masters
from pisang.store.revisions import ROUTES, count
from pisang.store.schema import budgets, data_keys, deliveries, engines

log = structlog.get_logger("pisang.store")

ENGINE: Final = "engines"
"""An engine's whole specification; its identity has the engine's name."""

HOOK: Final = "hooks"
"""The secret of a web hook; its identity has the project's id."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts; a text is bound to what ``owner`` says."""

    column: Column[Any]
    kind: str
    owner: Column[Any]

    @property
    def table(self) -> Table:
        found: Table = self.column.table
        return found


SEALED_COLUMNS: Final[Sequence[SealedColumn]] = (
    SealedColumn(engines.c.spec, ENGINE, engines.c.name),
    SealedColumn(budgets.c.hook_secret, HOOK, budgets.c.project_id),
    SealedColumn(deliveries.c.secret, HOOK, deliveries.c.project_id),
)


def identity(kind: str, owner: str) -> str:
    """What a sealed text is bound to."""
    return f"{kind}/{owner}"


async def opened_keyring(
    settings: Settings, folder: Folder, database: Database, *, adopt: bool = False
) -> Keyring:
    """The keyring of a server or command that starts; what is not sealed yet is, from then on.
    ``adopt`` is as in ``Keyring.opened``.

    Raises ``SettingsError`` for a master key that cannot be had or is another one, and
    ``StoreError``.
    """
    if settings.master_key is None and not folder.master_key.exists():
        async with database.read() as connection:
            await _check_new(connection, folder)
    found = await asyncio.to_thread(masters, settings, folder)
    keyring = await Keyring.opened(database, found, adopt=adopt)
    if sealed := await seal_what_is_plain(database, keyring):
        log.info("secrets were encrypted", texts=sealed)
    return keyring


async def _check_new(connection: AsyncConnection, folder: Folder) -> None:
    """Raises ``SettingsError`` where a master key must not be made, because there was one: a new
    one in the data folder would open nothing, and look as if it did."""
    if (await connection.execute(select(data_keys.c.id).limit(1))).first() is not None:
        raise SettingsError(
            "master_key: the secrets in the database are encrypted, and no master key is given: "
            f"there is no {folder.master_key}. Set PISANG_MASTER_KEY as it was, on all replicas "
            "the same; nothing was changed.",
            field="master_key",
        )


async def seal_what_is_plain(database: Database, keyring: Keyring) -> int:
    """Seals what is not under the newest data key; returns how many texts that were. Reading shows
    first whether there are any, and mostly there are none."""
    async with database.read() as connection:
        await keyring.refresh(connection)
        if not await _waiting(connection, keyring):
            return 0
    async with database.write() as connection:
        done = await reseal(connection, keyring)
    wipe(database)
    return done


async def rotate(database: Database, keyring: Keyring, *, under: Master) -> int:
    """Makes a new data key, seals everything under it, and wraps all data keys under a master key;
    returns how many texts were sealed. One transaction: everything, or nothing."""
    trial = Keyring(
        (*keyring.masters, under)
    )  # a data key that was not committed must never be used
    async with database.write() as connection:
        await trial.rewrap(connection, under)
        await trial.add(connection, under)
        done = await reseal(connection, trial)
        await count(connection, ROUTES)  # so that all servers look, and read the new data key
    keyring.masters = trial.masters
    async with database.read() as connection:
        await keyring.refresh(connection)
    wipe(database)
    return done


async def rewrap(database: Database, keyring: Keyring, *, under: Master) -> int:
    """Wraps all data keys under another master key and leaves the rest; returns how many."""
    async with database.write() as connection:
        done = await keyring.rewrap(connection, under)
    keyring.masters = (*keyring.masters, under)
    wipe(database)
    return done


async def reseal(connection: AsyncConnection, keyring: Keyring) -> int:
    """Seals every text that is not under the newest data key; returns how many that were. Call it
    inside a write transaction."""
    if connection.dialect.name == "sqlite":
        await connection.execute(text("PRAGMA secure_delete = ON"))
    await keyring.refresh(connection)
    done = 0
    for each in SEALED_COLUMNS:
        keys = tuple(each.table.primary_key.columns)
        query = select(*keys, each.column.label("sealed"), each.owner.label("owner"))
        for row in (await connection.execute(query)).all():
            if not row.sealed or key_of(row.sealed) == keyring.active:
                continue
            bound = identity(each.kind, row.owner)
            plain = keyring.unseal(row.sealed, identity=bound)
            await connection.execute(
                update(each.table)
                .where(*(key == row._mapping[key] for key in keys))
                .values({each.column: keyring.seal(plain, identity=bound)})
            )
            done += 1
    return done


async def counted(connection: AsyncConnection) -> dict[str, int]:
    """How many texts are under each data key; those that are not sealed are under ``""``."""
    found: dict[str, int] = {}
    for each in SEALED_COLUMNS:
        for sealed in await connection.scalars(select(each.column).where(each.column != "")):
            found[key_of(sealed)] = found.get(key_of(sealed), 0) + 1
    return found


def wipe(database: Database) -> None:
    """Empties SQLite's log, in which replaced texts may stand; where somebody reads just now, the
    next one who writes does."""
    if database.postgres:
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(database.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _waiting(connection: AsyncConnection, keyring: Keyring) -> bool:
    newest = f"{SEALED}{keyring.active}:"
    for each in SEALED_COLUMNS:
        other = each.column.notlike(f"{newest.replace('_', '/_')}%", escape="/")
        query = select(func.count()).where(each.column != "", other)
        if await connection.scalar(query):
            return True
    return False
