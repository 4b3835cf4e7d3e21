"""The records of a server: on SQLite and on PostgreSQL, with a project besides the default one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.accounts import projects
from pisang.accounts.first import ensure_default_project
from pisang.store.database import Database
from pisang.store.open import opened


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        await ensure_default_project(database)
        async with database.write() as connection:
            await projects.create(connection, "shop")
        yield database
