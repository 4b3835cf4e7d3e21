"""The page of triage has every kind, with what it is and what to do."""

import pytest

from pisang.routing.consequences import TABLE
from pisang.routing.diagnosis import Kind
from pisang.routing.signs import SIGNS, Sign, told
from tools.docs import triage
from tools.docs.markdown import cell

PAGE = triage.page()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.FINISHED])
def test_every_kind_has_a_line_and_a_section_with_advice(kind: Kind) -> None:
    section = PAGE.partition(f"\n### {kind.value}\n")[2].partition("\n### ")[0]

    assert f"| [`{kind.value}`](#{kind.value}) | {cell(TABLE[kind].what)} |" in PAGE
    assert f"**Do:** {TABLE[kind].advice}" in section
    assert ("**out**" in section) is TABLE[kind].out


def test_every_group_begins_with_a_heading() -> None:
    for title, _, kind in triage._GROUPS:
        after = PAGE.partition(f"\n## {title}\n")[2]
        following = kind if kind is not Kind.FINISHED else Kind.PROMPT_BLOCKED
        assert after.partition("### ")[2].startswith(f"{following.value}\n")


@pytest.mark.parametrize("sign", SIGNS[:-1], ids=lambda sign: sign.kind.value)
def test_every_sign_is_told_in_words(sign: Sign) -> None:
    words = "; ".join(told(sign))

    assert words
    assert f"| {cell(words)} |" in PAGE


def test_runs_of_statuses_are_short() -> None:
    assert list(told(Sign(kind=Kind.TLS, statuses=(401, 403, 500, 501, 502)))) == [
        "HTTP 401, 403, 500 to 502"
    ]
