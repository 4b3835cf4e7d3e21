"""``/admin/v1/audit``: who did what, and whether the log is as it was written."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from pisang.audit import listing
from pisang.audit import verify as chain
from pisang.audit.chain import Entry, Head
from pisang.audit.listing import Filter
from pisang.audit.record import head as last
from pisang.core.errors import MalformedRequest
from pisang.core.roles import Action
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import Records, records
from pisang.wire import payload

_FILTERS: Final = ("project", "actor", "action", "target", "request", "from", "to")
_FORMATS: Final = ("json", "csv")
_KINDS: Final = {"csv": "text/csv; charset=utf-8", "json": "application/x-ndjson"}


async def list_(call: Request) -> Response:
    """What was done, newest first: in a `project`, by an `actor`, to a `target`, in a `request`, an
    `action` (keys.create, or keys.*), and of a time (`from`, `to`). What belongs to no project is
    for who may see all."""
    asked = fields.query(call, (*_FILTERS, *fields.PAGED))
    size, token = fields.page(asked)
    wanted = await _wanted(call, asked, token=token)
    async with records(call).database.read() as connection:
        page = await listing.page(connection, wanted, most=size)
        names = await asking.names(connection)
    more = "" if page.below is None else str(page.below)
    return asking.listing("entries", [_plain(each, names) for each in page.entries], more)


async def export(call: Request) -> Response:
    """The same as a file, all of it: `format` is csv, or json (one object a line)."""
    asked = fields.query(call, (*_FILTERS, "format"))
    form = fields.one_of(asked, "format", _FORMATS) or "json"
    wanted = await _wanted(call, asked)
    lines = _csv(records(call), wanted) if form == "csv" else _json(records(call), wanted)
    return StreamingResponse(
        lines,
        media_type=_KINDS[form],
        headers={"content-disposition": f'attachment; filename="audit.{form}"'},
    )


async def head(call: Request) -> Response:
    """The last row's `number` and `hash`, and both as `head`: kept elsewhere, it shows later
    whether rows were cut off."""
    await asking.allowed(call, Action.AUDIT_VERIFY)
    async with records(call).database.read() as connection:
        found = await last(connection)
    return asking.answer({"number": found.number, "hash": found.hash.hex(), "head": str(found)})


async def verify(call: Request) -> Response:
    """Checks all rows, and that a `head` that was kept elsewhere is still there; names the first
    row that is `broken`."""
    await asking.allowed(call, Action.AUDIT_VERIFY)
    sent = await fields.read(call, ("head",))
    written = fields.text(sent, "head")
    known = Head.of(written) if written else None
    async with records(call).database.read() as connection:
        found = await chain.verify(connection, known=known)
    broken = found.broken
    return asking.answer(
        {
            "ok": broken is None,
            "rows": found.rows,
            "head": str(found.head),
            "broken": {"number": broken.number, "why": broken.why} if broken else None,
        }
    )


async def _wanted(call: Request, asked: Mapping[str, Any], *, token: str = "") -> Filter:
    """Which rows are asked for, of those that they may see."""
    _, where = await asking.reach(call, Action.AUDIT_LIST, fields.text(asked, "project"))
    if token and not token.isdecimal():
        raise MalformedRequest("This is no page_token of this list.", field="page_token")
    return Filter(
        projects=where,
        actor=fields.text(asked, "actor"),
        action=fields.text(asked, "action"),
        target=fields.text(asked, "target"),
        request_id=fields.text(asked, "request"),
        since=fields.time(asked, "from"),
        until=fields.time(asked, "to"),
        below=int(token[:18]) if token else None,
    )


def _plain(entry: Entry, names: Mapping[str, str]) -> dict[str, Any]:
    return {**listing.plain(entry), "project": names.get(entry.project_id) or None}


async def _csv(inside: Records, wanted: Filter) -> AsyncIterator[str]:
    yield listing.csv_head()
    async with inside.database.read() as connection:
        async for entry in listing.every(connection, wanted):
            yield listing.csv_line(entry)


async def _json(inside: Records, wanted: Filter) -> AsyncIterator[bytes]:
    async with inside.database.read() as connection:
        async for entry in listing.every(connection, wanted):
            yield b"".join(payload.pieces(listing.plain(entry))) + b"\n"


_ALL: Final = "/admin/v1/audit"

ROUTES: Final[Sequence[Route]] = (
    Route(_ALL, asking.told(list_), methods=("GET",)),
    Route(f"{_ALL}:export", asking.told(export), methods=("GET",)),
    Route(f"{_ALL}:verify", asking.told(verify), methods=("POST",)),
    Route(f"{_ALL}/head", asking.told(head), methods=("GET",)),
)
