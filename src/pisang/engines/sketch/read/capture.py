"""Finds words to be drawn, and the rows of charts and lists, where no quotation marks tell.

"saying HAPPY NEW YEAR in gold", "Title: Summer Sale", "three steps: plan, build, ship": what
follows the cue is words of the picture, not descriptions. Such a stretch of tokens becomes one
quote mention, or the items of a block; the mentions inside it are dropped.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.tokens import Kind, Token

_SMALL = frozenset(
    [
        "of",
        "the",
        "and",
        "to",
        "for",
        "a",
        "an",
        "in",
        "at",
        "on",
        "&",
        "from",
        "by",
        "vs",
        "de",
        "la",
        "le",
        "du",
        "und",
        "y",
        "e",
        "il",
        "der",
    ]
)
_WEAK = frozenset(
    (
        "reading", "reads", "written", "say", "says", "spells", "spelling", "inscribed", "bearing",
        "called", "named", "print", "printed with", "captioned", "that read",
    )
)  # fmt: skip
_ROLES_TITLED = ("title", "subtitle", "label", "button", "body", "price", "speech", "sign")
_LETTER_WORDS = frozenset(
    ("font", "fonts", "typeface", "letters", "lettering", "letter", "typography", "type", "texts")
)
_CUES = ("text", "says", "ground", "colour", "style", "with", "face", "slot", "block")
_SIGNS = frozenset(("letter", "number", "digit", "numeral", "word", "initial", "initials"))
_STOPPERS = frozenset(("with", "link", "on", "slot", "but", "not", "draw", "verb", "bond"))
_LONGEST_TEXT = 60  # tokens
_LONGEST_LIST = 120
_LONGEST_CRY = 10
_VALUE = re.compile(
    r"^(?P<label>.*?)[\s:=–-]*(?P<number>[$€£¥₹]?\s?\d[\d.,]*)\s?(?P<unit>%|[kKmM])?$"
)
_LEADING = re.compile(r"^(?P<number>[$€£]?\d[\d.,]*)\s?(?P<unit>%)?\s+(?P<label>.+)$")
_YEARS = re.compile(r"^(1[0-9]|20)\d\d$")


@dataclass(slots=True)
class Captured:
    """Mentions with the captured stretches put in; `said` are all quotes, `items` the rows of the
    block mention that starts at a token."""

    mentions: list[Mention]
    said: list[str]
    items: dict[int, tuple[tuple[str, ...], tuple[float, ...]]] = field(default_factory=dict)


def capture(
    mentions: Sequence[Mention], tokens: Sequence[Token], *, text: str, said: Sequence[str]
) -> Captured:
    """Finds unquoted words and lists. `text` is the lifted prompt that `tokens` were cut from."""
    hunt = _Hunt(mentions, tokens, text=text, said=list(said))
    at = 0
    while at < len(mentions):
        at = hunt.look(at)
    return Captured(hunt.result, hunt.said, hunt.items)


class _Hunt:
    """One pass over the mentions; `result` grows, captured stretches are skipped."""

    def __init__(
        self, mentions: Sequence[Mention], tokens: Sequence[Token], *, text: str, said: list[str]
    ) -> None:
        self.mentions, self.tokens, self.text, self.said = mentions, tokens, text, said
        self.result: list[Mention] = []
        self.items: dict[int, tuple[tuple[str, ...], tuple[float, ...]]] = {}
        self.shouting = not any(char.islower() for char in text)
        self.kinds = {mention.start: mention for mention in mentions}
        self.starts = [mention.start for mention in mentions]
        self.charted = any(
            entry.value in ("infographic", "interface")
            for mention in mentions
            for entry in mention.entries
            if entry.kind == "genre"
        )
        self.titled = any(mention.has("genre") for mention in mentions)

    def look(self, at: int) -> int:
        """Takes the mention at `at`, and what it announces; returns the next one to look at."""
        mention = self.mentions[at]
        self.result.append(mention)
        stretch: tuple[int, int] | None = None
        if mention.has("says"):
            stretch = self._after_says(mention)
        if stretch is None and mention.has("text"):
            stretch = self._after_text_noun(mention)
        if stretch is None and mention.kind == "quote":
            stretch = self._author(mention)
        if stretch is None and mention.has("genre"):
            stretch = self._exclaimed(mention)
        if stretch is not None:
            self._add_quote(*stretch)
            return self._next(stretch[1])
        if mention.has("block") and (self.charted or not mention.has("genre") or mention.plural):
            end = self._after_block(mention)
            if end:
                return self._next(end)
        return at + 1

    def _next(self, token: int) -> int:
        return bisect_left(self.starts, token)

    def _add_quote(self, start: int, end: int) -> None:
        words = self._words(start, end)
        self.result.append(Mention("quote", str(len(self.said)), words, start, end))
        self.said.append(words)

    def _words(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end].strip()

    def _token(self, at: int) -> Token | None:
        return self.tokens[at] if at < len(self.tokens) else None

    # --- texts ---------------------------------------------------------------------------------

    def _after_says(self, mention: Mention) -> tuple[int, int] | None:
        start = mention.end
        token = self._token(start)
        if token and token.text in ":：":
            start += 1
            token = self._token(start)
        if token is None or token.kind not in (Kind.WORD, Kind.NUMBER, Kind.PRICE):
            return None
        phrase = mention.text.lower()
        if phrase in ("called", "named") and not self.titled:
            return None
        if token.text[0].isupper() and not self.shouting:
            return self._capitals(start)
        following = self.kinds.get(start)
        weak = phrase in _WEAK or (following is not None and following.has("det"))
        if weak or (following is not None and following.kind in _STOPPERS):
            return self._amount(start) if token.kind is not Kind.WORD and not weak else None
        return self._clause(start)

    def _amount(self, start: int) -> tuple[int, int] | None:
        return (start, start + 1)

    def _after_text_noun(self, mention: Mention) -> tuple[int, int] | None:
        """ "Title: Summer Sale", or "headline Grow Faster"."""
        word = mention.text.lower().split(" ")[-1]
        token = self._token(mention.end)
        if token is None:
            return None
        if word in _SIGNS and (token.kind is Kind.NUMBER or len(token.text) == 1 or word == "word"):
            letter = len(token.text) == 1 and token.text.isupper()
            plain = letter or not self._is_structure(mention.end)
            sign = token.kind in (Kind.NUMBER, Kind.WORD) and plain
            return (mention.end, mention.end + 1) if sign else None
        if word in _LETTER_WORDS:
            return None
        if token.text in ":：":
            start = mention.end + 1
            end = self._line_end(start)
            if end > start and not self._describes(start, end):
                return start, end
            return None
        behind = self._token(mention.end + 1)
        if token.norm in ("to", "into") and behind is not None and behind.text[0].isupper():
            return None if self.shouting else self._capitals(mention.end + 1)
        titled = mention.value_as("text") in _ROLES_TITLED and not self.shouting
        capital = token.kind is Kind.WORD and token.text[0].isupper() and token.end > token.start
        if titled and capital and not mention.text[0].isupper():
            return self._capitals(mention.end)
        return None

    def _is_structure(self, at: int) -> bool:
        following = self.kinds.get(at)
        return following is not None and any(
            following.has(kind) for kind in ("with", "link", "slot", "det", "on")
        )

    def _describes(self, start: int, end: int) -> bool:
        """Are these words only descriptions ("text: white, bold") or a quote's frame?"""
        first, last = bisect_left(self.starts, start), bisect_left(self.starts, end)
        inside = self.mentions[first:last]
        if any(one.kind == "quote" for one in inside):
            return True
        known = ("colour", "face", "weight", "size", "slot", "pause", "tone", "skip", "link", "and",
                 "det", "style", "text", "code")  # fmt: skip
        return all(any(one.kind == kind or one.has(kind) for kind in known) for one in inside)

    def _line_end(self, start: int) -> int:
        """The end of the line or sentence, or of the comma part that the next cue ends."""
        at = start
        while at < len(self.tokens) and at - start < _LONGEST_TEXT:
            token = self.tokens[at]
            if token.kind is Kind.LINE:
                break
            if token.kind is Kind.END and token.text not in "!?！？":
                break
            if token.kind is Kind.PAUSE and token.text in ",，、;" and self._cue_at(at + 1):
                break
            following = self.kinds.get(at)
            if at > start and following is not None and following.has("with"):
                break
            at += 1
        return at

    def _cue_at(self, start: int) -> bool:
        """Does another announced text or a description begin here?"""
        mention = self._mention_from(start)
        return mention is not None and any(
            mention.kind == kind or mention.has(kind) for kind in _CUES
        )

    def _mention_from(self, token: int) -> Mention | None:
        """The first mention that starts at a token or behind it."""
        at = bisect_left(self.starts, token)
        return self.mentions[at] if at < len(self.mentions) else None

    def _capitals(self, start: int) -> tuple[int, int]:
        """A run of capitalised words, with small words between them and a mark behind."""
        at = end = start
        while at < len(self.tokens) and at - start < _LONGEST_TEXT:
            token = self.tokens[at]
            if token.kind is Kind.END and token.text in "!?！？":
                end = at + 1
                if not self._capital(at + 1):
                    break
            elif token.kind in (Kind.WORD, Kind.NUMBER, Kind.PRICE) or token.text == "&":
                if self._capital(at) or (token.norm == "'s" and end == at):
                    end = at + 1
                elif not (token.norm in _SMALL and self._capital(at + 1)):
                    break
            else:
                break
            at += 1
        return start, max(end, start + 1)

    def _capital(self, at: int) -> bool:
        token = self._token(at)
        if token is None or not token.text:
            return False
        if token.kind in (Kind.NUMBER, Kind.PRICE):
            return True
        return token.kind is Kind.WORD and token.text[0].isupper()

    def _clause(self, start: int) -> tuple[int, int] | None:
        """Words up to the next comma, stop or structure word."""
        at = start
        while at < len(self.tokens) and at - start < _LONGEST_TEXT:
            token = self.tokens[at]
            if token.kind in (Kind.PAUSE, Kind.LINE, Kind.QUOTE):
                break
            if token.kind is Kind.END:
                at += token.text in "!?！？"
                break
            mention = self.kinds.get(at)
            if at > start and mention is not None and _ends_words(mention):
                break
            at += 1
        return (start, at) if at > start else None

    def _author(self, mention: Mention) -> tuple[int, int] | None:
        """ "'Be yourself' — Oscar Wilde": who said it is written below."""
        dash = self._token(mention.end)
        if dash is None or dash.text not in "—–-" or not self._capital(mention.end + 1):
            return None
        start, end = self._capitals(mention.end + 1)
        rest = self._token(end)
        ends = rest is None or rest.kind in (Kind.END, Kind.LINE, Kind.PAUSE)
        return (start, end) if ends else None

    def _exclaimed(self, mention: Mention) -> tuple[int, int] | None:
        """ "Instagram story: New collection out now!": a capital and an exclamation mark."""
        colon = self._token(mention.end)
        if colon is None or colon.text not in ":：" or not self._capital(mention.end + 1):
            return None
        start = end = mention.end + 1
        while end < len(self.tokens) and end - start < _LONGEST_CRY:
            token = self.tokens[end]
            if token.text in "!！":
                return None if self.shouting else (start, end + 1)
            if token.kind not in (Kind.WORD, Kind.NUMBER):
                return None
            end += 1
        return None

    # --- lists ---------------------------------------------------------------------------------

    def _after_block(self, mention: Mention) -> int:
        start = self._list_start(mention)
        if start is None:
            return 0
        rows, end = self._rows(start)
        if not rows or (len(rows) == 1 and not mention.has("block")):
            return 0
        self.items[mention.start] = _valued(rows, keep=mention.value_as("block") in _KEPT)
        return end

    def _list_start(self, mention: Mention) -> int | None:
        """Where the rows begin: after a colon near by, or at a capital or number right behind."""
        at = mention.end
        for step in range(9):
            token = self._token(at + step)
            if token is None or token.kind is Kind.END or token.kind is Kind.QUOTE:
                break
            if token.text in ":：":
                return at + step + 1
            if token.kind is Kind.PAUSE or (token.kind is Kind.LINE and step):
                break
        token = self._token(at)
        while token and token.norm in ("with", "of", "showing", "for", "named", "called", "like"):
            at += 1
            token = self._token(at)
        if token is None or self.shouting:
            return None
        number = token.kind is Kind.NUMBER and (
            token.norm.endswith("%") or _YEARS.match(token.norm)
        )
        capital = token.kind is Kind.WORD and token.text[0].isupper()
        return at if number or (capital and at > mention.start) else None

    def _rows(self, start: int) -> tuple[list[str], int]:
        """The parts of a list, split at commas, "and", slashes and lines; and where it ends."""
        rows: list[str] = []
        first, at = start, start
        while at < len(self.tokens) and at - start < _LONGEST_LIST:
            token = self.tokens[at]
            stops = (token.kind is Kind.END and token.text in ".;。") or token.kind is Kind.QUOTE
            cue = self.kinds.get(at)
            new_cue = (
                cue is not None
                and at > first
                and (cue.has("text") or cue.has("with") or cue.has("ground"))
            )
            if stops or (new_cue and not self._inside_row(first, at)):
                break
            parts = token.kind in (Kind.PAUSE, Kind.LINE) or token.norm in ("and", "&")
            if parts:
                if token.kind is Kind.PAUSE and self._starts_cue(at + 1):
                    break
                self._row(rows, first, at)
                first = at + 1
            at += 1
        self._row(rows, first, at)
        return [row for row in rows if row], at

    def _inside_row(self, first: int, at: int) -> bool:
        return at == first

    def _starts_cue(self, at: int) -> bool:
        """After this comma another instruction begins: "title ...", "blue background"."""
        mention = self._mention_from(at)
        if mention is None:
            return False
        follower = self.kinds.get(mention.end)
        quoted = follower is not None and follower.kind == "quote"
        return (mention.has("text") and quoted) or mention.has("ground") or mention.has("says")

    def _row(self, rows: list[str], first: int, at: int) -> None:
        if at > first:
            row = self._words(first, at).strip(" -–•*.")
            rows.append(re.sub(r"^\d+[.)]\s+", "", row))


_KEPT = (
    "table",
    "timeline",
    "step",
    "list",
    "nav",
    "tabs",
    "button",
    "field",
    "comparison",
    "card",
)


def _ends_words(mention: Mention) -> bool:
    if mention.has("skip"):
        return False
    return any(mention.kind == kind or mention.has(kind) for kind in ("with", "link", "slot", "on"))


def _valued(rows: list[str], *, keep: bool) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Rows as labels and numbers, where every row has a number and the block wants them apart."""
    if keep:
        return tuple(rows), ()
    labels: list[str] = []
    values: list[float] = []
    for row in rows:
        found = _LEADING.match(row) or _VALUE.match(row)
        if not found:
            return tuple(rows), ()
        digits = found["number"].strip("$€£¥₹ ").replace(",", "").rstrip(".")
        try:
            value = float(digits)
        except ValueError:
            return tuple(rows), ()
        factor = {"k": 1e3, "m": 1e6}.get((found["unit"] or "").lower(), 1.0)
        labels.append(found["label"].strip(" :=–-") or row)
        values.append(value * factor)
    return tuple(labels), tuple(values)
