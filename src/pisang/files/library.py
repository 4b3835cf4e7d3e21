"""The finished files of each project: one row and one blob each, for 48 hours.

A file whose time is over is gone at once, for everyone who asks; its bytes go with the next
``sweep``. Every question names the project, so that nobody finds the files of another one.
"""

import mimetypes
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Final

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import now
from pisang.core.errors import AlreadyExists, FailedPrecondition, PermissionDenied
from pisang.core.files import File, Source
from pisang.core.image import sniff
from pisang.store.blobs import Blobs, digest
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import files, uploads

KEPT: Final = timedelta(hours=48)
MAX_FILE: Final = 2_000_000_000  # bytes of one file (surfaces contract, section 7)
MAX_PROJECT: Final = 20_000_000_000  # bytes of all files of a project
OTHER: Final = "application/octet-stream"
_LETTERS: Final = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Kept:
    """A file and the blob that holds its bytes."""

    file: File
    blob: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list: after this file."""

    created_at: datetime
    name: str


async def find(database: Database, project_id: str, name: str) -> Kept | None:
    """The file of this name, if this project has one that lives."""
    query = select(files).where(*_living(project_id), files.c.name == name)
    async with database.read() as connection:
        row = (await connection.execute(query)).first()
    return _kept(row) if row else None


async def page(
    database: Database,
    project_id: str,
    *,
    size: int,
    after: Mark | None = None,
    oldest_first: bool = False,
    purpose: str | None = None,
) -> tuple[Sequence[File], Mark | None]:
    """Some files, newest first unless asked otherwise, and the mark of the next page if any."""
    when, name = files.c.created_at, files.c.name
    query = select(files).where(*_living(project_id))
    if purpose is not None:
        query = query.where(files.c.purpose == purpose)
    if after is not None:
        beyond = when > after.created_at if oldest_first else when < after.created_at
        query = query.where(
            or_(beyond, and_(when == after.created_at, name > after.name)),
        )
    query = query.order_by(when if oldest_first else when.desc(), name).limit(size + 1)
    async with database.read() as connection:
        found = [_kept(row).file for row in await connection.execute(query)]
    more = Mark(found[size - 1].created_at, found[size - 1].name) if len(found) > size else None
    return found[:size], more


async def remove(database: Database, blobs: Blobs, project_id: str, name: str) -> bool:
    """Deletes a file; False where this project has none of that name."""
    query = delete(files).where(*_living(project_id), files.c.name == name)
    async with database.write() as connection:
        blob = (await connection.execute(query.returning(files.c.blob))).scalar()
    if blob is None:
        return False
    await blobs.delete(blob)
    return True


async def keep(
    database: Database,
    blobs: Blobs,
    project_id: str,
    data: bytes,
    *,
    mime_type: str,
    display_name: str | None = None,
    source: Source = Source.GENERATED,
    purpose: str | None = None,
) -> File:
    """Keeps a file that this server made, or fetched, itself.

    Raises ``FailedPrecondition`` where the project's room is used up, ``StoreError``.
    """
    blob = await blobs.put(data)
    created = now()
    try:
        file = File(
            name=new_name(),
            display_name=display_name,
            mime_type=mime_type,
            size=len(data),
            sha256=await digest(data),
            source=source,
            purpose=purpose,
            created_at=created,
            expires_at=created + KEPT,
        )
        async with database.write() as connection:
            await check_room(connection, project_id, file.size)
            await add(connection, project_id, Kept(file, blob))
    except BaseException:
        await blobs.delete(blob)
        raise
    return file


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Deletes the files whose time is over, and uploads that were never finished; returns how many
    of both."""
    return sum(
        [
            await expire(database, blobs, table, at, naming=(table.c.blob,))
            for table in (files, uploads)
        ]
    )


def not_yours(name: str, *, field: str | None = None) -> PermissionDenied:
    """What Google says of a file that is not there, or somebody else's."""
    return PermissionDenied(
        f"You do not have permission to access the File {name[:60]} or it may not exist.",
        field=field,
    )


def mime_type_of(head: bytes, name: str) -> str:
    """The type that a file's first bytes show, else the one that its name's ending means."""
    header = sniff(head)
    if header:
        return header.media_type
    ending = PurePosixPath(name).suffix  # alone: a name like "data:x/y," would choose any type
    return mimetypes.guess_type(f"file{ending}")[0] or OTHER


def new_name() -> str:
    """A name as Google makes them: 12 letters and digits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(12))


async def check_name(connection: AsyncConnection, project_id: str, name: str) -> None:
    """Raises ``AlreadyExists`` where the project has a living file of this name."""
    query = select(files.c.name).where(*_living(project_id), files.c.name == name)
    if (await connection.execute(query)).first():
        raise AlreadyExists(
            f"The file files/{name} exists already. Choose another name, or leave it out.",
            field="file.name",
        )


async def check_room(
    connection: AsyncConnection, project_id: str, size: int, *, apart_from: bytes = b""
) -> None:
    """Raises ``FailedPrecondition`` where so many bytes more are too many for the project.

    What its open uploads have announced counts; ``apart_from`` is the digest of one that does not.
    """
    finished = select(func.coalesce(func.sum(files.c.size), 0)).where(*_living(project_id))
    announced = select(func.coalesce(func.sum(func.coalesce(uploads.c.size, MAX_FILE)), 0)).where(
        uploads.c.project_id == project_id,
        uploads.c.blob != "",
        uploads.c.expires_at > now(),
        uploads.c.digest != apart_from,
    )
    used = int(await connection.scalar(finished) or 0) + int(
        await connection.scalar(announced) or 0
    )
    if used + size > MAX_PROJECT:
        raise FailedPrecondition(
            f"The files of this project may have {MAX_PROJECT} bytes; {used} are used, uploads "
            "on their way included. Delete some files, or wait: each goes after 48 hours."
        )


async def add(connection: AsyncConnection, project_id: str, kept: Kept) -> str | None:
    """Writes the row; returns the blob of an expired file that had the name.

    Raises ``AlreadyExists``. Call it inside a write transaction.
    """
    file = kept.file
    await check_name(connection, project_id, file.name)
    same = and_(files.c.project_id == project_id, files.c.name == file.name)
    query = delete(files).where(same).returning(files.c.blob)
    expired = (await connection.execute(query)).scalar()
    await connection.execute(
        files.insert().values(
            project_id=project_id,
            name=file.name,
            display_name=file.display_name,
            mime_type=file.mime_type,
            size=file.size,
            sha256=file.sha256,
            source=file.source.value,
            purpose=file.purpose,
            blob=kept.blob,
            created_at=file.created_at,
            expires_at=file.expires_at,
        )
    )
    return expired


def _living(project_id: str) -> tuple[ColumnElement[bool], ...]:
    return (files.c.project_id == project_id, files.c.expires_at > now())


def _kept(row: Row[tuple[object, ...]]) -> Kept:
    file = File(
        name=row.name,
        display_name=row.display_name,
        mime_type=row.mime_type,
        size=row.size,
        sha256=row.sha256,
        source=Source(row.source),
        purpose=row.purpose,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
    return Kept(file, row.blob)
