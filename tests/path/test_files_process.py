"""The Files API on a real server: kills in the middle of an upload, and bodies larger than memory
should ever hold."""

import hashlib
import http.client
import json
import signal
import socket
import time
from base64 import b64decode
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.path.test_serve import LIMIT, Running, serving

MEGABYTE = 1_000_000


def request(
    server: Running, path: str, data: bytes = b"", *, key: str = "", **headers: str
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=LIMIT)
    sent = {f"x-goog-upload-{name}": value for name, value in headers.items()}
    if key:
        sent["x-goog-api-key"] = key
    connection.request("POST", path, body=data, headers=sent)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def start(server: Running, key: str, size: int) -> str:
    """The path at which the bytes go on."""
    headers = {"protocol": "resumable", "command": "start", "header-content-length": str(size)}
    answer = request(server, "/upload/v1beta/files", key=key, **headers)
    address = urlsplit(str(answer.headers["x-goog-upload-url"]))
    return f"{address.path}?{address.query}"


def received(server: Running, path: str) -> int:
    answer = request(server, path, command="query")
    assert answer.headers["x-goog-upload-status"] == "active"
    return int(str(answer.headers["x-goog-upload-size-received"]))


def test_an_upload_goes_on_after_the_server_was_killed_in_the_middle(tmp_path: Path) -> None:
    data = bytes(range(256)) * 20_000
    with serving(tmp_path) as server:
        key = server.key
        path = start(server, key, len(data))
        host = urlsplit(server.url)
        with socket.create_connection((str(host.hostname), host.port or 0), LIMIT) as half:
            head = (
                f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(data)}\r\n"
                "x-goog-upload-command: upload, finalize\r\nx-goog-upload-offset: 0\r\n\r\n"
            )
            half.sendall(head.encode() + data[: 3 * MEGABYTE])
            ends = time.monotonic() + LIMIT
            while received(server, path) < 2 * MEGABYTE:
                assert time.monotonic() < ends
                time.sleep(0.02)
            server.process.send_signal(signal.SIGKILL)
            server.process.wait(LIMIT)
    with serving(tmp_path) as again:
        at = received(again, path)
        assert 2 * MEGABYTE <= at <= 3 * MEGABYTE
        done = request(again, path, data[at:], command="upload, finalize", offset=str(at))
        assert done.headers["x-goog-upload-status"] == "final"
        file = json.loads(done.body)["file"]  # type: ignore[attr-defined]
        assert b64decode(file["sha256Hash"]).decode() == hashlib.sha256(data).hexdigest()
        again.out.write_text(key)
        assert again.ask(f"/v1beta/{file['name']}")[0] == 200


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells the most memory"
)
def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    size = 120 * MEGABYTE
    config = tmp_path / "small.toml"
    config.write_text("max_body_mb = 1")  # which is for bodies that are held in memory
    with serving(tmp_path, "--config", str(config)) as server:
        path = start(server, server.key, size)
        before = peak(server)
        done = request(server, path, b"x" * size, command="upload, finalize", offset="0")
        assert json.loads(done.body)["file"]["sizeBytes"] == str(size)  # type: ignore[attr-defined]
        raw = request(server, "/upload/v1beta/files", b"x" * size, key=server.key, protocol="raw")
        assert raw.status == 200
        assert peak(server) - before < 40 * MEGABYTE


def peak(server: Running) -> int:
    """The most memory that the process has had, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) * 1024
