"""Opens a data folder: makes what is missing, upgrades what is old, hands out the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pisang.store.database import Database
from pisang.store.folder import Folder, prepare
from pisang.store.migrate import migrate


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[Folder, Database]]:
    """The folder and its database, closed at the end. Raises ``StoreError``."""
    folder = prepare(path)
    await asyncio.to_thread(migrate, folder.database)
    database = Database(folder.database)
    try:
        yield folder, database
    finally:
        await database.close()
