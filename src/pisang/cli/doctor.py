"""``pisang doctor``: looks at what a person should look at when pictures do not come, in order.

It looks at the settings, the environment and the data folder of this machine, and sends nothing.
With ``--probe`` it makes real calls: one that is free for each engine, then one small picture for
each route, whose price is said before.
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import typer

from pisang import announce, explain, journal, local
from pisang.catalog.models import Card, catalog
from pisang.cli import asking
from pisang.cli.exits import Exit
from pisang.cli.maker import LOCAL
from pisang.cli.options import ConfigOption, DataOption, JsonOption
from pisang.cli.output import Terminal, coloured
from pisang.cli.place import KeyOption, ServerOption
from pisang.cli.records import settings_of
from pisang.cli.routing import Here, There
from pisang.client import Client
from pisang.core.errors import PisangError, SettingsError
from pisang.core.events import Result, fold
from pisang.core.request import GenerateRequest
from pisang.doctor import Patient, State, findings
from pisang.explain import Asked, Explanation
from pisang.gateway import Gateway
from pisang.routing import probe as probes
from pisang.routing.plan import IN_PROCESS
from pisang.routing.table import Table
from pisang.store.folder import Folder

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_PROMPT = "a yellow circle"
_SMALLEST = ("512", "1K")
_MARKS = {State.OK: "ok   ", State.WRONG: "FAIL ", State.UNSEEN: "-    "}
_COLOURS = {State.OK: "\x1b[32m", State.WRONG: "\x1b[31m", State.UNSEEN: ""}


@app.command()
def doctor(
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="MODEL",
            help="The model's id; without it, one that the routes are for.",
        ),
    ] = None,
    size: asking.Size = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Make real calls too: a small picture for each route.")
    ] = False,
    server: ServerOption = None,
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Look at what may be wrong when no picture comes, in the order in which to look."""
    terminal = Terminal()
    journal.set_up(level="error", form="auto")
    settings = settings_of(data, config)
    wanted = model or asking.DEFAULT_MODEL
    patient = Patient(settings=settings, environ=os.environ, model=wanted, size=size)
    patient = asyncio.run(_examined(patient, terminal, server, key, model=model, probing=probe))
    found = findings(patient)
    if json:
        terminal.json([{"check": f.check, "state": f.state.value, "said": f.said} for f in found])
    else:
        for each in found:
            terminal.result(f"{_mark(each.state, terminal)}{each.check}: {each.said}")
    if any(each.state is State.WRONG for each in found):
        raise typer.Exit(Exit.FAILURE)


async def _examined(
    patient: Patient,
    terminal: Terminal,
    server: str | None,
    key: str | None,
    *,
    model: str | None,
    probing: bool,
) -> Patient:
    try:
        kept = (await Here(patient.settings).kept()).written
        table = local.table(patient.settings, kept=kept).table
        patient = replace(patient, table=table, model=model or _routed(table))
        if probing:
            folder = Folder(patient.settings.data)
            made = local.staff(
                patient.settings, folder, b"not for drawing!", kept=kept, forgiving=True
            )
            patient = await _probed(patient, made, terminal)
    except SettingsError as error:
        patient = replace(patient, problem=error.message)
    if server:
        async with Client(server, key) as client:
            patient = replace(patient, readiness=await client.readiness())
            engines = await There(client).engines()
        patient = replace(patient, troubles=explain.troubles(map(_snapshot, engines)))
    return patient


def _routed(table: Table) -> str:
    """The model that is looked at where none was named: the usual one, if a route leads anywhere
    for it, else the first that a route is for."""
    names = [asking.DEFAULT_MODEL, *(name for route in table.routes for name in route.models)]
    for name in names:
        if (card := catalog().get(name)) and explain.explain(Asked(model=card.id), table).engines:
            return name
    return asking.DEFAULT_MODEL


def _snapshot(engine: dict[str, object]) -> dict[str, object]:
    """An engine of the admin API, as a router tells of it."""
    health = engine.get("health")
    known = health if isinstance(health, dict) else {"troubles": [], "keys": []}
    return {"engine": engine["name"], **known}


async def _probed(patient: Patient, made: local.Staff, terminal: Terminal) -> Patient:
    """Free calls first, then a picture for each route whose engines have answered them."""
    router = local.routed(made, patient.settings)
    path = Gateway(router, rules=local.rules(patient.settings))
    try:
        probed = [one for name in made.members for one in await probes.probe(router, name)]
        drawn: dict[str, Result | str] = {}
        elsewhere = False  # whether any upstream was asked for a picture
        for route, asked, found in _worth_a_picture(patient, probed):
            first = found.engines[0]
            price = "of unknown price" if first.price is None else announce.dollars(first.price)
            price = "at no cost" if first.engine.kind in IN_PROCESS else price
            what = f"{asked.model} {asked.size or ''}".strip()
            where = announce.called(first.engine)
            terminal.note(f"Asking {where} for a picture of {what} ({price}), for {route}.")
            drawn[route] = await _draw(path, asked)
            elsewhere = elsewhere or first.engine.kind not in IN_PROCESS
        return replace(
            patient,
            probed=probed,
            drawn=drawn,
            troubles=explain.troubles(router.snapshot()) if elsewhere else None,
        )
    finally:
        await path.close()


async def _draw(path: Gateway, asked: Asked) -> Result | str:
    request = asking.request((asking.user_turn(_PROMPT, ()),), model=asked.model, size=asked.size)
    try:
        return await _made(path, request)
    except PisangError as error:
        return error.message


async def _made(path: Gateway, request: GenerateRequest) -> Result:
    return await fold((await path.generate(LOCAL, request)).events)


def _worth_a_picture(
    patient: Patient, probed: list[probes.Probed]
) -> Iterator[tuple[str, Asked, Explanation]]:
    """A small request for each route that one can be meant for, where its first engine answered."""
    table = patient.table
    well = {each.engine for each in probed if each.ok}
    for route in table.routes if table else ():
        for card in _models(route.models, patient.model):
            size = next((size for size in _sizes(card, route.sizes)), None)
            asked = Asked(model=card.id, size=size)
            assert table is not None
            found = explain.explain(asked, table)
            taken = found.looked[-1].route.id if found.looked else ""
            if found.engines and taken == route.id and found.engines[0].engine.name in well:
                yield route.id, asked, found
                break


def _models(patterns: tuple[str, ...], wanted: str) -> list[Card]:
    """The models of a route: those it names, else the one that was asked about, else the cheap."""
    names = [*patterns, wanted, asking.DEFAULT_MODEL, *(c.id for c in catalog().living())]
    cards = [card for name in names if (card := catalog().get(name)) and card.family == "gemini"]
    return list(dict.fromkeys(cards))


def _sizes(card: Card, only: tuple[str, ...]) -> list[str]:
    return [
        size
        for size in (*_SMALLEST, *card.sizes)
        if size in card.sizes and size in (only or card.sizes)
    ]


def _mark(state: State, terminal: Terminal) -> str:
    colour = _COLOURS[state] if coloured(terminal.out) else ""
    return f"{colour}{_MARKS[state]}\x1b[0m" if colour else _MARKS[state]
