"""Commands of the nouns that manage a server, run in this process; and money that was spent."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pisang.accounts import projects
from pisang.accounts.terms import terms_of
from pisang.cli.main import run
from pisang.core.caller import Caller
from pisang.core.money import Money
from pisang.ledger import desk
from pisang.ledger.words import Bill, Demand
from pisang.store.open import opened
from tests.ledger.billed import billed
from tests.ledger.conftest import MODEL

Say = Callable[..., tuple[int, str, str]]


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    with pytest.raises(SystemExit) as end:
        run(words)
    seen = capsys.readouterr()
    return int(end.value.code or 0), seen.out, seen.err


class Commands:
    """Commands on one data folder."""

    def __init__(self, capsys: pytest.CaptureFixture[str], data: Path) -> None:
        self.capsys, self.data = capsys, data

    def say(self, *words: str) -> tuple[int, str, str]:
        return said(self.capsys, *words, "--data", str(self.data))

    def done(self, *words: str) -> str:
        """The standard output of a command that works."""
        code, out, err = self.say(*words)
        assert code == 0, err
        return out

    def json(self, *words: str) -> Any:
        return json.loads(self.done(*words, "--json"))

    def spend(self, *bills: Bill, project: str = "shop") -> None:
        """Posts bills as a server does."""
        asyncio.run(_spend(self.data, project, bills or (billed(),)))


async def _spend(data: Path, project: str, bills: tuple[Bill, ...]) -> None:
    async with opened(data) as (_, database):
        async with database.read() as connection:
            found = await projects.find(connection, project)
            terms = await terms_of(
                connection, found.id, found.tier, found.billing, str(found.markup), "key_1"
            )
        caller = Caller(project_id=found.id, key_id="key_1", terms=terms)
        async with desk.opened(database, sweep_seconds=None) as at:
            for number, bill in enumerate(bills):
                demand = Demand(
                    caller=caller,
                    request_id=f"req_{number}",
                    model=MODEL,
                    images=1,
                    tokens=10,
                    amount=Money.of("0.5"),
                    seconds=60,
                )
                await at.post(await at.hold(demand), bill)
