"""Small line icons for bars, menus and buttons, drawn in one colour on a grid of 24 units.

They are strokes and not drawings, because a coloured picture of a house in a navigation bar looks
like a sticker. The word under it chooses the glyph; a word nobody knows gets the next usual one.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pisang.engines.sketch.layers import Box, VectorLayer

__all__ = ["USUAL", "glyph", "named"]

_PATHS: Mapping[str, str] = MappingProxyType(
    {
        "home": "M4 11L12 4l8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
        "search": "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.4 15.4L20 20",
        "bell": "M6 17V11a6 6 0 0 1 12 0v6l1.5 1H4.5zM10 20.5h4",
        "person": "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4.5 20.5c0-4 3.3-6 7.5-6s7.5 2 7.5 6",
        "gear": "M4 7h9M17 7h3M4 17h3M11 17h9M15 5a2 2 0 1 0 0 4a2 2 0 1 0 0-4M9 15a2 2 0 1 0 0 4"
        "a2 2 0 1 0 0-4M4 12h16",
        "heart": "M12 20C5 15 3.5 11.5 3.5 9a4.3 4.3 0 0 1 8.5-1.2A4.3 4.3 0 0 1 20.5 9"
        "c0 2.5-1.5 6-8.5 11z",
        "cart": "M3 4h3l2.2 11h9.600l2-8H7M9.5 19.500h.1M16.5 19.500h.1",
        "chat": "M4 5h16v11H11l-4 4v-4H4z",
        "plus": "M12 5v14M5 12h14",
        "chart": "M5 20V11M12 20V4M19 20v-6",
        "calendar": "M4 6h16v14H4zM4 10.500h16M8 3.500v4M16 3.500v4",
        "list": "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
        "grid": "M4 4h6.500v6.500H4zM13.5 4H20v6.500h-6.500zM4 13.500h6.500V20H4z"
        "M13.5 13.500H20V20h-6.500z",
        "star": "M12 3.500l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.900L3.5 9.700l5.9-.8z",
        "check": "M5 12.500l4.5 4.500L19 7.5",
        "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
        "mail": "M3.5 6h17v12.500h-17zM3.5 7l8.5 6.500L20.5 7",
        "play": "M8 5l11 7-11 7z",
        "picture": "M3.5 5h17v14h-17zM3.5 16l5-5 4 4 3-3 5 4.500M15.5 9h.1",
        "wallet": "M4 7h15v12H4zM4 7l11-3v3M15 13h4",
        "map": "M12 21c-4-5-6.5-8-6.5-11.500a6.5 6.5 0 0 1 13 0C18.5 13 16 16 12 21z"
        "M12 7.500a2 2 0 1 0 0 4a2 2 0 1 0 0-4",
    }
)
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "house": "home", "feed": "home", "start": "home", "explore": "search", "find": "search",
        "discover": "search", "alerts": "bell", "notifications": "bell", "inbox": "mail",
        "messages": "chat", "message": "chat", "chats": "chat", "support": "chat",
        "profile": "person", "account": "person", "me": "person", "users": "person",
        "team": "person", "customers": "person", "settings": "gear", "favorites": "heart",
        "favourites": "heart", "likes": "heart", "saved": "heart", "basket": "cart",
        "shop": "cart", "store": "cart", "orders": "cart", "add": "plus", "new": "plus",
        "create": "plus", "stats": "chart", "analytics": "chart", "reports": "chart",
        "activity": "chart", "schedule": "calendar", "today": "calendar", "menu": "list",
        "tasks": "check", "todo": "check", "dashboard": "grid", "overview": "grid",
        "library": "grid", "security": "lock", "password": "lock", "email": "mail",
        "videos": "play", "music": "play", "photos": "picture", "gallery": "picture",
        "camera": "picture", "payments": "wallet", "wallet": "wallet", "billing": "wallet",
        "location": "map", "places": "map", "username": "person", "name": "person",
    }
)  # fmt: skip
USUAL = ("home", "search", "heart", "bell", "person", "gear")
_SIDE = ("grid", "chart", "person", "calendar", "mail", "gear")


def named(words: str, place: int, *, side: bool = False) -> str:
    """The glyph for an item's words, else the usual one of its place."""
    for word in words.lower().split():
        found = word if word in _PATHS else _WORDS.get(word)
        if found:
            return found
    usual = _SIDE if side else USUAL
    return usual[place % len(usual)]


def glyph(name: str, box: Box, colour: str, *, weight: float = 1.9) -> VectorLayer:
    """A glyph in the middle of a box, strokes ``weight`` units of the grid wide."""
    side = min(box.width, box.height)
    x, y = box.centre[0] - side / 2, box.centre[1] - side / 2
    svg = (
        f'<g transform="translate({x:.3f} {y:.3f}) scale({side / 24:.5f})">'
        f'<path d="{_PATHS[name]}" fill="none" stroke="{colour}" stroke-width="{weight}"'
        f' stroke-linecap="round" stroke-linejoin="round"/></g>'
    )
    return VectorLayer(Box(x, y, side, side), svg)
