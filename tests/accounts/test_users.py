"""People: their passwords are kept as a slow digest, their sessions as a fast one, and both end."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pisang.accounts import members, passwords, projects, sessions, users
from pisang.accounts.users import User
from pisang.core.clock import now
from pisang.core.errors import (
    AlreadyExists,
    ExpiredToken,
    FailedPrecondition,
    InvalidToken,
    NotFound,
    RequestError,
)
from pisang.core.roles import Role
from pisang.store import schema
from pisang.store.blobs import Blobs
from pisang.store.database import Database

HOUR = timedelta(hours=1)


async def ana(database: Database) -> User:
    async with database.write() as connection:
        return await users.create(connection, "Ana@Example.com", name="Ana")


def test_a_password_is_kept_as_argon2id_and_fits_only_itself() -> None:
    kept = passwords.hashed("correct horse battery")
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, "correct horse battery")
    assert not passwords.fits(kept, "correct horse batter")
    assert not passwords.fits(None, "correct horse battery")
    assert not passwords.fits("no digest", "correct horse battery")
    for password in ("short", "x" * 201):
        with pytest.raises(RequestError):
            passwords.hashed(password)


async def test_a_user_is_found_by_email_however_it_is_written(database: Database) -> None:
    made = await ana(database)
    assert made.principal == "user:ana@example.com"
    async with database.write() as connection:
        assert await users.find(connection, " ANA@example.com ") == made
        assert await users.find(connection, made.id) == made
        with pytest.raises(AlreadyExists):
            await users.create(connection, "ana@EXAMPLE.com")
        for email in ("ana", "ana@", "a na@example.com", "ana@example.com\n@x", "@example.com"):
            with pytest.raises(RequestError):
                await users.create(connection, email)


async def test_a_session_lasts_until_its_time_sign_out_or_the_user_ends(
    database: Database,
) -> None:
    user = await ana(database)
    async with database.write() as connection:
        made = [await sessions.start(connection, user, lasts=HOUR) for _ in range(3)]
        old = await sessions.start(connection, user, lasts=timedelta(0))
        assert all(each.token.startswith(sessions.PREFIX) for each in made)
        assert made[0].token not in repr(made[0])
        assert (await sessions.verify(connection, made[0].token)).last_sign_in_at is not None
        with pytest.raises(ExpiredToken):
            await sessions.verify(connection, old.token)
        assert await sessions.end(connection, made[0].token)
        assert not await sessions.end(connection, made[0].token)
        with pytest.raises(InvalidToken):
            await sessions.verify(connection, made[0].token)
        await sessions.verify(connection, made[1].token)
        await users.change(connection, user.id, password=passwords.hashed("another one of it"))
        with pytest.raises(InvalidToken):  # a new password ends what the old one began
            await sessions.verify(connection, made[1].token)
        last = await sessions.start(connection, user, lasts=HOUR)
        await users.disable(connection, user.email)
        with pytest.raises(InvalidToken):
            await sessions.verify(connection, last.token)
        await users.enable(connection, user.email)
        assert (await users.find(connection, user.id)).disabled_at is None


async def test_tokens_and_passwords_are_nowhere_in_the_database(database: Database) -> None:
    user = await ana(database)
    async with database.write() as connection:
        await users.change(connection, user.id, password=passwords.hashed("correct horse"))
        made = await sessions.start(connection, user, lasts=HOUR)
        for table in schema.metadata.sorted_tables:
            rows = str((await connection.execute(select(table))).all())
            assert made.token not in rows
            assert "correct horse" not in rows


async def test_old_sessions_are_forgotten(database: Database) -> None:
    user = await ana(database)
    async with database.write() as connection:
        await sessions.start(connection, user, lasts=HOUR)
        await sessions.start(connection, user, lasts=timedelta(0))
    blobs = Blobs(database.path.parent / "blobs")
    assert await sessions.sweep(database, blobs, now()) == 0
    assert await sessions.sweep(database, blobs, now() + timedelta(hours=24, minutes=1)) == 1


async def test_who_is_a_member_is_not_deleted(database: Database) -> None:
    user = await ana(database)
    async with database.write() as connection:
        shop = await projects.find(connection, "shop")
        await members.put(connection, user.principal, Role.VIEWER, shop)
        with pytest.raises(FailedPrecondition):
            await users.remove(connection, user.email)
        await members.remove(connection, user.principal, shop)
        await sessions.start(connection, user, lasts=HOUR)
        await users.remove(connection, user.email)
        with pytest.raises(NotFound):
            await users.find(connection, user.email)
