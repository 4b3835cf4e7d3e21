"""Brings the files that a request names and does not send: the ``References`` of named.py.

Four kinds of name. ``files/ID``, alone or at the end of any server's Files API address (clients
keep the address that they were given, and behind a proxy its host is another one); ``file-ID`` as
OpenAI's clients know the same files; ``gs://`` for a bucket's folder; ``https://`` for everything
else, through the guarded fetcher, but for the links to pictures that this server gave the caller.
``data:`` addresses carry their bytes with them.

All files of one request come here together, because they are limited together: a request of a few
hundred bytes must not make this server hold gigabytes, or ask the whole internet.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes
from weakref import WeakValueDictionary

from pisang.assets import library as assets
from pisang.assets.links import Size
from pisang.core.caller import Caller
from pisang.core.content import Blob, FileRef
from pisang.core.errors import FetchFailed, NotFound, RequestTooLarge
from pisang.core.image import sniff
from pisang.fetch.fetcher import Fetcher
from pisang.files import library
from pisang.store.blobs import Blobs
from pisang.store.buckets import SCHEME, Buckets
from pisang.store.database import Database
from pisang.wire.base64 import BadBase64, decode_base64

MOST_FILES: Final = 64  # different ones in a request; no model takes half as many pictures
_MOST_NAMED: Final = 1000  # of which most are an upstream's: each costs a look into the database
AT_ONCE: Final = 4  # of one project, so that nobody takes all turns of the fetcher
_LONGEST_QUOTED: Final = 100_000  # characters: taking "%41%41..." apart needs 70 times their room
_OTHER: Final = "application/octet-stream"
_NAME: Final = r"(?P<name>[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)"
_UPLOADED: Final = re.compile(
    rf"(?:https?://[^/?#]+(?:/[^?#]*)?/v1(?:beta|alpha)?/)?/?files/{_NAME}(?::download)?(?:\?[^#]*)?"
)
_ASSET: Final = re.compile(
    r"https?://[^/?#]+(?:/[^?#]*)?/assets/(?P<name>img_[0-9a-z]{26})(?:\?[^#]*)?"
)
_OPENAI: Final = re.compile(rf"file-{_NAME}")
_DATA: Final = re.compile(
    r"data:(?P<kind>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[^;,]*)*(?P<base64>;base64)?,(?P<data>.*)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(slots=True)
class _Room:
    """How many bytes the files of one request may still have."""

    most: int
    left: int

    def take(self, size: int, field: str) -> None:
        self.left -= size
        if self.left < 0:
            raise RequestTooLarge(
                f"The files of this request have more than {self.most} bytes together. Send fewer "
                "or smaller pictures; the operator sets the limit with max_body_mb.",
                field=field,
            )


class CallerFiles:
    """Where a caller's files are; those of one request have at most ``most`` bytes together."""

    def __init__(
        self, *, database: Database, blobs: Blobs, buckets: Buckets, fetcher: Fetcher, most: int
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._buckets = buckets
        self._fetcher = fetcher
        self._most = most
        self._turns = WeakValueDictionary[str, asyncio.Semaphore]()

    async def load(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        """The files by the field that names each. What is named twice is brought once.

        Raises ``FetchFailed``, ``PermissionDenied`` and ``NotFound`` (no such file, or another
        project's), ``RequestTooLarge``; each blames a field.
        """
        first: dict[str, tuple[FileRef, str]] = {}
        for field, file in files.items():
            first.setdefault(file.uri, (file, field))
            if len(first) > MOST_FILES:
                raise FetchFailed(f"A request may name at most {MOST_FILES} files.", field=field)
        room = _Room(self._most, self._most)
        turns = self._turns.setdefault(caller.project_id, asyncio.Semaphore(AT_ONCE))

        async def one(file: FileRef, field: str) -> Blob:
            async with turns:
                return await self._one(caller, file, field, room)

        work = [asyncio.ensure_future(one(file, field)) for file, field in first.values()]
        try:
            found = dict(zip(first, await asyncio.gather(*work), strict=True))
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        return {field: found[file.uri] for field, file in files.items()}

    async def own(self, caller: Caller, files: Mapping[str, FileRef]) -> Mapping[str, Blob]:
        """Those of the files that only this server has, by field: what the caller uploaded or was
        given here, what lies in its buckets. Any other an upstream can fetch, and is to.

        Raises what ``load`` raises.
        """
        ours = dict[str, bool]()
        for field, file in files.items():
            if file.uri not in ours:
                if sum(ours.values()) > MOST_FILES or len(ours) > _MOST_NAMED:
                    raise FetchFailed(
                        f"A request may name at most {MOST_FILES} files.", field=field
                    )
                ours[file.uri] = await self._is_own(caller, file)
        own = {field: file for field, file in files.items() if ours[file.uri]}
        return await self.load(caller, own) if own else {}

    async def _is_own(self, caller: Caller, file: FileRef) -> bool:
        uri = file.uri.strip()
        for pattern in (_UPLOADED, _OPENAI):
            if named := pattern.fullmatch(uri):
                found = await library.find(self._database, caller.project_id, named["name"])
                return found is not None
        if named := _ASSET.fullmatch(uri):
            return await self._given_out(caller, named["name"]) is not None
        bucket = uri.removeprefix(SCHEME).partition("/")[0]
        return uri.startswith(SCHEME) and bucket in self._buckets.folders

    async def _one(self, caller: Caller, file: FileRef, field: str, room: _Room) -> Blob:
        uri = file.uri.strip()
        for pattern in (_UPLOADED, _OPENAI):
            if named := pattern.fullmatch(uri):
                return await self._uploaded(caller, named, field, room)
        if named := _ASSET.fullmatch(uri):
            own = await self._given_out(caller, named["name"])
            if own is not None:
                room.take(len(own.data), field)
                return own
        if uri.startswith(SCHEME):
            data = await self._buckets.read(uri, field=field)
            kind = file.mime_type or _OTHER
        elif uri[:5].lower() == "data:":
            data, said = await asyncio.to_thread(_inline, uri, field)
            kind = said or file.mime_type or _OTHER
        else:
            fetched = await self._fetcher.fetch(uri, field=field)
            data, kind = fetched.data, file.mime_type or fetched.mime_type or _OTHER
        room.take(len(data), field)
        return _blob(data, kind)

    async def _given_out(self, caller: Caller, asset_id: str) -> Blob | None:
        """A picture that the caller has a link to; None where it is not (or no more) theirs."""
        try:
            asset = await assets.find(self._database, asset_id, project_id=caller.project_id)
            return await assets.read(self._database, self._blobs, asset, size=Size.WHOLE)
        except NotFound:
            return None

    async def _uploaded(
        self, caller: Caller, named: re.Match[str], field: str, room: _Room
    ) -> Blob:
        name = named["name"]
        kept = await library.find(self._database, caller.project_id, name)
        if kept is not None:
            room.take(kept.file.size, field)
            try:
                return _blob(await self._blobs.get(kept.blob), kept.file.mime_type)
            except FileNotFoundError:
                pass  # deleted just now
        if named.re is _OPENAI:
            raise NotFound(f"No such File object: file-{name}", field=field)
        raise library.not_yours(name, field=field)


def _inline(uri: str, field: str) -> tuple[bytes, str | None]:
    found = _DATA.fullmatch(uri)
    if found is None:
        raise FetchFailed("This data: address is not well formed.", field=field)
    try:
        if found["base64"]:
            return decode_base64(found["data"]), found["kind"]
        if len(found["data"]) > _LONGEST_QUOTED:
            raise FetchFailed(
                f"A data: address may have {_LONGEST_QUOTED} characters unless it is base64. Send "
                "data:image/png;base64,... instead.",
                field=field,
            )
        return unquote_to_bytes(found["data"]), found["kind"]
    except (BadBase64, ValueError) as error:
        raise FetchFailed("This data: address is not well formed.", field=field) from error


def _blob(data: bytes, kind: str) -> Blob:
    """What the bytes show counts for more than what somebody said."""
    header = sniff(data)
    return Blob(header.media_type if header else kind, data)
