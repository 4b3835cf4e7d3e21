"""A card says all that is known about one model: abilities, exact pixels, limits, dates, names.

Cards are frozen data read from ``catalog/data/*.toml``; prices are beside them in ``prices.py``.
A model is *dead* on a surface from the day Google shut it down there. That day is compared with
today whenever someone asks, so a model that dies next spring needs no new release of pisang.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from math import log
from types import MappingProxyType
from typing import Any, Literal

from pisang.core.image import Canvas
from pisang.core.request import ThinkingLevel

Surface = Literal["gemini_api", "vertex"]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A model's dates. ``replacements`` are Google's words, ``successor`` is the one we choose.

    ``shutdown_gemini_api_before`` stands where Google's date is lost and only a bound is known.
    """

    preview_released: date | None = None
    preview_shutdown: date | None = None
    released: date | None = None
    deprecated: date | None = None
    shutdown_gemini_api: date | None = None
    shutdown_gemini_api_before: date | None = None
    shutdown_vertex: date | None = None
    replacements: tuple[str, ...] = ()
    successor: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingCard:
    """Whether the model thinks, and at which levels; no levels means that it cannot be steered."""

    supported: bool = True
    levels: tuple[ThinkingLevel, ...] = ()
    default: str | None = None
    can_disable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """Web search while drawing, and Google's price for it (US dollars per 1000 queries)."""

    web_search: bool = False
    image_search: bool = False
    usd_per_1000_queries: int | Decimal | None = None
    free_queries_per_month: int | None = None
    free_group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingCard:
    """The sampling values that a Model resource reports. Top k is only fixed for some models."""

    temperature: float
    max_temperature: float
    top_p: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class Card:
    """One model; there is one card of each, so cards are equal when they are the same object.

    Token limits are per request; ``pixels`` is ``{size: {ratio: (w, h)}}``.

    ``sizes`` are the words a request may use; it is empty where ``fixed_size`` is true, although
    ``pixels`` then still has its one row under ``default_size``. ``most_text_tokens`` is how much
    text and thinking to expect beside one picture: several times the most that was seen.
    ``None`` means not known.
    ``unverified`` lists what no source confirms; never present it as Google's word.
    """

    id: str
    name: str
    family: Literal["gemini", "imagen"]
    version: str
    description: str
    status: Literal["ga", "deprecated", "ga_shutdown_scheduled", "shutdown", "unknown"]
    aliases: tuple[str, ...] = ()
    gateway_aliases: tuple[str, ...] = ()
    lifecycle: Lifecycle = Lifecycle()
    surfaces: tuple[Surface, ...]
    methods: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    mime_default: str = "image/png"
    ratios: tuple[str, ...] = ()
    aspect_ratio_auto: bool = False
    sizes: tuple[str, ...] = ()
    default_size: str = "1K"
    pixels: Mapping[str, Mapping[str, Size]]
    max_references: int | None = None
    references_note: str | None = None
    tokens_per_reference: int | None = None
    image_tokens: Mapping[str, int]
    other_image_tokens: Mapping[str, int]
    input_tokens: int | None = None
    vertex_input_tokens: int | None = None
    output_tokens: int | None = None
    most_text_tokens: int = 0
    sample_count_max: int | None = None
    candidate_count_max: int = 1
    knowledge_cutoff: str | None = None
    thinking: ThinkingCard = ThinkingCard(supported=False)
    grounding: Grounding = Grounding()
    sampling: SamplingCard
    ignored_params: frozenset[str] = frozenset()
    vertex_top_k_fixed: int | None = None
    tiers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unverified: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Card({self.id!r})"

    @property
    def fixed_size(self) -> bool:
        """The model draws one size only and has no word for it."""
        return not self.sizes

    def canvas(self, ratio: str, size: str | None = None) -> Canvas:
        """The exact pixels of a ratio at a size (default: the card's own). KeyError if it has none.

        ``admission/policy.py`` is where words that callers wrote are checked and explained.
        """
        size = size or self.default_size
        width, height = self.pixels[size][ratio]
        return Canvas(width, height, ratio, size)

    def nearest_ratio(self, width: int, height: int) -> str:
        """The card's ratio that is closest in shape; distance is that of the logarithms, so that
        twice as wide is as far away as half as wide. Compares real pixels, not the ratio's name."""
        shape = log(width / height)
        row = self.pixels[self.default_size]
        return min(row, key=lambda ratio: abs(log(row[ratio][0] / row[ratio][1]) - shape))

    def shutdown(self, surface: Surface = "gemini_api") -> date | None:
        """The day from which Google refuses the model on this surface; None: none announced.

        A model that was never on this surface goes by the date of the one it was on.
        """
        dates = self.lifecycle
        known: dict[Surface, date | None] = {
            "gemini_api": dates.shutdown_gemini_api or dates.shutdown_gemini_api_before,
            "vertex": dates.shutdown_vertex,
        }
        if known[surface] or surface in self.surfaces:
            return known[surface]
        return known["vertex" if surface == "gemini_api" else "gemini_api"]

    def is_dead(self, today: date, surface: Surface = "gemini_api") -> bool:
        day = self.shutdown(surface)
        return day is not None and day <= today

    def stage(self, today: date, surface: Surface = "gemini_api") -> str:
        """``status`` as it is on this day: one of the same words."""
        if self.is_dead(today, surface):
            return "shutdown"
        if self.lifecycle.deprecated and self.lifecycle.deprecated <= today:
            return "deprecated"
        if surface in self.surfaces and self.shutdown(surface):
            return "ga_shutdown_scheduled"
        return "unknown" if self.status == "unknown" else "ga"


