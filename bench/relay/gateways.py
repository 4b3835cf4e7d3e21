"""The gateways that are compared, each as it is started, and the ways of asking each of them.

Each has one worker and checks a key (Portkey's open gateway has none to check). All are told to be
quiet and to try once. Those that are not measured just now are stopped (SIGSTOP), so that what they
do when idle costs the others nothing.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.relay import programs
from bench.relay.programs import Missing

KEY: Final = "sk-bench"
PISANG: Final = Path(sys.executable).with_name("pisang")
GATEWAY_CPU, LOAD_CPU = 0, 1
CLOCK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Upstream:
    """The stand-in; ``certificate`` is that of the authority that vouches for it, and empty where
    it speaks plain HTTP."""

    port: int
    pid: int
    certificate: str = ""

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return _cpu(self.pid)

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class Start:
    """How a gateway is started, and the key it wants."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    key: str = KEY


@dataclass(frozen=True, slots=True)
class Way:
    """One way of asking one gateway: a shape of request at an address.

    ``verbatim`` is whether the answer has to be as long as the upstream's. ``slow`` ways are asked
    less often where one round takes very long.
    """

    name: str
    gateway: str
    shape: str  # of a request: gemini, images, chat
    path: str
    headers: Mapping[str, str]
    verbatim: bool = True
    slow: bool = False


_MODEL: Final = "gemini-3-pro-image"
_MANY: Final = "1000000000"
_PLENTY: Final = [word for each in ("rpm", "tpm", "ipm", "rpd") for word in (f"--{each}", _MANY)]
_NATIVE: Final = f"/v1beta/models/{_MODEL}:METHOD"
_KEYED: Final = {"x-goog-api-key": "KEY"}
_PORTKEY: Final = {
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": "UPSTREAM/v1",
    "authorization": "Bearer KEY",
}

DIRECT: Final = Way("no gateway", "direct", "gemini", _NATIVE, _KEYED)
NGINX: Final = Way("nginx", "nginx", "gemini", _NATIVE, _KEYED)
BARE: Final = Way("bare uvicorn relay", "bare", "gemini", _NATIVE, _KEYED)
OURS: Final = Way("pisang", "pisang", "gemini", _NATIVE, _KEYED)
UNGOVERNED: Final = Way("pisang, no ledger", "ungoverned", "gemini", _NATIVE, _KEYED)
POSTGRES: Final = Way("pisang, PostgreSQL", "postgres", "gemini", _NATIVE, _KEYED)
LITELLM: Final = (
    Way("LiteLLM, Gemini's API", "litellm", "gemini", _NATIVE, _KEYED, False, True),
    Way("LiteLLM, pass-through", "litellm", "gemini", "/gemini" + _NATIVE, _KEYED, True, True),
    Way(
        "LiteLLM, images API",
        "litellm",
        "images",
        "/v1/images/generations",
        {"authorization": "Bearer KEY"},
        False,
        True,
    ),
)
PORTKEY: Final = (
    Way(
        "Portkey, images API", "portkey", "images", "/v1/images/generations", _PORTKEY, False, True
    ),
    Way("Portkey, chat API", "portkey", "chat", "/v1/chat/completions", _PORTKEY, False, True),
)
WAYS: Final = (DIRECT, NGINX, BARE, OURS, *LITELLM, *PORTKEY)


def _nginx(port: int, upstream: Upstream, folder: Path) -> Start:
    values = {"folder": folder, "key": KEY, "port": port, "upstream": upstream.port}
    text = (programs.HERE / "nginx.conf").read_text()
    for name, value in {**values, "scheme": upstream.url.partition(":")[0]}.items():
        text = text.replace(f"@{name}@", str(value))
    (folder / "nginx.conf").write_text(text)
    return Start([str(programs.nginx()), "-p", str(folder), "-c", "nginx.conf"])


def _bare(port: int, upstream: Upstream, _: Path) -> Start:
    where = [str(port), upstream.url, *([upstream.certificate] if upstream.certificate else [])]
    return Start([sys.executable, "-m", "bench.relay.bare", *where])


def _litellm(port: int, upstream: Upstream, folder: Path) -> Start:
    program = programs.litellm()
    model = {"model": f"gemini/{_MODEL}", "api_key": "upstream", "api_base": upstream.url}
    config = {
        "model_list": [{"model_name": _MODEL, "litellm_params": model}],
        "litellm_settings": {"num_retries": 0, "request_timeout": 600},
        "general_settings": {"master_key": KEY},
    }
    (folder / "litellm.yaml").write_text(json.dumps(config))  # YAML reads JSON
    command = [str(program), "--config", str(folder / "litellm.yaml"), "--num_workers", "1"]
    environment = {
        "LITELLM_LOG": "ERROR",
        "LITELLM_MODE": "PRODUCTION",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "GEMINI_API_KEY": "upstream",
        "GEMINI_API_BASE": upstream.url,
    }
    if upstream.certificate:
        environment["SSL_CERT_FILE"] = upstream.certificate
    return Start([*command, "--host", "127.0.0.1", "--port", str(port)], environment)


