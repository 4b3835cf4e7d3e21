"""Walks the audit log from its first row to its last, and names the first that is not as it was
written."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.audit.chain import START, Entry, Head, entry_of, hashed
from pisang.store.schema import audit

_FEW: Final = 1000


@dataclass(frozen=True, slots=True)
class Broken:
    """The number of the first row that is wrong or missing, and why it is."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How many rows were found good, the last good one, and what is wrong after it, if anything
    is."""

    rows: int
    head: Head
    broken: Broken | None = None


async def verify(connection: AsyncConnection, *, known: Head | None = None) -> Verified:
    """Checks all rows. ``known`` is a head that was written down before: the log must still have
    that row as it was, else it was cut off, or written anew from its beginning."""
    last = START
    async for entry in _entries(connection):
        why = _flaw(entry, last)
        if why:
            return Verified(last.number, last, Broken(min(entry.number, last.number + 1), why))
        last = Head(entry.number, entry.hash)
        if known and known.number == last.number and known.hash != last.hash:
            why = "it is another row than the one whose head was written down"
            return Verified(last.number - 1, last, Broken(last.number, why))
    if known and known.number > last.number:
        why = f"the log ends before it, though row {known.number} was written down as its head"
        return Verified(last.number, last, Broken(last.number + 1, why))
    return Verified(last.number, last)


def _flaw(entry: Entry, last: Head) -> str:
    """What is wrong with the row after ``last``; empty where nothing is."""
    if entry.number != last.number + 1:
        return f"it is missing: the next row is {entry.number}"
    if entry.hash != hashed(entry):
        return "it was changed: its hash does not fit what it says"
    if entry.previous != last.hash:
        return "it does not follow the row before it, which was written anew"
    return ""


async def _entries(connection: AsyncConnection) -> AsyncIterator[Entry]:
    """All rows in order, a few at a time: a log may be longer than the memory."""
    number: int | None = None
    while True:
        query = select(audit).order_by(audit.c.number).limit(_FEW)
        if number is not None:
            query = query.where(audit.c.number > number)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield entry_of(row)
        if len(rows) < _FEW:
            return
        number = rows[-1].number
