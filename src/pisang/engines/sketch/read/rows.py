"""Rows that no list announces: prices side by side, numbered points, cells with bars, A vs B.

"Basic $9, Pro $29" are two plans with their prices, "1. Wash hands 2. Keep distance" two points,
"France | Paris" two cells. Each stretch becomes a block with items, or a text for each row.
"""

from __future__ import annotations

from pisang.engines.sketch.read.lexicon import Entry
from pisang.engines.sketch.read.listing import Listing
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.tokens import Kind

_LONGEST_NAME = 5  # tokens of "Steak Frites $22"
_LONGEST_POINT = 30
_STARTS = frozenset(("with", "and", "&", "or", "plans", "items", "including"))
_NO_NAME = frozenset(
    (
        "price",
        "for",
        "only",
        "from",
        "at",
        "just",
        "costs",
        "is",
        "the",
        "a",
        "under",
        "now",
        "with",
        "featuring",
        "including",
        "showing",
    )
)
_NOT_COURSES = frozenset(
    ("date", "time", "venue", "location", "when", "where", "details", "website", "style", "colors",
     "colours", "text", "image", "subject", "lighting", "mood", "format", "size", "font", "address")
)  # fmt: skip
_FLOWS = frozenset(("cycle", "water cycle", "process", "process diagram", "flowchart", "flow chart",
                    "steps", "stages", "how to", "step by step guide", "diagram"))  # fmt: skip
_AGAINST = frozenset(("vs", "versus"))
_BETWEEN = frozenset(("comparing", "comparison", "compare", "compares", "difference"))
_SIDE_ENDS = frozenset(
    ("with", "of", "between", "comparing", "in", "on", "for", "about", "showing", "infographic",
     "chart", "poster", "comparison", "create", "make", "draw", "showing", "explaining")
)  # fmt: skip


