"""Uploads on their way: they grow piece by piece and survive a restart, until they are files.

Whoever knows an upload's id may send to it, because Google's Python client sends no key with the
bytes (surfaces contract, section 7). So the id cannot be guessed, and only its digest is kept.

What has arrived is what the blob holds; nothing else counts bytes. Two requests may send to one
upload at once: a client that lost its connection tries again before this side has noticed. The
newer one holds the upload, and the older one is told so at its next piece.
"""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select

from pisang.core.clock import now
from pisang.core.errors import (
    FailedPrecondition,
    MalformedRequest,
    NotFound,
    PisangError,
    RequestTooLarge,
    StoreError,
)
from pisang.core.files import File, Source
from pisang.files import library
from pisang.files.library import KEPT, MAX_FILE, Kept
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.schema import uploads

_PIECE: Final = 1_000_000  # bytes in memory before they go to the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One upload. ``size`` in bytes as announced, None where it was not; ``mime_type`` is empty
    where nobody said it; ``blob`` is empty once it is finished, and the file has its ``name``."""

    digest: bytes
    project_id: str
    name: str
    display_name: str | None
    mime_type: str
    size: int | None
    blob: str

    @property
    def finished(self) -> bool:
        return not self.blob


class Uploads:
    """All uploads of one server. Methods raise ``StoreError`` where disk or database fail."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs
        self._holders: dict[bytes, object] = {}
        self._locks: dict[bytes, asyncio.Lock] = {}

    async def start(
        self,
        project_id: str,
        *,
        name: str | None = None,
        display_name: str | None = None,
        mime_type: str = "",
        size: int | None = None,
    ) -> tuple[str, Upload]:
        """A new upload and its id, which is told only here.

        Raises ``RequestTooLarge``, ``AlreadyExists``, and ``FailedPrecondition`` where the project
        has no room for it.
        """
        if size is not None and size > MAX_FILE:
            raise _too_large()
        upload_id = secrets.token_urlsafe(48)
        began = now()
        upload = Upload(
            digest=_digest(upload_id),
            project_id=project_id,
            name=name or library.new_name(),
            display_name=display_name,
            mime_type=mime_type,
            size=size,
            blob=await self._blobs.start(),
        )
        try:
            async with self._database.write() as connection:
                await library.check_name(connection, project_id, upload.name)
                await library.check_room(connection, project_id, size or 0)
                await connection.execute(
                    uploads.insert().values(
                        digest=upload.digest,
                        project_id=project_id,
                        name=upload.name,
                        display_name=display_name,
                        mime_type=mime_type,
                        size=size,
                        blob=upload.blob,
                        created_at=began,
                        expires_at=began + KEPT,
                    )
                )
        except BaseException:
            await self._blobs.delete(upload.blob)
            raise
        return upload_id, upload

    async def find(self, upload_id: str) -> Upload:
        """The upload of this id, finished or not. Raises ``NotFound``."""
        digest = _digest(upload_id)
        query = select(uploads).where(uploads.c.digest == digest, uploads.c.expires_at > now())
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            raise _gone()
        return Upload(
            digest=digest,
            project_id=row.project_id,
            name=row.name,
            display_name=row.display_name,
            mime_type=row.mime_type,
            size=row.size,
            blob=row.blob,
        )

    async def received(self, upload: Upload) -> int:
        """How many bytes have arrived. Raises ``NotFound``."""
        if upload.finished:
            return upload.size or 0
        try:
            return await self._blobs.size(upload.blob)
        except FileNotFoundError as error:
            raise _gone() from error

    async def write(self, upload: Upload, pieces: AsyncIterator[bytes], *, at: int) -> int:
        """Adds bytes, from the offset ``at`` on; returns how many there are now.

        Raises ``FailedPrecondition`` for an offset other than what has arrived, or where a newer
        request took over; ``MalformedRequest`` for more than announced; ``RequestTooLarge``. Where
        ``pieces`` breaks off, what came is kept. Where the disk fails, the upload is given up.
        """
        holder = self._holders[upload.digest] = object()
        lock = self._locks.setdefault(upload.digest, asyncio.Lock())
        try:
            async with lock:
                await self._check_open(upload)
                received = await self.received(upload)
            if at != received:
                raise FailedPrecondition(
                    f"The offset is {at}, but {received} bytes have arrived. Continue at "
                    f"{received}.",
                    field="x-goog-upload-offset",
                )
            return await self._grow(_Growth(upload, at), pieces, holder, lock)
        finally:
            if self._holders.get(upload.digest) is holder:
                del self._holders[upload.digest]
                self._locks.pop(upload.digest, None)

    async def finish(
        self, upload: Upload, *, purpose: str | None = None, exact: bool = True
    ) -> File:
        """Makes it a file, safe on the disk. The same upload can be finished twice: the answer to
        the first time may have been lost. ``exact`` says that the announced size must have arrived;
        otherwise it was only the most that could come.

        Raises ``MalformedRequest`` where less arrived than was announced, ``AlreadyExists``,
        ``FailedPrecondition``, ``NotFound``.
        """
        if upload.finished:
            kept = await library.find(self._database, upload.project_id, upload.name)
            if kept is None:
                raise _gone()
            return kept.file
        self._holders.pop(upload.digest, None)  # whoever still sends comes too late
        try:
            async with self._locks.setdefault(upload.digest, asyncio.Lock()):
                return await self._finished(upload, purpose, exact=exact)
        except FileNotFoundError as error:
            raise _gone() from error
        finally:
            self._locks.pop(upload.digest, None)

    async def cancel(self, upload: Upload) -> None:
        """Forgets an upload and its bytes; a finished one is left alone."""
        if upload.finished:
            return
        query = delete(uploads).where(uploads.c.digest == upload.digest, uploads.c.blob != "")
        async with self._database.write() as connection:
            blob = (await connection.execute(query.returning(uploads.c.blob))).scalar()
        if blob is not None:
            await self._blobs.delete(blob)

    async def _finished(self, upload: Upload, purpose: str | None, *, exact: bool) -> File:
        size = await self.received(upload)
        if exact and upload.size is not None and size != upload.size:
            raise MalformedRequest(
                f"{size} bytes have arrived, but {upload.size} were announced. Send the rest, "
                "or start again.",
                field="x-goog-upload-header-content-length",
            )
        sha256 = await self._blobs.seal(upload.blob)  # before it is read: only whole ones can be
        created = now()
        file = File(
            name=upload.name,
            display_name=upload.display_name,
            mime_type=upload.mime_type or await self._guess(upload),
            size=size,
            sha256=sha256,
            source=Source.UPLOADED,
            purpose=purpose,
            created_at=created,
            expires_at=created + KEPT,
        )
        await self._register(upload, file)
        return file

    async def _register(self, upload: Upload, file: File) -> None:
        mine = uploads.c.digest == upload.digest
        async with self._database.write() as connection:
            done = await connection.execute(
                uploads.update()
                .where(mine, uploads.c.blob == upload.blob)
                .values(blob="", size=file.size)
            )
            if done.rowcount != 1:  # finished, cancelled or swept in the meantime
                raise _gone()
            await library.check_room(connection, upload.project_id, file.size)
            expired = await library.add(connection, upload.project_id, Kept(file, upload.blob))
        if expired is not None:
            await self._blobs.delete(expired)

    async def _check_open(self, upload: Upload) -> None:
        """Raises where it was finished, or went away, since it was found."""
        query = select(uploads.c.blob).where(uploads.c.digest == upload.digest)
        async with self._database.read() as connection:
            blob = (await connection.execute(query)).scalar()
        if blob is None:
            raise _gone()
        if not blob:
            raise FailedPrecondition("This upload is finished already. Start another one.")

    async def _grow(
        self, growth: "_Growth", pieces: AsyncIterator[bytes], holder: object, lock: asyncio.Lock
    ) -> int:
        """Takes all pieces. What came before they broke off is kept; what a full disk has is not,
        because it keeps the disk full."""
        try:
            try:
                async for piece in pieces:
                    growth.take(piece)
                    if len(growth.buffer) >= _PIECE:
                        await self._append(growth, holder, lock)
            except StoreError:
                raise
            except Exception:
                with suppress(PisangError):
                    await self._append(growth, holder, lock)
                raise
            await self._append(growth, holder, lock)
        except StoreError:
            with suppress(PisangError):
                await self.cancel(growth.upload)
            raise
        return growth.written

    async def _append(self, growth: "_Growth", holder: object, lock: asyncio.Lock) -> None:
        if not growth.buffer:
            return
        upload = growth.upload
        data, growth.buffer = bytes(growth.buffer), bytearray()
        async with lock:
            if self._holders.get(upload.digest) is not holder:
                raise FailedPrecondition("Another request sends to this upload now.")
            try:
                await self._blobs.append(upload.blob, data, at=growth.written)
            except FileNotFoundError as error:
                raise _gone() from error
        growth.written += len(data)

    async def _guess(self, upload: Upload) -> str:
        async with aclosing(self._blobs.stream(upload.blob)) as pieces:
            head = await anext(pieces, b"")
        return library.mime_type_of(head, upload.display_name or "")


class _Growth:
    """What one request has brought so far, and how much it still may bring."""

    def __init__(self, upload: Upload, at: int) -> None:
        self.buffer = bytearray()
        self.upload = upload
        self.written = at

    def take(self, piece: bytes) -> None:
        size = self.written + len(self.buffer) + len(piece)
        announced = self.upload.size
        if announced is not None and size > announced:
            raise MalformedRequest(
                f"More bytes came than were announced ({announced}).",
                field="x-goog-upload-header-content-length",
            )
        if size > MAX_FILE:
            raise _too_large()
        self.buffer += piece


def _digest(upload_id: str) -> bytes:
    return hashlib.sha256(upload_id.encode(errors="replace")).digest()


def _gone() -> NotFound:
    return NotFound("There is no such upload, or its time is over. Start it again.")


def _too_large() -> RequestTooLarge:
    return RequestTooLarge(f"A file may have at most {MAX_FILE} bytes.", field="file.size_bytes")
