"""What a hold and a post cost on each database: requests a second, and CPU for each, one caller at
a time and many at once. PostgreSQL is one that the tests start: it does not wait for the disk."""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop

from bench.report import Row
from pisang.accounts import projects
from pisang.core.caller import Caller
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.core.terms import Billing, Budget, Dimension, Limit, Period, Terms
from pisang.ledger import desk
from pisang.ledger.words import Bill, Demand
from pisang.store.open import opened
from tests import databases

MODEL = "gemini-3.1-flash-image"
GROUPS = {1: 1_000, 32: 6_000, 500: 10_000}
TARGET_CPU_MS = 0.5
TARGET_RATE = {"SQLite": 3_000, "PostgreSQL": 1_500}

BILL = Bill(
    amount=Money(67_200_000),
    cost=Money(67_200_000),
    components={"input_text": Money(5_000), "output_image": Money(67_195_000)},
    usage=Usage(prompt_text=10, image_output=1120, images=1),
    price="2026-01-01 gemini_api gemini-3.1-flash-image standard 1K",
    model=MODEL,
    engine="google",
    surface="gemini_api",
    tier="standard",
    size="1K",
    finish="STOP",
)


def rows() -> list[Row]:
    """One row for each database, kind of project and number of callers."""
    found = _measured("SQLite", None)
    with _postgres() as address:
        return found + (_measured("PostgreSQL", address) if address else [])


def _measured(name: str, address: str | None) -> list[Row]:
    found = []
    for limited in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            speeds = uvloop.run(_speeds(Path(folder), address, limited=limited))
        for group, (rate, milliseconds) in speeds.items():
            many = group > 1
            met = milliseconds < TARGET_CPU_MS and (not many or rate >= TARGET_RATE[name])
            kind = "prepaid, all limits, two budgets" if limited else "no limits"
            target = f"below {TARGET_CPU_MS} ms" + f", {TARGET_RATE[name]} a second" * many
            found.append(
                Row(
                    f"hold and post on {name}, {kind}, {group} at a time",
                    f"{rate:.0f} a second",
                    "CPU of this process for each",
                    f"{milliseconds:.3f} ms",
                    target,
                    met,
                )
            )
    return found


async def _speeds(
    folder: Path, address: str | None, *, limited: bool
) -> dict[int, tuple[float, float]]:
    speeds = {}
    async with opened(folder, address) as (_, database):
        async with database.write() as connection:
            project = (await projects.ensure(connection, f"bench-{limited}".lower())).id
        async with desk.opened(database) as books:
            await books.top_up(project, Money.of(1_000_000), actor="local:bench")
            caller = Caller(project, "key_bench", terms=_terms(project) if limited else Terms())
            await _asked(books, caller, 200, group=8)
            for group, requests in GROUPS.items():
                began, used = time.perf_counter(), time.process_time()
                await _asked(books, caller, requests, group=group)
                took, used = time.perf_counter() - began, time.process_time() - used
                speeds[group] = (requests / took, used / requests * 1000)
    return speeds


def _terms(project: str) -> Terms:
    scope = f"project:{project}"
    limits = (Limit(scope, "*", each, 10**9, "project") for each in Dimension)
    periods = (Period.MONTH, Period.TEN_MINUTES)
    budgets = (
        Budget(f"{each}-{project[-20:]}", each, scope, each, Money.of(10**6)) for each in periods
    )
    return Terms(billing=Billing.PREPAID, limits=tuple(limits), budgets=tuple(budgets))


async def _asked(books: desk.LedgerDesk, caller: Caller, requests: int, *, group: int) -> None:
    async def ask(number: int) -> None:
        for turn in range(requests // group):
            demand = Demand(
                caller=caller,
                request_id=f"req-{number}-{turn}",
                model=MODEL,
                images=1,
                tokens=20,
                amount=Money(70_000_000),
                seconds=60.0,
            )
            await books.post(await books.hold(demand), BILL)

    await asyncio.gather(*(ask(number) for number in range(group)))


@contextmanager
def _postgres() -> Iterator[str | None]:
    programs = databases._postgres_programs()
    if programs is None:
        yield None
        return
    user = databases._somebody()
    with (
        databases._folder(user) as folder,
        databases._running(programs, folder, user) as server,
        server.fresh() as address,
    ):
        yield address
