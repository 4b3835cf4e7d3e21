"""The Files API as Google's clients use it: resumable and simple uploads, get, list, delete."""

import asyncio
import base64
import errno
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from pisang.accounts import keys, projects
from pisang.core.clock import now
from pisang.core.errors import SettingsError
from pisang.files import library, uploads
from pisang.testing import Server
from pisang.testing import server as serving
from tests.path.asgi import Reply, call, get, post

UPLOAD = "/upload/v1beta/files"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJg"
    "gg=="
)


async def start(
    server: Server,
    body: object = b"",
    *,
    size: int | None = None,
    mime_type: str | None = None,
    version: str = "v1beta",
    key: str | None = None,
) -> Reply:
    headers = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
    if size is not None:
        headers["x-goog-upload-header-content-length"] = str(size)
    if mime_type:
        headers["x-goog-upload-header-content-type"] = mime_type
    return await post(server, f"/upload/{version}/files", body, headers=headers, key=key)


async def send(
    server: Server, started: Reply, command: str, data: bytes = b"", *, at: int | None = None
) -> Reply:
    """The next request of an upload, without a key: that is how Google's Python client sends it."""
    headers = {"x-goog-upload-command": command}
    if at is not None:
        headers["x-goog-upload-offset"] = str(at)
    return await post(server, address_of(started), data, headers=headers, key="")


def address_of(started: Reply) -> str:
    assert started.status == 200, started.body
    url = started.headers["x-goog-upload-url"]
    return "/" + url.split("/", 3)[3]


async def uploaded(server: Server, data: bytes = PNG, body: object = b"") -> dict[str, Any]:
    """The File that an upload in one piece makes."""
    started = await start(server, body, size=len(data))
    done = await send(server, started, "upload, finalize", data, at=0)
    assert done.status == 200, done.body
    return dict(done.json["file"])


async def second_key(server: Server) -> str:
    """A key of another project."""
    async with server.app.database.write() as connection:
        project = await projects.ensure(connection, "second")
        made = await keys.create(connection, project=project, name="second")
    return made.key


async def delete(server: Server, address: str, *, key: str | None = None) -> Reply:
    headers = {"x-goog-api-key": key or server.key}
    return await call(server.app.asgi, "DELETE", address, headers=headers)


async def test_an_upload_in_one_piece_is_a_file(pisang: Server) -> None:
    body = {"file": {"display_name": "a cat", "mime_type": "image/png", "size_bytes": "70"}}
    started = await start(pisang, body, size=len(PNG), version="v1")
    assert started.body == b""
    assert started.headers["x-goog-upload-status"] == "active"
    assert started.headers["x-goog-upload-url"].startswith("http://")
    assert "upload_protocol=resumable" in started.headers["x-goog-upload-url"]
    assert started.headers["x-goog-upload-chunk-granularity"] == "8388608"
    done = await send(pisang, started, "upload, finalize", PNG, at=0)
    assert done.headers["x-goog-upload-status"] == "final"
    file = done.json["file"]
    assert file["name"].startswith("files/")
    assert file["uri"].endswith(f"/v1beta/{file['name']}")
    assert file["displayName"] == "a cat"
    assert (file["mimeType"], file["sizeBytes"]) == ("image/png", str(len(PNG)))
    assert (file["state"], file["source"]) == ("ACTIVE", "UPLOADED")
    hexadecimal = hashlib.sha256(PNG).hexdigest().encode()
    assert base64.b64decode(file["sha256Hash"]) == hexadecimal
    born = datetime.fromisoformat(file["createTime"])
    assert datetime.fromisoformat(file["expirationTime"]) - born == timedelta(hours=48)
    assert file["createTime"].endswith("Z")
    for version in ("v1", "v1beta"):
        assert (await get(pisang, f"/{version}/{file['name']}")).json == file


async def test_pieces_arrive_one_after_another_and_are_counted(pisang: Server) -> None:
    started = await start(pisang, size=10)
    first = await send(pisang, started, "upload", b"01234", at=0)
    assert first.headers["x-goog-upload-status"] == "active"
    assert first.headers["x-goog-upload-size-received"] == "5"
    asked = await send(pisang, started, "query")
    assert asked.headers["x-goog-upload-status"] == "active"
    assert asked.headers["x-goog-upload-size-received"] == "5"
    await send(pisang, started, "upload", b"56789", at=5)
    done = await send(pisang, started, "finalize")
    assert done.json["file"]["sizeBytes"] == "10"
    digest = hashlib.sha256(b"0123456789").hexdigest().encode()
    assert base64.b64decode(done.json["file"]["sha256Hash"]) == digest


