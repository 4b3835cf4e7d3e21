"""The path without a server: settings in, a gateway out. Only this module knows which engines are
used; everyone else gets them handed in.

``app.py`` builds the server around it. The command line draws with it alone, so it must not load
what only a server needs: the database's libraries would cost a picture half a second. An engine is
loaded when a table has one of its kind.
"""

import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import structlog

from pisang.core.errors import SettingsError, StoreError
from pisang.engines import registry
from pisang.engines.base import Engine
from pisang.engines.registry import Config, ConfigError, Means
from pisang.gateway import Gateway, Rules
from pisang.routing import secrets as written_secrets
from pisang.routing.assemble import Assembled, assemble
from pisang.routing.environment import BUILT_IN, Defaults, everything
from pisang.routing.read import KINDS, Written
from pisang.routing.router import Router
from pisang.routing.rules import RetryRules
from pisang.routing.table import EngineSpec, Table
from pisang.settings import Settings
from pisang.store.buckets import Buckets
from pisang.store.folder import Folder, prepare, signing_key

log = structlog.get_logger("pisang.routing")


@dataclass(frozen=True, slots=True)
class Staff:
    """A route table with the engines that it names. ``notes`` are sentences about what was left
    aside; ``missing`` says why an engine that the admin API made could not be built."""

    table: Table
    members: dict[str, Sequence[Engine]]
    configs: dict[str, tuple[str, Config]] = field(repr=False)
    notes: tuple[str, ...]
    missing: dict[str, str]


@asynccontextmanager
async def gateway(
    settings: Settings, *, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Gateway]:
    """The path for one process. Uses the folder's signing key.

    One picture needs no data folder: where the key cannot be kept, one for this process will do,
    and ``tell`` gets a sentence about it.
    """
    path = Gateway(router(settings, *_key_for_now(settings, tell)), rules=rules(settings))
    try:
        yield path
    finally:
        await path.close()


def router(settings: Settings, folder: Folder, key: bytes) -> Router:
    """The router over the engines that the settings, or else the environment, ask for. Raises
    ``SettingsError``."""
    return routed(staff(settings, folder, key), settings)


def routed(made: Staff, settings: Settings) -> Router:
    """A router over engines that were built."""
    return Router(made.table, made.members, rules=retry_rules(settings))


def staff(
    settings: Settings,
    folder: Folder,
    key: bytes,
    *,
    kept: Written | None = None,
    before: Staff | None = None,
    environ: Mapping[str, str] = os.environ,
    built_in: Engine | None = None,
    forgiving: bool = False,
) -> Staff:
    """The table and its engines. ``kept`` is what the admin API made; an engine that ``before``
    has too, with the same words and secrets, is not built again. ``built_in`` draws where else the
    built-in engine would, and nothing is looked for in the environment then.

    Raises ``SettingsError``, but not for an engine that the admin API made: a row of the database
    must not keep a server from starting. Its routes then lead nowhere. To be ``forgiving`` is to
    treat all engines so.
    """
    found = table(settings, kept=kept, environ=environ, built_in=built_in)
    means = _means(settings, folder, key)
    made = Staff(found.table, {}, {}, found.notes, {})
    for name, spec in found.table.engines.items():
        if built_in and name == built_in.name and spec.origin == BUILT_IN:
            made.members[name] = (built_in,)
            continue
        try:
            made.configs[name] = spec.kind, config_of(spec, environ)
            if before and before.configs.get(name) == made.configs[name]:
                made.members[name] = before.members[name]
            else:
                made.members[name] = _built(spec, made.configs[name][1], means)
        except SettingsError as error:
            if not forgiving and (kept is None or spec.origin != kept.origin):
                raise
            log.warning("engine cannot be used", engine=name, why=error.message)
            made.missing[name] = error.message
    engines = {name: spec for name, spec in found.table.engines.items() if name in made.members}
    return replace(made, table=replace(found.table, engines=engines))


