import io
from pathlib import Path

import pytest

from pisang.cli import attach
from pisang.core.content import Blob
from pisang.core.errors import RequestError

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


async def test_every_kind_of_source_is_read_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched: list[str] = []

    async def fetch(address: str) -> bytes:
        fetched.append(address)
        return PNG + b"fetched"

    monkeypatch.setattr("pisang.client.fetch", fetch)
    (tmp_path / "lies.jpg").write_bytes(PNG + b"file")
    sources = [str(tmp_path / "lies.jpg"), "HTTPS://e.org/x", "-"]

    blobs = await attach.read(sources, stdin=io.BytesIO(PNG + b"stdin"))

    assert blobs == tuple(Blob("image/png", PNG + end) for end in (b"file", b"fetched", b"stdin"))
    assert fetched == ["HTTPS://e.org/x"]


async def test_what_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attach, "MAX_BYTES", 100)
    stdin = io.BytesIO(PNG * 1000)

    with pytest.raises(RequestError, match="larger than"):
        await attach.read(["-"], stdin=stdin)

    assert stdin.tell() == 101
