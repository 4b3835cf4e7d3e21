"""Gives every description to its noun, clause by clause: typed mentions to nouns and links.

An island parser: it walks the mentions once and never needs a whole grammar. Descriptions gather
until a noun takes them (English: "a RED cat"), and go back to the noun before when the clause ends
first ("the cat is RED", "text in WHITE script"). The words "with", "on" and a full stop close a
clause, so that a background's colour never reaches the text. What differs between languages
(adjectives after nouns, landmarks before relation words) is read from the lexicon's facts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pisang.engines.sketch.read.animate import is_alive, is_worn
from pisang.engines.sketch.read.heads import Wording
from pisang.engines.sketch.read.lexicon import Lexicon
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun, Parse, Traits
from pisang.engines.sketch.read.walk import DEEDS

_NEAR = 24  # how many nouns back a relation or a place may reach
BODY = {
    **dict.fromkeys(("shoulder", "shoulders", "head", "lap", "back", "knee", "knees"), "on"),
    **dict.fromkeys(("hand", "hands", "arm", "arms", "paw", "paws", "fingers"), "holding"),
}
"""Parts of a body that no drawing shows alone, and the bond that they stand for."""
_MOST_NOUNS = 500  # a prompt names fewer; a hostile one must not cost seconds
_NOUNS = ("thing", "place", "effect", "ground", "text", "block", "genre")
_ENDERS = (
    "slot",
    "depth",
    "end",
    "line",
    "pause",
    "and",
    "with",
    "on",
    "bond",
    "of",
    "link",
    "not",
    "but",
    "says",
)


def attach(mentions: Sequence[Mention], *, lexicon: Lexicon, quotes: Sequence[str]) -> Parse:
    """Takes a prompt apart. `quotes` are the words of quote mentions, by number in their value."""
    walker = _Walker(mentions, lexicon=lexicon, quotes=quotes)
    for index in range(len(mentions)):
        walker.step(index)
    return walker.finish()


class _Walker(Wording):
    """One walk over the mentions: what each kind of structure word does."""

    def step(self, index: int) -> None:
        """Takes one mention in."""
        mention = self.mentions[index]
        if mention.typo:
            self.parse.typos.append((mention.typo, mention.text))
        if not self.denying:
            self._undertones(mention)
        if mention.kind in _NOUNS:
            if len(self.parse.nouns) < _MOST_NOUNS:
                self.noun(mention, index)
            return
        self.early = self.early or mention.has("early")
        handler = getattr(self, f"on_{mention.kind}", None)
        if handler:
            handler(mention, index)

    def _undertones(self, mention: Mention) -> None:
        """What a phrase says besides its chosen meaning: "night sky" is a place and an hour."""
        for entry in mention.entries:
            if entry.kind == "theme":
                self.parse.themes.append(entry.value)
            elif entry.kind == "hour" and mention.kind == "place":
                self.parse.hours.append(entry.value)
            elif entry.kind == "photo" and mention.kind == "genre":
                self.parse.photo = True
        if mention.kind == "genre" and " " in mention.text:
            words = mention.text.lower().replace("'s", "").split(" ")
            for word in (*words, " ".join(words[:2])):
                theme = self._word_as("theme", word) if word != "business" else ""
                self.parse.themes.extend([theme] if theme else [])

    def on_det(self, mention: Mention, _index: int) -> None:
        if self.pending and self.last and not self.opened:
            self._back()
        self.opened = True
        self.definite, self.article = mention.value == "the", True

    def on_link(self, _mention: Mention, _index: int) -> None:
        grounded = self.pending.inks and "on" in self.gap  # "on navy in silver letters"
        if self.pending and self.last and (grounded or (not self.opened and "link" in self.gap)):
            self._back()
        self.gap.add("link")
        self.opened = False

    def on_of(self, _mention: Mention, _index: int) -> None:
        self.gap.add("of")

    def on_from(self, _mention: Mention, _index: int) -> None:
        self.gap.add("from")

    def on_to(self, _mention: Mention, _index: int) -> None:
        if self.pending.inks:
            self.pending.ranged = True

    def on_and(self, _mention: Mention, index: int) -> None:
        following = self.mentions[index + 1].kind if index + 1 < len(self.mentions) else ""
        if self.counts_after and self.pending.count and self.last and not self.opened:
            self._back()  # "dog three and red car": the count is not the car's
        if self.pending and following in ("colour", "tone", "code", "face", "weight", "texture"):
            return  # "red and gold", "bold and italic" stay together
        if self.pending and self.last and not self.opened:
            self._back()
        self._hanging()
        self.gap.add("and")
        self.opened = False

    def on_group(self, mention: Mention, index: int) -> None:
        """ "A family": one word for several people, drawn one by one."""
        for number, drawing in enumerate(mention.value.split(" ")):
            said = drawing.replace("-", " ")
            self.noun(replace(mention, kind="thing", value=drawing, text=said), index)
            if self.last is not None:
                self.last.indefinite = True  # another child is another one
            if number == 0:
                self.bond = None
            self.gap.add("and")
        self.gap = set()

    def on_pronoun(self, _mention: Mention, _index: int) -> None:
        """ "'X' written on it": the thing named before carries the words."""
        if self.bond is None or self.bond[0] not in ("on", "in"):
            return
        subject, self.bond = self.bond[1], None
        things = [noun for noun in self.parse.nouns[-_NEAR:] if noun.kind == "thing"]
        if subject is not None and subject.words and things:
            subject.on = things[-1]

    def on_with(self, _mention: Mention, _index: int) -> None:
        self._back()
        self.gap.add("with")
        self.opened, self.denying = True, False

    def on_on(self, mention: Mention, _index: int) -> None:
        self._back()
        bond = mention.value_as("bond")
        if bond and self.last and not self.bond:
            self.bond = (bond, self._subject(bond))
        self.gap.add("on")
        self.opened = True

    def on_bond(self, mention: Mention, _index: int) -> None:
        self._back()
        starts = self.last is None or self.last.sentence != self.sentence
        if mention.has("on"):
            self.gap.add("on")
        postposed = self.postposed and not (mention.value in DEEDS and self.deeds_before)
        if postposed and not self._is_landmark():
            self.opened = True
            return  # "on a blue background", "in the garden": no thing to stand beside
        busy = self.last is not None and self._is_deed(self.last)
        if (
            self.last is not None
            and self.last.kind in ("effect", "unknown")
            and not (starts or busy)
        ):
            self.gap.add("bond")
            self.bond, self.opened = None, True
            return
        subject = self._subject(mention.value)
        if postposed and self.last is not None:
            self.landmark = (mention.value, self.last)
        else:
            self.bond = (mention.value, subject)
        self.gap.add("bond")
        self.opened = True

    def _is_deed(self, noun: Noun) -> bool:
        """ "A grandmother knitting in an armchair": an unknown verb, and she is in it."""
        near = self._near()
        deed = noun.kind == "unknown" and noun.said.lower().endswith("ing") and self.english
        return deed and bool(near) and near[-1].kind == "thing" and is_alive(near[-1].value)

    def _landed(self) -> None:
        """ "The cat is, tree no-left": nothing followed the relation word, so what stands before
        the landmark is meant."""
        if not (self.postposed and self.landmark):
            return
        bond, landmark = self.landmark
        held = {
            id(one)
            for link in self.parse.links[-_NEAR:]
            if link.bond in DEEDS
            for one in link.objects
        }
        before = [
            noun
            for noun in self.parse.nouns[-_NEAR:]
            if noun.sentence == landmark.sentence
            and noun.kind == "thing"
            and noun is not landmark
            and id(noun) not in held
        ]
        if before:
            self._link(before[-1], bond, landmark)
            self.landmark = None

    def on_not(self, mention: Mention, _index: int) -> None:
        self._back()
        if self.denials_after and mention.value != "before":
            if self.last is not None:
                self.last.denied = True
            return
        self.denying, self.opened = True, True

    def on_but(self, _mention: Mention, _index: int) -> None:
        self._back()
        self.denying = False

    def on_pause(self, mention: Mention, index: int) -> None:
        if mention.text in ":：" and self.last and not self.pending:
            self.gap |= {"link", "list"}
            return
        after = self.mentions[index + 1] if index + 1 < len(self.mentions) else None
        if self.denying and (after is None or after.kind not in (*_NOUNS, "and")):
            self._back()
            self.denying = False
        if (self.pending and self.last and not self.opened) or (
            self.pending and (self.pending.face or self.pending.weights) and self.last
        ):
            self._back()
        self._hanging()
        self._landed()
        self.gap.add("pause")

    def on_end(self, _mention: Mention, _index: int) -> None:
        self._back()
        self._landed()
        self._hanging()
        self.sentence += 1
        self.split = None
        self.denying, self.opened, self.slots_first = False, True, False
        self.bond = self.landmark = self.between = None
        self.gap.add("end")

    def on_line(self, mention: Mention, index: int) -> None:
        self.on_end(mention, index)

    def on_hour(self, mention: Mention, _index: int) -> None:
        if not self.denying:
            self.parse.hours.append(mention.value)

    def on_style(self, mention: Mention, _index: int) -> None:
        if not self.denying:
            self.parse.styles.append(mention.value)

    def on_photo(self, _mention: Mention, _index: int) -> None:
        if not self.denying:
            self.parse.photo = self.parse.asked = True

    def on_medium(self, _mention: Mention, _index: int) -> None:
        self.parse.asked = self.parse.asked or not self.definite  # "what is in this picture?"
        if self.pending and self.last and self.last.kind == "ground" and "link" in self.gap:
            self._back()  # "the background is an off-white canvas"
        if self.pending and not self.pending.count:
            # "a blue illustration of": the whole picture's colours
            self.parse.floating.take(self.pending)
        self.pending = Traits()
        self.opened = True

    def on_draw(self, mention: Mention, _index: int) -> None:
        if mention.value == "weak":
            self.parse.wished = True
        else:
            self.parse.asked = True
        if mention.has("bond"):
            return
        self._back()
        self.opened, self.denying = True, False

    def on_verb(self, _mention: Mention, _index: int) -> None:
        self._back()
        self.opened = True

    def on_ask(self, mention: Mention, _index: int) -> None:
        self.parse.asks.append(mention.value)

    def on_unknown(self, mention: Mention, index: int) -> None:
        """An unknown word that ends its group is a noun: what describes it is its own."""
        if self._on_body(mention):
            return
        self.parse.unknown.append(mention.text)
        after = self.mentions[index + 1] if index + 1 < len(self.mentions) else None
        article = index > 0 and self.mentions[index - 1].kind == "det"
        if article and after is not None and after.text == ",":
            return  # "a vast, empty room": the word describes
        located = after is not None and after.kind in ("place", "hour") and " " in after.text
        if after is None or after.kind in _ENDERS or located:
            noun = Noun("unknown", "-", mention.text, self.sentence, mention=index)
            self._settle(noun)
            self.last, self.gap, self.opened = noun, set(), False

    def _on_body(self, mention: Mention) -> bool:
        """ "An owl on his shoulder", "a book in her hands": a bond to who is named before."""
        held = BODY.get(mention.text.lower())
        if held is None or self.bond is None or self.bond[0] not in ("on", "in"):
            return False
        subject = self.bond[1]
        alive = [
            noun
            for noun in self._near()
            if noun.kind == "thing" and noun is not subject and is_alive(noun.value)
        ]
        if subject is None or subject.kind != "thing" or not alive:
            return False
        owner, self.bond = alive[-1], None
        if held == "on":
            bond = "wearing" if is_worn(subject.value) else "on"
            self._link(subject if bond == "on" else owner, bond, owner if bond == "on" else subject)
        else:
            self._link(owner, held, subject)
        return True

    def finish(self) -> Parse:
        """The parse, after what still waits has found its noun."""
        self._back()
        self._landed()
        self._hanging()
        self._one_colour_each()
        return self.parse
