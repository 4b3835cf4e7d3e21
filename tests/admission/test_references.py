"""Files that a request names: found by any form of name, limited together, never another's."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from pisang.accounts import projects
from pisang.admission.references import MOST_FILES, CallerFiles
from pisang.assets import library as assets
from pisang.core.caller import Caller
from pisang.core.content import Blob, FileRef
from pisang.core.errors import FetchFailed, NotFound, PermissionDenied, RequestTooLarge
from pisang.core.files import Source
from pisang.fetch.fetcher import Fetched, Fetcher
from pisang.files import library
from pisang.store.blobs import Blobs
from pisang.store.buckets import Buckets
from pisang.store.database import Database
from pisang.store.open import opened

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
FIELD = "contents[0].parts[0].file_data"


class FakeFetcher(Fetcher):
    """Brings what a test gave it, and keeps how many were on their way at once."""

    def __init__(self, pages: Mapping[str, Fetched]) -> None:
        super().__init__()
        self.pages, self.asked, self.running, self.most_running = pages, list[str](), 0, 0
        self.begun = asyncio.Event()

    async def fetch(self, address: str, *, field: str) -> Fetched:
        self.asked.append(address)
        self.running += 1
        self.begun.set()
        self.most_running = max(self.most_running, self.running)
        try:
            await asyncio.sleep(0.001)
            if address not in self.pages:
                raise FetchFailed("not there", field=field)
            return self.pages[address]
        finally:
            self.running -= 1


@dataclass
class House:
    database: Database
    blobs: Blobs
    fetcher: FakeFetcher
    files: CallerFiles
    caller: Caller
    stranger: Caller

    async def uploaded(self, data: bytes, mime_type: str = "image/png") -> str:
        made = await library.keep(
            self.database,
            self.blobs,
            self.caller.project_id,
            data,
            mime_type=mime_type,
            source=Source.UPLOADED,
        )
        return made.name

    async def load(self, *uris: str, caller: Caller | None = None) -> list[Blob]:
        named = {f"contents[0].parts[{i}].file_data": FileRef(uri) for i, uri in enumerate(uris)}
        found = await self.files.load(caller or self.caller, named)
        assert list(found) == list(named)
        return list(found.values())


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat").write_bytes(GIF)
    fetcher = FakeFetcher({"https://a.test/x": Fetched(b"text", "text/plain")})
    async with opened(tmp_path / "data") as (folder, database):
        blobs = Blobs(folder.blobs)
        async with database.write() as connection:
            mine = await projects.ensure(connection, "mine")
            theirs = await projects.ensure(connection, "theirs")
        files = CallerFiles(
            database=database,
            blobs=blobs,
            buckets=Buckets({"photos": tmp_path / "photos"}),
            fetcher=fetcher,
            most=100,
        )
        callers = [Caller(project.id, "key_1") for project in (mine, theirs)]
        yield House(database, blobs, fetcher, files, *callers)


@pytest.mark.parametrize(
    "form",
    [
        "files/{}",
        "/files/{}",
        "https://generativelanguage.googleapis.com/v1beta/files/{}",
        "https://generativelanguage.googleapis.com/v1/files/{}",
        "http://127.0.0.1:8787/v1beta/files/{}",
        "https://proxy.example/some/prefix/v1alpha/files/{}",
        "https://proxy.example/v1beta/files/{}:download?alt=media",
        "file-{}",
        " files/{} ",
    ],
)
async def test_an_uploaded_file_is_found_by_every_form_of_its_name(house: House, form: str) -> None:
    name = await house.uploaded(GIF)
    assert await house.load(form.format(name)) == [Blob("image/gif", GIF)]
    assert house.fetcher.asked == []


async def test_another_projects_file_is_as_if_it_were_not(house: House) -> None:
    name = await house.uploaded(GIF)
    for uri, kind in ((f"files/{name}", PermissionDenied), (f"file-{name}", NotFound)):
        said = []
        for asked in (uri, uri.replace(name, "none")):
            with pytest.raises(kind) as error:
                await house.load(asked, caller=house.stranger)
            assert error.value.field == FIELD
            said.append(error.value.message.replace(name, "none"))
        assert said[0] == said[1]


@pytest.mark.parametrize(
    "uri",
    [
        "https://a.test/files/abc",
        "https://a.test/v1beta/files/abc/def",
        "https://a.test/?x=/v1beta/files/abc",
        "https://a.test/v1beta/files/ABC",
        "files/../x",
        "file-",
    ],
)
async def test_what_only_looks_like_a_file_is_fetched(house: House, uri: str) -> None:
    with pytest.raises(FetchFailed):
        await house.load(uri)
    assert house.fetcher.asked == [uri]


async def test_buckets_and_addresses_and_inline_data(house: House) -> None:
    inline = "data:image/png;charset=x;base64," + base64.b64encode(GIF).decode()
    assert await house.load(
        "gs://photos/cat", "https://a.test/x", inline, "data:text/plain,a%20b", "data:,x"
    ) == [
        Blob("image/gif", GIF),
        Blob("text/plain", b"text"),
        Blob("image/gif", GIF),  # the bytes count, not what was said of them
        Blob("text/plain", b"a b"),
        Blob("application/octet-stream", b"x"),
    ]


async def test_a_long_data_address_must_be_base64(house: House) -> None:
    assert await house.load("data:," + "%41" * 30) == [Blob("application/octet-stream", b"A" * 30)]
    with pytest.raises(FetchFailed, match="unless it is base64"):
        await house.load("data:," + "%41" * 40_000)


@pytest.mark.parametrize("uri", ["data:", "data:image/png;base64,!!!", "data:image/png", ""])
async def test_what_is_no_address_at_all_is_refused(house: House, uri: str) -> None:
    with pytest.raises(FetchFailed):
        await house.load(uri)


async def test_what_is_named_twice_is_brought_once(house: House) -> None:
    assert len(await house.load(*["https://a.test/x"] * 200)) == 200
    assert house.fetcher.asked == ["https://a.test/x"]


async def test_the_files_of_a_request_are_limited_together(house: House) -> None:
    names = [await house.uploaded(b"x" * 40) for _ in range(3)]
    assert len(await house.load(*[f"files/{name}" for name in names[:2]])) == 2
    with pytest.raises(RequestTooLarge, match="more than 100 bytes together"):
        await house.load(*[f"files/{name}" for name in names])


async def test_a_request_names_only_so_many_files_and_few_are_fetched_at_once(house: House) -> None:
    pages = {f"https://a.test/{i}": Fetched(b"x", "") for i in range(MOST_FILES)}
    house.fetcher.pages = pages
    assert len(await house.load(*pages)) == MOST_FILES
    assert house.fetcher.most_running == 4
    with pytest.raises(FetchFailed, match="at most 64 files"):
        await house.load(*pages, "https://a.test/more")
    assert len(house.fetcher.asked) == MOST_FILES


async def test_one_that_fails_stops_the_others(house: House) -> None:
    house.fetcher.pages = {f"https://a.test/{i}": Fetched(b"x", "") for i in range(1, 20)}
    with pytest.raises(FetchFailed) as error:
        await house.load(*[f"https://a.test/{i}" for i in range(20)])
    assert error.value.field == FIELD
    assert len(house.fetcher.asked) < 10
    assert house.fetcher.running == 0


async def test_who_gives_up_stops_the_fetching(house: House) -> None:
    work = asyncio.create_task(house.load("https://a.test/x"))
    await house.fetcher.begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert house.fetcher.running == 0


async def test_a_link_to_ones_own_picture_needs_no_fetching(house: House) -> None:
    kept = await assets.keep(
        house.database,
        house.blobs,
        house.caller.project_id,
        Blob("image/gif", GIF),
        model="m",
        days=1,
    )
    link = assets.link("http://127.0.0.1:8787/prefix", b"k" * 32, kept, 60)
    assert await house.load(link) == [Blob("image/gif", GIF)]
    assert house.fetcher.asked == []
    with pytest.raises(FetchFailed):
        await house.load(link, caller=house.stranger)
    assert house.fetcher.asked == [link]


async def test_naming_very_many_files_costs_no_look_for_each(house: House) -> None:
    named = {f"contents[0].parts[{i}].file_data": FileRef(f"files/f{i}") for i in range(5000)}
    with pytest.raises(FetchFailed, match="at most"):
        await house.files.own(house.caller, named)
    same = dict.fromkeys(named, FileRef("files/not-ours"))
    assert await house.files.own(house.caller, same) == {}
