"""Fills what a mock-up or chart leaves empty: sample figures, rows, a weather card, a month's days.

An empty panel tells nobody anything. What is made up is said in the notes; names, temperatures and
dates of the prompt are used as they are.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field, replace

from pisang.engines.sketch.read import lexicon
from pisang.engines.sketch.read.nouns import Parse
from pisang.engines.sketch.read.tokens import phrase
from pisang.engines.sketch.scene import Block, TextRun
from pisang.engines.sketch.vocabulary import BlockKind, Genre, Role

_CHARTS = (BlockKind.BAR_CHART, BlockKind.LINE_CHART, BlockKind.PIE_CHART)
_MONTHS = tuple(calendar.month_name)[1:]
_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEK = re.compile(r"\bweekly (?:calendar|planner|schedule)\b|\bweek planner\b", re.IGNORECASE)
_TEMPERATURE = re.compile(r"-?\d{1,3}\s?°\s?[CF]?\b|-?\d{1,3}\s?°")
_AHEAD = re.compile(r"\b(\d{1,2}|three|five|seven|ten)[- ]day\b", re.IGNORECASE)
_NUMBERS = {"three": 3, "five": 5, "seven": 7, "ten": 10}
_CITY = re.compile(r"(?:\bfor|\bin|,|:)\s+([A-Z][a-zà-ü]+(?:[ -][A-Z][a-zà-ü]+)*)")
_SKIES = (
    ("partly cloudy", "sun-behind-cloud"), ("thunder", "cloud-with-lightning"),
    ("storm", "cloud-with-lightning"), ("snow", "cloud-with-snow"), ("rain", "cloud-with-rain"),
    ("cloudy", "cloud"), ("overcast", "cloud"), ("fog", "fog"), ("wind", "wind-face"),
    ("sunny", "sun"), ("clear", "sun"),
)  # fmt: skip
_STAFF = re.compile(r"\s+(?:at the top|below|underneath|on top)$|^then\s+", re.IGNORECASE)
_SAMPLES = (32.0, 45.0, 38.0, 58.0, 51.0, 72.0)
_SAMPLED = "No figures were given: the {} shows samples."


@dataclass(slots=True)
class Furniture:
    """What a page holds: blocks and texts, the things that a block shows already, and notes."""

    genre: Genre
    blocks: list[Block]
    texts: list[TextRun]
    gone: set[str] = field(default_factory=set)  # drawings that the blocks stand for
    notes: list[str] = field(default_factory=list)


def furnish(parse: Parse, *, page: Furniture, prompt: str) -> Furniture:
    """The page with nothing empty on it."""
    page = replace(page, blocks=list(page.blocks), texts=list(page.texts))
    lowered = prompt.lower()
    if "calendar" in lowered or "planner" in lowered:
        _calendar(page, prompt)
    if "weather" in lowered or "forecast" in lowered:
        _weather(page, prompt)
    if page.genre in (Genre.INTERFACE, Genre.INFOGRAPHIC):
        page.blocks = [_filled(page, block, at) for at, block in enumerate(page.blocks)]
    if "org chart" in lowered or "organization chart" in lowered:
        page.blocks = [_staff(block) for block in page.blocks]
        page.notes.append("An organisation chart is drawn as a list: lines between are not drawn.")
    if re.search(r"\bpanels?\b", lowered) and re.search(r"\bcomic|\bmanga|\bstrip\b", lowered):
        page.notes.append("The panels of a comic are not drawn apart: this is one scene of it.")
    _menu(page)
    _versus(page)
    del parse
    return page


# --- pages of their own -------------------------------------------------------------------------


def _calendar(page: Furniture, prompt: str) -> None:
    """The days of a month that is named with its year, or the columns of a week."""
    month = _MONTH.search(prompt)
    if month:
        name, year = month[1].capitalize(), int(month[2])
        weeks = calendar.Calendar().monthdayscalendar(year, _MONTHS.index(name) + 1)
        rows = [" | ".join(str(day or " ") for day in week) for week in weeks]
        title = f"{name} {year}"
    elif _WEEK.search(prompt):
        rows, title = [" | ".join(" " for _ in _DAYS)] * 4, "This Week"
    else:
        return
    days = _DAYS[:5] if re.search(r"monday (?:to|through) friday", prompt, re.IGNORECASE) else _DAYS
    rows = [" | ".join(days), *(" | ".join(row.split(" | ")[: len(days)]) for row in rows)]
    page.genre = Genre.INFOGRAPHIC
    page.gone |= {"calendar", "spiral-calendar", "tear-off-calendar"}
    page.blocks.append(Block(id=_key("b", page.blocks), kind=BlockKind.TABLE, items=tuple(rows)))
    if not page.texts:
        page.texts.append(TextRun(id="t1", words=title))


def _weather(page: Furniture, prompt: str) -> None:
    """The temperature and the sky as one figure, the town as the title, days in rows."""
    degrees = [found.strip() for found in _TEMPERATURE.findall(prompt)]
    sky = next(((word, name) for word, name in _SKIES if word in prompt.lower()), None)
    if not degrees or page.genre not in (Genre.INTERFACE, Genre.INFOGRAPHIC, Genre.SCENE):
        return
    page.genre = Genre.INTERFACE
    word, drawing = sky or ("", "thermometer")
    label = re.search(rf"\b{word}\w*", prompt, re.IGNORECASE) if word else None
    page.gone |= {name for _, name in _SKIES}
    kept = [block for block in page.blocks if block.kind is not BlockKind.CARD]
    page.blocks = [
        Block(
            id="b1",
            kind=BlockKind.STAT,
            label=label[0].capitalize() if label else "",
            items=(degrees[0],),
            drawing=drawing,
        ),
        *(block.model_copy(update={"id": f"b{at + 2}"}) for at, block in enumerate(kept)),
    ]
    ahead = _AHEAD.search(prompt)
    if ahead:
        number = int(_NUMBERS.get(ahead[1].lower(), 0) or ahead[1])
        rows = tuple(_DAYS[at % 7] for at in range(min(number, 10)))
        head = f"{number}-day forecast"
        page.blocks.append(
            Block(id=_key("b", page.blocks), kind=BlockKind.LIST, label=head, items=rows)
        )
        page.notes.append("No figures were given for the days of the forecast: none are shown.")
    city = _CITY.search(prompt)
    if city and not page.texts:
        page.texts.append(TextRun(id="t1", words=city[1]))


def _menu(page: Furniture) -> None:
    """ "Onion Soup $8" in quotes, twice and more: the rows of a menu, not a headline."""
    priced = [run for run in page.texts if _is_priced(run)]
    if len(priced) < 2 or page.genre not in (Genre.POSTER, Genre.CARD, Genre.INFOGRAPHIC):
        return
    rows = tuple(re.sub(r"[\s.:–—-]*([$€£¥₹]?\d[\d.,]*\s?[$€£¥₹]?)$", r" | \1", run.words)
                 for run in priced)  # fmt: skip
    page.genre = Genre.INFOGRAPHIC
    page.texts = [run for run in page.texts if run not in priced]
    page.blocks.append(Block(id=_key("b", page.blocks), kind=BlockKind.TABLE, items=rows))


def _is_priced(run: TextRun) -> bool:
    found = re.fullmatch(r"[^\W\d_].{1,40}?[\s.:–—-]+[$€£¥₹]?\d[\d.,]*\s?[$€£¥₹]?", run.words)
    exact = bool(re.search(r"[$€£¥₹]|\d[.,]\d\d$", run.words))
    return bool(found and exact and run.slot is None and run.on is None)


def _versus(page: Furniture) -> None:
    """Two sides get their drawings, and their names a title."""
    for at, block in enumerate(page.blocks):
        if block.kind is not BlockKind.COMPARISON or len(block.items) != 2:
            continue
        shown = [_drawing(item) for item in block.items]
        if all(shown):
            page.blocks[at] = block.model_copy(update={"drawings": tuple(shown)})
        if not any(run.role is Role.TITLE for run in page.texts):
            words = f"{block.items[0]} vs {block.items[1]}"
            page.texts.insert(0, TextRun(id=_key("t", page.texts), words=words))


def _drawing(words: str) -> str:
    hit = lexicon.load("en").find(tuple(phrase(words).split(" ")))
    entries = hit.entries if hit else ()
    return next((one.value for one in entries if one.kind == "thing"), "")


def _staff(block: Block) -> Block:
    items = tuple(_STAFF.sub("", item) for item in block.items)
    return block.model_copy(update={"items": items})


# --- what is left empty -------------------------------------------------------------------------


def _filled(page: Furniture, block: Block, at: int) -> Block:
    if block.items or block.values:
        return block
    update: dict[str, object] = {}
    if block.kind in _CHARTS:
        many = 4 if block.kind is BlockKind.PIE_CHART else len(_SAMPLES)
        update = {"items": ("Jan", "Feb", "Mar", "Apr", "May", "Jun")[:many]}
        update["values"] = _SAMPLES[:many]
        _note(page, _SAMPLED.format(block.kind.value.replace("-", " ")))
    elif block.kind is BlockKind.STAT:
        alike = sum(one.kind is BlockKind.STAT for one in page.blocks[: at + 1])
        update = {"label": block.label or f"KPI {alike}", "items": ("–",)}
        _note(page, "No figures were given: dashes stand for them.")
    elif block.kind in (BlockKind.LIST, BlockKind.TIMELINE, BlockKind.TABLE):
        one = re.sub(r"\s*(?:list|table|timeline)$", "", block.label, flags=re.IGNORECASE) or "Item"
        bar = " | –" if block.kind is BlockKind.TABLE else ""
        update = {"items": tuple(f"{one.capitalize()} {number}{bar}" for number in range(1, 5))}
        _note(page, f"No rows were named: '{one.capitalize()} 1' and so on stand for them.")
    return block.model_copy(update=update)


def _note(page: Furniture, sentence: str) -> None:
    if sentence not in page.notes:
        page.notes.append(sentence)


def _key(letter: str, parts: list[Block] | list[TextRun]) -> str:
    taken, number = {part.id for part in parts}, 1
    while f"{letter}{number}" in taken:
        number += 1
    return f"{letter}{number}"
