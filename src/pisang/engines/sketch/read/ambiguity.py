"""Chooses one meaning for each mention by what stands around it.

"Orange" before a noun is a colour and after "an" a fruit; "stars" fill a sky but "three stars" are
counted things; "light" is a tone only beside a colour. Each rule looks at the neighbours' possible
meanings only, so that the order of choosing does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pisang.engines.sketch.read.mentions import Mention

# Without a rule, the first of these that a phrase can mean.
_RANK = [
    "not",
    "ground",
    "genre",
    "photo",
    "says",
    "draw",
    "bond",
    "slot",
    "depth",
    "text",
    "place",
    "hour",
    "effect",
    "thing",
    "group",
    "colour",
    "tone",
    "size",
    "number",
    "block",
    "face",
    "style",
    "weight",
    "texture",
    "theme",
    "medium",
    "fluff",
    "on",
    "link",
    "with",
    "of",
    "from",
    "to",
    "and",
    "but",
    "det",
    "skip",
    "typo",
    "pronoun",
    "ordinal",
    "verb",
    "pixel",
    "ask",
    "early",
]
_ORDER = {kind: index for index, kind in enumerate(_RANK)}
_HEADS = ("thing", "ground", "text", "place", "effect", "block", "genre", "quote", "medium")
_CHARTS = frozenset(
    ("bar-chart", "pie-chart", "line-chart", "timeline", "table", "step", "stat", "nav", "field")
)
_COLOURED = frozenset(("coloured", "colored", "color", "colour", "tone", "tones", "shade"))
_SIDES = frozenset(("left-of", "right-of", "next-to", "below", "behind", "between", "around"))
_PREPOSITIONS = frozenset(("on", "in", "at", "by", "under", "above", "among"))
_WEATHER = frozenset(("lightning", "rain", "snow"))
_AMID = frozenset(("in", "during", "amid", "through", "into", "within", "before", "after"))
_COUNTABLE = 7  # "many stars" fill the sky, "three stars" are counted
_HELD = frozenset(
    (
        "crest", "badge", "patch", "mascot", "emblem", "menu", "cover", "card", "ticket", "quote",
        "sticker", "stickers", "banner", "poster", "postcard", "invitation", "certificate", "logo",
        "stamp", "chart", "slide", "greeting card", "book cover", "pattern", "timeline", "icon",
        "gift card", "business card", "brochure", "leaflet", "schedule", "graph", "app",
    )
)  # fmt: skip
_WHOLE_FRAME = frozenset(("entire", "whole", "full", "fills", "fill", "filling"))
_PAINTED = ("thing", "ground", "text", "unknown")
_MODIFIERS = ("colour", "tone", "size", "style", "face", "weight", "texture", "code", "skip")


def choose(mentions: Sequence[Mention], *, adjectives_after: bool = False) -> list[Mention]:
    """The mentions with one meaning each."""
    result = []
    for index, mention in enumerate(mentions):
        if (
            mention.has("genre")
            and _genre_or_object(mention, _Around(mentions, index, adjectives_after)) == "object"
        ):
            mention = Mention("unknown", mention.text, mention.text, mention.start, mention.end)
        if len(mention.entries) > 1:
            ranked = sorted(mention.entries, key=lambda entry: _ORDER.get(entry.kind, 99))
            mention = mention.taken_as(ranked[0].kind)
            around = _Around(mentions, index, adjectives_after)
            for rule in _RULES:
                kind = rule(mention, around)
                if kind and mention.has(kind):
                    mention = mention.taken_as(kind)
                    break
        result.append(mention)
    return result


class _Around:
    """The neighbours of one mention; at the ends of the prompt a blank one."""

    def __init__(self, mentions: Sequence[Mention], index: int, after: bool) -> None:
        self.mentions, self.index, self.adjectives_after = mentions, index, after

    def at(self, step: int) -> Mention:
        place = self.index + step
        if 0 <= place < len(self.mentions):
            return self.mentions[place]
        return Mention("edge", "", "", 0, 0)

    @property
    def head_follows(self) -> bool:
        """Does a noun follow, with nothing but descriptions between?"""
        for step in range(1, 5):
            mention = self.at(step)
            if can(mention, *_HEADS):
                return mention.text.lower().partition(" ")[0] not in _PREPOSITIONS
            if not can(mention, *_MODIFIERS):
                return False
        return False

    @property
    def bond_before(self) -> str:
        """The relation word before this noun group, or ""."""
        for step in range(-1, -6, -1):
            mention = self.at(step)
            if can(mention, "bond"):
                return mention.value_as("bond") or ""
            if not can(mention, "det", "number", *_MODIFIERS):
                return ""
        return ""

    @property
    def pointed(self) -> bool:
        """Does a "the" stand before the noun before, with nothing but descriptions between?"""
        for step in range(-2, -5, -1):
            mention = self.at(step)
            if mention.text.lower() in ("the", "its", "his", "her", "their"):
                return not can(self.at(step - 1), "from", "with")
            if not can(mention, "number", *_MODIFIERS):
                return False
        return False

    @property
    def counted(self) -> bool:
        """Does a number stand before, with nothing but descriptions between?"""
        for step in range(-1, -5, -1):
            mention = self.at(step)
            if can(mention, "number") and not can(mention, "det"):
                return int(mention.value_as("number") or mention.value) < _COUNTABLE
            if not can(mention, *_MODIFIERS):
                return False
        return False


def can(mention: Mention, *kinds: str) -> bool:
    """Could the mention be of one of these kinds?"""
    return mention.kind in kinds or any(entry.kind in kinds for entry in mention.entries)


def _colour_or_thing(mention: Mention, around: _Around) -> str:
    if not (mention.has("colour") and mention.has("thing")):
        return ""
    before, after = around.at(-1), around.at(1)
    if mention.plural or can(before, "number"):
        return "thing"
    if can(before, "tone", "from", "to") or after.text.lower() in _COLOURED:
        return "colour"
    if can(before, "link") and not can(after, "and", "bond"):
        return "colour"
    if can(before, "pronoun") or (can(before, *_PAINTED) and around.pointed):
        return "colour"  # "make it orange", "the cat orange"
    if can(after, "on") and can(around.at(2), "colour") and not can(before, "det"):
        return "colour"  # "a logo, orange on white"
    if around.adjectives_after and can(before, "thing", "ground", "text"):
        return "colour"
    if around.head_follows and after.kind != "quote":
        return "colour"
    if can(after, "and") and can(around.at(2), "colour"):
        return "colour"
    if can(before, "and") and can(around.at(-2), "colour") and not can(before, "det"):
        return "colour"
    if can(before, "colour", "pause") and can(after, "pause", "and"):
        return "colour" if can(around.at(2), "colour") else "thing"
    return "thing"


def _effect_or_thing(mention: Mention, around: _Around) -> str:
    if not (mention.has("effect") and mention.has("thing")):
        return ""
    before = around.at(-1)
    if around.counted or (can(before, "number") and can(around.at(1), "formation")):
        return "thing"
    if can(before, "det") and before.text.lower() in ("a", "an") and not mention.plural:
        effect = mention.value_as("effect")
        inside = effect in _WEATHER and around.at(-2).text.lower() in _AMID
        return "effect" if inside or effect in ("frame", "fog") else "thing"
    return "effect"


def _place_or_thing(mention: Mention, around: _Around) -> str:
    if not (mention.has("place") and mention.has("thing")):
        return ""
    before = around.at(-1)
    counted = before.kind == "number" or can(before, "number")
    if counted and not can(before, "det"):
        return "thing"
    return "thing" if around.bond_before in _SIDES else "place"


def _genre_or_block(mention: Mention, around: _Around) -> str:
    if not mention.has("genre"):
        return ""
    charted = ("infographic", "interface")
    if mention.has("block") and any(
        other.value_as("genre") in charted and other.start != mention.start
        for other in around.mentions
    ):
        return "block"
    return ""


def _block_or_thing(mention: Mention, _around: _Around) -> str:
    """A chart is a block, whatever little drawing of one the library has."""
    return "block" if mention.has("block") and mention.value_as("block") in _CHARTS else ""


def _style_or_face(mention: Mention, around: _Around) -> str:
    """Descriptions that both lettering and the whole picture can have go by the noun they meet."""
    if not (mention.has("face") or mention.has("weight")):
        return ""
    near = [around.at(step) for step in (1, 2, 3)]
    letters = any(can(one, "text", "face", "weight") or one.kind == "quote" for one in near)
    if letters or can(around.at(-1), "quote", "text") or around.at(-1).kind == "quote":
        return "face" if mention.has("face") else "weight"
    for kind in ("style", "effect", "texture"):
        if mention.has(kind):
            return kind
    return ""


def _hour_or_theme(mention: Mention, around: _Around) -> str:
    """ "Fall" and "spring" are seasons; a fall down the stairs is nothing we draw."""
    return (
        "skip" if mention.has("theme") and mention.has("skip") and can(around.at(-1), "and") else ""
    )


def _style_or_colour(mention: Mention, around: _Around) -> str:
    """ "Black and white" is a style of the picture, or two colours of a noun."""
    if not (mention.has("style") and mention.has("colour")):
        return ""
    return "colour" if around.head_follows else "style"


def _tone_or_style(mention: Mention, around: _Around) -> str:
    if not mention.has("tone"):
        return ""
    if can(around.at(1), "colour", "code"):
        return "tone"
    return "style" if mention.has("style") else "tone"


def _texture_or_ground(mention: Mention, around: _Around) -> str:
    """A wall of bricks is a texture, a pattern of waves too; a bare "waves" may be the sea."""
    if not (mention.has("texture") and mention.has("thing")):
        return ""
    if around.head_follows or " " in mention.text:
        return "texture"
    for step in range(-1, -5, -1):
        before = around.at(step)
        if can(before, "on", "link", "of"):
            return "texture"
        if not can(before, "det", *_MODIFIERS):
            return "thing"
    return "thing"


def _style_or_thing(mention: Mention, around: _Around) -> str:
    """ "A pencil on a desk" is a pencil, "pencil, soft shading" a style."""
    if not (mention.has("style") and mention.has("thing")):
        return ""
    article = can(around.at(-1), "det", "number") and not around.head_follows
    return "thing" if article or mention.plural else "style"


def _in(mention: Mention, around: _Around) -> str:
    """ "In" before a thing is a place to be; before colours or lettering it describes."""
    if not (mention.has("link") and mention.has("bond")):
        return ""
    for step in range(1, 7):
        after = around.at(step)
        if can(after, "thing") and not can(after, "colour", "place", "style", "texture"):
            return "bond"
        if not can(after, *_MODIFIERS, "det", "number", "and", "weight"):
            return "link"
    return "link"


def _thing_or_topic(mention: Mention, around: _Around) -> str:
    """ "Two kids on a beach" are there, "a poster for kids" and "kids' room" only are for them; a
    "square image" is a format, a "blue square" a thing."""
    if not mention.has("thing") or not (mention.has("theme") or mention.has("fluff")):
        return ""
    other = "theme" if mention.has("theme") else "fluff"
    before, after = around.at(-1), around.at(1)
    if other == "fluff" and mention.text.lower() != "square":
        return ""
    if around.head_follows or can(after, "medium", "of") or before.text.lower() in ("for", "about"):
        return other
    if other == "fluff" and not can(before, "det", "colour", "number", "size"):
        return other
    return "thing"


def _genre_or_object(mention: Mention, around: _Around) -> str:
    """ "A knight with a lion crest on his shield", "a waiter holding a menu": what somebody has
    is no kind of picture."""
    if not mention.has("genre") or mention.text.lower() not in _HELD:
        return ""
    held = False
    for step in range(-1, -12, -1):
        before = around.at(step)
        if before.kind in ("edge", "end", "line", "quote") or can(before, "draw", "verb"):
            return ""
        if before.has("genre") and not before.has("thing"):
            return ""
        if can(before, "thing", "group") and held:
            return "thing" if mention.has("thing") else "object"
        held = held or can(before, "with", "bond")
    return ""


def _sign_or_texture(mention: Mention, around: _Around) -> str:
    """A chalkboard that says something is a sign; on a chalkboard words are written all over."""
    if mention.value_as("texture") != "chalkboard" or not mention.has("thing"):
        return ""
    before = around.at(-1)
    before = around.at(-2) if can(before, "det") else before
    scenery = any(can(one, "thing", "place", "group") for one in around.mentions[: around.index])
    written_over = can(before, "on") and not around.at(1).has("says")
    return "thing" if scenery and not written_over else "texture"


def _frame_or_edge(mention: Mention, around: _Around) -> str:
    """ "Bottom right of the frame", "in the frame": the edge of the picture, nothing to draw."""
    if mention.value_as("effect") != "frame" or not mention.has("medium"):
        return ""
    before = around.at(-1)
    edge = before.value == "the" and can(around.at(-2), "of", "in", "link", "bond", "skip", "to")
    bare = can(before, "link", "bond", "of", "skip") and not can(before, "pause", "with", "det")
    return "medium" if edge or bare or before.text.lower() in _WHOLE_FRAME else ""


def _says_or_deed(mention: Mention, around: _Around) -> str:
    """ "Reading 'OPEN'" announces words, "reading a book" is a deed."""
    if not (mention.has("says") and mention.has("bond")):
        return ""
    quoted = any(around.at(step).kind == "quote" for step in (1, 2))
    return "says" if quoted else "bond"


_RULES: tuple[Callable[[Mention, _Around], str], ...] = (
    _colour_or_thing,
    _tone_or_style,
    _style_or_colour,
    _block_or_thing,
    _genre_or_block,
    _style_or_face,
    _effect_or_thing,
    _place_or_thing,
    _sign_or_texture,
    _texture_or_ground,
    _style_or_thing,
    _hour_or_theme,
    _in,
    _says_or_deed,
    _frame_or_edge,
    _genre_or_object,
    _thing_or_topic,
)
