"""The audit log keeps its chain, and secrets can be read, when records move to PostgreSQL."""

from pathlib import Path

from pisang.audit.record import head
from pisang.audit.verify import verify
from pisang.store.keyring import Keyring
from pisang.store.master import Master
from pisang.store.moving import move
from pisang.store.open import opened
from tests.audit.conftest import several


async def test_a_log_that_moved_is_the_same(tmp_path: Path, postgres_url: str) -> None:
    masters = [Master("a test", b"1" * 32)]
    async with opened(tmp_path / "data") as (_, database):
        await several(database, 5)
        sealed = (await Keyring.opened(database, masters)).seal("a secret", identity="i")
        async with database.read() as connection:
            before = await head(connection)
    await move(tmp_path / "data" / "pisang.db", postgres_url)
    async with opened(tmp_path / "data", postgres_url) as (_, database):
        async with database.read() as connection:
            assert (await verify(connection, known=before)).broken is None
            assert await head(connection) == before
        await several(database, 2)
        async with database.read() as connection:
            found = await verify(connection, known=before)
        assert (found.rows, found.broken) == (7, None)
        assert (await Keyring.opened(database, masters)).unseal(sealed, identity="i") == "a secret"
