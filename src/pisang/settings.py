"""Every setting of pisang, once: name, type, default, and the sentence that documents it.

How their values are written is in ``forms.py``, where they come from in ``sources.py``, how they
are shown in ``shown.py``.
"""

import os
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pisang.core.errors import SettingsError
from pisang.forms import (
    Address,
    Buckets,
    DataFolder,
    Domains,
    Issuer,
    Mail,
    Names,
    Networks,
    Paths,
    PostgresAddress,
    Prefix,
    Rows,
    SigningKey,
    Tables,
    ValkeyAddress,
)

PREFIX = "PISANG_"


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
    prefix: Prefix = Field(
        "", description="A path that stands before every route, e.g. `/gemini` behind a proxy."
    )
    public_url: Address = Field(
        "",
        description="The address by which callers reach this server, e.g. `https://images.example`;"
        " it stands in links that the server gives out. Without it, the address each caller used.",
    )
    data: DataFolder = Field(
        default_factory=lambda: default_data(),  # noqa: PLW0108 - it is defined further down
        description="The data folder: database, signing key, added fonts, what is kept for "
        "callers.",
    )
    database_url: PostgresAddress = Field(
        None,
        description="The PostgreSQL that keeps all records: "
        "`postgresql://user:password@host/name`, of version 13 or newer; needs `pip install "
        "'pisang[postgres]'`. Without it, a file of SQLite in the data folder.",
    )
    processes: int = Field(
        1,
        description="How many processes serve, each with all of `workers`; more than one on one "
        "machine with several processors.",
        ge=1,
        le=256,
    )
    limits_url: ValkeyAddress = Field(
        None,
        description="The Valkey or Redis in which all servers count requests, tokens and images a "
        "minute and requests a day together: `valkey://:password@host`; needs `pip install "
        "'pisang[valkey]'`. Without it they are counted in the database, where requests at the "
        "same time always are.",
    )
    limits_lost: Literal["open", "closed", "local"] = Field(
        "closed",
        description="What happens, while that Valkey cannot be reached, to requests whose project "
        "or key has a limit that is counted there: `open` lets them pass uncounted, `closed` "
        "refuses them, `local` counts in each process up to its share of each limit. "
        "Requests at the same time, budgets and balances stay limited: the database counts them.",
    )
    limits_replicas: int = Field(
        1,
        description="Among how many servers `local` shares a limit; each server shares its part "
        "among its `processes`.",
        ge=1,
        le=10_000,
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
    signing_key: SigningKey = Field(
        None,
        description="The secret that signs thoughtSignature and links: at least 16 characters, the "
        "same on all replicas. Without it one is made at the first start and kept in the data "
        "folder.",
    )
    master_key: SecretStr | None = Field(
        None,
        description="The key under which secrets in the database are encrypted: 32 bytes as base64 "
        "or hexadecimal, a passphrase, `file:PATH`, or `command:WORDS` that prints it; the same on "
        "all replicas. Without it one is made in the data folder: see "
        "[secrets](../how-to/secrets.md).",
    )
    master_key_next: SecretStr | None = Field(
        None,
        description="The master key to come, in the same forms: `pisang secrets rotate` moves all "
        "to it, and servers that have both read both.",
    )
    encrypt_blobs: Literal["off", "on"] = Field(
        "off",
        description="`on` encrypts pictures, files and stored conversations in the data folder "
        "too; those written before stay as they are.",
    )
    max_body_mb: int = Field(
        100,
        description="The largest request body, in megabytes (10^6 bytes); uploads of files may "
        "have more.",
        ge=1,
        le=2000,
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
        1000,
        description="How many more requests may wait before new ones get 503.",
        ge=0,
        le=100_000,
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
    trusted_proxies: Networks = Field(
        (),
        description="Networks of your own proxies, with commas (`10.0.0.0/8`): only theirs is the "
        "header X-Forwarded-For that tells where a request comes from.",
    )
    least_top_up: Decimal = Field(
        Decimal(0),
        description="The smallest top-up of a prepaid balance, in dollars (Google's is 10).",
        ge=0,
        max_digits=18,
        decimal_places=9,
    )
    dormant_days: float = Field(
        90,
        description="Days after which an unused key without restrictions counts as dormant, in "
        "projects that block such keys.",
        gt=0,
        le=3650,
    )
    session_hours: float = Field(
        12, description="How long a person who signed in stays so.", gt=0, le=8760
    )
    oidc_issuer: Issuer = Field(
        "",
        description="The address of the OpenID Connect issuer by which people sign in, e.g. "
        "`https://accounts.google.com`: see [sign-in](../how-to/sign-in.md).",
    )
    oidc_client_id: str = Field("", description="What that issuer calls this server.")
    oidc_client_secret: SecretStr | None = Field(
        None, description="The secret it gave out with that, where it gave one."
    )
    oidc_allowed_domains: Domains = Field(
        (), description="Whose email addresses may sign in there, by domain, with commas."
    )
    oidc_allowed_emails: Mail = Field(
        (),
        description="The same by whole addresses. Without domains and addresses everybody may whom "
        "the issuer lets in.",
    )
    oidc_default_role: Literal["", "viewer", "developer", "editor"] = Field(
        "", description="The role in the default project that a first sign-in there gives."
    )
    asset_days: float = Field(
        7, description="How long pictures that were given out as links are kept.", gt=0, le=3650
    )
    conversation_days: float = Field(
        55,
        description="How long stored interactions and responses are kept, and thought signatures "
        "for OpenAI's clients.",
        gt=0,
        le=3650,
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
    engines: Tables = Field(
        {},
        description="Who makes pictures, by a name of yours: see [routes](../how-to/routes.md).",
    )
    routes: Rows = Field(
        (),
        description="Which models go to which engines; the first that fits counts. Without any: "
        "Google where the environment has a key of it, else the built-in engine.",
    )
    tries: int = Field(
        4, description="How often one engine is asked for one request, at most.", ge=1, le=100
    )
    tries_before_next: int = Field(
        2,
        description="The same, where another engine of the route could be asked instead.",
        ge=1,
        le=100,
    )
    longest_wait: float = Field(
        20,
        description="Seconds above which an engine that asks to wait is not waited for.",
        ge=0,
        le=3600,
    )
    longest_wait_before_next: float = Field(
        2,
        description="The same, where another engine of the route could be asked instead.",
        ge=0,
        le=3600,
    )
    hedge_after: float = Field(
        0,
        description="Seconds without an answer after which a second engine is asked too, which may "
        "cost twice; 0: never.",
        ge=0,
        le=3600,
    )
    metrics: Literal["on", "off"] = Field(
        "on", description="Whether `/metrics` tells Prometheus what the server does."
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="The bearer token that `/metrics` wants. Without it, it answers this machine "
        "and private networks only: see [monitoring](../how-to/monitoring.md).",
    )
    traces: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether traces go out by OpenTelemetry; needs `pip install "
        "'pisang[telemetry]'`. `auto`: where `OTEL_EXPORTER_OTLP_ENDPOINT` or "
        "`OTEL_TRACES_EXPORTER` is set.",
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

    @field_validator(
        "log_level",
        "log_format",
        "compatibility",
        "thought_signatures",
        "openai_errors",
        "limits_lost",
        "encrypt_blobs",
        "metrics",
        "traces",
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
    def postgres(self) -> str | None:
        """The address of the PostgreSQL, where there is one."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def valkey(self) -> str | None:
        """The address of the Valkey that counts limits, where there is one."""
        return self.limits_url.get_secret_value() if self.limits_url else None

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
