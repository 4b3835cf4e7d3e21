"""Colours as painters use them: mix two, make one lighter, turn its hue, ask how light it is.

Everything is ``#rrggbb`` text, because that is what SVG and the Scene speak. Mixing is done on the
sRGB numbers (it looks like paint and matches what librsvg does in gradients); lightness steps are
done in OKLCH, so that a darker yellow does not become green.
"""

from functools import lru_cache

from pisang.engines.sketch.recolour import from_oklch, to_oklch

Rgb = tuple[float, float, float]


@lru_cache(maxsize=4096)
def rgb(colour: str) -> Rgb:
    """``#rgb`` or ``#rrggbb`` as three numbers 0-255; raises ValueError for anything else."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"{colour!r} is not #rgb or #rrggbb")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def text(colour: Rgb) -> str:
    """Three numbers as ``#rrggbb``, cut to 0-255."""
    return "#" + "".join(f"{round(min(max(value, 0.0), 255.0)):02x}" for value in colour)


def mix(first: str, second: str, share: float) -> str:
    """``share`` 0 gives the first colour, 1 the second."""
    return text(
        tuple(a + (b - a) * share for a, b in zip(rgb(first), rgb(second), strict=True))  # type: ignore[arg-type]
    )


def filtered(colour: str, glass: Rgb) -> str:
    """The colour seen through coloured glass: each band times a factor."""
    r, g, b = rgb(colour)
    return text((r * glass[0], g * glass[1], b * glass[2]))


@lru_cache(maxsize=4096)
def shade(colour: str, light: float = 0.0, chroma: float = 1.0, hue: float = 0.0) -> str:
    """A neighbour of the colour: lightness moved by ``light`` (-1..1), chroma times, hue turned."""
    lightness, colourfulness, angle = to_oklch(colour)
    moved = min(max(lightness + light, 0.0), 1.0)
    return from_oklch((moved, colourfulness * chroma, (angle + hue) % 360))


@lru_cache(maxsize=4096)
def lightness(colour: str) -> float:
    """How light people see it, 0 black to 1 white."""
    return to_oklch(colour)[0]


def along(stops: tuple[str, ...], share: float) -> str:
    """The colour at ``share`` (0-1) of an even gradient."""
    if len(stops) == 1:
        return stops[0]
    at = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    step = min(int(at), len(stops) - 2)
    return mix(stops[step], stops[step + 1], at - step)
