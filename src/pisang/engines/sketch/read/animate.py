"""Tells drawings that live, and so can speak, wear and hold, from those that do not."""

from __future__ import annotations

import functools

from pisang.engines.sketch import drawings

_GROUPS = frozenset(("people-body", "animals-nature", "smileys-emotion"))
_DEAD = ("plant", "sky-weather", "heart", "emotion", "body-parts", "hand", "clothing")
_WORN = ("clothing", "hat", "cap", "crown", "helmet", "glasses", "scarf", "necktie", "ribbon")
_ALIVE = frozenset(("robot", "snowman", "snowman-without-snow", "teddy-bear", "ghost", "alien"))


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
