"""The page of models: ids, dates, pixels, tokens and prices, from the catalog's cards.

Everything is told as of the day the catalog was gathered, so that the page does not change with
the day on which it is written.
"""

from collections.abc import Iterator
from datetime import date

from pisang.catalog.models import Card, catalog
from pisang.catalog.prices import PriceRow, book, quote
from pisang.core.errors import ModelNotFound
from tools.docs.markdown import code, codes, table

_INTRO = """\
# Models

As of {day}. `pisang models` prints this list for today, `pisang models show ID` all about one
model, `pisang estimate` what pictures cost. Prices are Google's list prices in US dollars: pisang
counts tokens as Google does, so that you can foresee a bill, and charges nothing itself.

A request may name a model by its id or by any other name below. With
[`compatibility`](settings.md) `helpful`, the default, dead ids and nicknames are answered by the
living model in the last column; the answer names it in `modelVersion` and in the header
`x-pisang-model`, and `x-pisang-notice` says why. With `strict` they get 404, as at Google.

[Imagen's](#imagen) ids are answered so by `generateContent`; by `:predict` they draw as themselves.
At OpenAI's addresses `gpt-image-...`, `chatgpt-image-...` and `dall-e-...` are answered by
[a model of Google's](../how-to/openai.md#images), too.
"""

_IMAGEN = """\
By [`:predict`](../how-to/imagen.md) these models draw with their own pixels, ratios and prices,
though Google has shut most of them down.
"""


def page() -> str:
    cards = list(catalog().cards.values())
    living = catalog().living(catalog().as_of)
    parts = [
        _INTRO.format(day=catalog().as_of),
        "## Served\n",
        _overview(living),
        "\n## Other names\n",
        table(("asked for", "what it is", "served by"), _names(cards)),
        *(_section(card) for card in living),
        "\n## Imagen\n",
        _IMAGEN,
        _imagen([card for card in cards if card.family == "imagen"]),
        "\n## Not on the Gemini API\n",
        _graveyard([card for card in cards if card not in living]),
    ]
    return "\n".join(parts)


def _overview(cards: list[Card]) -> str:
    rows = [
        (
            f"[{code(card.id)}](#{card.id.replace('.', '')})",
            card.name,
            _stage(card),
            codes(card.sizes) if card.sizes else f"{card.default_size} only",
            str(len(card.ratios)),
            str(card.max_references),
            str(quote(card, thoughts=0, on=_today()).each.total),
        )
        for card in cards
    ]
    headers = ("id", "name", "stage", "`imageSize`", "ratios", "pictures in", "one picture")
    return table(headers, rows)


def _names(cards: list[Card]) -> Iterator[tuple[str, str, str]]:
    for card in cards:
        dead = card.is_dead(_today())
        if dead:
            yield code(card.id), f"shut down {card.shutdown() or ''}".strip(), _served(card.id)
        for name in (*card.aliases, *card.gateway_aliases):
            kind = "Google's other id" if name in card.aliases else "nickname"
            yield code(name), kind, _served(name)


def _served(name: str) -> str:
    try:
        found = catalog().resolve(name, strict=False, today=_today())
    except ModelNotFound:
        return "404"
    return code(found.card.id)


def _section(card: Card) -> str:
    """One living model: its limits, its pixels, its prices."""
    pixels = table(
        ("ratio", *card.pixels),
        [
            (ratio, *(f"{row[ratio][0]} x {row[ratio][1]}" for row in card.pixels.values()))
            for ratio in card.ratios
        ],
    )
    prices = table(
        ("tier", "where", "from", "text in", "text out", "picture out"),
        map(_price, book().rows[card.id]),
    )
    doubts = "".join(f"\n- not confirmed by any source: {doubt}" for doubt in card.unverified)
    return (
        f"\n## {card.id}\n\n{card.description}\n\n"
        + "\n".join(f"- {name}: {value}" for name, value in _facts(card))
        + doubts
        + f"\n\nPixels, width x height:\n\n{pixels}\n\n"
        + f"Dollars per million tokens:\n\n{prices}"
    )


def _facts(card: Card) -> Iterator[tuple[str, str]]:
    dates = card.lifecycle
    for name, day in (
        ("released", dates.released),
        ("deprecated", dates.deprecated),
        ("shut down on the Gemini API", dates.shutdown_gemini_api),
        ("shut down on Vertex AI", dates.shutdown_vertex),
    ):
        if day:
            yield name, str(day)
    tokens = (f"{size} {count}" for size, count in card.image_tokens.items())
    yield "tokens of a picture out", ", ".join(tokens)
    yield "tokens of a picture in", str(card.tokens_per_reference)
    note = f" ({card.references_note})" if card.references_note else ""
    yield "pictures in, at most", f"{card.max_references}{note}"
    yield "prompt, at most", f"{card.input_tokens} tokens"
    yield "thinking", _thinking(card)
    yield "answers in", code(card.mime_default)


def _thinking(card: Card) -> str:
    if not card.thinking.supported:
        return "no"
    if not card.thinking.levels:
        return "always; the level cannot be set"
    return f"{codes(card.thinking.levels)}; default {code(card.thinking.default)}"


def _price(row: PriceRow) -> tuple[str, ...]:
    def rate(name: str, value: object) -> str:
        known = "not stated" if value is None else str(value)
        return f"{known} (inferred)" if name in row.inferred else known

    start = "" if row.start == date.min else str(row.start)
    rates = (rate("input", row.input), rate("text", row.text), rate("image", row.image))
    return (row.tier.value, ", ".join(row.surfaces), start, *rates)


def _imagen(cards: list[Card]) -> str:
    """Each model with its sizes and prices, then the pixels, which they have in common."""
    every = {
        (size, ratio): row[ratio] for c in cards for size, row in c.pixels.items() for ratio in row
    }
    for card in cards:
        same = all(row[r] == every[size, r] for size, row in card.pixels.items() for r in row)
        assert same, f"{card.id} has pixels of its own: list them"
    sizes = list(dict.fromkeys(size for size, _ in every))
    ratios = list(dict.fromkeys(ratio for _, ratio in every))
    models = table(
        ("id", "name", "`sampleImageSize`", "`sampleCount`, at most", "one picture"),
        [
            (code(c.id), c.name, codes(c.sizes), str(c.sample_count_max or 1), _each(c))
            for c in cards
        ],
    )
    pixels = table(
        ("ratio", *sizes),
        [(r, *(f"{every[s, r][0]} x {every[s, r][1]}" for s in sizes)) for r in ratios],
    )
    return f"{models}\n\nPixels, width x height:\n\n{pixels}"


def _each(card: Card) -> str:
    prices = {price for row in book().rows.get(card.id, ()) for price in row.each_image.values()}
    return ", ".join(f"${price}" for price in sorted(prices)) or "not stated"


def _graveyard(cards: list[Card]) -> str:
    return table(
        ("id", "name", "shut down at Google", "Google recommends"),
        [
            (
                code(card.id),
                card.name,
                str(card.shutdown() or "not known"),
                codes(card.lifecycle.replacements),
            )
            for card in cards
        ],
    )


def _stage(card: Card) -> str:
    stage = card.stage(_today())
    return f"until {card.shutdown()}" if stage == "ga_shutdown_scheduled" else stage


def _today() -> date:
    return catalog().as_of
