"""Makes what is measured with: two C programs; LiteLLM and Portkey in environments of their own.

All of it goes to .cache/bench, and is made again when its source or its lock has changed. What
cannot be had on a machine (no compiler, no nginx, no network) is a ``Missing`` with a sentence, and
becomes a row that says so.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CACHE = ROOT / ".cache" / "bench"
LOCKS = ROOT / "locks" / "bench"
POSTGRES = "BENCH_POSTGRES"


class Missing(Exception):
    """Something that is measured with, or against, is not to be had here."""


def compiled(name: str, *, tls: bool = False) -> Path:
    """The program made of ``NAME.c``."""
    flags = ["-O2", *(["-DWITH_TLS"] if tls else [])]
    libraries = ["-lssl", "-lcrypto"] if tls else []
    source = HERE / f"{name}.c"
    mark = _mark(source, HERE / "http.h", extra=" ".join(flags))
    program = CACHE / "bin" / f"{name}-{mark}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        command = ["gcc", *flags, "-o", str(program), str(source), *libraries]
        _run(command, "needs gcc" + (" and OpenSSL's headers (libssl-dev)" if tls else ""))
    return program


def nginx() -> Path:
    """The nginx of this machine; root of a Debian gets it where it is not there."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        # no service: Debian would start one on port 80
        environment = {**os.environ, "RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"]
        subprocess.run(command, capture_output=True, check=False, env=environment)
        found = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    if not found:
        raise Missing("nginx is not installed (Debian: nginx-light)")
    return Path(found)


def postgres() -> str:
    """The address of the PostgreSQL that ``bench/governing.py`` has started."""
    if not (address := os.environ.get(POSTGRES)):
        raise Missing("PostgreSQL is not installed (Debian: postgresql)")
    return address


def litellm() -> Path:
    """LiteLLM's proxy, as locks/bench/litellm.txt has it."""
    lock, place = LOCKS / "litellm.txt", CACHE / "litellm"
    if _is_made(place, lock):
        return place / "bin" / "litellm"
    shutil.rmtree(place, ignore_errors=True)
    _say("Installing LiteLLM (600 MB) ...")
    _run([sys.executable, "-m", "venv", "--without-pip", str(place)], "no environment can be made")
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install"]
    manner = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    _run([*pip, *manner, "-r", str(lock)], "LiteLLM cannot be installed here")
    _made(place, lock)
    return place / "bin" / "litellm"


def sampler() -> Path:
    """py-spy, which looks many times a second what a Python process does."""
    lock, place = LOCKS / "pyspy.txt", CACHE / "pyspy"
    if not _is_made(place, lock):
        shutil.rmtree(place, ignore_errors=True)
        where = ["--target", str(place), "--no-deps", "--require-hashes", "-r", str(lock)]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, *where], "py-spy cannot be installed here")
        _made(place, lock)
    return place / "bin" / "py-spy"


def portkey() -> tuple[Path, Path]:
    """Node and the program of Portkey's gateway, as locks/bench/portkey has it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Missing("Portkey needs node and npm")
    lock, place = LOCKS / "portkey" / "package-lock.json", CACHE / "portkey"
    program = place / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"
    if not _is_made(place, lock):
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(lock.parent, place)
        _say("Installing Portkey ...")
        manner = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _run([npm, "--prefix", str(place), "ci", *manner], "Portkey cannot be installed here")
        _made(place, lock)
    return Path(node), program


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files: a certificate for 127.0.0.1, its key, and the authority that signed it."""

    chain: Path
    key: Path
    authority: Path


def certificate(folder: Path) -> Certificate:
    """An authority of our own and what it signs: some clients take none that signs itself."""
    made = Certificate(folder / "stub.pem", folder / "stub.key", folder / "authority.pem")
    signing = folder / "authority.key"
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    request = ["openssl", "req", "-x509", *kind]
    name = ["-subj", "/CN=bench", "-keyout", str(signing), "-out", str(made.authority)]
    _run([*request, *name], "needs openssl")
    name = ["-subj", "/CN=localhost", "-keyout", str(made.key), "-out", str(made.chain)]
    said = ("subjectAltName=IP:127.0.0.1,DNS:localhost", "basicConstraints=critical,CA:FALSE")
    extensions = [word for one in said for word in ("-addext", one)]
    signed_by = ["-CA", str(made.authority), "-CAkey", str(signing)]
    _run([*request, *name, *extensions, *signed_by], "needs openssl 3")
    return made


def _run(command: list[str], otherwise: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Missing(f"{otherwise}: {error}") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it failed").splitlines()[-1]
        raise Missing(f"{otherwise}: {last[:200]}")


def _mark(*sources: Path, extra: str = "") -> str:
    content = b"".join(source.read_bytes() for source in sources) + extra.encode()
    return hashlib.sha256(content).hexdigest()[:12]


def _is_made(place: Path, lock: Path) -> bool:
    made = place / ".made-from"
    return made.exists() and made.read_text() == _mark(lock)


def _made(place: Path, lock: Path) -> None:
    (place / ".made-from").write_text(_mark(lock))


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
