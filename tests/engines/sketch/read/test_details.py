"""Details of a card or poster without quotes: where they end, and what is none."""

import pytest

from pisang.engines.sketch.read.details import detail_end


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("Saturday 21:00, popcorn", "Saturday 21:00"),
        ("Sunday 9 am - 2 pm, bring cake", "Sunday 9 am - 2 pm"),
        ("jo.doe@mail.org and more", "jo.doe@mail.org"),
        ("www.yoga.com, blue", "www.yoga.com"),
        ("+1 555 0100, navy", "+1 555 0100"),
        ("12 Oak Street, red", "12 Oak Street"),
        ("7pm with music", "7pm"),
    ],
)
def test_a_detail_ends_where_its_pattern_does(text: str, detail: str) -> None:
    assert text[: detail_end(text, 0)] == detail


@pytest.mark.parametrize("text", ["three cats", "12 balloons", "a red car", "21 pilots", "sunny"])
def test_what_describes_is_no_detail(text: str) -> None:
    assert detail_end(text, 0) == 0
