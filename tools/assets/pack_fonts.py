"""Packs the fonts: whole TTF files, the licence of each, and one table of what they cover.

Nothing is subset or renamed: the Open Font Licence allows both only under another name, and a
complete file is what a designer expects. The table `fonts/faces.json` holds per face the family
as fontconfig sees it, weight, slant, file, scripts and the code points, so that at run time
nobody parses a font to learn whether a text can be drawn.
"""

from __future__ import annotations

import io
import json
import unicodedata
from collections.abc import Callable, Iterable

from fontTools.ttLib import TTFont

# face name -> (npm package below @expo-google-fonts, file inside it)
SOURCES: dict[str, tuple[str, str]] = {
    "great-vibes": ("great-vibes", "400Regular/GreatVibes_400Regular.ttf"),
    "dancing-script": ("dancing-script", "400Regular/DancingScript_400Regular.ttf"),
    "dancing-script-bold": ("dancing-script", "700Bold/DancingScript_700Bold.ttf"),
    "caveat": ("caveat", "400Regular/Caveat_400Regular.ttf"),
    "caveat-bold": ("caveat", "700Bold/Caveat_700Bold.ttf"),
    "amatic-sc-bold": ("amatic-sc", "700Bold/AmaticSC_700Bold.ttf"),
    "playfair-display": ("playfair-display", "400Regular/PlayfairDisplay_400Regular.ttf"),
    "playfair-display-bold": ("playfair-display", "700Bold/PlayfairDisplay_700Bold.ttf"),
    "playfair-display-italic": (
        "playfair-display",
        "400Regular_Italic/PlayfairDisplay_400Regular_Italic.ttf",
    ),
    "playfair-display-bold-italic": (
        "playfair-display",
        "700Bold_Italic/PlayfairDisplay_700Bold_Italic.ttf",
    ),
    "inter": ("inter", "400Regular/Inter_400Regular.ttf"),
    "inter-bold": ("inter", "700Bold/Inter_700Bold.ttf"),
    "montserrat-bold": ("montserrat", "700Bold/Montserrat_700Bold.ttf"),
    "anton": ("anton", "400Regular/Anton_400Regular.ttf"),
    "bebas-neue": ("bebas-neue", "400Regular/BebasNeue_400Regular.ttf"),
    "oswald-bold": ("oswald", "700Bold/Oswald_700Bold.ttf"),
    "russo-one": ("russo-one", "400Regular/RussoOne_400Regular.ttf"),
    "jetbrains-mono": ("jetbrains-mono", "400Regular/JetBrainsMono_400Regular.ttf"),
    "jetbrains-mono-bold": ("jetbrains-mono", "700Bold/JetBrainsMono_700Bold.ttf"),
    "pacifico": ("pacifico", "400Regular/Pacifico_400Regular.ttf"),
    "righteous": ("righteous", "400Regular/Righteous_400Regular.ttf"),
    "tilt-neon": ("tilt-neon", "400Regular/TiltNeon_400Regular.ttf"),
    "monoton": ("monoton", "400Regular/Monoton_400Regular.ttf"),
    "bangers": ("bangers", "400Regular/Bangers_400Regular.ttf"),
    "fredoka": ("fredoka", "400Regular/Fredoka_400Regular.ttf"),
    "fredoka-bold": ("fredoka", "700Bold/Fredoka_700Bold.ttf"),
    "comfortaa-bold": ("comfortaa", "700Bold/Comfortaa_700Bold.ttf"),
    "roboto-slab": ("roboto-slab", "400Regular/RobotoSlab_400Regular.ttf"),
    "roboto-slab-bold": ("roboto-slab", "700Bold/RobotoSlab_700Bold.ttf"),
    "alfa-slab-one": ("alfa-slab-one", "400Regular/AlfaSlabOne_400Regular.ttf"),
    "press-start-2p": ("press-start-2p", "400Regular/PressStart2P_400Regular.ttf"),
    "cinzel": ("cinzel", "400Regular/Cinzel_400Regular.ttf"),
    "cinzel-bold": ("cinzel", "700Bold/Cinzel_700Bold.ttf"),
    "noto-sans": ("noto-sans", "400Regular/NotoSans_400Regular.ttf"),
    "noto-sans-bold": ("noto-sans", "700Bold/NotoSans_700Bold.ttf"),
    "noto-sans-arabic": ("noto-sans-arabic", "400Regular/NotoSansArabic_400Regular.ttf"),
    "noto-sans-arabic-bold": ("noto-sans-arabic", "700Bold/NotoSansArabic_700Bold.ttf"),
    "noto-sans-hebrew": ("noto-sans-hebrew", "400Regular/NotoSansHebrew_400Regular.ttf"),
    "noto-sans-hebrew-bold": ("noto-sans-hebrew", "700Bold/NotoSansHebrew_700Bold.ttf"),
    "noto-sans-thai": ("noto-sans-thai", "400Regular/NotoSansThai_400Regular.ttf"),
    "noto-sans-thai-bold": ("noto-sans-thai", "700Bold/NotoSansThai_700Bold.ttf"),
}

