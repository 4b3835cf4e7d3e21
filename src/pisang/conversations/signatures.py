"""Remembers the thought signature of every picture we hand to a client that cannot carry it.

A client of OpenAI's sends back the picture and nothing else, so the signature is kept under the
SHA-256 of the picture's file, per project: whoever does not have the picture cannot ask for it, and
no other project finds it. A picture that was changed on the way (another format, a crop) is another
picture; the model then edits it as pixels.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from pisang.core.clock import now
from pisang.core.content import Content, Part, Role
from pisang.store.blobs import Blobs, digest
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import signatures

LONGEST: Final = 8_000_000
"""Bytes; Google's are up to 3 million. A longer one is not kept."""

_IN_THE_ROW: Final = 4096  # longer ones would make the table slow to walk
_AT_ONCE: Final = 500  # digests in one query; SQLite takes some thousands


@dataclass(frozen=True, slots=True)
class _Row:
    digest: bytes
    blob: str | None
    signature: bytes | None


async def remember(
    database: Database,
    blobs: Blobs,
    project_id: str,
    *,
    picture: bytes,
    signature: bytes | None,
    until: datetime,
) -> None:
    """Keeps the signature of a picture's file; a newer one takes the place of an older.

    Nothing is kept where there is no signature, or one longer than ``LONGEST``.
    """
    if not signature or len(signature) > LONGEST:
        return
    key = await digest(picture)
    where = (signatures.c.project_id == project_id, signatures.c.digest == key)
    blob = await blobs.put(signature) if len(signature) > _IN_THE_ROW else None
    try:
        async with database.write() as connection:
            old = await connection.scalar(select(signatures.c.blob).where(*where))
            await connection.execute(delete(signatures).where(*where))
            await connection.execute(
                signatures.insert().values(
                    project_id=project_id,
                    digest=key,
                    blob=blob,
                    signature=None if blob else signature,
                    expires_at=until,
                )
            )
    except BaseException:
        if blob:
            await blobs.delete(blob)
        raise
    if old:
        await blobs.delete(old)


async def recall(
    database: Database,
    blobs: Blobs,
    project_id: str,
    contents: Sequence[Content],
    *,
    supplied: bool = False,
) -> tuple[Content, ...]:
    """The same contents, with the signature on every picture in a model turn that lacks its own.

    ``supplied`` does the same for the picture that a user sends back as if it were a reference: a
    user turn whose only picture is one of ours becomes the model's turn with it, then what the user
    says. (With two pictures nobody can tell which one is to be continued: they stay references.)
    """
    wanted = [part for part in _pictures(contents) if not part.thought_signature]
    if not wanted:
        return tuple(contents)
    by_part = {id(part): await digest(_data(part)) for part in wanted}
    known = await _known(database, blobs, project_id, set(by_part.values()))

    def signed(part: Part) -> Part:
        signature = known.get(by_part.get(id(part), b""))
        return part if signature is None else replace(part, thought_signature=signature)

    turns: list[Content] = []
    for turn in contents:
        parts = tuple(signed(part) for part in turn.parts)
        if turn.role is Role.MODEL:
            turns.append(Content(Role.MODEL, parts))
        elif supplied:
            turns += _continued(turn, parts, turns)
        else:
            turns.append(turn)
    return tuple(turns)


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Forgets the signatures that were to be kept until then at the latest; returns how many."""
    return await expire(database, blobs, signatures, at, naming=(signatures.c.blob,))


def _continued(turn: Content, parts: tuple[Part, ...], before: Sequence[Content]) -> list[Content]:
    """A user turn as one or two turns; ``parts`` are its own with the signatures that are known."""
    pictures = [part for part in parts if part.blob or part.file]
    said = tuple(part for part in parts if part not in pictures)
    if len(pictures) != 1 or not pictures[0].thought_signature or not said:
        return [turn]
    (picture,) = pictures
    drawn = bool(before) and before[-1].role is Role.MODEL and picture in before[-1].parts
    shown = [] if drawn else [Content(Role.MODEL, (picture,))]
    return [*shown, Content(Role.USER, said)]


async def _known(
    database: Database, blobs: Blobs, project_id: str, digests: Collection[bytes]
) -> Mapping[bytes, bytes]:
    """The signatures there are, by the digest of their picture."""
    found: list[_Row] = []
    every = sorted(digests)
    async with database.read() as connection:
        for at in range(0, len(every), _AT_ONCE):
            query = select(signatures.c.digest, signatures.c.blob, signatures.c.signature).where(
                signatures.c.project_id == project_id,
                signatures.c.digest.in_(every[at : at + _AT_ONCE]),
                signatures.c.expires_at > now(),
            )
            found += [_Row(*row) for row in await connection.execute(query)]
    known: dict[bytes, bytes] = {}
    for row in found:
        try:
            known[row.digest] = await blobs.get(row.blob) if row.blob else row.signature or b""
        except FileNotFoundError:  # swept in between
            continue
    return known


def _pictures(contents: Sequence[Content]) -> Iterator[Part]:
    return (part for turn in contents for part in turn.parts if part.blob and not part.thought)


def _data(part: Part) -> bytes:
    return part.blob.data if part.blob else b""
