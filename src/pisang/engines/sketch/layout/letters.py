"""Sets a scene's texts: which face, how large, which ink, and stacks of them in a box.

Defaults follow the genre (a card's title is a script, a poster's a heavy display face); what the
prompt says wins. An ink that was asked for is never changed: where it does not read it gets an
outline. Words of scripts that a style lacks fall back to a face that has them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from pisang.engines.sketch import typeset
from pisang.engines.sketch.layers import Box, PanelLayer, TextLayer
from pisang.engines.sketch.layout.page import Page
from pisang.engines.sketch.layout.palettes import READS, luminance, worst
from pisang.engines.sketch.scene import Ink, TextRun
from pisang.engines.sketch.vocabulary import Face, Finish, Genre, Role, Size, Style

__all__ = [
    "PILL",
    "SIZES",
    "Look",
    "cap",
    "dressed",
    "look",
    "moved",
    "plates",
    "put",
    "stack",
    "style_of",
]

SIZES: Mapping[Size | None, float] = MappingProxyType(
    {None: 1.0, Size.TINY: 0.45, Size.SMALL: 0.68, Size.NORMAL: 1.0, Size.LARGE: 1.35,
     Size.HUGE: 1.9}
)  # fmt: skip
# The largest em size of a role, as a share of the page's unit.
_CAPS: Mapping[Role, float] = MappingProxyType(
    {
        Role.TITLE: 0.150,
        Role.SUBTITLE: 0.062,
        Role.BODY: 0.042,
        Role.LABEL: 0.034,
        Role.BUTTON: 0.040,
        Role.PRICE: 0.062,
        Role.SIGN: 0.080,
        Role.SPEECH: 0.045,
    }
)
_TITLE_CAPS: Mapping[Genre, float] = MappingProxyType(
    {Genre.CARD: 0.21, Genre.POSTER: 0.19, Genre.SOCIAL: 0.17, Genre.INFOGRAPHIC: 0.075,
     Genre.INTERFACE: 0.06, Genre.PRODUCT: 0.11, Genre.SCENE: 0.12}
)  # fmt: skip
_FACES: Mapping[Face, tuple[str, str, str]] = MappingProxyType(
    {  # regular, bold, italic
        Face.SANS: ("sans", "bold", "sans"),
        Face.SERIF: ("serif", "serif-bold", "serif-italic"),
        Face.SCRIPT: ("script", "dancing-script-bold", "script"),
        Face.HANDWRITTEN: ("handwritten", "handwritten", "handwritten"),
        Face.MONO: ("mono", "mono-bold", "mono"),
        Face.DISPLAY: ("display", "display", "display"),
        Face.RETRO: ("retro", "retro", "retro"),
        Face.ROUNDED: ("rounded", "rounded", "rounded"),
        Face.SLAB: ("slab", "slab-heavy", "slab"),
        Face.PIXEL: ("pixel", "pixel", "pixel"),
        Face.ELEGANT: ("elegant", "elegant", "serif-italic"),
        Face.NEON: ("neon", "neon", "neon"),
        Face.COMIC: ("comic", "comic", "comic"),
        Face.GOTHIC: ("slab-heavy", "slab-heavy", "slab-heavy"),
    }
)
_DEFAULTS: Mapping[Genre, tuple[str, str]] = MappingProxyType(
    {  # title, everything else
        Genre.CARD: ("script", "elegant"),
        Genre.POSTER: ("display", "bold"),
        Genre.SCENE: ("rounded", "rounded"),
        Genre.PRODUCT: ("bold", "sans"),
        Genre.INFOGRAPHIC: ("bold", "sans"),
        Genre.INTERFACE: ("bold", "sans"),
        Genre.SOCIAL: ("bold", "sans"),
        Genre.ICON: ("rounded", "sans"),
        Genre.PATTERN: ("bold", "sans"),
        Genre.COLLAGE: ("serif-bold", "sans"),
        Genre.EDIT: ("bold", "sans"),
    }
)
_BY_STYLE: Mapping[Style, str] = MappingProxyType(
    {
        Style.PENCIL: "handwritten",
        Style.VINTAGE: "slab-heavy",
        Style.NEON: "neon",
        Style.PIXEL: "pixel",
        Style.WATERCOLOUR: "dancing-script-bold",
    }
)
PILLED = {Role.BUTTON, Role.PRICE}
PILL = 0.62  # what a button's pill stands out above and below its words, in em
PILL_ENDS = 1.0  # ... and at both ends
_HEAVY = {Role.BUTTON, Role.PRICE, Role.SIGN}
_TRACKED = {"elegant": 0.06, "condensed": 0.04, "neon": 0.03}
_TIGHT = {"display": 0.80, "condensed": 0.78, "comic": 0.9, "script": 0.95, "bold": 0.95,
          "slab-heavy": 0.9, "elegant": 0.95}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a text is painted."""

    ink: Ink
    shadow: bool = False
    outline: Ink | None = None
    glow: Ink | None = None


