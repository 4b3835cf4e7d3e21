"""Finds every phrase of the lexicon in a prompt, longest first: tokens to typed mentions.

A mention keeps all meanings of its phrase; `ambiguity.py` chooses one by what stands around it.
Words that no table knows become mentions too, of kind `unknown`, so that nothing is lost and the
answer can say what was not understood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pisang.engines.sketch import drawings
from pisang.engines.sketch.read.lexicon import Entry, Lexicon
from pisang.engines.sketch.read.spelling import mended
from pisang.engines.sketch.read.tokens import Kind, Token

_PLAIN = {
    Kind.QUOTE: "quote",
    Kind.COLOUR: "code",
    Kind.PRICE: "amount",
    Kind.MEASURE: "fluff",
    Kind.END: "end",
    Kind.PAUSE: "pause",
    Kind.LINE: "line",
}
_TRIED_FOR_TYPOS = 40  # unknown words per prompt that are looked at; a long text has many names


@dataclass(frozen=True, slots=True)
class Mention:
    """`entries` are the meanings, `kind` and `value` the chosen one; `start`, `end` count tokens.

    `text` is what the prompt says. `typo` is the word as typed where a spelling was mended.
    """

    kind: str
    value: str
    text: str
    start: int
    end: int
    entries: tuple[Entry, ...] = ()
    plural: bool = False
    typo: str = ""

    def has(self, kind: str) -> bool:
        return any(entry.kind == kind for entry in self.entries)

    def value_as(self, kind: str) -> str | None:
        """The value it has under a kind, or None."""
        return next((entry.value for entry in self.entries if entry.kind == kind), None)

    def taken_as(self, kind: str) -> Mention:
        """The same mention with the meaning of that kind chosen."""
        value = self.value_as(kind)
        return replace(self, kind=kind, value=value) if value is not None else self


def scan(tokens: list[Token], *, lexicon: Lexicon, fallback: Lexicon | None) -> list[Mention]:
    """All mentions of `tokens` in order; `fallback` is asked for words the lexicon lacks."""
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        mention = _mention_at(tokens, at, lexicon=lexicon, fallback=fallback)
        found.append(mention)
        at = mention.end
    if lexicon.language == "en":
        found = _named(_join_hyphened(found, tokens), tokens)
    return _mend(_join_unknown(found, tokens), lexicon)


def _mention_at(
    tokens: list[Token], at: int, *, lexicon: Lexicon, fallback: Lexicon | None
) -> Mention:
    token = tokens[at]
    if token.kind in _PLAIN:
        return Mention(_PLAIN[token.kind], token.text, token.text, at, at + 1)
    longest = _longest(tokens, at, lexicon)
    if fallback is not None and _latin(token.norm):
        other = _longest(tokens, at, fallback)
        # A loan word counts only as a noun or description: "in", "an" mean other things elsewhere.
        if other and (longest is None or other.end > longest.end) and _is_content(other):
            longest = other
    if longest:
        return longest
    if token.kind is Kind.NUMBER:
        return _number(token, at)
    emoji = _emoji(token.text)
    if emoji:
        return Mention("thing", emoji, token.text, at, at + 1, (Entry("thing", emoji),))
    kind = "unknown" if token.kind is Kind.WORD else "mark"
    return Mention(kind, token.norm, token.text, at, at + 1)


def _longest(tokens: list[Token], at: int, lexicon: Lexicon) -> Mention | None:
    first = tokens[at].norm
    reach = max(lexicon.reach.get(first, 1), 3 if lexicon.stemmed else 1)
    if lexicon.language == "en":
        reach = max(reach, 2)
    end = at
    while end < len(tokens) and end - at < reach and tokens[end].norm:
        end += 1
    for stop in range(end, at, -1):
        words = tuple(token.norm for token in tokens[at:stop])
        hit = lexicon.find(words)
        if hit:
            chosen = hit.entries[0]
            text = _said(tokens[at:stop])
            return Mention(chosen.kind, chosen.value, text, at, stop, hit.entries, hit.plural)
    return None


def _said(tokens: list[Token]) -> str:
    pieces: list[str] = []
    for index, token in enumerate(tokens):
        if index and token.start > tokens[index - 1].end:
            pieces.append(" ")
        pieces.append(token.text)
    return "".join(pieces)


def _number(token: Token, at: int) -> Mention:
    digits = token.norm.rstrip("abcdefghijklmnopqrstuvwxyz%°").replace(",", "")
    unit = token.norm[len(token.norm.rstrip("abcdefghijklmnopqrstuvwxyz%°")) :]
    if unit in ("mm", "k", "px", "mp", "d", "dpi", "fps", "p", "iso", "bit", "cm", "megapixel"):
        return Mention("fluff", "-", token.text, at, at + 1)
    if unit or not digits.isdigit():
        return Mention("figure", token.norm, token.text, at, at + 1)
    return Mention("number", str(int(digits[:6])), token.text, at, at + 1)


def _emoji(char: str) -> str | None:
    return drawings.by_emoji(char) if ord(char[0]) > 0x2000 else None


def _latin(word: str) -> bool:
    return word[:1].isascii() and word[:1].isalpha()


_BEFORE_NAMES = frozenset(("for", "by", "to", "from", "named", "called", "dear"))
_CONTENT = frozenset(
    ("thing", "colour", "style", "genre", "theme", "texture", "effect", "face", "photo", "fluff")
)


def _is_content(mention: Mention) -> bool:
    if mention.end - mention.start == 1 and len(mention.text) < 4:
        return False
    return any(entry.kind in _CONTENT for entry in mention.entries)


def _named(mentions: list[Mention], tokens: list[Token]) -> list[Mention]:
    """ "For John Doe" shows no deer: a capital behind a capital name is part of the name."""
    result: list[Mention] = []
    for index, mention in enumerate(mentions):
        name = (
            index > 1
            and mention.kind == "thing"
            and mention.text[:1].isupper()
            and mentions[index - 1].kind == "unknown"
            and mentions[index - 1].text[:1].isupper()
            and tokens[mentions[index - 2].start].norm in _BEFORE_NAMES
        )
        result.append(replace(mention, kind="unknown", entries=()) if name else mention)
    return result


def _join_hyphened(mentions: list[Mention], tokens: list[Token]) -> list[Mention]:
    """ "Sun-etched wrinkles" shows no sun: a noun with an unknown word behind its hyphen
    describes."""
    joined: list[Mention] = []
    for mention in mentions:
        before = joined[-1] if joined else None
        tied = tokens[mention.start].hyphened and mention.kind == "unknown"
        if tied and before is not None and before.kind in ("thing", "effect", "place"):
            text = f"{before.text}-{mention.text}"
            joined[-1] = Mention("unknown", text.lower(), text, before.start, mention.end)
        else:
            joined.append(mention)
    return joined


def _join_unknown(mentions: list[Mention], tokens: list[Token]) -> list[Mention]:
    """Unknown characters of a script without spaces belong to one unknown word."""
    joined: list[Mention] = []
    run: list[Mention] = []
    for mention in mentions:
        if run and not (_solid(mention, tokens) and _touch(run[-1], mention, tokens)):
            joined.append(_joined(run))
            run = []
        if _solid(mention, tokens):
            run.append(mention)
        else:
            joined.append(mention)
    return [*joined, _joined(run)] if run else joined


def _solid(mention: Mention, tokens: list[Token]) -> bool:
    return mention.kind == "unknown" and "\u3040" <= tokens[mention.start].text < "\uac00"


def _touch(first: Mention, second: Mention, tokens: list[Token]) -> bool:
    return tokens[second.start].start == tokens[first.end - 1].end


def _joined(run: list[Mention]) -> Mention:
    text = "".join(mention.text for mention in run)
    return replace(run[0], text=text, value=text, end=run[-1].end)


def _mend(mentions: list[Mention], lexicon: Lexicon) -> list[Mention]:
    """Takes an unknown word for the noun that is one slip of the hand away.

    Only where the fact `slips` says so: among many cases and genders a slip is too often a word.
    """
    if lexicon.fact("slips") != "mended":
        return mentions
    result: list[Mention] = []
    tried = 0
    for mention in mentions:
        if mention.kind == "unknown" and tried < _TRIED_FOR_TYPOS and mention.text.isascii():
            tried += 1
            right = mended(mention.text, lexicon)
            hit = lexicon.find((right,)) if right else None
            if hit:
                chosen = hit.entries[0]
                mention = replace(
                    mention,
                    kind=chosen.kind,
                    value=chosen.value,
                    text=right,
                    entries=hit.entries,
                    plural=hit.plural,
                    typo=mention.text,
                )
        result.append(mention)
    return result
