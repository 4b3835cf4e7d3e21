"""Tells a prompt that asks for a picture from one that asks for something else, or for nothing."""

from __future__ import annotations

from pisang.engines.sketch.read.nouns import Parse

_DRAWABLE = ("thing", "place", "effect", "text", "block", "genre", "ground")


def asks_for_picture(parse: Parse) -> bool:
    """Is there something to draw, and no question instead of a request?"""
    nouns = any(noun.kind in _DRAWABLE for noun in parse.nouns)
    looks = bool(parse.floating.inks or parse.hours or parse.styles or parse.themes)
    if parse.asks and not parse.asked:
        return nouns and (parse.wished or set(parse.asks) == {"greeting"})
    if parse.asked:
        return True
    if parse.wished:
        return nouns or looks
    return nouns or looks
