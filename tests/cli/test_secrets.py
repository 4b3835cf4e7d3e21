"""``pisang secrets``, ``backup`` and ``restore``: keys that change, and folders that come back."""

import asyncio
import json
from pathlib import Path

import pytest

from pisang.cli.exits import Exit
from pisang.cli.main import run
from pisang.core.errors import StoreError
from pisang.store import moving
from pisang.store.blobs import Blobs
from pisang.store.keyring import Keyring
from pisang.store.master import of_folder
from pisang.store.open import opened

KEY, NEXT = "11" * 32, "a passphrase to come"


class Commands:
    """Commands on data folders, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            run([str(word) for word in words])
        seen = self.capsys.readouterr()
        return int(end.value.code or 0), seen.out, seen.err

    def done(self, *words: object) -> str:
        code, out, err = self(*words)
        assert code == 0, err
        return out


@pytest.fixture
def pisang(capsys: pytest.CaptureFixture[str]) -> Commands:
    return Commands(capsys)


@pytest.fixture
def data(pisang: Commands, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    pisang.done("projects", "create", "shop", "--data", folder)
    return folder


def _keys(pisang: Commands, data: Path) -> list[dict[str, object]]:
    found = json.loads(pisang.done("secrets", "status", "--data", data, "--json"))["data_keys"]
    assert isinstance(found, list)
    return found


def test_without_a_master_key_one_is_made_and_what_it_protects_is_said(
    pisang: Commands, data: Path
) -> None:
    code, out, err = pisang("secrets", "status", "--data", data)
    assert code == 0
    assert str(data / "master.key") in out
    assert "not the folder itself" in err
    assert (data / "master.key").read_text() not in out + err


def test_a_rotation_makes_a_new_data_key(pisang: Commands, data: Path) -> None:
    (before,) = _keys(pisang, data)
    said = json.loads(pisang.done("secrets", "rotate", "--data", data, "--json"))
    old, new = _keys(pisang, data)
    assert (old["id"], new["id"]) == (before["id"], said["data_key"])
    assert old["retired_at"]
    assert new["retired_at"] is None


def test_the_master_key_is_exchanged_step_by_step(
    pisang: Commands, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _keys(pisang, data)
    monkeypatch.setenv("PISANG_MASTER_KEY", KEY)  # from the folder's to a configured one
    (key,) = _keys(pisang, data)
    assert key["master_key"] == str(data / "master.key")  # who looks changes nothing
    pisang.done("secrets", "rotate", "--master-only", "--data", data)
    (key,) = _keys(pisang, data)
    assert key["master_key"] == "the setting master_key"
    (data / "master.key").unlink()
    monkeypatch.setenv("PISANG_MASTER_KEY_NEXT", NEXT)
    pisang.done("secrets", "rotate", "--data", data)
    assert {key["master_key"] for key in _keys(pisang, data)} == {"the setting master_key_next"}
    monkeypatch.delenv("PISANG_MASTER_KEY_NEXT")
    code, out, err = pisang("secrets", "status", "--data", data)
    assert code == Exit.SETTINGS
    assert "another master key" in err
    assert KEY not in out + err
    monkeypatch.setenv("PISANG_MASTER_KEY", NEXT)
    assert len(_keys(pisang, data)) == 2
    monkeypatch.delenv("PISANG_MASTER_KEY")
    for words in (("secrets", "status"), ("backup", data / "b"), ("routes", "list")):
        code, _, err = pisang(*words, "--data", data)
        assert code == Exit.SETTINGS
        assert "no master key is given" in err
    assert not (data / "master.key").exists()
    assert not (data / "b").exists()


def test_only_the_master_key_can_be_exchanged(
    pisang: Commands, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = _keys(pisang, data)
    file = tmp_path / "next"
    file.write_text(NEXT)
    words = ("secrets", "rotate", "--new-key", f"file:{file}", "--master-only", "--data", data)
    code, out, err = pisang(*words)
    assert (code, "1 data keys" in out) == (0, True)
    assert "PISANG_MASTER_KEY" in err
    monkeypatch.setenv("PISANG_MASTER_KEY", f"file:{file}")
    (after,) = _keys(pisang, data)
    assert (after["id"], after["master_key"]) == (before["id"], str(file))


def test_files_come_under_the_new_data_key_too(pisang: Commands, data: Path) -> None:
    async def keep() -> None:
        async with opened(data) as (folder, database):
            keyring = await Keyring.opened(database, [of_folder(folder)])
            await Blobs(folder.blobs, keyring, encrypt=True).put(b"a picture")

    asyncio.run(keep())
    (before,) = _keys(pisang, data)
    assert before["files"] == 1
    assert "the keys of 1 files" in pisang.done("secrets", "rotate", "--data", data)
    old, new = _keys(pisang, data)
    assert (old["id"], old["files"], new["files"]) == (before["id"], 0, 1)
    (blob,) = (data / "blobs").rglob("*.sealed")
    blob.write_bytes(b"damaged")
    code, _, err = pisang("secrets", "rotate", "--data", data)
    assert (code, "1 files are damaged" in err) == (0, True)


def test_a_folder_comes_back_from_its_backup_with_its_key(
    pisang: Commands, data: Path, tmp_path: Path
) -> None:
    file, new = tmp_path / "backup", tmp_path / "new"
    _, out, err = pisang("backup", file, "--data", data)
    assert "files" in out
    assert str(data / "master.key") in err
    code, _, err = pisang("restore", file, "--data", new)
    assert code == Exit.SETTINGS
    assert "another master key" in err
    pisang.done("restore", file, "--data", new, "--key-from", data / "master.key")
    assert (new / "master.key").read_text() == (data / "master.key").read_text()
    names = json.loads(pisang.done("projects", "list", "--data", new, "--json"))
    assert "shop" in json.dumps(names)
    code, _, err = pisang("restore", file, "--data", new)
    assert code == Exit.USAGE
    assert "in use" in err


def test_a_backup_comes_back_to_postgresql(
    pisang: Commands,
    data: Path,
    tmp_path: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, new, master = tmp_path / "backup", tmp_path / "new", data / "master.key"
    pisang.done("backup", file, "--data", data)
    monkeypatch.setenv("PISANG_DATABASE_URL", postgres_url)

    async def fails(*_: object) -> None:
        raise StoreError("The line is cut.")

    with monkeypatch.context() as patch:
        patch.setattr(moving, "move", fails)
        code, _, err = pisang("restore", file, "--data", tmp_path / "half", "--key-from", master)
    assert (code, "line is cut" in err) == (Exit.STORE, True)
    assert f"pisang migrate --data {tmp_path / 'half'} --to URL" in err
    assert (tmp_path / "half" / "pisang.db").exists()

    out = pisang.done("restore", file, "--data", new, "--key-from", master)
    assert "The database is restored to test_" in out
    assert not list(new.glob("pisang.db*"))
    assert "shop" in pisang.done("projects", "list", "--data", new)
    again = tmp_path / "again"
    pisang.done("backup", again, "--data", new)
    code, _, err = pisang("restore", again, "--data", tmp_path / "two", "--key-from", master)
    assert (code, "holds records already" in err) == (Exit.USAGE, True)
    assert not (tmp_path / "two").exists()


def test_a_folder_that_is_not_there_is_not_made(pisang: Commands, tmp_path: Path) -> None:
    for words in (("secrets", "status"), ("secrets", "rotate"), ("backup", tmp_path / "b")):
        code, _, err = pisang(*words, "--data", tmp_path / "nowhere")
        assert code == Exit.USAGE
        assert "no data folder" in err
    assert list(tmp_path.iterdir()) == []