def table(
    settings: Settings,
    *,
    kept: Written | None = None,
    environ: Mapping[str, str] = os.environ,
    built_in: Engine | None = None,
) -> Assembled:
    """The table alone: no secret is read, and no engine built. Raises ``SettingsError``."""
    return assemble(
        settings.engines,
        settings.routes,
        environ=environ,
        kept=kept,
        kinds=_kinds(settings, kept),
        defaults=_only(built_in) if built_in else None,
    )


def config_of(spec: EngineSpec, environ: Mapping[str, str] = os.environ) -> Config:
    """An engine with its secrets read. Raises ``SettingsError``."""
    place = f"engines.{spec.name}"
    return Config(
        name=spec.name,
        api_keys=tuple(
            written_secrets.secret(each, environ=environ, place=f"{place}.api_keys[{number}]")
            for number, each in enumerate(spec.api_keys)
        ),
        base_url=spec.base_url,
        project=spec.project,
        location=spec.location,
        credentials=written_secrets.path(spec.credentials, place=f"{place}.credentials"),
        profile=spec.profile,
        options=spec.options,
    )


def buckets(settings: Settings) -> Buckets:
    """The folders that stand for buckets. Raises ``SettingsError`` where one is not there."""
    for name, folder in settings.bucket_folders.items():
        if not folder.is_dir():
            raise SettingsError(f"buckets maps {name} to no folder: {folder}.", field="buckets")
    return Buckets(settings.bucket_folders, most=settings.fetch_mb * 1_000_000)


def rules(settings: Settings) -> Rules:
    """What the gateway has to know of the settings."""
    return Rules(
        strict_models=settings.compatibility == "strict",
        strict_signatures=settings.thought_signatures == "strict",
        max_megapixels=settings.max_megapixels,
        timeout=settings.request_timeout,
        png_level=settings.png_level,
    )


def retry_rules(settings: Settings) -> RetryRules:
    """How patient the settings are with engines that fail."""
    return RetryRules(
        tries=settings.tries,
        tries_before_next=settings.tries_before_next,
        longest_wait=settings.longest_wait,
        longest_wait_before_next=settings.longest_wait_before_next,
        hedge_after=settings.hedge_after or None,
    )


def key_of(settings: Settings, folder: Folder) -> bytes:
    """The secret that signs scenes: the setting, else the folder's. Raises ``StoreError``."""
    secret = settings.signing_key
    return secret.get_secret_value().encode() if secret else signing_key(folder)


def _only(engine: Engine) -> Defaults:
    spec = EngineSpec(name=engine.name, kind="sketch", origin=BUILT_IN)
    return Defaults(everything([spec]), ())


def _built(spec: EngineSpec, config: Config, means: Means) -> Sequence[Engine]:
    try:
        return registry.build(spec.kind, config, means)
    except ConfigError as error:
        place = f"engines.{spec.name}.{error.field}"
        raise SettingsError(f"{place}: {error.sentence}", field=place) from error


def _kinds(settings: Settings, kept: Written | None) -> Sequence[str]:
    """Which kinds there are; plug-ins are only looked for where a kind is none of ours."""
    tables = (*settings.engines.values(), *(kept.engines.values() if kept else ()))
    asked = {each.get("kind") for each in tables if isinstance(each, Mapping)}
    return KINDS if asked <= {*KINDS, None} else registry.kinds()


def _means(settings: Settings, folder: Folder, key: bytes) -> Means:
    missing = [str(place) for place in settings.font_dirs if not place.is_dir()]
    if missing:
        raise SettingsError(f"font_dirs names no folder: {missing[0]}.", field="font_dirs")
    return Means(
        secret=key,
        font_dirs=(*settings.font_dirs, folder.fonts),
        workers=settings.workers,
        queue=settings.queue,
    )


def _key_for_now(settings: Settings, tell: Callable[[str], None]) -> tuple[Folder, bytes]:
    folder = Folder(settings.data)
    try:
        with suppress(StoreError):  # a folder that may only be read can still hold the key
            prepare(settings.data)
        return folder, key_of(settings, folder)
    except StoreError as error:
        if error.__cause__ is None:  # there is a key, and it is damaged: that has to be mended
            raise
        tell(f"{error.message} Using a key for this time only: other runs cannot continue this.")
        return folder, secrets.token_bytes(32)
