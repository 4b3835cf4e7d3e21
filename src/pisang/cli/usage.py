"""``pisang usage``: how many pictures and tokens were used, and what they cost."""

import sys
from typing import Annotated, Final

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.amounts import REHEARSAL, dollars, rehearsed
from pisang.cli.options import FromOption, JsonOption, ProjectOption, ToOption
from pisang.cli.output import Terminal, write
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import RequestError

_INPUT: Final = ("prompt_text", "prompt_image")
_OUTPUT: Final = ("text_output", "thoughts", "image_output")
app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(epilog="Example: pisang usage --project shop --by day --from 2026-11-01 --csv")
@placed()
def usage(
    project: ProjectOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="WHAT",
            help="hour, day, model, project, key, label:NAME, tier, surface or engine.",
        ),
    ] = "day",
    from_: FromOption = None,
    to: ToOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    forecast: Annotated[
        bool, typer.Option("--forecast", help="Say what the month will come to.")
    ] = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Say what was used and what it cost: of one project, or of all that you may see."""
    if as_csv and (json or forecast):
        raise RequestError("Give --csv by itself, without --json and --forecast.", field="csv")
    if forecast:
        _forecast(admin.ask(at, "GET", "/usage:forecast", query={"project": project}), json=json)
        return
    query = {"project": project, "by": by, "from": from_, "to": to}
    if as_csv:
        as_text = {**query, "format": "csv"}
        write(sys.stdout, admin.run(at, lambda there: there.text("/usage", as_text), there=True))
        return
    found = admin.ask(at, "GET", "/usage", query=query)
    terminal = Terminal()
    if json:
        terminal.json(found)
    else:
        _table(terminal, found)


def _table(terminal: Terminal, found: Plain) -> None:
    ways = found["by"].split(",")
    heads = [way.removeprefix("label:").upper() for way in ways]
    total = dict.fromkeys(ways, "") | {ways[0]: "all"} | found["total"]
    rows = [*found["rows"], *([total] if len(found["rows"]) > 1 else [])]
    terminal.table(
        (*heads, "REQUESTS", "FAILED", "PICTURES", "INPUT TOKENS", "OUTPUT TOKENS", "COST"),
        [
            (
                *(str(each[way] or "-") for way in ways),
                str(each["requests"]),
                str(each["failed"]),
                str(each["images"]),
                str(sum(each[f"{name}_tokens"] for name in _INPUT)),
                str(sum(each[f"{name}_tokens"] for name in _OUTPUT)),
                f"{dollars(each['amount_usd'])}{_rehearsed(each)}",
            )
            for each in rows
        ],
    )


def _rehearsed(each: Plain) -> str:
    """What of a cost nobody has to pay: a row is one or the other, the sum of them may be both."""
    amount = each.get("rehearsal_usd")
    if amount is None:
        return f" ({REHEARSAL})" if each["rehearsal"] else ""
    said = rehearsed(amount, each["amount_usd"])
    return f" ({said})" if said else ""


def _forecast(found: Plain, *, json: bool) -> None:
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    said = rehearsed(found["rehearsal_usd"], found["spent_usd"])
    whole = f" ({said})" if said == REHEARSAL else ""
    terminal.result(f"{dollars(found['total_usd'])}{whole}")
    part = f" Of what was spent {said.removeprefix('of it ')}." if said and not whole else ""
    terminal.note(f"Until {found['to']}: {found['explanation']}{part}")
