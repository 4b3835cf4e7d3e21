"""What the ledger does in the event loop on SQLite, and what it leaves to its thread."""

import asyncio
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from pisang.core.money import Money
from pisang.ledger import desk, sqlite
from pisang.ledger.sqlite import SQLiteWriter
from tests.ledger.conftest import Ledger, bill

_TIMES_BEGUN = slice(12, 16)  # of the log's first bytes


@pytest.fixture
def database_url() -> None:
    """Only on SQLite."""
    return


async def test_a_hold_waits_for_no_thread_and_a_post_for_the_disk(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.desk.sweep()
    await ledger.desk.hold(ledger.demand(ledger.caller()))  # the first connects
    synced: list[str] = []
    synced_really = sqlite._to_disk

    def to_disk(file: int) -> None:
        synced.append(threading.current_thread().name)
        synced_really(file)

    monkeypatch.setattr(sqlite, "_to_disk", to_disk)
    asking = asyncio.ensure_future(ledger.desk.hold(ledger.demand(ledger.caller())))
    for _ in range(3):  # turns of the loop: it is asked for, done, and answered
        await asyncio.sleep(0)
    assert asking.done()
    assert synced == []
    await ledger.desk.post(asking.result(), bill())
    assert synced == ["ledger"]


async def test_who_writes_at_the_same_time_is_waited_for(ledger: Ledger) -> None:
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    other = sqlite3.connect(ledger.database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    asking = asyncio.ensure_future(ledger.desk.hold(ledger.demand(ledger.caller())))
    await asyncio.sleep(0.05)
    assert not asking.done()
    other.execute("COMMIT")
    other.close()
    await asking
    assert await ledger.open_holds() == 2
    await ledger.check()


async def test_what_others_wrote_counts_in_the_next_batch(ledger: Ledger) -> None:
    caller = await ledger.prepaid("0.30")
    other = await ledger.more()
    for books in (ledger.desk, other, ledger.desk):
        await books.hold(ledger.demand(caller, "0.10"))
    for books in (ledger.desk, other):
        with pytest.raises(Exception, match="are available"):
            await books.hold(ledger.demand(caller, "0.10"))
    await other.top_up(ledger.project, Money.of("0.10"), actor="local:test")
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    await ledger.check()


async def test_the_log_is_carried_over_while_the_ledger_is_open(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sqlite, "_ROWS", 1)
    caller = ledger.caller()
    for _ in range(5):
        await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill())
    await _through(ledger)
    shutil.copyfile(ledger.database.path, tmp_path / "alone.db")  # without its log
    alone = sqlite3.connect(tmp_path / "alone.db")
    (posted,) = alone.execute("SELECT count(*) FROM entries WHERE kind = 'post'").fetchone()
    alone.close()
    assert posted >= 4
    await ledger.check()


class _Interrupted:
    """A connection that carries the log over, at first while another goes on writing."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._others = [sqlite3.connect(path, isolation_level=None, check_same_thread=False)]

    def execute(self, query: str) -> sqlite3.Cursor:
        if not self._others:
            return self._connection.execute(query)
        other = self._others.pop()
        other.execute("BEGIN IMMEDIATE")
        found = self._connection.execute(query)
        other.execute("CREATE TABLE more (id)")
        other.execute("COMMIT")
        other.close()
        return found

    def close(self) -> None:
        self._connection.close()


async def test_the_log_begins_again_though_others_write_while_it_is_carried_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite._connected

    def connected(path: Path, **other: float) -> object:
        made = connect(path, **other)
        return _Interrupted(made, path) if other else made  # the one that carries

    monkeypatch.setattr(sqlite, "_connected", connected)
    monkeypatch.setattr(sqlite, "_ROWS", 1)
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    await _through(ledger)
    begun = _times_begun(ledger)
    monkeypatch.setattr(sqlite, "_ROWS", 1_000)
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    assert _times_begun(ledger) == begun + 1
    await ledger.check()


async def test_a_log_that_others_made_long_is_carried_over_by_a_sweep(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    begun = _times_begun(ledger)
    monkeypatch.setattr(sqlite, "_LONG", 1)
    await ledger.desk.sweep()
    await _through(ledger)
    await ledger.desk.hold(ledger.demand(ledger.caller()))
    assert _times_begun(ledger) == begun + 1


async def test_a_log_is_not_waited_for_that_somebody_reads(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_CARRIER_SECONDS", 60)
    monkeypatch.setattr(sqlite, "_ROWS", 1)
    async with ledger.database.read() as connection:
        await connection.execute(text("SELECT count(*) FROM entries"))
        for _ in range(3):
            await ledger.desk.post(await ledger.desk.hold(ledger.demand(ledger.caller())), bill())
        await _through(ledger)
    begun = _times_begun(ledger)
    for _ in range(2):
        await ledger.desk.hold(ledger.demand(ledger.caller()))
        await _through(ledger)
    assert _times_begun(ledger) > begun


async def test_between_two_batches_the_loop_does_what_else_there_is_to_do(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ledger.desk.hold(ledger.demand(ledger.caller()))  # the first connects
    monkeypatch.setattr(desk, "_MOST", 2)
    asked = [
        asyncio.ensure_future(ledger.desk.hold(ledger.demand(ledger.caller()))) for _ in range(6)
    ]
    seen = set[int]()
    while len(seen) < 2 or max(seen) < len(asked):
        seen.add(sum(each.done() for each in asked))
        await asyncio.sleep(0)
    assert seen == {0, 2, 4, 6}


async def _through(ledger: Ledger) -> None:
    """Waits until the thread has done all that it has to."""
    writer = ledger.desk._writer
    assert isinstance(writer, SQLiteWriter)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    writer._todo.put(lambda: loop.call_soon_threadsafe(ended.set))
    await ended.wait()


def _times_begun(ledger: Ledger) -> int:
    """How many times the write-ahead log has begun at its beginning again."""
    log = ledger.database.path.with_name(f"{ledger.database.path.name}-wal")
    return int.from_bytes(log.read_bytes()[_TIMES_BEGUN])
