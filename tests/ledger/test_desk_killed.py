"""Processes that are killed at any moment, and several on one ledger: nothing that was answered is
lost, nothing is charged twice, and nobody's money stays set aside."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from pisang.accounts import projects
from pisang.core.money import Money
from pisang.ledger import desk
from pisang.store import schema
from pisang.store.database import Database
from pisang.store.open import opened

_CALLERS = 8

# Callers who hold and post without a pause; a line for each that was answered.
_PROGRAM = """
import asyncio, os, pathlib, sys
from pisang.core.caller import Caller
from pisang.core.errors import BalanceExhausted
from pisang.core.money import Money
from pisang.core.terms import Billing, Dimension, Limit, Terms
from pisang.ledger import desk
from pisang.ledger.words import Bill, Demand
from pisang.store.database import Database

folder, address, project, name, callers = sys.argv[1:]
limit = Limit(f"project:{project}", "*", Dimension.CONCURRENT, 10_000, "project")
caller = Caller(project, "key", terms=Terms(billing=Billing.PREPAID, limits=(limit,)))
bill = Bill(amount=Money(7), cost=Money(7), components={"output_image": Money(7)}, usage=None,
            price="list", model="m", engine="e", surface="gemini_api", tier="standard")

def tell(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

async def ask(books, number):
    request = 0
    while True:
        request += 1
        id = f"{name}-{number}-{request}"
        demand = Demand(caller=caller, request_id=id, model="m", images=1, tokens=1,
                        amount=Money(10), seconds=600)
        try:
            hold = await books.hold(demand)
        except BalanceExhausted:
            return
        if request % 5 == 0:
            books.void(hold)
        else:
            await books.post(hold, bill)
            tell("posted", id)

async def main():
    database = Database(pathlib.Path(folder) / "pisang.db", address or None)
    async with desk.opened(database) as books:
        tell("ready")
        await asyncio.gather(*(ask(books, number) for number in range(int(callers))))
    await database.close()

asyncio.run(main())
"""


def _child(database: Database, project: str, name: str) -> "subprocess.Popen[bytes]":
    words = [str(database.path.parent), database.postgres or "", project, name, str(_CALLERS)]
    return subprocess.Popen([sys.executable, "-c", _PROGRAM, *words], stdout=subprocess.PIPE)


def _killed(database: Database, project: str, name: str, *, after: float) -> list[str]:
    """Which requests a process was told to have posted, before it was killed."""
    with _child(database, project, name) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        os.set_blocking(child.stdout.fileno(), True)
        time.sleep(after)
        child.kill()
        said = child.stdout.read().decode()
    lines = said.splitlines() if said.endswith("\n") else said.splitlines()[:-1]
    return [line.split()[1] for line in lines]


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        yield database


async def _project(database: Database, *, nanos: int) -> str:
    async with database.write() as connection:
        project = (await projects.ensure(connection, "default")).id
    async with desk.opened(database, sweep_seconds=None) as books:
        await books.top_up(project, Money(nanos), actor="local:test")
    return project


async def _kill_often(database: Database, *, times: int) -> None:
    project, chance = await _project(database, nanos=10**12), random.Random(times)
    told: list[str] = []
    for number in range(times):
        after = chance.uniform(0, 0.6)
        told += await asyncio.to_thread(_killed, database, project, f"c{number}", after=after)
    assert told
    async with desk.opened(database, sweep_seconds=None) as books:
        await _wait_for_orphans(database, books)
    await _check(database, project, told)


async def _wait_for_orphans(database: Database, books: desk.LedgerDesk) -> None:
    """A start frees what the dead held; PostgreSQL may take a moment to notice that one is."""
    count = select(func.count()).select_from(schema.holds)
    for _ in range(100):
        await books.sweep()
        async with database.read() as connection:
            if not await connection.scalar(count):
                return
        await asyncio.sleep(0.1)
    raise AssertionError("holds of dead processes are not freed")


async def _check(database: Database, project: str, told: list[str]) -> None:
    entries = schema.entries
    async with database.read() as connection:
        rows = (await connection.execute(select(entries))).all()
        account = (await connection.execute(select(schema.ledger_accounts))).one()
        used = await connection.scalar(
            select(schema.counters.c.used).where(schema.counters.c.dimension == "concurrent")
        )
        requests = await connection.scalar(select(func.sum(schema.usage_hours.c.requests)))
    posted = [row.request_id for row in rows if row.kind == "post"]
    assert set(told) <= set(posted)
    assert len(posted) == len(set(posted))
    assert account.project_id == project
    assert account.posted == 7 * len(posted)
    assert account.held == 0
    made = {row.hold_id for row in rows if row.kind == "hold"}
    resolved = [row.resolves for row in rows if row.resolves]
    assert sorted(resolved) == sorted(made)
    assert used in (None, "[]")
    assert requests == len(made)


async def test_a_process_that_is_killed_loses_nothing_and_leaves_nothing(
    database: Database,
) -> None:
    await _kill_often(database, times=5 if database.postgres else 10)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_processes_that_are_killed_200_times_lose_nothing(database: Database) -> None:
    await _kill_often(database, times=200)


async def test_several_processes_share_one_balance_to_the_last_picture(
    database: Database,
) -> None:
    project = await _project(database, nanos=2003)
    children = [_child(database, project, f"c{number}") for number in range(3)]
    said = [await asyncio.to_thread(child.communicate) for child in children]
    told = [line.split()[1] for out, _ in said for line in out.decode().splitlines()[1:]]
    assert [child.returncode for child in children] == [0, 0, 0]
    async with desk.opened(database, sweep_seconds=None) as books:
        await _wait_for_orphans(database, books)
    await _check(database, project, told)
    async with database.read() as connection:
        account = (await connection.execute(select(schema.ledger_accounts))).one()
    assert 2003 - 10 < account.posted <= 2003
