"""The sign-ins of whoever uses this command line, by server: kept in a file of their own, which
nobody else on the machine may read."""

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pisang.core.errors import StoreError

_FILE = "sign-ins.json"


def keep(server: str, token: str, *, principal: str, expires_at: str) -> Path:
    """Keeps a sign-in in place of the one there was for this server; returns where."""
    kept = _read() | {_name(server): {"token": token, "who": principal, "until": expires_at}}
    return _write(kept)


def kept(server: str) -> str | None:
    """The token for a server; None where nobody signed in there, or too long ago."""
    found = _read().get(_name(server), {})
    with suppress(ValueError, TypeError):
        if datetime.fromisoformat(str(found.get("until"))) > datetime.now(UTC):
            return str(found["token"])
    return None


def forget(server: str) -> None:
    """Forgets the sign-in at a server."""
    found = _read()
    if found.pop(_name(server), None) is not None:
        _write(found)


def folder() -> Path:
    """Where programs of this person keep what they were told."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "pisang"
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home()) / "pisang"
    config = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(config) if config.startswith("/") else Path.home() / ".config") / "pisang"


def _name(server: str) -> str:
    return server.rstrip("/").lower()


def _read() -> dict[str, Any]:
    try:
        found = json.loads((folder() / _FILE).read_text("utf-8"))
    except (OSError, ValueError, RuntimeError):
        return {}
    return dict(found) if isinstance(found, dict) else {}


def _write(found: dict[str, Any]) -> Path:
    file = folder() / _FILE
    beside = file.with_name(f".{_FILE}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(found, out)
        beside.replace(file)
    except OSError as error:
        raise StoreError(f"The sign-in cannot be kept in {file}: {error.strerror}.") from error
    return file
