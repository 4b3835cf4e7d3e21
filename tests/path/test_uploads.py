"""Uploads as Google's clients make them: resumable, at once, broken off, wrong, and nonsense."""

import asyncio
import base64
import errno
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pisang.files import library, uploads
from pisang.testing import Server
from pisang.testing import server as serving
from tests.path.asgi import Reply, get, post
from tests.path.uploading import (
    PNG,
    UPLOAD,
    address_of,
    blobs_of,
    project_of,
    related,
    second_key,
    send,
    start,
    stored,
    uploaded,
)


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
        assert refused.status == 503
        assert refused.headers["x-goog-upload-status"] == "final"
        assert str(pisang.settings.data) not in refused.body.decode()
    assert stored(pisang) == []
    assert (await send(pisang, started, "query")).status == 404


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


async def test_the_line_of_googles_guide_works_with_its_single_quotes(pisang: Server) -> None:
    assert (await uploaded(pisang, PNG, b"{'file': {'display_name': 'IMAGE'}}"))[
        "displayName"
    ] == "IMAGE"


async def test_behind_a_prefix_and_a_public_address_uploads_find_their_way(tmp_path: Path) -> None:
    behind = {"prefix": "/gemini", "public_url": "https://pictures.example/gemini"}
    async with serving(tmp_path / "data", max_body_mb=1, **behind) as running:
        headers = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
        started = await post(running, f"/gemini{UPLOAD}", b"", headers=headers)
        url = started.headers["x-goog-upload-url"]
        assert url.startswith(f"https://pictures.example/gemini{UPLOAD}?upload_id=")
        large = b"x" * 2_000_000  # more than max_body_mb, which is not for uploads
        done = await send(running, started, "upload, finalize", large, at=0)
        assert done.json["file"]["uri"].startswith("https://pictures.example/gemini/v1beta/files/")
        refused = await post(running, "/gemini/v1beta/models/m:generateContent", large)
        assert "exceeds the limit: 1000000 bytes" in refused.error["message"]
        refused = await post(running, "/gemini/v1beta/files", large)
        assert "exceeds the limit: 1000000 bytes" in refused.error["message"]


async def test_a_body_larger_than_any_file_is_refused_before_it_is_read(pisang: Server) -> None:
    headers = {"x-goog-upload-protocol": "raw", "content-length": "2001000001"}
    refused = await post(pisang, UPLOAD, b"x", headers=headers)
    assert refused.status == 400
    assert "exceeds the limit" in refused.error["message"]
    assert stored(pisang) == []


@pytest.mark.parametrize("name", ["data:evil/\r\nx: y,", "data:text/html,x", "x.\r\n", "x" * 512])
async def test_a_name_chooses_a_type_by_its_ending_only(pisang: Server, name: str) -> None:
    file = await uploaded(pisang, b"?", {"file": {"displayName": name}})
    assert file["mimeType"] == "application/octet-stream"
    assert file["displayName"] == name
