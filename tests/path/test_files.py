"""The Files API: get, list, delete, download, expiry, and what other projects see."""

from datetime import timedelta

import pytest

from pisang.core.clock import now
from pisang.files import library, uploads
from pisang.testing import Server
from tests.databases import database_url as kept_in  # noqa: F401 - on both databases
from tests.path.asgi import get, post
from tests.path.uploading import (
    blobs_of,
    delete,
    project_of,
    second_key,
    send,
    start,
    stored,
    uploaded,
)


async def test_a_file_of_metadata_only_has_no_bytes(pisang: Server) -> None:
    made = await post(pisang, "/v1beta/files", {"file": {"displayName": "later"}})
    file = made.json["file"]
    assert (file["displayName"], file["sizeBytes"]) == ("later", "0")
    assert (await get(pisang, f"/v1/{file['name']}")).json == file


async def test_pages_have_every_file_once_newest_first(pisang: Server) -> None:
    made = [(await uploaded(pisang, bytes([i])))["name"] for i in range(12)]
    first = (await get(pisang, "/v1beta/files")).json
    assert len(first["files"]) == 10
    seen, token = [], ""
    for _ in range(10):
        page = (await get(pisang, f"/v1/files?pageSize=5&pageToken={token}")).json
        seen += [file["name"] for file in page["files"]]
        token = page.get("nextPageToken", "").replace("+", "%2B").replace("=", "%3D")
        if not token:
            break
    assert seen == made[::-1]
    key = await second_key(pisang)
    empty = await get(pisang, "/v1/files", **{"x-goog-api-key": key})
    assert empty.json == {}


@pytest.mark.parametrize("query", ["pageSize=x", "pageToken=x", "pageToken=%FF", "pageSize=-1"])
async def test_a_page_that_is_none_is_refused(pisang: Server, query: str) -> None:
    assert (await get(pisang, f"/v1/files?{query}")).status == 400


async def test_a_deleted_file_is_gone_with_its_bytes(pisang: Server) -> None:
    file = await uploaded(pisang)
    assert len(stored(pisang)) == 1
    assert (await delete(pisang, f"/v1/{file['name']}")).json == {}
    assert stored(pisang) == []
    assert (await get(pisang, f"/v1/{file['name']}")).status == 403
    assert (await delete(pisang, f"/v1/{file['name']}")).status == 403


async def test_another_project_hears_what_it_would_of_no_file_at_all(pisang: Server) -> None:
    file, key = await uploaded(pisang), await second_key(pisang)
    name = file["name"].removeprefix("files/")
    sentence = f"You do not have permission to access the File {name} or it may not exist."
    for reply in (
        await get(pisang, f"/v1beta/files/{name}", **{"x-goog-api-key": key}),
        await get(pisang, f"/v1beta/files/{name}:download?alt=media", **{"x-goog-api-key": key}),
        await delete(pisang, f"/v1beta/files/{name}", key=key),
    ):
        assert reply.status == 403
        assert reply.error["status"] == "PERMISSION_DENIED"
        assert reply.error["message"] == sentence
    assert (await get(pisang, f"/v1beta/files/{name}")).status == 200
    missing = await get(pisang, "/v1beta/files/none")
    assert missing.error["message"] == sentence.replace(name, "none")


async def test_only_generated_files_can_be_downloaded(pisang: Server) -> None:
    file = await uploaded(pisang)
    refused = await get(pisang, f"/v1/{file['name']}:download?alt=media")
    assert refused.status == 400
    assert "uploaded" in refused.error["message"]
    project = await project_of(pisang)
    made = await library.keep(
        pisang.app.database, blobs_of(pisang), project, b"<script>", mime_type="text/html"
    )
    for address in (
        f"/v1/files/{made.name}:download?alt=media",
        f"/download/v1beta/files/{made.name}:download?alt=media",
        f"/v1beta/files/{made.name}%3Adownload?alt=media",
    ):
        got = await get(pisang, address)
        assert (got.status, got.body) == (200, b"<script>")
        assert got.headers["content-disposition"] == "attachment"
        assert got.headers["content-security-policy"] == "sandbox"
    told = (await get(pisang, f"/v1/files/{made.name}")).json
    assert told["source"] == "GENERATED"
    assert told["downloadUri"].endswith(f"/v1beta/files/{made.name}:download?alt=media")


async def test_an_expired_file_is_gone_before_anyone_sweeps(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await uploaded(pisang, body={"file": {"name": "my-cat"}})
    started = await start(pisang, size=1)
    later = now() + timedelta(hours=48, seconds=1)
    for module in (library, uploads):
        monkeypatch.setattr(module, "now", lambda: later)
    assert (await get(pisang, f"/v1/{file['name']}")).status == 403
    assert (await get(pisang, "/v1/files")).json == {}
    assert (await send(pisang, started, "upload, finalize", b"1", at=0)).status == 404
    await uploaded(pisang, body={"file": {"name": "my-cat"}})  # its name is free again
    await library.sweep(pisang.app.database, blobs_of(pisang), later)
    assert len(stored(pisang)) == 1


async def test_a_project_has_only_so_much_room(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "MAX_PROJECT", 10)
    await uploaded(pisang, b"0123456")
    refused = await start(pisang, size=4)
    assert refused.status == 400
    assert "7 are used" in refused.error["message"]
    assert (await start(pisang, size=3)).status == 200
    assert (await start(pisang, size=1)).status == 400  # what others have announced counts
    assert (await start(pisang, size=4, key=await second_key(pisang))).status == 200
