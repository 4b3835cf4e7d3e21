"""Verifying the audit log: whatever is changed, removed, put in or cut off, the first is named."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, text, update

from pisang.audit.chain import START, Entry, entry_of, hashed
from pisang.audit.record import head
from pisang.audit.verify import verify
from pisang.core.clock import now
from pisang.store.database import Database
from pisang.store.schema import audit
from tests.audit.conftest import several

ROWS = 6


async def _allow_changes(database: Database) -> None:
    """What an attacker who owns the database does first."""
    async with database.write() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("DROP TRIGGER audit_append_only ON audit"))
        else:
            for deed in ("update", "delete"):
                await connection.execute(text(f"DROP TRIGGER audit_append_only_{deed}"))


async def test_an_empty_log_is_good(database: Database) -> None:
    async with database.read() as connection:
        found = await verify(connection)
        assert (found.rows, found.head, found.broken) == (0, START, None)
        assert (await verify(connection, known=START)).broken is None


@pytest.mark.parametrize(
    "column", [column.name for column in audit.columns if column.name != "number"]
)
@pytest.mark.parametrize("number", [1, 3, ROWS])
async def test_a_row_of_which_anything_was_changed_is_named(
    database: Database, column: str, number: int
) -> None:
    await several(database, ROWS)
    await _allow_changes(database)
    value = {"at": now(), "previous": b"x" * 32, "hash": b"x" * 32}.get(column, "other")
    async with database.write() as connection:
        row = audit.c.number == number
        await connection.execute(update(audit).where(row).values({column: value}))
    async with database.read() as connection:
        found = await verify(connection)
    assert found.broken is not None
    assert (found.rows, found.broken.number) == (number - 1, number)
    assert "changed" in found.broken.why


@pytest.mark.parametrize("number", [1, 3])
async def test_a_row_that_was_removed_is_named(database: Database, number: int) -> None:
    await several(database, ROWS)
    await _allow_changes(database)
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.number == number))
    async with database.read() as connection:
        found = await verify(connection)
    assert found.broken is not None
    assert found.broken.number == number
    assert "missing" in found.broken.why


async def test_a_row_that_was_put_before_all_others_is_named(database: Database) -> None:
    await several(database, 1)
    entry = Entry(
        number=0,
        at=now(),
        actor="x",
        address="",
        project_id="",
        action="x",
        target="",
        request_id="",
        before="{}",
        after="{}",
    )
    await _write(database, [replace(entry, hash=hashed(entry))])
    async with database.read() as connection:
        found = await verify(connection)
    assert found.broken is not None
    assert found.broken.number == 0


async def test_what_was_cut_off_is_seen_by_a_head_that_was_written_down(
    database: Database,
) -> None:
    await several(database, ROWS)
    async with database.read() as connection:
        known = await head(connection)
        assert (await verify(connection, known=known)).broken is None
    await _allow_changes(database)
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.number > 4))
    async with database.read() as connection:
        assert (await verify(connection)).broken is None
        found = await verify(connection, known=known)
    assert found.broken is not None
    assert found.broken.number == 5
    assert "written down" in found.broken.why


async def test_a_log_that_was_written_anew_is_seen_by_a_head_that_was_written_down(
    database: Database,
) -> None:
    await several(database, ROWS)
    async with database.read() as connection:
        known = await head(connection)
        rows = [entry_of(row) for row in await connection.execute(select(audit))]
    await _allow_changes(database)
    async with database.write() as connection:
        await connection.execute(delete(audit))
    made: list[Entry] = []
    for row in rows:
        row = replace(row, actor="user:innocent@example.com")
        row = replace(row, previous=made[-1].hash if made else row.previous)
        made.append(replace(row, hash=hashed(row)))
    await _write(database, made)
    async with database.read() as connection:
        assert (await verify(connection)).broken is None
        found = await verify(connection, known=known)
    assert found.broken is not None
    assert found.broken.number == ROWS


async def test_a_log_that_has_grown_since_still_has_the_head_that_was_written_down(
    database: Database,
) -> None:
    await several(database, 3)
    async with database.read() as connection:
        known = await head(connection)
    await several(database, 2)
    async with database.read() as connection:
        found = await verify(connection, known=known)
    assert (found.rows, found.broken) == (5, None)


_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)


@given(st.tuples(*[_TEXTS] * 8), st.tuples(*[_TEXTS] * 8))
def test_rows_that_differ_have_hashes_that_differ(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    at = now()

    def made(texts: tuple[str, ...]) -> Entry:
        names = (
            "actor",
            "address",
            "project_id",
            "action",
            "target",
            "request_id",
            "before",
            "after",
        )
        return Entry(number=1, at=at, **dict(zip(names, texts, strict=True)))

    assert (hashed(made(one)) == hashed(made(other))) == (one == other)


async def _write(database: Database, entries: Sequence[Entry]) -> None:
    async with database.write() as connection:
        for entry in entries:
            values = {column.name: getattr(entry, column.name) for column in audit.columns}
            await connection.execute(insert(audit).values(**values))
