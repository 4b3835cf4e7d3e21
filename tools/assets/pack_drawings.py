"""Packs the drawings: every vector body cleaned, measured and put into small deflated blocks.

Three things are done to a body, none of which changes what is seen: `opacity` on a single shape
becomes `fill-opacity`/`stroke-opacity` (librsvg makes an off-screen layer per `opacity`, ten
times slower at 4K), filters go (slower still, and only a faint inner shadow on one drawing), and
ids get short regular names so that several copies can live in one SVG.
The measures (box of the ink, the colour that covers most) are taken from a rendering.
"""

from __future__ import annotations

import itertools
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyvips

ICONS = "@iconify-json/fluent-emoji-flat"
EMOJI = "emojibase-data"
SCALE = 4  # pixels per unit of the 32-unit view box when measuring
BLOCK = 48 * 1024  # raw bytes per deflated block: about 0.2 ms to open one
TONES = ("light", "medium-light", "medium", "medium-dark", "dark")
# Colours that a wish for another colour does not mean: panes and water of what people build.
GLASS = ("#26c9fc", "#26eafc", "#50e2ff", "#83cbff")
WATER = ("#00a6ed",)
# The colour that a person means, where another one covers more.
MEANT = {
    "alien": "#86d72f",
    "butterfly": "#ff6723",
    "flag-in-hole": "#f8312f",
    "hot-air-balloon": "#f8312f",
    "hot-beverage": "#e6e6e6",
    "laptop": "#d3d3d3",
    "lighthouse": "#f8312f",
    "monitor": "#433b6b",
    "red-paper-lantern": "#ca0b4a",
    "santa-claus": "#f8312f",
    "snail": "#a56953",
    "tablet": "#433b6b",
    "windmill": "#f4f4f4",
}
# Drawn for pisang in the library's manner: `drawings/NAME.svg`, listed with group and subgroup in
# `drawings/list.txt`: everyday things that it lacks, and whole figures for those that it has only
# as a head or a bust. The library's own then keeps its emoji under another name: `fox-face`.
OWN_FOLDER = Path(__file__).parent / "drawings"
LIST = OWN_FOLDER / "list.txt"
# The library's default skin and hair, our blush, and what stands for each in its five tones.
SKINS = {
    "#ffc83d": ("#ffd7c2", "#eebfaa", "#c68d7b", "#966661", "#573739"),
    "#fdbb11": ("#f4c6ad", "#e4b29a", "#bb806e", "#8b5c56", "#4e3233"),
    "#ed9200": ("#e5af93", "#d19479", "#ab6a55", "#75443e", "#3d2123"),
    "#f1a11e": ("#212121", "#fff9ba", "#593b39", "#2d242d", "#000"),
    "#d37034": ("#212121", "#a56953", "#593b39", "#372128", "#000"),
    # round the eye: as the skin, and white where a black eye would be lost in it
    "#ffc83e": ("#ffd7c2", "#eebfaa", "#c68d7b", "#f4f4f4", "#f4f4f4"),
    "#ff8687": ("#ffb3a7", "#e89a86", "#b5675a", "#83504c", "#683a3c"),
    "#990839": ("#990838", "#990838", "#990838", "#990838", "#c2506a"),
}
SKIN = "#ffc83d"
KEPT = {"animals-nature": "face", "people-body": "face"}
# iconify's own groups, for the few drawings that emojibase does not list by itself
GROUPS = {
    "Activities": "activities",
    "Animals & Nature": "animals-nature",
    "Flags": "flags",
    "Food & Drink": "food-drink",
    "Objects": "objects",
    "People & Body": "people-body",
    "Smileys & Emotion": "smileys-emotion",
    "Symbols": "symbols",
    "Travel & Places": "travel-places",
}

_LEAF = re.compile(r"<(?:path|circle|ellipse|rect|use)\b[^>]*/>")
_OPACITY = re.compile(r"\sopacity=\"([^\"]+)\"")
_SKIN = re.compile("|".join(SKINS))
_ID = re.compile(r"\sid=\"([^\"]+)\"")
_USE = re.compile(r"(\sid=\"|url\(#|href=\"#)([^\")]+)")


def clean(body: str) -> str:
    """The same picture without layer opacity, filters and long ids."""
    body = re.sub(r"<filter\b.*?</filter>", "", body)
    body = re.sub(r"\sfilter=\"[^\"]*\"", "", body)
    body = _LEAF.sub(lambda match: _leaf(match.group()), body)
    short = {name: f"i{number}" for number, name in enumerate(_ID.findall(body))}
    return _USE.sub(lambda match: match[1] + short.get(match[2], match[2]), body)


