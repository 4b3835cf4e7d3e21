"""Readiness: what a probe is told when nothing could be written, and what it is not told."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from pisang.core.errors import SettingsError, StoreError, StoreUnavailable
from pisang.core.obstacles import Obstacle
from pisang.store.keyring import Keyring
from pisang.store.master import Master
from pisang.store.sealing import rotate
from pisang.surfaces.health import reason
from pisang.testing import Server, server
from tests.path.asgi import call

IN = "The database /home/ana/disk is full/pisang.db cannot be used: "


@pytest.mark.parametrize("kind", [StoreError, StoreUnavailable])
@pytest.mark.parametrize("obstacle", [None, *Obstacle])
def test_what_is_wrong_is_told_and_where_it_lies_is_not(
    kind: type[StoreError], obstacle: Obstacle | None
) -> None:
    error = kind(f"{IN}it is read-only. Give this user the right.")
    error.obstacle = obstacle
    assert reason(error) == (obstacle or "The database cannot be used; the log says why.")
    assert "/" not in reason(error)


async def test_a_server_that_reads_but_cannot_write_is_not_ready(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await call(pisang.app.asgi, "GET", "/readyz")).status == 200
    writer = pisang.app.asgi.state.shared.gateway._holds.desk._writer
    writer._connection.execute("PRAGMA query_only = ON")
    monkeypatch.setattr("pisang.ledger.desk._FRESH", 0)  # that it could a moment ago
    reply = await call(pisang.app.asgi, "GET", "/readyz")
    assert (reply.status, reply.json["reason"]) == (503, "The database is read-only.")
    writer._connection.execute("PRAGMA query_only = OFF")
    assert (await call(pisang.app.asgi, "GET", "/readyz")).status == 200


async def test_a_server_whose_folder_takes_no_pictures_is_not_ready(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(path), data)

    monkeypatch.setattr(Path, "write_bytes", full)
    reply = await call(pisang.app.asgi, "GET", "/readyz")
    assert (reply.status, reply.json["reason"]) == (503, "The disk is full.")


async def test_a_server_that_was_not_told_the_next_master_key_says_so(tmp_path: Path) -> None:
    async with server(tmp_path / "data", master_key=SecretStr("a passphrase of now")) as it:
        inside = it.app.asgi.state.shared
        under = Master("elsewhere", b"the passphrase of tomorrow", slow=True)
        told = Keyring([*inside.routes.keyring.masters, under])
        await rotate(it.app.database, told, under=under)
        with pytest.raises(SettingsError, match="another master key"):
            await inside.routes.refresh()
        behind = await call(it.app.asgi, "GET", "/readyz")
        inside.routes.keyring.masters = told.masters
        await inside.routes.refresh()
        again = await call(it.app.asgi, "GET", "/readyz")
    assert (behind.status, behind.json["status"]) == (200, "ok")
    assert "master key that this server was not told" in behind.json["warnings"][0]
    assert again.json == {"status": "ok"}
