"""Keys: random, kept only as a digest, found by name, ended once and for good."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.accounts import keys, projects
from pisang.accounts.first import ensure_default_project, ensure_first_key
from pisang.core.caller import Allowance
from pisang.core.errors import NotFound, RequestError
from pisang.store.database import Database
from pisang.store.open import opened


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        await ensure_default_project(database)
        yield database


async def test_a_key_is_nowhere_in_the_data_folder(database: Database) -> None:
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        made = await keys.create(connection, project, name="k")
    secret = made.key.removeprefix(keys.PREFIX).encode()
    for file in database.path.parent.iterdir():
        assert secret not in file.read_bytes()
    assert made.key not in repr(made)


async def test_keys_differ_and_are_long(database: Database) -> None:
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        made = [await keys.create(connection, project, name="k") for _ in range(50)]
    assert len({key.key for key in made}) == 50
    assert all(len(key.key) >= 36 and key.key[4:].isalnum() for key in made)


async def test_the_list_tells_keys_apart_without_showing_them(database: Database) -> None:
    async with database.write() as connection:
        project = await projects.ensure(connection, "other")
        made = await keys.create(connection, project, name="phone")
        await keys.revoke(connection, made.id)
        (listed,) = await keys.listed(connection, project)
    assert (listed.id, listed.project, listed.name) == (made.id, "other", "phone")
    assert listed.last4 == made.key[-4:]
    assert listed.revoked_at is not None
    assert made.key not in repr(listed)


async def test_revoking_twice_keeps_the_first_time(database: Database) -> None:
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        made = await keys.create(connection, project, name="k")
        assert await keys.revoke(connection, made.key) == made.id
        (first,) = await keys.listed(connection)
        assert await keys.revoke(connection, made.id) == made.id
        assert await keys.listed(connection) == [first]
        assert await keys.verify(connection, made.key) is None


async def test_an_unknown_key_is_not_repeated(database: Database) -> None:
    async with database.write() as connection:
        with pytest.raises(NotFound) as caught:
            await keys.revoke(connection, "psk_secret")
        assert "psk_secret" not in caught.value.message
        other = await projects.ensure(connection, "other")
        made = await keys.create(connection, other, name="k")
        default = await projects.find(connection, "default")
        with pytest.raises(NotFound):
            await keys.revoke(connection, made.id, default)


async def test_an_unknown_project_names_the_ones_there_are(database: Database) -> None:
    async with database.write() as connection:
        with pytest.raises(NotFound, match=r"Did you mean 'default'\? Projects: default\."):
            await projects.find(connection, "defalut")
        for name in ("", " x", "x" * 64, "a\nb"):
            with pytest.raises(RequestError):
                await projects.ensure(connection, name)


async def test_the_first_key_is_made_once(database: Database) -> None:
    assert await ensure_first_key(database) is not None
    assert await ensure_first_key(database) is None


async def test_the_first_key_may_ask_for_faults_and_no_later_one(database: Database) -> None:
    first = await ensure_first_key(database)
    assert first is not None
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        later = await keys.create(connection, project, name="k")
        allowed = [
            valid.caller.allowed
            for secret in (first.key, later.key)
            if (valid := await keys.verify(connection, secret))
        ]
    assert allowed == [frozenset({Allowance.FAULTS}), frozenset()]
