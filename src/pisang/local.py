"""The path without a server: settings in, a gateway out. Only this module knows which engine is
used; everyone else gets it handed in.

``app.py`` builds the server around it. The command line draws with it alone, so it must not load
what only a server needs: the database's libraries would cost a picture half a second.
"""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from pisang.core.errors import SettingsError, StoreError
from pisang.engines.base import Engine
from pisang.engines.sketch.engine import SketchEngine
from pisang.gateway import Gateway, Rules
from pisang.settings import Settings
from pisang.store.buckets import Buckets
from pisang.store.folder import Folder, prepare, signing_key


@asynccontextmanager
async def gateway(
    settings: Settings, *, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Gateway]:
    """The path for one process. Uses the folder's signing key.

    One picture needs no data folder: where the key cannot be kept, one for this process will do,
    and ``tell`` gets a sentence about it.
    """
    engine = chosen_engine(settings, *_key_for_now(settings, tell))
    path = Gateway(engine, rules=rules(settings))
    try:
        yield path
    finally:
        await path.close()


def chosen_engine(settings: Settings, folder: Folder, key: bytes) -> Engine:
    """The engine that these settings ask for. Raises ``SettingsError``."""
    missing = [str(place) for place in settings.font_dirs if not place.is_dir()]
    if missing:
        raise SettingsError(f"font_dirs names no folder: {missing[0]}.", field="font_dirs")
    return SketchEngine(
        key,
        font_dirs=(*settings.font_dirs, folder.fonts),
        workers=settings.workers,
        queue=settings.queue,
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


def key_of(settings: Settings, folder: Folder) -> bytes:
    """The secret that signs scenes: the setting, else the folder's. Raises ``StoreError``."""
    secret = settings.signing_key
    return secret.get_secret_value().encode() if secret else signing_key(folder)


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
