"""Finds what a poster or card is about, for a title that nobody wrote: told in the notes.

Only a card or poster that has no words at all gets a title: the greeting of its occasion with the
name that follows "for", or the topic itself in capitals ("a poster for a jazz concert on Friday").
"""

from __future__ import annotations

import re

from pisang.engines.sketch.read.nouns import Parse
from pisang.engines.sketch.read.themes import Theme
from pisang.engines.sketch.vocabulary import Genre

_NAME = re.compile(
    r"\b(?:for|to|für|pour|para|per|voor|för|dla|для)\s+"
    r"(?:my\s+(?:\w+\s+){0,2}?)?((?:[^\W\d_]+(?:\s+and\s+|\s+&\s+))?[^\W\d_]+(?:[-'][^\W\d_]+)*)"
)
_TOPIC = re.compile(
    r"\b(?:for|about|on|of|announcing|advertising|promoting|explaining|promotes|announces|explains|illustrating|describing|describes)\s+"
    r"(?:an?\s+|the\s+|our\s+|my\s+|new\s+)*(?P<topic>[^,.;:\n]{3,80})",
    re.IGNORECASE,
)
_HOW = re.compile(
    r"\bhow to [^,.;:?!\n]{3,60}?(?=\s+in\s+\w+\s+(?:\w+\s+)?steps?\b|\s*[,.;:?!\n]|\s+with\b|$)",
    re.IGNORECASE,
)
_INVITED = re.compile(
    r"\b(?:invitation|invite|save the date)(?:\s+card)?\s+(?:to|for)\s+"
    r"(?:an?\s+|the\s+|our\s+)*(?P<topic>[^,.;:\n]{3,60})",
    re.IGNORECASE,
)
_CERTIFICATE = re.compile(
    r"\b(?P<what>[Cc]ertificate of [a-z]+(?: (?!for\b|to\b)[a-z]+)?)(?:\s+(?:for|to)\s+"
    r"(?P<who>[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*))?"
)
_CUT = re.compile(
    r"\s+(?:with|featuring|showing|in\s+(?!the\b|a\b)\w+\s+(?:style|colou?rs?)|using|that|which|"
    r"as\s+(?:if|though)|on\s+(?:an?|the)\s+\w+(?:\s+\w+)?(?:\s+\w+)?\s+background|where)\b.*$",
    re.IGNORECASE,
)
_WHEN = re.compile(
    r"\s+(?:on\s+)?((?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tonight|tomorrow|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r".*|at\s+\d.*|\d{1,2}(?::\d\d)?\s?(?:am|pm).*)$",
    re.IGNORECASE,
)
_TITLED = (Genre.POSTER, Genre.INFOGRAPHIC, Genre.SOCIAL)
_SMALL = frozenset(
    ["a", "an", "the", "and", "or", "of", "for", "to", "in", "on", "at", "by", "with", "vs"]
)
_NO_NAMES = frozenset(
    [
        "her",
        "him",
        "them",
        "me",
        "us",
        "you",
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "his",
        "birthday",
        "kids",
        "children",
        "christmas",
    ]
)


def greeting(theme: Theme | None, prompt: str, *, wish: str = "") -> str:
    """ "Happy Birthday, Anna!" for a card to Anna, or "" where no greeting is implied.

    `wish` is the greeting in the prompt's language; left out: English."""
    if theme is None or not theme.greeting:
        return ""
    wish = wish or theme.greeting
    for found in _NAME.finditer(prompt):
        name = found[1]
        if name[0].isupper() and name.lower() not in _NO_NAMES:
            return f"{wish}, {name}!"
    return f"{wish}!"


def certificate(prompt: str) -> tuple[str, str]:
    """("Certificate of Achievement", "John Doe") where both are named, else ("", "")."""
    found = _CERTIFICATE.search(prompt)
    return (_headline(found["what"]), found["who"] or "") if found else ("", "")


def invitation(prompt: str) -> str:
    """ "Anna's Wedding" for an invitation to it."""
    found = _INVITED.search(prompt)
    if not found:
        return ""
    topic = _WHEN.sub("", _CUT.sub("", found["topic"])).strip()
    return _headline(topic) if 0 < len(topic.split()) <= 6 else ""


def title(parse: Parse, *, genre: Genre, prompt: str) -> tuple[str, str]:
    """(title, details) from the topic of a poster or infographic; ("", "") where there is none."""
    if genre not in _TITLED or any(noun.kind == "text" and noun.denied for noun in parse.nouns):
        return "", ""
    how = _HOW.search(prompt)
    if how and genre is Genre.INFOGRAPHIC:
        return how[0][:1].upper() + how[0][1:], ""
    found = _TOPIC.search(prompt)
    if not found:
        return "", ""
    topic = _CUT.sub("", found["topic"]).strip(" '\"")
    when = _WHEN.search(topic)
    details = when[1] if when else ""
    topic = _WHEN.sub("", topic).strip()
    if not topic or len(topic.split()) > 7:
        return "", ""
    return _headline(topic), details[:1].upper() + details[1:]


def _headline(topic: str) -> str:
    words = topic.split()
    return " ".join(
        word if word.lower() in _SMALL and number else word[:1].upper() + word[1:]
        for number, word in enumerate(words)
    )