def _portkey(port: int, upstream: Upstream, _: Path) -> Start:
    node, program = programs.portkey()
    environment = {"NODE_ENV": "production"}
    if upstream.certificate:
        environment["NODE_EXTRA_CA_CERTS"] = upstream.certificate
    return Start([str(node), str(program), f"--port={port}", "--headless"], environment)


def _pisang(port: int, upstream: Upstream, folder: Path) -> Start:
    """With all that counts a request: limits in every dimension, and a prepaid balance."""
    return _ours(port, upstream, folder, [str(PISANG)])


def _ungoverned(port: int, upstream: Upstream, folder: Path) -> Start:
    return _ours(port, upstream, folder, [sys.executable, "-m", "bench.relay.ungoverned"])


def _postgres(port: int, upstream: Upstream, folder: Path) -> Start:
    return _ours(port, upstream, folder, [str(PISANG)], database=programs.postgres())


def _ours(
    port: int, upstream: Upstream, folder: Path, command: Sequence[str], *, database: str = ""
) -> Start:
    config = folder / "pisang.toml"
    config.write_text(
        f'data = "{folder}/data"\nport = {port}\nlog_level = "warning"\n'
        + (f'database_url = "{database}"\n' if database else "")
        + f'[engines.stub]\nkind = "google"\napi_keys = ["upstream"]\nbase_url = "{upstream.url}"\n'
        '[[routes]]\nmodel = "*"\nengines = ["stub"]\n'
    )

    def run(*words: str) -> bytes:
        told = [str(PISANG), *words, "--config", str(config), "--json"]
        return subprocess.run(told, check=True, capture_output=True).stdout

    key = json.loads(run("keys", "create"))["key"]
    run("limits", "set", "--project", "default", "--model", "*", *_PLENTY)
    run("projects", "update", "default", "--prepaid")
    run("ledger", "top-up", "--project", "default", "--amount", "1000000")
    environment = {"SSL_CERT_FILE": upstream.certificate} if upstream.certificate else {}
    return Start([*command, "serve", "--config", str(config)], environment, key=key)


_STARTS: Final[Mapping[str, Callable[[int, Upstream, Path], Start]]] = {
    "nginx": _nginx,
    "bare": _bare,
    "pisang": _pisang,
    "ungoverned": _ungoverned,
    "postgres": _postgres,
    "litellm": _litellm,
    "portkey": _portkey,
}


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that listens at ``port``; its processes are ``pid`` and the children of that. What
    ``never_rests`` is not paused: the stand-in, when it is asked without a gateway.
    """

    port: int
    pid: int
    key: str
    never_rests: bool = False

    def pids(self) -> list[int]:
        found = [self.pid]
        for pid in found:  # grows while it is read: children of children
            for task in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, task.read_text().split())
        return found

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return sum(_cpu(pid) for pid in self.pids())

    def forget_peak(self) -> None:
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def peak(self) -> int:
        """The most memory since ``forget_peak``, in bytes."""
        return sum(_peak(pid) for pid in self.pids())

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Lets it run for a while."""
        self._signal(signal.SIGCONT)
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> None:
        for pid in () if self.never_rests else self.pids():
            os.kill(pid, number)


@contextmanager
def running(name: str, upstream: Upstream, folder: Path) -> Iterator[Running]:
    """Starts a gateway and stops it afterwards. Raises ``Missing``."""
    own = folder / f"{name}-{upstream.port}"
    own.mkdir()
    port = free_port()
    start = _STARTS[name](port, upstream, own)
    with started(start.command, own / "log", cpu=GATEWAY_CPU, more=start.environment) as process:
        _await(port, process, own / "log")
        running = Running(port, process.pid, start.key)
        running.pause()
        try:
            yield running
        finally:
            running._signal(signal.SIGCONT)


@contextmanager
def stub(folder: Path, *, tls: bool) -> Iterator[Upstream]:
    """The stand-in for Google. Raises ``Missing``."""
    port = free_port()
    command, authority = [str(programs.compiled("stub", tls=tls)), str(port)], ""
    if tls:
        made = programs.certificate(folder)
        command, authority = [*command, str(made.chain), str(made.key)], str(made.authority)
    with started(command, folder / f"stub-{port}.log", cpu=LOAD_CPU) as process:
        _await(port, process, folder / f"stub-{port}.log")
        yield Upstream(port, process.pid, authority)


@contextmanager
def started(
    command: Sequence[str], log: Path, *, cpu: int, more: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process pinned to a processor, ended at the end."""
    environment = {**os.environ, **(more or {})}
    with ExitStack() as stack:
        out = stack.enter_context(log.open("w"))
        process = subprocess.Popen(
            pinned(command, cpu), stdout=out, stderr=out, env=environment, cwd=programs.ROOT
        )
        try:
            yield process
        finally:
            for number in (signal.SIGTERM, signal.SIGCONT):  # it may be paused
                process.send_signal(number)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def pinned(command: Sequence[str], cpu: int) -> list[str]:
    """The command on one processor, where this machine has two."""
    return [*(["taskset", "-c", str(cpu)] if len(os.sched_getaffinity(0)) > 1 else []), *command]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        with socket.socket() as one:
            if not one.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.2)
    last = log.read_text(errors="replace").strip().splitlines() or ["it said nothing"]
    raise Missing(f"it did not start: {last[-1][:200]}")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
