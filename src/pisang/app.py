"""The composition root: settings in, a gateway or a whole application out. Only this module knows
which engine is used; everyone else gets it handed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from pisang.accounts.first import ensure_default_project, ensure_first_key
from pisang.accounts.keys import NewKey
from pisang.core.errors import EngineUnavailable, SettingsError
from pisang.engines.base import Engine
from pisang.engines.sketch.engine import SketchEngine
from pisang.gateway import Gateway, Rules
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder, prepare, signing_key
from pisang.store.open import opened
from pisang.surfaces.door import door
from pisang.surfaces.gemini import Gemini
from pisang.surfaces.routes import handler


@dataclass(frozen=True, slots=True)
class Application:
    """A server's inside: the ASGI application, and the first key where this start made it."""

    asgi: ASGIApp
    gateway: Gateway
    database: Database
    first_key: NewKey | None


@asynccontextmanager
async def gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """The path alone, without a server: for the command line. Uses the folder's signing key."""
    engine = _engine(settings, prepare(settings.data))
    path = Gateway(engine, rules=_rules(settings))
    try:
        yield path
    finally:
        await path.close()


@asynccontextmanager
async def application(
    settings: Settings, *, engine: Engine | None = None
) -> AsyncIterator[Application]:
    """Everything a server is, opened and at the end closed; ``engine`` replaces the chosen one.

    Raises ``StoreError`` or ``SettingsError`` for what an operator has to mend.
    """
    async with opened(settings.data) as (folder, database):
        await ensure_default_project(database)
        first = await ensure_first_key(database)
        path = Gateway(engine or _engine(settings, folder), rules=_rules(settings))
        try:
            yield Application(_asgi(settings, path, database), path, database, first)
        finally:
            await path.close()


def _asgi(settings: Settings, path: Gateway, database: Database) -> ASGIApp:
    gemini = Gemini(path, database, settings.max_body_bytes)

    async def ready() -> None:
        await database.check()
        if getattr(path.engine, "closed", False):
            raise EngineUnavailable("The engine is shut down.")

    return door(handler(gemini, ready), prefix=settings.prefix)


def _engine(settings: Settings, folder: Folder) -> Engine:
    secret = settings.signing_key
    key = secret.get_secret_value().encode() if secret else signing_key(folder)
    missing = [str(place) for place in settings.font_dirs if not place.is_dir()]
    if missing:
        raise SettingsError(f"font_dirs names no folder: {missing[0]}.", field="font_dirs")
    return SketchEngine(
        key,
        font_dirs=(*settings.font_dirs, folder.fonts),
        workers=settings.workers,
        queue=settings.queue,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        strict_models=settings.compatibility == "strict",
        strict_signatures=settings.thought_signatures == "strict",
        max_megapixels=settings.max_megapixels,
        timeout=settings.request_timeout,
        png_level=settings.png_level,
    )
