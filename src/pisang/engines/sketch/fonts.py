"""Which letters can be drawn, in which face, and how the drawing libraries get to see our fonts.

Pango and librsvg take fonts from fontconfig only, and fontconfig reads its set-up once, at the
first text. `setup` therefore writes a set-up of our own that knows our folder, the folders people
add, and of the system nothing but Chinese, Japanese and Korean fonts (too big to pack): what a
machine happens to have installed must not change a picture. Coverage is known from a packed
table, so a script without a font becomes a sentence instead of boxes.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pisang.engines.sketch import drawings, fontconfig, sfnt

FOLDER = Path(__file__).parent / "data" / "fonts"
REMEDY = (
    "Install Debian's fonts-noto-cjk for Chinese, Japanese and Korean, or give any font with "
    "`pisang fonts add FILE|DIR`."
)
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")

# What a person may ask for -> packed faces, first choice first. Later ones cover more scripts.
STYLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "script": ("great-vibes", "dancing-script-bold"),
        "handwritten": ("caveat-bold", "caveat", "amatic-sc-bold"),
        "serif": ("playfair-display", "roboto-slab"),
        "serif-bold": ("playfair-display-bold", "roboto-slab-bold"),
        "serif-italic": ("playfair-display-italic",),
        "sans": ("inter", "noto-sans"),
        "bold": ("montserrat-bold", "inter-bold", "noto-sans-bold"),
        "display": ("anton", "oswald-bold", "russo-one", "inter-bold"),
        "condensed": ("bebas-neue", "oswald-bold"),
        "mono": ("jetbrains-mono",),
        "mono-bold": ("jetbrains-mono-bold",),
        "retro": ("pacifico", "righteous"),
        "art-deco": ("righteous", "russo-one"),
        "neon": ("tilt-neon", "comfortaa-bold"),
        "neon-lines": ("monoton", "comfortaa-bold"),
        "comic": ("bangers", "russo-one"),
        "rounded": ("fredoka-bold", "comfortaa-bold"),
        "slab": ("roboto-slab-bold",),
        "slab-heavy": ("alfa-slab-one", "roboto-slab-bold"),
        "pixel": ("press-start-2p",),
        "elegant": ("cinzel-bold", "playfair-display-bold"),
    }
)
# Tried in this order when the wanted style lacks a letter; `-bold` is put on for bold wishes.
FALLBACKS = (
    "inter",
    "noto-sans",
    "noto-sans-arabic",
    "noto-sans-hebrew",
    "noto-sans-thai",
)
_REGIONS = {"HIRAGANA": "JP", "KATAKANA": "JP", "HANGUL": "KR", "BOPOMOFO": "TC"}
_IGNORED = {"Cc", "Cf", "Zs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Face:
    """One face: `family`, `weight` (100-900) and `slant` are what Pango and SVG select it by.

    `scripts` names the scripts it has complete (packed faces only); `packed` tells our own from
    those that a person or the system brought; `index` is the place in a collection file.
    """

    name: str
    family: str
    weight: int
    slant: str
    file: Path
    scripts: tuple[str, ...] = ()
    packed: bool = True
    index: int = 0


def _read_table() -> tuple[Mapping[str, Face], Mapping[str, str]]:
    raw = json.loads((FOLDER / "faces.json").read_text("utf-8"))
    faces, points = {}, {}
    for name, row in raw.items():
        points[name] = row["points"]
        file = FOLDER / row["file"]
        scripts = tuple(row["scripts"])
        faces[name] = Face(name, row["family"], row["weight"], row["slant"], file, scripts)
    return MappingProxyType(faces), MappingProxyType(points)


FACES, _POINTS = _read_table()
"""The packed faces by name."""
_brought: dict[str, Face] = {}  # process-wide, because fontconfig's set-up is


def setup(extra_dirs: Sequence[Path] = (), *, system: bool = True) -> None:
    """Make our fonts, those below `extra_dirs` and the system's CJK fonts the only ones.

    Call it before the first text is drawn in a process, worker processes too; a later call may
    add folders. `system=False` leaves the system's fonts out (tests). Raises
    `fontconfig.TooLate` when something else has already drawn text with other fonts.
    """
    added = [path for folder in extra_dirs for path in font_files(folder)]
    cjk = fontconfig.system_cjk_files() if system else ()
    fontconfig.install(FOLDER, added=added, system=cjk, probe=("Press Start 2P", "Anton"))
    for path in (*added, *cjk):
        for face in _faces_of(path):
            _brought.setdefault(face.name, face)


def font_files(folder: Path) -> list[Path]:
    """Font files below a folder, in a stable order; none if the folder is not there."""
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def faces() -> Mapping[str, Face]:
    """Every face that can be drawn with now: packed, added, system CJK."""
    return {**FACES, **_brought}


def _faces_of(path: Path) -> Iterator[Face]:
    try:
        found = sfnt.read_faces(path)
    except sfnt.BadFont:
        return  # a broken file in a fonts folder draws nothing and must not stop the server
    for one in found:
        name = re.sub(r"[^\w]+", "-", one.family.casefold()).strip("-")
        name += "-bold" if one.weight >= 600 else ""
        name += "-italic" if one.slant == "italic" else ""
        yield Face(name, one.family, one.weight, one.slant, path, (), False, one.index)


@functools.cache
def coverage(face: str) -> frozenset[int]:
    """The code points that a face draws; raises KeyError for an unknown face."""
    if face in _POINTS:
        points: set[int] = set()
        for part in _POINTS[face].split(","):
            first, _, last = part.partition("-")
            points.update(range(int(first, 16), int(last or first, 16) + 1))
        return frozenset(points)
    brought = _brought[face]
    return sfnt.read_points(brought.file, brought.index)


def letters(text: str) -> str:
    """What of a text a font must draw: no spaces, controls, joiners or emoji we have drawn."""
    kept = (piece for piece, emoji in split_emoji(text) if emoji is None)
    return "".join(
        char
        for char in unicodedata.normalize("NFC", "".join(kept))
        if unicodedata.category(char) not in _IGNORED and not 0xFE00 <= ord(char) <= 0xFE0F
    )


def faces_for(text: str, wanted: str) -> tuple[Face, ...]:
    """Faces to name, in this order, so that every letter that can be drawn is.

    `wanted` is a style of STYLES, a face name or a family name. The first is the main face: of
    the wanted style if that has the whole text, else at least half of its letters, else the
    fallback with the most letters. Raises KeyError for a style nobody knows.
    """
    known = faces()
    wish = _wish(wanted, known)
    need = set(map(ord, letters(text)))
    fallback = _fallbacks(text, bold=known[wish[0]].weight >= 600, known=known)
    main = next((name for name in wish if need <= coverage(name)), None)
    main = main or next((n for n in wish if 2 * len(need & coverage(n)) > len(need)), None)
    if main is None:
        order = (*fallback, *wish)
        main = max(order, key=lambda name: (len(need & coverage(name)), -order.index(name)))
        if not need & coverage(main):
            main = wish[0]
    chosen = [main]
    need -= coverage(main)
    for name in (*wish, *fallback):
        if not need:  # reading the coverage of a big CJK font costs a tenth of a second
            break
        if need & coverage(name):
            chosen.append(name)
            need -= coverage(name)
    return tuple(known[name] for name in chosen)


def missing(text: str) -> Mapping[str, str]:
    """What no available font draws, by script: `{"Han": "\u4f60\u597d"}`; empty if all can."""
    need = dict.fromkeys(letters(text))
    for name in faces():
        if not need:
            break
        have = coverage(name)
        need = {char: None for char in need if ord(char) not in have}
    out: dict[str, str] = {}
    for char in need:
        script = script_of(char)
        out[script] = out.get(script, "") + char
    return out


def script_of(char: str) -> str:
    """A readable name for the script of a character (`Han`, `Bengali`, `Hiragana`, `Emoji`)."""
    if ord(char) >= 0x1F000 and unicodedata.category(char) in ("So", "Sk"):
        return "Emoji"
    name = unicodedata.name(char, "unknown").split(" ")[0].split("-")[0]
    return {"CJK": "Han"}.get(name, name.capitalize())


def split_emoji(text: str) -> list[tuple[str, str | None]]:
    """The text cut into pieces: (letters, None) or (one emoji, name of its drawing).

    A sign that the packed sans has too (a card game's heart, the copyright sign) stays a letter
    unless the text asks for the picture by the variation selector U+FE0F.
    """
    out: list[tuple[str, str | None]] = []
    start = place = 0
    plain = _signs()
    while place < len(text):
        length = drawings.emoji_length(text, place)
        cluster = text[place : place + length]
        if not length or (ord(cluster[0]) in plain and "\ufe0f" not in cluster):
            place += 1
            continue
        if start < place:
            out.append((text[start:place], None))
        out.append((cluster, drawings.by_emoji(cluster)))
        place += length
        start = place
    if start < len(text):
        out.append((text[start:], None))
    return out


@functools.cache
def _signs() -> frozenset[int]:
    return coverage("inter") | coverage("noto-sans")


def add(path: Path, *, into: Path) -> tuple[Path, ...]:
    """Copy a font file, or every font below a folder, into `into`; what was copied.

    Each file is read first: raises `sfnt.BadFont` for one that is no font or has no letters,
    FileNotFoundError where there is nothing to add. Nothing is copied unless all are good.
    """
    files = font_files(path) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise FileNotFoundError(f"no font file ({', '.join(SUFFIXES)}) at {path}")
    for file in files:
        for face in sfnt.read_faces(file):
            if not sfnt.read_points(file, face.index):
                raise sfnt.BadFont(f"{file.name} draws no character")
    into.mkdir(parents=True, exist_ok=True)
    copied = []
    for file in files:
        target = into / file.name
        target.write_bytes(file.read_bytes())
        copied.append(target)
    return tuple(copied)


def _wish(wanted: str, known: Mapping[str, Face]) -> tuple[str, ...]:
    if wanted in STYLES:
        return STYLES[wanted]
    if wanted in known:
        styles = (chain for chain in STYLES.values() if wanted in chain)
        return tuple(dict.fromkeys((wanted, *next(styles, ()))))
    family = wanted.casefold()
    found = tuple(name for name, face in known.items() if face.family.casefold() == family)
    if not found:
        raise KeyError(f"no style, face or font family called {wanted!r}")
    return found


def _fallbacks(text: str, *, bold: bool, known: Mapping[str, Face]) -> tuple[str, ...]:
    """Packed fallbacks, then brought faces: right weight first, then the text's own region."""
    packed = [f"{name}-bold" if bold else name for name in FALLBACKS]
    blocks = {unicodedata.name(char, "").split(" ")[0] for char in text}
    region = next((_REGIONS[name] for name in _REGIONS if name in blocks), "SC")
    brought = sorted(
        (face for face in known.values() if not face.packed),
        key=lambda face: (
            f" {region}" not in face.family,
            (face.weight >= 600) != bold,
            "Mono" in face.family,
            "Serif" in face.family,
            face.name,
        ),
    )
    return (*packed, *(face.name for face in brought))
