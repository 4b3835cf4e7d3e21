"""The light of an hour: the sky's colours, the air's haze, and what it does to a colour.

Places and drawings are painted in the colours of noon and then *lit*: night multiplies them toward
blue, sunset toward rose and amber. So every place has all hours, and a drawing set into a night
scene belongs to it. What shines by itself (moon, lamp, fire) is left alone.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pisang.engines.sketch.paint.colour import Rgb, filtered, lightness, mix, shade, text
from pisang.engines.sketch.paint.colour import rgb as _rgb
from pisang.engines.sketch.recolour import from_oklch, to_oklch
from pisang.engines.sketch.scene import Ink
from pisang.engines.sketch.vocabulary import EffectKind, Hour

_HEX = re.compile(r"(?<=\")#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?=\")")
_SEEN = 0.86  # share of its lightness and chroma that a drawing keeps in any light
_SHINING = re.compile(
    r"\b(moon|star|stars|sun|candle|lamp|lantern|fire|flame|bulb|lights?|firework|fireworks|"
    r"sparkler|sparkles|comet|glowing|jack|rainbow|high-voltage|flashlight|torch|neon|lightning|"
    r"milky|sunrise|sunset|flying-saucer|crystal-ball|christmas-tree|firecracker|diya|"
    r"campfire|fireplace|candelabra|menorah)\b"
)


@dataclass(frozen=True, slots=True)
class Light:
    """``sky`` runs from the zenith to the horizon, ``at`` says where each stop lies. ``glass`` and
    ``wash`` turn a noon colour into this hour's; ``haze`` is what the distance fades into."""

    hour: Hour
    sky: tuple[str, ...]
    at: tuple[float, ...]
    haze: str
    glass: Rgb = (1.0, 1.0, 1.0)
    wash: str = "#ffffff"
    washed: float = 0.0
    orb: str = "#fff6d6"
    glow: str = "#fff3c0"
    cloud: str = "#ffffff"
    ridge: str = "#7fa8c9"  # the farthest land
    cover: str = "#8795a6"  # clouds over all of the sky, and how much of it they take
    covered: float = 0.0

    @property
    def dark(self) -> bool:
        return self.hour is Hour.NIGHT

    def lit(self, colour: str) -> str:
        """A noon colour in this light."""
        return _lit(colour, self.glass, self.wash, self.washed)

    def far(self, colour: str, distance: float) -> str:
        """A noon colour in this light, seen through ``distance`` (0-1) of air."""
        return mix(self.lit(colour), self.haze, distance)

    def thing(self, colour: str) -> str:
        """A drawing's colour: lit by half, so that a red cat is red at night too."""
        return _kept(colour, mix(colour, self.lit(colour), 0.5))

    def body(self, svg: str, *, name: str = "", haze: float = 0.0) -> str:
        """A drawing's body with all its colours lit; a thing that shines keeps its own."""
        if (self.washed == 0 and haze == 0) or shines(name):
            return svg

        def turn(match: re.Match[str]) -> str:
            return mix(self.thing(match.group()), self.haze, haze)

        return _HEX.sub(turn, svg)


def silhouette(svg: str, colour: str) -> str:
    """A drawing's body all in one colour."""
    return _HEX.sub(colour, svg)


@lru_cache(maxsize=8192)
def _lit(colour: str, glass: Rgb, wash: str, washed: float) -> str:
    return mix(filtered(colour, glass), wash, washed) if washed else text(_rgb(colour))


@lru_cache(maxsize=8192)
def _kept(colour: str, lit: str) -> str:
    """The lit colour, with most of its own lightness and colourfulness: who acts is seen."""
    light, chroma, _ = to_oklch(colour)
    found, colourfulness, hue = to_oklch(lit)
    return from_oklch((max(found, light * _SEEN), max(colourfulness, chroma * _SEEN), hue))


def shines(name: str) -> bool:
    """Whether a drawing of this name is a source of light."""
    return bool(_SHINING.search(name))


