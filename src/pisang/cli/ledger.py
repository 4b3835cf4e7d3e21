"""``pisang ledger``: what a project has, what it was charged for, and whether the books are right.

Amounts are exact: decimal dollars to the nano-dollar. What an engine of this machine drew at list
price is a rehearsal: it counts like a bill, and is none.
"""

from pathlib import Path
from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.amounts import REHEARSAL, dollars
from pisang.cli.exits import Exit
from pisang.cli.options import (
    FromOption,
    JsonOption,
    MostOption,
    NamedProjectOption,
    ProjectOption,
    RequestOption,
    ToOption,
)
from pisang.cli.output import Terminal, plain
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import RequestError

app = typer.Typer(
    help="Balances, entries and holds; top up a project; check the books.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
AmountOption = Annotated[
    str, typer.Option("--amount", metavar="DOLLARS", help="How much, as 5.00.", show_default=False)
]
NoteOption = Annotated[
    str | None, typer.Option("--note", help="What for; it stands in the entry.", show_default=False)
]
ReferenceOption = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="TEXT",
        help="What it is known by, as an invoice: the same one counts only once.",
        show_default=False,
    ),
]
ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="WHAT=NAME",
        help="What a column of the bill is called: day, model or amount. Repeatable.",
        show_default=False,
    ),
]
ToleranceOption = Annotated[
    str | None,
    typer.Option("--tolerance", metavar="DOLLARS", help="A difference up to it is none, as 0.01."),
]


@app.command(epilog="Example: pisang ledger balance --project shop --json")
@placed()
def balance(project: NamedProjectOption, at: Place = HERE, json: JsonOption = False) -> None:
    """Say what a project has left, what is held, and what it was charged."""
    found = admin.ask(at, "GET", "/ledger/balance", query={"project": project})
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    left = found["available_usd"]
    terminal.result(f"available  {'no cap' if left is None else dollars(left)}")
    terminal.result(f"held       {dollars(found['held_usd'])}")
    rehearsed = float(found.get("rehearsal_usd") or 0)
    said = f"  (of it {dollars(found['rehearsal_usd'])}: {REHEARSAL})" if rehearsed else ""
    terminal.result(f"posted     {dollars(found['posted_usd'])}{said}")


@app.command(epilog="Example: pisang ledger entries --project shop --kind post --from 2026-11-01")
@placed()
def entries(
    project: ProjectOption = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind", help="hold, post, void, expire, top_up or adjust.", show_default=False
        ),
    ] = None,
    request: RequestOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    most: MostOption = 50,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """List entries, newest first."""
    query = {
        "project": project,
        "kind": kind,
        "request": request,
        "from": from_,
        "to": to,
        "page_size": most,
    }
    found = admin.ask(at, "GET", "/ledger/entries", query=query)
    terminal = Terminal()
    if json:
        terminal.json(found["entries"])
        return
    terminal.table(
        ("AT", "KIND", "PROJECT", "AMOUNT", "MODEL", "ENGINE", "REQUEST", "ENTRY", "NOTE"),
        [
            (
                each["at"],
                each["kind"],
                each["project"],
                dollars(each["amount_usd"]),
                each["model"] or "-",
                each["engine"] or "-",
                each["request_id"] or "-",
                each["id"],
                REHEARSAL if each["rehearsal"] else each["note"] or "",
            )
            for each in found["entries"]
        ],
    )
    if found.get("next_page_token"):
        terminal.note(f"There are more than these {len(found['entries'])}: see --most and --to.")


@app.command(epilog="Example: pisang ledger holds --project shop")
@placed()
def holds(project: ProjectOption = None, at: Place = HERE, json: JsonOption = False) -> None:
    """List the holds that are open now: money set aside for requests that run."""
    found = admin.ask(at, "GET", "/ledger/holds", query={"project": project})["holds"]
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("HOLD", "PROJECT", "KEY", "AMOUNT", "MODEL", "REQUEST", "MADE", "EXPIRES"),
        [
            (
                each["id"],
                each["project"],
                each["key_id"],
                dollars(each["amount_usd"]),
                each["model"],
                each["request_id"],
                each["created_at"],
                each["expires_at"],
            )
            for each in found
        ],
    )


