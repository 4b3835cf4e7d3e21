"""The master key: all its forms, and sentences for what is wrong with it that never repeat it."""

import base64
import os
import stat
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from pisang.core.errors import SettingsError, StoreError
from pisang.settings import Settings
from pisang.store.folder import prepare
from pisang.store.master import Master, master, masters, new_salt

KEY = bytes(range(224, 256))


@pytest.mark.parametrize(
    "written",
    [
        KEY.hex(),
        KEY.hex().upper(),
        base64.b64encode(KEY).decode(),
        base64.b64encode(KEY).decode().rstrip("="),
        base64.urlsafe_b64encode(KEY).decode(),
        f"  {KEY.hex()}\n",
    ],
)
def test_32_bytes_are_the_same_key_however_they_are_written(written: str, tmp_path: Path) -> None:
    found = master(written, setting="master_key")
    assert (found.secret, found.slow) == (KEY, False)
    file = tmp_path / "key"
    file.write_text(written)
    assert master(f"file:{file}", setting="master_key").secret == KEY
    command = f"{sys.executable} -c 'print(open(\"{file}\").read())'"
    assert master(f"command:{command}", setting="master_key").secret == KEY


def test_a_passphrase_is_stretched_with_its_salt() -> None:
    found = master("correct horse battery staple", setting="master_key")
    assert found.slow
    one, other = new_salt(), new_salt()
    assert found.fingerprint(one) == found.fingerprint(one) != found.fingerprint(other)


@pytest.mark.parametrize("secret", [Master("a", KEY), Master("b", b"a passphrase of words", True)])
def test_a_data_key_is_unwrapped_under_its_name_and_master_key_only(secret: Master) -> None:
    wrapped = secret.wrap(b"k" * 32, name="dek_1", salt=new_salt())
    assert b"k" * 8 not in wrapped
    assert secret.unwrap(wrapped, name="dek_1") == b"k" * 32
    assert secret.made(wrapped, secret.fingerprint(wrapped[:16]))
    assert not Master("x", b"z" * 32).made(wrapped, secret.fingerprint(wrapped[:16]))
    damaged = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for broken, name in ((wrapped, "dek_2"), (damaged, "dek_1"), (b"", "dek_1")):
        with pytest.raises(StoreError, match="damaged"):
            secret.unwrap(broken, name=name)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("too short", "16 letters"),
        ("", "16 letters"),
        ("file:/nowhere/at/all", "no such file"),
        ("command:", "quotation marks"),
        ("command:'open", "quotation marks"),
        ("command:/nowhere/at/all", "cannot be run"),
        (f"command:{sys.executable} -c 'exit(\"no such vault\")'", "status 1: no such vault"),
        (f"command:{sys.executable} -c ''", "16 letters"),
    ],
)
def test_what_is_wrong_is_said_with_the_name_of_the_setting(written: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as caught:
        master(written, setting="master_key")
    assert caught.value.field == "master_key"


def test_a_wrong_key_is_never_repeated(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("hunter2")
    for written in ("hunter2", f"file:{file}", f"command:{sys.executable} -c 'print(\"hunter2\")'"):
        with pytest.raises(SettingsError) as caught:
            master(written, setting="master_key")
        assert "hunter2" not in caught.value.message.replace(written, "")
    assert "hunter2" not in repr(Master("x", b"hunter2"))


def test_without_one_a_private_key_is_made_in_the_data_folder_once(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data")
    settings = Settings(data=folder.path)
    (found,) = masters(settings, folder)
    assert masters(settings, folder) == [found]
    assert len(found.secret) == 32
    assert stat.S_IMODE(os.stat(folder.master_key).st_mode) == 0o600
    folder.master_key.write_text("damaged")
    with pytest.raises(StoreError, match="Restore it"):
        masters(settings, folder)


def test_the_configured_one_comes_first_and_the_folders_is_a_spare(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "data")
    before = masters(Settings(data=folder.path), folder)[0].secret
    settings = Settings(
        data=folder.path,
        master_key=SecretStr(KEY.hex()),
        master_key_next=SecretStr("the passphrase to come"),
    )
    found = masters(settings, folder)
    assert [each.secret for each in found] == [KEY, b"the passphrase to come", before]
    assert [each.spare for each in found] == [False, False, True]
    folder.master_key.unlink()
    assert len(masters(settings, folder)) == 2
    assert not folder.master_key.exists()
