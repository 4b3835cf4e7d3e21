"""The drawing that illustrates a label: "Launch" gets a rocket, "Coffee" a cup.

Words of work and business are in a table, because the library's own names are those of things;
the rest is asked of the English lexicon, whose sure answers only are believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pisang.engines.sketch import words

__all__ = ["pictured"]

_WORK: Mapping[str, str] = MappingProxyType(
    {
        "plan": "clipboard", "plans": "clipboard", "planning": "clipboard", "goal": "bullseye",
        "goals": "bullseye", "build": "hammer-and-wrench", "develop": "laptop", "code": "laptop",
        "make": "hammer-and-wrench", "ship": "rocket", "launch": "rocket", "release": "rocket",
        "deploy": "rocket", "start": "rocket", "design": "artist-palette", "sketch": "pencil",
        "test": "test-tube", "testing": "test-tube", "research": "magnifying-glass-tilted-left",
        "search": "magnifying-glass-tilted-left", "discover": "magnifying-glass-tilted-left",
        "explore": "magnifying-glass-tilted-left", "find": "magnifying-glass-tilted-left",
        "sell": "money-bag", "sales": "money-bag", "revenue": "money-bag", "money": "money-bag",
        "pay": "credit-card", "payment": "credit-card", "price": "money-bag",
        "idea": "light-bulb", "ideas": "light-bulb", "ideate": "light-bulb", "think": "light-bulb",
        "learn": "books", "study": "books", "read": "books", "team": "busts-in-silhouette",
        "people": "busts-in-silhouette", "users": "busts-in-silhouette", "join": "handshake",
        "customers": "busts-in-silhouette", "grow": "seedling", "growth": "chart-increasing",
        "measure": "bar-chart", "analyse": "bar-chart", "analyze": "bar-chart",
        "results": "bar-chart", "mix": "bowl-with-spoon", "stir": "bowl-with-spoon",
        "prepare": "bowl-with-spoon", "bake": "pot-of-food", "cook": "pot-of-food",
        "boil": "pot-of-food", "heat": "fire", "serve": "fork-and-knife", "eat": "fork-and-knife",
        "enjoy": "fork-and-knife", "brew": "teapot", "grind": "beans", "pour": "pouring-liquid",
        "email": "envelope", "mail": "envelope", "contact": "envelope", "send": "envelope",
        "security": "shield", "safe": "shield", "password": "locked", "deliver": "delivery-truck",
        "delivery": "delivery-truck", "order": "shopping-cart", "buy": "shopping-cart",
        "call": "telephone", "talk": "speech-balloon", "feedback": "speech-balloon",
        "review": "eyes", "check": "check-mark-button", "done": "check-mark-button",
        "global": "globe-showing-americas", "world": "globe-showing-americas",
        "international": "globe-showing-americas", "award": "trophy", "win": "trophy",
        "founded": "seedling", "product": "package", "products": "package",
        "reduce": "recycling-symbol",
        "recycle": "recycling-symbol", "reuse": "recycling-symbol", "hire": "handshake",
        "agree": "handshake", "sign": "pencil", "write": "memo", "record": "memo",
        "time": "stopwatch",
        "water": "droplet", "sunlight": "sun", "light": "sun", "co2": "cloud", "air": "cloud",
        "energy": "high-voltage", "sugar": "candy", "run": "running-shoe", "sleep": "bed",
        "market": "megaphone", "promote": "megaphone", "share": "megaphone",
        "celebrate": "party-popper",
        "train": "graduation-cap", "graduate": "graduation-cap", "office": "office-building",
        "travel": "airplane", "pack": "luggage", "photo": "camera", "recipes": "pot-of-food",
    }
)  # fmt: skip


def pictured(label: str) -> str | None:
    """The drawing for a label of a few words, or none: its first word that is known for sure."""
    known = words.nouns("en")
    parts = [part.strip(".,:;!?()").lower() for part in label.split()]
    if len(parts) > 5:
        return None
    for phrase in (" ".join(parts), *parts):
        if phrase in _WORK:
            return _WORK[phrase]
        for one in (phrase, words.singular(phrase)):
            found = known.get(one)
            if found and found[0][1] < words.CERTAIN and len(one) > 2:
                return found[0][0]
    return None
