"""The composition root: settings in, a whole application out; ``local.py`` is the part of it that
needs no server."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware

from pisang import local
from pisang.accounts.first import ensure_default_project, ensure_first_key
from pisang.accounts.keys import NewKey
from pisang.accounts.known import Known
from pisang.accounts.uses import Uses
from pisang.admission.references import CallerFiles
from pisang.catalog.models import catalog
from pisang.core.errors import EngineUnavailable, LimitsUnavailable, SettingsError
from pisang.core.roles import Role
from pisang.engines.base import Engine
from pisang.fetch.fetcher import Fetcher
from pisang.files.uploads import Uploads
from pisang.gateway import Gateway
from pisang.hooks.open import opened as hooks
from pisang.janitor import janitor
from pisang.ledger.desk import opened as ledger
from pisang.ledger.shared_limits import SharedLimits, sharing
from pisang.ledger.words import Desk
from pisang.metering.outcome import Meter, both, told
from pisang.metering.prompts import Prompts
from pisang.observing import observing
from pisang.routing.current import Current
from pisang.routing.read import Written
from pisang.settings import Settings
from pisang.signin.oidc import Issuer
from pisang.signin.people import Admits, SignIn
from pisang.store.blobs import Blobs
from pisang.store.buckets import Buckets
from pisang.store.database import Database
from pisang.store.folder import Folder
from pisang.store.keyring import Keyring
from pisang.store.open import opened
from pisang.store.sealing import opened_keyring
from pisang.surfaces.admin.identity import by_credential
from pisang.surfaces.admin.records import Records
from pisang.surfaces.bodies import BodyLimit
from pisang.surfaces.dispatch import Dispatch
from pisang.surfaces.door import Door, TidyPath
from pisang.surfaces.manners import Manners
from pisang.surfaces.raised import Layers, Raised
from pisang.surfaces.refusals import defect, handlers
from pisang.surfaces.routes import routes
from pisang.surfaces.shared import Shared
from pisang.surfaces.spoiling import Faults
from pisang.telemetry.observer import Observer


@dataclass(frozen=True, slots=True)
class Application:
    """A server's inside: the ASGI application, and the first key where this start made it."""

    asgi: Starlette
    gateway: Gateway
    database: Database
    first_key: NewKey | None


@asynccontextmanager
async def application(
    settings: Settings,
    *,
    engine: Engine | None = None,
    meter: Meter = told,
    counted_in: Path | None = None,
) -> AsyncIterator[Application]:
    """Everything a server is, opened and at the end closed; ``engine`` replaces the route table,
    ``meter`` learns what became of requests. ``counted_in`` is a folder where several processes of
    one server count together.

    Serve it with lifespan events off: it is open already, so that what an operator has to mend is
    raised here, as ``StoreError`` or ``SettingsError``, and not told by a web server.
    """
    app = asgi(settings, engine=engine, meter=meter, counted_in=counted_in)
    async with app.router.lifespan_context(app):
        inside: Shared = app.state.shared
        yield Application(app, inside.gateway, inside.database, app.state.first_key)


def asgi(
    settings: Settings,
    *,
    engine: Engine | None = None,
    meter: Meter = told,
    counted_in: Path | None = None,
) -> Starlette:
    """The ASGI application, for any server: its lifespan opens and closes all that it needs."""

    observer = Observer()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with opened(settings.data, settings.postgres) as (folder, database):
            await ensure_default_project(database)
            app.state.first_key = await ensure_first_key(database)
            keyring = await opened_keyring(settings, folder, database, adopt=True)
            async with (
                observing(observer, settings, catalog(), folder=counted_in),
                hooks(database, keyring, allow=settings.fetch_allow) as warnings,
                ledger(database, warn=warnings.warn, observer=observer) as own,
                _sharing(own, settings) as desk,
            ):
                stores = folder, database, keyring
                inside = _inside(
                    settings, stores, desk, engine=engine, meter=meter, observer=observer
                )
                async with inside as app.state.shared:
                    app.state.records = _records(app.state.shared)
                    yield

    app = Layers(
        middleware=[
            Middleware(Door, defect=defect, observer=observer),
            Middleware(TidyPath),
            Middleware(Manners),
            Middleware(BodyLimit, most=settings.max_body_bytes, prefix=settings.prefix),
            Middleware(Faults),
            Middleware(Raised, handlers=handlers(settings.prefix)),
        ],
    )
    app.router = Dispatch(routes(settings.prefix), lifespan=lifespan)
    return app


