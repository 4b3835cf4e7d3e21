"""Tells a prompt that asks for a picture from one that asks for something else, or for nothing."""

from __future__ import annotations

from pisang.engines.sketch.read.nouns import Parse

_DRAWABLE = ("thing", "place", "effect", "text", "block", "genre", "ground")


def asks_for_picture(parse: Parse) -> bool:
    """Is there something to draw, and no question instead of a request?"""
    nouns = any(noun.kind in _DRAWABLE for noun in parse.nouns)
    looks = bool(parse.floating.inks or parse.hours or parse.styles or parse.themes)
    if parse.asks and not parse.asked:
        quoted = any(noun.words for noun in parse.of("text"))
        return bool(quoted or (set(parse.asks) == {"greeting"} and nouns))
    if parse.asked:
        return nouns or looks or bool(parse.unknown)
    return nouns or looks
