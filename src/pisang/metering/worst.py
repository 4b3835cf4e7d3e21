"""What a request can cost at most, before it runs: that much is held until it is known.

A hold that is too small would let a cap be passed, one that is too large would refuse what could be
paid. So everything that the request says is taken exactly, and what only the answer will tell at
the most that was ever seen of the model, and then some (``most_text_tokens`` in the catalog). What
an answer costs beyond that is the operator's, never the project's: Google's larger model may draw
up to ten drafts, say, and nobody holds ten pictures for one.

An engine that runs in this server can tell beforehand what it will answer, to the token: then just
that is held.
"""

from decimal import Decimal
from typing import Final

from pisang.catalog.models import Card, Surface
from pisang.catalog.tokens import TOKENS_PER_IMAGE, most_prompt_tokens, prompt_limit
from pisang.core.errors import PisangError
from pisang.core.events import Usage
from pisang.core.image import Canvas
from pisang.core.money import Money
from pisang.core.request import GenerateRequest, Modality, ServiceTier, Tool
from pisang.engines.base import foresees
from pisang.metering.bill import markup_of, rates_of
from pisang.metering.usage import count
from pisang.routing.plan import IN_PROCESS, Plan

MOST_SEARCHES: Final = 8
"""Web searches of one answer, where the request allows any."""

MOST_IMAGE_TOKENS: Final = 8_192
"""Tokens of one picture of a model that the catalog does not know."""

_SEARCHING: Final = frozenset({Tool.GOOGLE_SEARCH, Tool.GOOGLE_SEARCH_RETRIEVAL, Tool.IMAGE_SEARCH})
_NO_MARKUP: Final = Decimal(0)


def most(
    request: GenerateRequest,
    card: Card | None,
    *,
    size: str | None = None,
    images: int = 1,
    surface: Surface = "gemini_api",
) -> Usage:
    """The most that an answer can use. ``size`` is that of each of ``images`` pictures; without one
    it is the card's own, and one that the card lacks counts as its largest."""
    if card is None:
        prompt = sum(len(part.text or "") for _, part in request.parts())
        pictures = images * MOST_IMAGE_TOKENS
        return Usage(prompt_text=prompt, image_output=pictures, images=images)
    text = card.most_text_tokens * images
    if not request.wants(Modality.IMAGE):  # then it may write as much as it can
        text, images = card.output_tokens or text, 0
    if request.sampling.max_output_tokens is not None:
        text = min(text, max(0, request.sampling.max_output_tokens))
    return Usage(
        prompt_text=_most_prompt(request, card, surface),
        text_output=text,
        image_output=images * _most_of_picture(card, size),
        images=images,
        searches=MOST_SEARCHES if request.tools & _SEARCHING else 0,
    )


def worst(
    usage: Usage,
    card: Card | None,
    tier: ServiceTier,
    *,
    plan: Plan,
    surface: Surface = "gemini_api",
    size: str | None = None,
    markup: Decimal = _NO_MARKUP,
    foreseen: Usage | None = None,
    ours_at: ServiceTier | None = None,
    seconds: float = 0.0,
) -> Money | None:
    """What this usage costs at the dearest engine of a plan; None where one of them has no price
    that is known. ``markup`` is the project's, ``foreseen`` what an engine of ours will use,
    ``ours_at`` the tier that it serves where that is not the one that was asked for, and
    ``seconds`` how long the request may take.

    An upstream may serve another tier than was asked for, which is then standard.
    """
    dearest = Money(0)
    for step in plan.steps:
        engine = plan.engines[step.engine]
        ours = engine.kind in IN_PROCESS
        used = foreseen if ours and foreseen is not None else usage
        share = markup_of(plan.route, engine, markup)
        for each in (ours_at or tier,) if ours else {tier, ServiceTier.STANDARD}:
            priced = rates_of(
                card, each, route=plan.route, engine=engine, surface=surface, size=size
            )
            if priced is None:
                return None
            cost = priced.rates.cost(priced.rates.timed(used, seconds))
            dearest = max(dearest, cost.marked_up(share).total)
    return dearest


async def foreseen(
    engine: object, request: GenerateRequest, *, card: Card, canvas: Canvas
) -> Usage | None:
    """What an engine will use, exactly; None where it cannot tell. Whatever is wrong with the
    request is told by the engine when it begins."""
    if not foresees(engine):
        return None
    try:
        parts = await engine.foresee(request, card=card, canvas=canvas)
    except PisangError:
        return None
    return count(request, card, canvas=canvas, parts=parts)


def _most_prompt(request: GenerateRequest, card: Card, surface: Surface) -> int:
    """All that goes in, text and pictures alike: their tokens cost the same."""
    limit = prompt_limit(card, surface)
    most = most_prompt_tokens(request, card)
    for turn in request.contents:
        for part in turn.parts:
            kind = part.file.mime_type if part.file else part.blob.mime_type if part.blob else None
            if kind is not None and not kind.startswith("image/"):
                most += limit or 0  # a document or a film may have as many as there is room for
            elif part.file is not None:
                most += card.tokens_per_reference or TOKENS_PER_IMAGE
    return most if limit is None else min(most, limit)


def _most_of_picture(card: Card, size: str | None) -> int:
    tokens = card.image_tokens
    return tokens.get(size or card.default_size, max(tokens.values(), default=0))
