"""Colours as values: codes to hex, and what "light", "deep" or "pastel" do to one.

Mixing is done in OKLCH, where equal steps look equal, so that "light blue" and "light brown" are
equally light.
"""

from __future__ import annotations

import re

from pisang.engines.sketch.read import lexicon
from pisang.engines.sketch.recolour import from_oklch, to_oklch
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Finish

_NUMBER = re.compile(r"\d+")
_FINISHES = {"neon": Finish.NEON, "metallic": Finish.METAL, "pastel": Finish.PASTEL}
# tone -> (target lightness, share of the way to it, factor on chroma)
_TONES = {
    "light": (0.90, 0.62, 0.72),
    "pale": (0.94, 0.75, 0.50),
    "pastel": (0.88, 0.75, 0.55),
    "dark": (0.30, 0.60, 0.90),
    "deep": (0.34, 0.55, 1.00),
    "bright": (0.72, 0.30, 1.25),
    "neon": (0.78, 0.50, 1.35),
    "metallic": (0.70, 0.20, 0.80),
    "muted": (0.62, 0.25, 0.50),
}


def parse_code(text: str) -> str:
    """`#f80`, `#ff8800` or `rgb(255, 136, 0)` as `#rrggbb`."""
    if text.startswith("#"):
        digits = text[1:].lower()
        return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)
    numbers = [int(number) for number in _NUMBER.findall(text)[:3]]
    if "%" in text:
        numbers = [round(number * 2.55) for number in numbers]
    return "#" + "".join(f"{min(number, 255):02x}" for number in numbers)


def parse_value(value: str, name: str) -> Ink:
    """A `colour` value of the tables as an ink: `#d4af37/#f7e7a1 metal`, or the English name that
    the tables of the other languages give, which then names the ink too. KeyError: no such name."""
    if not value.startswith("#"):
        english = lexicon.load("en").entries[value]
        name, value = value, next(one.value for one in english if one.kind == "colour")
    colours, _, finish = value.partition(" ")
    return Ink(colours=tuple(colours.split("/")), finish=Finish(finish or "flat"), name=name)


def toned(ink: Ink, tone: str) -> Ink:
    """The ink made lighter, deeper, paler ... as `tone` says; its name gains the word."""
    goal, share, chroma = _TONES[tone]
    colours = []
    for colour in ink.colours:
        light, strong, hue = to_oklch(colour)
        moved = light + (goal - light) * share
        if tone in ("light", "pale", "pastel"):
            moved = max(moved, light)
        if tone in ("dark", "deep"):
            moved = min(moved, light)
        colours.append(from_oklch((moved, min(strong * chroma, 0.37), hue)))
    finish = _FINISHES.get(tone, ink.finish)
    return Ink(colours=tuple(colours), finish=finish, name=f"{tone} {ink.name}")


def joined(inks: list[Ink]) -> Ink | None:
    """Several inks named for one thing as one ink: a gradient through all their colours."""
    if not inks:
        return None
    if len(inks) == 1:
        return inks[0]
    colours: list[str] = []
    for ink in inks:
        colours.extend(one for one in ink.colours[:1] if one not in colours)
    finish = next((ink.finish for ink in inks if ink.finish is not Finish.FLAT), Finish.FLAT)
    name = " and ".join(ink.name for ink in inks if ink.name)
    return Ink(colours=tuple(colours), finish=finish, name=name)
