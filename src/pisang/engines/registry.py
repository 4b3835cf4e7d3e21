"""Which kinds of engines there are, and how one is built: ours by name, others by entry point.

A package adds a kind by an entry point of the group ``pisang.engines``, whose name is the kind and
whose object is a ``Factory``; docs/how-to/engines.md shows a whole one. A kind of ours is loaded
when it is first asked for, so that nobody pays for those they do not use.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from pisang.engines.base import Engine

T = TypeVar("T")
GROUP: Final = "pisang.engines"

BUILT_IN: Final[Mapping[str, str]] = {
    "google": "pisang.engines.google:build",
    "vertex": "pisang.engines.vertex:build",
    "openai": "pisang.engines.openai.build:build",
    "sketch": "pisang.engines.sketch.build:build",
}
"""Kinds of ours, with where their factory stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """``[engines.NAME]`` with its secrets read: ``api_keys`` are the keys themselves, and
    ``credentials`` is the path of a file, or ``adc``. ``options`` are what only its kind knows."""

    name: str
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    base_url: str = ""
    project: str = ""
    location: str = ""
    credentials: str = ""
    profile: str = ""
    options: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an engine that runs in this process may use: the key that signs, folders of fonts, and
    how many pictures may be drawn and may wait at a time."""

    secret: bytes = field(repr=False)
    font_dirs: tuple[Path, ...] = ()
    workers: int = 2
    queue: int = 64


Factory = Callable[[Config, Means], Sequence[Engine]]
"""Builds an engine: one member for each of its keys, all with the name of the engine. Raises
``ConfigError`` for what it cannot be built with."""


class ConfigError(ValueError):
    """What is wrong with one field of ``[engines.NAME]``, in a sentence that says what to do."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def kinds() -> tuple[str, ...]:
    """Every kind that can be built here, ours first."""
    return (*BUILT_IN, *sorted(_plugged_in().keys() - BUILT_IN.keys()))


def build(kind: str, config: Config, means: Means) -> Sequence[Engine]:
    """Builds the members of an engine. Raises ``ConfigError``."""
    return _factory(kind)(config, means)


def allow(config: Config, *, fields: Sequence[str] = (), options: Sequence[str] = ()) -> None:
    """Refuses what a kind has no use for, by name: a setting without effect is a mistake.

    ``fields`` are those of ``Config`` that it uses, ``options`` its own. Raises ``ConfigError``.
    """
    for name in ("api_keys", "base_url", "project", "location", "credentials", "profile"):
        if getattr(config, name) and name not in fields:
            raise ConfigError(name, f"This kind of engine has no {name}: leave it out.")
    for name in config.options:
        if name not in options:
            raise ConfigError(name, _unknown(name, (*fields, *options), "setting"))


def text(config: Config, name: str, default: str = "") -> str:
    """An option that is a string."""
    return _option(config, name, str, "a string", default)


def flag(config: Config, name: str, default: bool = False) -> bool:
    """An option that is true or false."""
    return _option(config, name, bool, "true or false", default)


def ca_file(config: Config) -> Path | None:
    """The file of further authorities that every upstream may name."""
    named = text(config, "ca_file")
    if not named:
        return None
    if not Path(named).expanduser().is_file():
        raise ConfigError("ca_file", f"There is no file {named}: ca_file names a PEM file.")
    return Path(named).expanduser()


def base_url(config: Config, default: str = "") -> str:
    """The address of the upstream, without a slash at its end."""
    named = (config.base_url or default).rstrip("/")
    try:
        address = urlsplit(named)
        port = address.port
    except ValueError as error:
        raise ConfigError("base_url", f"base_url cannot be read: {error}.") from error
    if address.scheme not in ("http", "https") or not address.hostname or port == 0:
        sentence = f"base_url has to begin with https:// or http:// and a host, not {named!r}."
        raise ConfigError("base_url", sentence)
    if address.query or address.fragment or address.username:
        raise ConfigError("base_url", "base_url has no query, fragment or user: leave those out.")
    return named


def _option(config: Config, name: str, kind: type[T], what: str, default: T) -> T:
    found = config.options.get(name, default)
    if not isinstance(found, kind):
        raise ConfigError(name, f"{name} has to be {what}, not {found!r}.")
    return found


def _factory(kind: str) -> Factory:
    # A plug-in cannot take the place of a kind of ours; looking for plug-ins takes 30 ms.
    ours = BUILT_IN.get(kind)
    found = EntryPoint(kind, ours, GROUP) if ours else _plugged_in().get(kind)
    if found is None:
        raise ConfigError("kind", _unknown(kind, kinds(), "kind"))
    try:
        factory: Factory = found.load()
    except (ImportError, AttributeError) as error:
        sentence = f"The kind {kind} is installed and cannot be loaded: {error}."
        raise ConfigError("kind", sentence) from error
    return factory


def _plugged_in() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _unknown(name: str, known: Sequence[str], what: str) -> str:
    near = get_close_matches(name, known, n=1)
    guess = f" Did you mean {near[0]}?" if near else ""
    return f"There is no {what} {name!r}.{guess} There are: {', '.join(sorted(known))}."
