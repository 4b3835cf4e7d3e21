"""Real databases for tests: a PostgreSQL and a Redis of their own, on free ports, in temporary
folders; and ``database_url``, which runs a test once on SQLite and once on PostgreSQL.

Both are started when a test first asks for one, and kept for all that come after; each test gets a
database of its own. The system ends them with the tests, also when those are killed.
"""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pisang.store.migrate import migrate_postgres
from tests.live import absent

_SECONDS = 30  # that a database may take to come up
_TRIES = 5  # another program may take a free port before the database does
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")

# Becomes a user, asks Linux for a signal when its parent dies, and then is another program.
_BECOME = """\
import ctypes, os, sys
uid, gid, number, *words = sys.argv[1:]
if int(uid) >= 0:
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, int(number))  # PR_SET_PDEATHSIG
os.execv(words[0], words)
"""

# Only who is asked for a password needs one: checking it takes PostgreSQL many milliseconds.
_ACCESS = """\
local all all trust
host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""

_SETTINGS = {
    "fsync": "off",  # nothing of it outlives the tests
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "32MB",
    "timezone": "America/Los_Angeles",  # times must not depend on it
}


@dataclass
class Postgres:
    """A running server of PostgreSQL; ``url`` is its database for looking after the others."""

    programs: Path
    folder: Path
    port: int
    _ready: str = ""

    @property
    def url(self) -> str:
        return self.address("postgres")

    def address(self, database: str, *, user: str = "pisang") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def run(self, *commands: str) -> None:
        """Runs SQL, each command by itself."""
        words = [word for command in commands for word in ("-c", command)]
        subprocess.run(
            [self.programs / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", self.url, *words],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )

    @contextmanager
    def fresh(self, *, empty: bool = True) -> Iterator[str]:
        """The address of a new database, empty or with our tables, which is dropped at the end."""
        name = self._made("template0" if empty else self._with_tables())
        try:
            yield self.address(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _made(self, like: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    def _with_tables(self) -> str:
        """A database to copy: making all tables anew for each test would take longer."""
        if not self._ready:
            name = self._made("template0")
            with ThreadPoolExecutor(1) as thread:  # where no event loop runs yet
                thread.submit(asyncio.run, migrate_postgres(self.address(name))).result()
            self._ready = name
        return self._ready


@dataclass
class Redis:
    """A server of Redis that can be killed, and started again at the same address, empty."""

    program: str
    folder: Path
    port: int = 0
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it; the first time on a port that is free."""
        ports = [self.port] if self.port else [_free_port() for _ in range(_TRIES)]
        for self.port in ports:
            words = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
            words += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
            self.process = _started([self.program, *words], self.folder / "log")
            if _is_up(self.process, lambda: self.ask("PING") == "+PONG"):
                return
            self.kill()
        raise RuntimeError(f"Redis did not come up:\n{(self.folder / 'log').read_text()}")

    def kill(self) -> None:
        """Ends it at once, as a power cut does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_SECONDS)
            self.process = None

    def stop_answering(self) -> None:
        """Keeps its connections open and says nothing on them, as a broken network does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, command: str) -> str:
        """The first line of the answer to a command."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_SECONDS) as line:
            line.sendall(command.encode() + b"\r\n")
            return line.recv(4096).decode().partition("\r\n")[0]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of PostgreSQL for all tests; skips where it is not installed."""
    with serving_postgres() as server:
        if server is None:
            absent("PostgreSQL")
            raise AssertionError  # absent has skipped or failed
        yield server


@contextmanager
def serving_postgres() -> Iterator[Postgres | None]:
    """A server of PostgreSQL; None where it is not installed."""
    programs = _postgres_programs()
    if programs is None:
        yield None
        return
    with _folder(user := _somebody()) as folder, _running(programs, folder, user) as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of a new and empty database of PostgreSQL."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture
