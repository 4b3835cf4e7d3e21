"""What was used and what it cost, added up by hour, day, model, project, key, label and more.

Sums are kept by the hour, so that a month is quick to add up; labels are not among them, and are
read from the entries. What an engine of ours drew at list price stands in rows of its own, marked
as a rehearsal, so that nobody adds it to a bill.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.core.clock import seconds_of
from pisang.core.errors import RequestError
from pisang.core.events import Usage
from pisang.core.money import Money
from pisang.ledger.windows import PACIFIC
from pisang.store.schema import entries, usage_hours

LABEL: Final = "label:"
_COLUMNS: Final = {
    "model": "model",
    "project": "project_id",
    "key": "key_id",
    "tier": "tier",
    "surface": "surface",
    "engine": "engine",
}
_TIMES: Final[Mapping[str, Callable[[int], str]]] = {
    "hour": lambda hour: datetime.fromtimestamp(hour, UTC).strftime("%Y-%m-%dT%H:00Z"),
    "day": lambda hour: datetime.fromtimestamp(hour, PACIFIC).date().isoformat(),
    "day_utc": lambda hour: datetime.fromtimestamp(hour, UTC).date().isoformat(),
    "month": lambda hour: datetime.fromtimestamp(hour, PACIFIC).strftime("%Y-%m"),
}
WAYS: Final = (*_TIMES, *_COLUMNS, "label:NAME")
"""By what usage can be added up; days and months are those of Los Angeles, as limits' are."""

SUMS: Final = (
    "requests",
    "failed",
    "images",
    "prompt_text",
    "prompt_image",
    "text_output",
    "thoughts",
    "image_output",
    "searches",
    "engine_ms",
    "amount",
    "cost",
)
_OF_POSTS: Final = ("at", "rehearsal", "labels", "usage", "requests", "amount", "cost")
_TOKENS: Final = tuple(name for name in SUMS if name in Usage.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One sum. ``by`` has a value for each way it was asked for (empty where there is none),
    ``amount`` is what the project was charged, ``cost`` what engines ask for it. Requests that
    failed are in ``requests`` too; one for several pictures is one, where its first was made."""

    by: Mapping[str, str]
    rehearsal: bool
    requests: int
    failed: int
    images: int
    prompt_text: int
    prompt_image: int
    text_output: int
    thoughts: int
    image_output: int
    searches: int
    engine_ms: int
    amount: Money
    cost: Money


async def usage(
    connection: AsyncConnection,
    by: Sequence[str],
    *,
    projects: Collection[str] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[UsageRow]:
    """The sums by one way or several together, of these projects or of all. ``start`` and ``end``
    (UTC without a zone) are taken to the hour. Raises ``RequestError`` for another way than
    ``WAYS``."""
    for way in by:
        if way not in _TIMES and way not in _COLUMNS and not way.startswith(LABEL):
            raise RequestError(
                f"Usage cannot be added up by {way[:40]!r}. By: {', '.join(WAYS)}.", field="by"
            )
    of_labels = any(way.startswith(LABEL) for way in by)
    query = _posts(projects, start, end) if of_labels else _hours(by, projects, start, end)
    sums: dict[tuple[tuple[str, ...], bool], list[int]] = {}
    for row in await connection.execute(query):
        values = row._mapping
        found = sums.setdefault(
            (tuple(_value(way, values) for way in by), bool(values["rehearsal"])), [0] * len(SUMS)
        )
        for at, value in enumerate(_counted(values) if of_labels else _summed(values)):
            found[at] += value
    return [
        _row(by, values, rehearsal, total) for (values, rehearsal), total in sorted(sums.items())
    ]


def _hours(
    by: Sequence[str],
    projects: Collection[str] | None,
    start: datetime | None,
    end: datetime | None,
) -> Select[Any]:
    """Sums of hours, by no more columns than are needed."""
    kept = [usage_hours.c[_COLUMNS[way]] for way in by if way in _COLUMNS]
    if any(way in _TIMES for way in by):
        kept.append(usage_hours.c.hour)
    kept.append(usage_hours.c.rehearsal)
    query = select(*kept, *[func.sum(usage_hours.c[name]).label(name) for name in SUMS])
    if projects is not None:
        query = query.where(usage_hours.c.project_id.in_(projects))
    if start is not None:
        query = query.where(usage_hours.c.hour >= seconds_of(start) // 3600 * 3600)
    if end is not None:
        query = query.where(usage_hours.c.hour < -(-seconds_of(end) // 3600) * 3600)
    return query.group_by(*kept)


def _posts(
    projects: Collection[str] | None, start: datetime | None, end: datetime | None
) -> Select[Any]:
    """The bills themselves, where labels matter."""
    query = select(
        *[entries.c[column] for column in _COLUMNS.values()],
        *[entries.c[name] for name in _OF_POSTS],
    ).where(entries.c.kind == "post")
    if projects is not None:
        query = query.where(entries.c.project_id.in_(projects))
    if start is not None:
        query = query.where(entries.c.at >= start)
    return query if end is None else query.where(entries.c.at < end)


def _value(way: str, row: Mapping[str, Any]) -> str:
    if way in _COLUMNS:
        return str(row[_COLUMNS[way]])
    if way.startswith(LABEL):
        return str(json.loads(row["labels"]).get(way.removeprefix(LABEL), ""))
    hour = row["hour"] if "hour" in row else hour_of(row["at"])
    return _TIMES[way](int(hour))


def _summed(row: Mapping[str, Any]) -> Iterable[int]:
    return (int(row[name]) for name in SUMS)


def _counted(row: Mapping[str, Any]) -> Iterable[int]:
    """One bill as sums."""
    used = json.loads(row["usage"])
    counts = {name: used.get(name, 0) for name in _TOKENS}
    counts |= {name: row[name] for name in ("requests", "amount", "cost")} | {"failed": 0}
    return (int(counts[name]) for name in SUMS)


def _row(
    by: Sequence[str], values: tuple[str, ...], rehearsal: bool, total: Sequence[int]
) -> UsageRow:
    counts = dict(zip(SUMS, total, strict=True))
    money = {name: Money(counts.pop(name)) for name in ("amount", "cost")}
    named = dict(zip(by, values, strict=True))
    return UsageRow(named, rehearsal, **counts, amount=money["amount"], cost=money["cost"])


def hour_of(at: datetime) -> int:
    """The hour a moment is in, in seconds since 1970."""
    return seconds_of(at) // 3600 * 3600
