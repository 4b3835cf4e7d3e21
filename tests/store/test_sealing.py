"""Sealing all that is secret: rows of older versions at the start, and everything at a rotation."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import insert, text

from pisang.accounts import projects
from pisang.core.clock import now
from pisang.core.errors import SettingsError, StoreError
from pisang.routing import kept
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.keyring import Keyring, is_sealed
from pisang.store.master import Master
from pisang.store.open import opened
from pisang.store.schema import budgets, deliveries
from pisang.store.sealing import (
    HOOK,
    SEALED_COLUMNS,
    counted,
    identity,
    opened_keyring,
    rewrap,
    rotate,
    seal_what_is_plain,
)

SECRET = "AIzaSyThisIsTheKeyOfTheUpstream1234567"
SPEC = {"kind": "google", "api_keys": [SECRET, "env:OTHER"]}
ONE, OTHER = Master("one", b"1" * 32), Master("other", b"2" * 32)


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        yield database


async def _secrets_of_an_older_version(database: Database) -> None:
    async with database.write() as connection:
        project = (await projects.ensure(connection, "default")).id
        await kept.put_engine(connection, "studio", SPEC)
        for table, column in ((budgets, "hook_secret"), (deliveries, "secret")):
            values = {
                "id": "one",
                "project_id": project,
                "name": "b",
                "period": "day",
                "amount": 1,
                "url": "https://example.com",
                "event": "x",
                "body": "{}",
                "next_at": now(),
                "created_at": now(),
                column: SECRET,
            }
            taken = {name: values[name] for name in values if name in table.columns}
            await connection.execute(insert(table).values(**taken))


async def _texts(database: Database) -> list[str]:
    async with database.read() as connection:
        return [
            str(await connection.scalar(text(f"SELECT {each.column.name} FROM {each.table.name}")))
            for each in SEALED_COLUMNS
        ]


async def test_what_an_older_version_wrote_is_sealed_at_the_start(database: Database) -> None:
    await _secrets_of_an_older_version(database)
    assert all(SECRET in each for each in await _texts(database))
    keyring = await Keyring.opened(database, [ONE])
    assert await seal_what_is_plain(database, keyring) == 3
    assert await seal_what_is_plain(database, keyring) == 0
    texts = await _texts(database)
    assert all(is_sealed(each) for each in texts)
    async with database.read() as connection:
        assert dict((await kept.read(connection, keyring)).engines) == {"studio": SPEC}
        project = (await projects.find(connection, "default")).id
        assert await counted(connection) == {keyring.active: 3}
    assert keyring.unseal(texts[1], identity=identity(HOOK, project)) == SECRET


async def test_a_key_that_once_was_written_as_it_was_is_nowhere_in_the_data_folder(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "data")
    async with opened(settings.data) as (folder, database):
        await _secrets_of_an_older_version(database)
    assert _files_with(folder, SECRET)
    async with opened(settings.data) as (folder, database):
        await opened_keyring(settings, folder, database)
    assert _files_with(folder, SECRET) == []


async def test_an_engine_that_is_made_is_sealed_and_needs_its_keyring(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE])
    async with database.write() as connection:
        await kept.put_engine(connection, "studio", SPEC, keyring=keyring)
        await kept.add_route(connection, {"model": "*", "engines": ["studio"]})
    (spec, *_) = await _texts(database)
    assert is_sealed(spec)
    async with database.read() as connection:
        assert (await kept.read(connection, keyring)).engines["studio"] == SPEC
        with pytest.raises(StoreError, match="keyring"):
            await kept.read(connection)


async def test_a_rotation_seals_everything_anew(database: Database) -> None:
    await _secrets_of_an_older_version(database)
    keyring = await Keyring.opened(database, [ONE])
    await seal_what_is_plain(database, keyring)
    before, first = await _texts(database), keyring.active
    assert await rotate(database, keyring, under=ONE) == 3
    after = await _texts(database)
    assert keyring.active != first
    assert all(keyring.active in each for each in after)
    assert not set(before) & set(after)
    async with database.read() as connection:
        assert (await kept.read(connection, keyring)).engines["studio"] == SPEC


async def test_a_rotation_to_another_master_key_leaves_nothing_to_the_old_one(
    database: Database,
) -> None:
    await _secrets_of_an_older_version(database)
    keyring = await Keyring.opened(database, [ONE])
    await rotate(database, keyring, under=OTHER)
    with pytest.raises(SettingsError):
        await Keyring.opened(database, [ONE])
    again = await Keyring.opened(database, [OTHER])
    async with database.read() as connection:
        assert (await kept.read(connection, again)).engines["studio"] == SPEC
    assert await rewrap(database, again, under=ONE) == 2
    assert await seal_what_is_plain(database, await Keyring.opened(database, [ONE])) == 0


async def test_a_rotation_that_fails_changes_nothing(database: Database) -> None:
    await _secrets_of_an_older_version(database)
    keyring = await Keyring.opened(database, [ONE])
    await seal_what_is_plain(database, keyring)
    async with database.write() as connection:  # a row that was moved here from elsewhere
        await connection.execute(text("UPDATE engines SET name = 'moved'"))
    before = await _texts(database)
    with pytest.raises(StoreError, match="another row"):
        await rotate(database, keyring, under=OTHER)
    assert await _texts(database) == before
    assert keyring.active == before[0].split(":")[2]
    assert (await Keyring.opened(database, [ONE])).active == before[0].split(":")[2]


async def test_the_start_is_refused_under_a_wrong_master_key(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", master_key=SecretStr("1" * 64))
    async with opened(settings.data) as (folder, database):
        await opened_keyring(settings, folder, database)
        wrong = settings.model_copy(update={"master_key": SecretStr("2" * 64)})
        with pytest.raises(SettingsError, match="another master key"):
            await opened_keyring(wrong, folder, database)
        none = settings.model_copy(update={"master_key": None})
        with pytest.raises(SettingsError, match="no master key is given"):
            await opened_keyring(none, folder, database)
        assert not folder.master_key.exists()
        await opened_keyring(settings, folder, database)


def _files_with(folder: Folder, secret: str) -> list[str]:
    files = [each for each in folder.path.rglob("*") if each.is_file()]
    said = json.dumps(secret)[1:-1].encode()
    return [each.name for each in files if said in each.read_bytes()]
