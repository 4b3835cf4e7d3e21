"""What an occasion or topic brings along when the prompt leaves it open: palette, lettering, mood.

A theme never overrules what was asked. Palettes are ground first, then main and accent colours.
"""

from __future__ import annotations

from dataclasses import dataclass

from pisang.engines.sketch.vocabulary import EffectKind, Face


@dataclass(frozen=True, slots=True)
class Theme:
    """`ground` one or two colours of the background; `palette` further colours; `drawings` what to
    show when nothing is named; `greeting` what a card says when it is for somebody."""

    ground: tuple[str, ...]
    palette: tuple[str, ...]
    face: Face
    effects: tuple[EffectKind, ...] = ()
    drawings: tuple[str, ...] = ()
    greeting: str = ""


THEMES: dict[str, Theme] = {
    "birthday": Theme(
        ("#fff3e6", "#ffe1ea"),
        ("#e4576e", "#f7b32b", "#2ec4b6", "#5b4b8a"),
        Face.SCRIPT,
        (EffectKind.CONFETTI,),
        ("birthday-cake",),
        "Happy Birthday",
    ),
    "christmas": Theme(
        ("#0f3d2e", "#14532d"),
        ("#f8f1e5", "#d4af37", "#c1272d", "#2e8b57"),
        Face.SCRIPT,
        (EffectKind.SNOW,),
        ("christmas-tree",),
        "Merry Christmas",
    ),
    "halloween": Theme(
        ("#1b1026", "#3b1c4a"),
        ("#ff7518", "#f4e9cd", "#7bd389", "#a259ff"),
        Face.GOTHIC,
        (EffectKind.FOG,),
        ("jack-o-lantern",),
        "Happy Halloween",
    ),
    "valentine": Theme(
        ("#ffe5ec", "#ffc2d1"),
        ("#c9184a", "#ff4d6d", "#ffffff", "#800f2f"),
        Face.SCRIPT,
        (EffectKind.HEARTS,),
        ("red-heart",),
        "With Love",
    ),
    "new-year": Theme(
        ("#0b1033", "#1f2a6b"),
        ("#f7e7a1", "#d4af37", "#ffffff", "#7aa5ff"),
        Face.ELEGANT,
        (EffectKind.FIREWORKS,),
        ("clinking-glasses",),
        "Happy New Year",
    ),
    "easter": Theme(
        ("#fdf6d8", "#e3f5e1"),
        ("#8e6bbf", "#f29ca3", "#7cc6a4", "#f6c453"),
        Face.ROUNDED,
        (EffectKind.PETALS,),
        ("rabbit-face",),
        "Happy Easter",
    ),
    "wedding": Theme(
        ("#fbf7f0", "#f3ece1"),
        ("#7d6b57", "#b08d57", "#c9d2c0", "#d8a7a0"),
        Face.SCRIPT,
        (EffectKind.FRAME,),
        ("bouquet",),
        "",
    ),
    "diwali": Theme(
        ("#3a0d4d", "#7a1f5c"),
        ("#ffd166", "#ff9f1c", "#fff1d0", "#e05780"),
        Face.DISPLAY,
        (EffectKind.SPARKLES,),
        ("diya-lamp",),
        "Happy Diwali",
    ),
    "eid": Theme(
        ("#0d3b3e", "#14606b"),
        ("#f2d492", "#f8f4e3", "#c8963e", "#73b9a2"),
        Face.ELEGANT,
        (EffectKind.STARS,),
        ("crescent-moon",),
        "Eid Mubarak",
    ),
    "lunar-new-year": Theme(
        ("#8b0000", "#c1121f"),
        ("#ffd166", "#f7e7a1", "#ffb703", "#ffffff"),
        Face.DISPLAY,
        (EffectKind.SPARKLES,),
        ("red-paper-lantern",),
        "Happy New Year",
    ),
    "graduation": Theme(
        ("#14213d", "#22396b"),
        ("#f7e7a1", "#d4af37", "#ffffff", "#8fb8ff"),
        Face.SERIF,
        (EffectKind.CONFETTI,),
        ("graduation-cap",),
        "Congratulations",
    ),
    "sale": Theme(
        ("#d7263d", "#f46036"),
        ("#ffffff", "#ffd23f", "#1b1b3a"),
        Face.DISPLAY,
        (),
        ("shopping-bags",),
        "",
    ),
    "coffee": Theme(
        ("#f3e9dc", "#e6d3bd"),
        ("#4b2e1e", "#a9714b", "#c9a27e", "#2f4b3c"),
        Face.RETRO,
        (),
        ("hot-beverage",),
        "",
    ),
    "tech": Theme(
        ("#0b132b", "#1c2f5c"),
        ("#5bc0eb", "#ffffff", "#7cffcb", "#9d7bff"),
        Face.SANS,
        (),
        ("laptop",),
        "",
    ),
    "spa": Theme(
        ("#eef4ec", "#dbe9df"),
        ("#3f5e4b", "#8fb39a", "#d9b8a0", "#f7f3ea"),
        Face.ELEGANT,
        (EffectKind.PETALS,),
        ("lotus",),
        "",
    ),
    "kids": Theme(
        ("#fff6d6", "#d8f1ff"),
        ("#ff6b6b", "#3aa8e0", "#ffcc33", "#5fbf77"),
        Face.ROUNDED,
        (),
        ("teddy-bear",),
        "",
    ),
    "baby": Theme(
        ("#eef6fb", "#fdeef2"),
        ("#6a8caf", "#e8a0b4", "#f6d28b", "#8fc1a9"),
        Face.SCRIPT,
        (EffectKind.HEARTS,),
        ("baby-bottle",),
        "Welcome, Little One",
    ),
    "thanks": Theme(
        ("#fff4e8", "#fde2cf"),
        ("#7a3e2b", "#d97742", "#e9b44c", "#8a9a5b"),
        Face.SCRIPT,
        (),
        ("bouquet",),
        "Thank You",
    ),
    "travel": Theme(
        ("#d9f0f7", "#fdf0d5"),
        ("#0b6e8f", "#f25f5c", "#ffc15e", "#1d3557"),
        Face.RETRO,
        (),
        ("airplane",),
        "",
    ),
    "music": Theme(
        ("#1d1135", "#4a1942"),
        ("#ffb703", "#ff5d8f", "#fdf0d5", "#48cae4"),
        Face.RETRO,
        (),
        ("saxophone",),
        "",
    ),
    "sport": Theme(
        ("#0f4c3a", "#1b7f5c"),
        ("#ffffff", "#ffd23f", "#ff6b35", "#0b2027"),
        Face.DISPLAY,
        (),
        ("trophy",),
        "",
    ),
    "food": Theme(
        ("#fff4e0", "#ffe3c2"),
        ("#b5382a", "#f2a541", "#5d8a3a", "#4b2e1e"),
        Face.SLAB,
        (),
        ("fork-and-knife-with-plate",),
        "",
    ),
    "party": Theme(
        ("#2b1055", "#7a1fa2"),
        ("#ffd166", "#ff5d8f", "#4ce0d2", "#ffffff"),
        Face.DISPLAY,
        (EffectKind.CONFETTI,),
        ("party-popper",),
        "",
    ),
    "nature": Theme(
        ("#eef5e6", "#d6e8c8"),
        ("#2f5d3a", "#7aa95c", "#e0b15a", "#4a7c8c"),
        Face.ROUNDED,
        (),
        ("herb",),
        "",
    ),
    "winter": Theme(
        ("#dcecf7", "#b8d6ea"),
        ("#1d3557", "#5b8db8", "#ffffff", "#c1272d"),
        Face.SCRIPT,
        (EffectKind.SNOW,),
        ("snowman",),
        "",
    ),
    "summer": Theme(
        ("#fff1c9", "#ffd6a5"),
        ("#e4572e", "#17bebb", "#ffc914", "#2e5e4e"),
        Face.RETRO,
        (),
        ("sun",),
        "",
    ),
    "autumn": Theme(
        ("#fbeed7", "#f3d9b1"),
        ("#8a3b12", "#d9822b", "#b5382a", "#6b705c"),
        Face.SERIF,
        (EffectKind.LEAVES,),
        ("maple-leaf",),
        "",
    ),
    "spring": Theme(
        ("#f2f9e9", "#fde7ef"),
        ("#4f7942", "#e27396", "#f6c453", "#7fb7be"),
        Face.SCRIPT,
        (EffectKind.PETALS,),
        ("tulip",),
        "",
    ),
    "science": Theme(
        ("#eaf2fb", "#d7e6f7"),
        ("#1d3557", "#2a9d8f", "#e9c46a", "#e76f51"),
        Face.SANS,
        (),
        ("microscope",),
        "",
    ),
    "finance": Theme(
        ("#f2f6fb", "#dfe9f5"),
        ("#14315c", "#2a9d8f", "#f4a261", "#6c7a91"),
        Face.SANS,
        (),
        ("chart-increasing",),
        "",
    ),
    "get-well": Theme(
        ("#f4fbf3", "#fff3d6"),
        ("#4f7942", "#f2a541", "#e27396", "#5b8db8"),
        Face.HANDWRITTEN,
        (),
        ("bouquet",),
        "Get Well Soon",
    ),
    "congratulations": Theme(
        ("#14213d", "#2b3f73"),
        ("#f7e7a1", "#d4af37", "#ffffff", "#ff7aa2"),
        Face.SCRIPT,
        (EffectKind.CONFETTI,),
        ("party-popper",),
        "Congratulations",
    ),
}
