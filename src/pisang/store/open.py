"""Opens a data folder: makes what is missing, upgrades what is old, hands out the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pisang.store.database import Database
from pisang.store.folder import Folder, prepare
from pisang.store.migrate import migrate, migrate_postgres


def has_database(path: Path, postgres: str | None = None) -> bool:
    """Whether there is a database to open, or else a new one would be made."""
    return bool(postgres) or Folder(path).database.is_file()


@asynccontextmanager
async def opened(path: Path, postgres: str | None = None) -> AsyncIterator[tuple[Folder, Database]]:
    """The folder and its database, closed at the end; ``postgres`` is the address of a PostgreSQL
    to use instead of a file in the folder. Raises ``StoreError``."""
    folder = prepare(path)
    if postgres:
        await migrate_postgres(postgres)
    else:
        await asyncio.to_thread(migrate, folder.database)
    database = Database(folder.database, postgres)
    try:
        yield folder, database
    finally:
        await database.close()
