"""Sealed texts: readable with the right keys in the right row, and with nothing else."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from pisang.core.errors import SettingsError, StoreError
from pisang.store.database import Database
from pisang.store.keyring import Keyring, is_sealed, key_of
from pisang.store.master import Master
from pisang.store.open import opened
from pisang.store.schema import data_keys

ONE = Master("the setting master_key", b"1" * 32)
OTHER = Master("the setting master_key_next", b"a passphrase of words", slow=True)
SPARE = Master("/data/master.key", b"3" * 32, spare=True)


@pytest.fixture
async def database(tmp_path: Path, database_url: str | None) -> AsyncIterator[Database]:
    async with opened(tmp_path / "data", database_url) as (_, database):
        yield database


async def test_a_text_is_read_as_it_was_by_whoever_has_the_master_key(database: Database) -> None:
    sealed = (await Keyring.opened(database, [ONE])).seal("a secret", identity="engines/a")
    assert is_sealed(sealed)
    assert "secret" not in sealed
    again = await Keyring.opened(database, [ONE])
    assert again.unseal(sealed, identity="engines/a") == "a secret"
    assert key_of(sealed) == again.active


async def test_a_text_cannot_be_moved_to_another_row_or_changed(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE])
    sealed = keyring.seal("a secret", identity="engines/a")
    with pytest.raises(StoreError, match="another row"):
        keyring.unseal(sealed, identity="engines/b")
    for place in (-1, -10, -30):
        letters = list(sealed)
        letters[place] = "A" if letters[place] != "A" else "B"
        with pytest.raises(StoreError, match="damaged"):
            keyring.unseal("".join(letters), identity="engines/a")
    with pytest.raises(StoreError, match="same backup"):
        keyring.unseal(sealed.replace(keyring.active, "dek_other"), identity="engines/a")


async def test_the_same_text_looks_different_each_time(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE])
    assert len({keyring.seal("x", identity="i") for _ in range(20)}) == 20


async def test_what_was_never_sealed_is_as_it_is(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE])
    for plain in ("", "a key", "sealed:v1:", '{"kind": "google"}'):
        assert keyring.unseal(plain, identity="i") == plain


async def test_another_master_key_is_refused_and_nothing_is_destroyed(database: Database) -> None:
    first = await Keyring.opened(database, [ONE])
    sealed = first.seal("a secret", identity="i")
    with pytest.raises(SettingsError, match="PISANG_MASTER_KEY") as caught:
        await Keyring.opened(database, [OTHER])
    assert caught.value.field == "master_key"
    assert OTHER.place in caught.value.message
    assert (await Keyring.opened(database, [ONE])).unseal(sealed, identity="i") == "a secret"


async def test_a_damaged_data_key_is_not_taken_for_a_wrong_master_key(database: Database) -> None:
    await Keyring.opened(database, [ONE])
    async with database.write() as connection:
        wrapped = await connection.scalar(select(data_keys.c.wrapped))
        assert wrapped is not None
        damaged = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
        await connection.execute(update(data_keys).values(wrapped=damaged))
    with pytest.raises(StoreError, match="damaged"):
        await Keyring.opened(database, [ONE])


async def test_a_new_data_key_is_used_from_then_on_and_old_texts_stay_readable(
    database: Database,
) -> None:
    keyring = await Keyring.opened(database, [ONE])
    old = keyring.seal("a secret", identity="i")
    other = await Keyring.opened(database, [ONE])  # as of another process
    async with database.write() as connection:
        await keyring.add(connection, ONE)
    new = keyring.seal("a secret", identity="i")
    assert key_of(old) != key_of(new)
    async with database.read() as connection:
        await other.refresh(connection)
        listed = await other.listed(connection)
    assert other.active == keyring.active
    assert other.unseal(old, identity="i") == other.unseal(new, identity="i") == "a secret"
    assert [key.retired_at is None for key in listed] == [False, True]
    assert {key.master for key in listed} == {ONE.place}


async def test_data_keys_move_to_another_master_key(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE, OTHER])
    sealed = keyring.seal("a secret", identity="i")
    async with database.write() as connection:
        assert await keyring.rewrap(connection, OTHER) == 1
        assert await keyring.rewrap(connection, OTHER) == 0
    with pytest.raises(SettingsError):
        await Keyring.opened(database, [ONE])
    for masters in ([OTHER], [ONE, OTHER], [OTHER, SPARE]):
        again = await Keyring.opened(database, masters)
        assert again.unseal(sealed, identity="i") == "a secret"
        async with database.read() as connection:
            assert [key.master for key in await again.listed(connection)] == [OTHER.place]


async def test_what_the_folders_key_protected_moves_to_a_configured_one_at_the_start(
    database: Database,
) -> None:
    folders = replace(SPARE, spare=False)
    sealed = (await Keyring.opened(database, [folders])).seal("a secret", identity="i")
    await Keyring.opened(database, [ONE, SPARE])  # only looks
    assert (await Keyring.opened(database, [folders])).unseal(sealed, identity="i") == "a secret"
    await Keyring.opened(database, [ONE, SPARE], adopt=True)
    again = await Keyring.opened(database, [ONE])
    assert again.unseal(sealed, identity="i") == "a secret"
    with pytest.raises(SettingsError):
        await Keyring.opened(database, [folders])


@given(st.text())
def test_any_text_can_be_sealed(text: str) -> None:
    keyring = Keyring([ONE])
    keyring._keys, keyring._active = {"dek_1": b"k" * 32}, "dek_1"
    assert keyring.unseal(keyring.seal(text, identity="i"), identity="i") == text
