"""What the ledger does in the event loop on SQLite, and what it leaves to its thread."""

import asyncio
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from pisang.core.money import Money
from pisang.ledger import sqlite
from pisang.ledger.sqlite import SQLiteWriter
from tests.ledger.conftest import Ledger, bill


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
    for desk in (ledger.desk, other, ledger.desk):
        await desk.hold(ledger.demand(caller, "0.10"))
    for desk in (ledger.desk, other):
        with pytest.raises(Exception, match="are available"):
            await desk.hold(ledger.demand(caller, "0.10"))
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
    writer = ledger.desk._writer
    assert isinstance(writer, SQLiteWriter)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    writer._todo.put(lambda: loop.call_soon_threadsafe(ended.set))
    await ended.wait()
    shutil.copyfile(ledger.database.path, tmp_path / "alone.db")  # without its log
    alone = sqlite3.connect(tmp_path / "alone.db")
    (posted,) = alone.execute("SELECT count(*) FROM entries WHERE kind = 'post'").fetchone()
    alone.close()
    assert posted >= 4
    await ledger.check()
