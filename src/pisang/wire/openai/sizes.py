"""What ``size`` means: pixels, a ratio or one of Google's size words, as a card's own words.

Pixels of the catalog mean exactly that picture. OpenAI's own sizes mean the ratio they stand for,
at the nearest pixels a model has (surfaces contract, section 10.1): the answer tells the real ones.
Other pixels are refused with the nearest that would work, because a picture of another shape than
was asked for breaks a layout silently.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from types import MappingProxyType
from typing import Final

from pisang.catalog.models import Card
from pisang.wire.openai.schema import WrongParameter

_PIXELS: Final = re.compile(r"([0-9]{2,5})\s*[x×*]\s*([0-9]{2,5})", re.ASCII | re.I)
_RATIO: Final = re.compile(r"([0-9]{1,2})\s*:\s*([0-9]{1,2})", re.ASCII)
_WORD: Final = re.compile(r"512|[0-9]k", re.ASCII | re.I)

OPENAI_SIZES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "256x256": ("1:1", "512"),
        "512x512": ("1:1", "512"),
        "1024x1024": ("1:1", "1K"),
        "1536x1024": ("3:2", "1K"),
        "1024x1536": ("2:3", "1K"),
        "1792x1024": ("16:9", "1K"),
        "1024x1792": ("9:16", "1K"),
    }
)
"""OpenAI's own sizes, with the ratio and size word that serve them."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A ratio and a size word; None leaves the choice to the model."""

    ratio: str | None = None
    size: str | None = None


def read_size(asked: str, card: Card, *, param: str) -> Shape:
    """Understands one ``size``. Raises ``WrongParameter`` for what the model cannot draw."""
    text = asked.strip().lower()
    if text in ("", "auto"):
        return Shape()
    if pixels := _PIXELS.fullmatch(text):
        return _of_pixels(int(pixels[1]), int(pixels[2]), asked, card, param)
    if _RATIO.fullmatch(text):
        return Shape(ratio=read_ratio(text, card, param=param))
    if _WORD.fullmatch(text):
        return Shape(size=read_word(asked, card, param=param))
    raise WrongParameter(
        f"Invalid value: '{asked[:40]}' for '{param}'. Send pixels (1024x1024), a ratio (16:9), a "
        f"size word ({', '.join(card.sizes or (card.default_size,))}), or auto.",
        param=param,
    )


def read_ratio(asked: str, card: Card, *, param: str) -> str | None:
    """A ratio of a card; None for ``auto``. Raises ``WrongParameter`` for one that it lacks."""
    text = re.sub(r"\s", "", asked).lower()
    if text in ("", "auto"):
        return None
    if text in card.ratios:
        return text
    raise WrongParameter(
        f"Invalid value: '{asked[:40]}' for '{param}'. '{card.id}' draws {', '.join(card.ratios)}.",
        param=param,
    )


def read_word(asked: str, card: Card, *, param: str) -> str | None:
    """A size word of a card, in any case. Models of one size have no word for it, so theirs is left
    out. Raises ``WrongParameter`` for one that the model lacks."""
    word = asked.strip().upper()
    if word in ("", "AUTO") or (card.fixed_size and word == card.default_size):
        return None
    if word in card.sizes:
        return word
    raise WrongParameter(
        f"Invalid value: '{asked[:40]}' for '{param}'. '{card.id}' draws "
        f"{', '.join(card.sizes or (card.default_size,))}.",
        param=param,
    )


def _of_pixels(width: int, height: int, asked: str, card: Card, param: str) -> Shape:
    for size, row in card.pixels.items():
        for ratio, exact in row.items():
            if exact == (width, height):
                return Shape(ratio, read_word(size, card, param=param))
    known = OPENAI_SIZES.get(f"{width}x{height}")
    if known and known[0] in card.ratios:
        ratio, size = known
        smallest = size if size in card.pixels else card.default_size
        return Shape(ratio, read_word(smallest, card, param=param))
    raise WrongParameter(_nearest(width, height, asked, card, param), param=param)


def _nearest(width: int, height: int, asked: str, card: Card, param: str) -> str:
    wide, high = max(width, 1), max(height, 1)

    def distance(pixels: tuple[int, int]) -> float:
        shape = abs(log(pixels[0] / pixels[1]) - log(wide / high))
        area = abs(log(pixels[0] * pixels[1]) - log(wide * high))
        return 4 * shape + area  # another shape is worse than another size

    exact = {pixels for row in card.pixels.values() for pixels in row.values()}
    near = sorted(exact, key=distance)[:3]
    words = ", ".join(f"{across}x{down}" for across, down in near)
    return (
        f"Invalid value: '{asked[:40]}' for '{param}': '{card.id}' does not draw these pixels. "
        f"Nearest: {words}. Or send a ratio ({', '.join(card.ratios[:4])}, ...)."
    )
