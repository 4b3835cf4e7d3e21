"""``pisang keys``: create, list, change, rotate and revoke API keys.

A running server follows at once: it learns of every change before it looks at the next key.
"""

import re
from typing import Annotated

import typer

from pisang.cli import admin, durations
from pisang.cli.admin import Admin, Plain
from pisang.cli.options import HomeOption, JsonOption, ProjectOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.core.caller import Allowance, ChatImages
from pisang.core.errors import NotFound, RequestError
from pisang.core.terms import Period

app = typer.Typer(
    help="Create, list, change, rotate and revoke API keys.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)

_SECRET = "psk_"
_ID = re.compile(r"[A-Za-z0-9_-]+")
_RESTRICTIONS = ("models", "surfaces", "engines", "referrers", "addresses")
_CHAT_IMAGES = "Where an OpenAI chat answer has its pictures: message.images, or in its content."
_ALLOW = "What else the key may do: ask for faults, or be an operator of all. Repeatable."
AllowOption = Annotated[
    list[Allowance] | None, typer.Option("--allow", help=_ALLOW, show_default=False)
]
KeyArgument = Annotated[str, typer.Argument(help="The key's id, or the key itself.")]


def _only(name: str, metavar: str, help: str) -> typer.models.OptionInfo:
    said = f"{help} Repeatable."
    option: typer.models.OptionInfo = typer.Option(
        name, metavar=metavar, help=said, show_default=False
    )
    return option


ModelsOption = Annotated[
    list[str] | None, _only("--model", "ID", "Only for this model; gemini-3* is several.")
]
SurfacesOption = Annotated[
    list[str] | None, _only("--surface", "NAME", "Only for gemini_api, vertex, openai or admin.")
]
EnginesOption = Annotated[list[str] | None, _only("--engine", "NAME", "Only by this engine.")]
ReferrersOption = Annotated[
    list[str] | None, _only("--referrer", "PATTERN", "Only from web pages like example.com/*.")
]
AddressesOption = Annotated[
    list[str] | None, _only("--address", "NETWORK", "Only from this network, as 10.0.0.0/8.")
]
ExpiresOption = Annotated[
    str | None,
    typer.Option(
        "--expires",
        metavar="TIME",
        help="When it ends: 30d, 12h, or a day as 2026-12-31.",
        show_default=False,
    ),
]
NeverExpiresOption = Annotated[
    bool, typer.Option("--never-expires", help="Let it be good until it is revoked.")
]
UnrestrictedOption = Annotated[
    bool, typer.Option("--unrestricted", help="Take away all that it is only for.")
]
AllowNothingOption = Annotated[
    bool, typer.Option("--allow-nothing", help="Take away what else the key may do.")
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="DOLLARS[/PERIOD]",
        help="What it may spend, as 5.00/month; see: pisang budgets",
        show_default=False,
    ),
]
RpmOption = Annotated[
    str | None,
    typer.Option(
        "--rpm", metavar="N", help="Its requests a minute; see: pisang limits", show_default=False
    ),
]


