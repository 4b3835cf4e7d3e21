"""Owners: a process lives as long as its lock is held; nobody else can take it for dead."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from pisang.core.errors import StoreError
from pisang.ledger.owners import FOLDER, FileOwner, Owner


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE owners (id TEXT)")
    yield connection
    connection.close()


def _owner(place: Path, connection: sqlite3.Connection) -> FileOwner:
    owner = FileOwner(place / "pisang.db")
    connection.execute("INSERT INTO owners VALUES (?)", (owner.id,))
    return owner


def test_an_owner_is_dead_when_its_lock_is_gone(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    first, second = _owner(tmp_path, connection), _owner(tmp_path, connection)
    assert first.dead(connection) == second.dead(connection) == []
    os.close(second._file)  # as the system does when a process ends
    assert first.dead(connection) == [second.id]
    first.forget([second.id])
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == [first.id]
    assert first.dead(connection) == [second.id]  # without a file it is dead as well
    first.close()
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_looking_at_an_owner_does_not_end_it(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    first, second = _owner(tmp_path, connection), _owner(tmp_path, connection)
    for _ in range(3):
        assert first.dead(connection) == []
    third = _owner(tmp_path, connection)
    assert third.dead(connection) == []
    for owner in (first, second, third):
        owner.close()


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("not a folder")
    with pytest.raises(StoreError, match="owners cannot be used"):
        FileOwner(tmp_path / "pisang.db")


def test_an_owner_says_that_it_lives_until_that_is_written() -> None:
    owner = Owner()
    assert owner.heartbeat_due(100.0)
    assert owner.heartbeat_due(100.0)  # the transaction was taken back
    owner.heartbeat(100.0)
    assert not owner.heartbeat_due(150.0)
    assert owner.heartbeat_due(160.0)
    assert owner.heartbeat_due(0.0)  # a clock that jumped back
    owner.lost()
    assert owner.heartbeat_due(100.0)
