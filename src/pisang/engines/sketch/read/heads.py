"""Nouns and texts: each takes what waits for it, and finds what it stands or is written on."""

from __future__ import annotations

from dataclasses import replace

from pisang.engines.sketch.read import colours
from pisang.engines.sketch.read.animate import is_alive, is_held, is_person, is_worn
from pisang.engines.sketch.read.describing import Describing
from pisang.engines.sketch.read.mentions import Mention
from pisang.engines.sketch.read.nouns import Noun, Traits
from pisang.engines.sketch.read.people import is_drawing
from pisang.engines.sketch.read.walk import DEEDS

_MOST_NOUNS = 500  # a prompt names fewer; a hostile one must not cost seconds
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
_ROOMS = frozenset(("cafe", "kitchen", "room", "studio", "library", "stage", "desk"))
_SIGNS = frozenset(("placard", "label", "scroll", "stop-sign", "ticket", "page-facing-up"))
_HEADLINES = frozenset(("title", "titled", "headline", "heading", "header"))
_LOOKS = frozenset(("slightly-smiling-face", "grinning-face", "smiling-face", "frowning-face"))
_EXPRESSIONS = frozenset(("smile", "face", "grin", "frown", "smiles", "smiling face", "expression"))
"""What somebody who is named wears in the face, no drawing beside him."""
_FONT_WORDS = frozenset(("font", "fonts", "typeface", "letters", "lettering", "typography", "type"))


