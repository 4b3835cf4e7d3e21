"""``pisang routes``: which models go to which engines; shows, explains, tests, adds and removes.

Without ``--server`` it reads the settings and the data folder of this machine. A server that runs
on that folder follows what is added or removed within a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import typer

from pisang.cli import asking
from pisang.cli.amounts import REHEARSAL
from pisang.cli.exits import Exit
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.cli.place import HERE, Place, placed
from pisang.cli.records import settings_of
from pisang.cli.routing import Plain, Routed, routed
from pisang.core.errors import RequestError
from pisang.store.folder import Folder, served_at

T = TypeVar("T")
app = typer.Typer(
    help="Show, test and explain where requests go; add routes.",
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
_CONDITIONS = ("size", "tier", "project", "location", "surface")


@app.command("list")
@placed()
def list_(at: Place = HERE, json: JsonOption = False) -> None:
    """List routes, in the order they are looked at, and engines."""

    async def read(there: Routed) -> tuple[Sequence[Plain], Sequence[Plain]]:
        return await there.routes(), await there.engines()

    routes, engines = _run(at, read)
    terminal = Terminal()
    if json:
        terminal.json({"routes": list(routes), "engines": list(engines)})
        return
    terminal.table(
        ("ROUTE", "MODEL", "ENGINES", "ONLY", "PRICE", "FROM"),
        [
            (
                each["id"],
                _words(each["model"]),
                ", ".join(map(_target, each["engines"])),
                "; ".join(f"{c} {_words(each[c])}" for c in _CONDITIONS if c in each) or "-",
                _price(each.get("price")),
                each["origin"],
            )
            for each in routes
        ],
    )
    terminal.result("")
    terminal.table(
        ("ENGINE", "KIND", "KEYS", "LOCATION", "STATE", "FROM"),
        [
            (
                each["name"],
                " ".join(filter(None, (each["kind"], each.get("profile", "")))),
                ", ".join(each.get("api_keys", [])) or each.get("credentials", "-"),
                each.get("location", "-"),
                _state(each),
                each["origin"],
            )
            for each in engines
        ],
    )


@app.command()
@placed()
def explain(
    model: asking.Model = asking.DEFAULT_MODEL,
    size: asking.Size = None,
    tier: Annotated[str, typer.Option(metavar="TIER", help="standard, flex or priority.")] = "",
    project: Annotated[str, typer.Option("--project", "-p", help="Whose request it is.")] = "",
    location: Annotated[str, typer.Option(metavar="PLACE", help="That of the address.")] = "",
    surface: Annotated[str, typer.Option(help="gemini_api or vertex.")] = "",
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Say where a request would go, why, and at what price.

    Nothing is sent.
    """
    question = {
        "model": model,
        "size": size or "",
        "tier": tier,
        "project": project,
        "location": location,
        "surface": surface,
    }
    given = {name: value for name, value in question.items() if value}
    found = _run(at, lambda there: there.explain(given))
    terminal = Terminal()
    if json:
        terminal.json(found)
    else:
        for line in _told(found):
            terminal.result(line)
    if found["refusal"]:
        raise typer.Exit(Exit.FAILURE)