async def test_a_wrong_offset_says_where_to_continue(pisang: Server) -> None:
    started = await start(pisang, size=10)
    await send(pisang, started, "upload", b"01234", at=0)
    for offset in (0, 3, 6, 10**15):
        refused = await send(pisang, started, "upload", b"56789", at=offset)
        assert refused.status == 400
        assert "Continue at 5" in refused.error["message"]
        assert refused.headers["x-goog-upload-status"] == "final"
    done = await send(pisang, started, "upload, finalize", b"56789", at=5)
    assert done.json["file"]["sizeBytes"] == "10"


async def test_a_file_can_be_finished_again_because_the_answer_may_be_lost(pisang: Server) -> None:
    started = await start(pisang, size=len(PNG))
    first = await send(pisang, started, "upload, finalize", PNG, at=0)
    again = await send(pisang, started, "upload, finalize", PNG, at=0)
    assert again.json == first.json
    asked = await send(pisang, started, "query")
    assert asked.headers["x-goog-upload-status"] == "final"
    assert asked.headers["x-goog-upload-size-received"] == str(len(PNG))


async def test_what_was_announced_must_come_and_no_more(pisang: Server) -> None:
    started = await start(pisang, size=4)
    more = await send(pisang, started, "upload", b"01234", at=0)
    assert "More bytes came than were announced (4)" in more.error["message"]
    less = await send(pisang, started, "upload, finalize", b"01", at=0)
    assert "2 bytes have arrived, but 4 were announced" in less.error["message"]
    done = await send(pisang, started, "upload, finalize", b"23", at=2)
    assert done.json["file"]["sizeBytes"] == "4"


async def test_a_cancelled_upload_is_gone(pisang: Server) -> None:
    started = await start(pisang, size=4)
    await send(pisang, started, "upload", b"01", at=0)
    cancelled = await send(pisang, started, "cancel")
    assert cancelled.headers["x-goog-upload-status"] == "cancelled"
    gone = await send(pisang, started, "upload, finalize", b"23", at=2)
    assert gone.status == 404
    assert gone.headers["x-goog-upload-status"] == "final"
    assert stored(pisang) == []


@pytest.mark.parametrize("command", ["", "start", "uplaod", "upload, cancel", "query, finalize"])
async def test_a_command_that_is_none_names_those_there_are(pisang: Server, command: str) -> None:
    started = await start(pisang, size=4)
    refused = await send(pisang, started, command)
    assert refused.status == 400
    assert "finalize" in refused.error["message"]


async def test_nobody_guesses_an_upload(pisang: Server) -> None:
    started = await start(pisang, size=4)
    upload_id = address_of(started).split("upload_id=")[1].split("&")[0]
    assert len(upload_id) >= 43
    for wrong in ("", "UP1", upload_id[:-1], upload_id + "A", "%ff%00", "a" * 5000):
        refused = await post(
            pisang,
            f"{UPLOAD}?upload_id={wrong}",
            b"0123",
            headers={"x-goog-upload-command": "upload, finalize"},
            key="",
        )
        assert refused.status == 404


async def test_who_starts_needs_a_key(pisang: Server) -> None:
    assert (await start(pisang, size=4, key="")).status == 403
    assert (await start(pisang, size=4, key="AIza-wrong")).status == 400
    assert stored(pisang) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x-goog-upload-protocol": "raw", "content-type": "image/png"},
        {"x-goog-upload-protocol": "raw", "x-goog-upload-header-content-type": "image/png"},
    ],
)
async def test_raw_bytes_are_a_file_at_once(pisang: Server, headers: Mapping[str, str]) -> None:
    done = await post(pisang, UPLOAD, PNG, headers=headers)
    assert done.headers["x-goog-upload-status"] == "final"
    file = done.json["file"]
    assert (file["mimeType"], file["sizeBytes"]) == ("image/png", str(len(PNG)))
    for query in ("?uploadType=media", "?upload_protocol=raw"):
        plain = {"content-type": "application/octet-stream"}
        done = await post(pisang, UPLOAD + query, PNG, headers=plain)
        assert done.json["file"]["mimeType"] == "image/png"  # the bytes show it


def related(metadata: object, data: bytes, kind: str = "image/png") -> bytes:
    return (
        b"--xyz\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
        + json.dumps(metadata).encode()
        + f"\r\n--xyz\r\nContent-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n--xyz--\r\n"
    )