# A face is said to cover a script when it has every one of these.
SCRIPT_SAMPLES = {
    "Latin": "ABCXYZabcxyzÀÉÑÖÜßàéñöüç",
    "Latin Extended": "ĄĆĘŁŃŚŹŻąćęłńśźżČŘŠŽčřšžŐőŰűŞşĞğİı",
    "Vietnamese": "ĂăĐđƠơƯưẠạẢảẤấẦầỆệỐốỨứỸỹ",
    "Cyrillic": "АБВГДЕЁЖЗИЙЩЪЫЬЭЮЯабвгдеёжзийщъыьэюяІіЇїЄєҐґ",
    "Greek": "ΑΒΓΔΘΛΞΣΦΨΩαβγδθλξσςφψωάέήίόύώ",
    "Hebrew": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "Arabic": "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئى",
    "Devanagari": "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसहािीुूेैोौं्",
    "Thai": "กขคงจฉชซญดตถทธนบปผฝพฟภมยรลวศษสหอฮะาิีึืุูเแโใไ่้",
}


def family_of(font: TTFont) -> str:
    """The family name that fontconfig matches (typographic name, else the plain one)."""
    names = font["name"]
    return str(names.getDebugName(16) or names.getDebugName(1))


def ranges(points: Iterable[int]) -> str:
    """Code points as sorted hexadecimal ranges: `20-7e,a0,100-17f`."""
    out: list[list[int]] = []
    for point in sorted(points):
        if out and point == out[-1][1] + 1:
            out[-1][1] = point
        else:
            out.append([point, point])
    return ",".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in out)


def drawable(points: Iterable[int]) -> set[int]:
    """Without control characters, which no face draws and every text may hold."""
    return {point for point in points if unicodedata.category(chr(point)) != "Cc"}


def pack(fetch: Callable[[str], dict[str, bytes]]) -> dict[str, bytes]:
    """Files to write, by path below the data folder."""
    out: dict[str, bytes] = {}
    table = {}
    for face, (package, path) in SOURCES.items():
        files = fetch(f"@expo-google-fonts/{package}")
        data = files[path]
        name = path.rpartition("/")[2]
        font = TTFont(io.BytesIO(data), lazy=True)
        points = drawable(font.getBestCmap())
        out[f"fonts/{name}"] = data
        out[f"licenses/font-{package}.txt"] = licence_text(files["LICENSE_FONT"])
        table[face] = {
            "family": family_of(font),
            "weight": int(font["OS/2"].usWeightClass),
            "slant": "italic" if "Italic" in name else "normal",
            "file": name,
            "scripts": [
                script
                for script, sample in SCRIPT_SAMPLES.items()
                if all(ord(char) in points for char in sample)
            ],
            "points": ranges(points),
        }
    rows = (f"{json.dumps(face)}: {json.dumps(row)}" for face, row in sorted(table.items()))
    out["fonts/faces.json"] = ("{\n" + ",\n".join(rows) + "\n}\n").encode("utf-8")
    return out


def licence_text(data: bytes) -> bytes:
    """The font's own licence, with plain line ends; the words stay as they are."""
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    return (text.rstrip() + "\n").encode("utf-8")
