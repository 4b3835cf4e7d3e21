"""An Imagen request on its way to an upstream: Google has shut Imagen down, so its successor draws.

On an engine of ours Imagen still has its own pixels. An upstream of Google's has only the models of
today, so there the picture has the successor's pixels and its price; the answer's headers say so.
"""

from dataclasses import replace
from datetime import UTC, datetime

from pisang.catalog.models import Card, Catalog, Surface
from pisang.core.errors import UnsupportedParameter
from pisang.core.request import EditMode, GenerateRequest


def heir(card: Card, catalog: Catalog, surface: Surface = "gemini_api") -> Card:
    """The model that draws for one of Imagen's at an upstream; any other draws for itself."""
    if card.family != "imagen":
        return card
    return catalog.successor(card, datetime.now(UTC).date(), surface) or card


def adapted(request: GenerateRequest, card: Card, served: Card) -> GenerateRequest:
    """The request in the words that the successor knows.

    Raises UnsupportedParameter for what only Imagen had a word for: enlarging, masks, garments.
    """
    if served is card:
        return request
    if request.upscale is not None:
        raise UnsupportedParameter(_cannot(card, served, "enlarge a picture"), field="contents")
    if request.edit is not None and (
        request.edit.mask is not None or request.edit.mode is not EditMode.FREE
    ):
        raise UnsupportedParameter(
            _cannot(card, served, "keep to a mask, or edit in a mode"), field="contents"
        )
    image = request.image
    if image.image_size not in served.sizes:
        image = replace(image, image_size=None)
    return replace(request, image=replace(image, person_generation=None), edit=None)


def notice(card: Card, served: Card) -> str | None:
    """What the answer's headers say of it."""
    if served is card:
        return None
    return (
        f"models/{card.id} is shut down at its upstream; drawn by models/{served.id}, with its "
        "pixels and at its price."
    )


def _cannot(card: Card, served: Card, what: str) -> str:
    return (
        f"models/{served.id}, which draws for models/{card.id} here, cannot {what}. Describe the "
        "change in the prompt instead, or ask the operator for a route to an engine that can."
    )
