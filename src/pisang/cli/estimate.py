"""``pisang estimate``: what pictures would cost at Google's list prices, in tokens and money.

An estimate is for one request made ``count`` times. Amounts are exact products of tokens and
rates; what the catalog cannot confirm is marked, so that nobody takes a guess for Google's word.
How much a model will think is a typical amount. Where an engine of ours would draw, it is read from
the prompt instead, and the estimate is the bill.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pisang.catalog.models import Card, Resolution, catalog
from pisang.catalog.prices import Quote, quote
from pisang.catalog.tokens import text_tokens
from pisang.cli import asking
from pisang.cli.options import DataOption, JsonOption
from pisang.cli.output import Terminal
from pisang.cli.place import SERVER
from pisang.core.errors import ModelNotFound, RequestError, UnsupportedParameter
from pisang.core.money import Money
from pisang.core.names import meant
from pisang.core.request import ServiceTier

if TYPE_CHECKING:
    from pisang.cli.foresight import Foreseen

MOST = 1_000_000_000
INFERRED = "* A rate behind this is inferred; no source states it."

_NOTHING: "Mapping[str, Foreseen]" = MappingProxyType({})

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is to be priced: ``count`` requests, each with this prompt and these references."""

    prompt: str = ""
    size: str | None = None
    count: int = 1
    tier: ServiceTier = ServiceTier.STANDARD
    references: int = 0


@dataclass(frozen=True, slots=True)
class Estimate:
    """A quote, and what of it an engine of ours has foreseen; None where it is supposed."""

    quote: Quote
    foreseen: "Foreseen | None" = None


