"""Reads the audit log: by project, actor, action, target, request and time, newest first."""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.audit.chain import Entry, entry_of
from pisang.store.schema import audit

MOST: Final = 1000
"""Rows of one page."""

COLUMNS: Final = (
    "number",
    "at",
    "actor",
    "address",
    "project_id",
    "action",
    "target",
    "request_id",
    "before",
    "after",
    "previous",
    "hash",
)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which rows; what is empty or None is any. ``action`` may end in ``*`` (``keys.*``).
    ``projects`` are all that the reader may see, None is every one; ``below`` is a row's number, of
    which older ones are meant."""

    projects: frozenset[str] | None = None
    actor: str = ""
    action: str = ""
    target: str = ""
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None


ALL: Final = Filter()


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first; ``below`` asks for those after them, None where there are none."""

    entries: Sequence[Entry]
    below: int | None


async def page(connection: AsyncConnection, wanted: Filter = ALL, *, most: int = 100) -> Page:
    """One page, of at most ``most`` rows."""
    most = max(1, min(most, MOST))
    query = _query(wanted).order_by(audit.c.number.desc()).limit(most + 1)
    rows = [entry_of(row) for row in await connection.execute(query)]
    return Page(rows[:most], rows[most - 1].number if len(rows) > most else None)


async def every(connection: AsyncConnection, wanted: Filter = ALL) -> AsyncIterator[Entry]:
    """All rows that fit, newest first, page by page."""
    while True:
        found = await page(connection, wanted, most=MOST)
        for entry in found.entries:
            yield entry
        if found.below is None:
            return
        wanted = replace(wanted, below=found.below)


def plain(entry: Entry) -> dict[str, Any]:
    """A row as JSON has it."""
    return {
        "number": entry.number,
        "at": f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}",
        "actor": entry.actor,
        "address": entry.address,
        "project_id": entry.project_id,
        "action": entry.action,
        "target": entry.target,
        "request_id": entry.request_id,
        "before": json.loads(entry.before),
        "after": json.loads(entry.after),
        "previous": entry.previous.hex(),
        "hash": entry.hash.hex(),
    }


def csv_head() -> str:
    """The first line of a CSV file."""
    return _line(COLUMNS)


def csv_line(entry: Entry) -> str:
    """A row as a line of CSV; ``before`` and ``after`` are JSON in it."""
    values: Mapping[str, Any] = {
        **plain(entry),
        "before": entry.before,
        "after": entry.after,
    }
    return _line([_cell(str(values[name])) for name in COLUMNS])


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: callers choose some of what stands there."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Sequence[str]) -> str:
    made = io.StringIO()
    csv.writer(made).writerow(cells)
    return made.getvalue()


def _query(wanted: Filter) -> Select[Any]:
    query = select(audit)
    for column, value in (
        (audit.c.actor, wanted.actor),
        (audit.c.target, wanted.target),
        (audit.c.request_id, wanted.request_id),
    ):
        if value:
            query = query.where(column == value)
    if wanted.action.endswith("*"):
        query = query.where(audit.c.action.startswith(wanted.action[:-1], autoescape=True))
    elif wanted.action:
        query = query.where(audit.c.action == wanted.action)
    if wanted.projects is not None:
        query = query.where(audit.c.project_id.in_(sorted(wanted.projects)))
    if wanted.since is not None:
        query = query.where(audit.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit.c.at < wanted.until)
    if wanted.below is not None:
        query = query.where(audit.c.number < wanted.below)
    return query
