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

from pisang.engines.sketch.read.cursor import LONGEST_TEXT
from pisang.engines.sketch.read.details import LABELS, detail_end
from pisang.engines.sketch.read.lexicon import Entry
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.rows import Rows
from pisang.engines.sketch.read.tokens import Kind, Token

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
_LONGEST_CRY = 10
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s+)?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})|(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?)"
    r"\b(?:,?\s+(?:19|20)\d\d\b)?(?:,?\s+(?:(?:at|from)\s+)?\d{1,2}(?::\d\d)?\s?[ap]m\b)?"
    r"(?:\s*(?:to|until|-|–)\s*\d{1,2}(?::\d\d)?\s?[ap]m\b)?"
)
_AFTER_DETAIL = frozenset(("and", "at", "with", "in", "on", "or", "to"))
_LONGEST_POST = 4
_MARKERS = frozenset(("と", "を", "को", "って"))
_MOST_LINES = 12
_FIELDS = {
    **dict.fromkeys(
        ("date", "dates", "time", "when", "where", "venue", "location", "details", "detail",
         "address", "website", "contact", "phone", "email", "hashtag", "hosted by", "speaker",
         "footer", "note", "signature", "signed", "author", "artist name", "name", "song", "artist",
         "message", "messages", "quote", "subject", "offer", "description", "ingredients list"),
        "body",
    ),
    **dict.fromkeys(("cta", "button", "call to action", "a button", "cta button"), "button"),
    **dict.fromkeys(("slogan", "motto", "strapline"), "subtitle"),
}  # fmt: skip
"""What stands before a colon or a quote and says what the words are for."""


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


