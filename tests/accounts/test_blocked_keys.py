"""Keys that are not served: expired, leaked, dormant, or of a project that is switched off."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from pisang.accounts import keys, projects, restrictions, service_accounts, tokens
from pisang.accounts.keys import NewKey, State
from pisang.accounts.projects import Wish
from pisang.accounts.uses import Uses
from pisang.core.clock import now
from pisang.core.errors import (
    InvalidKey,
    KeyBlocked,
    NotFound,
    PisangError,
    ProjectSuspended,
    RequestError,
)
from pisang.store import schema
from pisang.store.database import Database

DAY = timedelta(days=1)


async def made(database: Database, **wish: object) -> NewKey:
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        return await keys.create(connection, shop, name="k", **wish)  # type: ignore[arg-type]


async def aged(database: Database, key: NewKey, **columns: object) -> None:
    async with database.write() as connection:
        row = schema.keys.c.id == key.id
        await connection.execute(update(schema.keys).where(row).values(**columns))


async def refusal(database: Database, key: NewKey) -> PisangError | None:
    try:
        async with database.read() as connection:
            assert await keys.verify(connection, key.key) is not None
    except PisangError as error:
        return error
    return None


async def test_a_key_is_good_until_it_expires_and_says_when(database: Database) -> None:
    ends = now() + DAY
    key = await made(database, expires_at=ends)
    async with database.read() as connection:
        valid = await keys.verify(connection, key.key)
        assert valid is not None
        assert valid.expires_at == ends
    await aged(database, key, expires_at=now() - DAY)
    error = await refusal(database, key)
    assert isinstance(error, InvalidKey)
    assert error.message == "API key expired. Please renew the API key."
    async with database.read() as connection:
        assert (await keys.get(connection, key.id)).state(now()) is State.EXPIRED
    with pytest.raises(RequestError, match="in the past"):
        await made(database, expires_at=now() - DAY)


async def test_a_leaked_key_is_blocked_for_good(database: Database) -> None:
    key = await made(database)
    async with database.write() as connection:
        assert await keys.report_leaked(connection, key.key) == key.id
        first = (await keys.get(connection, key.id)).leaked_at
        await keys.report_leaked(connection, key.id)
        found = await keys.get(connection, key.id)
    assert found.leaked_at == first
    assert found.state(now()) is State.LEAKED
    error = await refusal(database, key)
    assert isinstance(error, KeyBlocked)
    assert error.message.startswith("Your API key was reported as leaked.")
    async with database.write() as connection:
        default = await projects.find(connection, "default")
        with pytest.raises(NotFound):
            await keys.report_leaked(connection, key.id, default)


async def test_dormant_keys_are_blocked_where_the_project_says_so(database: Database) -> None:
    key, other = await made(database), await made(database)
    limited = await made(database, restrictions=restrictions.checked({"surfaces": ["vertex"]}))
    for each in (key, other, limited):
        await aged(database, each, created_at=now() - 100 * DAY)
    await aged(database, other, last_used_at=now() - 89 * DAY)
    assert await refusal(database, key) is None
    async with database.write() as connection:
        await projects.change(connection, "shop", wish=Wish(block_dormant=True))
    error = await refusal(database, key)
    assert isinstance(error, KeyBlocked)
    assert "no restrictions" in error.message
    assert await refusal(database, other) is None
    assert await refusal(database, limited) is None
    async with database.read() as connection:
        valid = await keys.verify(connection, other.key)
        assert valid is not None
        assert valid.expires_at is not None
        assert now() < valid.expires_at < now() + 2 * DAY  # asked again when it may be dormant
        shorter = timedelta(days=80)
        with pytest.raises(KeyBlocked):
            await keys.verify(connection, other.key, dormant=shorter)


async def test_a_suspended_project_is_served_to_nobody_and_loses_nothing(
    database: Database,
) -> None:
    key = await made(database)
    async with database.write() as connection:
        shop = await projects.suspend(connection, "shop")
        account = await service_accounts.create(connection, shop, name="robot")
        token = await tokens.issue(connection, account.id, seconds=60)
        first = shop.suspended_at
        assert (await projects.suspend(connection, "shop")).suspended_at == first
    error = await refusal(database, key)
    assert isinstance(error, ProjectSuspended)
    assert f"Consumer 'projects/{shop.number}' has been suspended" in error.message
    async with database.read() as connection:
        with pytest.raises(ProjectSuspended):
            await tokens.verify(connection, token)
    async with database.write() as connection:
        assert (await projects.resume(connection, "shop")).suspended_at is None
        assert (await tokens.verify(connection, token)).caller.project_id == shop.id
    assert await refusal(database, key) is None


async def test_last_use_is_written_together_and_never_back(database: Database) -> None:
    used, unused = await made(database), await made(database)
    uses = Uses(database)
    for _ in range(3):
        uses.note(used.id)
    uses.note("key_that_is_gone")
    assert await uses.write() == 2
    assert await uses.write() == 0
    async with database.read() as connection:
        first = (await keys.get(connection, used.id)).last_used_at
        assert first is not None
        assert (await keys.get(connection, unused.id)).last_used_at is None
    await aged(database, used, last_used_at=now() + DAY)  # another server's clock
    uses.note(used.id)
    await uses.write()
    async with database.read() as connection:
        assert (await keys.get(connection, used.id)).last_used_at != first


async def test_last_use_is_written_when_the_server_stops(database: Database) -> None:
    used = await made(database)
    uses = Uses(database)
    async with uses.writing(often=3600):
        uses.note(used.id)
    async with database.read() as connection:
        assert (await keys.get(connection, used.id)).last_used_at is not None
