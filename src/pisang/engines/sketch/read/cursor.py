"""A place in the tokens and mentions of a prompt, and small looks around from there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.tokens import Kind, Token

LONGEST_TEXT = 60  # tokens
_CALLING_CARDS = frozenset(("business card", "visiting card", "business cards", "calling card"))
_SMALL = frozenset(
    (
        "of", "the", "and", "to", "for", "a", "an", "in", "at", "on", "&", "from", "by", "vs",
        "de", "la", "le", "du", "und", "y", "e", "il", "der",
    )
)  # fmt: skip


class Cursor:
    """What every hunt for words shares; `result` grows, captured stretches are skipped."""

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
        self.screened = any(mention.value_as("genre") == "interface" for mention in mentions)
        self.series = ""  # the role of further quotes after "messages"
        self.blocks = sum(mention.has("block") for mention in mentions)
        self.postered = any(mention.value_as("genre") == "poster" for mention in mentions)
        self.on_calling_card = any(one.text.lower() in _CALLING_CARDS for one in mentions)
        self.titled = any(mention.has("genre") for mention in mentions)

    def next_(self, token: int) -> int:
        return bisect_left(self.starts, token)

    def words(self, start: int, end: int) -> str:
        return self.text[self.tokens[start].start : self.tokens[end - 1].end].strip()

    def token(self, at: int) -> Token | None:
        return self.tokens[at] if at < len(self.tokens) else None

    def mention_from(self, token: int) -> Mention | None:
        """The first mention that starts at a token or behind it."""
        at = bisect_left(self.starts, token)
        return self.mentions[at] if at < len(self.mentions) else None

    def capitals(self, start: int) -> tuple[int, int]:
        """A run of capitalised words, with small words between them and a mark behind."""
        at = end = start
        while at < len(self.tokens) and at - start < LONGEST_TEXT:
            token = self.tokens[at]
            if token.kind is Kind.END and token.text in "!?！？":
                end = at + 1
                if not self.capital(at + 1):
                    break
            elif token.kind in (Kind.WORD, Kind.NUMBER, Kind.PRICE) or token.text == "&":
                if self.capital(at) or (token.norm == "'s" and end == at):
                    end = at + 1
                elif not (token.norm in _SMALL and self.capital(at + 1)):
                    break
            else:
                break
            at += 1
        return start, max(end, start + 1)

    def capital(self, at: int) -> bool:
        token = self.token(at)
        if token is None or not token.text:
            return False
        if token.kind in (Kind.NUMBER, Kind.PRICE):
            return True
        return token.kind is Kind.WORD and token.text[0].isupper()
