"""Backups: all of a folder that is in use, for whoever has the master key, and for nobody else."""

import stat
import threading
from pathlib import Path

import pytest

from pisang.accounts import projects
from pisang.core.errors import AlreadyExists, NotFound, SettingsError, StoreError
from pisang.routing import kept
from pisang.store import backup
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.folder import Folder, signing_key
from pisang.store.keyring import Keyring
from pisang.store.master import Master
from pisang.store.open import opened
from pisang.store.segments import SEGMENT

ONE, OTHER = Master("one", b"1" * 32), Master("a passphrase", b"a passphrase of words", slow=True)
SPEC = {"kind": "google", "api_keys": ["AIzaSyTheKeyOfTheUpstream"]}
LARGE = b"banana" * 100_000


async def _filled(data: Path) -> tuple[Folder, str]:
    """A data folder with a project, an engine, a blob and keys."""
    async with opened(data) as (folder, database):
        keyring = await Keyring.opened(database, [ONE])
        async with database.write() as connection:
            await projects.ensure(connection, "shop")
            await kept.put_engine(connection, "studio", SPEC, keyring=keyring)
        signing_key(folder)
        key = await Blobs(folder.blobs).put(LARGE)
        (folder.path / "master.key").write_text("1" * 64)
        return folder, key


async def test_what_is_restored_is_what_was_there(tmp_path: Path) -> None:
    folder, key = await _filled(tmp_path / "data")
    for master in (ONE, OTHER):
        file, again = tmp_path / f"{master.place}.backup", tmp_path / f"{master.place} again"
        made = backup.write(folder, file, master)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert made.files == 3
        found = backup.restore(file, again, [Master("x", b"9" * 32), master])
        assert (found.files, found.size) == (made.files, made.size)
        assert signing_key(Folder(again)) == signing_key(folder)
        assert await Blobs(again / "blobs").get(key) == LARGE
        async with opened(again) as (_, database):
            await _check(database)
        assert sorted(each.name for each in again.iterdir() if "-" not in each.name) == [
            "blobs",
            "pisang.db",
            "signing.key",
        ]


async def _check(database: Database) -> None:
    keyring = await Keyring.opened(database, [ONE])
    async with database.read() as connection:
        assert (await projects.find(connection, "shop")).name == "shop"
        assert (await kept.read(connection, keyring)).engines == {"studio": SPEC}


async def test_nothing_can_be_read_without_the_master_key(tmp_path: Path) -> None:
    folder, _ = await _filled(tmp_path / "data")
    file = tmp_path / "backup"
    backup.write(folder, file, ONE)
    data = file.read_bytes()
    for secret in (b"banana", b"shop", b"SQLite", b"AIza", signing_key(folder), b"1" * 32):
        assert secret not in data
    for masters in ([], [OTHER]):
        with pytest.raises(SettingsError, match="another master key"):
            backup.restore(file, tmp_path / "new", masters)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("damage", ["head", "first", "middle", "last", "short", "long", "none"])
async def test_a_damaged_backup_restores_nothing(tmp_path: Path, damage: str) -> None:
    folder, _ = await _filled(tmp_path / "data")
    file = tmp_path / "backup"
    backup.write(folder, file, ONE)
    data = bytearray(file.read_bytes())
    places = {"head": 3, "first": data.index(b"\n") + 40, "middle": len(data) // 2, "last": -1}
    if damage in places:
        data[places[damage]] ^= 1
    elif damage == "short":
        del data[-(len(data) - data.index(b"\n") - 1) % (SEGMENT + 28) or -100 :]
    elif damage == "long":
        data += b"x"
    else:
        data.clear()
    file.write_bytes(data)
    with pytest.raises(StoreError):
        backup.restore(file, tmp_path / "new", [ONE])
    new = tmp_path / "new"
    assert not new.exists() or list(new.iterdir()) == []


async def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path) -> None:
    folder, _ = await _filled(tmp_path / "data")
    file = tmp_path / "backup"
    backup.write(folder, file, ONE)
    with pytest.raises(AlreadyExists, match="in use"):
        backup.restore(file, folder.path, [ONE])
    with pytest.raises(AlreadyExists, match="already"):
        backup.write(folder, file, ONE)
    with pytest.raises(NotFound):
        backup.restore(tmp_path / "nowhere", tmp_path / "new", [ONE])
    with pytest.raises(StoreError, match="cannot be written: no such file"):
        backup.write(folder, tmp_path / "no" / "such" / "folder", ONE)
    new = tmp_path / "new"
    new.mkdir()
    (new / "master.key").write_text("kept")
    backup.restore(file, new, [ONE])
    assert (new / "master.key").read_text() == "kept"


async def test_it_is_one_moment_of_a_database_that_is_written_to(tmp_path: Path) -> None:
    folder, _ = await _filled(tmp_path / "data")
    async with opened(folder.path) as (_, database):
        async with database.write() as connection:
            await projects.ensure(connection, "half")
            failures: list[BaseException] = []

            def back_up() -> None:
                try:
                    backup.write(folder, tmp_path / "backup", ONE)
                except BaseException as error:
                    failures.append(error)

            thread = threading.Thread(target=back_up)
            thread.start()
            thread.join()
        assert failures == []
    backup.restore(tmp_path / "backup", tmp_path / "new", [ONE])
    async with opened(tmp_path / "new") as (_, database), database.read() as connection:
        with pytest.raises(NotFound):
            await projects.find(connection, "half")
        await projects.find(connection, "shop")


async def test_what_changes_while_it_is_copied_stops_no_backup(tmp_path: Path) -> None:
    folder, _ = await _filled(tmp_path / "data")
    (folder.blobs / "00").mkdir(exist_ok=True)
    (folder.blobs / "00" / "half.draft").write_bytes(b"a draft")
    (folder.blobs / "00" / "gone").symlink_to("/etc/passwd")
    made = backup.write(folder, tmp_path / "backup", ONE)
    assert made.files == 3
    backup.restore(tmp_path / "backup", tmp_path / "new", [ONE])
    assert [each.name for each in (tmp_path / "new" / "blobs" / "00").glob("*")] == []


def test_a_file_of_somebody_else_is_said_to_be_none(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for data in (b"", b"{}\n", b"x" * 10_000, b'{"form": "other", "key": "", "master": ""}\n'):
        file.write_bytes(data)
        with pytest.raises(StoreError, match="no backup"):
            backup.restore(file, tmp_path / "new", [ONE])
