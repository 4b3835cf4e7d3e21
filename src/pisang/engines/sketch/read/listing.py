"""Finds the rows of charts, lists, menus and tables, and the two sides of "A vs B".

A row is what stands between commas, "and" or line ends; a row "Basic $9" is a name and a price.
"""

from __future__ import annotations

import re

from pisang.engines.sketch.read.cursor import Cursor
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.tokens import Kind

_LONGEST_LIST = 120  # tokens
_VALUE = re.compile(
    r"^(?P<label>.*?)[\s:=–-]*(?P<number>[$€£¥₹]?\s?\d[\d.,]*)\s?(?P<unit>%|[kKmM])?$"
)
_LEADING = re.compile(r"^(?P<number>[$€£]?\d[\d.,]*)\s?(?P<unit>%)?\s+(?P<label>.+)$")
_LEADS = frozenset(("with", "of", "showing", "named", "called", "like", "saying", "labelled",
                    "labeled", "are", "reading", "for"))  # fmt: skip
_BETWEEN_QUOTES = 4  # tokens
_OUTSIDE = (
    "det",
    "text",
    "genre",
    "colour",
    "style",
    "block",
    "ground",
    "texture",
    "number",
    "tone",
)
_YEARS = re.compile(r"^(1[0-9]|20)\d\d$")


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


class Listing(Cursor):
    """The rules for rows."""

    def _after_block(self, mention: Mention) -> int:
        rows, end = self._quoted_rows(mention)
        if len(rows) > 1:
            self.items[mention.start] = _valued(rows, keep=mention.value_as("block") in _KEPT)
            return end
        start = self._list_start(mention)
        if start is None:
            return 0
        rows, end = self._rows(start)
        if not rows or (len(rows) == 1 and not mention.has("block")):
            return 0
        self.items[mention.start] = _valued(rows, keep=mention.value_as("block") in _KEPT)
        return end

    def _quoted_rows(self, mention: Mention) -> tuple[list[str], int]:
        """ "4 steps: 'Dig', 'Plant', ...": the quotes behind an announcement, and where they
        end."""
        at, rows = mention.end, list[str]()
        while (token := self.token(at)) and (token.norm in _LEADS or token.text in ":："):
            at += 1
        end = at
        while (token := self.token(at)) and at - end < _BETWEEN_QUOTES:
            if token.kind is Kind.QUOTE:
                rows.append(self.said[int(token.text.strip("\ue000\ue001"))])
                end = at + 1
            elif token.kind not in (Kind.PAUSE, Kind.LINE) and token.norm not in ("and", "&", "or"):
                break
            at += 1
        return rows, end

    def _list_start(self, mention: Mention) -> int | None:
        """Where the rows begin: after a colon near by, or at a capital or number right behind."""
        at = mention.end
        for step in range(9):
            token = self.token(at + step)
            if token is None or token.kind is Kind.END or token.kind is Kind.QUOTE:
                break
            if token.text in ":：":
                return at + step + 1
            if token.kind is Kind.PAUSE or (token.kind is Kind.LINE and step):
                break
        token = self.token(at)
        while token and token.norm in ("with", "of", "showing", "for", "named", "called", "like"):
            at += 1
            token = self.token(at)
        if token is None or self.shouting:
            return None
        number = token.kind is Kind.NUMBER and (
            token.norm.endswith("%") or _YEARS.match(token.norm)
        )
        listed = (
            mention.value_as("block") in ("list", "step") and self.charted and at == mention.end
        )
        if listed and self._commas(at) and not self._is_structural(at):
            return at
        capital = token.kind is Kind.WORD and token.text[0].isupper()
        return at if number or (capital and at > mention.start) else None

    def _commas(self, at: int) -> bool:
        """Do two or more short parts follow before the sentence ends?"""
        parts = 0
        while (token := self.token(at)) and token.kind not in (Kind.END, Kind.QUOTE, Kind.LINE):
            parts += token.kind is Kind.PAUSE
            at += 1
        return parts > 1

    def _is_structural(self, at: int) -> bool:
        follower = self.kinds.get(at)
        kinds = ("with", "link", "on", "slot", "block", "genre", "and", "bond")
        return follower is None or any(follower.has(kind) for kind in kinds)

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
                and (cue.has("text") or cue.has("ground") or self._leads_out(cue))
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

    def _leads_out(self, cue: Mention) -> bool:
        """Does this "with" describe the page ("with a blue background"), not the row ("fill with
        soil")?"""
        if not cue.has("with"):
            return False
        after = self.kinds.get(cue.end)
        return (
            after is None
            or after.kind == "quote"
            or after.plural
            or any(after.has(kind) for kind in _OUTSIDE)
        )

    def _inside_row(self, first: int, at: int) -> bool:
        return at == first

    def _starts_cue(self, at: int) -> bool:
        """After this comma another instruction begins: "title ...", "blue background"."""
        mention = self.mention_from(at)
        if mention is None:
            return False
        follower = self.kinds.get(mention.end)
        quoted = follower is not None and follower.kind == "quote"
        return (mention.has("text") and quoted) or mention.has("ground") or mention.has("says")

    def _row(self, rows: list[str], first: int, at: int) -> None:
        if at > first:
            row = self.words(first, at).strip(" -–•*.")
            rows.append(re.sub(r"^\d+[.)]\s+", "", row))


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
