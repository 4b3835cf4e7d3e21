"""``pisang audit``: who did what, and whether the log is as it was written."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.exits import Exit
from pisang.cli.options import (
    FromOption,
    JsonOption,
    MostOption,
    ProjectOption,
    RequestOption,
    ToOption,
)
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import StoreError

app = typer.Typer(
    help="Show who did what, check that nobody changed the log, export it.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


class Form(StrEnum):
    """What a file of the log is."""

    CSV = "csv"
    JSON = "json"


ActorOption = Annotated[
    str | None,
    typer.Option("--actor", metavar="WHO", help="Of this one, as key:ID.", show_default=False),
]
ActionOption = Annotated[
    str | None,
    typer.Option(
        "--action", metavar="WHAT", help="As keys.create, or 'keys.*'.", show_default=False
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option("--target", metavar="THING", help="As keys/key_01hq....", show_default=False),
]


@app.command("list", epilog="Example: pisang audit list --project shop --action 'keys.*'")
@placed()
def list_(
    project: ProjectOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    target: TargetOption = None,
    request: RequestOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    most: MostOption = 50,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """List what was done, newest first."""
    query = {
        "project": project,
        "actor": actor,
        "action": action,
        "target": target,
        "request": request,
        "from": from_,
        "to": to,
        "page_size": most,
    }
    found = admin.ask(at, "GET", "/audit", query=query)
    terminal = Terminal()
    if json:
        terminal.json(found["entries"])
        return
    terminal.table(
        ("NUMBER", "AT", "ACTOR", "FROM", "ACTION", "PROJECT", "TARGET", "REQUEST"),
        [
            (
                str(each["number"]),
                each["at"][:19] + "Z",
                each["actor"],
                each["address"] or "-",
                each["action"],
                each["project"] or each["project_id"] or "-",
                each["target"] or "-",
                each["request_id"] or "-",
            )
            for each in found["entries"]
        ],
    )
    if found.get("next_page_token"):
        terminal.note(f"There are more than these {len(found['entries'])}: see --most and --to.")


@app.command(epilog="Example: pisang audit verify --head 812:5d41402abc4b2a76b9719d911017c592...")
@placed()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            "--head",
            metavar="NUMBER:HASH",
            help="What `pisang audit head` printed before: shows whether rows were cut off.",
            show_default=False,
        ),
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Check that no row was changed, removed or put in; name the first that was."""
    found = admin.ask(at, "POST", "/audit:verify", {"head": head})
    terminal = Terminal()
    if json:
        terminal.json(found)
    elif found["ok"]:
        terminal.result(f"The {found['rows']} rows are as they were written. Head: {found['head']}")
    if found["ok"]:
        return
    if json:
        raise typer.Exit(Exit.FAILURE)
    broken = found["broken"]
    raise StoreError(
        f"Row {broken['number']} of the audit log is not as it was written: {broken['why']}. The "
        f"{found['rows']} rows before it are good."
    )


@app.command(epilog="Example: pisang audit export --format csv --output audit.csv")
@placed()
def export(
    form: Annotated[Form, typer.Option("--format", help="The form of the file.")] = Form.JSON,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where to write it.", show_default=False
        ),
    ] = None,
    project: ProjectOption = None,
    actor: ActorOption = None,
    action: ActionOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    at: Place = HERE,
) -> None:
    """Write the log as CSV, or as JSON with one object a line."""
    query = {
        "project": project,
        "actor": actor,
        "action": action,
        "from": from_,
        "to": to,
        "format": form.value,
    }
    text = admin.run(at, lambda ask: ask.text("/audit:export", query), there=True)
    if output is None:
        sys.stdout.write(text)
        return
    with output.open("w", encoding="utf-8", newline="") as file:
        file.write(text)


@app.command(epilog="Example: pisang audit head >> /somewhere/else/audit-heads")
@placed()
def head(at: Place = HERE, json: JsonOption = False) -> None:
    """Print the end of the log, to keep elsewhere and give to `verify` later."""
    found = admin.ask(at, "GET", "/audit/head")
    Terminal().tell(found, found["head"], json=json)
