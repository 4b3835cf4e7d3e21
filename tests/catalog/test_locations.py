"""Which locations an address of Vertex AI may name, and what is said to the others."""

import pytest

from pisang.catalog.locations import locations, unknown_location
from pisang.core.errors import ModelNotFound, NotFound


@pytest.mark.parametrize("name", ["global", "us", "eu", "us-central1", "europe-west4"])
def test_places_of_vertex_are_known(name: str) -> None:
    assert name in locations()
    assert unknown_location(name, project="p", model="m") is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("us-centrall", "us-central1"),
        ("US-CENTRAL1", "us-central1"),
        ("us-central1-a", "global or"),
    ],
)
def test_a_place_that_is_none_is_told_what_was_meant(name: str, meant: str) -> None:
    refused = unknown_location(name, project="p", model="m")
    assert isinstance(refused, ModelNotFound)
    assert meant in refused.message
    assert f"`projects/p/locations/{name}/publishers/google/models/m`" in refused.message


def test_an_endless_place_is_not_echoed_whole() -> None:
    refused = unknown_location("x" * 5000, project="y" * 5000, model="z" * 5000)
    assert refused is not None
    assert len(refused.message) < 700
    assert isinstance(unknown_location("nowhere", project="p"), NotFound)
