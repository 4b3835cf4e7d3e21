"""A database for the audit log, and rows in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.audit.record import record
from pisang.store.database import Database
from pisang.store.open import opened


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        yield database


async def several(database: Database, many: int) -> None:
    """Writes rows, each in a transaction of its own."""
    for number in range(many):
        async with database.write() as connection:
            await record(
                connection,
                actor=f"user:{'ab'[number % 2]}@example.com",
                address="192.0.2.1",
                project_id=f"prj_{number % 3}",
                action="keys.create" if number % 2 else "projects.update",
                target=f"keys/{number}",
                before={"name": "old"},
                after={"name": "new", "number": number},
                request_id=f"req_{number}",
            )
