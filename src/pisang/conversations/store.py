"""Stored conversations: what was asked and answered, so that the next request can continue it.

One row is one exchange: an interaction of Google's, or a response of OpenAI's. It names the one
before it, so that a conversation is a chain of rows. What was said is a blob of JSON, written and
read by the surface it belongs to; this record only knows whose it is, how it stands, and until
when it is kept.

The trap is that two may change a row at once: the work that finishes and the caller who cancels it.
``change`` therefore takes the states from which it may act, and says whether it did.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Row, and_, delete, select, update

from pisang.core.clock import now
from pisang.core.errors import FailedPrecondition, NotFound
from pisang.core.ids import new_id
from pisang.store.blobs import Blobs
from pisang.store.database import Database
from pisang.store.expiry import expire
from pisang.store.schema import conversations

Kind = Literal["interaction", "response"]

MOST_TURNS: Final = 50
MOST_BYTES: Final = 100_000_000

_PREFIX: Final = {"interaction": "v1", "response": "resp"}
_LONGEST_ID: Final = 64


@dataclass(frozen=True, slots=True, repr=False)
class Conversation:
    """One exchange that is kept; times are UTC without a zone, ``body`` is JSON."""

    id: str
    project_id: str
    kind: Kind
    previous_id: str | None
    status: str
    model: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    body: bytes

    def __repr__(self) -> str:  # what people say must never reach a log
        return f"Conversation({self.id!r}, {self.status!r}, {len(self.body)} bytes)"


class Conversations:
    """The stored conversations of all projects; each method sees those of one project only."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def keep(
        self,
        *,
        project_id: str,
        kind: Kind,
        status: str,
        model: str,
        body: bytes,
        days: float,
        id: str | None = None,
        previous_id: str | None = None,
    ) -> Conversation:
        """Keeps an exchange for so many days, under a new id where none is given."""
        began = now()
        kept = Conversation(
            id=id or new_conversation_id(kind),
            project_id=project_id,
            kind=kind,
            previous_id=previous_id,
            status=status,
            model=model[:128],
            created_at=began,
            updated_at=began,
            expires_at=began + timedelta(days=days),
            body=body,
        )
        blob = await self._blobs.put(body)
        try:
            async with self._database.write() as connection:
                await connection.execute(
                    conversations.insert().values(
                        id=kept.id,
                        project_id=project_id,
                        kind=kind,
                        previous_id=previous_id,
                        status=status,
                        model=kept.model,
                        blob=blob,
                        created_at=began,
                        updated_at=began,
                        expires_at=kept.expires_at,
                    )
                )
        except BaseException:
            await self._blobs.delete(blob)
            raise
        return kept

    async def find(self, project_id: str, id: str, kind: Kind) -> Conversation | None:
        """The exchange with this id; None where the project has none, or its time is over."""
        tried = ""
        while True:
            async with self._database.read() as connection:
                query = select(conversations).where(_of(project_id, id, kind))
                row = (await connection.execute(query)).first()
            if row is None or row.blob == tried:
                return None
            if found := await self._whole(row):
                return found
            tried = row.blob  # another body took its place while we were reading

    async def change(
        self,
        project_id: str,
        id: str,
        kind: Kind,
        *,
        status: str | None = None,
        body: bytes | None = None,
        only_from: Collection[str] = (),
    ) -> bool:
        """Changes the state or the body, or only the time of the last change (``updated_at``).

        Does nothing, and returns False, where there is no such exchange, or where it is not (any
        more) in one of the states ``only_from``; empty stands for any.
        """
        which = _of(project_id, id, kind)
        if only_from:
            which = and_(which, conversations.c.status.in_(only_from))
        values: dict[str, Any] = {"updated_at": now()}
        if status is not None:
            values["status"] = status
        if body is not None:
            values["blob"] = await self._blobs.put(body)
        before = None
        try:
            async with self._database.write() as connection:
                before = await connection.scalar(select(conversations.c.blob).where(which))
                if before is not None:
                    await connection.execute(update(conversations).where(which).values(**values))
        except BaseException:
            await self._blobs.delete(*_blob(values))
            raise
        if body is not None:
            await self._blobs.delete(*(_blob(values) if before is None else [before]))
        return before is not None

    async def delete(self, project_id: str, id: str, kind: Kind) -> bool:
        """Removes an exchange for good; False where the project has none with this id."""
        which = _of(project_id, id, kind)
        async with self._database.write() as connection:
            blob = await connection.scalar(select(conversations.c.blob).where(which))
            if blob is not None:
                await connection.execute(delete(conversations).where(which))
        if blob is not None:
            await self._blobs.delete(blob)
        return blob is not None

    async def chain(
        self,
        project_id: str,
        id: str,
        kind: Kind,
        *,
        most_turns: int = MOST_TURNS,
        most_bytes: int = MOST_BYTES,
    ) -> list[Conversation]:
        """The exchange with this id and all before it, oldest first.

        Raises ``NotFound`` where one of them is gone (or is another project's), and
        ``FailedPrecondition`` where they are more turns, or more bytes, than one request may have.
        Both blame ``previous_interaction_id`` or ``previous_response_id``.
        """
        rows: list[Row[Any]] = []
        upcoming: str | None = id
        async with self._database.read() as connection:
            while upcoming is not None:
                if len(rows) == most_turns:
                    raise _too_long(kind, f"has more than {most_turns} turns")
                query = select(conversations).where(_of(project_id, upcoming, kind))
                row = (await connection.execute(query)).first()
                if row is None:
                    raise _gone(kind, upcoming, asked=id)
                rows.append(row)
                upcoming = row.previous_id
        found: list[Conversation] = []
        size = 0
        for row in reversed(rows):
            turn = await self._whole(row) or await self.find(project_id, row.id, kind)
            if turn is None:  # removed while we were reading
                raise _gone(kind, row.id, asked=id)
            size += len(turn.body)
            if size > most_bytes:
                raise _too_long(kind, f"holds more than {most_bytes // 1_000_000} MB")
            found.append(turn)
        return found

    async def _whole(self, row: Row[Any]) -> Conversation | None:
        try:
            body = await self._blobs.get(row.blob)
        except FileNotFoundError:
            return None
        values = dict(row._mapping)
        del values["blob"]
        return Conversation(**values, body=body)


