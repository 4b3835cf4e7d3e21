"""Every address that is none gets one sentence, soon, and never repeats a long one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisang.surfaces.hints import hint

WORDS = "v1 v1beta v1beta1 openai projects p locations l publishers google models m:predict"
PIECES = st.sampled_from(
    [*WORDS.split(), "endpoints", "openapi", "chat", "completions", "images", "\n", "%", ""]
)


@given(pieces=st.lists(PIECES, max_size=12), prefix=st.sampled_from(["", "/gw"]))
def test_every_address_gets_a_sentence(pieces: list[str], prefix: str) -> None:
    said = hint("POST", "/" + "/".join(pieces), prefix)
    assert 20 < len(said) < 500
    assert said[0].isupper() or said[0] in "'v"


@pytest.mark.parametrize(
    "path",
    [
        "/v1" * 20_000,
        "/v1/projects" * 8_000,
        "/v1/publishers/google/models/" + "/:" * 40_000,
        "/" + "a/" * 40_000 + "v1/models",
        "/v1/projects/" + "x" * 80_000,
    ],
    ids=lambda path: path[:20],
)
def test_an_endless_address_takes_no_time_and_is_not_repeated(path: str) -> None:
    began = time.thread_time()
    said = hint("GET", path, "")
    assert time.thread_time() - began < 1
    assert len(said) < 500


def test_a_prefix_is_missed_only_where_it_is_set() -> None:
    assert "lacks the prefix" in hint("GET", "/v1beta/nothing", "/gw")
    assert "lacks the prefix" in hint("GET", "/gwen/v1beta/nothing", "/gw")
    assert "version stands" in hint("GET", "/gw/v1/v1beta/models", "/gw")
    assert "project= and location=" in hint("POST", "/gw", "/gw")
