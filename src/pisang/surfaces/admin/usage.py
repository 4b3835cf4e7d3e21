"""``/admin/v1/usage``: what was used and what it cost, added up, and what a month will come to."""

import csv
import io
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import MalformedRequest
from pisang.core.money import Money
from pisang.core.roles import Action
from pisang.ledger import forecast as forecasts
from pisang.ledger import usage as sums
from pisang.ledger.usage import UsageRow
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import records

_DAY: Final = "day"
_TOKENS: Final = ("prompt_text", "prompt_image", "text_output", "thoughts", "image_output")
_QUERY: Final = ("project", "by", "from", "to", "format")
_FORMATS: Final = ("json", "csv")


async def usage(call: Request) -> Response:
    """Usage by `by`: hour, day, model, project, key, tier, surface, engine or label:NAME; several
    with commas. `from` and `to` are times; `format=csv` is for spreadsheets."""
    asked = fields.query(call, _QUERY)
    _, where = await asking.reach(call, Action.USAGE_GET, fields.text(asked, "project"))
    by = [way.strip() for way in (fields.text(asked, "by") or _DAY).split(",")]
    start, end = fields.time(asked, "from"), fields.time(asked, "to")
    if start and end and end <= start:
        raise MalformedRequest("to must be later than from.", field="to")
    form = fields.one_of(asked, "format", _FORMATS) or "json"
    async with records(call).database.read() as connection:
        found = await sums.usage(connection, by, projects=where, start=start, end=end)
        names = await asking.names(connection) if "project" in by else {}
    rows = [_plain(row, names) for row in found]
    if form == "csv":
        return _csv(rows, by)
    return asking.answer(
        {
            "by": ",".join(by),
            "from": fields.shown(start),
            "to": fields.shown(end),
            "rows": rows,
            "total": _total(found),
        }
    )


async def forecast(call: Request) -> Response:
    """What this month has cost so far, and will come to if it goes on like the last week."""
    asked = fields.query(call, ("project",))
    _, where = await asking.reach(call, Action.USAGE_GET, fields.text(asked, "project"))
    async with records(call).database.read() as connection:
        found = await forecasts.forecast(connection, at=time.time(), projects=where)
    return asking.answer(
        {
            "from": fields.shown(found.start),
            "to": fields.shown(found.end),
            "spent_usd": fields.usd(found.spent),
            "rehearsal_usd": fields.usd(found.rehearsal),
            "a_day_usd": fields.usd(found.a_day),
            "total_usd": fields.usd(found.total),
            "explanation": found.explanation,
        }
    )


def _plain(row: UsageRow, names: Mapping[str, str]) -> dict[str, Any]:
    ways = dict(row.by)
    if "project" in ways:
        ways["project"] = names.get(ways["project"], ways["project"])
    return {**ways, **_counts([row]), "rehearsal": row.rehearsal}


def _total(rows: Sequence[UsageRow]) -> dict[str, Any]:
    rehearsal = sum((row.amount for row in rows if row.rehearsal), Money())
    return {**_counts(rows), "rehearsal_usd": fields.usd(rehearsal)}


def _counts(rows: Sequence[UsageRow]) -> dict[str, Any]:
    return {
        "requests": sum(row.requests for row in rows),
        "failed": sum(row.failed for row in rows),
        "images": sum(row.images for row in rows),
        **{f"{name}_tokens": sum(getattr(row, name) for row in rows) for name in _TOKENS},
        "searches": sum(row.searches for row in rows),
        "engine_ms": sum(row.engine_ms for row in rows),
        "amount_usd": fields.usd(sum((row.amount for row in rows), Money())),
        "cost_usd": fields.usd(sum((row.cost for row in rows), Money())),
    }


def _csv(rows: Sequence[Mapping[str, Any]], by: Sequence[str]) -> Response:
    names = list(rows[0]) if rows else list(by)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8")


def _cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: labels are what callers wrote."""
    if isinstance(value, str) and value[:1] in ("=", "+", "@", "\t", "\r"):
        return f"'{value}"
    return value


ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/usage", asking.told(usage), methods=("GET",)),
    Route("/admin/v1/usage:forecast", asking.told(forecast), methods=("GET",)),
)
