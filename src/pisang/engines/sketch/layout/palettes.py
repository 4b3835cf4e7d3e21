"""Colours that go together, and how well one reads on another.

A palette is chosen by genre (and varied by seed) when the prompt names no colours. Contrast is
WCAG's ratio of relative luminance: 4.5 and more reads well, below 3 it does not.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pisang.engines.sketch.scene import Ink, Scene
from pisang.engines.sketch.vocabulary import Finish, Genre, Hour, Place, Style, Texture

__all__ = ["Palette", "behind", "choose", "contrast", "luminance", "mixed", "worst"]

READS = 4.5


@dataclass(frozen=True, slots=True)
class Palette:
    """``ground`` is a gradient for the page; ``ink`` reads on it; ``panel`` carries blocks and
    ``quiet`` is text of second rank on it; ``accents`` fill charts, buttons, confetti."""

    ground: tuple[str, ...]
    ink: str
    panel: str
    quiet: str
    accents: tuple[str, ...]

    @property
    def accent(self) -> str:
        return self.accents[0]


_NAVY = Palette(("#1b2a63", "#0a1233"), "#fdf6e3", "#22326f", "#c3cbe6",
                ("#f2c14e", "#f78154", "#7fd1ae", "#9cc3ff", "#f6a6c1"))  # fmt: skip
_PLUM = Palette(("#5b2a6e", "#2b1140"), "#fff4f8", "#673879", "#dcc6e4",
                ("#ff9f6b", "#ffd56b", "#7ad7d0", "#f48fb1", "#b39ddb"))  # fmt: skip
_PEACH = Palette(("#fff1e3", "#ffd6c2"), "#53243b", "#fffaf5", "#8a5566",
                 ("#e8505b", "#f9a03f", "#14b1ab", "#6a67ce", "#f6c90e"))  # fmt: skip
_MINT = Palette(("#eefaf4", "#c9ecdf"), "#143d3c", "#ffffff", "#4d716d",
                ("#12908e", "#f26b4e", "#f4b942", "#4059ad", "#97d8c4"))  # fmt: skip
_SKY = Palette(("#eef5ff", "#cfe2ff"), "#16264f", "#ffffff", "#54648c",
               ("#2f6fed", "#ff6f59", "#ffb627", "#17b890", "#8661c1"))  # fmt: skip
_CREAM = Palette(("#fdf6e7", "#f4e3c3"), "#3a2b1d", "#fffdf8", "#7b6853",
                 ("#c8553d", "#e9a23b", "#588b8b", "#2f4858", "#a3b18a"))  # fmt: skip
_BLUSH = Palette(("#fff0f4", "#fbd0dd"), "#6b1839", "#fffafc", "#9a5a74",
                 ("#e0457b", "#f7a440", "#6fb98f", "#7c6fd6", "#f4c2c2"))  # fmt: skip
_SLATE = Palette(("#232b3b", "#141a26"), "#f5f7fb", "#2d3749", "#aab6cc",
                 ("#58c4dd", "#ffb454", "#ff6e83", "#8bd49c", "#b794f6"))  # fmt: skip
_TEAL = Palette(("#0f5257", "#07272d"), "#f2fbf7", "#17656a", "#b5d8d4",
                ("#ffcb69", "#ff8a5b", "#9fe2bf", "#f0e2d0", "#6fb3ff"))  # fmt: skip
_CORAL = Palette(("#c93f3b", "#962645"), "#fffaf3", "#b23a48", "#ffdcd2",
                 ("#ffe08a", "#ffffff", "#5b2a6e", "#2a9d8f", "#264653"))  # fmt: skip
_WHITE = Palette(("#ffffff", "#f3f5f9"), "#171c28", "#ffffff", "#667085",
                 ("#3b6ef5", "#12b886", "#f59f00", "#f0527f", "#7950f2"))  # fmt: skip

_BY_GENRE: Mapping[Genre, tuple[Palette, ...]] = MappingProxyType(
    {
        Genre.SCENE: (_PEACH, _SKY, _MINT, _CREAM),
        Genre.CARD: (_NAVY, _BLUSH, _CREAM, _PLUM, _PEACH),
        Genre.POSTER: (_TEAL, _CORAL, _CREAM, _NAVY, _PLUM),
        Genre.PRODUCT: (_CREAM, _SKY, _MINT, _BLUSH),
        Genre.INFOGRAPHIC: (_SKY, _MINT, _CREAM, _WHITE),
        Genre.INTERFACE: (_WHITE, _WHITE, _SKY),
        Genre.SOCIAL: (_CORAL, _PLUM, _TEAL, _SKY, _NAVY),
        Genre.ICON: (_WHITE, _SKY, _CREAM),
        Genre.PATTERN: (_CREAM, _MINT, _BLUSH, _SKY),
        Genre.COLLAGE: (_CREAM, _WHITE, _SLATE),
        Genre.EDIT: (_WHITE,),
    }
)

# What lies behind a text, roughly: sky by hour, land by place.
_SKIES: Mapping[Hour, tuple[str, str]] = MappingProxyType(
    {
        Hour.DAY: ("#6fb9ec", "#cfeaf8"),
        Hour.NIGHT: ("#0d1436", "#2b3a6d"),
        Hour.SUNSET: ("#6b4a86", "#f7a072"),
        Hour.DAWN: ("#9fb7dd", "#fbd9c0"),
    }
)
_LANDS: Mapping[Place, str] = MappingProxyType(
    {
        Place.MEADOW: "#7cba5a",
        Place.HILLS: "#79b356",
        Place.MOUNTAINS: "#6f9c62",
        Place.FOREST: "#4f7d4a",
        Place.SEA: "#2f83b7",
        Place.BEACH: "#ecd29a",
        Place.UNDERWATER: "#1d6fa3",
        Place.LAKE: "#6fa561",
        Place.DESERT: "#e0b36a",
        Place.SNOWFIELD: "#e8f1f8",
        Place.CITY: "#6d7688",
        Place.STREET: "#6b6f78",
        Place.PARK: "#7ab45c",
        Place.GARDEN: "#7ab45c",
        Place.FARM: "#92b256",
        Place.ROOM: "#b98a5f",
        Place.KITCHEN: "#c79a6c",
        Place.CAFE: "#8b5e3c",
        Place.DESK: "#a9764a",
        Place.TABLE: "#b9855a",
        Place.LIBRARY: "#7a5236",
        Place.STAGE: "#4a2b35",
        Place.STUDIO: "#e6e6ea",
    }
)
_WALLS: Mapping[Place, tuple[str, ...]] = MappingProxyType(
    {
        Place.UNDERWATER: ("#3aa0cf", "#125a8c"),
        Place.FOREST: ("#a9d3a5", "#5f9a63"),
        Place.ROOM: ("#f3e4d0",),
        Place.KITCHEN: ("#eef0e4",),
        Place.CAFE: ("#d9b48f",),
        Place.DESK: ("#e9e2d6",),
        Place.TABLE: ("#efe3d2",),
        Place.LIBRARY: ("#6d4a33",),
        Place.STAGE: ("#5b1a2b", "#2a0d18"),
        Place.STUDIO: ("#f1f1f4",),
        Place.SPACE: ("#070a1f", "#1d1644"),
    }
)
_NIGHT_DIMS = 0.55
_MATERIALS: Mapping[Texture, tuple[str, ...]] = MappingProxyType(
    {
        Texture.CHALKBOARD: ("#2f4039", "#24322c"),
        Texture.WOOD: ("#b98252", "#96643b"),
        Texture.MARBLE: ("#f3f2f0", "#dcdad8"),
        Texture.BRICK: ("#a65a45", "#8a4636"),
        Texture.PAPER: ("#fbf5e6", "#f1e6cd"),
    }
)
_DUSK, _DUSK_BRICK = ("#1c1730", "#0d0a18"), ("#3b2a38", "#241924")


def choose(scene: Scene, rng: random.Random) -> Palette:
    """The palette of a picture: the prompt's own colours first, else one that suits the genre."""
    found = _suited(scene, rng.choice(_BY_GENRE[scene.genre]))
    given = scene.backdrop.ink.colours if scene.backdrop.ink else _own_ground(scene)
    accents = tuple(scene.palette) or found.accents
    if not given:
        return Palette(found.ground, found.ink, found.panel, found.quiet, accents)
    dark = luminance(given[0]) < 0.25
    kin = [one for one in _BY_GENRE[scene.genre] if (luminance(one.ground[0]) < 0.25) == dark]
    kin = kin or [_NAVY if dark else _PEACH]
    near = min(kin, key=lambda one: distance(one.ground[0], given[0]))
    ink = near.ink if worst(near.ink, given) >= READS else _plain_ink(given)
    panel = mixed(given[0], "#ffffff", 0.1 if dark else 0.75)
    kept = tuple(one for one in accents if distance(one, given[0]) > 0.25) or accents
    return Palette(given, ink, panel, mixed(ink, given[0], 0.25), kept)


