"""Packs the words: per language, which phrase may mean which drawings, best first.

Three sources, in falling trust: labels (emojibase's, in English the drawing's own name too),
words written by hand (`words/<language>.txt`), and emojibase's tags. Tags are loose ("water" on a
pistol, "red" on a car), so a tag counts only for things one can draw, only where few drawings
share it, and a drawing whose label holds the tag goes first. Where a hand-written word is also the
label of another drawing, the hand wins: that is what it was written for. English, which has the
longest hand-written list, takes no tags at all: "easy", "class" and "date" are tags too.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.assets.inflect import forms
from tools.assets.pack_drawings import (
    EMOJI,
    ICONS,
    OWN,
    library,
    plain_code,
    renamed,
    split_tone,
)

HAND = Path(__file__).parent / "words"
LABEL, HAND_WRITTEN, TAG = 0, 1, 2
FORM = 0.5  # an inflected form stands just behind the word itself
NO_SPACES = ("ja", "zh", "zh-hant", "th")
COMPOUNDS = ("de", "nl", "sv", "da", "nb", "fi", "et", "hu", "ko")
NO_TAGS = ("en",)
LEFT_OUT = ("en-gb",)  # the English table knows more, so en-GB falls back to it
NEVER = "never"  # in place of a drawing's name: words that mean no drawing
MOST = 3  # drawings kept per phrase
SHARED = 2  # a tag on more drawings than this says nothing
# emojibase groups by how likely a noun means one of them; tags of the others need their label.
GROUPS = {"3": 0, "4": 0, "5": 1, "7": 1, "6": 2, "1": 3, "0": 4, "8": 5, "9": 5}
CONCRETE = 3
SYMBOLS = 8
# Faces and hands: their one-word labels are verbs and moods in many languages ("weint"), as those
# of symbols are signs of the zodiac ("Fische" are fish here). Ghosts, hearts and cats stay.
GESTURES = (*range(11), 15, *range(16, 21))


@dataclass(frozen=True, slots=True)
class Row:
    """One emoji that has a drawing, with its words in one language."""

    name: str
    group: int
    order: int
    labels: tuple[str, ...]
    tags: tuple[str, ...]


def normal(phrase: str) -> str:
    """The form in which phrases are stored and looked up: NFC, case folded, one kind of dash."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFC", phrase).casefold())
    text = re.sub(r"[\u2018\u2019\u02bc]", "'", text)
    return re.sub(r"[\s\-\u2010-\u2015_]+", " ", text).strip()


def rows(data: bytes, drawn: Mapping[str, str]) -> Iterator[Row]:
    """The emoji of one language that we have a drawing of."""
    for one in json.loads(data):
        name = drawn.get(plain_code(one["hexcode"]))
        if name and "group" in one:
            labels = tuple(normal(part) for part in re.split(r"[,;،、]", one["label"]))
            if one["group"] == SYMBOLS or one.get("subgroup") in GESTURES:
                labels = tuple(label for label in labels if " " in label)
            tags = tuple(dict.fromkeys(normal(tag) for tag in one.get("tags", ())))
            yield Row(name, GROUPS.get(str(one["group"]), 5), one["order"], labels, tags)


def lines_of(language: str) -> list[tuple[str, list[str]]]:
    """The lines `name: phrase, phrase` of `words/<language>.txt`."""
    path = HAND / f"{language}.txt"
    out = []
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        name, _, phrases = line.partition(":")
        if not line.startswith("#") and phrases.strip():
            out.append((name.strip(), [normal(phrase) for phrase in phrases.split(",")]))
    return out


def hand_written(language: str, names: set[str]) -> dict[str, list[str]]:
    """`{phrase: [drawing]}` as written by hand; raises ValueError for an unknown drawing."""
    out: dict[str, list[str]] = {}
    for name, phrases in lines_of(language):
        if name == NEVER:
            continue
        if name not in names:
            raise ValueError(f"words/{language}.txt: no drawing is called {name!r}")
        for phrase in phrases:
            if phrase:
                out.setdefault(phrase, []).append(name)
    return out


def excluded(language: str) -> set[str]:
    """Words that are never a drawing by label or tag: the lines `never: ...`."""
    return {phrase for name, phrases in lines_of(language) if name == NEVER for phrase in phrases}


def has_word(label: str, phrase: str, language: str) -> bool:
    """Is the phrase a word of the label, or a part of it where words are written together?"""
    if language in NO_SPACES or (language in COMPOUNDS and len(phrase) > 2 - (language == "ko")):
        return phrase in label
    return f" {phrase} " in f" {label} "


