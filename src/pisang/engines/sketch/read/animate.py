"""Tells drawings that live, and so can speak, wear and hold, from those that do not."""

from __future__ import annotations

import functools

from pisang.engines.sketch import drawings

_GROUPS = frozenset(("people-body", "animals-nature", "smileys-emotion"))
_DEAD = ("plant", "sky-weather", "heart", "emotion", "body-parts", "hand", "clothing")
_WORN = ("clothing", "hat", "cap", "crown", "helmet", "glasses", "scarf", "necktie", "ribbon")
_ALIVE = frozenset(("robot", "snowman", "snowman-without-snow", "teddy-bear", "ghost", "alien"))

_HELD = frozenset(
    (
        "umbrella", "closed-umbrella", "balloon", "bouquet", "rose", "tulip", "sunflower", "camera",
        "candle", "flashlight", "red-paper-lantern", "diya-lamp", "magic-wand", "dagger", "shield",
        "bow-and-arrow", "fishing-pole", "broom", "handbag", "briefcase", "shopping-bags", "basket",
        "wrapped-gift", "trophy", "placard", "kite", "lollipop", "soft-ice-cream", "ice-cream",
        "hot-beverage", "teacup-without-handle", "wine-glass", "beer-mug", "clutch-bag", "flag",
        "microphone", "megaphone", "magnifying-glass-tilted-left", "sword", "clipboard", "bucket",
    )
)  # fmt: skip
_HELD_KINDS = ("musical-instrument", "book-paper", "writing", "tool", "phone")


@functools.lru_cache(maxsize=1024)
def is_held(drawing: str) -> bool:
    """Is it what a person who has it carries in the hand: an umbrella, a book, a guitar?"""
    try:
        entry = drawings.entry(drawing)
    except KeyError:
        return False
    return drawing in _HELD or entry.subgroup in _HELD_KINDS


@functools.lru_cache(maxsize=1024)
def is_person(drawing: str) -> bool:
    """Is it somebody with hands?"""
    try:
        return drawings.entry(drawing).group == "people-body" and is_alive(drawing)
    except KeyError:
        return drawing == "robot"


@functools.lru_cache(maxsize=1024)
def is_alive(drawing: str) -> bool:
    """Is it a person, an animal, a face, or a figure that people give a voice to?"""
    if drawing in _ALIVE:
        return True
    try:
        entry = drawings.entry(drawing)
    except KeyError:
        return False
    return entry.group in _GROUPS and not any(part in entry.subgroup for part in _DEAD)


@functools.lru_cache(maxsize=1024)
def is_worn(drawing: str) -> bool:
    """Is it clothing, or something else that sits on a head, a nose or a neck?"""
    try:
        entry = drawings.entry(drawing)
    except KeyError:
        return False
    return any(part in entry.subgroup or part in drawing for part in _WORN)
