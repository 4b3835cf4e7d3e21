"""Names that somebody typed: which of those that there are they may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(typed: str, names: Iterable[str]) -> str:
    """A question for who typed what is nearly one of these names, to stand after the sentence that
    there is no such name; else empty."""
    there = {name.lower(): name for name in names}
    near = get_close_matches(typed.lower(), there, n=1)
    return f" Did you mean {there[near[0]]!r}?" if near else ""
