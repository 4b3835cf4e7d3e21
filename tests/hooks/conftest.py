"""A database with a project, a keyring, and a receiver of web hooks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.accounts import projects
from pisang.hooks.deliveries import enqueue
from pisang.hooks.signing import new_secret
from pisang.store.database import Database
from pisang.store.keyring import Keyring
from pisang.store.master import Master
from pisang.store.open import opened
from pisang.store.sealing import HOOK, identity
from tests.hooks.receiver import Receiver, receiving

SECRET = new_secret()


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        yield database


@pytest.fixture
async def keyring(database: Database) -> Keyring:
    return await Keyring.opened(database, [Master("a test", b"1" * 32)])


@pytest.fixture
async def project(database: Database) -> str:
    async with database.write() as connection:
        return (await projects.ensure(connection, "shop")).id


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def hook(database: Database, keyring: Keyring, project: str, url: str) -> str:
    """Has a hook told; returns its id."""
    sealed = keyring.seal(SECRET, identity=identity(HOOK, project))
    async with database.write() as connection:
        return await enqueue(
            connection,
            project_id=project,
            url=url,
            secret=sealed,
            event="something.happened",
            data={"n": 1},
        )
