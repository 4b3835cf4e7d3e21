"""``pisang budgets``: how much a project or a key may spend in a time, and what is left of it."""

from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.amounts import dollars, rehearsed
from pisang.cli.options import JsonOption, NamedProjectOption, OfKeyOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, AdminKeyOption, Place, placed
from pisang.core.errors import RequestError
from pisang.core.terms import Period

app = typer.Typer(
    help="Set caps on what is spent, and warnings before them.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
NameOption = Annotated[
    str | None,
    typer.Option("--name", help="What it is called; else its period.", show_default=False),
]
WarnOption = Annotated[
    str | None,
    typer.Option(
        "--warn", metavar="PERCENTS", help="Warn at these, as 50,80,100.", show_default=False
    ),
]
HookOption = Annotated[
    str | None,
    typer.Option(
        "--hook",
        metavar="URL",
        help="The address that is told by web hook.",
        show_default=False,
    ),
]


@app.command(
    "set", epilog="Example: pisang budgets set --project shop --amount 5.00 --period month"
)
@placed(key=AdminKeyOption)
def set_(
    project: NamedProjectOption,
    amount: Annotated[
        str, typer.Option("--amount", metavar="DOLLARS", help="What may be spent, as 5.00.")
    ],
    of_key: OfKeyOption = None,
    period: Annotated[
        Period, typer.Option("--period", help="How long it lasts; 10m is any ten minutes.")
    ] = Period.MONTH,
    name: NameOption = None,
    warn: WarnOption = None,
    hook: HookOption = None,
    warn_only: Annotated[
        bool, typer.Option("--warn-only", help="Warn only; refuse nothing.")
    ] = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Set a budget of a project or key; one of the same name is changed."""
    body = {
        "project": project,
        "key_id": of_key,
        "name": name,
        "amount_usd": amount,
        "period": period.value,
        "warn": None if warn is None else _percents(warn),
        "hook": hook,
        "enforced": not warn_only,
    }
    found = admin.ask(at, "PUT", "/budgets", body)
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.result(f"{found['id']}: {_told(found)}.")
    if found.get("hook_secret"):
        terminal.note(
            f"Its web hook is signed with {found['hook_secret']}, which is not shown again."
        )


@app.command("list", epilog="Example: pisang budgets list --project shop --json")
@placed(key=AdminKeyOption)
def list_(project: ProjectOption = None, at: Place = HERE, json: JsonOption = False) -> None:
    """List budgets, with what is spent, held and left of each."""
    found = admin.ask(at, "GET", "/budgets", query={"project": project})["budgets"]
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        (
            *("ID", "NAME", "PROJECT", "KEY", "PERIOD", "AMOUNT"),
            *("SPENT", "HELD", "LEFT", "RESETS", "NOTE"),
        ),
        [
            (
                each["id"],
                each["name"],
                each["project"],
                each["key_id"] or "-",
                each["period"] + ("" if each["enforced"] else " (warns only)"),
                dollars(each["amount_usd"]),
                dollars(each["spent_usd"]),
                dollars(each["held_usd"]),
                dollars(each["left_usd"]),
                each["resets_at"] or "-",
                rehearsed(each.get("rehearsal_usd"), each["spent_usd"]),
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang budgets remove bgt_01hq...")
@placed(key=AdminKeyOption)
def remove(
    budget: Annotated[str, typer.Argument(help="The budget's id.")],
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Remove a budget; what was spent stays in the entries."""
    admin.ask(at, "DELETE", admin.path("budgets", budget))
    Terminal().tell({"id": budget}, f"{budget} is removed.", json=json)


def _percents(text: str) -> list[int]:
    try:
        return [int(each.strip().removesuffix("%")) for each in text.split(",") if each.strip()]
    except ValueError:
        raise RequestError(
            f"{text[:80]!r} are no percents: write them as 50,80,100.", field="warn"
        ) from None


def _told(budget: Plain) -> str:
    of = f"key {budget['key_id']}" if budget["key_id"] else f"project {budget['project']}"
    kind = "at most" if budget["enforced"] else "a warning at"
    period = {Period.TEN_MINUTES: "in any 10 minutes", Period.TOTAL: "in all"}
    when = period.get(Period(budget["period"]), f"a {budget['period']}")
    return f"{of}: {kind} {dollars(budget['amount_usd'])} {when}"
