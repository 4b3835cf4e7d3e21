"""``usageMetadata``: tokens by what they were spent on, as Google itemises them.

``candidatesTokenCount`` leaves thoughts out; the details name what is known by kind, and whatever
they leave open is text (Google often lists the pictures only; surfaces contract, section 3.2). A
refused answer tells its thoughts twice, once more as candidates, and the total shows it.
"""

from collections.abc import Mapping
from typing import Final

from pisang.core.events import Usage
from pisang.core.request import ServiceTier
from pisang.wire.fields import INT64, camel, whole_in
from pisang.wire.gemini.schema import DEVELOPER, Variant
from pisang.wire.payload import Written

_COUNTS: Final = (
    "promptTokenCount",
    "toolUsePromptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "totalTokenCount",
)
# The other spelling of these. Not by ``camel``, which remembers every name that it is asked for:
# an upstream may have as many as it likes.
_SPELLINGS: Final = {
    name: camel(name)
    for name in (
        "prompt_token_count",
        "tool_use_prompt_token_count",
        "candidates_token_count",
        "thoughts_token_count",
        "total_token_count",
        "prompt_tokens_details",
        "candidates_tokens_details",
    )
}
_IMAGES: Final = ("IMAGE", 2)  # the modality, by word and by number
_SEARCHES: Final = ("web_search_queries", "image_search_queries")

SERVED_TIER: Final = "x-gemini-service-tier"
"""The header in which the Developer API tells the tier that served, whatever the body says."""


def written(
    usage: Usage, *, service_tier: ServiceTier | None = None, variant: Variant = DEVELOPER
) -> dict[str, Written]:
    """Writes the counts; those that are zero are left out."""
    traffic = variant.traffic_types.get(service_tier) if service_tier else None
    counts: dict[str, Written] = {
        "promptTokenCount": usage.prompt,
        "candidatesTokenCount": usage.candidates,
        "totalTokenCount": usage.total,
        "promptTokensDetails": details(text=usage.prompt_text, image=usage.prompt_image),
        "candidatesTokensDetails": details(text=usage.text_output, image=usage.image_output),
        "thoughtsTokenCount": usage.thoughts,
        "trafficType": traffic,
        "serviceTier": service_tier.value if service_tier and not variant.traffic_types else None,
    }
    return {name: value for name, value in counts.items() if value}


def details(*, text: int, image: int) -> list[Written]:
    """One row for each kind of token that was counted."""
    rows = (("TEXT", text), ("IMAGE", image))
    return [{"modality": kind, "tokenCount": count} for kind, count in rows if count]


def read(counts: Mapping[str, object], *, images: int, searches: int = 0) -> Usage:
    """Reads the counts of an answer that held ``images`` pictures and took ``searches``. Nobody can
    be told what is wrong with them, and the pictures are there: a count that is none is 0."""
    counts = {_SPELLINGS.get(name, name): value for name, value in counts.items()}
    told = {name: whole_in(INT64, counts[name]) or 0 for name in _COUNTS if name in counts}
    return _used(
        prompt=told.get("promptTokenCount", 0) + told.get("toolUsePromptTokenCount", 0),
        prompt_image=_images_of(counts.get("promptTokensDetails")),
        candidates=told.get("candidatesTokenCount", 0),
        thoughts=told.get("thoughtsTokenCount", 0),
        total=told.get("totalTokenCount", 0),
        image=_images_of(counts.get("candidatesTokensDetails")),
        images=images,
        searches=searches,
    )


def tier(counts: Mapping[str, object]) -> str:
    """The tier that served, in the upstream's own word; empty where it names none."""
    names = ("service_tier", "traffic_type")
    words = (counts.get(camel(name), counts.get(name)) for name in names)
    return next((word for word in words if isinstance(word, str) and word), "")


def searched(grounding: object) -> int:
    """How many searches an answer's ``groundingMetadata`` names: each is charged, but for those of
    no words, which Google sometimes lists, and those that are told twice."""
    if not isinstance(grounding, dict):
        return 0
    named = (grounding.get(camel(name), grounding.get(name)) for name in _SEARCHES)
    return sum(len(_words_of(queries)) for queries in named if isinstance(queries, list))


def _words_of(queries: list[object]) -> set[str]:
    """The searches that are billed: Google ignores empty ones and counts unique ones."""
    return {query for query in queries if isinstance(query, str) and query.strip()}


def _images_of(rows: object) -> int:
    """The tokens of pictures, by details that nobody has checked."""
    return sum(
        whole_in(INT64, row.get("tokenCount", row.get("token_count"))) or 0
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and row.get("modality") in _IMAGES
    )


def _used(
    *,
    prompt: int,
    prompt_image: int,
    candidates: int,
    thoughts: int,
    total: int,
    image: int,
    images: int,
    searches: int,
) -> Usage:
    if thoughts and candidates == thoughts and total == prompt + thoughts:
        candidates = 0  # the thoughts of a refused answer, told twice
    return Usage(
        prompt_text=max(0, prompt - prompt_image),
        prompt_image=prompt_image,
        text_output=max(0, candidates - image),
        image_output=image,
        thoughts=thoughts,
        images=images,
        searches=searches,
    )
