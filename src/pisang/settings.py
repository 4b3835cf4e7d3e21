"""Every setting of pisang, once: name, type, default, and the sentence that documents it.

A value comes from the first of these that has it: the command line, the environment
(``PISANG_PORT``), a TOML file (``--config FILE``, else ``./pisang.toml``, else ``pisang.toml`` in
the data folder), the default. pydantic-settings reads them and puts them in this order; two things
it does not do are ours. An unknown ``PISANG_`` variable is an error and not ignored, because a
setting that was misspelt and silently had no effect is the worst kind. And ``pisang config`` shows
where each value comes from: every source is asked by itself.
"""

import os
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pisang.core.errors import SettingsError

PREFIX = "PISANG_"
FILE_NAME = "pisang.toml"
COMMAND_LINE, ENVIRONMENT, DEFAULT = "command line", "environment", "default"

# Names in the environment that begin like settings and are none: the client half of the command
# line, the tests, and what Kubernetes sets for a Service that is called "pisang".
OTHER_NAMES = frozenset({"CONFIG", "SERVER", "KEY", "TRACEBACK"})
_OTHER_STARTS = ("TEST_", "SERVICE_", "PORT_")


def _paths(value: object) -> object:
    """A list in TOML; in the environment one text, split like PATH."""
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)]


def _names(value: object) -> object:
    """A list in TOML; in the environment one text with commas."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


def _buckets(value: object) -> object:
    """A table in TOML; in the environment ``name=/folder`` pairs, split like PATH."""
    if isinstance(value, str):
        value = _paths(value)
    if isinstance(value, Mapping):
        return [f"{name}={folder}" for name, folder in value.items()]
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]
Buckets = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_buckets)]


class Settings(BaseSettings):
    """The settings of one server; frozen, so that what ``pisang config`` shows is what runs.

    ``Settings(...)`` takes what it is given and defaults; ``load`` asks all sources.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix=PREFIX,
    )

    host: str = Field("127.0.0.1", description="The address to listen on.", min_length=1)
    port: int = Field(
        8787, description="The port to listen on; 0 takes any free one.", ge=0, le=65535
    )
    prefix: str = Field(
        "", description="A path that stands before every route, e.g. `/gemini` behind a proxy."
    )
    public_url: str = Field(
        "",
        description="The address by which callers reach this server, e.g. `https://images.example`;"
        " it stands in links that the server gives out. Without it, the address each caller used.",
    )
    data: Path = Field(
        default_factory=lambda: default_data(),  # noqa: PLW0108 - it is defined further down
        description="The data folder: database, keys, signing key, added fonts.",
    )
    compatibility: Literal["helpful", "strict"] = Field(
        "helpful",
        description="`helpful` serves shut-down and nickname model ids by their successor; "
        "`strict` answers as Google does today.",
    )
    thought_signatures: Literal["lenient", "strict"] = Field(
        "lenient",
        description="`strict` refuses, as Google does, a model turn without its thoughtSignature.",
    )
    signing_key: SecretStr | None = Field(
        None,
        description="The secret that signs thoughtSignature: at least 16 characters, the same on "
        "all replicas. Without it one is made at the first start and kept in the data folder.",
    )
    max_body_mb: int = Field(
        100, description="The largest request body, in megabytes (10^6 bytes).", ge=1, le=2000
    )
    max_megapixels: float = Field(
        100, description="The largest picture that a caller may send, in megapixels.", gt=0, le=1000
    )
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        description="How many pictures are drawn at the same time (default: one a processor).",
        ge=1,
        le=256,
    )
    queue: int = Field(
        64, description="How many more requests may wait before new ones get 503.", ge=0, le=100_000
    )
    request_timeout: float = Field(
        600, description="Seconds after which a request is given up with 504.", gt=0, le=86_400
    )
    openai_errors: Literal["openai", "google"] = Field(
        "openai",
        description="How OpenAI's routes write an error: `openai` as OpenAI does, `google` as "
        "Google's own compatible layer does (a list, of which OpenAI's clients show no message).",
    )
    token_minutes: float = Field(
        60, description="How long an access token of a service account is good.", gt=0, le=1440
    )
    link_minutes: float = Field(
        60, description="How long the link of a `url` result is good.", gt=0, le=525_600
    )
    asset_days: float = Field(
        7, description="How long pictures that were given out as links are kept.", gt=0, le=3650
    )
    conversation_days: float = Field(
        55, description="How long stored interactions and responses are kept.", gt=0, le=3650
    )
    buckets: Buckets = Field(
        (),
        description="Folders that stand for buckets: `name=/folder`, several split like PATH. "
        "`gs://name/file` is then read from, and written to, that folder.",
    )
    fetch_mb: int = Field(
        30, description="The largest file fetched for a caller, in megabytes.", ge=1, le=2000
    )
    fetch_timeout: float = Field(
        30, description="Seconds that fetching a file for a caller may take.", gt=0, le=600
    )
    fetch_allow: Names = Field(
        (),
        description="Hosts of your own network that callers may have fetched, with commas; "
        "without them only public addresses are.",
    )
    shutdown_grace: float = Field(
        20, description="Seconds that running requests get to finish at shutdown.", ge=0, le=3600
    )
    png_level: int = Field(
        6, description="How hard PNG files are compressed: 0 (fast) to 9 (small).", ge=0, le=9
    )
    font_dirs: Paths = Field(
        (), description="Folders with more fonts, besides those of `pisang fonts add`."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="What is logged; `warning` leaves the line per request out."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto",
        description="The form of log lines; `auto` is text on a terminal and JSON elsewhere.",
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_switch(cls, value: object) -> object:
        """TOML's ``true`` would count as the number 1."""
        if isinstance(value, bool):
            raise ValueError("no setting is true or false")
        return value

    @field_validator("prefix")
    @classmethod
    def _clean_prefix(cls, value: str) -> str:
        value = value.strip("/")
        return f"/{value}" if value else ""

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("must be an address like https://images.example")
        return value.rstrip("/")

    @field_validator("buckets")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for pair in value:
            if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,62}=.+", pair):
                raise ValueError(f"{pair!r} is not name=/folder")
        return value

    @field_validator("data")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("signing_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @field_validator(
        "log_level",
        "log_format",
        "compatibility",
        "thought_signatures",
        "openai_errors",
        mode="before",
    )
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def bucket_folders(self) -> Mapping[str, Path]:
        """The folder of each bucket."""
        pairs = (pair.partition("=") for pair in self.buckets)
        return {name: Path(folder).expanduser().absolute() for name, _, folder in pairs}

    @property
    def max_body_bytes(self) -> int:
        return self.max_body_mb * 1_000_000

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Who builds a server in their own process gets no surprises from the environment."""
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, where each value came from, and the file that was read, if one was."""

    settings: Settings
    sources: Mapping[str, str]
    file: Path | None