def lexicon(
    data: bytes, *, language: str, drawn: Mapping[str, str], names: set[str]
) -> dict[str, list[tuple[str, float]]]:
    """Phrase -> drawings with rank, best first."""
    found = list(rows(data, drawn))
    stop, plain = excluded(language), language in NO_TAGS
    entries: dict[str, dict[str, tuple[float, float, int]]] = {}

    def enter(phrase: str, name: str, key: tuple[float, float, int]) -> None:
        place = entries.setdefault(phrase, {})
        place[name] = min(key, place.get(name, key))

    own = [(name.replace("-", " "), name) for name in sorted(names)] if language == "en" else []
    labels = [*own, *((label, row.name) for row in found for label in row.labels)]
    by_hand = hand_written(language, names)
    known = {phrase for phrase, _ in labels}
    for place, (phrase, name) in enumerate(labels):
        if phrase and phrase not in stop and phrase not in by_hand:
            enter(phrase, name, (LABEL, 0, place))
    for phrase, drawings in by_hand.items():
        for place, name in enumerate(drawings):
            enter(phrase, name, (LABEL if phrase in known else HAND_WRITTEN, 0, place))
    for phrase, sharers in tagged(found).items():
        if phrase in stop or phrase in entries or too_short(phrase, language) or plain:
            continue
        named = [r for r in sharers if any(has_word(x, phrase, language) for x in r.labels)]
        concrete = [row for row in sharers if row.group < CONCRETE]
        if not named and not 0 < len(concrete) <= SHARED:
            continue
        for row in named or concrete:
            # the shorter the label around it, the more the phrase is the thing itself
            length = min(len(label) for label in row.labels) if named else 0
            enter(phrase, row.name, (TAG, row.group * 10 + length, row.order))
    heads = {word for label in known for word in label.split()}
    inflected(entries, language=language, stop=stop, known=heads)
    out = {}
    for phrase, drawings in entries.items():
        best = sorted((key, name) for name, key in drawings.items())[:MOST]
        out[phrase] = [(name, key[0]) for key, name in best]
    return out


def inflected(
    entries: dict[str, dict[str, tuple[float, float, int]]],
    *,
    language: str,
    stop: set[str],
    known: set[str],
) -> None:
    """Add the forms of every label, hand-written word and word of a label, where they are free."""
    made: dict[str, dict[str, tuple[float, float, int]]] = {}
    sure = ((p, d) for p, d in entries.items() if p in known or min(d.values())[0] < TAG)
    for phrase, drawings in sorted(sure, key=lambda item: min(item[1].values())):
        rank = min(drawings.values())[0]
        for place, form in enumerate(forms(phrase, language)):
            taken = form in entries and min(entries[form].values())[0] < TAG
            if taken or form in stop or form in made or (form in entries and rank >= TAG):
                continue
            made[form] = {n: (k[0] + FORM, k[1] + place, k[2]) for n, k in drawings.items()}
    entries |= made


def too_short(phrase: str, language: str) -> bool:
    """One sign in Chinese or Japanese, two letters elsewhere, match far too much as tags."""
    return len(phrase) < (2 if language in (*NO_SPACES, "ko") else 3)


def tagged(found: list[Row]) -> dict[str, list[Row]]:
    """The drawings by tag."""
    out: dict[str, list[Row]] = {}
    for row in found:
        for tag in row.tags:
            out.setdefault(tag, []).append(row)
    return out


def pack(fetch: Callable[[str], dict[str, bytes]]) -> dict[str, bytes]:
    """One deflated table per language: `phrase TAB drawing:rank drawing:rank`, sorted."""
    files, icons = fetch(EMOJI), fetch(ICONS)
    chars = json.loads(icons["chars.json"])
    there = library(json.loads(icons["icons.json"]))
    names = {name for name in there if not split_tone(name, there)[1]}
    names |= {*OWN, *(renamed(name, there) for name in names)}
    # a label means our whole figure where there is one, only the emoji itself means the head
    drawn = {plain_code(code): name for code, name in chars.items() if name in names}
    out = {}
    for path in sorted(files):
        language, _, rest = path.partition("/")
        if rest != "data.json" or language in LEFT_OUT:
            continue
        table = lexicon(files[path], language=language, drawn=drawn, names=names)
        lines = (
            phrase + "\t" + " ".join(f"{name}:{rank:g}" for name, rank in found)
            for phrase, found in sorted(table.items())
        )
        out[f"words/{language}.tsv.z"] = zlib.compress(("\n".join(lines) + "\n").encode(), 9)
    return out