async def test_metadata_and_bytes_can_come_in_one_body(pisang: Server) -> None:
    body = related({"file": {"displayName": "cat", "name": "files/my-cat"}}, PNG)
    headers = {"content-type": "multipart/related; boundary=xyz"}
    done = await post(pisang, f"{UPLOAD}?uploadType=multipart", body, headers=headers)
    file = done.json["file"]
    assert (file["name"], file["displayName"]) == ("files/my-cat", "cat")
    assert (file["mimeType"], file["sizeBytes"]) == ("image/png", str(len(PNG)))
    headers["x-goog-upload-protocol"] = "multipart"
    assert (await post(pisang, UPLOAD, body, headers=headers)).status == 409


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--xyz--\r\n",
        b"no multipart at all",
        related({"file": {}}, PNG)[:-10],
        related({"file": {}}, PNG)[:100],
        related({"file": {"size_bytes": 3}}, PNG),
        related({"fiel": {}}, PNG),
        related([], PNG),
        related({}, PNG, "no type"),
        b'--xyz\r\nContent-Type: application/json\r\n\r\n{"file": {}}\r\n--xyz--\r\n',
        b"--xyz\r\nX: " + b"y" * 100_000 + b"\r\n\r\n{}\r\n--xyz--\r\n",
        b"--xyz\r\n\r\n" + b"{" * 200_000 + b"\r\n--xyz--\r\n",
    ],
)
async def test_a_multipart_body_that_is_cut_or_wrong_keeps_nothing(
    pisang: Server, body: bytes
) -> None:
    headers = {"content-type": "multipart/related; boundary=xyz"}
    refused = await post(pisang, f"{UPLOAD}?uploadType=multipart", body, headers=headers)
    assert refused.status == 400, refused.body
    assert stored(pisang) == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"file": {"name": "files/Big-Letters"}}, "file.name"),
        ({"file": {"name": "-dash"}}, "file.name"),
        ({"file": {"name": "dash-"}}, "file.name"),
        ({"file": {"name": "a" * 41}}, "file.name"),
        ({"file": {"name": "../x"}}, "file.name"),
        ({"file": {"displayName": "x" * 513}}, "file.display_name"),
        (b'{"file": {"displayName": "\\ud800"}}', None),
        ({"file": {"mimeType": "png"}}, "file.mime_type"),
        ({"file": {"sizeBytes": -1}}, "file.size_bytes"),
        ({"file": {"sizeBytes": 2_000_000_001}}, "file.size_bytes"),
        ({"file": []}, "file"),
        ({"file": {"colour": "red"}}, "file"),
        (b"[]", None),
        (b"{", None),
    ],
)
async def test_metadata_that_cannot_be_names_its_field(
    pisang: Server, body: object, field: str | None
) -> None:
    refused = await start(pisang, body)
    assert refused.status == 400
    if field:
        assert any(
            violation["field"] == field
            for detail in refused.error["details"]
            for violation in detail.get("fieldViolations", ())
        ), refused.body
    assert stored(pisang) == []


async def test_a_chosen_name_is_taken_once_in_a_project(pisang: Server) -> None:
    body = {"file": {"name": "files/my-cat"}}
    assert (await uploaded(pisang, body=body))["name"] == "files/my-cat"
    refused = await start(pisang, body)
    assert refused.status == 409
    assert refused.error["status"] == "ALREADY_EXISTS"
    other = await start(pisang, body, key=await second_key(pisang))
    assert other.status == 200


async def test_two_uploads_of_one_name_end_with_one_file(pisang: Server) -> None:
    body = {"file": {"name": "my-cat"}}
    first, second = await start(pisang, body, size=1), await start(pisang, body, size=1)
    assert (await send(pisang, first, "upload, finalize", b"1", at=0)).status == 200
    assert (await send(pisang, second, "upload, finalize", b"2", at=0)).status == 409


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
        monkeypatch.setattr(module, "the_time", lambda: later)
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


