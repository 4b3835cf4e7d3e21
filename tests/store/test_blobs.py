"""Blobs as they come and encrypted: the same bytes, in pieces or whole, mixed in one folder."""

import asyncio
import errno
import hashlib
import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pisang.core.errors import StoreError
from pisang.core.obstacles import Obstacle
from pisang.store import segments
from pisang.store.blobs import Blobs, Rewrapped
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


def head_of(folder: Path, key: str) -> bytes:
    return (folder / key[:2] / f"{key}.sealed").read_bytes()[: segments.HEAD]


async def test_a_new_data_key_changes_the_heads_of_files_and_nothing_else(tmp_path: Path) -> None:
    old = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    plain = await Blobs(tmp_path).put(b"plain")
    made = {await old.put(noise(size)): size for size in SIZES}
    before = {path: path.read_bytes()[segments.HEAD :] for path in files_in(tmp_path)}
    new = Blobs(tmp_path, keyring("dek_1", "dek_2"), encrypt=True)
    assert await new.counted() == {"dek_1": len(SIZES)}
    assert await new.rewrap() == Rewrapped(len(SIZES), 0)
    assert await new.counted() == {"dek_2": len(SIZES)}
    assert await new.rewrap() == Rewrapped(0, 0)
    assert {path: path.read_bytes()[segments.HEAD :] for path in files_in(tmp_path)} == before
    poor = Blobs(tmp_path, keyring("dek_2"))  # the old data key is needed for nothing
    for key, size in made.items():
        assert await poor.get(key) == noise(size)
    assert await poor.get(plain) == b"plain"


async def test_a_file_that_grows_meanwhile_goes_on_growing(tmp_path: Path) -> None:
    old = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    key = await old.start()
    await old.append(key, noise(SEGMENT + 9), at=0)
    new = Blobs(tmp_path, keyring("dek_1", "dek_2"), encrypt=True)
    await new.rewrap()
    await new.append(key, b"and more", at=SEGMENT + 9)
    data = noise(SEGMENT + 9) + b"and more"
    assert await new.seal(key) == hashlib.sha256(data).digest()
    assert await Blobs(tmp_path, keyring("dek_2")).get(key) == data


async def test_one_that_was_cut_off_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    made = [await old.put(noise(size)) for size in SIZES]
    new, real = Blobs(tmp_path, keyring("dek_1", "dek_2")), segments.head
    calls = iter(range(3))

    def dies(*words: Any) -> bytes:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*words)

    with monkeypatch.context() as patch:
        patch.setattr(segments, "head", dies)
        with pytest.raises(KeyboardInterrupt):
            new._rewrap()
    assert await new.counted() == {"dek_1": len(SIZES) - 3, "dek_2": 3}
    assert [await new.get(key) for key in made] == [noise(size) for size in SIZES]
    assert await new.rewrap() == Rewrapped(len(SIZES) - 3, 0)


async def test_a_damaged_file_keeps_no_other_from_its_new_key(tmp_path: Path) -> None:
    old = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    made = [await old.put(noise(100)) for _ in range(5)]
    for number, damage in enumerate((b"", b"no head at all" * 20)):
        key = made[number]
        (tmp_path / key[:2] / f"{key}.sealed").write_bytes(damage)
    new = Blobs(tmp_path, keyring("dek_1", "dek_2"))
    assert await new.rewrap() == Rewrapped(3, 2)
    assert await new.counted() == {"dek_2": 3}


async def test_a_head_opens_only_its_own_file(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, keyring("dek_1"), encrypt=True)
    one, other = await blobs.put(b"one"), await blobs.put(b"two")
    place = tmp_path / one[:2] / f"{one}.sealed"
    place.write_bytes(head_of(tmp_path, other) + place.read_bytes()[segments.HEAD :])
    with pytest.raises(StoreError, match="its key cannot be read"):
        await blobs.get(one)


async def test_a_file_that_looks_encrypted_is_kept_as_it_came(tmp_path: Path) -> None:
    data = segments.head("dek_1", b"1" * 32, segments.new_key(), "name") + b"x" * 100
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


async def test_a_folder_is_seen_to_take_files_and_keeps_none_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "blobs"
    await Blobs(folder).check()
    assert files_in(folder) == []
    (folder / "00").rmdir()
    (folder / "00").write_text("in the way")
    with pytest.raises(StoreError, match="blobs cannot be used"):
        await Blobs(folder).check()


@pytest.mark.parametrize(
    ("number", "obstacle"),
    [
        (errno.ENOSPC, Obstacle.DISK_FULL),
        (errno.EDQUOT, Obstacle.DISK_FULL),
        (errno.EROFS, Obstacle.DISK_READ_ONLY),
        (errno.EACCES, None),
    ],
)
async def test_what_the_disk_says_is_known_for_who_may_not_read_it(
    number: int, obstacle: Obstacle | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, data: bytes) -> int:
        raise OSError(number, os.strerror(number), str(path), data)

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(StoreError) as caught:
        await Blobs(tmp_path).check()
    assert caught.value.obstacle is obstacle
