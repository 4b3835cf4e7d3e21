"""A ledger of a test's own, on both databases, with a clock that the test sets."""

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pisang.accounts import projects
from pisang.core.caller import Caller
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.terms import Billing, Budget, Dimension, Limit, Period, Terms
from pisang.ledger.desk import LedgerDesk
from pisang.ledger.desk import opened as desk_opened
from pisang.ledger.postgres import PostgresWriter
from pisang.ledger.sqlite import SQLiteWriter
from pisang.ledger.verify import verify
from pisang.ledger.words import Bill, Demand
from pisang.store import schema
from pisang.store.database import Database
from pisang.store.open import opened

MODEL = "gemini-3.1-flash-image"
NOON = datetime(2026, 11, 21, 20, 0, tzinfo=UTC).timestamp()  # in Los Angeles


class Clock:
    def __init__(self, at: float = NOON) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


@dataclass
class Ledger:
    """A database with one project, its desk, and what the tests ask them."""

    database: Database
    clock: Clock
    project: str
    desk: LedgerDesk
    warned: list[tuple[str, int, Money]]
    more: Callable[[], Awaitable[LedgerDesk]]
    asked: int = field(default=0)

    def caller(self, *limits: Limit, key: str = "key_1", **terms: object) -> Caller:
        return Caller(self.project, key, terms=Terms(limits=limits, **terms))  # type: ignore[arg-type]

    def limit(self, dimension: Dimension, value: int, model: str = MODEL) -> Limit:
        return Limit(f"project:{self.project}", model, dimension, value, "project")

    def budget(self, amount: str, period: Period = Period.DAY, **other: object) -> Budget:
        name = f"bud_{period.value}"
        scope = f"project:{self.project}"
        return Budget(name, name, scope, period, Money.of(amount), **other)  # type: ignore[arg-type]

    def demand(self, caller: Caller, amount: str = "0.10", **other: object) -> Demand:
        self.asked += 1
        words = {"model": MODEL, "images": 1, "tokens": 100, "seconds": 30.0} | other
        return Demand(
            caller=caller,
            request_id=f"req_{self.asked}",
            amount=Money.of(amount),
            **words,  # type: ignore[arg-type]
        )

    async def prepaid(self, amount: str) -> Caller:
        """A caller whose project has so much and no more."""
        await self.desk.top_up(self.project, Money.of(amount), actor="local:test")
        return self.caller(billing=Billing.PREPAID)

    async def account(self, project: str = "") -> tuple[str, str, str]:
        """What the project was granted, what was posted, and what is held."""
        async with self.database.read() as connection:
            table = schema.ledger_accounts
            query = select(table).where(table.c.project_id == (project or self.project))
            row = (await connection.execute(query)).one()
        return str(Money(row.granted)), str(Money(row.posted)), str(Money(row.held))

    async def entries(self, *columns: str) -> list[tuple[object, ...]]:
        """These columns of all entries, in the order in which they were made."""
        async with self.database.read() as connection:
            table = schema.entries
            chosen = [table.c[name] for name in columns or ("kind", "amount")]
            rows = await connection.execute(select(*chosen).order_by(table.c.at, table.c.id))
        return [tuple(row) for row in rows]

    async def open_holds(self) -> int:
        async with self.database.read() as connection:
            query = select(func.count()).select_from(schema.holds)
            return int(await connection.scalar(query) or 0)

    async def spending(self) -> dict[str, tuple[int, int]]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(schema.spending))
        return {row.budget_id: (row.posted, row.held) for row in rows}

    async def counted(self, dimension: str) -> int:
        """All that a counter has, whenever it was counted."""
        async with self.database.read() as connection:
            table = schema.counters
            query = select(table.c.used).where(table.c.dimension == dimension)
            packed = await connection.scalar(query)
        return sum(json.loads(packed)[1::2]) if packed else 0

    async def check(self) -> None:
        """Entries sum to the accounts, and open holds to what is held; every bill is right."""
        await self.desk.sweep()
        entries, accounts, holds = schema.entries, schema.ledger_accounts, schema.holds
        by = (entries.c.project_id, entries.c.kind)
        sums = select(*by, func.sum(entries.c.amount)).group_by(*by)
        async with self.database.read() as connection:
            rows = (await connection.execute(sums)).all()
            total = {(row[0], row[1]): int(row[2]) for row in rows}
            held = select(holds.c.project_id, func.sum(holds.c.amount)).group_by(holds.c.project_id)
            opened = {row[0]: int(row[1]) for row in await connection.execute(held)}
            for row in await connection.execute(select(accounts)):
                id = row.project_id
                granted = total.get((id, "top_up"), 0) + total.get((id, "adjust"), 0)
                assert row.granted == granted
                assert row.posted == total.get((id, "post"), 0)
                assert row.held == opened.get(id, 0)
            assert [str(each) for each in (await verify(connection)).findings] == []


def mortal(database: Database, clock: Clock) -> LedgerDesk:
    """A desk that nobody closes, because it is to be killed."""
    writer: Any = (
        PostgresWriter(database.postgres, clock=clock)
        if database.postgres
        else SQLiteWriter(database.path, clock=clock)
    )
    return LedgerDesk(writer, owner=writer.owner.id)


async def killed(desk: LedgerDesk) -> None:
    """What the system does to a process that is killed: its locks go, and nothing else is done."""
    writer: Any = desk._writer
    if isinstance(writer, SQLiteWriter):
        os.close(writer.owner._file)
        writer.owner._file = os.open("/dev/null", os.O_RDONLY)
        writer.owner.id = "gone"  # so that its file stays where it is
        await writer.close()
    else:
        connection, writer._connection = writer._connection, None
        if connection is not None:
            await connection.close()


def bill(amount: str = "0.0672", **other: object) -> Bill:
    whole = Money.of(amount)
    words = {
        "cost": whole,
        "components": {"input_text": Money(5000), "output_image": whole - Money(5000)},
        "usage": Usage(prompt_text=10, image_output=1120, images=1),
        "price": "2026-01-01 gemini_api gemini-3.1-flash-image standard",
        "model": MODEL,
        "engine": "google",
        "surface": "gemini_api",
        "tier": "standard",
    } | other
    return Bill(amount=whole, rates=_rates(words["components"]), **words)  # type: ignore[arg-type]


def _rates(components: Any) -> dict[str, str]:
    """By which ten tokens and one picture come to these components."""
    rates = {"input": components.get("input_text"), "image": components.get("output_image")}
    written = {name: amount.dollars for name, amount in rates.items() if amount}
    if "input" in written:
        written["input"] *= 100_000
    return {name: f"{rate:f}" for name, rate in written.items()}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def ledger(tmp_path: Path, database_url: str | None, clock: Clock) -> AsyncIterator[Ledger]:
    """On SQLite, and then on PostgreSQL."""
    async with AsyncExitStack() as stack:
        _, database = await stack.enter_async_context(opened(tmp_path / "data", database_url))
        async with database.write() as connection:
            project = await projects.ensure(connection, "default")
        warned: list[tuple[str, int, Money]] = []

        async def more() -> LedgerDesk:
            return await stack.enter_async_context(
                desk_opened(
                    database,
                    clock=clock,
                    warn=lambda budget, percent, spent: warned.append(
                        (budget.name, percent, spent)
                    ),
                    sweep_seconds=None,
                )
            )

        yield Ledger(database, clock, project.id, await more(), warned, more)