@app.command("test")
@placed()
def try_(
    engines: Annotated[
        list[str] | None, typer.Argument(help="Which engines; without any, all.", metavar="ENGINE")
    ] = None,
    model: Annotated[
        str, typer.Option("--model", "-m", help="What the upstream calls the model.")
    ] = "",
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Ask each engine for something free, to see if it works.

    At a server, one that was out and works again is let back in.
    """

    async def all_(there: Routed) -> list[Plain]:
        names = [each["name"] for each in await there.engines()]
        for name in engines or ():
            if name not in names:
                message = f"There is no engine {name!r}. Engines: {', '.join(names)}."
                raise RequestError(message, field="engine")
        return [one for name in engines or names for one in await there.test(name, model)]

    found = _run(at, all_)
    terminal = Terminal()
    if json:
        terminal.json(found)
    else:
        for each in found:
            terminal.result(_tested(each))
        running = None if at.server else served_at(Folder(settings_of(at.data, at.config).data))
        if running:
            terminal.note(f"This let no engine back in at {running}: that needs --server.")
    if not all(each["ok"] for each in found):
        raise typer.Exit(Exit.FAILURE)


@app.command()
@placed()
def add(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL", help="An id, an alias, or a glob as '*'.")
    ],
    engine: Annotated[
        list[str],
        typer.Option(
            "--engine", "-e", metavar="NAME[=WEIGHT]", help="In order, or by weight. Repeatable."
        ),
    ],
    upstream_model: Annotated[
        str, typer.Option(metavar="ID", help="What the upstream calls the model.")
    ] = "",
    size: Annotated[list[str] | None, typer.Option(help="Only for this size. Repeatable.")] = None,
    tier: Annotated[list[str] | None, typer.Option(help="Only for this tier. Repeatable.")] = None,
    project: Annotated[
        list[str] | None, typer.Option(help="Only for this project. Repeatable.")
    ] = None,
    location: Annotated[
        list[str] | None, typer.Option(help="Only for addresses there. Repeatable.")
    ] = None,
    surface: Annotated[
        list[str] | None, typer.Option(help="Only for gemini_api, or for vertex.")
    ] = None,
    price: Annotated[
        str, typer.Option(metavar="list|free|DOLLARS", help="What one picture costs a project.")
    ] = "",
    before: Annotated[
        str | None, typer.Option(metavar="ID", help="The route that it comes before.")
    ] = None,
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Add a route; it comes before those of the settings file."""
    fields: Plain = {
        "model": models,
        "engines": [_weighed(each) for each in engine],
        "upstream_model": upstream_model,
        "size": size,
        "tier": tier,
        "project": project,
        "location": location,
        "surface": surface,
        "price": {"image": price} if price and price not in ("list", "free") else price,
    }
    spec = {name: value for name, value in fields.items() if value}
    made = _run(at, lambda there: there.add(spec, before))
    terminal = Terminal()
    if json:
        terminal.json(made)
    else:
        engines = ", ".join(map(_target, made["engines"]))
        terminal.result(f"{made['id']}: {_words(made['model'])} -> {engines}")


@app.command()
@placed()
def remove(
    route: Annotated[str, typer.Argument(help="The id of a route that was added.")],
    at: Place = HERE,
    json: JsonOption = False,
) -> None:
    """Remove a route that was added.

    Those of the settings file are changed there.
    """
    _run(at, lambda there: there.remove(route), there=not at.server)
    Terminal().tell({"id": route}, f"{route} is removed.", json=json)


def _run(at: Place, work: Callable[[Routed], Awaitable[T]], *, there: bool = False) -> T:
    """Runs the work of a command; ``there`` refuses a data folder that does not exist yet."""
    settings = settings_of(at.data, at.config, there=there)

    async def running() -> T:
        async with routed(at, settings) as found:
            return await work(found)

    return asyncio.run(running())


def _told(found: Plain) -> list[str]:
    """An explanation for people."""
    means = found["means"] or "no model of the catalog, so it goes by this name"
    lines = [f"{found['model']} means {means}."]
    lines += [found["notice"]] if found["notice"] else []
    for each in found["looked_at"]:
        lines.append(f"  {each['route']} ({each['origin']}) {each['why_not'] or 'takes it'}")
    if found["refusal"]:
        return [*lines, found["refusal"]]
    for number, each in enumerate(found["engines"], 1):
        price = each["price_usd"]
        costs = "at a price that is not known" if price is None else f"about ${float(price):.3f}"
        free = f" by the list ({REHEARSAL}: drawn here at no cost)" if each.get("rehearsal") else ""
        share = f", {each['share_percent']} % of the work" if each["share_percent"] else ""
        state = f", {_state(each)}" if "troubles" in each else ""
        lines.append(
            f"{number}. {each['engine']} ({each['kind']}) as {each['upstream_model']}, {costs} "
            f"a picture{free}{share}{state}"
        )
    lines += [f"Not asked: {each['engine']} {each['why']}." for each in found["left_out"]]
    return lines


def _state(engine: Plain) -> str:
    """How an engine is, in a word or two; where nobody knows, a hyphen."""
    if engine.get("problem"):
        return f"unusable: {engine['problem']}"
    health = engine.get("health")
    troubles = engine.get("troubles")
    if troubles is None:
        if health is None:
            return "-"
        troubles = [*health["troubles"], *(one for k in health["keys"] for one in k["troubles"])]
    return ", ".join(dict.fromkeys(f"{one['state']} ({one['kind']})" for one in troubles)) or "well"


def _tested(each: Plain) -> str:
    where = f"{each['engine']} key {each['key']}"
    if each["ok"]:
        back = ", and is let back in" if each.get("readmitted") else ""
        return (
            f"ok    {where}: answers for {each['model']}{back}"
            if each["model"]
            else f"ok    {where}"
        )
    detail = f" {each['detail']}" if each.get("detail") else ""
    return f"FAIL  {where}: {each['kind']}. {each['advice']}{detail}"


def _weighed(typed: str) -> Any:
    name, equals, weight = typed.partition("=")
    if not equals:
        return name
    try:
        return {"engine": name, "weight": int(weight)}
    except ValueError:
        message = f"{typed!r} is no engine with a weight: write it as studio=9."
        raise RequestError(message, field="engine") from None


def _target(target: Any) -> str:
    if isinstance(target, str):
        return target
    weight = f"={target['weight']}" if "weight" in target else ""
    as_ = f" as {target['upstream_model']}" if "upstream_model" in target else ""
    return f"{target['engine']}{weight}{as_}"


def _price(price: Any) -> str:
    if isinstance(price, dict):
        return ", ".join(f"{name} ${rate}" for name, rate in price.items())
    return price or "list"


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)
