"""Descriptions: colours, sizes, counts, lettering and places wait for their noun, or follow it."""

from __future__ import annotations

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun
from pisang.engines.sketch.read.walk import State
from pisang.engines.sketch.scene import Ink

_NOUNS = ("thing", "place", "effect", "ground", "text", "block", "genre")


class Describing(State):
    """The rules for words that describe."""

    def on_colour(self, mention: Mention, _index: int) -> None:
        self._ink(colours.parse_value(mention.value, mention.text.lower()))

    def on_code(self, mention: Mention, _index: int) -> None:
        self._ink(Ink(colours=(colours.parse_code(mention.text),), name=mention.text))

    def _ink(self, ink: Ink) -> None:
        if self.denying:
            return
        if self.pending.tone:
            ink, self.pending.tone = colours.toned(ink, self.pending.tone), ""
        self.pending.inks.append(ink)
        self._close_follower()

    def on_tone(self, mention: Mention, index: int) -> None:
        """A tone waits for its colour; in "bleu clair" it changes the colour before."""
        inks = self.pending.inks
        if self.after and not inks and self.last and not self.gap and self.last.traits.inks:
            inks = self.last.traits.inks
        before = self.mentions[index - 1].kind if index else ""
        if self.after and inks and before in ("colour", "code"):
            inks[-1] = colours.toned(inks[-1], mention.value)
        else:
            self.pending.tone = mention.value

    def on_size(self, mention: Mention, _index: int) -> None:
        self.pending.size = self.pending.size or mention.value
        self._close_follower()

    def on_number(self, mention: Mention, index: int) -> None:
        if self._one_each(index):
            return
        if self.pending and not self.pending.count and self.last and not self.opened:
            self._back()
        self.pending.count = self.pending.count or int(mention.value)
        self.pending.paired = mention.value_as("number") == "2" and not mention.text.isdigit()

    def _one_each(self, index: int) -> bool:
        """ "Two cats, one black and one white": the group is parted, one for each colour."""
        group, after = self.split or self.last, self.mentions[index + 1 : index + 3]
        if self.mentions[index].value_as("number") != "1" or not group or group.kind != "thing":
            return False
        if not after or after[0].kind not in ("colour", "size") or not self._is_group(group):
            return False
        if len(after) > 1 and after[1].kind in _NOUNS:
            return False
        self._back()
        if self.split is not None:
            group.traits.count = max(group.traits.count - 1, 1)
            one = Noun("thing", group.value, group.said, self.sentence, mention=index)
            one.indefinite = True
            self.parse.nouns.append(one)
            self.last, self.gap = one, set()
        self.split, self.opened = group, False
        return True

    def _is_group(self, noun: Noun) -> bool:
        return noun.traits.count > 1 or noun.plural

    def on_face(self, mention: Mention, _index: int) -> None:
        self.pending.face = self.pending.face or mention.value
        self._close_follower()

    def on_weight(self, mention: Mention, _index: int) -> None:
        if mention.value == "outline" and self.pending.inks and "with" in self.gap:
            self.pending.outline, self.pending.inks = self.pending.inks[-1], []
        self.pending.weights.append(mention.value)
        self._close_follower()

    def on_texture(self, mention: Mention, _index: int) -> None:
        self.pending.texture = self.pending.texture or mention.value
        self._close_follower()

    def on_slot(self, mention: Mention, index: int) -> None:
        """ "On the left a cat" looks forward, "a cat on the left" back."""
        starts = self.last is None or self.last.sentence != self.sentence
        if self.last is not None and self.last.kind == "genre":
            starts = starts or bool(self.gap & {"pause", "with"})  # "a poster, at the top a title"
        after = self.mentions[index + 1] if index + 1 < len(self.mentions) else None
        if after is not None and after.kind == "text" and self._quote_follows(index + 1):
            self._back()
            self.pending.slot, self.opened = mention.value, True
            return  # "bottom text 'X'"
        clause_start = "pause" in self.gap or "and" in self.gap
        if starts and not self.pending and self._noun_follows(index):
            self.slots_first = True
        if starts or (clause_start and self.slots_first):
            self._back()
            self.pending.slot = mention.value
            self.opened = True
            return
        self._back()
        if self.last:
            target = self._placed()
            target.traits.slot = target.traits.slot or mention.value

    def on_depth(self, mention: Mention, index: int) -> None:
        starts = self.last is None or self.last.sentence != self.sentence
        self._back()
        if starts and self._noun_follows(index):
            self.pending.depth = mention.value
            self.opened = True
        elif self.last and not (mention.value == "outside" and "pause" in self.gap):
            self.last.traits.depth = mention.value
