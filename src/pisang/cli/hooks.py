"""``pisang hooks``: what web hooks were told, and what became of it."""

from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.exits import Exit
from pisang.cli.options import JsonOption, MostOption, NamedProjectOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed

app = typer.Typer(
    help="Show what web hooks were told, tell it again, try one out.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.command("list", epilog="Example: pisang hooks list --project shop --status failed")
@placed()
def list_(
    project: ProjectOption = None,
    status: Annotated[
        str | None,
        typer.Option("--status", help="pending, delivered or failed.", show_default=False),
    ] = None,
    event: Annotated[
        str | None,
        typer.Option("--event", help="As budget.threshold_reached.", show_default=False),
    ] = None,
    most: MostOption = 50,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """List web hooks of the last weeks, newest first."""
    query = {"project": project, "status": status, "event": event, "page_size": most}
    found = admin.ask(at, "GET", "/hooks", query=query)["hooks"]
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("ID", "CREATED", "PROJECT", "EVENT", "STATUS", "TRIES", "NEXT", "URL", "ERROR"),
        [
            (
                each["id"],
                each["created_at"],
                each["project"],
                each["event"],
                each["status"],
                str(each["attempts"]),
                each["next_at"] or "-",
                each["url"],
                each["error"] or "-",
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang hooks redeliver hook_01hq...")
@placed()
def redeliver(
    hook: Annotated[str, typer.Argument(help="Its id: pisang hooks list")],
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Have a web hook told once more by the server, whatever became of it."""
    path = f"{admin.path('hooks', hook)}:redeliver"
    found = admin.ask(at, "POST", path, {})
    Terminal().tell(found, f"{found['id']} is told again as soon as a server runs.", json=json)


@app.command(
    "test", epilog="Example: pisang hooks test --project shop --url https://shop.example/hooks"
)
@placed()
def try_out(
    project: NamedProjectOption,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="Who is told.")],
    secret: Annotated[
        str | None,
        typer.Option(
            "--secret",
            metavar="whsec_...",
            help="What signs it; without it a new one, which is printed.",
            show_default=False,
        ),
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Tell an address something at once, and say what it answered."""
    body = {"project": project, "url": url, "secret": secret}
    found = admin.ask(at, "POST", "/hooks:test", body)
    terminal = Terminal()
    if json:
        terminal.json(found)
    elif found["delivered"]:
        terminal.result(f"Delivered: HTTP status {found['status']}.")
    else:
        terminal.result(f"Not delivered: {found['error']}")
    if "secret" in found and not json:
        terminal.note(f"It was signed with {found['secret']}")
    if not found["delivered"]:
        raise typer.Exit(Exit.FAILURE)
