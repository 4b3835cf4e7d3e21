"""The locations of Vertex AI: an address there names one, and only ``global`` has every tier.

Google answers for a place that is none as it does for a model that is not offered there: 404, the
publisher model was not found. The same sentence stands here, followed by what was meant.
"""

from difflib import get_close_matches
from functools import cache
from typing import Final

from pisang.catalog.load import tables
from pisang.catalog.models import not_found_on_vertex
from pisang.core.errors import ModelNotFound, NotFound, PisangError

GLOBAL: Final = "global"
_LONGEST: Final = 60  # of what a caller wrote and an error repeats


@cache
def locations() -> frozenset[str]:
    """Every location that an address may name: global, the multi-regions and the regions."""
    return frozenset(name for kind in tables()["locations"].values() for name in kind)


def unknown_location(location: str, *, project: str, model: str = "") -> PisangError | None:
    """What to answer for a location that is none (404); None for one that is."""
    if location in locations():
        return None
    shown = location[:_LONGEST]
    near = get_close_matches(location.lower()[:_LONGEST], sorted(locations()), n=2)
    cure = f"There is no location {shown!r}: use {' or '.join([GLOBAL, *near])}."
    if not model:
        return NotFound(cure)
    parent = f"projects/{project[:_LONGEST]}/locations/{shown}"
    return ModelNotFound(f"{not_found_on_vertex(parent, model[:_LONGEST])} {cure}")
