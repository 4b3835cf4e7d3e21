"""Whether a request is one that its key may be used for: patterns of pages, networks, models."""

from dataclasses import replace

import pytest

from pisang.admission import restrictions
from pisang.core.caller import Caller, Restrictions
from pisang.core.errors import AddressBlocked, KeyRestricted, ReferrerBlocked
from pisang.routing.plan import Plan, Step
from pisang.routing.table import Route, Target

FREE = Caller("prj_1", "key_1", project_number="123456789012")


def limited(**kinds: tuple[str, ...]) -> Caller:
    return replace(FREE, restrictions=Restrictions(**kinds))


@pytest.mark.parametrize(
    ("pattern", "page", "fits"),
    [
        ("https://example.com/*", "https://example.com/", True),
        ("https://example.com/*", "https://example.com", True),
        ("https://example.com/*", "https://EXAMPLE.com/a/b?c", True),
        ("https://example.com/*", "http://example.com/a", False),
        ("https://example.com/*", "https://example.com.evil.net/a", False),
        ("https://example.com/*", "https://evilexample.com/a", False),
        ("https://example.com/*", "https://example.com@evil.net/a", False),
        ("https://example.com/*", "https://evil.net/https://example.com/", False),
        ("https://example.com/*", "https://example.com:8443/a", False),
        ("example.com", "http://example.com/any", True),
        ("example.com", "https://example.com:443/any", True),
        ("example.com", "https://www.example.com/", False),
        ("*.example.com", "https://www.example.com/", True),
        ("*.example.com", "https://a.b.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com/shop/*", "https://www.example.com/shop/1", True),
        ("*.example.com/shop/*", "https://www.example.com/blog", False),
        ("example.com/a[1]?", "https://example.com/a1b", False),
        ("localhost:3000", "http://localhost:3000/", True),
        ("localhost:3000", "http://localhost:3001/", False),
        ("localhost:*", "http://localhost:5173/x", True),
        ("*://example.com/*", "http://example.com/", True),
        ("[::1]:8080/*", "http://[::1]:8080/x", True),
        ("*", "https://anything.example/", True),
        ("*", "", False),
        ("example.com", "not an address", False),
        ("example.com", "https://example.com:99999/", False),
    ],
)
def test_pages_fit_patterns_as_google_has_them(pattern: str, page: str, *, fits: bool) -> None:
    assert restrictions.fits_page(pattern, page) is fits


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("203.0.113.7", True),
        ("203.0.113.8", False),
        ("10.255.0.1", True),
        ("::ffff:10.1.1.1", True),
        ("2001:db8::1", True),
        ("2001:db8::1%eth0", True),
        ("2001:db9::1", False),
        ("", False),
        ("unix", False),
    ],
)
def test_addresses_lie_in_networks(address: str, *, fits: bool) -> None:
    networks = ("203.0.113.7/32", "10.0.0.0/8", "2001:db8::/32")
    assert restrictions.fits_network(networks, address) is fits


def test_the_door_says_what_google_says() -> None:
    known = {"surface": "gemini_api", "referrer": "", "address": "192.0.2.1"}
    restrictions.check_door(FREE, **known)
    restrictions.check_door(limited(surfaces=("gemini_api",)), **known)
    with pytest.raises(KeyRestricted) as surface:
        restrictions.check_door(limited(surfaces=("vertex", "openai")), **known)
    assert surface.value.reason == "API_KEY_SERVICE_BLOCKED"
    assert "generativelanguage.googleapis.com are blocked" in surface.value.message
    with pytest.raises(ReferrerBlocked, match="from referer <empty> are blocked"):
        restrictions.check_door(limited(referrers=("example.com",)), **known)
    with pytest.raises(AddressBlocked, match=r"IP address restriction.*192\.0\.2\.1"):
        restrictions.check_door(limited(addresses=("10.0.0.0/8",)), **known)
    for error in (surface.value,):
        assert error.metadata["consumer"] == "projects/123456789012"


def test_a_model_is_allowed_by_any_of_its_names() -> None:
    caller = limited(models=("gemini-3*", "nano-banana"))
    restrictions.check_model(FREE, "anything")
    restrictions.check_model(caller, "gemini-3-pro-image")
    restrictions.check_model(caller, "models/gemini-3-pro-image")
    restrictions.check_model(caller, "gemini-2.5-flash-image", ["nano-banana"])
    for model in ("gemini-2.5-flash-image", "imagen-4.0-generate-001", "x-gemini-3"):
        with pytest.raises(KeyRestricted, match="gemini-3"):
            restrictions.check_model(caller, model, ["other"])


def test_a_plan_loses_the_engines_that_the_key_may_not_use() -> None:
    names = ("studio", "relay", "gpu-1")
    route = Route(id="r", models=("*",), targets=tuple(Target(name) for name in names))
    plan = Plan(route, tuple(Step(name, "") for name in names), (("old", "why"),), {})
    assert restrictions.within(FREE, plan) is plan
    assert restrictions.within(limited(engines=("*",)), plan) is plan
    left = restrictions.within(limited(engines=("gpu-*", "studio")), plan)
    assert [step.engine for step in left.steps] == ["studio", "gpu-1"]
    assert [name for name, _ in left.left_out] == ["old", "relay"]
    with pytest.raises(KeyRestricted, match="engines that are blocked"):
        restrictions.within(limited(engines=("sketch",)), plan)