def style_of(page: Page, run: TextRun) -> str:
    """A style or face name that ``fonts`` knows."""
    if run.face is not None:
        regular, bold, italic = _FACES[run.face]
        return bold if run.bold else italic if run.italic else regular
    if run.ink is not None and run.ink.finish is Finish.NEON:
        return "neon"
    title, plain = _DEFAULTS[page.scene.genre]
    title = _BY_STYLE.get(page.scene.style, title)
    if run.role in _HEAVY:
        return "bold"
    if run.role is Role.SPEECH:
        return "handwritten"
    if run.role is not Role.TITLE:
        return "bold" if run.bold and plain == "sans" else plain
    if run.italic:
        return "serif-italic"
    if run.bold:
        return "bold" if title in ("script", "rounded", "sans") else title
    shouted = run.words.isupper() and len(run.words) > 3
    return "elegant" if title == "script" and (shouted or len(run.words) > 60) else title


def setting(page: Page, run: TextRun, *, align: str = "centre") -> typeset.Setting:
    """The type setting of a run."""
    style = style_of(page, run)
    cased = run.words.upper() != run.words.lower()
    tracking = _TRACKED.get(style, 0.0) if cased else 0.0
    return typeset.Setting(
        font=typeset.font_for(run.words, style),
        spacing=_TIGHT.get(style, 1.0) if cased else 0.82 if typeset.is_rtl(run.words) else 1.0,
        tracking=tracking,
        align=align,
        rtl=typeset.is_rtl(run.words),
    )


def cap(page: Page, run: TextRun) -> float:
    """The largest em size a run may take, in pixels."""
    share = _CAPS[run.role]
    if run.role is Role.TITLE:
        share = _TITLE_CAPS.get(page.scene.genre, share)
    elif page.scene.genre is Genre.CARD:
        share *= 1.3
    if len(run.words.strip()) <= 3 and run.role is Role.TITLE:
        share *= 2.2  # a monogram, a number
    return page.unit * share * SIZES[run.size]


def look(page: Page, run: TextRun, grounds: Sequence[str], *, busy: bool = False) -> Look:
    """The ink that was asked for, or one that reads on the grounds; shade where it must help."""
    outline, shadow = run.outline, run.shadow
    glow = (run.ink or Ink(colours=(page.palette.accent,))) if run.glow else None
    if run.ink is None:
        white = busy and worst("#ffffff", grounds) >= 2.4  # its shadow does the rest
        ink = Ink(colours=("#ffffff" if white else _readable(page, grounds),))
        light = luminance(ink.colours[0]) > 0.4
        if busy and not light and glow is None:  # a pale breath around dark letters
            glow = Ink(colours=(max(grounds, key=luminance, default="#ffffff"),))
        return Look(ink, shadow or (busy and light), outline, glow)
    if run.ink.finish is Finish.NEON:
        return Look(run.ink, shadow, outline, glow)
    reads = max(worst(colour, grounds) for colour in run.ink.colours)
    metal = run.ink.finish is Finish.METAL
    if reads < 2.2 and outline is None and glow is None:
        light = sum(map(luminance, run.ink.colours)) / len(run.ink.colours) > 0.35
        outline = Ink(colours=("#1d1d2b" if light else "#ffffff",))
    return Look(run.ink, shadow or metal or (busy and reads < READS), outline, glow)


def _readable(page: Page, grounds: Sequence[str]) -> str:
    for colour in (page.palette.ink, "#ffffff", "#1c2033"):
        if worst(colour, grounds) >= READS:
            return colour
    return max(("#ffffff", "#000000"), key=lambda colour: worst(colour, grounds))


