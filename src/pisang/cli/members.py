"""``pisang members``: who has which role, in a project or in all of the server."""

from typing import Annotated

import typer

from pisang.cli import admin
from pisang.cli.admin import Plain
from pisang.cli.options import JsonOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.core.errors import RequestError
from pisang.core.roles import Role

app = typer.Typer(
    help="Say who may do what: in a project, or in all of the server.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
MemberArgument = Annotated[
    str, typer.Argument(metavar="WHO", help="user:MAIL, serviceAccount:MAIL or key:ID.")
]
OperatorOption = Annotated[
    bool, typer.Option("--operator", help="In all of the server, with every right.")
]


@app.command(epilog="Example: pisang members add user:ana@example.com --project shop --role owner")
@placed()
def add(
    member: MemberArgument,
    project: ProjectOption = None,
    role: Annotated[
        Role | None, typer.Option("--role", help="What they may do.", show_default=False)
    ] = None,
    operator: OperatorOption = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Give somebody a role, in place of the one they have there."""
    if operator and (project or role):
        raise RequestError("An operator is one of the whole server: give --operator by itself.")
    if not operator and not (project and role):
        raise RequestError("Say where and what: --project NAME --role ROLE, or --operator.")
    given = Role.OPERATOR if operator or role is None else role
    body = {"member": member, "role": given.value, "project": project}
    made = admin.ask(at, "PUT", "/members", body)
    Terminal().tell(made, f"{made['member']} is {made['role']} {_where(made)}.", json=json)


@app.command("list", epilog="Example: pisang members list --project shop")
@placed()
def list_(
    project: ProjectOption = None,
    operator: Annotated[
        bool, typer.Option("--operator", help="Those with a role in all of the server.")
    ] = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """List members: of a project, or of all that you may see."""
    query = {"project": project, "everywhere": "true" if operator else None}
    found = admin.run(at, lambda there: there.listed("/members", "members", query), there=True)
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        ("WHO", "ROLE", "PROJECT", "SINCE"),
        [
            (each["member"], each["role"], each["project"] or "(all)", each["created_at"] or "")
            for each in found
        ],
    )


@app.command(epilog="Example: pisang members remove user:ana@example.com --project shop")
@placed()
def remove(
    member: MemberArgument,
    project: ProjectOption = None,
    operator: OperatorOption = False,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Take somebody's role away."""
    if bool(project) == operator:
        raise RequestError("Say where: --project NAME, or --operator.")
    admin.ask(at, "DELETE", "/members", query={"member": member, "project": project})
    gone = {"member": member, "project": project}
    Terminal().tell(gone, f"{member} has no role {_where(gone)} any more.", json=json)


def _where(member: Plain) -> str:
    return f"in {member['project']}" if member["project"] else "in all of the server"
