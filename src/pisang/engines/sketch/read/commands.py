"""Cuts a turn into commands: "make the duck smaller and move it to the left" is two.

A command begins at a verb of change that stands at the start of a clause. What comes before the
first verb ("in the picture, ...") or has no verb at all ("now blue", "and bigger") is a command
too, with the verb `make`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pisang.engines.sketch.read.ambiguity import choose
from pisang.engines.sketch.read.attach import attach
from pisang.engines.sketch.read.lexicon import Lexicon
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Parse

_BOUNDARIES = frozenset(("end", "line", "pause", "and", "edge"))
_FILLERS = frozenset(("skip", "lead", "draw", "link", "medium", "det", "ask"))
_TURNED = re.compile(r"\d\s*(?:°|deg)|upside down|clockwise")


@dataclass(slots=True)
class Command:
    """`verb` is a value of the tables, `pixels` are `Change amount` values that it may mean,
    `parse` what it is about, `mentions` its words without the verb."""

    verb: str
    mentions: list[Mention]
    parse: Parse
    said: str = ""
    pixels: list[str] = field(default_factory=list)
    pronoun: str = ""
    ordinals: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    whole: bool = False  # it speaks of the picture: "mirror the image"
    led: bool = False  # it has a verb of change, if only "make"
    factor: float = 1.0  # "a little" 0.5, "a lot" 1.6


def commands_of(
    mentions: Sequence[Mention], *, lexicon: Lexicon, quotes: Sequence[str]
) -> list[Command]:
    """The commands of a turn in order."""
    return [
        _command(stretch, lexicon=lexicon, quotes=quotes)
        for stretch in _stretches(mentions, anywhere=lexicon.fact("verbs") == "anywhere")
        if any(mention.kind not in _BOUNDARIES for mention in stretch)
    ]


def starts_verb(mentions: Sequence[Mention], index: int) -> bool:
    """Is the mention a verb of change at the start of a clause?"""
    mention = mentions[index]
    if not (mention.has("verb") or (mention.has("pixel") and not mention.has("thing"))):
        return False
    back = index - 1
    while back >= 0 and _is_filler(mentions[back]):
        back -= 1
    return back < 0 or mentions[back].kind in _BOUNDARIES or mentions[back].has("and")


def _is_filler(mention: Mention) -> bool:
    if mention.has("verb") or mention.has("pixel") or mention.kind in _BOUNDARIES:
        return False
    return mention.kind in _FILLERS or mention.has("skip") or mention.has("lead")


def _stretches(mentions: Sequence[Mention], *, anywhere: bool) -> list[list[Mention]]:
    """`anywhere`: in this language the verb may end its clause, and a comma ends a command."""
    stretches: list[list[Mention]] = [[]]
    for index, mention in enumerate(mentions):
        begins = not anywhere and starts_verb(mentions, index) and _says_something(stretches[-1])
        if anywhere and mention.kind == "pause" and any(one.has("verb") for one in stretches[-1]):
            begins = True
        if mention.kind in ("end", "line") or begins:
            stretches.append([])
        if mention.kind not in ("end", "line"):
            stretches[-1].append(mention)
    return stretches


def _says_something(stretch: Sequence[Mention]) -> bool:
    return any(mention.kind not in _BOUNDARIES and not _is_filler(mention) for mention in stretch)


def _command(stretch: list[Mention], *, lexicon: Lexicon, quotes: Sequence[str]) -> Command:
    at = next((i for i in range(len(stretch)) if starts_verb(stretch, i)), None)
    if lexicon.fact("verbs") == "anywhere":
        verbs = [i for i in range(len(stretch)) if stretch[i].has("verb")]
        # "Make it big": of two verbs in one clause the plain "make" says less.
        verbs.sort(key=lambda i: stretch[i].value_as("verb") == "make")
        at = verbs[0] if verbs else at
    verb, pixels, rest = "make", [], list(stretch)
    if at is not None:
        head = stretch[at]
        verb = head.value_as("verb") or "pixel"
        pixels = [entry.value for entry in head.entries if entry.kind == "pixel"]
        rest = stretch[:at] + stretch[at + 1 :]
        if not head.has("verb"):
            rest = list(stretch)  # "at sunset": the words describe, too
    for mention in rest:
        pixels += [entry.value for entry in mention.entries if entry.kind == "pixel"]
    chosen = choose(rest, adjectives_after=lexicon.fact("adjectives") == "after")
    parse = attach(_without_last_and(chosen), lexicon=lexicon, quotes=quotes)
    said = " ".join(mention.text.lower() for mention in stretch)
    if verb in ("change", "make") and _TURNED.search(said):
        verb = "rotate"
    return Command(
        verb=verb,
        mentions=rest,
        parse=parse,
        said=said,
        pixels=list(dict.fromkeys(pixels)),
        pronoun=next((one.value_as("pronoun") or "" for one in rest if one.has("pronoun")), ""),
        ordinals=[int(one.value_as("ordinal") or 0) for one in rest if one.has("ordinal")],
        numbers=[int(one.value) for one in rest if one.kind == "number" and one.value.isdigit()],
        whole=any(one.has("medium") or one.text.lower() == "everything" for one in rest),
        led=at is not None,
        factor=_factor(said),
    )


def _without_last_and(mentions: Sequence[Mention]) -> list[Mention]:
    """The "and" or comma that led on to the next command is none of this one's business."""
    kept = list(mentions)
    while kept and kept[-1].kind in ("and", "pause"):
        kept.pop()
    return kept


def _factor(said: str) -> float:
    if any(
        word in said for word in ("a little", "slightly", "a bit", "a tad", "subtle", "somewhat")
    ):
        return 0.5
    if any(
        word in said for word in ("a lot", "much ", "very", "strongly", "way ", "far ", "super")
    ):
        return 1.6
    return 1.0
