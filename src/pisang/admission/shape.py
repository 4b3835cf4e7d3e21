"""Turns the caller's ratio and size words into exact pixels, or explains what to write instead.

Google often answers a wrong word with "Request contains an invalid argument". Here every answer
names the field, the value, what the model takes, and the nearest thing that would have worked.
"""

import re
from collections.abc import Iterator
from math import log

from pisang.admission import pictures
from pisang.catalog.models import Card, catalog
from pisang.core.errors import UnsupportedParameter
from pisang.core.image import Canvas
from pisang.core.request import GenerateRequest

UPSCALED_MEGAPIXELS = 17
"""Vertex AI's limit for an enlarged picture, by its documentation; no recording shows it."""
EDITED_SIDE = 2048
"""Pixels of the longer side of an Imagen edit; larger pictures are scaled down to it."""

SIZE_FIELD = "generation_config.image_config.image_size"
RATIO_FIELD = "generation_config.image_config.aspect_ratio"

_PIXELS = re.compile(r"(\d{3,5})(?:\s*[x×*,]\s*(\d{3,5}))?(?:\s*px)?", re.ASCII | re.IGNORECASE)
_HALF_K = re.compile(r"0?\.5k|512(?:p|px)", re.IGNORECASE)
_TWO_NUMBERS = re.compile(r"\s*(\d{1,5})\s*[x×/:*\-]\s*(\d{1,5})\s*", re.ASCII | re.IGNORECASE)


def choose(request: GenerateRequest, card: Card) -> Canvas:
    """The exact canvas for this request. Raises UnsupportedParameter for a word the card lacks,
    for a model that only changes pictures (Virtual Try-On) where none came, and for a picture
    that would be enlarged beyond what Google makes."""
    if request.upscale is not None:
        return _enlarged(request, card, request.upscale)
    if request.edit and card.family == "imagen" and not request.image.aspect_ratio:
        own = _own_size(request, card)
        if own is not None:
            return own
    if not card.pixels:
        raise UnsupportedParameter(
            f"'{card.id}' draws nothing of its own: it changes a picture that is sent in "
            "(instances[0].personImage, and what to put on in productImages).",
            field="contents",
        )
    size = _size(request.image.image_size, card)
    return card.canvas(_ratio(request, card), size)


def _enlarged(request: GenerateRequest, card: Card, factor: int) -> Canvas:
    """The first picture's size times the factor, within what Google makes."""
    if card.family != "imagen":
        raise UnsupportedParameter(
            f"'{card.id}' does not enlarge pictures. Ask an Imagen model.", field="model"
        )
    field, header = pictures.first_picture(request)
    if header is None:
        raise UnsupportedParameter(
            "The picture to be enlarged does not tell its size. Send it as PNG, JPEG or WebP.",
            field=field,
        )
    width, height = header.width * factor, header.height * factor
    if width * height > UPSCALED_MEGAPIXELS * 1_000_000:
        raise UnsupportedParameter(
            f"x{factor} of {header.width}x{header.height} pixels is {width}x{height}, more than "
            f"{UPSCALED_MEGAPIXELS} megapixels. Take a smaller factor or a smaller picture.",
            field=field,
        )
    ratio = card.nearest_ratio(width, height) if card.pixels else "1:1"
    return Canvas(width, height, ratio, card.default_size)


def _own_size(request: GenerateRequest, card: Card) -> Canvas | None:
    """Imagen's edits keep the size of the picture, up to that of its largest square."""
    _, header = pictures.first_picture(request)
    if header is None:
        return None
    scale = min(1.0, EDITED_SIDE / max(header.width, header.height))
    width, height = (max(round(side * scale), 1) for side in (header.width, header.height))
    ratio = card.nearest_ratio(width, height) if card.pixels else "1:1"
    return Canvas(width, height, ratio, card.default_size)


def _size(asked: str | None, card: Card) -> str:
    if not asked:
        return card.default_size
    if asked in card.sizes:
        return asked
    raise UnsupportedParameter(_explain_size(asked, card), field=SIZE_FIELD)


def _explain_size(asked: str, card: Card) -> str:
    """What is wrong with a size, from the commonest mistake to the rarest."""
    shown = asked[:40]
    if card.fixed_size:
        other = "." if asked == card.default_size else _elsewhere(asked)
        return (
            f"imageSize \"{shown}\" is not supported by '{card.id}', which always draws at "
            f"{card.default_size}. Leave imageSize out{other}"
        )
    allowed = ", ".join(card.sizes)
    if _HALF_K.fullmatch(asked):
        unit = f'imageSize "{shown}" is not valid: use imageSize "512" (no unit)'
        if "512" in card.sizes:
            return f"{unit}. '{card.id}' takes {allowed}."
        return f"{unit}, but '{card.id}' takes only {allowed}. Use one of them{_elsewhere('512')}"
    upper = asked.strip().upper()
    if upper in card.sizes:
        return (
            f'imageSize "{shown}" is not valid: sizes are case-sensitive, use "{upper}". '
            f"'{card.id}' takes {allowed}."
        )
    if asked not in _known_sizes() and (pixels := _PIXELS.fullmatch(asked.strip())):
        return _explain_pixels(shown, pixels, card)
    return (
        f"imageSize \"{shown}\" is not supported by '{card.id}'. Supported: {allowed}. "
        f"Use one of them{_elsewhere(upper)}"
    )


def _explain_pixels(shown: str, found: re.Match[str], card: Card) -> str:
    width = max(int(found[1]), 1)
    height = max(int(found[2] or found[1]), 1)
    ratio = card.nearest_ratio(width, height)

    def distance(size: str) -> float:
        wide, high = card.pixels[size][ratio]
        return abs(log(wide * high / (width * height)))

    size = min(card.sizes, key=distance)
    return (
        f'imageSize takes {", ".join(card.sizes)}; got pixels "{shown}". '
        f'Nearest: imageSize "{size}", aspectRatio "{ratio}".'
    )


def _ratio(request: GenerateRequest, card: Card) -> str:
    asked = request.image.aspect_ratio
    if asked in card.ratios:
        return asked
    if asked and not (asked == "auto" and card.aspect_ratio_auto):
        raise UnsupportedParameter(_explain_ratio(asked, card), field=RATIO_FIELD)
    header = pictures.last_header(request)
    return card.nearest_ratio(header.width, header.height) if header else "1:1"


def _explain_ratio(asked: str, card: Card) -> str:
    allowed = [*card.ratios, *(["auto"] if card.aspect_ratio_auto else [])]
    message = (
        f"aspectRatio {asked[:40]} is not supported by '{card.id}'. "
        f"Supported: {', '.join(allowed)}."
    )
    others = [other.id for other in _others() if asked in other.ratios]
    if others:
        return f"{message} Models with {asked}: {', '.join(others)}."
    numbers = _TWO_NUMBERS.fullmatch(asked)
    if numbers and int(numbers[1]) and int(numbers[2]):
        nearest = card.nearest_ratio(int(numbers[1]), int(numbers[2]))
        return f'{message} Nearest: "{nearest}".'
    if asked == "auto":
        return f"{message} Leave aspectRatio out: it then follows the last input image."
    return message


def _elsewhere(size: str) -> str:
    """Ends a sentence with the models that have this size, where there are any."""
    models = [card.id for card in _others() if size in card.sizes]
    return f", or ask a model that has {size}: {', '.join(models)}." if models else "."


def _others() -> Iterator[Card]:
    return (card for card in catalog().living() if card.family == "gemini")


def _known_sizes() -> frozenset[str]:
    return frozenset(size for card in _others() for size in card.sizes)