class Naming(Describing):
    """The rules for nouns."""

    def noun(self, mention: Mention, index: int) -> None:
        """A head: takes the waiting descriptions, a waiting relation, a waiting text."""
        if mention.kind == "genre" and self.denying:
            return
        if mention.kind == "text" and self._letters_of_quote(mention, index):
            return
        if mention.kind == "thing" and self._is_part(mention):
            return
        if mention.kind == "place" and self.parse.genres and self._is_customer(index):
            self.parse.themes.extend(["food"] if mention.value in ("cafe", "kitchen") else [])
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
            self._for_a_business(index)
        if noun.kind in ("thing", "block"):
            self._compound(noun, index)
            self._face_of(noun)
        self._settle(noun)
        self.parse.nouns.append(noun)
        self._relate(noun)
        self._carry(noun)
        self.last, self.gap, self.opened = noun, set(), False
        self.definite = self.article = False
        self.says = None

    def on_formation(self, mention: Mention, index: int) -> None:
        """ "Eight planets in a row"; a single thing in a circle stands inside a ring of ink."""
        self._back()
        near = [one for one in self._near() if one.kind == "thing"]
        group = near[-1:] if near and self._is_group(near[-1]) else near if len(near) > 2 else []
        for noun in group:
            noun.traits.formation = noun.traits.formation or mention.value
        if not group and mention.value == "circle":
            self.bond = ("in", self._subject("in"))
            self.noun(replace(mention, kind="thing", value="shape:circle", text="circle"), index)

    def _for_a_business(self, index: int) -> None:
        """ "A restaurant menu", "gym logo": what it is for, not where it is."""
        last = self.last
        if last and last.kind == "place" and last.value in _ROOMS and last.mention == index - 1:
            self.parse.nouns.remove(last)
            self.parse.themes.extend(["food"] if last.value == "cafe" else [])
            self.last = None

    def _is_customer(self, index: int) -> bool:
        """ "A logo for a gym", "a post for a bakery": who wants it, not where it is."""
        if self.mentions[index].value_as("place") not in _ROOMS:
            return False
        for before in reversed(self.mentions[max(index - 4, 0) : index]):
            if before.text.lower() == "for":
                return True
            if before.kind not in ("det", "colour", "size", "style", "skip", "unknown"):
                return False
        return False

    def _is_part(self, mention: Mention) -> bool:
        """ "With green eyes": the eyes are the cat's, and the drawing cannot show their colour."""
        owner = mention.value in _LOOKS or (self.last and self.last.kind == "unknown")
        last = self._who() if owner else self.last
        if mention.value in _LOOKS and last and mention.text.lower() in _EXPRESSIONS:
            face = f"{last.value}-face"
            if is_drawing(face) and mention.text.lower() == "face":
                last.value = face
            self.pending, self.opened = Traits(), False
            return True
        joined = self.gap & {"with", "and"} if owner else "with" in self.gap
        if mention.value not in _PARTS or not last or last.kind != "thing" or not joined:
            return False
        names = [ink.name for ink in self.pending.inks if ink.name]
        self.parse.unknown.append(" ".join([*names, mention.text]))
        self.pending, self.opened = Traits(), False
        return True

    def _who(self) -> Noun | None:
        """Who is alive in this sentence, the last one named."""
        alive = [one for one in self._near() if one.kind == "thing" and is_alive(one.value)]
        return alive[-1] if alive else None

    def _compound(self, noun: Noun, index: int) -> None:
        """ "Superhero dog", "wizard's hat", "'Start' button": the first describes the second."""
        last = self.last
        if last is None or self.english is False or last.plural or last not in self.parse.nouns:
            return
        first = self.mentions[index].text[:1]
        if not (first.isascii() or first.isalpha()):
            return  # pictograms stand side by side: none describes the next
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

    def _face_of(self, noun: Noun) -> None:
        """ "The face of a lion" is one drawing."""
        last = self.last
        if last is None or last.value not in _LOOKS or self.gap != {"of"}:
            return
        if is_drawing(f"{noun.value}-face"):
            noun.value += "-face"
            noun.traits.take(last.traits)
            self.parse.nouns.remove(last)
            self.last = None

    def _first_word(self, noun: Noun, word: str) -> None:
        """ "Big tree", "black cat", "wooden table" are phrases of their own, and say a trait."""
        noun.traits.size = self._word_as("size", word)
        colour = self._word_as("colour", word)
        if colour and noun.kind == "thing" and not self._word_as("thing", word):
            noun.traits.inks.append(colours.parse_value(colour, word))
        if noun.kind == "place":
            noun.traits.texture = self._word_as("texture", word)

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

    def _relate(self, noun: Noun) -> None:
        if self.between and "and" in self.gap and len(self.between.objects) == 1:
            self.between.objects.append(noun)
            self.between = None
        elif self.bond:
            bond, subject = self.bond
            if subject is None and (not self.postposed or bond in DEEDS):
                self.landmark = (bond, noun)
            elif subject is not None and noun.kind in ("thing", "text", "block"):
                self._link(subject, bond, noun)
            self.bond = None
        elif self.landmark and noun.kind in ("thing", "text", "block"):
            bond, landmark = self.landmark
            subject, other = (noun, landmark)
            self._link(subject, bond, other)
            self.landmark = None

    def _also_held(self, noun: Noun) -> None:
        """ "Wearing a hat and sunglasses", "holding a flower and a balloon": both belong to her."""
        link = self.parse.links[-1] if self.parse.links else None
        if link is None or self.gap != {"and"} or noun.kind != "thing":
            return
        if link.objects[-1] is not self.last or link.subject.sentence != noun.sentence:
            return
        worn = link.bond == "wearing" and is_worn(noun.value)
        held = link.bond == "holding" and is_held(noun.value) and not is_alive(noun.value)
        if worn or held:
            self._link(link.subject, link.bond, noun)

    def _carry(self, noun: Noun) -> None:
        """ "'OPEN' on a sign": the text before is written on this thing."""
        last = self.last
        dressed = last and noun.kind == last.kind == "thing" and self.gap == {"with"}
        if last and dressed and is_alive(last.value) and is_worn(noun.value):
            self._link(last, "wearing", noun)  # "a cat with a red bow tie"
        elif last and dressed and is_person(last.value) and is_held(noun.value):
            self._link(last, "holding", noun)  # "a woman with a blue umbrella"
        self._also_held(noun)
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


class Wording(Naming):
    """The rules for words that are to be drawn."""

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
            last.headline = last.said.lower().split(" ")[-1] in _HEADLINES
            self._finish_text(last, mention)
            return
        noun = Noun("text", "title", words, self.sentence, words=words, mention=index)
        noun.denied = self.denying
        sign = last is not None and last.kind == "thing" and last.value in _SIGNS
        if sign and not self.says and self.gap <= {"with"} and not self.pending:
            noun.on = last  # "a sign 'Fresh eggs'", "a billboard with 'Your ad'"
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
            speaks = "speaks" in self.gap and (is_alive(speaker.value) or not self.parse.genres)
            if carries or speaks:
                noun.on = speaker
                noun.speaks = not carries
        elif speaker is not None and speaker.kind == "block":
            speaker.words, noun.kind = noun.words, "label"
        if role != "-":
            noun.value, noun.headline = role, role == "title"

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
        quiet = mention.text.lower().startswith(("with", "named", "called"))
        if not quiet and mention.value == "-":
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