def _suited(scene: Scene, found: Palette) -> Palette:
    """The palette, or one of the genre (else the dark blue one) that the asked inks read on."""
    asked = [run.ink.colours for run in scene.texts if run.ink is not None and run.on is None]

    def reads(palette: Palette) -> bool:
        return all(max(worst(one, palette.ground) for one in colours) >= 2.6 for colours in asked)

    if reads(found):
        return found
    kin = (*_BY_GENRE[scene.genre], _NAVY, _CREAM)
    return next((palette for palette in kin if reads(palette)), found)


def _own_ground(scene: Scene) -> tuple[str, ...]:
    """The ground that a material has by itself, or that light of its own needs to be seen."""
    texture = scene.backdrop.texture
    shines = scene.style is Style.NEON or any(
        run.ink is not None and run.ink.finish is Finish.NEON for run in scene.texts
    )
    if shines and scene.backdrop.place is None:
        return _DUSK_BRICK if texture is Texture.BRICK else _DUSK
    return _MATERIALS.get(texture, ()) if texture else ()


def _plain_ink(grounds: Sequence[str]) -> str:
    return max(("#ffffff", "#1b1b26"), key=lambda one: worst(one, grounds))


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mixed(first: str, second: str, share: float) -> str:
    """``share`` 0 is the first colour, 1 the second."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def distance(first: str, second: str) -> float:
    """0 for the same colour, about 1 for black and white."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5 / 441.7)


