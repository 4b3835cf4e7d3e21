"""What a server keeps of secrets: nothing that somebody who copies its database can use."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from pisang.accounts import keys, projects
from pisang.audit import verify
from pisang.core.caller import Allowance
from pisang.core.errors import SettingsError
from pisang.store.open import opened
from pisang.testing import Server, server
from tests.path.asgi import call
from tests.path.uploading import uploaded

SECRET = "AIzaSyTheKeyOfTheUpstream-1234567890"
STUDIO = {"kind": "google", "api_keys": [SECRET], "base_url": "http://127.0.0.1:1"}
ENGINE = "/admin/v1/engines/studio"


async def _engine(running: Server, method: str = "PUT") -> int:
    async with running.app.database.write() as connection:
        home = await projects.ensure(connection, "default")
        made = await keys.create(connection, home, name="k", allowed=[Allowance.ADMIN])
    data = json.dumps(STUDIO).encode() if method == "PUT" else b""
    headers = {"content-length": str(len(data)), "x-goog-api-key": made.key}
    reply = await call(running.app.asgi, method, ENGINE, headers=headers, chunks=[data])
    assert SECRET.encode() not in reply.body
    return reply.status


def _with(data: Path, secret: bytes) -> list[str]:
    files = [path for path in data.rglob("*") if path.is_file()]
    return [path.name for path in files if secret in path.read_bytes()]


async def test_the_key_of_an_upstream_is_nowhere_in_the_data_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with server(data) as running:
        assert await _engine(running) == 201
        assert _with(data, SECRET.encode()) == []
    assert _with(data, SECRET.encode()) == []
    async with opened(data) as (_, database), database.read() as connection:
        assert (await verify.verify(connection)).broken is None


async def test_an_engine_works_after_a_restart_under_its_master_key_only(tmp_path: Path) -> None:
    data, key = tmp_path / "data", SecretStr("a passphrase of the operator")
    async with server(data, master_key=key) as running:
        assert await _engine(running) == 201
    with pytest.raises(SettingsError, match="another master key"):
        async with server(data, master_key=SecretStr("another passphrase altogether")):
            pass
    with pytest.raises(ValueError, match="used before"):  # it starts, and has no first key to tell
        async with server(data, master_key=key):
            pass


async def test_files_are_encrypted_where_the_operator_wants_it(tmp_path: Path) -> None:
    words = b"the words of a caller " * 10_000
    async with server(tmp_path / "data", encrypt_blobs="on") as running:
        file = await uploaded(running, words)
        assert _with(tmp_path / "data", b"the words of a caller") == []
        assert file["sizeBytes"] == str(len(words))
        blobs = running.app.asgi.state.shared.blobs
        (key,) = [path.name.split(".")[0] for path in blobs.folder.glob("*/*.sealed")]
        assert await blobs.get(key) == words
