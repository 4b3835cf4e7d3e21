"""Every setting of pisang, once: name, type, default, and the sentence that documents it.

A value comes from the first of these that has it: the command line, the environment
(``PISANG_PORT``), a TOML file (``--config FILE``, else ``./pisang.toml``, else ``pisang.toml`` in
the data folder), the default. An unknown name is an error and not ignored, because a setting that
was misspelt and silently had no effect is the worst kind; ``pisang config`` shows what counts.
"""

import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)

from pisang.core.errors import SettingsError

PREFIX = "PISANG_"
FILE_NAME = "pisang.toml"

# Names in the environment that begin like settings and are none: the client half of the command
# line, the tests, and what Kubernetes sets for a Service that is called "pisang".
_OTHER_NAMES = frozenset({"CONFIG", "SERVER", "KEY", "TRACEBACK"})
_OTHER_STARTS = ("TEST_", "SERVICE_", "PORT_")


def _paths(value: object) -> object:
    """A list in TOML; in the environment one text, split like PATH."""
    return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value


Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]


class Settings(BaseModel):
    """The settings of one server; frozen, so that what ``pisang config`` shows is what runs."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="The address to listen on.", min_length=1)
    port: int = Field(
        8787, description="The port to listen on; 0 takes any free one.", ge=0, le=65535
    )
    prefix: str = Field(
        "", description="A path that stands before every route, e.g. `/gemini` behind a proxy."
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

    @field_validator("prefix")
    @classmethod
    def _clean_prefix(cls, value: str) -> str:
        value = value.strip("/")
        return f"/{value}" if value else ""

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
        "log_level", "log_format", "compatibility", "thought_signatures", mode="before"
    )
    @classmethod
    def _any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @property
    def max_body_bytes(self) -> int:
        return self.max_body_mb * 1_000_000


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
    variables = dict(_variables(environ))
    chosen = config or (Path(environ["PISANG_CONFIG"]) if environ.get("PISANG_CONFIG") else None)
    file = _find(chosen, Path(str(typed.get("data") or variables.get("data") or default_data())))
    layers: list[tuple[str, Mapping[str, object]]] = [
        ("command line", typed),
        ("environment", variables),
    ]
    if file is not None:
        layers.append((str(file), _read(file)))
    values, sources = dict[str, object](), dict.fromkeys(Settings.model_fields, "default")
    for source, layer in reversed(layers):
        for name, value in layer.items():
            if name not in Settings.model_fields:
                raise _unknown(name, source)
            values[name], sources[name] = value, source
    return Loaded(_validated(values, sources), MappingProxyType(sources), file)


def rows() -> list[Row]:
    """Every setting with its type, default and sentence, for the documentation."""
    return [
        Row(
            name=name,
            variable=PREFIX + name.upper(),
            type=_type_words(field.annotation),
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
        return os.pathsep.join(map(str, value))
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


def _variables(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable, value in environ.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in _OTHER_NAMES or name.startswith(_OTHER_STARTS):
            continue
        if name == "PORT" and value.startswith("tcp://"):
            continue  # Kubernetes again: it knows no better name for a Service's address
        if value != "":
            yield name.lower(), value


def _find(chosen: Path | None, data: Path) -> Path | None:
    if chosen is not None:
        return chosen
    for candidate in (Path(FILE_NAME), data.expanduser() / FILE_NAME):
        try:
            if candidate.is_file():
                return candidate
        except OSError:  # a folder we may not look into has no file for us
            continue
    return None


def _read(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(
            f"Cannot read the settings file {file}: {(error.strerror or str(error)).lower()}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} is not TOML: {error}.") from error


def _validated(values: Mapping[str, object], sources: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(first["loc"][0])
        given = "" if name == "signing_key" else f" {shown(values.get(name))!r}"
        why = first["msg"].removeprefix("Value error, ")
        where = sources.get(name, "")
        where = f"{where}, {PREFIX}{name.upper()}" if where == "environment" else where
        message = (
            f"The setting {name} has a wrong value{given} ({where}): {why[:1].lower()}{why[1:]}."
        )
        raise SettingsError(message, field=name) from error


def _unknown(name: str, source: str) -> SettingsError:
    near = get_close_matches(name.lower(), Settings.model_fields, n=1)
    spelt = PREFIX + name.upper() if source == "environment" else name
    meant = ""
    if near:
        meant = f" Did you mean {PREFIX + near[0].upper() if source == 'environment' else near[0]}?"
    return SettingsError(
        f"There is no setting {spelt} ({source}).{meant} `pisang config` lists all of them.",
        field=name,
    )


def _type_words(kind: Any) -> str:
    if choices := get_args(kind):
        if all(isinstance(choice, str) for choice in choices):
            return " or ".join(f"`{choice}`" for choice in choices)
        if kind is Settings.model_fields["font_dirs"].annotation:
            return "list of folders"
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