class Rows(Listing):
    """The rules for rows without a head."""

    def rows_at(self, mention: Mention) -> int:
        """Takes rows that begin at this mention into the result; the token behind, or 0."""
        start = mention.start
        return (
            self._sides(mention)
            or self._cells(start)
            or self._points(start)
            or self._wares(start)
            or self._figures(start)
            or self._pairs(start)
            or self._listed(start)
            or self._explained(mention)
        )

    def block(self, kind: str, start: int, end: int, items: list[str]) -> int:
        """A block mention for these tokens, with its rows."""
        entry = Entry("block", kind)
        self.result.append(Mention("block", kind, self.words(start, end), start, end, (entry,)))
        self.items[start] = (tuple(items), ())
        return end

    # --- prices --------------------------------------------------------------------------------

    def _wares(self, start: int) -> int:
        """ "Basic $9, Pro $29 and Team $99": two or more names with a price each."""
        if not self._begins_row(start):
            return 0
        found: list[tuple[int, int]] = []
        at = start
        while (end := self._ware_end(at)) and len(found) < 40:
            found.append((at, end))
            at = end
            while (token := self.token(at)) and (
                token.kind in (Kind.PAUSE, Kind.LINE) or token.norm in ("and", "&")
            ):
                at += 1
        if len(found) < 2:
            return 0
        names = [self.words(a, b - 1).strip(" -–—:") for a, b in found]
        prices = [self.tokens[b - 1].text for _, b in found]
        if self.screened:
            items = [f"{name}\n{price}" for name, price in zip(names, prices, strict=True)]
            return self.block("card", start, found[-1][1], items)
        items = [f"{name} | {price}" for name, price in zip(names, prices, strict=True)]
        return self.block("table", start, found[-1][1], items)

    def _begins_row(self, at: int) -> bool:
        before = self.tokens[at - 1] if at else None
        kinds = (Kind.PAUSE, Kind.LINE, Kind.END, Kind.QUOTE)
        return before is None or before.kind in kinds or before.norm in _STARTS

    def _ware_end(self, start: int) -> int:
        """The token behind the price of a name that begins here, or 0."""
        at = start
        while (token := self.token(at)) and at - start <= _LONGEST_NAME:
            if token.kind is Kind.PRICE:
                return at + 1 if at > start else 0
            colon = token.text == ":" and self._is_price(at + 1)
            plain = colon or token.kind in (Kind.WORD, Kind.NUMBER) or token.text in "-–—&"
            if not plain or token.norm in _NO_NAME or (at == start and token.kind is Kind.PAUSE):
                return 0
            at += 1
        return 0

    def _is_price(self, at: int) -> bool:
        token = self.token(at)
        return token is not None and token.kind is Kind.PRICE

    def _figures(self, start: int) -> int:
        """ "Steps 8,432, calories 540": names with a figure each, on a page of blocks."""
        if not (self.charted and self._begins_row(start)):
            return 0
        found: list[tuple[int, int]] = []
        at = start
        while (end := self._figure_end(at)) and len(found) < 12:
            found.append((at, end))
            at = end
            while (token := self.token(at)) and (
                token.kind is Kind.PAUSE or token.norm in ("and", "&")
            ):
                at += 1
        if len(found) < 2:
            return 0
        items = [
            f"{_capital(self.words(a, b - 1).strip(' :'))}\n{self.tokens[b - 1].text}"
            for a, b in found
        ]
        return self.block("stat", start, found[-1][1], items)

    def _figure_end(self, start: int) -> int:
        """The token behind a number that ends a row of one to three words, or 0."""
        for at in range(start + 1, start + 4):
            token, behind = self.token(at), self.token(at + 1)
            name = self.token(at - 1)
            if token is None or name is None or name.kind is not Kind.WORD or name.norm in _NO_NAME:
                return 0
            if token.kind is Kind.NUMBER:
                parts = (Kind.PAUSE, Kind.END, Kind.LINE)
                ends = behind is None or behind.kind in parts or behind.norm in ("and", "&")
                return at + 1 if ends else 0
        return 0

    def _explained(self, mention: Mention) -> int:
        """ "'Ingredients' (sun, water)" on an infographic: a list under its name."""
        opening = self.token(mention.end)
        if not (self.charted and mention.kind == "quote" and opening and opening.text == "("):
            return 0
        rows, first, at = list[str](), mention.end + 1, mention.end + 1
        while (token := self.token(at)) and token.text != ")" and at - first < _LONGEST_POINT:
            if token.text in ",/;":
                rows.append(self.words(first, at) if at > first else "")
                first = at + 1
            at += 1
        rows.append(self.words(first, at) if at > first else "")
        self.result.append(mention)
        return self.block("list", mention.end, at + 1, [_capital(row) for row in rows if row])

    # --- parts behind a colon ------------------------------------------------------------------

    def _listed(self, start: int) -> int:
        """ "Diagram of the water cycle: rain, river, sea": three or more parts are its points."""
        colon = self.tokens[start - 1] if start else None
        if colon is None or colon.text not in ":：" or not self.charted or self.screened:
            return 0
        if any(one.has("block") and not one.has("genre") for one in self.result[-9:]):
            return 0
        rows, end = self._rows(start)
        mention = self.kinds.get(start)
        said = mention is not None and any(map(mention.has, ("text", "says", "block")))
        if said or len(rows) < 3 or any(len(row.split()) > _LONGEST_NAME for row in rows):
            return 0
        flows = any(one.text.lower() in _FLOWS for one in self.mentions)
        return self.block("step" if flows else "list", start, end, [_capital(row) for row in rows])

    def _pairs(self, start: int) -> int:
        """ "Starter: tomato soup, Main: salmon": courses with what they are."""
        if not (self.titled and self._begins_row(start)):
            return 0
        rows, at = list[str](), start
        while (end := self._pair_end(at)) and len(rows) < 20:
            rows.append(f"{self.words(at, at + 1)} | {self.words(at + 2, end)}")
            at = end
            while (token := self.token(at)) and token.text in ",;":
                at += 1
        return self.block("table", start, at, rows) if len(rows) > 1 else 0

    def _pair_end(self, start: int) -> int:
        label, colon, at = self.token(start), self.token(start + 1), start + 2
        mention = self.kinds.get(start)
        known = mention is not None and any(
            mention.has(kind) for kind in ("text", "says", "ground", "genre", "block", "style")
        )
        if (
            not (label and colon)
            or known
            or colon.text not in ":："
            or not label.text[:1].isupper()
        ):
            return 0
        while (token := self.token(at)) and at - start < _LONGEST_NAME + 2:
            if token.kind is not Kind.WORD:
                break
            at += 1
        return at if at > start + 2 and label.norm not in _NOT_COURSES else 0

    # --- points and cells ----------------------------------------------------------------------

    def _points(self, start: int) -> int:
        """ "1. Wash hands 2. Wear a mask": numbers from one on with a mark behind."""
        rows, at = self._point_rows(start)
        return self.block("step", start, at, rows) if len(rows) > 1 else 0

    def _rows(self, start: int) -> tuple[list[str], int]:
        """The rows behind a list's colon, numbered ones as points."""
        rows, end = self._point_rows(start)
        return (rows, end) if len(rows) > 1 else super()._rows(start)

    def _point_rows(self, start: int) -> tuple[list[str], int]:
        rows: list[str] = []
        at = start
        while self._numbered(at, len(rows) + 1):
            first = at + 2
            at = first
            while (token := self.token(at)) and at - first < _LONGEST_POINT:
                ends = token.kind is Kind.LINE or self._numbered(at, len(rows) + 2)
                if ends or (token.kind is Kind.END and not self._numbered(at + 1, len(rows) + 2)):
                    break
                at += 1
            if at == first:
                return [], start
            rows.append(self.words(first, at).strip(" ,;."))
            while (token := self.token(at)) and token.kind is Kind.LINE:
                at += 1
        return rows, at

    def _numbered(self, at: int, number: int) -> bool:
        token, mark = self.token(at), self.token(at + 1)
        return bool(token and mark and token.norm == str(number) and mark.text in ".):")

    def _cells(self, start: int) -> int:
        """ "Country | Capital, France | Paris": rows of a table, cells parted by bars."""
        if not self._begins_row(start):
            return 0
        rows, at = [], start
        while (end := self._row_of_cells(at)) > at:
            rows.append(self.words(at, end))
            at = end
            while (token := self.token(at)) and (token.kind is Kind.LINE or token.text in ",;"):
                at += 1
        return self.block("table", start, at, rows) if len(rows) > 1 else 0

    def _row_of_cells(self, start: int) -> int:
        at, bars = start, 0
        while (token := self.token(at)) and at - start < _LONGEST_POINT:
            if token.kind in (Kind.LINE, Kind.END, Kind.QUOTE) or token.text in ",;:":
                break
            bars += token.text == "|"
            at += 1
        return at if bars else start

    # --- one against the other -----------------------------------------------------------------

    def _sides(self, mention: Mention) -> int:
        """ "Cats vs Dogs", "comparing tea and coffee": the two sides of a comparison."""
        token = self.tokens[mention.start]
        if token.norm in _AGAINST and mention.end == mention.start + 1:
            left, middle = self._side_before(mention.start), mention.start
        elif token.norm in _BETWEEN:
            left, behind = mention.end, self.token(mention.end)
            bare = token.norm in ("comparison", "difference")
            if bare and (behind is None or behind.norm not in ("of", "between")):
                return 0
            while (word := self.token(left)) and word.norm in ("of", "between", "the", "a"):
                left += 1
            middle = self._middle(left)
        else:
            return 0
        right = self._side_end(middle + 1)
        while (dot := self.token(middle + 1)) and dot.text == ".":
            middle += 1
            right = self._side_end(middle + 1)
        if left >= middle or right <= middle + 1:
            return 0
        first = middle if self.tokens[middle].text != "." else middle - 1
        sides = [self.words(left, first), self.words(middle + 1, right)]
        while self.result and self.result[-1].start >= left:
            self.result.pop()
        return self.block("comparison", left, right, [_capital(side) for side in sides])

    def _side_before(self, at: int) -> int:
        first = at
        while first > 0 and at - first < _LONGEST_NAME:
            token = self.tokens[first - 1]
            if token.kind is not Kind.WORD or token.norm in _SIDE_ENDS:
                break
            first -= 1
        return first

    def _middle(self, start: int) -> int:
        at = start
        while (token := self.token(at)) and at - start < _LONGEST_NAME:
            if token.norm in (*_AGAINST, "and", "to", "with", "&"):
                return at
            if token.kind is not Kind.WORD:
                break
            at += 1
        return start

    def _side_end(self, start: int) -> int:
        at = start
        while (token := self.token(at)) and at - start < _LONGEST_NAME:
            if token.kind is not Kind.WORD or token.norm in _SIDE_ENDS:
                break
            at += 1
        return at


def _capital(side: str) -> str:
    side = side.removeprefix("the ").removeprefix("a ")
    return side[:1].upper() + side[1:]