@asynccontextmanager
async def _inside(
    settings: Settings,
    stores: tuple[Folder, Database, Keyring],
    desk: Desk,
    *,
    engine: Engine | None,
    meter: Meter,
    observer: Observer,
) -> AsyncIterator[Shared]:
    """What all handlers share, opened and at the end closed."""
    folder, database, keyring = stores
    secret = local.key_of(settings, folder)
    current = await _routes(settings, stores, secret, engine)
    current.router.observer, observer.engines = observer, current.router.conditions
    blobs = Blobs(folder.blobs, keyring, encrypt=settings.encrypt_blobs == "on")
    buckets = local.buckets(settings)
    known = Known(database, dormant=timedelta(days=settings.dormant_days))
    uses, signin = Uses(database), _signin(settings, database)
    opening = _path(settings, current, desk, stores=(database, blobs, buckets), meter=meter)
    async with opening as path:
        inside = Shared(
            gateway=path,
            database=database,
            known=known,
            uses=uses,
            signin=signin,
            blobs=blobs,
            buckets=buckets,
            uploads=Uploads(database, blobs),
            settings=settings,
            secret=secret,
            ready=lambda: _ready(path, (database, blobs), desk),
            routes=current,
            observer=observer,
            limits=partial(_limits, desk) if isinstance(desk, SharedLimits) else None,
        )
        try:
            async with janitor(database, blobs), current.following(), uses.writing():
                yield inside
        finally:
            await inside.works.close()
            known.close()
            await signin.close()


@asynccontextmanager
async def _path(
    settings: Settings,
    current: Current,
    desk: Desk,
    *,
    stores: tuple[Database, Blobs, Buckets],
    meter: Meter,
) -> AsyncIterator[Gateway]:
    """The one path of all requests, with what fetches files for it and writes prompts down."""
    database, blobs, buckets = stores
    fetcher, prompts = _fetcher(settings), Prompts(database)
    files = CallerFiles(
        database=database,
        blobs=blobs,
        buckets=buckets,
        fetcher=fetcher,
        most=settings.max_body_bytes,
    )
    rules, tell = local.rules(settings), both(meter, prompts)
    path = Gateway(current.router, rules=rules, references=files, meter=tell, desk=desk)
    try:
        yield path
    finally:
        await path.close()
        await prompts.close()
        fetcher.close()


def _sharing(desk: Desk, settings: Settings) -> AbstractAsyncContextManager[Desk]:
    """The desk, with limits that all servers share where the operator named a Valkey."""
    replicas = settings.limits_replicas * settings.processes
    return sharing(desk, settings.valkey, lost=settings.limits_lost, replicas=replicas)


def _records(inside: Shared) -> Records:
    """What the admin API works on, of what all handlers share."""
    return Records(
        database=inside.database,
        settings=inside.settings,
        secret=inside.secret,
        who=by_credential(inside.known, inside.uses, inside.settings),
        names=inside.routes.names,
    )


async def _routes(
    settings: Settings,
    stores: tuple[Folder, Database, Keyring],
    secret: bytes,
    engine: Engine | None,
) -> Current:
    """The routes of a server, which follow what is kept in its database."""
    folder, database, keyring = stores

    def build(kept: Written, before: Any) -> local.Staff:
        return local.staff(settings, folder, secret, kept=kept, before=before, built_in=engine)

    return await Current.opened(
        database, build=build, routed=partial(local.routed, settings=settings), keyring=keyring
    )


def _signin(settings: Settings, database: Database) -> SignIn:
    """How people sign in: by password, and by the issuer where the operator chose one."""
    secret, role, issuer = settings.oidc_client_secret, settings.oidc_default_role, None
    if settings.oidc_issuer:
        issuer = Issuer(
            settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            client_secret=secret.get_secret_value() if secret else "",
        )
    return SignIn(
        database,
        lasts=timedelta(hours=settings.session_hours),
        issuer=issuer,
        admits=Admits(
            domains=settings.oidc_allowed_domains,
            emails=settings.oidc_allowed_emails,
            role=Role(role) if role else None,
        ),
    )


def _fetcher(settings: Settings) -> Fetcher:
    try:
        return Fetcher(
            allow=settings.fetch_allow,
            most=settings.fetch_mb * 1_000_000,
            seconds=settings.fetch_timeout,
        )
    except ValueError as error:
        raise SettingsError(f"fetch_allow: {error}.", field="fetch_allow") from error


async def _limits(desk: SharedLimits) -> None:
    """Raises ``LimitsUnavailable`` where the Valkey that counts limits is lost, whatever requests
    are told then."""
    await desk.check()
    if desk.why_lost is not None:
        raise LimitsUnavailable(f"Limits are not counted in Valkey: {desk.why_lost}")


async def _ready(path: Gateway, stores: tuple[Database, Blobs], desk: Desk) -> None:
    """Raises a ``PisangError`` that says why requests would not be served just now."""
    for store in stores:
        await store.check()
    await desk.probe()
    if isinstance(desk, SharedLimits):
        await desk.check()
    router = path.router
    if any(
        getattr(engine, "closed", False)
        for name in router.table.engines
        for engine in router.members(name)
    ):
        raise EngineUnavailable("The engine is shut down.")
