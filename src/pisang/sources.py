"""Where the settings of a server come from, and which of several sources counts.

A value comes from the first of these that has it: the command line, the environment
(``PISANG_PORT``), a TOML file (``--config FILE``, else ``./pisang.toml``, else ``pisang.toml`` in
the data folder), the default. pydantic-settings reads them and puts them in this order; two things
it does not do are ours. An unknown ``PISANG_`` variable is an error and not ignored, because a
setting that was misspelt and silently had no effect is the worst kind. And ``pisang config`` shows
where each value comes from: every source is asked by itself.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

from pisang.core.errors import SettingsError
from pisang.settings import PREFIX, Settings, default_data
from pisang.shown import shown

FILE_NAME = "pisang.toml"
_FILE = "file:"
COMMAND_LINE, ENVIRONMENT, DEFAULT = "command line", "environment", "default"

# Names in the environment that begin like settings and are none: the client half of the command
# line, the tests, and what Kubernetes sets for a Service that is called "pisang".
OTHER_NAMES = frozenset({"CONFIG", "SERVER", "KEY", "TRACEBACK"})
_SECRET = frozenset(
    {
        "signing_key",
        "oidc_client_secret",
        "database_url",
        "limits_url",
        "master_key",
        "master_key_next",
        "metrics_token",
        "engines",
        "routes",
    }
)  # whose wrong values are not repeated
_OTHER_STARTS = ("TEST_", "SERVICE_", "PORT_")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, where each value came from, and the file that was read, if one was."""

    settings: Settings
    sources: Mapping[str, str]
    file: Path | None


def load(
    command_line: Mapping[str, object] = MappingProxyType({}),
    *,
    config: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Reads all sources. ``command_line`` values that are None count as not given.

    Raises ``SettingsError`` that names the setting, its source, and what would be right.
    """
    environ = os.environ if environ is None else environ
    typed = {name: value for name, value in command_line.items() if value is not None}
    asked: dict[str, PydanticBaseSettingsSource] = {
        COMMAND_LINE: InitSettingsSource(Settings, typed),
        ENVIRONMENT: _Environment(environ),
    }
    chosen = config or (Path(environ["PISANG_CONFIG"]) if environ.get("PISANG_CONFIG") else None)
    file = chosen or _find(_first("data", asked))
    if file is not None:
        asked[str(file)] = _toml(file)
    given = {name: source() for name, source in asked.items()}
    for source, values in given.items():
        for name in values:
            if name not in Settings.model_fields:
                raise _unknown(name, source)
    sources = {
        name: next((source for source, values in given.items() if name in values), DEFAULT)
        for name in Settings.model_fields
    }
    settings = _validated(tuple(asked.values()), sources)
    if file is not None and sources["engines"] == str(file):
        engines = _anchored(settings.engines, file.absolute().parent)
        settings = settings.model_copy(update={"engines": engines})
    return Loaded(settings, MappingProxyType(sources), file)


class _Environment(EnvSettingsSource):
    """The environment without what others put there. It also has the names that are no settings,
    so that ``load`` can refuse them: the library's source only looks for those it knows."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = {
            name: value for name, value in environ.items() if not _is_of_others(name, value)
        }
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items()}

    def __call__(self) -> dict[str, Any]:
        names = (name.removeprefix(PREFIX).lower() for name in self._environ)
        return dict.fromkeys(names) | super().__call__()


def _is_of_others(variable: str, value: str) -> bool:
    name = variable.removeprefix(PREFIX)
    return (
        name == variable
        or not value
        or name in OTHER_NAMES
        or name.startswith(_OTHER_STARTS)
        or (name == "PORT" and value.startswith("tcp://"))  # Kubernetes: the address of a Service
    )


def _first(name: str, asked: Mapping[str, PydanticBaseSettingsSource]) -> object:
    return next((values[name] for ask in asked.values() if name in (values := ask())), None)


def _find(data: object) -> Path | None:
    folder = default_data() if data is None else Path(str(data)).expanduser()
    for candidate in (Path(FILE_NAME), folder / FILE_NAME):
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder we may not look into has no file for us
            continue
    return None


def _toml(file: Path) -> TomlConfigSettingsSource:
    try:  # the library takes whatever is no plain file for an empty one
        if file.is_fifo():
            raise SettingsError(f"The settings file {file} is a pipe: write it to a file first.")
        file.open("rb").close()
        return TomlConfigSettingsSource(Settings, file)
    except OSError as error:
        raise SettingsError(
            f"Cannot read the settings file {file}: {(error.strerror or str(error)).lower()}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from error


def _anchored(value: Any, folder: Path) -> Any:
    """Tables in which ``file:`` names whole paths: in a file they are relative to its folder."""
    if isinstance(value, dict):
        return {name: _anchored(each, folder) for name, each in value.items()}
    if isinstance(value, list):
        return [_anchored(each, folder) for each in value]
    if isinstance(value, str) and value.startswith(_FILE):
        return f"{_FILE}{folder / Path(value.removeprefix(_FILE)).expanduser()}"
    return value


def _validated(asked: Sequence[PydanticBaseSettingsSource], sources: Mapping[str, str]) -> Settings:
    try:
        # mypy takes the fields for all parameters there are; this one is of BaseSettings.
        return Settings(_build_sources=(tuple(asked), {}))  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0])
        given = "" if name in _SECRET else f" {shown(first.get('input'))!r}"
        why = first["msg"].removeprefix("Value error, ")
        where = sources.get(name, "")
        where = f"{where}, {PREFIX}{name.upper()}" if where == ENVIRONMENT else where
        message = (
            f"The setting {name} has a wrong value{given} ({where}): {why[:1].lower()}{why[1:]}."
        )
        raise SettingsError(message, field=name) from error


def _unknown(name: str, source: str) -> SettingsError:
    near = get_close_matches(name.lower(), Settings.model_fields, n=1)
    spelt = PREFIX + name.upper() if source == ENVIRONMENT else name
    meant = ""
    if near:
        meant = f" Did you mean {PREFIX + near[0].upper() if source == ENVIRONMENT else near[0]}?"
    return SettingsError(
        f"There is no setting {spelt} ({source}).{meant} `pisang config` lists all of them.",
        field=name,
    )