@dataclass(frozen=True, slots=True)
class Row:
    """One setting as documentation prints it."""

    name: str
    variable: str
    type: str
    default: str
    sentence: str


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
    return Loaded(settings, MappingProxyType(sources), file)


def rows() -> list[Row]:
    """Every setting with its type, default and sentence, for the documentation."""
    return [
        Row(
            name=name,
            variable=PREFIX + name.upper(),
            type=_type_words(name, field.annotation),
            default=_default_words(name, field.default),
            sentence=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def shown(value: object) -> str:
    """A value as ``pisang config`` prints it: secrets as stars."""
    if isinstance(value, SecretStr):
        return "********"
    if isinstance(value, tuple):
        return (os.pathsep if any("/" in str(part) for part in value) else ",").join(
            map(str, value)
        )
    return "" if value is None else str(value)


def default_data() -> Path:
    """The folder where a program of this person keeps its data on this system."""
    try:
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "pisang"
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "pisang"
        share = os.environ.get("XDG_DATA_HOME", "")
        root = Path(share) if share.startswith("/") else Path.home() / ".local" / "share"
        return root / "pisang"
    except RuntimeError as error:
        message = "There is no home folder to put the data into: give the data folder with --data."
        raise SettingsError(message, field="data") from error


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


def _validated(asked: Sequence[PydanticBaseSettingsSource], sources: Mapping[str, str]) -> Settings:
    try:
        # mypy takes the fields for all parameters there are; this one is of BaseSettings.
        return Settings(_build_sources=(tuple(asked), {}))  # type: ignore[call-arg]
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        name = str(first["loc"][0])
        given = "" if name == "signing_key" else f" {shown(first.get('input'))!r}"
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


_LISTS = {
    "font_dirs": "list of folders",
    "buckets": "list of pairs",
    "fetch_allow": "list of hosts",
}


def _type_words(name: str, kind: Any) -> str:
    if choices := get_args(kind):
        if all(isinstance(choice, str) for choice in choices):
            return " or ".join(f"`{choice}`" for choice in choices)
        if name in _LISTS:
            return _LISTS[name]
        kind = choices[0]
    return {
        int: "whole number",
        float: "number",
        str: "text",
        Path: "folder",
        SecretStr: "secret",
    }.get(kind, str(kind))


_COMPUTED = {"data": "`~/.local/share/pisang` on Linux", "workers": "number of processors"}


def _default_words(name: str, default: object) -> str:
    return _COMPUTED.get(name) or shown(default) or "none"