class _Hunt(Rows):
    """One pass over the mentions; `result` grows, captured stretches are skipped."""

    def look(self, at: int) -> int:
        """Takes the mention at `at`, and what it announces; returns the next one to look at."""
        mention = self.mentions[at]
        taken = self.rows_at(mention) or self.fields_at(mention)
        if taken:
            return self.next_(taken)
        if mention.kind == "quote" and self.series and self.result[-1].kind in ("and", "pause"):
            self._role(self.series, mention.start, mention.start)
        elif mention.kind not in ("and", "pause", "quote"):
            self.series = ""
        self.result.append(mention)
        stretch: tuple[int, int] | None = None
        if mention.has("says") or mention.has("text"):
            lines = self._lines(mention)
            if lines:
                return self.next_(lines)
        if mention.has("write") and self._written_before(mention):
            return at + 1
        if mention.has("says") or mention.has("write"):
            stretch = self._after_says(mention)
        if stretch is None and mention.has("text"):
            stretch = self._after_text_noun(mention)
        if stretch is None and mention.kind == "quote":
            stretch = self._author(mention)
            if stretch and self.tokens[mention.end].norm == "by":
                self._role("body", mention.end, stretch[0])
        if stretch is None and mention.has("genre"):
            stretch = self._exclaimed(mention)
        if stretch is not None:
            self._add_quote(*stretch)
            return self.next_(stretch[1])
        if mention.has("block") and (self.charted or not mention.has("genre") or mention.plural):
            end = self._after_block(mention)
            if end:
                return self.next_(end)
        return at + 1

    def _add_quote(self, start: int, end: int) -> None:
        words = self.words(start, end)
        self.result.append(Mention("quote", str(len(self.said)), words, start, end))
        self.said.append(words)

    # --- texts ---------------------------------------------------------------------------------

    def fields_at(self, mention: Mention) -> int:
        """ "Date: May 5", "CTA 'Join us'", "#bigsale": words of the picture with their role."""
        start, token = mention.start, self.tokens[mention.start]
        if self.titled and not self.charted and (end := self._date_end(start)):
            if self.result and self.result[-1].has("on"):
                self.result.pop()
            self._role("body", start, start)
            self._add_quote(start, end)
            return end
        if self.titled and not self.charted and (end := self._detail(start) or self._post(start)):
            return end
        behind = self.token(mention.end)
        if token.text == "#" and behind is not None and behind.start == token.end:
            self._role("body", start, start)
            self._add_quote(start, start + 2)
            return start + 2
        role = _FIELDS.get(mention.text.lower())
        if role is None or behind is None:
            return 0
        if behind.kind is Kind.QUOTE and role == "button" and self._on_page(mention):
            said = self.said[int(behind.text.strip("\ue000\ue001"))]
            return self.block("button", start, mention.end + 1, [said])
        if behind.kind is Kind.QUOTE:
            self.series = role if token.norm.endswith("s") else ""
            self._role(role, start, mention.end)
            return mention.end
        end = self._line_end(mention.end + 1) if behind.text in ":：" else 0
        quoted = any(one.kind is Kind.QUOTE for one in self.tokens[mention.end : end])
        begins = start == 0 or self.tokens[start - 1].kind in (Kind.LINE, Kind.PAUSE, Kind.END)
        if not begins or quoted or end <= mention.end + 1:
            return 0
        self._role(role, start, mention.end)
        self._add_quote(mention.end + 1, end)
        return end

    def _detail(self, start: int) -> int:
        """ "Saturday 21:00", "phone 555-1234", "jo@doe.com": takes one in; the token behind."""
        before = self.result[-1] if self.result else None
        label = before is not None and before.text.lower() in LABELS
        if before is not None and not (
            label or before.kind in ("pause", "line", "quote", "end", "and")
        ):
            return 0
        stop = detail_end(self.text, self.tokens[start].start)
        end = bisect_left(self.tokens, stop, key=lambda one: one.start) if stop else 0
        behind = self.token(end)
        ends = behind is None or behind.kind is not Kind.WORD or behind.norm in _AFTER_DETAIL
        if end <= start or not ends:
            return 0
        while self.result and self.result[-1].text.lower() in LABELS:
            self.result.pop()
        self._role("body", start, start)
        self._add_quote(start, end)
        return end

    def _post(self, start: int) -> int:
        """ "Business card for 'Emma Stone', dentist, ...": what somebody is stands below."""
        if [one.kind for one in self.result[-2:]] != ["quote", "pause"]:
            return 0
        if not self.on_calling_card:
            return 0
        end = start
        while (token := self.token(end)) and token.kind is Kind.WORD and end - start < 9:
            end += 1
        if end - start > _LONGEST_POST:
            return 0
        inside = self.mentions[self.next_(start) : self.next_(end)]
        named = all(one.kind == "unknown" or one.has("thing") for one in inside)
        described = any(one.has("colour") for one in inside)
        if not (inside and named) or described:
            return 0
        words = self.words(start, end)
        self._role("subtitle", start, start)
        self.result.append(Mention("quote", str(len(self.said)), words, start, end))
        self.said.append(words[:1].upper() + words[1:])
        return end

    def _on_page(self, mention: Mention) -> bool:
        """Is there another block beside this one, so that it is a page and no poster?"""
        return self.screened or (self.blocks > mention.has("block") and not self.postered)

    def _date_end(self, start: int) -> int:
        """The token behind a date that begins here ("12 June at 8 pm"), or 0."""
        token = self.tokens[start]
        if token.kind is not Kind.NUMBER and not self.capital(start):
            return 0
        found = _DATE.match(self.text, token.start)
        return bisect_left(self.tokens, found.end(), key=lambda one: one.start) if found else 0

    def _role(self, role: str, start: int, end: int) -> None:
        self.result.append(Mention("says", role, "", start, end, (Entry("says", role),)))

    def _lines(self, mention: Mention) -> int:
        """ "Poster that says:" and lines below: each line is a text of its own."""
        colon, line = self.token(mention.end), self.token(mention.end + 1)
        if not (colon and line and colon.text in ":：" and line.kind is Kind.LINE):
            return 0
        at = mention.end + 2
        for _ in range(_MOST_LINES):
            first = at
            while (token := self.token(at)) and token.kind not in (Kind.LINE, Kind.QUOTE):
                at += 1
            if at == first or any(one.text in ":：" for one in self.tokens[first:at]):
                break
            self._add_quote(first, at)
            at += 1
        return first if first > mention.end + 2 else 0

    def _written_before(self, mention: Mention) -> bool:
        """ "... लिखो", "...と書いて": where the verb comes last, what stands before is written."""
        behind = self.token(mention.end)
        if behind is not None and behind.kind not in (Kind.END, Kind.LINE):
            return False
        end = mention.start
        while end > 0 and self.tokens[end - 1].norm in _MARKERS:
            end -= 1
        start = end
        ends = (Kind.END, Kind.LINE, Kind.PAUSE, Kind.QUOTE)
        while start > 0 and self.tokens[start - 1].kind not in ends:
            start -= 1
        if start == end:
            return False
        while self.result and self.result[-1].start >= start:
            self.result.pop()
        self._add_quote(start, end)
        return True

    def _after_says(self, mention: Mention) -> tuple[int, int] | None:
        start = mention.end
        token = self.token(start)
        if token and token.text in ":：":
            start += 1
            token = self.token(start)
        if token is None or token.kind not in (Kind.WORD, Kind.NUMBER, Kind.PRICE):
            return None
        phrase = mention.text.lower()
        if phrase in ("called", "named") and not self.titled:
            return None
        if token.text[0].isupper() and not self.shouting:
            return self.capitals(start)
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
        token = self.token(mention.end)
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
        behind = self.token(mention.end + 1)
        if token.norm in ("to", "into") and behind is not None and behind.text[0].isupper():
            return None if self.shouting else self.capitals(mention.end + 1)
        titled = mention.value_as("text") in _ROLES_TITLED and not self.shouting
        capital = token.kind is Kind.WORD and token.text[0].isupper() and token.end > token.start
        if titled and capital and not mention.text[0].isupper():
            return self.capitals(mention.end)
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
        while at < len(self.tokens) and at - start < LONGEST_TEXT:
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
        mention = self.mention_from(start)
        return mention is not None and any(
            mention.kind == kind or mention.has(kind) for kind in _CUES
        )

    def _clause(self, start: int) -> tuple[int, int] | None:
        """Words up to the next comma, stop or structure word."""
        at = start
        while at < len(self.tokens) and at - start < LONGEST_TEXT:
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
        """ "'Be yourself' — Oscar Wilde", "'Dune' by Frank Herbert": the name is written below."""
        dash = self.token(mention.end)
        by = dash is not None and dash.norm == "by" and self.titled
        if dash is None or not (by or dash.text in "—–-") or not self.capital(mention.end + 1):
            return None
        start, end = self.capitals(mention.end + 1)
        rest = self.token(end)
        ends = by or rest is None or rest.kind in (Kind.END, Kind.LINE, Kind.PAUSE)
        return (start, end) if ends else None

    def _exclaimed(self, mention: Mention) -> tuple[int, int] | None:
        """ "Instagram story: New collection out now!": a capital and an exclamation mark."""
        colon = self.token(mention.end)
        if colon is None or colon.text not in ":：" or not self.capital(mention.end + 1):
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


def _ends_words(mention: Mention) -> bool:
    if mention.has("skip"):
        return False
    return any(mention.kind == kind or mention.has(kind) for kind in ("with", "link", "slot", "on"))
