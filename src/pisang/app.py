"""The composition root: settings in, a gateway or a whole application out. Only this module knows
which engine is used; everyone else gets it handed in."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.middleware import Middleware

from pisang.accounts.first import ensure_default_project, ensure_first_key
from pisang.accounts.keys import NewKey
from pisang.core.errors import EngineUnavailable, SettingsError, StoreError
from pisang.engines.base import Engine
from pisang.engines.sketch.engine import SketchEngine
from pisang.gateway import Gateway, Rules
from pisang.settings import Settings
from pisang.store.database import Database
from pisang.store.folder import Folder, prepare, signing_key
from pisang.store.open import opened
from pisang.surfaces.bodies import BodyLimit
from pisang.surfaces.door import Door, TidyPath
from pisang.surfaces.manners import Manners
from pisang.surfaces.refusals import handlers
from pisang.surfaces.routes import routes
from pisang.surfaces.shared import Shared


@dataclass(frozen=True, slots=True)
class Application:
    """A server's inside: the ASGI application, and the first key where this start made it."""

    asgi: Starlette
    gateway: Gateway
    database: Database
    first_key: NewKey | None


@asynccontextmanager
async def gateway(
    settings: Settings, *, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Gateway]:
    """The path alone, without a server: for the command line. Uses the folder's signing key.

    One picture needs no data folder: where the key cannot be kept, one for this process will do,
    and ``tell`` gets a sentence about it.
    """
    engine = _engine(settings, *_key_for_now(settings, tell))
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

    Serve it with lifespan events off: it is open already, so that what an operator has to mend is
    raised here, as ``StoreError`` or ``SettingsError``, and not told by a web server.
    """
    app = asgi(settings, engine=engine)
    async with app.router.lifespan_context(app):
        inside: Shared = app.state.shared
        yield Application(app, inside.gateway, inside.database, app.state.first_key)


def asgi(settings: Settings, *, engine: Engine | None = None) -> Starlette:
    """The ASGI application, for any server: its lifespan opens and closes all that it needs."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings.data) as (folder, database):
            await ensure_default_project(database)
            app.state.first_key = await ensure_first_key(database)
            path = Gateway(
                engine or _engine(settings, folder, _key(settings, folder)), rules=_rules(settings)
            )
            app.state.shared = Shared(path, database, lambda: _ready(path, database))
            try:
                yield
            finally:
                await path.close()

    app = Starlette(
        routes=routes(settings.prefix),
        exception_handlers=handlers(settings.prefix),
        middleware=[
            Middleware(Door),
            Middleware(TidyPath),
            Middleware(Manners),
            Middleware(BodyLimit, most=settings.max_body_bytes),
        ],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # TidyPath has taken them away
    return app


async def _ready(path: Gateway, database: Database) -> None:
    await database.check()
    if getattr(path.engine, "closed", False):
        raise EngineUnavailable("The engine is shut down.")


def _key(settings: Settings, folder: Folder) -> bytes:
    secret = settings.signing_key
    return secret.get_secret_value().encode() if secret else signing_key(folder)


def _key_for_now(settings: Settings, tell: Callable[[str], None]) -> tuple[Folder, bytes]:
    folder = Folder(settings.data)
    try:
        with suppress(StoreError):  # a folder that may only be read can still hold the key
            prepare(settings.data)
        return folder, _key(settings, folder)
    except StoreError as error:
        if error.__cause__ is None:  # there is a key, and it is damaged: that has to be mended
            raise
        tell(f"{error.message} Using a key for this time only: other runs cannot continue this.")
        return folder, secrets.token_bytes(32)


def _engine(settings: Settings, folder: Folder, key: bytes) -> Engine:
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
