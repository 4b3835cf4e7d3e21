"""Edits of a supplied picture's pixels: commands to `PixelEdit` values."""

from __future__ import annotations

import re

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.commands import Command
from pisang.engines.sketch.scene import PixelEdit
from pisang.engines.sketch.vocabulary import Change, Slot

_SHARES = (("half", 0.5), ("third", 0.34), ("quarter", 0.25), ("two thirds", 0.67))
_SQUARE = re.compile(
    "square|quadrat|carré|cuadrad|quadrad|vierkant|kwadrat|квадрат|正方形|정사각형|वर्ग"
)
_WHOLE = (Change.NIGHT, Change.SUNSET)


def pixel_edits(command: Command, *, said: str) -> list[PixelEdit]:
    """What a command does to a picture; [] when it is not about pixels."""
    parse = command.parse
    grounds = parse.of("ground")
    if grounds and command.verb not in ("add", "remove"):
        return _background(command)
    edits = [_edit(value, command, said) for value in command.pixels]
    edits = [edit for edit in edits if edit is not None]
    changes = {edit.change for edit in edits}
    if command.verb in ("rotate", "flip", "crop") and not edits:
        edits.append(_edit(command.verb, command, said))
    if Change.FLIP_VERTICAL in changes:
        edits = [edit for edit in edits if edit.change is not Change.FLIP]
    if (Change.ROTATE in changes and "counter" in said) or "anti" in said:
        edits = [edit for edit in edits if (edit.amount or 0) <= 0 or edit.change != "rotate"]
    if not edits and command.verb in ("make", "change", "recolour", "use"):
        edits.extend(_looks(command))
    return edits


def _edit(value: str, command: Command, said: str) -> PixelEdit:
    name, _, amount = value.partition(" ")
    change = Change(name)
    size = float(amount) if amount else None
    if change is Change.ROTATE:
        return PixelEdit(change=change, amount=_degrees(command, said, default=size or 90.0))
    if change is Change.CROP:
        return _crop(command, said)
    if size is not None:
        size = max(-1.0, min(1.0, size * command.factor))
    return PixelEdit(change=change, amount=size)


def _degrees(command: Command, said: str, *, default: float) -> float:
    found = re.search(
        r"(\d{1,3})\s*(?:°|degrees?|deg\b|grad(?:en|er|i|os|us)?|degrés?|graus|"
        r"stopni|градус|度|도|डिग्री)",
        said,
    )
    degrees = float(found[1]) if found else float(command.numbers[0] if command.numbers else 0)
    if not degrees:
        degrees = 180.0 if "upside down" in said else abs(default)
    return -degrees if default < 0 else degrees


def _crop(command: Command, said: str) -> PixelEdit:
    share = next((size for word, size in _SHARES if word in said), None)
    percent = re.search(r"(\d{1,2})\s?%", said)
    if percent:
        share = int(percent[1]) / 100
    slots = [one.value_as("slot") for one in command.mentions if one.has("slot")]
    slot = Slot(slots[0]) if slots and slots[0] else Slot.CENTRE
    return PixelEdit(
        change=Change.CROP, amount=share or (1.0 if _SQUARE.search(said) else 0.6), slot=slot
    )


def _background(command: Command) -> list[PixelEdit]:
    if any(value.startswith("blur") for value in command.pixels):
        return [PixelEdit(change=Change.BACKGROUND, amount=min(1.0, 0.5 * command.factor))]
    inks = [ink for ground in command.parse.of("ground") for ink in ground.traits.inks]
    inks += command.parse.floating.inks
    ink = colours.joined(inks)
    return [PixelEdit(change=Change.BACKGROUND, ink=ink)] if ink else []


def _looks(command: Command) -> list[PixelEdit]:
    """ "Make it blue", "make it night" of a picture."""
    parse = command.parse
    edits = [
        PixelEdit(change=Change(hour))
        for hour in parse.hours
        if hour in {one.value for one in _WHOLE}
    ]
    inks = list(parse.floating.inks)
    for noun in parse.of("thing"):
        inks.extend(noun.traits.inks)
    ink = colours.joined(inks)
    if ink:
        edits.append(PixelEdit(change=Change.RECOLOUR, ink=ink))
    tint = colours.joined([ink for noun in parse.of("place") for ink in noun.traits.inks])
    if tint:
        edits.append(PixelEdit(change=Change.TINT, ink=tint))
    return edits