@lru_cache(maxsize=4096)
def luminance(colour: str) -> float:
    """WCAG relative luminance, 0 black to 1 white."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (band / 255 for band in rgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def worst(ink: str, grounds: Iterable[str]) -> float:
    """The lowest contrast of an ink over several grounds; 21 over none."""
    return min((contrast(ink, ground) for ground in grounds), default=21.0)


def behind(scene: Scene, palette: Palette, *, high: float, low: float) -> tuple[str, ...]:
    """An estimate of what lies behind a band of the picture, at shares of the way down.

    ``high`` and ``low`` are the band's edges measured in horizons: 0 is the top of the picture,
    1 the horizon, above 1 is land.
    """
    drop = scene.backdrop
    if drop.place is None:
        return palette.ground
    hour = drop.hour or Hour.DAY
    found: list[str] = []
    if high < 1:
        air = _WALLS.get(drop.place) or _SKIES[hour]
        dye = drop.ink if drop.place in (*_WALLS, Place.SKY) else drop.sky
        if dye is not None:  # a sky or wall in a colour of its own
            air = (mixed(dye.colours[0], air[-1], 0.15), mixed(dye.colours[-1], air[-1], 0.4))
        first, last = air[0], air[-1]
        found += [mixed(first, last, min(max(at, 0.0), 1.0)) for at in (high, low)]
    if low > 1 and drop.place in _LANDS:
        found.append(drop.ink.colours[0] if drop.ink else _LANDS[drop.place])
    if hour is Hour.NIGHT and drop.place is not Place.SPACE:
        found = [mixed(one, "#0b1030", _NIGHT_DIMS) for one in found]
    return tuple(found) or palette.ground


def inks(*colours: str) -> Ink:
    """A flat ink or gradient of colours."""
    return Ink(colours=colours)
