"""Makes the blocks of infographics and interfaces from their nouns: labels, rows and values."""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun, Parse
from pisang.engines.sketch.scene import Block
from pisang.engines.sketch.vocabulary import BlockKind, Genre, Slot

_MOST_BLOCKS = 40
_MANY = {"field": 2, "button": 2, "card": 3, "stat": 3, "toggle": 3, "avatar": 3}
_LABELLED = frozenset(
    ("list", "button", "field", "toggle", "card", "stat", "line-chart", "bar-chart")
)
_TOLD_ONCE = frozenset(("comparison", "table", "list", "step"))
"""Named again without rows ("a list infographic: ...") they are the same one."""
_SINGLE = frozenset(
    (
        "list", "nav", "tabs", "timeline", "table", "comparison", "bar-chart", "pie-chart",
        "line-chart", "phone", "browser", "step",
    )
)  # fmt: skip


def blocks_of(
    parse: Parse, *, genre: Genre, mentions: Sequence[Mention], ids: dict[int, str]
) -> list[Block]:
    """The blocks `b1` ... in the order of the prompt; none where the picture is neither."""
    nouns = [noun for noun in parse.of("block") if not _is_stray(noun, genre)]
    filled = {noun.value for noun in nouns if noun.items}
    nouns = [noun for noun in nouns if noun.items or noun.value not in filled & _TOLD_ONCE]
    blocks: list[Block] = []
    for noun in nouns:
        for copy in range(_copies(noun)):
            if len(blocks) == _MOST_BLOCKS:
                return blocks
            key = f"b{len(blocks) + 1}"
            ids.setdefault(id(noun), key)
            blocks.append(_block(noun, key, label=_label(noun, mentions), copy=copy))
    return blocks


def _is_stray(noun: Noun, genre: Genre) -> bool:
    """A "list" or "step" in a landscape is a word, not a block, unless it has rows."""
    return genre not in (Genre.INFOGRAPHIC, Genre.INTERFACE) and not noun.items


def _copies(noun: Noun) -> int:
    if noun.items and noun.value in ("button", "field", "card", "toggle", "stat"):
        return len(noun.items)
    if noun.value in _SINGLE or noun.items:
        return 1
    return min(noun.traits.count or (_MANY.get(noun.value, 1) if noun.plural else 1), 12)


def _block(noun: Noun, key: str, *, label: str, copy: int) -> Block:
    items, values = noun.items, noun.values
    if noun.value in ("button", "field", "card", "toggle", "stat") and items:
        label, _, value = items[copy].partition("\n")
        items = (value,) if value else ()
        values = values[copy : copy + 1]
    if noun.value == "step" and not items and noun.traits.count > 1:
        items = tuple(f"Step {number + 1}" for number in range(min(noun.traits.count, 12)))
    return Block(
        id=key,
        kind=BlockKind(noun.value),
        label=noun.words or label,
        items=items,
        values=values,
        ink=colours.joined(noun.traits.inks),
        slot=Slot(noun.traits.slot) if noun.traits.slot else None,
    )


def _label(noun: Noun, mentions: Sequence[Mention]) -> str:
    """ "a sign in button" is labelled "Sign in", "bar chart of sales" "Sales"."""
    if noun.value not in _LABELLED or noun.mention < 0:
        return ""
    words = noun.said.split(" ")
    if noun.value == "list" and words[-1].lower() not in ("list", "of"):
        return ""
    before = words[:-1] if noun.value in ("button", "field", "toggle") else []
    at = noun.mention - 1
    while at >= 0 and len(before) < 4:
        mention = mentions[at]
        if mention.kind in ("det", "and", "with", "pause", "number", "end", "line", "quote", "of"):
            break
        if mention.kind not in ("colour", "size", "tone", "weight", "face", "style", "texture"):
            before.insert(0, mention.text)
        at -= 1
    if noun.value == "list" and words[-1].lower() == "of":
        before = _words_after(mentions[noun.mention + 1 : noun.mention + 5])
        return " ".join(before).capitalize()
    if noun.value == "list" and before:
        before.append("list")
    if not before and noun.value.endswith("chart"):
        before = _after_of(noun, mentions)
    text = " ".join(word for word in before if word.lower() not in ("input", "text", "form", "cta"))
    return text[:1].upper() + text[1:]


def _after_of(noun: Noun, mentions: Sequence[Mention]) -> list[str]:
    after = mentions[noun.mention + 1 : noun.mention + 5]
    if not after or after[0].kind not in ("of", "with"):
        return []
    return _words_after(after[1:])


def _words_after(after: Sequence[Mention]) -> list[str]:
    words = []
    for mention in after:
        if mention.kind in ("pause", "end", "line", "with", "and", "quote"):
            break
        words.append(mention.text)
    return words
