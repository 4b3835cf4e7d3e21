"""Counts the tokens of a request and its answer by the catalog, for engines that do not count.

The same counting answers ``countTokens``, so its answer equals the ``promptTokenCount`` that
follows. Images are exact by Google's tables; text is an estimate (``catalog/tokens.py``).
"""

from collections.abc import Iterable
from dataclasses import replace

from pisang.catalog.models import Card
from pisang.catalog.tokens import prompt_tokens, text_tokens
from pisang.core.events import Image, Text, Thought, Usage
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest

_LONG_TEXT = 100_000  # characters


def is_long(request: GenerateRequest) -> bool:
    """Whether counting its text takes long enough for a thread."""
    length = 0
    for content in request.contents:
        for part in content.parts:
            length += len(part.text or "")
    return length > _LONG_TEXT


def count_prompt(request: GenerateRequest, card: Card) -> Usage:
    """What goes in: all turns and the system instruction, text and images apart."""
    prompt = prompt_tokens(request, card)
    return Usage(prompt_text=prompt.text, prompt_image=prompt.image)


def supposed(
    request: GenerateRequest, card: Card | None, *, image_size: str | None, images: int
) -> Usage | None:
    """What an answer with pictures used that does not say so itself: self-hosted servers and many
    relays do not. None where there is no picture; without a card only the pictures are known."""
    if not images or card is None:
        return Usage(images=images) if images else None
    drawn = images * card.image_tokens.get(image_size or card.default_size, 0)
    return replace(count_prompt(request, card), image_output=drawn, images=images)


def told(used: Usage, card: Card | None, *, image_size: str | None) -> Usage:
    """What an answer says that it used, with the tokens of its pictures among those of pictures:
    many relays do not say which are which, and as text they would cost a tenth.
    An answer without a picture has none of those: a picture that was refused is not charged."""
    if not used.images and used.image_output:
        return replace(used, image_output=0)
    if not used.images or used.image_output or card is None:
        return used
    drawn = used.images * card.image_tokens.get(image_size or card.default_size, 0)
    return replace(used, text_output=max(0, used.text_output - drawn), image_output=drawn)


def count(
    request: GenerateRequest, card: Card, *, canvas: Canvas, parts: Iterable[Thought | Text | Image]
) -> Usage:
    """What went in and what came out.

    Each finished image counts as the catalog says for its size. Thoughts are counted whether or
    not the caller asked to see them, as Google bills them; a card that does not think has none.
    """
    prompt = prompt_tokens(request, card)
    images = spoken = planned = 0
    for part in parts:
        match part:
            case Image():
                images += 1
            case Text():
                spoken += text_tokens(part.text)
            case Thought():
                planned += text_tokens(part.text)
    return Usage(
        prompt_text=prompt.text,
        prompt_image=prompt.image,
        text_output=spoken,
        image_output=images * card.image_tokens.get(canvas.image_size, 0),
        thoughts=planned if card.thinking.supported else 0,
        images=images,
    )
