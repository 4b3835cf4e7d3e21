"""Paints a drawing in another colour: the shades of its main colour turn, all else stays.

"A red cat" must have a red coat, a darker red in the shadows, a paler red belly, and still black
eyes. So the colours of a body are looked at in OKLCH (lightness, chroma, hue as people see
them): those of the main colour's family move as one, keeping their steps of lightness; other
hues, near-blacks and whites stay. A coat without hue (white, grey, black) is a family too.
"""

from __future__ import annotations

import math
import re

_FILL = re.compile(r"data-fill=\"(#[0-9a-f]{6})\"")
_KEEP = re.compile(r"data-keep=\"([^\"]*)\"")
_COLOUR = re.compile(r"(?<=\")#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?=\")")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
_HUE_REACH = 27.0  # degrees: shades of one coat differ by less; a blue car and its windows by 30
_GREY = 0.035  # chroma below which a colour has no hue to speak of
_INK = 0.30  # lightness below which a grey is an outline, an eye or a tyre
_GREY_REACH = 0.36  # how far in lightness a grey may be from a grey coat


def recolour(body: str, colour: str) -> str:
    """The body with its main colour's family turned to `colour` (`#rrggbb`).

    The main colour is the `data-fill` that the pack wrote, and `data-keep` lists what stays
    (skin, window panes); a body without the first, such as a bare face, comes back as it is.
    Shapes are not touched, so the picture keeps its form. Raises ValueError for a colour that
    is not `#rgb` or `#rrggbb`.
    """
    target = to_oklch(colour)
    found = _FILL.search(body)
    if not found:
        return body
    main = to_oklch(found[1])
    kept = _KEEP.search(body)
    keep = kept[1].split() if kept else []

    def turn(match: re.Match[str]) -> str:
        shade = to_oklch(match.group())
        if full(match.group()) in keep or not in_family(shade, main):
            return match.group()
        return from_oklch(turned(shade, main=main, target=target))

    head, data, rest = body.partition(found[0])
    return head + data + _COLOUR.sub(turn, rest)


Oklch = tuple[float, float, float]


def in_family(shade: Oklch, main: Oklch) -> bool:
    """Is this colour a shade of the main one?"""
    if main[1] < _GREY:
        if shade[1] >= _GREY * 1.6:
            return False
        return shade[0] > _INK and abs(shade[0] - main[0]) < _GREY_REACH
    if shade[1] < _GREY:
        return False
    apart = abs(shade[2] - main[2]) % 360
    return min(apart, 360 - apart) < _HUE_REACH


def turned(shade: Oklch, *, main: Oklch, target: Oklch) -> Oklch:
    """One shade of the family, moved as far as the main colour moves."""
    base = min(max(target[0], 0.33), 0.96)  # room for shadows below and light above
    step = shade[0] - main[0]
    room = (1.0 - base) / max(1.0 - main[0], 0.05) if step > 0 else base / max(main[0], 0.05)
    # white keeps visible shadows, black visible lights
    light = base + step * (1.0 if step < 0 and base > 0.5 else max(min(room, 1.0), 0.45))
    light = min(max(light, 0.12), 1.0)
    if target[1] < _GREY:
        return light, target[1], target[2]
    ratio = shade[1] / main[1] if main[1] >= _GREY else 1.0 - abs(step) * 0.6
    return light, target[1] * min(max(ratio, 0.35), 1.15), target[2]


def full(colour: str) -> str:
    """`#rgb` or `#rrggbb` as `#rrggbb` in lower case; raises ValueError."""
    if not _HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is not #rgb or #rrggbb")
    digits = colour[1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)


def to_oklch(colour: str) -> Oklch:
    """`#rgb` or `#rrggbb` to lightness 0-1, chroma 0-0.4, hue in degrees; raises ValueError."""
    digits = full(colour)[1:]
    r, g, b = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    # Ottosson's published matrices for linear sRGB -> cone response -> OKLab
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    light = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return light, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def from_oklch(colour: Oklch) -> str:
    """Back to `#rrggbb`; a colour the screen lacks loses chroma, not lightness or hue."""
    light, chroma, hue = colour
    for _ in range(24):
        rgb = _to_rgb(light, chroma, hue)
        if all(-0.002 <= value <= 1.002 for value in rgb):
            break
        chroma *= 0.93
    return "#" + "".join(f"{round(min(max(_gamma(v), 0), 1) * 255):02x}" for v in rgb)


def _to_rgb(light: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _gamma(value: float) -> float:
    if value <= 0.0031308:
        return 12.92 * value
    return float(1.055 * value ** (1 / 2.4) - 0.055)
