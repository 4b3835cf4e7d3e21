"""Reads the corpus: one TOML file per kind of picture, one table per prompt.

A case::

    [[case]]
    id = "cat-tree-night"
    prompt = "A red cat next to a big tree at night, with the text 'Good night' at the top"
    language = "en"                      # left out: English
    size = "16:9"                        # ratio to draw it in; left out: 1:1
    things = ["1 cat red", "1 deciduous-tree"]   # count, drawing (a|b: either), colour word
    texts = [{ words = "Good night", slot = "top" }]
    relations = ["cat next-to deciduous-tree"]
    place = "meadow"
    hour = "night"
    effects = ["stars"]
    genre = "scene"
    absent = ["dog"]                     # drawings that must not be there
    ignored = ["iridescent"]             # words that must be reported as not understood
    photo = true                         # says that it is an illustration
    rows = ["Espresso | 2.50"]           # labels, rows or figures of blocks
    without = ["moon"]                   # what the place must not draw
    none = true                          # asks for no picture
    pictures = ["red-square.png"]        # supplied with the last turn, from `samples.py`
    edits = ["greyscale"]                # pixel edits of the first picture
    turns = ["A red cat", "now make it blue"]    # instead of prompt: a conversation
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "prompts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One prompt or conversation, and what the Scene it gives must hold."""

    id: str
    prompt: str = ""
    turns: tuple[str, ...] = ()
    language: str = "en"
    size: str = "1:1"
    pictures: tuple[str, ...] = ()
    kind: str = ""
    expect: dict[str, Any] = field(default_factory=dict)

    @property
    def spoken(self) -> tuple[str, ...]:
        return self.turns or (self.prompt,)


_FIELDS = {"id", "prompt", "turns", "language", "size", "pictures"}
EXPECTATIONS = {
    "things",
    "texts",
    "relations",
    "place",
    "hour",
    "effects",
    "genre",
    "style",
    "background",
    "texture",
    "absent",
    "ignored",
    "photo",
    "none",
    "edits",
    "framing",
    "blocks",
    "rows",
    "without",
}


def load() -> list[Case]:
    """Every case of the corpus; raises ValueError for an unknown key or an id used twice."""
    cases: dict[str, Case] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for row in tomllib.loads(path.read_text("utf-8"))["case"]:
            case = _case(row, path.stem)
            if case.id in cases:
                raise ValueError(f"{path.name}: the id {case.id!r} is used twice")
            cases[case.id] = case
    return list(cases.values())


def _case(row: dict[str, Any], kind: str) -> Case:
    unknown = set(row) - _FIELDS - EXPECTATIONS
    if unknown or not (row.get("prompt") or row.get("turns")):
        raise ValueError(f"{kind}: {row.get('id')}: {unknown or 'no prompt'}")
    fields = {key: tuple(v) if isinstance(v, list) else v for key, v in row.items()}
    expect = {key: row[key] for key in row if key in EXPECTATIONS}
    return Case(kind=kind, expect=expect, **{k: v for k, v in fields.items() if k in _FIELDS})
