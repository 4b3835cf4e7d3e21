"""Callers who are kept: found without the database, and gone with the right they came by."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import keys, known, members, projects, service_accounts, tokens
from pisang.accounts.first import ensure_default_project
from pisang.accounts.known import Known
from pisang.core.caller import Allowance, ChatImages
from pisang.core.clock import now
from pisang.core.errors import (
    ExpiredToken,
    InvalidKey,
    InvalidToken,
    KeyBlocked,
    ProjectSuspended,
)
from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate


class Counted(Database):
    """A database that counts how often it is read."""

    reads = 0

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        self.reads += 1
        return super().read()


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Counted]:
    folder = prepare(tmp_path / "data")
    if database_url is None:
        migrate(folder.database)
    database = Counted(folder.database, database_url)
    await ensure_default_project(database)
    yield database
    await database.close()


@pytest.fixture
async def callers(database: Counted) -> AsyncIterator[Known]:
    callers = Known(database)
    yield callers
    callers.close()


async def a_key(database: Database) -> keys.NewKey:
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        return await keys.create(connection, project, name="k")


async def a_token(database: Database, *, seconds: int = 3600) -> tuple[str, str]:
    """A token, and the id of the account's key that it was got with."""
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        made = await service_accounts.create(connection, project, name="robot")
        return await tokens.issue(connection, made.id, seconds=seconds), made.id


async def test_a_caller_who_came_before_is_not_looked_up(database: Counted, callers: Known) -> None:
    made, (token, _) = await a_key(database), await a_token(database)
    first = await callers.by_key(made.key), await callers.by_token(token)
    before = database.reads
    assert (await callers.by_key(made.key), await callers.by_token(token)) == first
    assert database.reads == before
    assert first[0] is not None
    assert first[0].key_id == made.id


async def test_a_key_that_is_revoked_or_changed_counts_at_once(
    database: Counted, callers: Known
) -> None:
    made, other = await a_key(database), await a_key(database)
    assert await callers.by_key(made.key) is not None
    async with database.write() as connection:
        await keys.change(
            connection, made.id, chat_images=ChatImages.MARKDOWN, allowed=[Allowance.ADMIN]
        )
    changed = await callers.by_key(made.key)
    assert changed is not None
    assert changed.chat_images is ChatImages.MARKDOWN
    assert changed.allowed == {Allowance.ADMIN}
    async with database.write() as connection:
        await keys.revoke(connection, made.id)
    assert await callers.by_key(made.key) is None
    assert await callers.by_key(other.key) is not None


async def test_what_a_project_says_counts_at_once(database: Counted, callers: Known) -> None:
    made = await a_key(database)
    before = await callers.by_key(made.key)
    async with database.write() as connection:
        await projects.change(connection, "default", locations=["europe-*"], fault="overloaded")
    after = await callers.by_key(made.key)
    assert before is not None
    assert after is not None
    assert (before.locations, before.fault) == ((), "")
    assert (after.locations, after.fault) == (("europe-*",), "overloaded")


async def test_a_token_ends_by_itself_and_with_its_key(database: Counted, callers: Known) -> None:
    token, key = await a_token(database)
    async with database.write() as connection:
        second = await tokens.issue(connection, key, seconds=3600)
    assert await callers.by_token(token) == await callers.by_token(second)
    async with database.write() as connection:
        assert await tokens.revoke(connection, token)
    with pytest.raises(InvalidToken):
        await callers.by_token(token)
    await callers.by_token(second)
    async with database.write() as connection:
        await service_accounts.revoke(connection, key)
    with pytest.raises(ExpiredToken, match="revoked"):
        await callers.by_token(second)


async def test_a_token_ends_with_its_time(
    database: Counted, callers: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, _ = await a_token(database, seconds=60)
    await callers.by_token(token)
    _, expires_at = callers._proofs[known.digest(token)]
    monkeypatch.setattr(known, "now", lambda: expires_at)
    monkeypatch.setattr(tokens, "now", lambda: expires_at)
    with pytest.raises(ExpiredToken, match="too old"):
        await callers.by_token(token)


async def test_what_is_not_valid_is_not_kept(database: Counted, callers: Known) -> None:
    for _ in range(2):
        before = database.reads
        assert await callers.by_key("psk_unknown") is None
        assert database.reads == before + 1


async def test_a_key_revoked_while_it_is_looked_up_is_not_kept(
    database: Counted, callers: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, verify = await a_key(database), keys.verify

    async def slowly(connection: AsyncConnection, secret: str, **_: object) -> object:
        found = await verify(connection, secret)
        async with database.write() as other:
            await keys.revoke(other, made.id)
        return found

    monkeypatch.setattr(keys, "verify", slowly)
    await callers.by_key(made.key)
    monkeypatch.setattr(keys, "verify", verify)
    assert await callers.by_key(made.key) is None


async def test_only_so_many_are_kept(
    database: Counted, callers: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known, "MOST", 2)
    made = [await a_key(database) for _ in range(3)]
    found = [await callers.by_key(key.key) for key in made + made]
    assert [caller.key_id for caller in found if caller] == [key.id for key in made + made]
    assert len(callers._proofs) <= 2


async def test_a_key_revoked_by_another_process_stops_at_once(
    database: Counted, callers: Known
) -> None:
    made = await a_key(database)
    assert await callers.by_key(made.key) is not None
    data = str(database.path.parent)
    command = [sys.executable, "-m", "pisang", "keys", "revoke", made.id, "--data", data]
    environ = {**os.environ, "PISANG_DATABASE_URL": database.postgres or ""}
    subprocess.run(command, check=True, capture_output=True, env=environ)  # noqa: ASYNC221
    assert await callers.by_key(made.key) is None


async def test_a_key_ends_with_its_time_though_it_is_kept(
    database: Counted, callers: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = now() + timedelta(hours=1)
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        made = await keys.create(connection, project, name="k", expires_at=ends)
    assert await callers.by_key(made.key) is not None
    before = database.reads
    assert await callers.by_key(made.key) is not None
    assert database.reads == before
    for module in (known, keys):
        monkeypatch.setattr(module, "now", lambda: ends)
    with pytest.raises(InvalidKey, match="expired"):
        await callers.by_key(made.key)


async def test_what_blocks_a_key_or_a_project_counts_at_once(
    database: Counted, callers: Known
) -> None:
    made, other = await a_key(database), await a_key(database)
    for key in (made, other):
        assert await callers.by_key(key.key) is not None
    async with database.write() as connection:
        await keys.report_leaked(connection, made.id)
    with pytest.raises(KeyBlocked):
        await callers.by_key(made.key)
    async with database.write() as connection:
        await projects.suspend(connection, "default")
    with pytest.raises(ProjectSuspended):
        await callers.by_key(other.key)


async def test_a_role_that_is_given_or_taken_counts_at_once(
    database: Counted, callers: Known
) -> None:
    token, _ = await a_token(database)
    assert (await callers.by_token(token)).may_generate
    async with database.write() as connection:
        project = await projects.find(connection, "default")
        who = "serviceAccount:robot@default.iam.pisang.internal"
        await members.remove(connection, who, project)
    assert not (await callers.by_token(token)).may_generate
