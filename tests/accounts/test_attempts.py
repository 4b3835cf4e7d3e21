"""Attempts to sign in: a few, then a pause, on all servers together; what one person does shuts few
others out."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pisang.accounts import attempts
from pisang.accounts.attempts import MOST, SECONDS
from pisang.core import clock
from pisang.core.errors import TooManyAttempts
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.schema import sign_in_attempts

pytestmark = pytest.mark.usefixtures("time")


class Clock:
    def __init__(self) -> None:
        self.at = clock.now()

    def __call__(self) -> object:
        return self.at

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    now = Clock()
    monkeypatch.setattr(attempts, "now", now)
    return now


async def admitted(database: Database, address: str, email: str = "") -> str:
    """The id of an attempt; empty for one that was refused."""
    try:
        async with database.write() as connection:
            return await attempts.admit(connection, address, email)
    except TooManyAttempts:
        return ""


async def several(database: Database, times: int, address: str, email: str = "") -> int:
    return sum([bool(await admitted(database, address, email)) for _ in range(times)])


async def rows(database: Database) -> int:
    async with database.read() as connection:
        query = select(func.count()).select_from(sign_in_attempts)
        return int(await connection.scalar(query) or 0)


async def test_a_few_attempts_then_a_pause_that_is_told(database: Database, time: Clock) -> None:
    assert await several(database, 10, "one", "ana") == MOST["both"]
    time.wait(60)
    async with database.read() as connection:
        with pytest.raises(TooManyAttempts) as caught:
            await attempts.check(connection, "one", "ana")
    assert caught.value.retry_after == SECONDS - 60
    time.wait(SECONDS - 60)
    assert await several(database, 10, "one", "ana") == MOST["both"]


async def test_who_signed_in_starts_anew(database: Database) -> None:
    assert await several(database, 3, "one", "ana") == 3
    async with database.write() as connection:
        attempt = await attempts.admit(connection, "one", "ana")
        await attempts.passed(connection, attempt, "one", "ana")
    assert await several(database, 10, "one", "ana") == MOST["both"]


async def test_people_who_get_in_use_up_nothing_of_what_others_of_their_address_have(
    database: Database,
) -> None:
    for number in range(MOST["address"] + 5):
        async with database.write() as connection:
            attempt = await attempts.admit(connection, "office", f"user{number}")
            await attempts.passed(connection, attempt, "office", f"user{number}")
    assert await rows(database) == 0


async def test_one_address_cannot_try_everybody_and_nobody_shuts_a_person_out_from_there(
    database: Database,
) -> None:
    tried = [await admitted(database, "bad", f"user{number}") for number in range(40)]
    assert sum(map(bool, tried)) == MOST["address"]
    assert not await admitted(database, "bad")  # nor by the issuer
    assert await admitted(database, "good", "user0")


async def test_many_addresses_cannot_try_one_person_for_ever(database: Database) -> None:
    tried = [await admitted(database, f"host{number}", "ana") for number in range(70)]
    assert sum(map(bool, tried)) == MOST["email"]


async def test_servers_count_together_however_many_come_at_once(
    database: Database,
) -> None:
    other = Database(database.path, database.postgres)
    try:
        both = [admitted(each, "one", "ana") for _ in range(8) for each in (database, other)]
        assert sum(map(bool, await asyncio.gather(*both))) == MOST["both"]
    finally:
        await other.close()


async def test_what_is_over_is_forgotten_and_nothing_that_was_typed_is_kept(
    tmp_path: Path, database: Database, time: Clock
) -> None:
    assert await admitted(database, "one", "my password")
    assert not await attempts.sweep(database, Blobs(tmp_path), time.at)
    async with database.read() as connection:
        kept = (await connection.execute(select(sign_in_attempts))).all()
    assert "my password" not in repr(kept)
    time.wait(SECONDS)
    assert await attempts.sweep(database, Blobs(tmp_path), time.at) == 3
    assert await rows(database) == 0
