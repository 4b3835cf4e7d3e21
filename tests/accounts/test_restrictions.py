"""What keys may be limited to: read as it was written, and refused where nobody could mean it."""

import pytest

from pisang.accounts import restrictions
from pisang.core.caller import UNRESTRICTED, Restrictions
from pisang.core.errors import RequestError

ALL = {
    "models": ["gemini-3*", "models/imagen-4.0-generate-001"],
    "surfaces": ["gemini_api", "admin"],
    "engines": ["studio", "gpu-*"],
    "referrers": ["https://Example.com/Path/*", "*.example.org", "localhost:3000/*", "[::1]:80/*"],
    "addresses": ["203.0.113.7", "10.1.2.3/8", "2001:db8::/32"],
}


def test_what_is_written_is_read_back() -> None:
    made = restrictions.checked(ALL)
    assert made.models == ("gemini-3*", "imagen-4.0-generate-001")
    assert made.referrers[0] == "https://example.com/Path/*"
    assert made.addresses == ("203.0.113.7/32", "10.0.0.0/8", "2001:db8::/32")
    assert restrictions.read(restrictions.written(made)) == made
    assert restrictions.read("{}") is UNRESTRICTED
    assert restrictions.read(restrictions.written(Restrictions())) is UNRESTRICTED


def test_what_is_left_out_stays_and_an_empty_list_lifts() -> None:
    made = restrictions.checked(ALL)
    after = restrictions.checked({"models": []}, made)
    assert after.models == ()
    assert after.addresses == made.addresses


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("models", "gemini"),
        ("models", [1]),
        ("models", ["a b"]),
        ("models", [""]),
        ("surfaces", ["gemini"]),
        ("engines", ["x" * 129]),
        ("referrers", ["ftp://example.com"]),
        ("referrers", ["exa mple.com"]),
        ("referrers", ["example.*/x"]),
        ("addresses", ["300.1.1.1"]),
        ("addresses", ["example.com"]),
        ("addresses", ["10.0.0.0/8"] * 201),
        ("colours", ["red"]),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(kind: str, value: object) -> None:
    with pytest.raises(RequestError) as caught:
        restrictions.checked({kind: value})
    assert (caught.value.field or "").startswith("restrictions")
