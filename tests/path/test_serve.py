"""A real ``pisang serve`` as a person starts it: first start, signals, kills, busy ports."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pisang.core.image import sniff

PISANG = Path(sys.executable).with_name("pisang")
LIMIT = 60  # seconds: the machine may be busy


@dataclass
class Running:
    """A server process, its address, and what it has printed so far."""

    process: subprocess.Popen[bytes]
    url: str
    out: Path
    err: Path

    @property
    def key(self) -> str:
        found = re.search(r"psk_\w+", self.out.read_text())
        assert found
        return found.group()

    def ask(self, path: str, body: object = None) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, headers={"x-goog-api-key": self.key}
        )
        try:
            with urllib.request.urlopen(request, timeout=LIMIT) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Running]:
    """Starts a server on ``folder/data`` and waits for its address."""
    out, err = folder / "out", folder / "err"
    command = [str(PISANG), "serve", "--port", "0", "--data", str(folder / "data"), *arguments]
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(command, stdout=to_out, stderr=to_err, cwd=folder)
    try:
        yield Running(process, _address(process, out, err), out, err)
    finally:
        process.kill()
        process.wait(LIMIT)


def _address(process: subprocess.Popen[bytes], out: Path, err: Path) -> str:
    for _ in range(LIMIT * 20):
        text = out.read_text()  # the key comes after the address, as do the lines to paste
        found = re.search(r"http://[\d.:]+[\w/]*", text)
        if found and re.search(r"^Keys: |inline_data\]", text, re.MULTILINE):
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"no server: {out.read_text()} {err.read_text()}")


def test_the_first_start_shows_lines_that_work_as_pasted(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        text = server.out.read_text()
        lines = [line.strip() for line in text.splitlines() if line.startswith("  ")]
        key, with_curl, with_python = lines
        assert key == server.key
        environment = {**os.environ, "PATH": f"{PISANG.parent}:{os.environ['PATH']}"}
        for line in (with_curl, with_python):
            (tmp_path / "fox.png").unlink(missing_ok=True)
            subprocess.run(["sh", "-c", line], cwd=tmp_path, env=environment, check=True)
            header = sniff((tmp_path / "fox.png").read_bytes())
            assert header is not None
            assert (header.media_type, header.width, header.height) == ("image/png", 1024, 1024)
        log = server.err.read_text()
        assert key not in log
        assert '"path": "/v1beta/models/gemini-3-pro-image:generateContent"' in log
        assert "fox" not in log


def test_it_stops_cleanly_when_asked_to_and_keeps_its_key(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        key = server.key
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(LIMIT) == 0
    with serving(tmp_path) as again:
        assert "psk_" not in again.out.read_text()
        again.out.write_text(f"{again.out.read_text()}\n{key}")
        assert again.ask("/v1/models")[0] == 200
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(LIMIT) == 0
        assert "Traceback" not in again.err.read_text()


def test_a_request_that_runs_is_finished_before_the_end(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        body = {
            "contents": [{"parts": [{"text": "a red fox in a forest"}]}],
            "generationConfig": {"imageConfig": {"imageSize": "4K"}},
        }
        data = json.dumps(body).encode()
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=LIMIT) as connection:
            connection.sendall(
                b"POST /v1/models/gemini-3-pro-image:generateContent HTTP/1.1\r\nHost: x\r\n"
                b"x-goog-api-key: %b\r\nContent-Length: %d\r\n\r\n%b"
                % (server.key.encode(), len(data), data)
            )
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            assert connection.recv(12) == b"HTTP/1.1 200"
            while connection.recv(1 << 20):
                pass
        assert server.process.wait(LIMIT) == 0


def test_keys_made_and_revoked_beside_a_running_server_count_at_once(tmp_path: Path) -> None:
    def keys(*arguments: str) -> str:
        command = [str(PISANG), "keys", *arguments, "--data", str(tmp_path / "data"), "--json"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with serving(tmp_path) as server:
        made = json.loads(keys("create", "--name", "second"))
        assert set(made) == {"id", "key"}
        server.out.write_text(made["key"])
        assert server.ask("/v1/models")[0] == 200
        assert made["key"] not in keys("list")
        keys("revoke", made["id"])
        assert server.ask("/v1/models")[0] == 400


def test_a_killed_server_starts_again(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        key = server.key
        server.process.kill()
    with serving(tmp_path) as again:
        again.out.write_text(key)
        assert again.ask("/v1/models")[0] == 200
        assert again.ask("/readyz") == (200, b'{"status":"ok"}')


def test_an_oversize_upload_reads_its_refusal(tmp_path: Path) -> None:
    with serving(tmp_path, "--config", _config(tmp_path, "max_body_mb = 1")) as server:
        status, body = server.ask("/v1/models/m:generateContent", {"contents": "x" * 8_000_000})
        assert status == 400
        assert b"exceeds the limit: 1000000 bytes" in body


def _config(folder: Path, text: str) -> str:
    file = folder / "mine.toml"
    file.write_text(text)
    return str(file)


def _fails(*arguments: str, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(PISANG), "serve", *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        env={**os.environ, **variables},
    )
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("pisang: ")
    return done.returncode, done.stderr


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, told = _fails("--port", port, "--data", str(tmp_path / "d"))
    assert code == 69
    assert "listens there already" in told
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "code", "told"),
    [
        (["--host", "no.such.host.invalid"], {}, 78, "no address of this machine"),
        (["--host", "192.0.2.1"], {}, 69, "Cannot listen on 192.0.2.1:0"),
        ([], {"PISANG_PROT": "1"}, 78, "PISANG_PORT"),
        ([], {"PISANG_FONT_DIRS": "/nowhere"}, 78, "font_dirs names no folder"),
        (["--config", "/nowhere.toml"], {}, 78, "no such file"),
        (["--data", "/dev/null/x"], {}, 74, "--data"),
    ],
)
def test_what_an_operator_must_mend_is_one_sentence(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], code: int, told: str
) -> None:
    got = _fails("--port", "0", "--data", str(tmp_path / "d"), *arguments, **variables)
    assert (got[0], told in got[1]) == (code, True), got


def test_an_open_address_says_what_it_exposes(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        assert server.url.startswith("http://127.0.0.1:")
        told = server.err.read_text()
        assert "plain HTTP" in told
        assert "keys" in told