def new_conversation_id(kind: Kind) -> str:
    """An id as the vendor's look: ``v1_...`` of an interaction, ``resp_...`` of a response."""
    return new_id(_PREFIX[kind])


async def sweep(database: Database, blobs: Blobs, at: datetime) -> int:
    """Removes what was kept long enough; returns how many exchanges that were."""
    return await expire(database, blobs, conversations, at, naming=(conversations.c.blob,))


def _of(project_id: str, id: str, kind: Kind) -> ColumnElement[bool]:
    return and_(
        conversations.c.id == id[: _LONGEST_ID + 1],
        conversations.c.project_id == project_id,
        conversations.c.kind == kind,
        conversations.c.expires_at > now(),
    )


def _blob(values: dict[str, Any]) -> list[str]:
    return [values["blob"]] if "blob" in values else []


def _gone(kind: Kind, missing: str, *, asked: str) -> NotFound:
    before = "" if missing == asked else f", which comes before {asked[:80]!r},"
    return NotFound(
        f"There is no stored {kind} {missing[:80]!r}{before} in your project: it was never stored, "
        "was deleted, or its time is over. Begin a new conversation, or send the earlier turns.",
        field=f"previous_{kind}_id",
    )


def _too_long(kind: Kind, what: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"The conversation {what}, the most that one request may continue. Begin a new one, and "
        "send the last picture with it.",
        field=f"previous_{kind}_id",
    )