def _postgres_with_tables(postgres: Postgres) -> Iterator[str]:
    with postgres.fresh(empty=False) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """What ``opened`` and the setting ``database_url`` take: None, for SQLite, and then the address
    of a new database of PostgreSQL. A test that asks for it runs twice."""
    if request.param == "sqlite":
        return None
    return str(request.getfixturevalue("_postgres_with_tables"))


@pytest.fixture(scope="session")
def _redis_of_all() -> Iterator[Redis]:
    with _redis() as server:
        yield server


@pytest.fixture
def redis_url(_redis_of_all: Redis) -> str:
    """The address of an empty Redis; skips where it is not installed."""
    _redis_of_all.ask("FLUSHALL")
    return _redis_of_all.url


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis for one test, which may kill it."""
    with _redis() as server:
        yield server


def _postgres_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``; Debian puts it on nobody's path."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = [place for pattern in _PLACES for place in Path("/").glob(pattern[1:])]
    return max((place for place in found if (place / "initdb").is_file()), default=None)


def _somebody() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses to run as root. None is who runs the tests."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    absent("a user for PostgreSQL")
    return None


@contextmanager
def _folder(user: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """A folder with a short name: that of a socket in it has at most 107 letters."""
    folder = Path(tempfile.mkdtemp(prefix="pisang-test-"))
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> Iterator[Postgres]:
    data, log = folder / "data", folder / "log"
    made = [programs / "initdb", "-D", data, "-U", "pisang", "-E", "UTF8", "--no-sync"]
    _ran([*map(str, made), "--locale=C.UTF-8"], user)
    (data / "pg_hba.conf").write_text(_ACCESS)
    settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
    for _ in range(_TRIES):
        server = Postgres(programs, folder, _free_port())
        words = [programs / "postgres", "-D", data, "-k", folder, "-p", server.port, *settings]
        process = _started(list(map(str, words)), log, user, dies_by=signal.SIGQUIT)
        try:
            if _is_up(process, lambda server=server: _answers(server)):
                yield server
                return
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, with all of its children
            process.wait(_SECONDS)
    raise RuntimeError(f"PostgreSQL did not come up:\n{log.read_text()}")


def _answers(server: Postgres) -> bool:
    asked = [server.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(server.port)]
    return subprocess.run(asked, check=False, timeout=_SECONDS).returncode == 0


@contextmanager
def _redis() -> Iterator[Redis]:
    program = next(filter(None, map(shutil.which, ("redis-server", "valkey-server"))), None)
    if program is None:
        absent("Redis or Valkey")
        raise AssertionError  # absent has skipped or failed
    with _folder() as folder:
        server = Redis(program, folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _ran(words: Sequence[str], user: pwd.struct_passwd | None) -> None:
    command = _as(user, signal.SIGKILL, words)
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{words[0]} failed:\n{done.stdout}{done.stderr}")


def _started(
    words: Sequence[str],
    log: Path,
    user: pwd.struct_passwd | None = None,
    *,
    dies_by: signal.Signals = signal.SIGKILL,
) -> "subprocess.Popen[bytes]":
    """A server that ends with the tests, and hears nothing of a Ctrl-C that is meant for them."""
    with log.open("ab") as output:
        return subprocess.Popen(
            _as(user, dies_by, words),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )


def _as(user: pwd.struct_passwd | None, dies_by: signal.Signals, words: Sequence[str]) -> list[str]:
    """A command that is run as somebody, and gets a signal from the system when the tests end."""
    ids = (user.pw_uid, user.pw_gid) if user else (-1, -1)
    return [sys.executable, "-ISc", _BECOME, *map(str, ids), str(int(dies_by)), *words]


def _is_up(process: "subprocess.Popen[bytes]", answers: Callable[[], bool]) -> bool:
    until = time.monotonic() + _SECONDS
    while process.poll() is None and time.monotonic() < until:
        with suppress(OSError):
            if answers():
                return True
        time.sleep(0.05)
    return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
