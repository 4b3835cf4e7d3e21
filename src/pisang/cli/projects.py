"""``pisang projects``: what keys, members, limits and money belong to."""

from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import RequestError
from pisang.core.terms import Billing
from pisang.faults.order import read

app = typer.Typer(
    help="Create, list, change and suspend projects.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

_LONGEST_FAULT = 63
_NO_TIER = "none"
NameArgument = Annotated[str, typer.Argument(help="The project's name, number or id.")]
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
TierOption = Annotated[
    str | None,
    typer.Option(
        "--tier",
        metavar="0|1|2|3|none",
        help="Google's usage tier, with its limits; none has no limits. See: pisang limits list",
        show_default=False,
    ),
]
PrepaidOption = Annotated[
    bool | None,
    typer.Option(
        "--prepaid/--postpaid",
        help="Whether it pays before, out of a balance that is topped up, or afterwards.",
        show_default=False,
    ),
]
MarkupOption = Annotated[
    str | None,
    typer.Option(
        "--markup",
        metavar="SHARE",
        help="What is added to what an engine costs; 0.2 is a fifth.",
        show_default=False,
    ),
]
AuditContentOption = Annotated[
    bool | None,
    typer.Option(
        "--audit-content/--no-audit-content",
        help="Whether its prompts may stand in the audit log.",
        show_default=False,
    ),
]
BlockDormantOption = Annotated[
    bool | None,
    typer.Option(
        "--block-dormant/--no-block-dormant",
        help="Whether keys without restrictions that lie unused are blocked.",
        show_default=False,
    ),
]


@app.command(epilog="Example: pisang projects create shop --tier 1 --prepaid")
@placed()
def create(
    name: Annotated[str, typer.Argument(help="What the project is called.")],
    tier: TierOption = None,
    prepaid: PrepaidOption = None,
    markup: MarkupOption = None,
    location: LocationOption = None,
    fault: FaultOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Make a project. Keys for it are made by `pisang keys create --project NAME`."""
    body = {
        "name": name,
        "locations": location or None,
        "fault": checked_fault(fault),
        **_terms(tier, prepaid, markup),
    }
    made = admin.ask(at, "POST", "/projects", body, there=False)
    Terminal().tell(made, f"Made the project {made['name']}, number {made['number']}.", json=json)


@app.command("list", epilog="Example: pisang projects list --json")
@placed()
def list_(at: Place = HERE, json: JsonOption = False) -> None:
    """List the projects that you may see."""
    found = admin.run(at, lambda there: there.listed("/projects", "projects"), there=True)
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("NAME", "NUMBER", "ID", "LOCATIONS", "FAULT", "CREATED", "TIER", "PAYS", "STATE"),
        [
            (
                each["name"],
                each["number"],
                each["id"],
                ",".join(each["locations"]) or "anywhere",
                each["fault"] or "-",
                each["created_at"] or "",
                each["tier"] or "-",
                each["billing"],
                "suspended" if each["suspended_at"] else "active",
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang projects update shop --tier 2 --location 'europe-*'")
@placed()
def update(
    name: NameArgument,
    tier: TierOption = None,
    prepaid: PrepaidOption = None,
    markup: MarkupOption = None,
    location: LocationOption = None,
    anywhere: Annotated[
        bool, typer.Option("--anywhere", help="Let its requests go anywhere again.")
    ] = False,
    fault: FaultOption = None,
    no_fault: Annotated[
        bool, typer.Option("--no-fault", help="Let its answers be as they are again.")
    ] = False,
    audit_content: AuditContentOption = None,
    block_dormant: BlockDormantOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Change a project; a running server follows at once."""
    if (location and anywhere) or (fault and no_fault):
        raise RequestError("Give --location or --anywhere, and --fault or --no-fault, not both.")
    body = admin.given(
        {
            "locations": location or ([] if anywhere else None),
            "fault": checked_fault(fault) or ("" if no_fault else None),
            "audit_content": audit_content,
            "block_dormant": block_dormant,
            **_terms(tier, prepaid, markup),
        }
    )
    if not body:
        raise RequestError(
            "Say what to change: --location, --anywhere, --fault or --no-fault; --tier, --prepaid, "
            "--postpaid, --markup, --audit-content, --block-dormant."
        )
    changed = admin.ask(at, "PATCH", admin.path("projects", name), body)
    Terminal().tell(changed, *_changes(changed, body), json=json)


@app.command(epilog="Example: pisang projects suspend shop")
@placed()
def suspend(name: NameArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Refuse all requests of a project until it is resumed; nothing of it is lost."""
    done = admin.ask(at, "POST", f"{admin.path('projects', name)}:suspend")
    Terminal().tell(done, f"{done['name']} is suspended: its requests are refused.", json=json)


@app.command(epilog="Example: pisang projects resume shop")
@placed()
def resume(name: NameArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Let the requests of a suspended project in again."""
    done = admin.ask(at, "POST", f"{admin.path('projects', name)}:resume")
    Terminal().tell(done, f"{done['name']} is served again.", json=json)


@app.command(epilog="Example: pisang projects delete shop")
@placed()
def delete(name: NameArgument, at: Place = HERE, json: JsonOption = False) -> None:
    """Delete a project that was never charged and keeps nothing; others can be suspended."""
    admin.ask(at, "DELETE", admin.path("projects", name))
    Terminal().tell({"name": name}, f"{name} is deleted.", json=json)


def checked_fault(order: str | None) -> str | None:
    """A fault that there is; None where nothing was said. Raises ``RequestError``."""
    if order is not None and not read(order).chosen:
        raise RequestError("That is no fault: --no-fault ends the one there is.", field="fault")
    if order is not None and len(order) > _LONGEST_FAULT:
        raise RequestError(f"A fault has at most {_LONGEST_FAULT} letters here.", field="fault")
    return order


def _terms(tier: str | None, prepaid: bool | None, markup: str | None) -> dict[str, str | None]:
    """How it pays and how much it may, as options have it."""
    billing = Billing.PREPAID if prepaid else Billing.POSTPAID
    return {
        "tier": "" if tier == _NO_TIER else tier,
        "billing": None if prepaid is None else billing.value,
        "markup": markup,
    }


def _changes(project: Plain, body: dict[str, object]) -> list[str]:
    """What was changed, in sentences."""
    said = list[str]()
    if "locations" in body or "fault" in body:
        where = ", ".join(project["locations"]) or "anywhere"
        fault = project["fault"]
        fails = f" All of its answers have the fault {fault}." if fault else ""
        said.append(f"Requests of {project['name']} may go to: {where}.{fails}")
    if body.keys() - {"locations", "fault"}:
        tier = f"tier {project['tier']}" if project["tier"] else "no tier"
        said.append(
            f"{project['name']} is {project['billing']}, has {tier} and a markup of "
            f"{project['markup']}; prompts in the audit log: {_yes(project['audit_content'])}; "
            f"dormant keys are blocked: {_yes(project['block_dormant'])}."
        )
    return said


def _yes(value: bool) -> str:
    return "yes" if value else "no"
