"""The list of models for OpenAI's clients, alone or together with Google's in one body.

``GET /v1/models`` is an address of both APIs. The two bodies have no name in common, so one answer
holds both, and each client finds its own (surfaces contract, section 10.5).
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from pisang.catalog.models import Card
from pisang.wire import payload
from pisang.wire.gemini import models
from pisang.wire.payload import Written

_FIRST = date(2025, 1, 1)  # OpenAI's clients need some date; not every card has one


def written(card: Card, *, name: str | None = None) -> dict[str, Written]:
    """One model; ``name`` is what the caller calls it. ``created`` is the day Google released it,
    in seconds since 1970."""
    day = card.lifecycle.released or card.lifecycle.preview_released or _FIRST
    return {
        "id": name or card.id,
        "object": "model",
        "created": int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()),
        "owned_by": "google",
    }


def encode_list(cards: Sequence[Card]) -> list[bytes]:
    """All models as Google's OpenAI layer lists them: their ids carry ``models/``."""
    data: list[Written] = [written(card, name=f"models/{card.id}") for card in cards]
    return payload.pieces({"object": "list", "data": data})


def encode(card: Card, *, name: str) -> list[bytes]:
    """One model under the name that was asked for."""
    return payload.pieces(written(card, name=name))


def encode_merged_list(
    cards: Sequence[Card], *, page_size: str | None, page_token: str | None
) -> list[bytes]:
    """One page for both families of clients. Raises ``MalformedRequest`` as Google's list does."""
    shown, rest = models.page(cards, page_size=page_size, page_token=page_token)
    return payload.pieces(
        {
            "object": "list",
            "data": [written(card) for card in shown],
            "models": [models.written(card) for card in shown],
            **rest,
        }
    )


def encode_merged(card: Card, *, name: str) -> list[bytes]:
    """One model for both families of clients; ``name`` is without ``models/``."""
    return payload.pieces({**written(card, name=name), **models.written(card, asked=name)})
