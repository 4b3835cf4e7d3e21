"""``pisang models``: which models can be asked for, under which names, and what they can do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from pisang.catalog.models import Card, Resolution, catalog
from pisang.catalog.prices import PriceRow, book, quote
from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.core.errors import ModelNotFound, UnsupportedParameter

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    everything: Annotated[
        bool, typer.Option("--all", help="Also models that Google has shut down.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the models; `pisang models show ID` tells all about one."""
    if context.invoked_subcommand is not None:
        return
    terminal, today = Terminal(), _today()
    cards = list(catalog().cards.values()) if everything else catalog().living(today)
    if as_json:
        terminal.json([card_json(card) for card in cards])
        return
    terminal.table(
        ("model", "name", "status", "sizes", "ratios", "pictures in", "per image"),
        [_row(card, today) for card in cards],
    )
    terminal.result("\nOther names, as the helpful setting of `compatibility` resolves them:")
    for line in _other_names(cards, today):
        terminal.result(f"  {line}")
    if not everything:
        terminal.result("  and ids that Google has shut down; see: pisang models --all")
    terminal.result(f"\nAs of {catalog().as_of}; prices are Google's for its default size.")


@app.command()
def show(
    model: Annotated[str, typer.Argument(metavar="ID", help="An id or any other name of it.")],
    as_json: JsonOption = False,
) -> None:
    """Tell all that is known about one model, dead ones too."""
    terminal = Terminal()
    card = catalog().get(model)
    if card is None:
        card = catalog().resolve(model, strict=False).card  # raises, with what was near
    found = _resolution(model)
    if as_json:
        terminal.json({**card_json(card), "served_by": found.card.id if found else None})
        return
    if found and found.notice:
        terminal.note(found.notice)
    for heading, lines in _page(card):
        terminal.result(terminal.bold(heading))
        for line in lines:
            terminal.result(f"  {line}")


def _resolution(model: str) -> Resolution | None:
    """Which model answers for this name today, in helpful mode; None where none does."""
    try:
        return catalog().resolve(model, strict=False)
    except ModelNotFound:
        return None


def card_json(card: Card) -> dict[str, Any]:
    """A card with its prices, for programs; rates are dollars per million tokens, as text."""
    return {
        **_plain(card),
        "stage": card.stage(_today()),
        "prices": [_plain(row) for row in book().rows[card.id]],
    }


def _plain(value: Any) -> Any:
    """Data as JSON knows it: exact decimals become text, dates their ISO form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, date):
        return None if value == date.min else value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def _row(card: Card, today: date) -> tuple[str, ...]:
    return (
        card.id,
        card.name,
        _stage(card, today),
        " ".join(card.sizes) or f"{card.default_size} only",
        str(len(card.ratios) or "-"),
        "-" if card.max_references is None else str(card.max_references),
        _price(card),
    )


def _stage(card: Card, today: date) -> str:
    stage = card.stage(today)
    day = card.shutdown()
    if stage == "ga_shutdown_scheduled":
        return f"until {day}"
    return f"shut down {day}" if stage == "shutdown" and day else stage.replace("_", " ")


def _price(card: Card) -> str:
    try:
        return str(quote(card, thoughts=0).each.total)
    except UnsupportedParameter:
        return "unknown"


def _other_names(cards: Sequence[Card], today: date) -> Iterator[str]:
    for card in cards:
        dead = card.is_dead(today)
        for name in (*([card.id] if dead else ()), *card.aliases, *card.gateway_aliases):
            found = _resolution(name)
            why = "shut down" if dead and name == card.id else _kind(card, name)
            yield f"{name} ({why}) -> {found.card.id if found else 'nothing'}"


def _kind(card: Card, name: str) -> str:
    return "Google's other id" if name in card.aliases else "nickname"


def _page(card: Card) -> Iterator[tuple[str, list[str]]]:
    """The page of one model: headings, each with its lines."""
    yield f"{card.id}: {card.name}", [card.description, f"status: {_stage(card, _today())}"]
    yield "Names", _names(card)
    yield "Lifecycle", _lifecycle(card)
    yield "Limits", _limits(card)
    yield "Pixels", list(_pixels(card)) or ["not known"]
    yield "Prices, US dollars per million tokens", list(_prices(card))
    if card.unverified:
        yield "Not confirmed by any source", list(card.unverified)
    yield "Sources", list(card.sources) or ["none"]


def _names(card: Card) -> list[str]:
    lines = [f"{name} (Google's)" for name in card.aliases]
    return lines + [f"{name} (nickname)" for name in card.gateway_aliases] or ["no others"]


def _lifecycle(card: Card) -> list[str]:
    known = _plain(card.lifecycle)
    replacements = ", ".join(known.pop("replacements"))
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in known.items() if value]
    if replacements:
        lines.append(f"Google recommends: {replacements}")
    return lines or ["no dates are known"]


def _limits(card: Card) -> list[str]:
    thinking = ", ".join(card.thinking.levels) or "not steerable"
    search = [
        name
        for name, has in (
            ("web", card.grounding.web_search),
            ("images", card.grounding.image_search),
        )
        if has
    ]
    rows = {
        "input tokens": card.input_tokens,
        "output tokens": card.output_tokens,
        "pictures in": card.max_references,
        "tokens per picture in": card.tokens_per_reference,
        "tokens per picture out": ", ".join(f"{s} {n}" for s, n in card.image_tokens.items()),
        "thinking": f"{thinking} (default {card.thinking.default})"
        if card.thinking.supported
        else "no",
        "search": " and ".join(search) or "no",
        "media type": card.mime_default,
        "ignored parameters": ", ".join(sorted(card.ignored_params)),
        "tiers": "; ".join(f"{place}: {', '.join(t)}" for place, t in card.tiers.items()),
        "surfaces": ", ".join(card.surfaces),
    }
    return [f"{name}: {value}" for name, value in rows.items() if value not in (None, "")]


def _pixels(card: Card) -> Iterator[str]:
    for ratio in card.ratios:
        sizes = (f"{size} {row[ratio][0]}x{row[ratio][1]}" for size, row in card.pixels.items())
        yield f"{ratio:>5}  {', '.join(sizes)}"


def _prices(card: Card) -> Iterator[str]:
    for row in book().rows[card.id]:
        since = "" if row.start == date.min else f", from {row.start}"
        yield f"{row.tier.value} ({', '.join(row.surfaces)}{since}): {_rates(row)}"
        if row.note:
            yield f"  {row.note}"


def _rates(row: PriceRow) -> str:
    if row.each_image is not None:
        return ", ".join(f"${price} an image ({size})" for size, price in row.each_image.items())
    named = (("input", row.input), ("text", row.text), ("image", row.image))
    said = [
        f"{name} {rate}{' (inferred)' if name in row.inferred else ''}"
        for name, rate in named
        if rate is not None
    ]
    if row.image is None:
        said.append("image not stated")
    return ", ".join(said)


def _today() -> date:
    return datetime.now(UTC).date()