def _leaf(element: str) -> str:
    found = _OPACITY.search(element)
    if not found or element.startswith("<use"):
        return element
    painted = [name for name in ("fill", "stroke") if f' {name}="' in element]
    if len(painted) != 1:  # fill and stroke overlap: the layer is what makes them one
        return element
    return element.replace(found.group(), f' {painted[0]}-opacity="{found.group(1)}"')


def measure(body: str, width: int, height: int) -> tuple[list[float], list[tuple[int, str]]]:
    """Box of the ink in view-box units (quarter units), and its fills, largest area first."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * SCALE}" '
        f'height="{height * SCALE}" viewBox="0 0 {width} {height}">{body}</svg>'
    )
    image = pyvips.Image.svgload_buffer(svg.encode("utf-8")).numpy()
    rows, columns = np.nonzero(image[:, :, 3] > 24)
    box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    solid = image[image[:, :, 3] == 255][:, :3]
    fills = fills_of(body)
    seen = Counter("#{:02x}{:02x}{:02x}".format(*pixel) for pixel in solid.tolist())
    known = [(count, colour) for colour, count in seen.items() if colour in fills]
    known = known or [(count, colour) for colour, count in seen.most_common(1)]
    return [float(value) / SCALE for value in box], sorted(known, reverse=True)


def fills_of(body: str) -> set[str]:
    """The colours named in a body, as `#rrggbb`."""
    full = {fill.lower() for fill in re.findall(r"#[0-9a-fA-F]{6}\b", body)}
    short = re.findall(r"#([0-9a-f]{3})(?![0-9a-fA-F])", body)
    return full | {"#" + "".join(digit * 2 for digit in digits) for digits in short}


def kept_fills(name: str, subgroup: str, drawings: Mapping[str, tuple[str, int, int]]) -> set[str]:
    """Colours that stay when the drawing is recoloured: skin, panes, water.

    Skin (and hair, which goes with it) is what differs between a person's tone variants.
    """
    base = split_tone(name, drawings)[0]
    keep: set[str] = set()
    if f"{base}-dark" in drawings and f"{base}-light" in drawings:
        other = f"{base}-dark" if name != f"{base}-dark" else f"{base}-light"
        keep |= fills_of(drawings[name][0]) - fills_of(drawings[other][0])
    if subgroup in ("transport-ground", "transport-water", "transport-air", "place-building"):
        keep |= set(GLASS)
    if subgroup == "transport-water":
        keep |= set(WATER)
    return keep & fills_of(drawings[name][0])


def main_fill(name: str, areas: list[tuple[int, str]], keep: set[str]) -> str:
    """The colour that `recolour` turns: the largest not kept, ink only for want of others."""
    if name in MEANT:
        return MEANT[name]
    total = sum(area for area, _ in areas)
    free = [(area, fill) for area, fill in areas if fill not in keep]
    lively = [(area, fill) for area, fill in free if not is_ink(fill) and area > total * 0.12]
    if lively:
        return lively[0][1]
    return free[0][1] if free and free[0][0] > total * 0.05 else ""


def is_ink(fill: str) -> bool:
    """Is it one of the near-blacks that outlines, eyes and tyres have?"""
    return sum(int(fill[place : place + 2], 16) for place in (1, 3, 5)) < 150


def wrapped(body: str, fill: str, keep: set[str]) -> str:
    """One group around the body that tells its main colour, and what stays, to `recolour`."""
    data = f'data-fill="{fill}"' if fill else ""
    data += f' data-keep="{" ".join(sorted(keep))}"' if fill and keep else ""
    if body.startswith('<g fill="none">') and body.endswith("</g>") and body.count("<g") == 1:
        body = body.removeprefix('<g fill="none">')
        return f'<g fill="none" {data}>{body}'
    return f"<g {data}>{body}</g>"


def bodies(icons: Mapping[str, Any]) -> dict[str, tuple[str, int, int]]:
    """Every drawing by name, mirrored aliases included: body, width, height."""
    out = {}
    for name, icon in icons["icons"].items():
        size = (icon.get("width", icons["width"]), icon.get("height", icons["height"]))
        out[name] = (clean(icon["body"]), *size)
    for name, alias in icons["aliases"].items():
        body, width, height = out[alias["parent"]]
        if alias.get("hFlip"):
            body = f'<g transform="matrix(-1 0 0 1 {width} 0)">{body}</g>'
        out[name] = (body, width, height)
    out = {renamed(name, out): drawing for name, drawing in out.items()}
    for name in OWN:
        text = (OWN_FOLDER / f"{SAME.get(name, name)}.svg").read_text("utf-8")
        body = clean(re.sub(r"^<svg[^>]*>|</svg>\s*$|\n", "", text))
        out[name] = (body, icons["width"], icons["height"])
        for place, tone in enumerate(TONES if SKIN in body else ()):
            toned = _SKIN.sub(lambda match: SKINS[match.group()][place], body)  # noqa: B023
            out[f"{name}-{tone}"] = (toned, icons["width"], icons["height"])
    return out


def library(icons: Mapping[str, Any]) -> set[str]:
    """The names that the library itself gives."""
    return {*icons["icons"], *icons["aliases"]}


def own() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Our drawings with group and subgroup, and those that are another's under a second name.

    Lines `group/subgroup: name name second=first`.
    """
    groups: dict[str, tuple[str, str]] = {}
    same: dict[str, str] = {}
    for line in LIST.read_text("utf-8").splitlines():
        place, _, names = line.partition(": ")
        group, _, subgroup = place.partition("/")
        for item in () if line.startswith("#") else names.split():
            name, _, first = item.partition("=")
            groups[name] = (group, subgroup)
            same |= {name: first} if first else {}
    return groups, same


