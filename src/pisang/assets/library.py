"""Keeps pictures that were given out as links: one row and one blob each, until their day comes.

A picture belongs to a project. Whoever has a link needs no key: ``assets/links.py`` says why that
is safe. Thumbnails are made when they are first asked for and then kept beside their picture.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, select

from pisang.assets.links import Size, signed
from pisang.assets.thumbnails import MEDIA_TYPE, thumbnail
from pisang.core.clock import now
from pisang.core.content import Blob
from pisang.core.errors import NotFound
from pisang.core.ids import new_id
from pisang.core.image import sniff
from pisang.store.blobs import Blobs, digest
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import assets


@dataclass(frozen=True, slots=True)
class Asset:
    """A kept picture; ``width`` and ``height`` are 0 where its file hides them. Times are UTC."""

    id: str
    project_id: str
    mime_type: str
    width: int
    height: int
    size: int
    sha256: bytes
    model: str
    blob: str
    thumbnail: str | None
    created_at: datetime
    expires_at: datetime


async def keep(
    database: Database, blobs: Blobs, project_id: str, blob: Blob, *, model: str, days: float
) -> Asset:
    """Keeps a picture for some days. Raises ``StoreError``."""
    header = sniff(blob.data)
    created = now()
    asset = Asset(
        id=new_id("img"),
        project_id=project_id,
        mime_type=blob.mime_type,
        width=header.width if header else 0,
        height=header.height if header else 0,
        size=len(blob.data),
        sha256=await digest(blob.data),
        model=model[:128],
        blob=await blobs.put(blob.data),
        thumbnail=None,
        created_at=created,
        expires_at=created + timedelta(days=days),
    )
    try:
        async with database.write() as connection:
            row = {name: getattr(asset, name) for name in assets.columns.keys()}  # noqa: SIM118
            await connection.execute(assets.insert().values(row))
    except BaseException:
        await asyncio.shield(blobs.delete(asset.blob))
        raise
    return asset


async def find(database: Database, asset_id: str, *, project_id: str | None = None) -> Asset:
    """A kept picture; with ``project_id``, only of that project. Raises ``NotFound``."""
    query = select(assets).where(assets.c.id == asset_id, assets.c.expires_at > now())
    if project_id is not None:
        query = query.where(assets.c.project_id == project_id)
    async with database.read() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        raise NotFound("There is no such picture, or it is kept no longer (asset_days).")
    return _asset(row)


async def read(database: Database, blobs: Blobs, asset: Asset, *, size: Size) -> Blob:
    """The picture's file, or its thumbnail. Raises ``NotFound`` where it was just swept."""
    try:
        if size is Size.WHOLE:
            return Blob(asset.mime_type, await blobs.get(asset.blob))
        if asset.thumbnail:
            return Blob(MEDIA_TYPE, await blobs.get(asset.thumbnail))
        small = await asyncio.to_thread(thumbnail, await blobs.get(asset.blob))
    except FileNotFoundError as error:
        raise NotFound("This picture is kept no longer (asset_days).") from error
    await _remember_thumbnail(database, blobs, asset, small)
    return Blob(MEDIA_TYPE, small)


def link(
    origin: str, secret: bytes, asset: Asset, minutes: float, *, size: Size = Size.WHOLE
) -> str:
    """The address of a picture, good for some minutes and never longer than it is kept;
    ``origin`` is the server's own address."""
    until = min(now() + timedelta(minutes=minutes), asset.expires_at)
    return f"{origin}/assets/{asset.id}?{signed(secret, asset.id, until=until, size=size)}"


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Forgets pictures whose time is over, and their thumbnails; returns how many."""
    naming = (assets.c.blob, assets.c.thumbnail)
    return await expire(database, blobs, assets, at, naming=naming)


async def _remember_thumbnail(database: Database, blobs: Blobs, asset: Asset, small: bytes) -> None:
    """Keeps a new thumbnail, unless another request was quicker or the picture is swept."""
    key = await blobs.put(small)
    kept = False
    try:
        async with database.write() as connection:
            done = await connection.execute(
                assets.update()
                .where(assets.c.id == asset.id, assets.c.thumbnail.is_(None))
                .values(thumbnail=key)
            )
            kept = done.rowcount == 1
    finally:
        if not kept:
            with suppress(Exception):
                await asyncio.shield(blobs.delete(key))


def _asset(row: Row[tuple[object, ...]]) -> Asset:
    return Asset(**row._mapping)
