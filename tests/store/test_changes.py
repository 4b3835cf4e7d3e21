"""The mark of a database: another one after each write, in every process that shares the file."""

import subprocess
import sys
from pathlib import Path

import pytest

from pisang.core.errors import StoreError
from pisang.store.changes import Changes
from pisang.store.database import Database
from pisang.store.folder import prepare
from pisang.store.migrate import migrate

_ONCE = (
    "import sys, pathlib, pisang.store.changes as c; c.Changes(pathlib.Path(sys.argv[1])).made()"
)


def test_each_change_sets_another_mark(tmp_path: Path) -> None:
    changes, marks = Changes(tmp_path / "a.db"), set[bytes]()
    for _ in range(100):
        marks.add(changes.mark())
        assert changes.mark() in marks
        changes.made()
    assert len(marks) == 100
    changes.close()


def test_the_changes_of_another_process_are_seen(tmp_path: Path) -> None:
    here = Changes(tmp_path / "a.db")
    before = here.mark()
    subprocess.run([sys.executable, "-c", _ONCE, str(tmp_path / "a.db")], check=True)
    assert here.mark() != before
    here.close()


def test_the_mark_outlives_those_who_look_at_it(tmp_path: Path) -> None:
    first = Changes(tmp_path / "a.db")
    first.made()
    mark = first.mark()
    first.close()
    assert Changes(tmp_path / "a.db").mark() == mark
    assert (tmp_path / "a.db-changes").stat().st_mode & 0o077 == 0


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        Changes(tmp_path / "gone" / "a.db").mark()


async def test_a_write_transaction_sets_another_mark_and_a_read_none(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data")
    migrate(folder.database)
    database, other = Database(folder.database), Changes(folder.database)
    before = other.mark()
    async with database.read():
        pass
    assert other.mark() == before
    async with database.write():
        assert other.mark() == before  # nobody can see the change yet
    after = other.mark()
    assert after != before
    with pytest.raises(ZeroDivisionError):
        async with database.write():
            raise ZeroDivisionError
    assert other.mark() != after
    other.close()
    await database.close()
