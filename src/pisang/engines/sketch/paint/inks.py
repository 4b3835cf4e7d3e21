"""An Ink as something to fill a shape with: gradient stops by its finish, checked colours.

Every colour passes ``colour.rgb`` on its way into SVG: what is no colour raises, so that nothing
else can be smuggled into the markup.
"""

from pisang.engines.sketch.layers import Box
from pisang.engines.sketch.paint.colour import lightness, mix, rgb, shade, text
from pisang.engines.sketch.paint.sheet import Sheet, Stop
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import Finish

RAINBOW = ("#ff5f6d", "#ff9f43", "#ffd93d", "#4cd07d", "#3fa9f5", "#8e6bf2")
_METAL = ((0.0, 0.20), (0.22, 0.06), (0.46, -0.10), (0.56, 0.16), (0.74, 0.0), (1.0, -0.16))


def colours(ink: Ink) -> tuple[str, ...]:
    """The ink's colours as its finish shows them; raises ValueError for what is no colour."""
    plain = tuple(text(rgb(colour)) for colour in ink.colours)
    match ink.finish:
        case Finish.RAINBOW:
            return RAINBOW if len(plain) < 2 else plain
        case Finish.PASTEL:
            return tuple(mix(colour, "#ffffff", 0.45) for colour in plain)
        case Finish.NEON:
            return tuple(shade(c, max(0.0, 0.72 - lightness(c)), 1.3) for c in plain)
        case Finish.CHALK:
            return tuple(mix(colour, "#f4f1e8", 0.35) for colour in plain)
        case _:
            return plain


def main(ink: Ink | None, default: str) -> str:
    """The one colour that stands for the ink."""
    return colours(ink)[0] if ink and ink.colours else default


def stops(ink: Ink, alpha: float = 1.0) -> list[Stop]:
    """The ink as gradient stops; a single colour without metal has one stop."""
    found = colours(ink) or ("#888888",)
    if ink.finish is Finish.METAL and len(found) == 1:
        return [(at, shade(found[0], light, 1.0 - abs(light)), alpha) for at, light in _METAL]
    if len(found) == 1:
        return [(0.0, found[0], alpha)]
    return [(i / (len(found) - 1), colour, alpha) for i, colour in enumerate(found)]


def fill(sheet: Sheet, ink: Ink, box: Box, *, flat: bool = False) -> str:
    """What to write as ``fill`` or ``stroke`` so that the ink spans the box."""
    found = stops(ink)
    if len(found) == 1:
        return found[0][1]
    if ink.finish is Finish.RAINBOW or flat:
        return sheet.linear(found, (box.x, box.y), (box.right, box.y))
    if ink.finish is Finish.METAL:
        return sheet.linear(found, (box.x, box.y), (box.x + box.width * 0.35, box.bottom))
    return sheet.linear(found, (box.x, box.y), (box.right, box.bottom))
