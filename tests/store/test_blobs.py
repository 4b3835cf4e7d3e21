"""Blobs as they come and encrypted: the same bytes, in pieces or whole, mixed in one folder."""

import asyncio
import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from pisang.core.errors import StoreError
from pisang.store import segments
from pisang.store.blobs import Blobs
from pisang.store.keyring import Keyring
from pisang.store.master import Master
from pisang.store.segments import SEGMENT

SIZES = (0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, 3 * SEGMENT + 17)


def keyring(*ids: str) -> Keyring:
    """One without a database."""
    made = Keyring([Master("a test", b"1" * 32)])
    made._keys = {id_: hashlib.sha256(id_.encode()).digest() for id_ in ids}
    made._active = ids[-1]
    return made


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs", keyring("dek_1"), encrypt=request.param)


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def streamed(blobs: Blobs, key: str) -> bytes:
    return b"".join([piece async for piece in blobs.stream(key)])


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_kept_comes_back_whole_and_in_pieces(blobs: Blobs, size: int) -> None:
    data = noise(size)
    key = await blobs.put(data)
    assert await blobs.get(key) == await streamed(blobs, key) == data
    assert await blobs.size(key) == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("steps", [(1, 100, SEGMENT), (SEGMENT,), (7, SEGMENT + 1)])
async def test_one_that_grows_is_the_same_in_the_end(
    blobs: Blobs, size: int, steps: Sequence[int]
) -> None:
    data, key, at, turn = noise(size), await blobs.start(), 0, 0
    while at < size:
        piece = data[at : at + steps[min(turn, len(steps) - 1)]]
        await blobs.append(key, piece + b"lost", at=at)
        await blobs.append(key, piece, at=at)  # a client that sends the same once more
        at, turn = at + len(piece), turn + 1
        assert await blobs.size(key) == at
    for _ in range(2):
        assert await blobs.seal(key) == hashlib.sha256(data).digest()
    assert await blobs.get(key) == await streamed(blobs, key) == data


async def test_what_is_gone_is_gone(blobs: Blobs) -> None:
    key = await blobs.put(b"x")
    await blobs.delete(key, key)
    for work in (blobs.get(key), blobs.size(key), blobs.seal(key), streamed(blobs, key)):
        with pytest.raises(FileNotFoundError):
            await work
    assert files_in(blobs.folder) == []


async def test_nothing_of_an_encrypted_blob_is_on_the_disk(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    await blobs.put(b"a banana " * 10_000)
    key = await blobs.start()
    await blobs.append(key, b"a banana " * 10_000, at=0)
    files = files_in(tmp_path)
    assert len(files) == 2
    for file in files:
        assert b"banana" not in file.read_bytes()


async def test_encrypted_and_plain_ones_are_read_by_whoever_has_the_key(tmp_path: Path) -> None:
    plain = await Blobs(tmp_path).put(b"plain")
    old = await Blobs(tmp_path, keyring("dek_1"), encrypt=True).put(b"old")
    new = await Blobs(tmp_path, keyring("dek_1", "dek_2"), encrypt=True).put(b"new")
    after = Blobs(tmp_path, keyring("dek_1", "dek_2"), encrypt=False)
    assert [await after.get(key) for key in (plain, old, new)] == [b"plain", b"old", b"new"]
    for poor in (Blobs(tmp_path), Blobs(tmp_path, keyring("dek_9"))):
        assert await poor.get(plain) == b"plain"
        with pytest.raises(StoreError, match="same backup"):
            await poor.get(old)


async def test_a_file_that_looks_encrypted_is_kept_as_it_came(tmp_path: Path) -> None:
    data = segments.head("dek_1", segments.new_salt()) + b"x" * 100
    blobs = Blobs(tmp_path, keyring("dek_1"))
    key = await blobs.put(data)
    assert await blobs.get(key) == data
    assert await blobs.size(key) == len(data)


@pytest.mark.parametrize("where", [0, 10, 45, segments.HEAD, segments.HEAD + 20, -1])
async def test_whatever_is_changed_is_seen(tmp_path: Path, where: int) -> None:
    blobs = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    key = await blobs.put(noise(2 * SEGMENT))
    (file,) = files_in(tmp_path)
    data = bytearray(file.read_bytes())
    data[where] ^= 1
    file.write_bytes(data)
    with pytest.raises(StoreError):
        await blobs.get(key)


async def test_what_was_cut_off_moved_or_exchanged_is_seen(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    key = await blobs.put(noise(3 * SEGMENT))
    (file,) = files_in(tmp_path)
    data, sealed = file.read_bytes(), SEGMENT + 28
    head, parts = data[: segments.HEAD], data[segments.HEAD :]
    one, two, three = (parts[number * sealed : (number + 1) * sealed] for number in range(3))
    for wrong in (one + two, one, b"", two + one + three, one + three, one + two + three + three):
        file.write_bytes(head + wrong)
        with pytest.raises(StoreError):
            await blobs.get(key)
    other = await blobs.put(b"other")
    file.write_bytes((tmp_path / other[:2] / f"{other}.sealed").read_bytes())
    with pytest.raises(StoreError):
        await blobs.get(key)


async def test_many_are_written_at_once(blobs: Blobs) -> None:
    made = await asyncio.gather(*(blobs.put(noise(size)) for size in range(30)))
    assert [await blobs.get(key) for key in made] == [noise(size) for size in range(30)]
