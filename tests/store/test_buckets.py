"""gs:// addresses: what is read and written lies in the bucket's folder, and nowhere else."""

import os
from pathlib import Path

import pytest

from pisang.core.errors import FetchFailed, StoreError
from pisang.store.buckets import Buckets

FIELD = "parameters.storage_uri"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "photos"
    place.mkdir()
    return place


@pytest.fixture
def buckets(folder: Path) -> Buckets:
    return Buckets({"photos": folder}, most=1000)


async def test_what_is_written_can_be_read(buckets: Buckets, folder: Path) -> None:
    await buckets.write("gs://photos/a/b/cat ü.png", b"first", field=FIELD)
    await buckets.write("gs://photos/a/b/cat ü.png", b"second", field=FIELD)
    assert await buckets.read("gs://photos/a/b/cat ü.png", field=FIELD) == b"second"
    assert [path.name for path in (folder / "a/b").iterdir()] == ["cat ü.png"]


async def test_an_unknown_bucket_names_the_setting_that_maps_it(buckets: Buckets) -> None:
    for work in (
        buckets.read("gs://others/cat.png", field=FIELD),
        buckets.write("gs://others/cat.png", b"", field=FIELD),
    ):
        with pytest.raises(FetchFailed, match=r"setting buckets \(others=/folder\)") as error:
            await work
        assert error.value.field == FIELD


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "a/../../secret",
        "./secret",
        "a//b",
        "/etc/passwd",
        "a/",
        "..",
        ".",
        "a\\..\\b",
        "a\0b",
        "\ud800",
        "x" * 1025,
        "x" * 600,
        "x.pisang-draft",
    ],
)
async def test_a_name_that_is_none_is_refused(buckets: Buckets, folder: Path, name: str) -> None:
    (folder.parent / "secret").write_bytes(b"secret")
    for work in (
        buckets.read(f"gs://photos/{name}", field=FIELD),
        buckets.write(f"gs://photos/{name}", b"mine", field=FIELD),
    ):
        with pytest.raises(FetchFailed):
            await work
    assert (folder.parent / "secret").read_bytes() == b"secret"


async def test_an_address_is_checked_before_there_is_anything_to_write(buckets: Buckets) -> None:
    buckets.check("gs://photos/a/b.png", field=FIELD)
    for uri in ("gs://others/a/b.png", "gs://photos/../b.png", "https://photos/b.png"):
        with pytest.raises(FetchFailed) as error:
            buckets.check(uri, field=FIELD)
        assert error.value.field == FIELD


@pytest.mark.parametrize("uri", ["gs://photos", "gs://photos/", "gs:///x", "s3://photos/x", ""])
async def test_an_address_that_is_none_is_refused(buckets: Buckets, uri: str) -> None:
    with pytest.raises(FetchFailed, match="gs://bucket/name"):
        await buckets.read(uri, field=FIELD)


async def test_links_may_lead_about_the_folder_but_not_out_of_it(
    buckets: Buckets, folder: Path
) -> None:
    (folder.parent / "secret").write_bytes(b"secret")
    (folder / "cat").write_bytes(b"cat")
    (folder / "in").symlink_to(folder / "cat")
    (folder / "out").symlink_to(folder.parent / "secret")
    (folder / "up").symlink_to(folder.parent)
    (folder / "circle").symlink_to(folder / "circle")
    assert await buckets.read("gs://photos/in", field=FIELD) == b"cat"
    for name in ("out", "up/secret", "circle", "circle/x"):
        with pytest.raises(FetchFailed):
            await buckets.read(f"gs://photos/{name}", field=FIELD)
        with pytest.raises(FetchFailed):
            await buckets.write(f"gs://photos/{name}", b"mine", field=FIELD)
    with pytest.raises(FetchFailed):
        await buckets.write("gs://photos/up/new/folder/x", b"mine", field=FIELD)
    assert not (folder.parent / "new").exists()
    assert (folder.parent / "secret").read_bytes() == b"secret"


async def test_only_files_of_the_right_size_are_read(buckets: Buckets, folder: Path) -> None:
    (folder / "most").write_bytes(b"x" * 1000)
    (folder / "more").write_bytes(b"x" * 1001)
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    assert len(await buckets.read("gs://photos/most", field=FIELD)) == 1000
    with pytest.raises(FetchFailed, match="larger than 1000 bytes"):
        await buckets.read("gs://photos/more", field=FIELD)
    for name in ("pipe", "folder", "none", "most/x"):
        with pytest.raises(FetchFailed):
            await buckets.read(f"gs://photos/{name}", field=FIELD)
    for name in ("folder", "most/x"):
        with pytest.raises(FetchFailed, match="taken"):
            await buckets.write(f"gs://photos/{name}", b"", field=FIELD)


async def test_a_folder_that_is_gone_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="setting buckets"):
        await Buckets({"gone": tmp_path / "gone"}).write("gs://gone/x", b"", field=FIELD)
    assert not (tmp_path / "gone").exists()
