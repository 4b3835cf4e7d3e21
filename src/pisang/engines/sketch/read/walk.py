"""The state of a walk over the mentions, and what every rule of attachment uses.

`last` is the noun that may still be described, `pending` what waits for one, `gap` the structure
words since then. Here are the end of a clause and the subject of a relation; the rest is rules.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.read.animate import is_alive, is_worn
from pisang.engines.sketch.read.lexicon import Lexicon
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Link, Noun, Parse, Traits
from pisang.engines.sketch.read.tokens import fold

_NEAR = 24  # how many nouns back a relation or a place may reach
_NOUNS = ("thing", "place", "effect", "ground", "text", "block", "genre")
DEEDS = ("holding", "wearing", "riding")
_IN_THE_SKY = frozenset(
    (
        "sun", "sun-with-face", "full-moon", "crescent-moon", "full-moon-face", "star", "cloud",
        "rainbow", "glowing-star", "shooting-star", "milky-way", "moon",
    )
)  # fmt: skip
_HANGING = {"above": "top", "below": "bottom", "left-of": "left", "right-of": "right"}
_BARE = ("below", "above", "around", "behind", "next-to")
_ORDERED = {"row": "left-of", "column": "above"}
_WORN = ("wearing", "holding")


class State:
    """What a walk knows at one place of the prompt."""

    def __init__(
        self, mentions: Sequence[Mention], *, lexicon: Lexicon, quotes: Sequence[str]
    ) -> None:
        self.mentions, self.quotes = mentions, quotes
        self.after = lexicon.fact("adjectives") == "after"
        self.postposed = lexicon.fact("relations") == "after"
        self.deeds_before = lexicon.fact("deeds") == "before"
        self.counts_after = lexicon.fact("counts") == "after"
        self.denials_after = lexicon.fact("denials") == "after"
        self.lexicon = lexicon
        self.english = lexicon.language == "en"
        self.parse = Parse()
        self.pending = Traits()
        self.last: Noun | None = None  # the noun that may still be described
        self.gap: set[str] = set()  # structure words since `last`
        self.opened = True  # an article or clause word: descriptions look forward
        self.early = False
        self.bond: tuple[str, Noun | None] | None = None
        self.landmark: tuple[str, Noun] | None = None  # "next to X, ..." before its subject
        self.between: Link | None = None
        self.says: tuple[str, Noun | None] | None = None
        self.denying = False
        self.slots_first = False
        self.sentence = 0
        self.definite = self.article = False
        self.split: Noun | None = None  # the group that "one black and one white" parts

    def _word_as(self, kind: str, word: str) -> str:
        hit = self.lexicon.find((fold(word),))
        entries = hit.entries if hit else ()
        return next((entry.value for entry in entries if entry.kind == kind), "")

    def _near(self) -> list[Noun]:
        """The nouns of this sentence so far, the last few of them."""
        return [one for one in self.parse.nouns[-_NEAR:] if one.sentence == self.sentence]

    def _ground(self) -> Noun:
        grounds = self.parse.of("ground")
        if grounds:
            return grounds[-1]
        ground = Noun("ground", "-", "background", self.sentence)
        self.parse.nouns.append(ground)
        return ground

    def _described(self, last: Noun, pending: Traits) -> Noun:
        """ "'GO' inside the white circle in black": the circle has its colour already."""
        link = self.parse.links[-1] if self.parse.links else None
        if link and link.objects[-1] is last and pending.inks and last.traits.inks:
            subject = link.subject
            if subject.kind == "text" and not subject.traits.inks and "link" in self.gap:
                return subject
        return last

    def _back(self) -> None:
        """The clause ends: what waits goes to the noun before it, or floats."""
        if not self.pending:
            return
        pending, self.pending = self.pending, Traits()
        if self.denying:
            return
        last_is_thing = self.last is not None and self.last.kind in ("thing", "text")
        paired = len(pending.inks) > 1 and last_is_thing and "pause" in self.gap
        if paired and self.parse.genres:
            self.parse.floating.take(pending)  # "a card with a trophy, blue and gold"
            return
        if self.last and self.last.sentence != self.sentence and pending.inks and self.parse.genres:
            self.parse.floating.take(Traits(inks=pending.inks))  # "Use blue and silver colours."
            pending.inks = []
        if self._stands_free(pending):
            target_traits = self._ground().traits if pending.texture else self.parse.floating
            target_traits.take(pending)
            return
        on_colour = "on" in self.gap and (pending.inks or pending.texture)
        last = self.last
        if on_colour or (pending.texture and (last is None or last.kind == "genre")):
            ground = self._ground()
            ground.traits.take(pending)
            self.bond = None
        elif last is None or (last.kind == "genre" and "link" not in self.gap and "of" in self.gap):
            self.parse.floating.take(pending)
        elif pending.count and self.counts_after and last.kind == "thing":
            last.traits.take(pending)
        elif pending.count and not pending.inks:
            self.parse.floating.take(Traits(size=pending.size))
        else:
            target = self._described(last, pending)
            if target.kind == "thing" and self.gap & {"pause", "list"}:
                target.traits.series.extend(pending.inks)
            target.traits.take(pending)

    def _one_colour_each(self) -> None:
        """ "Three balloons: red, blue and yellow": as many colours behind as there are members."""
        for noun in self.parse.of("thing"):
            series, count = noun.traits.series, noun.traits.count
            if not 1 < count == len(series) == len(noun.traits.inks):
                continue
            noun.traits.count, noun.traits.inks = 1, series[:1]
            at = self.parse.nouns.index(noun)
            for step, ink in enumerate(series[1:], 1):
                one = Noun("thing", noun.value, noun.said, noun.sentence, mention=noun.mention)
                one.traits.inks, one.traits.count = [ink], 1
                one.traits.size, one.traits.formation = noun.traits.size, noun.traits.formation
                one.indefinite = True
                self.parse.nouns.insert(at + step, one)
                order = _ORDERED.get(noun.traits.formation)
                if order:
                    self._link(self.parse.nouns[at + step - 1], order, one)

    def _stands_free(self, pending: Traits) -> bool:
        """ "A laptop and a plant, purple gradient": a colour between commas is the page's, unless
        one thing is all there is, or each has been given its own like this."""
        last = self.last
        if last is None or "pause" not in self.gap or not pending.inks:
            return False
        if last.kind == "text":
            return last.value in ("body", "price") and bool(last.words and self.parse.genres)
        if last.kind != "thing":
            return False
        if self.gap & {"link", "list", "on"} or pending.size or pending.count:
            return False
        things = [one for one in self._near() if one.kind == "thing"]
        listed = last.traits.count > 1 or any(one.traits.series for one in things)
        paged = any(genre not in ("scene", "product", "edit") for genre in self.parse.genres)
        crowd = last.plural and not (paged or pending.texture)
        return not (listed or crowd) and (bool(pending.texture) or paged or len(things) > 1)

    def _hanging(self) -> None:
        """ "'A' above and 'B' below": a relation word without a landmark is a place."""
        if self.bond is None:
            return
        bond, subject = self.bond
        if subject is not None and subject.kind == "text" and bond in _HANGING:
            subject.traits.slot = subject.traits.slot or _HANGING[bond]
        things = [noun for noun in self._near() if noun.kind == "thing"]
        if bond in _BARE and subject is not None and things[-1:] == [subject] and len(things) > 1:
            self._link(subject, bond, things[-2])  # "a tree with presents below"
        self.bond = None

    def _quote_follows(self, index: int) -> bool:
        for mention in self.mentions[index + 1 : index + 4]:
            if mention.kind in ("quote", "amount"):
                return True
            colon = mention.kind == "pause" and mention.text in ":：-–—"
            if mention.kind not in ("says", "skip", "link", "of", "det") and not colon:
                return False
        return False

    def _noun_follows(self, index: int) -> bool:
        for mention in self.mentions[index + 1 : index + 9]:
            if mention.kind in (*_NOUNS, "quote"):
                return True
            if mention.kind == "end":
                return False
        return False

    def _link(self, subject: Noun, bond: str, other: Noun) -> None:
        if subject is other or subject.denied or other.denied:
            return
        if bond in ("below", "above", "in") and other.value in _IN_THE_SKY:
            return  # "a tree under the moon": the moon is in the sky wherever the tree is
        if bond == "in" and is_worn(other.value) and is_alive(subject.value):
            bond = "wearing"  # "a woman in a red dress"
        link = Link(subject, bond, [other])
        self.parse.links.append(link)
        self.between = link if bond == "between" and not other.plural else None

    def _subject(self, bond: str) -> Noun | None:
        """The noun before a relation word: in this sentence, a thing, text or block; who wears or
        rides something is alive."""
        near = [noun for noun in self._near() if noun.kind in ("thing", "text", "block")]
        worn = {id(link.objects[0]) for link in self.parse.links[-_NEAR:] if link.bond in _WORN}
        near = [noun for noun in near if id(noun) not in worn] or near
        if bond in DEEDS or ("pause" in self.gap and near and near[-1].kind == "thing"):
            doers = [noun for noun in near if noun.kind == "thing" and is_alive(noun.value)]
            return doers[-1] if doers else near[-1] if near else None
        if near and near[-1].kind == "text" and (near[-1].on or "pause" in self.gap):
            things = [noun for noun in near if noun.kind == "thing"]
            return things[-1] if things else near[-1]
        return near[-1] if near else None

    def _is_landmark(self) -> bool:
        return self.last is not None and self.last.kind in ("thing", "block")

    def _placed(self) -> Noun:
        """Who a place on the canvas belongs to: not the landmark that was named last."""
        assert self.last is not None
        if self.last.kind in ("ground", "place", "genre"):
            texts = [one for one in self._near() if one.kind in ("text", "thing")]
            return texts[-1] if texts else self.last
        return self.last

    def _close_follower(self) -> None:
        """Where adjectives follow nouns, one that stands right behind its noun is settled now."""
        if self.after and self.last and not self.gap and not self.opened and not self.early:
            self.last.traits.take(self.pending)
            self.pending = Traits()