@app.command()
def estimate(
    prompt: Annotated[
        str, typer.Argument(help="The prompt, for its tokens; - reads standard input.")
    ] = "",
    model: asking.Model = asking.DEFAULT_MODEL,
    size: asking.Size = None,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, max=MOST, help="How many pictures.")
    ] = 1,
    tier: Annotated[
        ServiceTier, typer.Option(help="The service tier.", case_sensitive=False)
    ] = ServiceTier.STANDARD,
    attach: asking.Attach = None,
    references: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Pictures to work with, as a number.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="All models side by side.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what pictures would cost at Google's list prices; nothing is made or sent.

    Where the built-in engine would draw, what it says of a prompt is counted to the token.
    """
    terminal = Terminal()
    if references is not None and attach:
        raise RequestError("Give -a or --references, not both", field="references")
    options = Options(
        prompt=asking.read_prompt(prompt, attach=[]) if prompt else "",
        size=size,
        count=count,
        tier=tier,
        references=len(attach or []) if references is None else references,
    )
    if compare:
        _compare(options, terminal, data, as_json=as_json)
        return
    found = _found(model)
    if found.notice:
        terminal.note(found.notice)
    priced = price(found.card, options, _foreseen([found.card], options, data))
    if as_json:
        terminal.json(quote_json(priced))
    else:
        _show(priced, terminal)


def _found(model: str) -> Resolution:
    """The card of a model, in words of the command line where there is none."""
    try:
        return catalog().resolve(model, strict=False)
    except ModelNotFound as error:
        raise ModelNotFound(
            f"There is no model {model[:80]!r} with a list price.{meant(model, catalog().names)} "
            "`pisang models` lists those there are; what others cost says `pisang routes explain "
            "--model MODEL`.",
            field="model",
        ) from error


def price(card: Card, options: Options, foreseen: "Mapping[str, Foreseen]" = _NOTHING) -> Estimate:
    """The quote for one model. Raises ``UnsupportedParameter`` for what it does not have."""
    if card.max_references is not None and options.references > card.max_references:
        raise UnsupportedParameter(
            f"'{card.id}' takes at most {card.max_references} pictures, not {options.references}",
            field="references",
        )
    known = foreseen.get(card.id)
    found = quote(
        card,
        size=options.size,
        count=options.count,
        tier=known.tier if known else options.tier,
        prompt_tokens=text_tokens(options.prompt),
        references=options.references,
    )
    if known is None:
        return Estimate(found)
    notes = tuple(_notes(known, options.tier)) + found.notes
    return Estimate(replace(found, usage=known.usage, each=known.cost, notes=notes), known)


def _foreseen(
    cards: Sequence[Card], options: Options, data: Path | None
) -> "Mapping[str, Foreseen]":
    """What is foreseen of a prompt alone: no picture is looked at, and no server asked."""
    if not options.prompt or options.references or os.environ.get(SERVER):
        return _NOTHING
    import asyncio  # all of it costs time, and reading a prompt loads what drawing does

    from pisang.cli.foresight import foresee
    from pisang.cli.records import settings_of

    settings = settings_of(data, None)
    told = foresee(options.prompt, cards, settings, size=options.size, tier=options.tier)
    return asyncio.run(told)


def quote_json(estimate: Estimate) -> dict[str, Any]:
    """A quote for programs; amounts are exact decimals as text."""
    priced, known = estimate.quote, estimate.foreseen
    usage, each = priced.usage, priced.each
    return {
        "model": priced.card.id,
        "status": priced.card.stage(_today()),
        "size": priced.size,
        "tier": priced.tier.value,
        "count": priced.count,
        "tokens_each": {
            "prompt_text": usage.prompt_text,
            "prompt_image": usage.prompt_image,
            "text": usage.text_output,
            "thoughts": usage.thoughts,
            "image": usage.image_output,
            "total": usage.total,
        },
        "currency": "USD",
        "each": {
            "input": dollars(each.input),
            "text": dollars(each.text),
            "image": dollars(each.images),
            "total": dollars(each.total),
        },
        "total": dollars(priced.total),
        "foreseen_by": known.engine if known else None,
        "published_per_image": dollars(priced.published) if priced.published else None,
        "inferred": list(each.inferred),
        "notes": list(priced.notes),
    }


def dollars(amount: Money) -> str:
    """An exact decimal without a sign for the currency: what programs read."""
    return f"{amount.dollars:f}"


def _show(estimate: Estimate, terminal: Terminal) -> None:
    priced = estimate.quote
    usage, each, mark = priced.usage, priced.each, _mark(priced)
    what = f"{priced.card.id}, {priced.size}, {priced.tier.value}"
    terminal.result(f"{what}: {priced.total}{mark} for {_pictures(priced.count)}")
    terminal.result("")
    rows = [
        ("prompt", usage.prompt_text, each.input),
        ("thinking, typical", usage.thoughts, each.text)
        if estimate.foreseen is None
        else ("text and thinking", usage.thoughts + usage.text_output, each.text),
        ("image", usage.image_output, each.images),
    ]
    if usage.prompt_image:
        rows[0] = ("prompt and pictures", usage.prompt, each.input)
    terminal.table(
        ("each", "tokens", "price"),
        [(name, str(count), str(amount)) for name, count, amount in rows if count or amount]
        + [("total", str(usage.total), f"{each.total}{mark}")],
    )
    notes = (*priced.notes, INFERRED) if mark else priced.notes
    if notes:
        terminal.result("\n" + "\n".join(notes))


def _notes(known: "Foreseen", asked: ServiceTier) -> Iterator[str]:
    """What to know of an amount that an engine of ours has foreseen."""
    yield _by(known)
    if known.tier is not asked:
        yield f"The model has no {asked.value} tier there: it is served at {known.tier.value}."
    if known.usage.engine_ms:
        yield f"It is paid by the second, and supposed to take {known.usage.engine_ms / 1000:g}."
    if not known.usage.images:
        yield "It makes no picture of this prompt."


def _by(known: "Foreseen") -> str:
    """Who has foreseen an amount, and whether anybody pays it."""
    paid = ": a rehearsal, not a bill." if known.rehearsal else ", at its own price."
    return f"By the engine {known.engine}, which says beforehand what it will use{paid}"


def _compare(options: Options, terminal: Terminal, data: Path | None, *, as_json: bool) -> None:
    """Every living model, cheapest first; those that cannot do it come last and say why."""
    priced, refused = list[Estimate](), list[tuple[Card, str]]()
    cards = catalog().living(_today())
    foreseen = _foreseen(cards, options, data)
    for card in cards:
        try:
            priced.append(price(card, options, foreseen))
        except UnsupportedParameter as error:
            refused.append((card, error.message))
    priced.sort(key=lambda one: one.quote.total)
    if as_json:
        terminal.json(
            {
                "models": [quote_json(one) for one in priced],
                "unavailable": [{"model": card.id, "why": why} for card, why in refused],
            }
        )
        return
    terminal.table(
        ("model", "status", "size", "tokens", "each", f"total of {options.count}"),
        [_row(one.quote) for one in priced],
    )
    if rehearsed := next((one for one in foreseen.values() if one.rehearsal), None):
        terminal.result(_by(rehearsed))
    for card, why in refused:
        terminal.result(f"{card.id}: {why}" if card.id not in why else why)
    if any(one.quote.each.inferred for one in priced):
        terminal.result(INFERRED)


def _row(one: Quote) -> Sequence[str]:
    return (
        one.card.id,
        one.card.stage(_today()).replace("_", " "),
        one.size,
        str(one.usage.total),
        f"{one.each.total}{_mark(one)}",
        f"{one.total}{_mark(one)}",
    )


def _mark(priced: Quote) -> str:
    return "*" if priced.each.inferred else ""


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _today() -> date:
    return datetime.now(UTC).date()
