"""Web hooks of a running server: a budget's warning comes, signed, once."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, update

from pisang.accounts import projects
from pisang.app import application
from pisang.core.clock import now
from pisang.core.money import Money
from pisang.hooks.signing import new_secret, signature
from pisang.store.folder import Folder
from pisang.store.keyring import Keyring
from pisang.store.master import of_folder
from pisang.store.schema import budgets, spending
from pisang.store.sealing import HOOK, identity
from pisang.testing import Server, server
from tests.hooks.receiver import Receiver, receiving

SECRET = new_secret()


async def _budget(running: Server, receiver: Receiver, *, warned: int) -> None:
    """A budget with a hook, of which the ledger has written that a threshold was passed."""
    database = running.app.database
    keyring = await Keyring.opened(database, [of_folder(Folder(running.settings.data))])
    async with database.write() as connection:
        home = await projects.ensure(connection, "default")
        await connection.execute(
            insert(budgets).values(
                id="bgt_1",
                project_id=home.id,
                name="monthly",
                period="month",
                amount=Money.of("1").nanos,
                thresholds="50,80",
                hook=receiver.url,
                hook_secret=keyring.seal(SECRET, identity=identity(HOOK, home.id)),
                created_at=now(),
            )
        )
        start = int(datetime.now(UTC).timestamp())
        await connection.execute(
            insert(spending).values(
                budget_id="bgt_1", period_start=start, posted=1, held=0, warned=warned
            )
        )


async def test_what_a_server_did_not_tell_before_it_ended_the_next_one_does(
    tmp_path: Path,
) -> None:
    async with receiving() as receiver:
        came = asyncio.Event()
        receiver.before = came.set
        async with server(tmp_path / "data") as running:
            await _budget(running, receiver, warned=0)
            settings = running.settings.model_copy(update={"fetch_allow": tuple(receiver.allow)})
            async with running.app.database.write() as connection:
                await connection.execute(update(spending).values(warned=50))
        assert receiver.got == []
        async with application(settings):
            await asyncio.wait_for(came.wait(), 30)
        (got,) = receiver.got
        at = int(got.headers["webhook-timestamp"])
        expected = signature(got.headers["webhook-id"], at, got.body, SECRET)
        assert got.headers["webhook-signature"] == expected
        said = json.loads(got.body)
        assert (said["type"], said["data"]["threshold_percent"]) == (
            "budget.threshold_reached",
            50,
        )
