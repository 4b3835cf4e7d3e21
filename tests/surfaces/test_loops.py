"""The marks of servers, as the header for loops has them."""

import re

import pytest
from starlette.requests import Request

from pisang.core.current import PASSED
from pisang.core.errors import LoopDetected
from pisang.surfaces.loops import mark, new_mark

OWN = "pisang-00000000000000aa"
OTHER = "pisang-00000000000000bb"


def call(said: str | None) -> Request:
    headers = [] if said is None else [(b"cdn-loop", said.encode())]
    return Request({"type": "http", "headers": headers})


def test_each_server_has_a_mark_of_its_own_that_the_header_may_hold() -> None:
    first, second = new_mark(), new_mark()
    assert first != second
    assert re.fullmatch(r"[a-z0-9-]+", first)


@pytest.mark.parametrize(
    ("said", "passed"),
    [
        (None, OWN),
        ("", OWN),
        ("cloudflare; loops=3", OWN),
        (OTHER, f"{OTHER}, {OWN}"),
        (f"a, {OTHER} ;v=1,b", f"{OTHER}, {OWN}"),
        (f"x{OWN}", OWN),
    ],
)
def test_the_mark_is_put_behind_those_of_others_like_us(said: str | None, passed: str) -> None:
    mark(call(said), OWN)
    assert PASSED.get() == passed


@pytest.mark.parametrize("said", [OWN, f"{OTHER},{OWN};v=1", ",".join([OTHER] * 16)])
def test_what_was_here_before_is_refused(said: str) -> None:
    with pytest.raises(LoopDetected, match="base_url"):
        mark(call(said), OWN)
