"""Where a request comes from: proxies are believed only where the operator named them."""

import pytest
from starlette.requests import Request

from pisang.surfaces.visitors import address_of, surface_of

PROXIES = ("10.0.0.0/8", "2001:db8::/64")


def visit(peer: str | None, *told: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in told]
    return Request(
        {"type": "http", "headers": headers, "client": (peer, 1) if peer is not None else None}
    )


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),  # anybody can write the header
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),  # the first was the caller's own
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["10.2.2.2, 10.3.3.3"], "10.2.2.2"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8:1::7]:4711"], "2001:db8:1::7"),
        ("2001:db8::5", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", [" , ,"], "10.0.0.1"),
        (None, ["198.51.100.1"], ""),
    ],
)
def test_the_nearest_address_that_is_no_proxy_of_ours(
    peer: str | None, told: list[str], found: str
) -> None:
    assert address_of(visit(peer, *told), PROXIES) == found


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert address_of(visit("10.0.0.1", "198.51.100.1"), ()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("path", "surface"),
    [
        ("/v1beta/models/gemini-3-pro-image:generateContent", "gemini_api"),
        ("/v1beta/files", "gemini_api"),
        ("/upload/v1beta/files", "gemini_api"),
        ("/v1beta/interactions", "gemini_api"),
        ("/v1/projects/p/locations/l/publishers/google/models/m:generateContent", "vertex"),
        ("/v1/publishers/google/models/m:generateContent", "vertex"),
        ("/v1/images/generations", "openai"),
        ("/v1beta/openai/chat/completions", "openai"),
        ("/admin/v1/keys", "admin"),
    ],
)
def test_each_address_is_of_one_surface(path: str, surface: str) -> None:
    assert surface_of(path, {}, {}) == surface