_METHODS = {
    "gemini": ("generateContent", "countTokens", "batchGenerateContent"),
    "imagen": ("predict",),
}
_OUTPUTS = {"gemini": ("text", "image"), "imagen": ("image",)}
_TUPLES = frozenset(
    {"aliases", "gateway_aliases", "surfaces", "inputs", "ratios", "sizes", "unverified", "sources"}
)


def card(model_id: str, row: Mapping[str, Any], common: Mapping[str, Any]) -> Card:
    """Builds a card from its table in the data files; unknown keys in the table raise TypeError."""
    family: Literal["gemini", "imagen"] = "gemini" if model_id.startswith("gemini-") else "imagen"
    row = {key: value for key, value in row.items() if key not in ("prices", "regional_uplift")}
    table = common["pixels"].get(row.pop("pixels", None))
    sizes, ratios = row.get("sizes", ()), row.get("ratios", ())
    thinking = dict(row.pop("thinking", {"supported": False}))
    thinking["levels"] = tuple(map(ThinkingLevel, thinking.get("levels", ())))
    dates = dict(row.pop("lifecycle", {}))
    dates["replacements"] = tuple(dates.get("replacements", ()))
    values: dict[str, Any] = {
        key: tuple(value) if key in _TUPLES else value for key, value in row.items()
    }
    values["aspect_ratio_auto"] = values.pop("ratio_auto", False)
    values["ignored_params"] = frozenset(values.get("ignored_params", ()))
    values["tiers"] = {place: tuple(tiers) for place, tiers in row.get("tiers", {}).items()}
    values["grounding"] = Grounding(**row.get("grounding", {}))
    values["sampling"] = SamplingCard(
        **{key: float(value) for key, value in common["sampling"].items()}
    )
    for key in ("image_tokens", "other_image_tokens"):
        values[key] = MappingProxyType(dict(row.get(key, {})))
    values.setdefault("name", model_id)
    return Card(
        id=model_id,
        family=family,
        methods=_METHODS[family],
        outputs=_OUTPUTS[family],
        pixels=_pixels(table, sizes=sizes or ("1K",), ratios=ratios) if table else {},
        thinking=ThinkingCard(**thinking),
        lifecycle=Lifecycle(**dates),
        **values,
    )


def _pixels(
    table: Mapping[str, Any], *, sizes: tuple[str, ...], ratios: tuple[str, ...]
) -> Mapping[str, Mapping[str, Size]]:
    return MappingProxyType(
        {
            size: MappingProxyType(
                {ratio: _scaled(table["row"][ratio], table["scale"][size]) for ratio in ratios}
            )
            for size in sizes
        }
    )


def _scaled(pixels: list[int], factor: int | Decimal) -> Size:
    width, height = (int(side * factor) for side in pixels)
    return width, height
