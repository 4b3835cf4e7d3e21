"""Counts of tokens in an upstream's words."""

from pisang.wire.fields import camel
from pisang.wire.gemini.usage import read, tier

COUNTS = {
    "prompt_token_count": 22,
    "tool_use_prompt_token_count": 3,
    "candidates_token_count": 1216,
    "thoughts_token_count": 179,
    "total_token_count": 1420,
    "prompt_tokens_details": [{"modality": "IMAGE", "tokenCount": 7}],
    "candidates_tokens_details": [{"modality": "IMAGE", "tokenCount": 1120}],
}


def test_both_spellings_of_counts_are_read() -> None:
    found = read(COUNTS, images=1)
    assert found == read({camel(name): value for name, value in COUNTS.items()}, images=1)
    assert (found.prompt_text, found.prompt_image) == (18, 7)
    assert (found.text_output, found.thoughts, found.image_output) == (96, 179, 1120)


def test_names_that_an_upstream_makes_up_are_not_remembered() -> None:
    before = camel.cache_info().currsize
    read({f"made_up_{number}": 1 for number in range(100)}, images=0)
    assert camel.cache_info().currsize == before


def test_an_empty_tier_is_none_and_the_other_name_of_it_counts() -> None:
    assert tier({"serviceTier": "", "trafficType": "ON_DEMAND"}) == "ON_DEMAND"
    assert tier({"service_tier": "flex"}) == "flex"
    assert tier({}) == ""
