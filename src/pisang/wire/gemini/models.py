"""The Model resource and its list: what ``GET /v1/models`` answers from the catalog's cards.

A page token is the id that the next page starts with, so that it stays right when a new card is
added while somebody is turning pages.
"""

from collections.abc import Sequence
from typing import Final

from pisang.catalog.models import Card
from pisang.wire import payload
from pisang.wire.gemini import paging
from pisang.wire.payload import Written

DEFAULT_PAGE_SIZE: Final = 50
MOST_ON_A_PAGE: Final = 1000


def encode(card: Card, *, asked: str | None = None) -> bytes:
    """Writes one Model resource. ``asked`` is the id in the address, when it was an alias."""
    return b"".join(payload.pieces(written(card, asked=asked)))


def written(card: Card, *, asked: str | None = None) -> dict[str, Written]:
    """The fields of a Model resource (surfaces contract, section 1); unknown limits are left out.

    ``baseModelId`` is the id of the card, which an alias can thus be followed to.
    """
    fields: dict[str, Written] = {
        "name": f"models/{asked or card.id}",
        "baseModelId": card.id,
        "version": card.version,
        "displayName": card.name,
        "description": card.description,
        "inputTokenLimit": card.input_tokens,
        "outputTokenLimit": card.output_tokens,
        "supportedGenerationMethods": list(card.methods),
    }
    if card.family == "gemini":
        fields |= {
            "temperature": card.sampling.temperature,
            "maxTemperature": card.sampling.max_temperature,
            "topP": card.sampling.top_p,
            "thinking": card.thinking.supported or None,
        }
    return {name: value for name, value in fields.items() if value not in (None, "")}


def encode_page(
    cards: Sequence[Card], *, page_size: str | None = None, page_token: str | None = None
) -> bytes:
    """Writes one page of the list; the two parameters are as they stood in the query.

    The default page has 50 models and the largest 1000, as at Google. Raises ``MalformedRequest``
    for a size that is no number and for a token that this list did not give out.
    """
    shown, rest = page(cards, page_size=page_size, page_token=page_token)
    body: dict[str, Written] = {"models": [written(card) for card in shown], **rest}
    return b"".join(payload.pieces(body))


def page(
    cards: Sequence[Card], *, page_size: str | None, page_token: str | None
) -> tuple[Sequence[Card], dict[str, Written]]:
    """The cards of one page, and the ``nextPageToken`` where there is a next one.

    Raises ``MalformedRequest`` as ``encode_page`` does.
    """
    start = _start(cards, page_token)
    end = start + paging.read_size(page_size, usual=DEFAULT_PAGE_SIZE, most=MOST_ON_A_PAGE)
    if end >= len(cards):
        return cards[start:], {}
    return cards[start:end], {"nextPageToken": paging.write_token(cards[end].id)}


def _start(cards: Sequence[Card], token: str | None) -> int:
    if not token:
        return 0
    wanted = paging.read_token(token)
    for index, card in enumerate(cards):
        if card.id == wanted:
            return index
    raise paging.wrong_token()
