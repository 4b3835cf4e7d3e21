"""Finds the model that an id means: living ids, other names, and ids that Google has shut down.

Two ways to be compatible. *Helpful* (the default of the server) serves what code written last year
asks for: a name that is dead at Google, or that never was Google's, is answered by its living
successor, and the resolution carries a ``notice`` that says so. *Strict* answers as Google answers
on that day: 404 with the reason. Who succeeds whom: docs/decisions/0005-successors.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import cache, cached_property

from pisang.catalog.cards import Card, Grounding, Lifecycle, Surface, ThinkingCard
from pisang.catalog.cards import card as build_card
from pisang.catalog.load import tables
from pisang.core.errors import ModelNotFound

__all__ = [
    "Card",
    "Catalog",
    "Grounding",
    "Lifecycle",
    "Resolution",
    "Surface",
    "ThinkingCard",
    "catalog",
    "not_found_on_vertex",
]

_PREFIX = re.compile(r"^/?(?:publishers/google/)?models/")
_VERSION = re.compile(r"@(?:default|latest|\d{3})$")
_GENERATE = ("generateContent", "streamGenerateContent", "countTokens", "batchGenerateContent")
_MOST_RESOLVED = 1_000
_LONGEST_ID = 128  # longer strings are echoed shortened, so that an error stays readable


@dataclass(frozen=True, slots=True)
class Resolution:
    """The card that serves ``asked``; ``notice`` is a sentence for people where the ids differ."""

    card: Card
    asked: str
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class _Ask:
    """What someone wants of a name: passed around whole, because every answer depends on it."""

    name: str
    method: str
    api_version: str
    today: date
    surface: Surface
    parent: str


@dataclass(frozen=True)
class Catalog:
    """All cards, by id and in the order in which people should see them."""

    cards: Mapping[str, Card]
    as_of: date

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Every id and every alias, with the id of the card it belongs to."""
        found = {model: model for model in self.cards}
        for card in self.cards.values():
            found |= dict.fromkeys((*card.aliases, *card.gateway_aliases), card.id)
        return found

    @cached_property
    def _resolved(self) -> dict[tuple[str, bool, date, Surface, str, str, str], Resolution]:
        """What was found before: it depends on nothing but what was asked, and the day."""
        return {}

    @cached_property
    def _names_of(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for name, model in self.names.items():
            found.setdefault(model, set()).add(name)
        return {model: frozenset(names) for model, names in found.items()}

    def all_names(self, card: Card) -> frozenset[str]:
        """The id of a card and every alias it has."""
        return self._names_of[card.id]

    def living(self, today: date | None = None, surface: Surface = "gemini_api") -> list[Card]:
        """The cards Google would list on this surface today."""
        day = today or _today()
        return [
            card
            for card in self.cards.values()
            if surface in card.surfaces and not card.is_dead(day, surface)
        ]

    def get(self, name: str) -> Card | None:
        """The card of an id or alias, dead or alive; None when there is no such name."""
        model = self.names.get(name) or self.names.get(_bare(name, self.names))
        return self.cards[model] if model else None

    def counted(self, name: str, today: date | None = None) -> str:
        """The id under which requests for a name are counted: that of the card which serves them,
        or the name itself where there is no such card.

        What is shut down on all its surfaces is served by its successor. Imagen still serves itself
        (``resolve``), so it is counted as itself.
        """
        day, card = today or _today(), self.get(name)
        if card is None:
            return name.removeprefix("models/").strip()
        if card.family != "imagen" and all(card.is_dead(day, each) for each in card.surfaces):
            card = self.successor(card, day) or card
        return card.id

    def successor(self, card: Card, today: date, surface: Surface = "gemini_api") -> Card | None:
        """The first living card along the line of successors; None where the line ends."""
        seen = {card.id}
        while card.lifecycle.successor and card.lifecycle.successor not in seen:
            card = self.cards[card.lifecycle.successor]
            seen.add(card.id)
            if not card.is_dead(today, surface):
                return card
        return None

    def resolve(
        self,
        asked: str,
        *,
        strict: bool,
        today: date | None = None,
        surface: Surface = "gemini_api",
        method: str = "generateContent",
        api_version: str = "v1beta",
        parent: str = "",
    ) -> Resolution:
        """Finds the card that serves ``asked`` with ``method`` today.

        Accepts ``models/x``, ``publishers/google/models/x`` and ``x@default``. In helpful mode
        ``predict`` of a dead Imagen id is served by that card itself (its pixels are known), while
        ``generateContent`` of it is served by its successor. Raises ModelNotFound, which on Vertex
        names the model under ``parent`` (``projects/P/locations/L``), as Google does there.
        """
        day = today or _today()
        key = asked, strict, day, surface, method, api_version, parent
        found = self._resolved.get(key)
        if found is None:
            name = _bare(asked, self.names)
            ask = _Ask(name, method, api_version, day, surface, parent)
            found = self._resolve(asked, ask, strict=strict)
            if len(self._resolved) >= _MOST_RESOLVED:
                self._resolved.clear()
            self._resolved[key] = found
        return found

    def _resolve(self, asked: str, ask: _Ask, *, strict: bool) -> Resolution:
        name, method = ask.name, ask.method
        card = self.get(name)
        if card is None:
            raise self._unknown(ask)
        dead = _death(card, ask)
        if strict:
            self._refuse_as_google_does(card, ask, dead)
            return Resolution(card, asked)
        if method == "predict" and card.family == "imagen":
            notice = f"models/{name} {dead}; its answer is emulated." if dead else None
            return Resolution(card, asked, notice)
        served = self._alive(card, ask)
        if served is None or _wrong_method(served, method):
            raise self._unknown(ask)
        if served.id == name:
            return Resolution(served, asked)
        why = dead or ("is another name" if name in card.aliases else "is not an id of Google's")
        return Resolution(served, asked, f"models/{name} {why}; served by models/{served.id}.")

    def _alive(self, card: Card, ask: _Ask) -> Card | None:
        if card.is_dead(ask.today, ask.surface):
            return self.successor(card, ask.today, ask.surface)
        return card

    def _refuse_as_google_does(self, card: Card, ask: _Ask, dead: str | None) -> None:
        if dead:
            if ask.surface == "vertex":
                raise self._unknown(ask)
            heir = self._alive(card, ask)
            advice = f"; use models/{heir.id}." if heir else "."
            raise ModelNotFound(f"Model models/{ask.name} {dead}{advice}")
        if ask.name in card.gateway_aliases or _wrong_method(card, ask.method):
            raise self._unknown(ask)

    def _unknown(self, ask: _Ask) -> ModelNotFound:
        """Google's sentence, then ours: which ids the caller may have meant."""
        name = ask.name
        shown = name if len(name) <= _LONGEST_ID else name[:_LONGEST_ID] + "..."
        message = (
            not_found_on_vertex(ask.parent, shown)
            if ask.surface == "vertex"
            else (
                f"{shown if '/' in shown else f'models/{shown}'} is not found for API version "
                f"{ask.api_version}, or is not supported for {ask.method}. Call "
                "ModelService.ListModels to see the list of available models and their supported "
                "methods."
            )
        )
        near, known = self._near(ask), self.get(name)
        if known and _wrong_method(known, ask.method):
            message += f" models/{known.id} answers {' and '.join(known.methods[:2])}."
        if near:
            message += f" Did you mean {' or '.join(f'models/{model}' for model in near)}?"
        return ModelNotFound(message)

    def _near(self, ask: _Ask) -> list[str]:
        """Up to two living ids that look like the name, or that a look-alike alias stands for."""
        if len(ask.name) > _LONGEST_ID:
            return []
        exact = ask.name in self.names
        matches = [ask.name] if exact else get_close_matches(ask.name.lower(), self.names, n=4)
        near: list[str] = []
        for match in matches:
            card = self._alive(self.cards[self.names[match]], ask)
            if card and card.id not in near and not _wrong_method(card, ask.method):
                near.append(card.id)
        return near[:2]


@cache
def catalog() -> Catalog:
    """The catalog that ships with pisang, read once."""
    data = tables()
    cards = {model: build_card(model, row, data) for model, row in data["models"].items()}
    return Catalog(cards=cards, as_of=data["as_of"])


def not_found_on_vertex(parent: str, name: str) -> str:
    """Vertex AI's own sentence (surfaces contract, section 9.3)."""
    path = "/".join(filter(None, (parent, "publishers/google/models", name)))
    return (
        f"Publisher Model `{path}` was not found or your project does not have access to it. "
        "Please ensure you are using a valid model version. For more information, see: "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions"
    )


def _today() -> date:
    return datetime.now(UTC).date()


def _bare(asked: str, names: Mapping[str, str]) -> str:
    """The id without prefixes; a version suffix goes too, unless it is part of an id. A model that
    is known by its versions only (imagegeneration@006) means the newest of them."""
    name = _PREFIX.sub("", asked.strip())
    if name in names:
        return name
    name = _VERSION.sub("", name)
    versions = [known for known in names if known.startswith(f"{name}@")]
    return name if name in names else max(versions, default=name)


def _wrong_method(card: Card, method: str) -> bool:
    return (method in _GENERATE) != (card.family == "gemini")


def _death(card: Card, ask: _Ask) -> str | None:
    """The words for when the name died, e.g. "was shut down on 2026-06-25"; None if it lives."""
    dates = card.lifecycle
    day, word = card.shutdown(ask.surface), "on"
    if ask.name in card.aliases and dates.preview_shutdown:
        day = dates.preview_shutdown
    elif ask.surface == "gemini_api" and day and dates.shutdown_gemini_api_before == day:
        word = "before"
    return f"was shut down {word} {day}" if day and day <= ask.today else None
