"""Gets the npm packages that the sketch engine's data comes from, each checked against the lock.

The lock (`locks/assets.json`) names package, version and the sha512 integrity of the tarball in
npm's own form. Packages come through the plain `npm pack` client, so that whatever registry or
mirror the machine is set up for is used and no download address stands in the repository.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "locks" / "assets.json"


class AssetMismatch(RuntimeError):
    """A downloaded tarball is not the one that the lock names."""


def read_lock() -> dict[str, dict[str, str]]:
    """`{package: {"version", "integrity", "licence"}}` from the lock."""
    packages: dict[str, dict[str, str]] = json.loads(LOCK.read_text("utf-8"))["packages"]
    return packages


def write_lock(packages: dict[str, dict[str, str]]) -> None:
    """Write the lock, sorted, so that a diff shows only what changed."""
    text = json.dumps({"packages": packages}, indent=2, sort_keys=True)
    LOCK.write_text(text + "\n", "utf-8")


def integrity(data: bytes) -> str:
    """npm's integrity string (`sha512-...`) of a tarball."""
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode("ascii")


def tarball_name(package: str, version: str) -> str:
    """The file name `npm pack` gives: `@a/b` 1.0 -> `a-b-1.0.tgz`."""
    return f"{package.lstrip('@').replace('/', '-')}-{version}.tgz"


def fetch(package: str, *, cache: Path, relock: bool = False) -> dict[str, bytes]:
    """The files of one package by path inside it; raises AssetMismatch if the hash differs.

    With `relock` the integrity in the lock is rewritten from what came (for a version change).
    """
    packages = read_lock()
    version = packages[package]["version"]
    path = cache / tarball_name(package, version)
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--silent", f"{package}@{version}"]
        subprocess.run(command, cwd=cache, check=True, stdout=subprocess.DEVNULL)
    found = integrity(path.read_bytes())
    if relock:
        packages[package]["integrity"] = found
        write_lock(packages)
    elif found != packages[package]["integrity"]:
        path.unlink()
        raise AssetMismatch(f"{package}@{version}: {found} is not what {LOCK.name} says")
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[member.name.partition("/")[2]] = content.read()
    return files