OWN, SAME = own()


def renamed(name: str, names: Container[str]) -> str:
    """The library's drawing under another name where ours takes its own: `fox` -> `fox-face`."""
    base, tone = split_tone(name, names)
    if base not in OWN:
        return name
    suffix = KEPT.get(OWN[base][0], "emoji")
    return "-".join(part for part in (base, suffix, tone) if part)


def emoji_groups(emoji: Mapping[str, bytes]) -> dict[str, tuple[str, str]]:
    """Group and subgroup by code points (`1f408`, joined by `-`, without variation selectors)."""
    meta = json.loads(emoji["meta/groups.json"])
    out = {}
    for row in json.loads(emoji["en/data.json"]):
        if "group" not in row:
            continue
        group = (meta["groups"][str(row["group"])], meta["subgroups"][str(row["subgroup"])])
        for one in (row, *row.get("skins", ())):
            out[plain_code(one["hexcode"])] = group
    return out


def plain_code(hexcode: str) -> str:
    """Lower case, without the variation selectors that only choose between text and picture."""
    return "-".join(part for part in hexcode.lower().split("-") if part not in ("fe0f", "fe0e"))


def split_tone(name: str, names: Container[str]) -> tuple[str, str]:
    """`waving-hand-medium-dark` -> (`waving-hand`, `medium-dark`); no tone -> (name, "")."""
    for tone in sorted(TONES, key=len, reverse=True):
        base = name.removesuffix(f"-{tone}")
        if base != name and base in names:
            return base, tone
    return name, ""


def pack(fetch: Callable[[str], dict[str, bytes]]) -> dict[str, bytes]:
    """Files to write, by path below the data folder."""
    files, emoji = fetch(ICONS), fetch(EMOJI)
    icons = json.loads(files["icons.json"])
    drawings = bodies(icons)
    groups = emoji_groups(emoji)
    there = library(icons)
    codes: dict[str, list[str]] = {}
    for code, name in json.loads(files["chars.json"]).items():
        codes.setdefault(renamed(name, there), []).append(plain_code(code))
    category: dict[str, tuple[str, str]] = {}
    for title, names in json.loads(files["metadata.json"])["categories"].items():
        category.update((renamed(name, there), (GROUPS[title], "")) for name in names)
    category |= OWN
    blocks: list[bytes] = []
    pending = b""
    table: dict[str, list[Any]] = {}
    for name in sorted(drawings):
        body, width, height = drawings[name]
        base, tone = split_tone(name, drawings)
        known = [groups[code] for code in codes.get(name, ()) if code in groups]
        group, subgroup = known[0] if known else category.get(base, ("symbols", ""))
        box, areas = measure(body, width, height)
        keep = kept_fills(name, subgroup, drawings)
        fill = main_fill(name, areas, keep)
        data = wrapped(body, fill, keep).encode("utf-8")
        if len(pending) + len(data) > BLOCK:
            blocks.append(zlib.compress(pending, 9))
            pending = b""
        place = [len(blocks), len(pending), len(data)]
        table[name] = [*place, width, height, box, fill or areas[0][1], group, subgroup, base, tone]
        table[name].append(sorted(codes.get(name, ())))
        pending += data
    blocks.append(zlib.compress(pending, 9))
    ends = [0, *itertools.accumulate(len(block) for block in blocks)]
    rows = (f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in table.items())
    index = '{"blocks":' + json.dumps(ends, separators=(",", ":"))
    index += ',\n"drawings":{\n' + ",\n".join(rows) + "\n}}\n"
    return {"drawings.bin": b"".join(blocks), "drawings.json": index.encode("utf-8")}
