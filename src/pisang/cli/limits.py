"""``pisang limits``: how much a project or a key may ask for, and how much of it is used now."""

from typing import Annotated, Any

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.amounts import rehearsed
from pisang.cli.options import JsonOption, OfKeyOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, AdminKeyOption, Place, placed
from pisang.core.errors import RequestError
from pisang.core.terms import ANY_MODEL, Dimension

app = typer.Typer(
    help="Set limits on requests, tokens and pictures; show what is used of them.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
TierOption = Annotated[
    str | None,
    typer.Option("--tier", metavar="0|1|2|3", help="Of all projects of this tier."),
]
ModelOption = Annotated[
    str,
    typer.Option("--model", "-m", metavar="ID", help="Of this model; * is each without its own."),
]


def _limit(help: str) -> Any:
    return typer.Option(metavar="N|unlimited", help=help, show_default=False)


def _spend(help: str) -> Any:
    return typer.Option(metavar="DOLLARS|unlimited", help=help, show_default=False)


@app.command(
    "set",
    epilog="Example: pisang limits set --project shop --model gemini-3-pro-image --rpm 60 --ipm 10",
)
@placed(key=AdminKeyOption)
def set_(
    project: ProjectOption = None,
    of_key: OfKeyOption = None,
    tier: TierOption = None,
    model: ModelOption = ANY_MODEL,
    rpm: Annotated[str | None, _limit("Requests a minute.")] = None,
    tpm: Annotated[str | None, _limit("Input tokens a minute.")] = None,
    ipm: Annotated[str | None, _limit("Pictures a minute.")] = None,
    rpd: Annotated[str | None, _limit("Requests a day, which ends at midnight Pacific.")] = None,
    concurrent: Annotated[str | None, _limit("Requests at the same time.")] = None,
    spend_10m: Annotated[
        str | None, _spend("Dollars in any 10 minutes; of a project or tier.")
    ] = None,
    spend_month: Annotated[str | None, _spend("Dollars in a month; of a project or tier.")] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Set limits of a project, one of its keys, or a tier.

    0 lets nothing through; `unlimited` lifts what a tier sets. Running servers follow at once.
    """
    values = {"rpm": rpm, "ipm": ipm, "rpd": rpd, "tpm": tpm, "concurrent": concurrent}
    spend = {"spend_10m_usd": spend_10m, "spend_month_usd": spend_month}
    said = admin.given(values | spend)
    if not said:
        raise RequestError(
            "Say which limit: --rpm, --ipm, --rpd, --tpm, --concurrent or --spend-*."
        )
    _check_whose(project, of_key, tier)
    whose = {"project": project, "key_id": of_key, "tier": tier, "model": model}
    found = admin.ask(at, "PUT", "/limits", whose | said)
    terminal = Terminal()
    for notice in admin.notices(found):
        terminal.note(notice)
    if json:
        terminal.json(found["limits"])
        return
    for each in found["limits"]:
        terminal.result(f"{_whose(each)}, {_model(each)}: {_value(each)} {each['dimension']}")


@app.command("list", epilog="Example: pisang limits list --project shop --json")
@placed(key=AdminKeyOption)
def list_(
    project: ProjectOption = None,
    of_key: OfKeyOption = None,
    tier: TierOption = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="ID", help="Of this model.", show_default=False),
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """List the limits that count for a project or key, with what is used of each now."""
    _check_whose(project, of_key, tier)
    query = {"project": project, "key_id": of_key, "tier": tier, "model": model}
    found = admin.ask(at, "GET", "/limits", query=query)["limits"]
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("WHOSE", "MODEL", "LIMIT", "VALUE", "USED", "LEFT", "PRIORITY", "FROM", "NOTE"),
        [
            (
                _whose(each),
                each["model"],
                each["dimension"],
                _value(each),
                _number(each.get("used")),
                _number(each.get("left")),
                _share(each.get("priority")),
                each["origin"],
                rehearsed(each.get("rehearsal_usd"), str(each.get("used"))),
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang limits remove --project shop --model gemini-3-pro-image")
@placed(key=AdminKeyOption)
def remove(
    project: ProjectOption = None,
    of_key: OfKeyOption = None,
    tier: TierOption = None,
    model: ModelOption = ANY_MODEL,
    dimension: Annotated[
        list[Dimension] | None,
        typer.Option("--limit", help="Only this one. Repeatable.", show_default=False),
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Remove limits that were set; those of the tier count again."""
    _check_whose(project, of_key, tier)
    query = {
        "project": project,
        "key_id": of_key,
        "tier": tier,
        "model": model,
        "dimension": [each.value for each in dimension] if dimension else None,
    }
    found = admin.ask(at, "DELETE", "/limits", query=query)
    terminal = Terminal()
    if json:
        terminal.json(found["removed"])
        return
    terminal.result(f"Removed: {', '.join(found['removed']) or 'none, there were none'}.")


def _check_whose(project: str | None, key: str | None, tier: str | None) -> None:
    if bool(project) == bool(tier):
        raise RequestError("Say whose limits: --project NAME (perhaps with --key), or --tier N.")
    if tier and key:
        raise RequestError("A key is of a project: give --project, not --tier.", field="key")


def _share(priority: Plain | None) -> str:
    """What is used of the priority tier's share, and how much that is."""
    return f"{priority['used']} of {priority['value']}" if priority else "-"


def _whose(each: Plain) -> str:
    kind, _, name = each["scope"].partition(":")
    return f"tier {name}" if kind == "tier" else f"{kind} {each.get('name') or name}"


def _model(each: Plain) -> str:
    if each["dimension"].startswith("spend"):
        return "all models"
    return "each model" if each["model"] == ANY_MODEL else str(each["model"])


def _value(each: Plain) -> str:
    return "unlimited" if each["value"] is None else str(each["value"])


def _number(value: Any) -> str:
    return "-" if value is None else str(value)
