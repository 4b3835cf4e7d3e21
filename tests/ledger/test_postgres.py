"""What the ledger does at once on PostgreSQL, because nobody else has written; and when not."""

import asyncio

import pytest

from pisang.core.errors import BalanceExhausted
from pisang.core.money import Money
from pisang.core.terms import Billing, Dimension
from pisang.ledger.desk import LedgerDesk
from pisang.ledger.postgres import PostgresWriter
from tests.ledger.conftest import Ledger, bill


@pytest.fixture
def database_url(_postgres_with_tables: str) -> str:
    """Only on PostgreSQL."""
    return _postgres_with_tables


def _counting(desk: LedgerDesk, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes for each batch of a desk whether it took one statement or several."""
    seen: list[str] = []
    writer = desk._writer
    assert isinstance(writer, PostgresWriter)
    at_once, in_steps = writer._at_once, writer._in_steps

    async def once(connection: object, operations: list[object]) -> object:
        answers = await at_once(connection, operations)  # type: ignore[arg-type]
        seen.append("at once" if answers else "not")
        return answers

    async def steps(connection: object, operations: list[object]) -> object:
        seen.append("in steps")
        return await in_steps(connection, operations)  # type: ignore[arg-type]

    monkeypatch.setattr(writer, "_at_once", once)
    monkeypatch.setattr(writer, "_in_steps", steps)
    return seen


async def test_one_process_alone_needs_one_statement(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = ledger.caller(ledger.limit(Dimension.RPM, 100))
    await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill())
    seen = _counting(ledger.desk, monkeypatch)
    for _ in range(3):
        await ledger.desk.post(await ledger.desk.hold(ledger.demand(caller)), bill())
    assert seen == ["at once"] * 6
    await ledger.check()


async def test_what_another_process_wrote_counts_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = await ledger.prepaid("0.30")
    other = await ledger.more()
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    seen = _counting(ledger.desk, monkeypatch)
    await other.hold(ledger.demand(caller, "0.10"))
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    assert seen == ["not", "in steps"]
    for desk in (ledger.desk, other):
        with pytest.raises(BalanceExhausted, match=r"\$0.00 are available"):
            await desk.hold(ledger.demand(caller, "0.10"))
    await other.top_up(ledger.project, Money.of("0.20"), actor="local:test")
    await ledger.desk.hold(ledger.demand(caller, "0.10"))
    seen.clear()
    await ledger.desk.hold(ledger.demand(caller, "0.05"))
    await ledger.desk.hold(ledger.demand(caller, "0.05"))
    assert seen == ["not", "in steps", "at once"]  # nobody came in between any more
    await ledger.check()


async def test_several_processes_at_the_same_time_never_pass_a_cap(ledger: Ledger) -> None:
    caller = await ledger.prepaid("1.00")
    desks = [ledger.desk, *[await ledger.more() for _ in range(3)]]

    async def ask(number: int) -> int:
        granted = 0
        for turn in range(10):
            try:
                hold = await desks[number % 4].hold(ledger.demand(caller, "0.02"))
            except BalanceExhausted:
                continue
            if turn % 3:
                await desks[number % 4].post(hold, bill("0.01"))
                granted += 1
            else:
                desks[number % 4].void(hold)
        return granted

    granted = sum(await asyncio.gather(*(ask(number) for number in range(16))))
    for desk in desks:
        await desk.sweep()
    assert await ledger.account() == ("$1.00", str(Money.of("0.01") * granted), "$0.00")
    assert granted <= 100
    assert caller.terms.billing is Billing.PREPAID
    await ledger.check()
