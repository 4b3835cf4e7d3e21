"""Finds the details of cards and posters that stand without quotes: addresses, numbers, times.

"Saturday 21:00", "phone 555-1234", "jo@doe.com" are words to be drawn in a poster or a card, never
descriptions. Each pattern is anchored where a part of the prompt begins, so that a figure inside a
sentence stays a figure.
"""

from __future__ import annotations

import re

_TIME = r"\d{1,2}(?::\d\d)?\s?[ap]\.?m\b\.?|\d{1,2}[:.]\d\d(?:\s?h\b)?"
_SPAN = rf"(?:{_TIME}|noon|midnight)(?:\s*(?:-|–|to|until)\s*(?:{_TIME}|noon|midnight|late))?"
_DAYS = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_DETAILS = tuple(
    re.compile(pattern)
    for pattern in (
        r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
        r"(?:https?://|www\.)[^\s,;'\"]+",
        r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|co|app|shop|dev|eu|uk|de|fr|es|it|info|art)\b"
        r"(?:/[^\s,;]*)?",
        r"\+?\(?\d[\d() .-]{5,}\d\b",
        rf"(?:{_DAYS}(?:\s*(?:-|–|to|and|&)\s*{_DAYS})?)(?:,?\s+(?:(?:at|from)\s+)?{_SPAN})?",
        rf"(?:from\s+)?{_SPAN}",
        r"\d{1,5}\s+(?:[A-Z][\w'.-]*\s+){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Square|"
        r"Boulevard|Blvd|Drive|Dr|Way|Court|Place|Plaza)\b\.?",
        r"@\w[\w.]+",
    )
)
LABELS = frozenset(
    (
        "on", "at", "every", "phone", "tel", "telephone", "mobile", "call", "call us", "email",
        "e-mail", "mail", "contact", "website", "web", "visit", "address", "time", "date", "from",
        "open", "open from", "starts", "starting", "starts at", ":", "us",
    )
)  # fmt: skip
"""Words before a detail that only say what it is."""


def detail_end(text: str, at: int) -> int:
    """The character behind a detail that begins at `at` of `text`, or 0 where none does."""
    ends = [found.end() for pattern in _DETAILS if (found := pattern.match(text, at))]
    return max(ends, default=0)
