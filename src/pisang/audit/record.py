"""Writes a line of the audit log, in the transaction of what it tells about: both, or neither.

Rows are numbered without a gap, so nobody else may write one between reading the last and adding
the next. SQLite's write lock sees to that; on PostgreSQL it is a lock that ends with the
transaction. Call ``record`` as the last thing of a transaction, then that lock is held shortly.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import String, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.audit.chain import START, Entry, Head, hashed
from pisang.audit.safe import safe
from pisang.core.clock import now
from pisang.store.schema import audit

_TURN: Final = text("SELECT pg_advisory_xact_lock(7063618230)")
_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was done: ``action`` as ``core/roles.py`` names it, ``target`` the thing it was done to
    (``keys/key_01hq...``), ``before`` and ``after`` its fields, of which what did not change may be
    left out."""

    action: str
    target: str
    project_id: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


async def record(
    connection: AsyncConnection,
    *,
    actor: str,
    action: str,
    address: str = "",
    project_id: str = "",
    target: str = "",
    before: Mapping[str, Any] = _EMPTY,
    after: Mapping[str, Any] = _EMPTY,
    request_id: str = "",
    prompts: bool = False,
) -> Entry:
    """Adds a row. Call it inside the write transaction of the change, at its end. ``actor`` is a
    principal (``user:MAIL``, ``key:ID``, ``serviceAccount:MAIL``, ``local:USER``). Secrets are
    taken out, and prompts unless they may stay."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_TURN)
    last = await head(connection)
    entry = Entry(
        number=last.number + 1,
        at=now(),
        actor=_fitting("actor", actor),
        address=_fitting("address", address),
        project_id=_fitting("project_id", project_id),
        action=_fitting("action", action),
        target=_fitting("target", safe(target)),
        request_id=_fitting("request_id", request_id),
        before=_json(before, prompts=prompts),
        after=_json(after, prompts=prompts),
        previous=last.hash,
    )
    entry = replace(entry, hash=hashed(entry))
    values = {column.name: getattr(entry, column.name) for column in audit.columns}
    await connection.execute(insert(audit).values(**values))
    return entry


async def head(connection: AsyncConnection) -> Head:
    """The last row's number and hash."""
    query = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    row = (await connection.execute(query)).first()
    return Head(row.number, row.hash) if row else START


def _fitting(column: str, value: str) -> str:
    """A text that the column takes whatever somebody sent: no letter that no log should have."""
    kind = audit.c[column].type
    most = kind.length if isinstance(kind, String) and kind.length else len(value)
    printable = "".join(letter if letter.isprintable() else "?" for letter in value)
    return printable.encode(errors="replace").decode()[:most]


def _json(fields: Mapping[str, Any], *, prompts: bool) -> str:
    return json.dumps(safe(fields, prompts=prompts), sort_keys=True, separators=(",", ":"))
