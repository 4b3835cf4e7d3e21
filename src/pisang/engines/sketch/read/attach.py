"""Gives every description to its noun, clause by clause: typed mentions to nouns and links.

An island parser: it walks the mentions once and never needs a whole grammar. Descriptions gather
until a noun takes them (English: "a RED cat"), and go back to the noun before when the clause ends
first ("the cat is RED", "text in WHITE script"). The words "with", "on" and a full stop close a
clause, so that a background's colour never reaches the text. What differs between languages
(adjectives after nouns, landmarks before relation words) is read from the lexicon's facts.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.animate import is_alive, is_worn
from pisang.engines.sketch.read.lexicon import Lexicon
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Link, Noun, Parse, Traits
from pisang.engines.sketch.scene import Ink

_NEAR = 24  # how many nouns back a relation or a place may reach
_MOST_NOUNS = 500  # a prompt names fewer; a hostile one must not cost seconds
_NOUNS = ("thing", "place", "effect", "ground", "text", "block", "genre")
_DEEDS = ("holding", "wearing", "riding")
_IN_THE_SKY = frozenset(
    (
        "sun", "sun-with-face", "full-moon", "crescent-moon", "full-moon-face", "star", "cloud",
        "rainbow", "glowing-star", "shooting-star", "milky-way", "moon",
    )
)  # fmt: skip
_CARRIERS = frozenset(
    (
        "placard", "hot-beverage", "t-shirt", "birthday-cake", "shortcake", "scroll", "label",
        "open-book", "closed-book", "notebook", "package", "wrapped-gift", "envelope", "balloon",
        "mobile-phone", "laptop", "television", "desktop-computer", "ribbon", "stop-sign", "door",
        "page-facing-up", "memo", "newspaper", "billed-cap", "beer-mug", "lotion-bottle", "jar",
        "shopping-bags", "handbag", "love-letter", "running-shirt", "framed-picture", "window",
        "green-book", "blue-book", "orange-book", "books", "ticket", "wine-glass", "credit-card",
        "delivery-truck", "bus", "spiral-calendar", "tear-off-calendar", "headstone", "cookie",
        "red-heart", "chocolate-bar", "milk-carton", "canned-food", "takeout-box", "trophy",
    )
)  # fmt: skip
_CONTAINERS = frozenset(
    (
        "basket", "bowl-with-spoon", "bucket", "package", "pot-of-food", "jar", "vase", "amphora",
        "handbag", "shopping-cart", "shopping-bags", "wastebasket", "nest-with-eggs", "crate",
    )
)  # fmt: skip
_HANGING = {"above": "top", "below": "bottom", "left-of": "left", "right-of": "right"}
_PARTS = frozenset(
    (
        "eyes",
        "eye",
        "ear",
        "nose",
        "mouth",
        "leg",
        "foot",
        "wheel",
        "wing",
        "tongue",
        "tooth",
        "brain",
        "lungs",
    )
)
"""Drawings that are a part of a thing when they follow it: "a cat with green eyes"."""
_WORN = ("wearing", "holding")
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
_FONT_WORDS = frozenset(("font", "fonts", "typeface", "letters", "lettering", "typography", "type"))


def attach(mentions: Sequence[Mention], *, lexicon: Lexicon, quotes: Sequence[str]) -> Parse:
    """Takes a prompt apart. `quotes` are the words of quote mentions, by number in their value."""
    walker = _Walker(mentions, lexicon=lexicon, quotes=quotes)
    for index in range(len(mentions)):
        walker.step(index)
    return walker.finish()


class _Walker:
    """The state of one walk: the last noun, waiting descriptions, and what opened the clause."""

    def __init__(
        self, mentions: Sequence[Mention], *, lexicon: Lexicon, quotes: Sequence[str]
    ) -> None:
        self.mentions, self.quotes = mentions, quotes
        self.after = lexicon.fact("adjectives") == "after"
        self.postposed = lexicon.fact("relations") == "after"
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
            for word in mention.text.lower().replace("'s", "").split(" "):
                theme = self._word_as("theme", word)
                self.parse.themes.extend([theme] if theme else [])

    # --- nouns ---------------------------------------------------------------------------------

    def noun(self, mention: Mention, index: int) -> None:
        """A head: takes the waiting descriptions, a waiting relation, a waiting text."""
        if mention.kind == "genre" and self.denying:
            return
        if mention.kind == "text" and self._letters_of_quote(mention, index):
            return
        if mention.kind == "thing" and self._is_part(mention):
            return
        if mention.kind == "genre" and self.last and self.last.words and not self.gap:
            self.parse.genres.append(mention.value)  # "'NEWS' banner": the text is described on
            return
        noun = Noun(mention.kind, mention.value, mention.text, self.sentence, mention=index)
        noun.plural, noun.denied = mention.plural, self.denying
        noun.definite = self.definite
        noun.indefinite = self.opened and not self.definite and self.article
        if " " in mention.text and mention.kind in ("thing", "place"):
            self._first_word(noun, mention.text.lower().partition(" ")[0])
        if mention.kind == "genre":
            self.parse.genres.append(mention.value)
        if noun.kind in ("thing", "block"):
            self._compound(noun, index)
        self._settle(noun)
        self.parse.nouns.append(noun)
        self._relate(noun)
        self._carry(noun)
        self.last, self.gap, self.opened = noun, set(), False
        self.definite = self.article = False
        self.says = None

    def _is_part(self, mention: Mention) -> bool:
        """ "With green eyes": the eyes are the cat's, and the drawing cannot show their colour."""
        last = self.last
        if (
            mention.value not in _PARTS
            or not last
            or last.kind != "thing"
            or "with" not in self.gap
        ):
            return False
        names = [ink.name for ink in self.pending.inks if ink.name]
        self.parse.unknown.append(" ".join([*names, mention.text]))
        self.pending, self.opened = Traits(), False
        return True

    def _compound(self, noun: Noun, index: int) -> None:
        """ "Superhero dog", "wizard's hat", "'Start' button": the first describes the second."""
        last = self.last
        if last is None or self.english is False or last.plural or last not in self.parse.nouns:
            return
        before = self.mentions[index - 1]
        owner = before.text in ("'s", "’s") and last.mention == index - 2
        beside = last.mention == index - 1 and not self.gap
        if noun.kind == "block" and last.kind == "text" and last.words and beside:
            noun.words = last.words
        elif not (noun.kind == "thing" and last.kind == "thing" and (owner or beside)):
            return
        self.parse.nouns.remove(last)
        if beside:
            noun.traits.take(last.traits)
        for link in self.parse.links:
            link.subject = noun if link.subject is last else link.subject
            link.objects = [noun if one is last else one for one in link.objects]
        self.last, self.gap = None, set()

    def _first_word(self, noun: Noun, word: str) -> None:
        """ "Big tree", "black cat", "wooden table" are phrases of their own, and say a trait."""
        noun.traits.size = self._word_as("size", word)
        colour = self._word_as("colour", word)
        if colour and noun.kind == "thing":
            noun.traits.inks.append(colours.parse_value(colour, word))
        if noun.kind == "place":
            noun.traits.texture = self._word_as("texture", word)

    def _word_as(self, kind: str, word: str) -> str:
        entries = self.lexicon.entries.get(word, ())
        return next((entry.value for entry in entries if entry.kind == kind), "")

    def _settle(self, noun: Noun) -> None:
        """Gives the waiting descriptions to a new noun, or to the one before in "chat noir"."""
        looks_back = self.after and not self.early and not self.opened and not self._forward()
        if self.pending and self.last and looks_back:
            self.last.traits.take(self.pending)
        elif self.pending:
            if noun.kind == "text" and self.pending.texture:
                self._ground().traits.texture, self.pending.texture = self.pending.texture, ""
            noun.traits.take(self.pending)
        self.pending, self.early = Traits(), False

    def _forward(self) -> bool:
        """In a language with adjectives after nouns: do these descriptions still look forward?"""
        return bool(self.pending.count and not self.pending.inks and not self.pending.face)

    def _letters_of_quote(self, mention: Mention, index: int) -> bool:
        """ "'X' in white letters": the letters are the quote, not a second text."""
        last = self.last
        if not last or last.kind != "text" or not last.words or "and" in self.gap:
            return False
        if self._quote_follows(index) or ("pause" in self.gap and not self._font(mention)):
            return False
        if mention.value != "title" and last.value == "title":
            last.value = mention.value
        last.traits.take(self.pending)
        self.pending, self.gap, self.opened = Traits(), set(), False
        return True

    def _font(self, mention: Mention) -> bool:
        return mention.text.lower().split(" ")[-1] in _FONT_WORDS

    def _quote_follows(self, index: int) -> bool:
        for mention in self.mentions[index + 1 : index + 4]:
            if mention.kind in ("quote", "amount"):
                return True
            colon = mention.kind == "pause" and mention.text in ":：-–—"
            if mention.kind not in ("says", "skip", "link", "of", "det") and not colon:
                return False
        return False

    def _relate(self, noun: Noun) -> None:
        if self.between and "and" in self.gap and len(self.between.objects) == 1:
            self.between.objects.append(noun)
            self.between = None
        elif self.bond:
            bond, subject = self.bond
            if subject is None and not self.postposed:
                self.landmark = (bond, noun)
            elif subject is not None and noun.kind in ("thing", "text", "block"):
                self._link(subject, bond, noun)
            self.bond = None
        elif self.landmark and noun.kind in ("thing", "text", "block"):
            bond, landmark = self.landmark
            subject, other = (noun, landmark)
            self._link(subject, bond, other)
            self.landmark = None

    def _link(self, subject: Noun, bond: str, other: Noun) -> None:
        if subject is other or subject.denied or other.denied:
            return
        if bond in ("below", "above", "in") and other.value in _IN_THE_SKY:
            return  # "a tree under the moon": the moon is in the sky wherever the tree is
        link = Link(subject, bond, [other])
        self.parse.links.append(link)
        self.between = link if bond == "between" and not other.plural else None

    def _carry(self, noun: Noun) -> None:
        """ "'OPEN' on a sign": the text before is written on this thing."""
        last = self.last
        dressed = last and noun.kind == last.kind == "thing" and self.gap == {"with"}
        if last and dressed and is_alive(last.value) and is_worn(noun.value):
            self._link(last, "wearing", noun)  # "a cat with a red bow tie"
        written = last is not None and last.words and not last.on and not self.gap
        if last and written and noun.kind == "thing" and noun.value in _CARRIERS:
            last.on = noun  # "a 'Do not enter' sign"
        if noun.kind == "thing" and last and last.value in _CONTAINERS and self.gap == {"of"}:
            self._link(noun, "in", last)
        if noun.kind != "thing" or not self.parse.links:
            return
        link = self.parse.links[-1]
        if link.objects[-1] is noun and link.subject.words and link.bond in ("on", "in"):
            link.subject.on = noun

    # --- texts ---------------------------------------------------------------------------------

    def on_quote(self, mention: Mention, index: int) -> None:
        """Quoted words fill a text that waits for them, or are a text of their own."""
        if len(self.parse.nouns) >= _MOST_NOUNS:
            return
        words = self.quotes[int(mention.value)]
        last = self.last
        waiting = (
            last is not None
            and last.kind == "text"
            and not last.words
            and last.sentence >= self.sentence - 1
            and not (self.says and self.says[1] is not None and self.says[1] is not last)
        )
        if last is not None and waiting:
            if "and" not in self.gap and not ("with" in self.gap and self.pending):
                last.traits.take(self.pending)
                self.pending = Traits()
            last.words = words
            last.mention = index
            self._finish_text(last, mention)
            return
        noun = Noun("text", "title", words, self.sentence, words=words, mention=index)
        noun.denied = self.denying
        if mention.value and self.says:
            self._spoken(noun)
        self._settle(noun)
        self.parse.nouns.append(noun)
        self._relate(noun)
        self._finish_text(noun, mention)

    def _finish_text(self, noun: Noun, mention: Mention) -> None:
        if self.says and self.says[0] != "-" and noun.value == "title":
            noun.value = self.says[0]
        self.says, self.last, self.gap, self.opened = None, noun, set(), False
        noun.denied = self.denying
        del mention

    def _spoken(self, noun: Noun) -> None:
        role, speaker = self.says or ("-", None)
        if speaker is not None and speaker.kind == "thing" and role == "-":
            carries = speaker.value in _CARRIERS or speaker.value.startswith("shape:")
            if carries or "speaks" in self.gap:
                noun.on = speaker
                noun.speaks = not carries
        elif speaker is not None and speaker.kind == "block":
            speaker.words, noun.kind = noun.words, "label"
        if role != "-":
            noun.value = role

    def on_amount(self, mention: Mention, index: int) -> None:
        """A price such as $9.99 is a text when a price is asked for or it stands alone."""
        last = self.last
        if last is not None and last.kind == "text" and not last.words:
            last.words, last.value = mention.text, "price"
            return
        if len(self.parse.nouns) >= _MOST_NOUNS:
            return
        if last is not None and last.kind == "thing" and not self.gap and not self.pending:
            words = f"{last.said[:1].upper()}{last.said[1:]} {mention.text}"  # a row of a menu
            noun = Noun("text", "body", words, self.sentence, words=words, mention=index)
            self.parse.nouns.append(noun)
            return
        noun = Noun("text", "price", mention.text, self.sentence, words=mention.text, mention=index)
        noun.denied = self.denying
        self._settle(noun)
        self.parse.nouns.append(noun)
        self.last, self.gap, self.opened = noun, set(), False

    def on_says(self, mention: Mention, index: int) -> None:
        """ "that says": what follows is words; the noun before may carry or speak them. The value
        `with` ("with the text") is written on what carries words and never spoken."""
        if self.last is not None:
            self._back()
        if self._quote_follows(index) or self._captured_follows(index):
            apart = self.gap & {"pause", "end", "and"}
            role = "-" if mention.value == "with" else mention.value
            self.says = (role, None if apart else self._speaker())
        self.gap.add("says")
        if not mention.text.lower().startswith("with") and mention.value == "-":
            self.gap.add("speaks")  # "a cat saying", but not "a cat with the text"

    def _speaker(self) -> Noun | None:
        """Who says it: the noun before, or who lives in this sentence where that is a place."""
        signs = [one for one in self._near() if one.value == "placard"]
        if signs:
            return signs[-1]  # "a sign with an arrow that says"
        if self.last is None or self.last.kind not in ("place", "effect"):
            return self.last
        alive = [one for one in self._near() if one.kind == "thing" and is_alive(one.value)]
        return alive[-1] if alive else self.last

    def _captured_follows(self, index: int) -> bool:
        return index + 1 < len(self.mentions) and self.mentions[index + 1].kind == "quote"

    # --- descriptions --------------------------------------------------------------------------

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

    def _near(self) -> list[Noun]:
        """The nouns of this sentence so far, the last few of them."""
        return [one for one in self.parse.nouns[-_NEAR:] if one.sentence == self.sentence]

    def _placed(self) -> Noun:
        """Who a place on the canvas belongs to: not the landmark that was named last."""
        assert self.last is not None
        if self.last.kind in ("ground", "place", "genre"):
            texts = [one for one in self._near() if one.kind in ("text", "thing")]
            return texts[-1] if texts else self.last
        return self.last

    def _noun_follows(self, index: int) -> bool:
        for mention in self.mentions[index + 1 : index + 9]:
            if mention.kind in (*_NOUNS, "quote"):
                return True
            if mention.kind == "end":
                return False
        return False

    def on_depth(self, mention: Mention, index: int) -> None:
        starts = self.last is None or self.last.sentence != self.sentence
        self._back()
        if starts and self._noun_follows(index):
            self.pending.depth = mention.value
            self.opened = True
        elif self.last and not (mention.value == "outside" and "pause" in self.gap):
            self.last.traits.depth = mention.value

    def _close_follower(self) -> None:
        """Where adjectives follow nouns, one that stands right behind its noun is settled now."""
        if self.after and self.last and not self.gap and not self.opened and not self.early:
            self.last.traits.take(self.pending)
            self.pending = Traits()

    def _back(self) -> None:
        """The clause ends: what waits goes to the noun before it, or floats."""
        if not self.pending:
            return
        pending, self.pending = self.pending, Traits()
        if self.denying:
            return
        last_is_thing = self.last is not None and self.last.kind == "thing"
        paired = len(pending.inks) > 1 and last_is_thing and "pause" in self.gap
        if paired and self.parse.genres:
            self.parse.floating.take(pending)  # "a card with a trophy, blue and gold"
            return
        if self.last and self.last.sentence != self.sentence and pending.inks and self.parse.genres:
            self.parse.floating.take(Traits(inks=pending.inks))  # "Use blue and silver colours."
            pending.inks = []
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
            self._described(last, pending).traits.take(pending)

    def _described(self, last: Noun, pending: Traits) -> Noun:
        """ "'GO' inside the white circle in black": the circle has its colour already."""
        link = self.parse.links[-1] if self.parse.links else None
        if link and link.objects[-1] is last and pending.inks and last.traits.inks:
            subject = link.subject
            if subject.kind == "text" and not subject.traits.inks and "link" in self.gap:
                return subject
        return last

    def _ground(self) -> Noun:
        grounds = self.parse.of("ground")
        if grounds:
            return grounds[-1]
        ground = Noun("ground", "-", "background", self.sentence)
        self.parse.nouns.append(ground)
        return ground

    # --- structure -----------------------------------------------------------------------------

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
        if self.pending and following in ("colour", "tone", "code", "face", "weight", "texture"):
            return  # "red and gold", "bold and italic" stay together
        if self.pending and self.last and not self.opened:
            self._back()
        self._hanging()
        self.gap.add("and")
        self.opened = False

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
        if self.postposed and not self._is_landmark():
            self.opened = True
            return  # "on a blue background", "in the garden": no thing to stand beside
        if self.last is not None and self.last.kind in ("effect", "unknown") and not starts:
            self.gap.add("bond")
            self.bond, self.opened = None, True
            return
        subject = self._subject(mention.value)
        if self.postposed and subject is not None:
            self.landmark = (mention.value, subject)
        else:
            self.bond = (mention.value, subject)
        self.gap.add("bond")
        self.opened = True

    def _is_landmark(self) -> bool:
        return self.last is not None and self.last.kind in ("thing", "block")

    def _landed(self) -> None:
        """ "The cat is, tree no-left": nothing followed the relation word, so what stands before
        the landmark is meant."""
        if not (self.postposed and self.landmark):
            return
        bond, landmark = self.landmark
        before = [
            noun
            for noun in self.parse.nouns
            if noun.sentence == landmark.sentence
            and noun.kind == "thing"
            and noun is not landmark
            and not any(link.subject is noun for link in self.parse.links)
        ]
        if before:
            self._link(before[-1], bond, landmark)
            self.landmark = None

    def _subject(self, bond: str) -> Noun | None:
        """The noun before a relation word: in this sentence, a thing, text or block; who wears or
        rides something is alive."""
        near = [noun for noun in self._near() if noun.kind in ("thing", "text", "block")]
        worn = {id(link.objects[0]) for link in self.parse.links[-_NEAR:] if link.bond in _WORN}
        near = [noun for noun in near if id(noun) not in worn] or near
        if bond in _DEEDS or ("pause" in self.gap and near and near[-1].kind == "thing"):
            doers = [noun for noun in near if noun.kind == "thing" and is_alive(noun.value)]
            return doers[-1] if doers else near[-1] if near else None
        if near and near[-1].kind == "text" and (near[-1].on or "pause" in self.gap):
            things = [noun for noun in near if noun.kind == "thing"]
            return things[-1] if things else near[-1]
        return near[-1] if near else None

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
            self.gap.add("link")
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

    def _hanging(self) -> None:
        """ "'A' above and 'B' below": a relation word without a landmark is a place."""
        if self.bond is None:
            return
        bond, subject = self.bond
        if subject is not None and subject.kind == "text" and bond in _HANGING:
            subject.traits.slot = subject.traits.slot or _HANGING[bond]
        self.bond = None

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

    # --- the whole picture ---------------------------------------------------------------------

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
        self.parse.unknown.append(mention.text)
        after = self.mentions[index + 1] if index + 1 < len(self.mentions) else None
        located = after is not None and after.kind in ("place", "hour") and " " in after.text
        if after is None or after.kind in _ENDERS or located:
            noun = Noun("unknown", "-", mention.text, self.sentence, mention=index)
            self._settle(noun)
            self.last, self.gap, self.opened = noun, set(), False

    def finish(self) -> Parse:
        """The parse, after what still waits has found its noun."""
        self._back()
        self._landed()
        self._hanging()
        return self.parse
