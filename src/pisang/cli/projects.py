"""``pisang projects``: create, list and change projects, straight in the data folder."""

import sys
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from pisang.accounts import projects
from pisang.cli.config import ConfigOption, DataOption
from pisang.cli.output import Terminal
from pisang.cli.records import JsonOption, run, settings_of, shown_time
from pisang.core.errors import RequestError
from pisang.faults.order import read

app = typer.Typer(
    help="Create, list and change projects.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

_LONGEST_FAULT = 63
LocationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--location",
        metavar="PLACE",
        help="Where its requests may go, as europe-west4 or europe-*. Repeatable.",
        show_default=False,
    ),
]
FaultOption = Annotated[
    str | None,
    typer.Option(
        "--fault",
        metavar="NAME",
        help="The fault of all its answers, for tests; see: pisang faults",
        show_default=False,
    ),
]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the project is called.")],
    location: LocationOption = None,
    fault: FaultOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Make a project. Keys for it are made by `pisang keys create --project NAME`."""

    async def make(connection: AsyncConnection) -> projects.Project:
        return await projects.create(
            connection, name, locations=location or (), fault=checked_fault(fault) or ""
        )

    made = run(make, settings_of(data, config))
    _tell(made, f"Made the project {made.name}, number {made.number}.", json=json)


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """List all projects."""
    found = run(projects.listed, settings_of(data, config, there=True))
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json([plain(project) for project in found])
        return
    terminal.table(
        ("NAME", "NUMBER", "ID", "LOCATIONS", "FAULT", "CREATED"),
        [
            (
                project.name,
                project.number,
                project.id,
                ",".join(project.locations) or "anywhere",
                project.fault or "-",
                shown_time(project.created_at),
            )
            for project in found
        ],
    )


@app.command()
def update(
    name: Annotated[str, typer.Argument(help="The project's name, number or id.")],
    location: LocationOption = None,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Let its requests go anywhere again.")
    ] = False,
    fault: FaultOption = None,
    no_fault: Annotated[
        bool, typer.Option("--no-fault", help="Let its answers be as they are again.")
    ] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Change a project; a running server follows at once."""
    if (location and anywhere) or (fault and no_fault):
        raise RequestError("Give --location or --anywhere, and --fault or --no-fault, not both.")
    if not (location or anywhere or fault or no_fault):
        raise RequestError("Say what to change: --location, --anywhere, --fault or --no-fault.")

    async def change(connection: AsyncConnection) -> projects.Project:
        return await projects.change(
            connection,
            name,
            locations=location or ([] if anywhere else None),
            fault=checked_fault(fault) or ("" if no_fault else None),
        )

    changed = run(change, settings_of(data, config, there=True))
    where = ", ".join(changed.locations) or "anywhere"
    fails = f" All of its answers have the fault {changed.fault}." if changed.fault else ""
    _tell(changed, f"Requests of {changed.name} may go to: {where}.{fails}", json=json)


def plain(project: projects.Project) -> dict[str, Any]:
    """A project for programs."""
    return {
        "id": project.id,
        "name": project.name,
        "number": project.number,
        "locations": list(project.locations),
        "fault": project.fault or None,
        "created_at": shown_time(project.created_at) or None,
    }


def checked_fault(order: str | None) -> str | None:
    """A fault that there is; None where nothing was said. Raises ``RequestError``."""
    if order is not None and not read(order).chosen:
        raise RequestError("That is no fault: --no-fault ends the one there is.", field="fault")
    if order is not None and len(order) > _LONGEST_FAULT:
        raise RequestError(f"A fault has at most {_LONGEST_FAULT} letters here.", field="fault")
    return order


def _tell(project: projects.Project, sentence: str, *, json: bool) -> None:
    terminal = Terminal(sys.stdout, sys.stderr)
    if json:
        terminal.json(plain(project))
    else:
        terminal.result(sentence)