async def test_a_file_has_only_so_many_bytes(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MAX_FILE", 10)
    assert "at most 10 bytes" in (await start(pisang, size=11)).error["message"]
    started = await start(pisang)
    refused = await send(pisang, started, "upload", b"x" * 11, at=0)
    assert refused.status == 400
    assert "at most 10 bytes" in refused.error["message"]


async def test_a_newer_request_takes_an_upload_over(pisang: Server) -> None:
    """A client whose connection broke tries again before this side has noticed."""
    started = await start(pisang, size=10)
    arrived, hang = asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not arrived.is_set():
            arrived.set()
            return {"type": "http.request", "body": b"0123", "more_body": True}
        await hang.wait()
        return {"type": "http.request", "body": b"9", "more_body": False}

    older = asyncio.create_task(raw_send(pisang, started, receive))
    await arrived.wait()
    await asyncio.sleep(0)
    done = await send(pisang, started, "upload, finalize", b"0123456789", at=0)
    assert done.status == 200
    hang.set()
    assert await older == 400
    file = done.json["file"]
    project = await project_of(pisang)
    kept = await library.find(pisang.app.database, project, file["name"].removeprefix("files/"))
    assert kept is not None
    assert await blobs_of(pisang).get(kept.blob) == b"0123456789"


async def raw_send(server: Server, started: Reply, receive: Any) -> int:
    status = 0

    async def answer(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)

    path, _, query = address_of(started).partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"x-goog-upload-command", b"upload"), (b"x-goog-upload-offset", b"0")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }
    await server.app.asgi(scope, receive, answer)
    return status


def stored(server: Server) -> list[Path]:
    """The blobs there are."""
    return [path for path in (server.settings.data / "blobs").glob("*/*") if path.is_file()]


def blobs_of(server: Server) -> Any:
    return server.app.asgi.state.shared.blobs


async def project_of(server: Server) -> str:
    async with server.app.database.read() as connection:
        return (await projects.find(connection, projects.DEFAULT)).id


async def generated(server: Server, uri: str, *, key: str | None = None, verb: str = "") -> Reply:
    parts = [{"text": "edit it"}, {"fileData": {"fileUri": uri, "mimeType": "image/png"}}]
    address = f"/v1beta/models/gemini-3-pro-image:{verb or 'generateContent'}"
    return await post(server, address, {"contents": [{"parts": parts}]}, key=key)


async def test_an_uploaded_picture_can_be_named_in_a_request(pisang: Server) -> None:
    file = await uploaded(pisang)
    assert (await generated(pisang, file["uri"])).status == 200
    part = pisang.engine.asked[0].contents[0].parts[1]
    assert part.file is None
    assert part.blob is not None
    assert (part.blob.mime_type, part.blob.data) == ("image/png", PNG)
    counted = await generated(pisang, file["uri"], verb="countTokens")
    modalities = {row["modality"] for row in counted.json["promptTokensDetails"]}
    assert "IMAGE" in modalities
    refused = await generated(pisang, file["uri"], key=await second_key(pisang))
    assert refused.status == 403
    assert "do not have permission" in refused.error["message"]


async def test_a_bucket_is_a_folder_of_the_operator(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.png").write_bytes(PNG)
    buckets = {"photos": str(tmp_path / "photos")}
    async with serving(tmp_path / "data", buckets=buckets) as running:
        assert (await generated(running, "gs://photos/cat.png")).status == 200
        missing = await generated(running, "gs://photos/dog.png")
        assert missing.status == 400
        assert "no such object" in missing.error["message"]
        unknown = await generated(running, "gs://others/cat.png")
        assert "setting buckets" in unknown.error["message"]
        assert str(tmp_path) not in unknown.body.decode()


async def test_private_addresses_are_not_fetched_and_the_field_is_named(pisang: Server) -> None:
    for verb in ("generateContent", "countTokens"):
        refused = await generated(pisang, "https://127.0.0.1/cat.png", verb=verb)
        assert refused.status == 400
        violations = [v for d in refused.error["details"] for v in d.get("fieldViolations", ())]
        assert violations[0]["field"] == "contents[0].parts[1].file_data"
    assert pisang.engine.asked == []


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"fetch_allow": "http://x"}, "fetch_allow"),
        ({"buckets": {"photos": "/no/such"}}, "buckets"),
    ],
)
async def test_settings_that_cannot_work_are_told_at_the_start(
    tmp_path: Path, settings: dict[str, object], name: str
) -> None:
    with pytest.raises(SettingsError, match=name):
        async with serving(tmp_path / "data", **settings):
            pass


