"""``/admin/v1/ledger:verify`` and ``:reconcile``: whether the books are right, by themselves and
beside the bill of an upstream."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.core.errors import MalformedRequest
from pisang.core.money import Money
from pisang.core.roles import Action
from pisang.ledger import reconcile as bills
from pisang.ledger import verify as books
from pisang.ledger.reconcile import Compared
from pisang.ledger.upstream_bills import COLUMNS
from pisang.surfaces.admin import asking, fields
from pisang.surfaces.admin.records import records

_MOST_BYTES: Final = 50_000_000
_MOST_LETTERS: Final = 200
_ASKED: Final = (
    "csv", "project", "engine", "from", "to", "columns", "tolerance_usd", "utc", "all_rows",
)  # fmt: skip


async def verify(call: Request) -> Response:
    """Checks the books of a `project`, or all: every bill computed again from its usage, every sum
    from its entries. `findings` is empty where all is right."""
    sent = await fields.read(call, ("project",))
    _, where = await asking.reach(call, Action.LEDGER_VERIFY, fields.text(sent, "project"))
    async with records(call).database.read() as connection:
        found = await books.verify(connection, where)
    return asking.answer(
        {
            "right": not found.findings,
            "entries": found.entries,
            "bills": found.bills,
            "findings": [
                {
                    "check": each.check,
                    "subject": each.subject,
                    "expected": each.expected,
                    "found": each.found,
                    "sentence": str(each),
                }
                for each in found.findings
            ],
        }
    )


async def reconcile(call: Request) -> Response:
    """Compares the bill of an upstream (`csv`, with a day, a model and an amount in each row) with
    what the entries say it cost: `differences` by day and model."""
    await asking.allowed(call, Action.LEDGER_RECONCILE)
    sent = await fields.read(call, _ASKED, most=_MOST_BYTES)
    _, where = await asking.reach(call, Action.LEDGER_RECONCILE, fields.text(sent, "project"))
    bill = sent.get("csv")
    if not isinstance(bill, str):
        raise MalformedRequest("csv is missing: the bill as a text.", field="csv")
    tolerance = fields.amount(sent, "tolerance_usd") if "tolerance_usd" in sent else Money()
    async with records(call).database.read() as connection:
        found = await bills.reconcile(
            connection,
            bill,
            projects=where,
            engine=fields.text(sent, "engine"),
            start=_day(sent, "from"),
            end=_day(sent, "to"),
            columns=_columns(sent),
            tolerance=tolerance,
            utc=fields.truth(sent, "utc"),
        )
    rows = found.rows if fields.truth(sent, "all_rows") else found.differences
    return asking.answer(
        {
            "billed_usd": fields.usd(found.billed),
            "ledger_usd": fields.usd(found.ledger),
            "difference_usd": fields.usd(found.billed - found.ledger),
            "columns": dict(found.columns),
            "skipped": found.skipped,
            "compared": len(found.rows),
            "differing": len(found.differences),
            "rows": [_plain(each) for each in rows],
        }
    )


def _plain(row: Compared) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "model": row.model,
        "billed_usd": fields.usd(row.billed),
        "ledger_usd": fields.usd(row.ledger),
        "difference_usd": fields.usd(row.difference),
    }


def _day(sent: Mapping[str, Any], name: str) -> date | None:
    value = fields.text(sent, name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise MalformedRequest(f"{name} must be a day, as 2026-11-01.", field=name) from None


def _columns(sent: Mapping[str, Any]) -> dict[str, str]:
    given = sent.get("columns", {})
    if not isinstance(given, dict):
        raise MalformedRequest(
            'columns must be an object, as {"amount": "Price"}.', field="columns"
        )
    fields.check(given, tuple(COLUMNS))
    return {name: fields.needed(given, name, most=_MOST_LETTERS) for name in given}


ROUTES: Final[Sequence[Route]] = (
    Route("/admin/v1/ledger:verify", asking.told(verify), methods=("POST",)),
    Route("/admin/v1/ledger:reconcile", asking.told(reconcile), methods=("POST",)),
)
