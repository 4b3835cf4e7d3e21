"""A server process of our own on loopback, and what Linux says of its memory."""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PISANG = Path(sys.executable).with_name("pisang")


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    key: str
    pid: int

    def peak_mb(self) -> float:
        """The most resident memory the process has had since ``forget_peak``, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) * 1024 / 1e6

    def forget_peak(self) -> None:
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")


@contextmanager
def serving() -> Iterator[Server]:
    """Starts ``pisang serve`` in a folder of its own and stops it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [PISANG, "serve", "--port", "0", "--data", f"{folder}/data"]
        with log.open("w") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
            try:
                port = _port(log)
                create = [PISANG, "keys", "create", "--data", f"{folder}/data", "--json"]
                made = subprocess.run(create, check=True, capture_output=True)
                yield Server(port, json.loads(made.stdout)["key"], process.pid)
            finally:
                process.terminate()


def _port(log: Path) -> int:
    for _ in range(200):
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()}")