async def test_a_full_disk_is_told_without_its_path_and_the_upload_is_given_up(
    pisang: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = await start(pisang, size=10)
    await send(pisang, started, "upload", b"01234", at=0)
    opened = Path.open

    def full(path: Path, mode: str = "r", *arguments: Any) -> Any:
        if mode == "r+b":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return opened(path, mode, *arguments)

    monkeypatch.setattr(Path, "open", full)
    for refused in (
        await send(pisang, started, "upload, finalize", b"56789", at=5),
        await post(pisang, UPLOAD, PNG, headers={"x-goog-upload-protocol": "raw"}),
    ):
        assert refused.status == 500
        assert refused.headers["x-goog-upload-status"] == "final"
        assert str(pisang.settings.data) not in refused.body.decode()
    assert stored(pisang) == []
    assert (await send(pisang, started, "query")).status == 404


HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "x-goog-upload-protocol",
            "x-goog-upload-command",
            "x-goog-upload-offset",
            "x-goog-upload-header-content-length",
            "x-goog-upload-header-content-type",
            "x-goog-upload-file-name",
            "content-type",
            "content-encoding",
        ]
    ),
    st.one_of(
        st.sampled_from(
            [
                "resumable",
                "raw",
                "multipart",
                "start",
                "upload",
                "upload, finalize",
                "finalize",
                "query",
                "cancel",
                "0",
                "1",
                "99999999999999999999",
                "-1",
                "image/png",
                "multipart/related; boundary=x",
                "multipart/form-data; boundary=x",
                "multipart/form-data",
                "gzip",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    ),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"", b"{}", b'{"file":{}}', b'{"file":{"name":"a"}}', b"--x\r\n\r\n{}\r\n--x--"]
    ),
)


def test_no_headers_and_no_bytes_are_a_defect(tmp_path: Path) -> None:
    """Whatever is sent is answered in the dialect, and never by a defect."""
    with asyncio.Runner() as runner:
        inside = serving(tmp_path / "data")
        running = runner.run(inside.__aenter__())

        @given(headers=HEADERS, body=BODIES, further=HEADERS)
        @hypothesis_settings(max_examples=200, deadline=None)
        def play(headers: dict[str, str], body: bytes, further: dict[str, str]) -> None:
            runner.run(fuzzed(running, headers, body, further))

        try:
            play()
        finally:
            runner.run(inside.__aexit__(None, None, None))


async def fuzzed(
    server: Server, headers: dict[str, str], body: bytes, further: dict[str, str]
) -> None:
    started = await start(server, size=3)
    for address, sent in (
        (UPLOAD, headers),
        (address_of(started), further),
        ("/v1/files", headers),
        ("/v1/openai/files", further),
    ):
        reply = await post(server, address, body, headers=sent)
        assert reply.status < 500, reply.body
        if reply.status >= 400:
            assert reply.json["error"]["message"]
        if address.startswith("/upload"):
            assert reply.headers["x-goog-upload-status"] in {"active", "final", "cancelled"}


async def test_objects_of_a_bucket_can_be_registered(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/cat.bin").write_bytes(PNG)
    (tmp_path / "photos/note.txt").write_bytes(b"hello")
    buckets = {"photos": str(tmp_path / "photos")}
    async with serving(tmp_path / "data", buckets=buckets) as running:
        body = {"uris": ["gs://photos/cat.bin", "gs://photos/note.txt"]}
        made = (await post(running, "/v1beta/files:register", body)).json["files"]
        assert [file["mimeType"] for file in made] == ["image/png", "text/plain"]
        assert {file["source"] for file in made} == {"REGISTERED"}
        assert (await generated(running, made[0]["uri"])).status == 200
        for wrong, field in (
            ({"uris": ["gs://photos/cat.bin", "gs://photos/dog"]}, "uris[1]"),
            ({"uris": ["https://a.test/x"]}, "uris[0]"),
            ({"uris": []}, "uris"),
            ({"uris": ["gs://photos/x"] * 101}, "uris"),
            ({"uris": [1]}, "uris[0]"),
            ({"uri": "gs://photos/cat.bin"}, "uris"),
        ):
            refused = await post(running, "/v1beta/files:register", wrong)
            assert refused.status == 400
            violations = [v for d in refused.error["details"] for v in d.get("fieldViolations", ())]
            assert violations[0]["field"] == field


async def test_a_type_that_cannot_be_is_refused_in_googles_words(pisang: Server) -> None:
    for refused in (
        await start(pisang, mime_type="bad/mime_type"),
        await start(pisang, {"file": {"mime_type": "bad/mime_type"}}),
    ):
        assert refused.status == 400
        assert refused.error["message"].startswith("Unsupported MIME type: bad/mime_type.")


async def test_a_type_nobody_said_is_found(pisang: Server) -> None:
    assert (await uploaded(pisang))["mimeType"] == "image/png"
    named = await uploaded(pisang, b"a,b", {"file": {"displayName": "table.csv"}})
    assert named["mimeType"] == "text/csv"
    assert (await uploaded(pisang, b"?"))["mimeType"] == "application/octet-stream"
