"""Service accounts: only public halves are kept; names are for ever; keys come and go."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pisang.accounts import projects, service_accounts, tokens
from pisang.accounts.first import ensure_default_project
from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, ExpiredToken, InvalidToken, NotFound, RequestError
from pisang.store.database import Database
from pisang.store.open import opened


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        await ensure_default_project(database)
        yield database


async def test_an_account_is_found_by_email_and_key(database: Database) -> None:
    async with database.write() as connection:
        home = await projects.find(connection, "default")
        first = await service_accounts.create(connection, home, name="robot")
        second = await service_accounts.add_key(connection, first.account_id)
        other = await service_accounts.create(connection, home, name="other")
        found = await service_accounts.keys_of(connection, first.email)
        assert {key.id for key in found} == {first.id, second.id}
        assert [key.ended for key in found] == [False, False]
        (one,) = await service_accounts.keys_of(connection, first.email, first.id)
        assert one.caller.key_id == first.account_id
        assert one.caller.may_name("default")
        assert one.caller.may_name(home.number)
        assert "PRIVATE" not in one.public_key
        assert await service_accounts.keys_of(connection, first.email, other.id) == []
        assert await service_accounts.keys_of(connection, "nobody") == []
    assert first.client_id == second.client_id != other.client_id


async def test_names_are_taken_for_ever_and_per_project(database: Database) -> None:
    async with database.write() as connection:
        home = await projects.find(connection, "default")
        shop = await projects.ensure(connection, "Shop & Co")
        made = await service_accounts.create(connection, home, name="robot")
        there = await service_accounts.create(connection, shop, name="robot")
        assert there.email == f"robot@{shop.number}.iam.pisang.internal"
        with pytest.raises(AlreadyExists, match="add-key"):
            await service_accounts.create(connection, home, name="robot")
        await service_accounts.revoke(connection, made.email)
        with pytest.raises(AlreadyExists, match="revoked"):
            await service_accounts.create(connection, home, name="robot")
        for name in ("", "1robot", "robot-", "Robot", "a" * 31, "a@b", "a.b", "a\n"):
            with pytest.raises(RequestError, match="lower-case"):
                await service_accounts.create(connection, home, name=name)


async def test_at_most_ten_keys_count_at_a_time(database: Database) -> None:
    async with database.write() as connection:
        home = await projects.find(connection, "default")
        first = await service_accounts.create(connection, home, name="robot")
        for _ in range(9):
            await service_accounts.add_key(connection, first.email)
        with pytest.raises(RequestError, match="revoke one first"):
            await service_accounts.add_key(connection, first.email)
        await service_accounts.revoke(connection, first.id)
        assert (await service_accounts.add_key(connection, first.email)).id != first.id
        for _ in range(12):  # however many were revoked, those that count are found
            keys = [key.id for key in await service_accounts.keys_of(connection, first.email)]
            await service_accounts.revoke(connection, keys[0])
            await service_accounts.add_key(connection, first.email)
        found = await service_accounts.keys_of(connection, first.email)
        assert [key.ended for key in found] == [False] * 10 + [True] * 10


async def test_revoking_twice_keeps_the_first_time(database: Database) -> None:
    async with database.write() as connection:
        home = await projects.find(connection, "default")
        other = await projects.ensure(connection, "other")
        made = await service_accounts.create(connection, home, name="robot")
        with pytest.raises(NotFound):
            await service_accounts.revoke(connection, made.id, other)
        with pytest.raises(NotFound):
            await service_accounts.revoke(connection, "nobody@nowhere")
        assert await service_accounts.listed(connection, other) == []
        assert await service_accounts.revoke(connection, made.id) == made.id
        (first,) = await service_accounts.listed(connection, home)
        assert first.revoked_at is not None
        await service_accounts.revoke(connection, made.id)
        await service_accounts.revoke(connection, made.account_id)
        assert await service_accounts.listed(connection) == [first]


async def test_tokens_end_with_their_time_their_key_and_by_themselves(database: Database) -> None:
    async with database.write() as connection:
        home = await projects.find(connection, "default")
        made = await service_accounts.create(connection, home, name="robot")
        good, gone, old = [
            await tokens.issue(connection, made.id, seconds=seconds) for seconds in (60, 60, 0)
        ]
        assert (await tokens.verify(connection, good)).caller.project_id == home.id
        assert await tokens.revoke(connection, gone)
        assert not await tokens.revoke(connection, gone)
        with pytest.raises(InvalidToken):
            await tokens.verify(connection, gone)
        with pytest.raises(ExpiredToken, match="too old"):
            await tokens.verify(connection, old)
        await service_accounts.revoke(connection, made.id)
        with pytest.raises(ExpiredToken, match="revoked"):
            await tokens.verify(connection, good)
    assert now().tzinfo is None