@app.command(epilog="Example: pisang keys create --project shop --budget 20.00/month --expires 90d")
@placed()
def create(
    project: HomeOption = None,
    name: Annotated[str, typer.Option("--name", help="What the key is for.")] = "key",
    expires: ExpiresOption = None,
    models: ModelsOption = None,
    surfaces: SurfacesOption = None,
    engines: EnginesOption = None,
    referrers: ReferrersOption = None,
    addresses: AddressesOption = None,
    budget: BudgetOption = None,
    rpm: RpmOption = None,
    allow: AllowOption = None,
    chat_images: Annotated[
        ChatImages, typer.Option("--chat-images", help=_CHAT_IMAGES)
    ] = ChatImages.IMAGES,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Make a key and print it: the only time that it is shown."""
    chosen = project or "default"
    only = _only_for(models, surfaces, engines, referrers, addresses)
    body = {
        "project": chosen,
        "name": name,
        "chat_images": chat_images.value,
        "allowed": [each.value for each in allow or ()],
        "expires_at": None if expires is None else durations.moment(expires),
        "restrictions": only or None,
    }
    body |= _caps(budget, rpm)
    made = admin.run(at, lambda there: admin.in_home(there, "/keys", body))
    terminal = Terminal()
    for notice in admin.notices(made):
        terminal.note(notice)
    if json:
        terminal.json({"id": made["id"], "key": made["key"]})
    else:
        terminal.result(made["key"])
        terminal.note(f"This is {made['id']} of project {chosen}. It is not shown again.")


@app.command("list", epilog="Example: pisang keys list --project shop")
@placed()
def list_(project: ProjectOption = None, at: Place = HERE, json: JsonOption = False) -> None:
    """List keys, revoked ones too; the keys themselves are not kept."""
    query = {"project": project}
    found = admin.run(at, lambda there: there.listed("/keys", "keys", query), there=True)
    terminal = Terminal()
    if json:
        terminal.json(found)
        return
    terminal.table(
        (
            *("ID", "PROJECT", "NAME", "ENDS IN", "STATE", "CHAT IMAGES", "MAY", "ONLY"),
            *("CREATED", "EXPIRES", "LAST USED", "REVOKED"),
        ),
        [
            (
                each["id"],
                each["project"],
                each["name"],
                each["last4"],
                each["state"],
                each["chat_images"],
                ",".join(each["allowed"]),
                "; ".join(f"{kind} {','.join(of)}" for kind, of in each["restrictions"].items()),
                *(each[f"{what}_at"] or "" for what in ("created", "expires")),
                *(each[f"{what}_at"] or "" for what in ("last_used", "revoked")),
            )
            for each in found
        ],
    )


@app.command(epilog="Example: pisang keys update key_01hq... --address 203.0.113.0/24")
@placed()
def update(
    key: KeyArgument,
    project: ProjectOption = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What the key is for.", show_default=False)
    ] = None,
    expires: ExpiresOption = None,
    never_expires: NeverExpiresOption = False,
    models: ModelsOption = None,
    surfaces: SurfacesOption = None,
    engines: EnginesOption = None,
    referrers: ReferrersOption = None,
    addresses: AddressesOption = None,
    unrestricted: UnrestrictedOption = False,
    allow: AllowOption = None,
    allow_nothing: AllowNothingOption = False,
    chat_images: Annotated[
        ChatImages | None, typer.Option("--chat-images", help=_CHAT_IMAGES, show_default=False)
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Change how a key is served; what was revoked stays so.

    Of what it is only for, a kind that is named replaces what there was of that kind.
    """
    if allow and allow_nothing:
        raise RequestError("Give --allow or --allow-nothing, not both.", field="allow")
    if expires and never_expires:
        raise RequestError("Give --expires or --never-expires, not both.", field="expires")
    only = _only_for(models, surfaces, engines, referrers, addresses)
    body = admin.given(
        {
            "chat_images": chat_images.value if chat_images else None,
            "allowed": [each.value for each in allow or ()] if allow or allow_nothing else None,
            "name": name,
            "expires_at": None if expires is None else durations.moment(expires),
            "never_expires": never_expires or None,
            "restrictions": _no_more(only) if unrestricted else only or None,
        }
    )
    if not body:
        raise RequestError(
            "Say what to change: --chat-images, --allow or --allow-nothing; --name, --expires, "
            "--model, --surface, --engine, --referrer, --address or --unrestricted."
        )

    async def change(there: Admin) -> Plain:
        found = await _found(there, key, project)
        return await there.ask("PATCH", admin.path("keys", found), body)

    changed = admin.run(at, change, there=True)
    terminal = Terminal()
    for notice in admin.notices(changed):
        terminal.note(notice)
    shown = {"id": changed["id"]} | {each: changed[each] for each in sorted(_SHOWN & body.keys())}
    terminal.tell(shown, *_changes(changed, body), json=json)


@app.command(epilog="Example: pisang keys revoke key_01hq...")
@placed()
def revoke(
    key: KeyArgument,
    project: ProjectOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """End a key: from now on it is refused."""
    _end(at, key, project, verb="revoke", said="is revoked", json=json)


@app.command("report-leaked", epilog="Example: pisang keys report-leaked key_01hq...")
@placed()
def report_leaked(
    key: KeyArgument,
    project: ProjectOption = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Block a key at once that was found where it should not be; who uses it is told why."""
    _end(at, key, project, verb="reportLeaked", said="is blocked as leaked", json=json)


@app.command(epilog="Example: pisang keys rotate key_01hq... --overlap 2d")
@placed()
def rotate(
    key: KeyArgument,
    project: ProjectOption = None,
    overlap: Annotated[
        str | None,
        typer.Option(
            "--overlap",
            metavar="TIME",
            help="How long both are good, as 2d or 0s.",
            show_default="1d",
        ),
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Make a key that takes over from another, with its limits and budgets, and print it."""
    seconds = None if overlap is None else int(durations.length(overlap).total_seconds())

    async def change(there: Admin) -> Plain:
        found = await _found(there, key, project)
        body = {"overlap_seconds": seconds}
        return await there.ask("POST", f"{admin.path('keys', found)}:rotate", body)

    made = admin.run(at, change, there=True)
    terminal = Terminal()
    old = made["replaced"]
    if json:
        replaced = {"id": old["id"], "expires_at": old["expires_at"]}
        terminal.json({"id": made["id"], "key": made["key"], "replaced": replaced})
        return
    terminal.result(made["key"])
    terminal.note(
        f"This is {made['id']}. It is not shown again. {old['id']} ends at {old['expires_at']}."
    )


async def _found(there: Admin, key: str, project: str | None) -> str:
    """The id of a key that was named by it, or by the key itself."""
    if not _ID.fullmatch(key):
        raise NotFound("There is no such key. `pisang keys list` shows the ids.", field="key")
    if key.startswith(_SECRET):
        found = await there.ask("POST", "/keys:lookup", {"key": key})
    elif project is None:
        return key
    else:
        found = await there.ask("GET", admin.path("keys", key))
    await admin.check_within(there, found["project"], project, "key")
    return str(found["id"])


def _end(at: Place, key: str, project: str | None, *, verb: str, said: str, json: bool) -> None:
    async def end(there: Admin) -> Plain:
        found = await _found(there, key, project)
        return await there.ask("POST", f"{admin.path('keys', found)}:{verb}")

    ended = admin.run(at, end, there=True)["id"]
    Terminal().tell({"id": ended}, f"{ended} {said}.", json=json)


_SHOWN = frozenset({"chat_images", "allowed", "name", "expires_at", "restrictions"})


def _changes(key: Plain, body: dict[str, object]) -> list[str]:
    """What was changed, in sentences."""
    said, id_ = list[str](), key["id"]
    if "chat_images" in body:
        said.append(f"{id_} gets the pictures of a chat as {key['chat_images']}.")
    if "allowed" in body:
        may = " and ".join(key["allowed"])
        said.append(f"{id_} may do this too: {may}." if may else f"{id_} may do no more.")
    if "name" in body:
        said.append(f"{id_} is called {key['name']}.")
    if body.keys() & {"expires_at", "never_expires"}:
        said.append(f"{id_} ends {'never' if key['expires_at'] is None else key['expires_at']}.")
    if "restrictions" in body:
        only = "; ".join(f"{kind} {', '.join(of)}" for kind, of in key["restrictions"].items())
        said.append(f"{id_} is only for {only}." if only else f"{id_} is not restricted.")
    return said


def _only_for(*kinds: list[str] | None) -> dict[str, list[str]]:
    return {kind: of for kind, of in zip(_RESTRICTIONS, kinds, strict=True) if of}


def _no_more(only: dict[str, list[str]]) -> dict[str, list[str]]:
    """What takes all restrictions away. Raises ``RequestError`` where some were named as well."""
    if only:
        raise RequestError("Give --unrestricted by itself, or what the key is only for.")
    return {kind: [] for kind in _RESTRICTIONS}


def _caps(budget: str | None, rpm: str | None) -> dict[str, str]:
    """What caps a new key."""
    found = dict[str, str]()
    if budget is not None:
        amount, _, period = budget.partition("/")
        if period and period not in list(Period):
            there = ", ".join(Period)
            raise RequestError(f"There is no period {period[:40]!r}: {there}.", field="budget")
        found |= {"budget_usd": amount, "budget_period": period or Period.MONTH.value}
    if rpm is not None:
        found["rpm"] = rpm
    return found