LIGHTS: dict[Hour, Light] = {
    Hour.DAY: Light(
        hour=Hour.DAY,
        sky=("#3f9fe6", "#7cc4f4", "#bfe4fb", "#eef9ff"),
        at=(0.0, 0.4, 0.78, 1.0),
        haze="#d3ecf8",
        ridge="#8fbbdc",
    ),
    Hour.NIGHT: Light(
        hour=Hour.NIGHT,
        sky=("#070b26", "#101a47", "#22336f", "#47609f"),
        at=(0.0, 0.42, 0.78, 1.0),
        haze="#3b5190",
        glass=(0.44, 0.54, 0.80),
        wash="#1b2a63",
        washed=0.24,
        orb="#fbf4d9",
        glow="#9db4ee",
        cloud="#5d74b5",
        ridge="#2b3d7c",
    ),
    Hour.SUNSET: Light(
        hour=Hour.SUNSET,
        sky=("#3c3277", "#8b4487", "#e8656b", "#fda65c", "#ffdf9c"),
        at=(0.0, 0.34, 0.62, 0.84, 1.0),
        haze="#f9ae76",
        glass=(0.96, 0.76, 0.72),
        wash="#b4486a",
        washed=0.16,
        orb="#fff2c4",
        glow="#ffc46b",
        cloud="#ffb39a",
        ridge="#b0608a",
    ),
    Hour.DAWN: Light(
        hour=Hour.DAWN,
        sky=("#6a8fd0", "#a4b2e2", "#e2bfdc", "#fbd2c4", "#fff0d2"),
        at=(0.0, 0.34, 0.62, 0.84, 1.0),
        haze="#f6d6d2",
        glass=(0.98, 0.93, 0.95),
        wash="#f3bfc8",
        washed=0.12,
        orb="#fff6da",
        glow="#ffe2b0",
        cloud="#fff3ef",
        ridge="#b5a9d3",
    ),
}


def light(hour: Hour | None, ink: Ink | None = None, weather: EffectKind | None = None) -> Light:
    """The light of an hour (day when none is named); an ink turns the sky to its colours, rain,
    snow or a storm veils it."""
    found = LIGHTS[hour or Hour.DAY]
    if ink is not None and ink.colours:
        return _tinted(found, ink)
    return _overcast(found, weather) if weather in _VEILS else found


# kind -> the cloud cover's colour by day, and how much of the sky it takes
_VEILS: dict[EffectKind | None, tuple[str, float]] = {
    EffectKind.SNOW: ("#c3d0de", 0.5),
    EffectKind.RAIN: ("#8795a6", 0.66),
    EffectKind.LIGHTNING: ("#3d4760", 0.82),
}


def _overcast(found: Light, weather: EffectKind | None) -> Light:
    """The same hour under cloud: the sky greyer, the land without sparkle."""
    cover, share = _VEILS[weather]
    if found.dark:
        cover, share = mix(cover, "#141a33", 0.8), share * 0.5
    sky = tuple(
        mix(shade(tone, 0.0, 0.6), shade(cover, 0.05 * i - 0.06), share)
        for i, tone in enumerate(found.sky)
    )
    dim = 1 - (1 - lightness(cover)) * 0.45 * share
    glass = tuple(band * dim for band in found.glass)
    return replace(
        found,
        sky=sky,
        haze=mix(found.haze, sky[-1], share),
        ridge=mix(found.ridge, cover, share * 0.7),
        cloud=mix(found.cloud, cover, share * 0.8),
        glow=mix(found.glow, cover, share),
        glass=(glass[0], glass[1], glass[2]),
        wash=mix(found.wash, cover, share) if found.washed else cover,
        washed=max(found.washed, 0.16 * share),
        cover=cover,
        covered=share,
    )


_LAMP: dict[Hour, tuple[Rgb, str, float]] = {
    Hour.DAY: ((1.0, 1.0, 1.0), "#ffffff", 0.0),
    Hour.NIGHT: ((0.86, 0.76, 0.68), "#4a2a4a", 0.10),
    Hour.SUNSET: ((1.0, 0.93, 0.87), "#ff9f6b", 0.07),
    Hour.DAWN: ((1.0, 0.97, 0.96), "#ffc9b8", 0.06),
}


def indoors(hour: Hour | None) -> Light:
    """The light in a room: lamplight at night, a breath of the sky's colour at dusk and dawn."""
    found = LIGHTS[hour or Hour.DAY]
    glass, wash, washed = _LAMP[found.hour]
    return replace(found, glass=glass, wash=wash, washed=washed, haze=mix("#d9cbb8", wash, washed))


def _tinted(found: Light, ink: Ink) -> Light:
    """The same hour under a sky of another colour ("a purple sky"), haze and cloud following."""
    if len(ink.colours) > 1:
        sky = tuple(text(_rgb(colour)) for colour in ink.colours)
        sky = tuple(shade(c, -0.18) if found.dark and lightness(c) > 0.5 else c for c in sky)
    else:
        main = text(_rgb(ink.colours[0]))
        if found.dark and lightness(main) > 0.45:
            main = shade(main, 0.34 - lightness(main))
        sky = (shade(main, -0.10), main, mix(main, "#ffffff", 0.32), mix(main, "#ffffff", 0.66))
    at = tuple(i / (len(sky) - 1) for i in range(len(sky)))
    return Light(
        hour=found.hour,
        sky=sky,
        at=at,
        haze=mix(sky[-1], found.haze, 0.4),
        glass=found.glass,
        wash=found.wash,
        washed=found.washed,
        orb=found.orb,
        glow=found.glow,
        cloud=mix(found.cloud, sky[-1], 0.35),
        ridge=mix(found.ridge, sky[1], 0.5),
    )