@app.command("top-up", epilog="Example: pisang ledger top-up --project shop --amount 5.00")
@placed()
def top_up(
    project: NamedProjectOption,
    amount: AmountOption,
    note: NoteOption = None,
    reference: ReferenceOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Add to what a prepaid project may spend."""
    body = {"project": project, "amount_usd": amount, "note": note, "reference": reference}
    made = admin.ask(at, "POST", "/ledger/top-ups", body)
    _tell(made, f"Topped up {project} by {dollars(made['amount_usd'])}.", json=json)


@app.command(
    epilog="Example: pisang ledger adjust --project shop --amount=-1.20 --note 'charged twice'"
)
@placed()
def adjust(
    project: NamedProjectOption,
    amount: AmountOption,
    note: Annotated[str, typer.Option("--note", help="Why.", show_default=False)],
    reference: ReferenceOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Correct a balance, up or down; entries are never changed."""
    body = {"project": project, "amount_usd": amount, "note": note, "reference": reference}
    made = admin.ask(at, "POST", "/ledger/adjustments", body)
    _tell(made, f"Adjusted {project} by {dollars(made['amount_usd'])}.", json=json)


@app.command(epilog="Example: pisang ledger verify --project shop")
@placed()
def verify(project: ProjectOption = None, at: Place = HERE, json: JsonOption = False) -> None:
    """Check the books: every bill computed again from its usage, every sum from its entries.

    Exits with 1 where something does not fit.
    """
    found = admin.ask(at, "POST", "/ledger:verify", {"project": project})
    terminal = Terminal()
    if json:
        terminal.json(found)
    else:
        for each in found["findings"]:
            terminal.result(f"FAIL  {plain(each['sentence'])}")
        entries, bills = (_counted(found[name], name) for name in ("entries", "bills"))
        checked = f"{entries}, {bills} computed again"
        fits = f"{len(found['findings'])} do not fit." if found["findings"] else "all is right."
        terminal.result(f"{checked}: {fits}")
    if found["findings"]:
        raise typer.Exit(Exit.FAILURE)


@app.command(
    epilog="Example: pisang ledger reconcile bill.csv --engine google --column amount='Cost ($)'"
)
@placed()
def reconcile(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A bill as CSV: Google's usage, or a relay's.")
    ],
    project: ProjectOption = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", "-e", help="Only what this engine cost.", show_default=False),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    column: ColumnOption = None,
    tolerance: ToleranceOption = None,
    utc: Annotated[bool, typer.Option("--utc", help="Days are those of UTC, not Pacific.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show what agrees too.")] = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Compare an upstream's bill with the entries and show the differences.

    Exits with 1 where there are any.
    """
    body = {
        "csv": _text(file),
        "project": project,
        "engine": engine,
        "from": from_,
        "to": to,
        "columns": dict(map(_column, column)) if column else None,
        "tolerance_usd": tolerance,
        "utc": utc,
        "all_rows": every,
    }
    found = admin.ask(at, "POST", "/ledger:reconcile", body)
    terminal = Terminal()
    if json:
        terminal.json(found)
    else:
        _compared(terminal, found)
    if found["differing"]:
        raise typer.Exit(Exit.FAILURE)


def _compared(terminal: Terminal, found: Plain) -> None:
    if found["rows"]:
        terminal.table(
            ("DAY", "MODEL", "BILLED", "LEDGER", "DIFFERENCE"),
            [
                (
                    each["day"],
                    each["model"],
                    dollars(each["billed_usd"]),
                    dollars(each["ledger_usd"]),
                    dollars(each["difference_usd"]),
                )
                for each in found["rows"]
            ],
        )
    terminal.result(
        f"{found['compared']} days and models, {found['differing']} differ: billed "
        f"{dollars(found['billed_usd'])}, in the ledger {dollars(found['ledger_usd'])}."
    )
    if found["skipped"]:
        terminal.note(f"{found['skipped']} lines of the bill are of no day, as sums are.")


def _column(typed: str) -> tuple[str, str]:
    what, equals, name = typed.partition("=")
    if not equals:
        raise RequestError(
            f"{typed[:80]!r} names no column: write it as amount='Cost ($)'.", field="column"
        )
    return what, name


def _tell(made: Plain, sentence: str, *, json: bool) -> None:
    terminal = Terminal()
    if json:
        terminal.json(made)
        return
    left = made["balance"]["available_usd"]
    terminal.result(f"{sentence} Available: {'no cap' if left is None else dollars(left)}.")


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{file} is not UTF-8 text.", field="file") from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RequestError(f"Cannot read {file}: {why}.", field="file") from error


_ONE = {"entries": "entry", "bills": "bill"}


def _counted(number: int, what: str) -> str:
    return f"1 {_ONE[what]}" if number == 1 else f"{number} {what}"
