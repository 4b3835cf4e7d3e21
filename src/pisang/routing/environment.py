"""The routes of a server without any: what the environment has a key for, else the built-in engine.

A variable that Google's own programs read means the same here, so that a person who has one of them
set gets pictures of Google's. Never is there a free engine beside a paid one: who pays for pictures
must not get sketches because of a fault. Keys that begin with ``psk_``, and key files of service
accounts of a pisang, are this server's own: clients beside it have them in the same variables.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pisang.core.errors import SettingsError
from pisang.routing.secrets import ENV, FILE, OURS
from pisang.routing.table import EngineSpec, Route, Table, Target

KEYS: Final = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
"""In this order, as Google's SDKs take them."""

CREDENTIALS: Final = "GOOGLE_APPLICATION_CREDENTIALS"
PROJECT: Final = "GOOGLE_CLOUD_PROJECT"
LOCATION: Final = "GOOGLE_CLOUD_LOCATION"
NAMES: Final = frozenset({"google", "vertex"})
"""What the engines of the environment are called."""

BUILT_IN: Final = "the built-in engine"
SKETCH: Final = EngineSpec(name="sketch", kind="sketch", origin=BUILT_IN)
_OWN_ACCOUNTS: Final = ".iam.pisang.internal"


@dataclass(frozen=True, slots=True)
class Defaults:
    """The table, and what of the environment was left aside, as sentences."""

    table: Table
    notes: tuple[str, ...]

    @property
    def sketches(self) -> bool:
        """Whether only the built-in engine is left."""
        return all(spec.kind == "sketch" for spec in self.table.engines.values())


NO_DEFAULTS: Final = Defaults(Table({}, ()), ())


def defaults(environ: Mapping[str, str]) -> Defaults:
    """What is served where nobody wrote a route. Raises ``SettingsError`` for a key file without a
    project."""
    notes: list[str] = []
    paid = [spec for spec in (_google(environ, notes), _vertex(environ, notes)) if spec]
    specs = paid or [SKETCH]
    return Defaults(everything(specs), tuple(notes))


def everything(specs: Sequence[EngineSpec]) -> Table:
    """A table that sends every model to these engines, in order."""
    route = Route(
        id="default",
        models=("*",),
        targets=tuple(Target(spec.name) for spec in specs),
        origin=" and ".join(spec.origin for spec in specs),
    )
    return Table({spec.name: spec for spec in specs}, (route,))


def _google(environ: Mapping[str, str], notes: list[str]) -> EngineSpec | None:
    for name in KEYS:
        key = environ.get(name, "").strip()
        if key.startswith(OURS):
            notes.append(
                f"{name} has a key of this server ({OURS}...), which Google does not know."
            )
        elif key:
            return EngineSpec(name="google", kind="google", api_keys=(f"{ENV}{name}",), origin=name)
    return None


def _vertex(environ: Mapping[str, str], notes: list[str]) -> EngineSpec | None:
    written = environ.get(CREDENTIALS, "").strip()
    if not written:
        return None
    file = Path(written).expanduser().absolute()
    if not file.is_file():
        notes.append(f"{CREDENTIALS} names no file: {file}.")
        return None
    content = _content(file)
    if str(content.get("client_email", "")).endswith(_OWN_ACCOUNTS):
        notes.append(f"{CREDENTIALS} is a key file of this server, which Google does not know.")
        return None
    project = (
        environ.get(PROJECT, "").strip()
        or str(content.get("project_id") or "")
        or str(content.get("quota_project_id") or "")
    )
    if not project:
        raise SettingsError(
            f"{CREDENTIALS} names a file without a project: set {PROJECT} to the Google Cloud "
            "project that pays.",
            field=PROJECT,
        )
    return EngineSpec(
        name="vertex",
        kind="vertex",
        credentials=f"{FILE}{file}",
        project=project,
        location=environ.get(LOCATION, "").strip() or "global",
        origin=CREDENTIALS,
    )


def _content(file: Path) -> Mapping[str, Any]:
    """The key file as far as it can be read; whether it is any good is for who signs in with it."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