def put(
    page: Page,
    run: TextRun,
    box: Box,
    *,
    align: str = "centre",
    valign: float = 0.5,
    most: float | None = None,
    grounds: Sequence[str] | None = None,
    busy: bool = False,
) -> TextLayer:
    """Sets a run inside a box: as large as fits, up to ``most`` pixels of em size."""
    how = setting(page, run, align=_mirrored(align, run))
    most = most or cap(page, run)
    width = box.width
    if run.role in PILLED:
        width *= 0.8
        most = min(most, box.width * 0.1 / PILL_ENDS)
        grounds = (page.palette.accent,)
        busy = False
    found = typeset.fit(run.words, how, width=width, height=box.height, most=most)
    share = {"left": 0.0, "centre": 0.5, "right": 1.0}[how.align]
    ends = found.pixels * PILL_ENDS if run.role in PILLED else 0.0
    at = Box(
        box.x + ends + (box.width - 2 * ends - found.width) * share,
        box.y + (box.height - found.height) * valign,
        found.width,
        found.height,
    )
    seen = look(page, run, page.behind(at) if grounds is None else grounds, busy=busy)
    return TextLayer(
        box=at,
        lines=found.lines,
        font=how.font,
        pixels=found.pixels,
        ink=seen.ink,
        align=how.align,
        spacing=how.spacing,
        tracking=how.tracking,
        glow=seen.glow,
        shadow=seen.shadow,
        outline=seen.outline,
        rtl=how.rtl,
    )


def _mirrored(align: str, run: TextRun) -> str:
    """Right-to-left words start at the right unless the prompt put them somewhere."""
    if align == "left" and run.slot is None and typeset.is_rtl(run.words):
        return "right"
    return align


def stack(
    page: Page,
    runs: Sequence[TextRun],
    box: Box,
    *,
    align: str = "centre",
    valign: float = 0.5,
    grounds: Sequence[str] | None = None,
    busy: bool = False,
    caps: Mapping[str, float] | None = None,
) -> list[TextLayer]:
    """Sets runs under each other inside a box, each at its rank's size, all smaller if need be."""
    limits = [(caps or {}).get(run.id, cap(page, run)) for run in runs]
    for _ in range(30):
        rows = [
            put(page, run, box, align=align, most=most, grounds=grounds, busy=busy)
            for run, most in zip(runs, limits, strict=True)
        ]
        gaps = [_gap(one, two) for one, two in itertools.pairwise(zip(rows, runs, strict=True))]
        total = sum(row.box.height for row in rows) + sum(gaps)
        total += _pill(rows[0], runs[0]) + _pill(rows[-1], runs[-1])
        if total <= box.height:
            break
        shrink = max(min((box.height / total) ** 0.6, 0.95), 0.3)
        limits = [row.pixels * shrink for row in rows]
    at = box.y + max(box.height - total, 0) * valign
    at += _pill(rows[0], runs[0]) * (1 - valign) - _pill(rows[-1], runs[-1]) * valign
    out = []
    for row, gap in zip(rows, [*gaps, 0.0], strict=True):
        out.append(moved(row, row.box.x, at))
        at += row.box.height + gap
    if grounds is None:
        again = zip(out, runs, strict=True)
        return [_relit(page, row, run, busy=busy) for row, run in again]
    return out


def _gap(one: tuple[TextLayer, TextRun], two: tuple[TextLayer, TextRun]) -> float:
    """Room between two texts, and for the pill around a button."""
    small, large = sorted((one[0].pixels, two[0].pixels))
    return 0.42 * small + 0.14 * large + _pill(*one) + _pill(*two)


def _pill(layer: TextLayer, run: TextRun) -> float:
    return layer.pixels * PILL if run.role in PILLED else 0.0


def plates(page: Page, layer: TextLayer, run: TextRun) -> list[PanelLayer]:
    """The pill behind a button or price; nothing behind other texts."""
    if run.role not in PILLED:
        return []
    box = layer.box
    across, down = layer.pixels * PILL_ENDS, layer.pixels * PILL
    pill = Box(box.x - across, box.y - down, box.width + 2 * across, box.height + 2 * down)
    ink = Ink(colours=(page.palette.accent,))
    return [PanelLayer(pill, ink, radius=pill.height / 2, shadow=True)]


def moved(layer: TextLayer, x: float, y: float) -> TextLayer:
    """The text with its box's corner elsewhere."""
    return replace(layer, box=Box(x, y, layer.box.width, layer.box.height))


def _relit(page: Page, layer: TextLayer, run: TextRun, *, busy: bool) -> TextLayer:
    if run.role in PILLED:
        return layer
    return dressed(layer, look(page, run, page.behind(layer.box), busy=busy))


def dressed(layer: TextLayer, seen: Look) -> TextLayer:
    """The text in another look."""
    return replace(layer, ink=seen.ink, shadow=seen.shadow, outline=seen.outline, glow=seen.glow)
