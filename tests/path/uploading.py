"""What the tests of files share: uploads step by step, and what lies on the disk."""

import base64
import json
from pathlib import Path
from typing import Any

from pisang.accounts import keys, projects
from pisang.testing import Server
from tests.path.asgi import Reply, call, post

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


def related(metadata: object, data: bytes, kind: str = "image/png") -> bytes:
    return (
        b"--xyz\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
        + json.dumps(metadata).encode()
        + f"\r\n--xyz\r\nContent-Type: {kind}\r\n\r\n".encode()
        + data
        + b"\r\n--xyz--\r\n"
    )


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
