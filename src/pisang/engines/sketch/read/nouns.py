"""What the attachment step builds: nouns with their descriptions, and how they stand together.

Values only, mutable while a prompt is being read; `compose.py` turns them into a Scene.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pisang.engines.sketch.scene import Ink


@dataclass(slots=True)
class Traits:
    """Descriptions waiting for a noun, or belonging to one. Strings are values of scene enums."""

    inks: list[Ink] = field(default_factory=list)
    tone: str = ""
    size: str = ""
    count: int = 0
    slot: str = ""
    depth: str = ""
    formation: str = ""
    face: str = ""
    texture: str = ""
    style: str = ""
    weights: list[str] = field(default_factory=list)
    outline: Ink | None = None
    paired: bool = False  # "a pair of": one drawing where it shows two already
    series: list[Ink] = field(default_factory=list)  # one each: "three balls: red, blue and white"
    ranged: bool = False  # from ... to ...: the inks are a gradient

    def __bool__(self) -> bool:
        return bool(
            self.inks
            or self.tone
            or self.size
            or self.count
            or self.slot
            or self.depth
            or self.face
            or self.texture
            or self.weights
        )

    def take(self, other: Traits) -> None:
        """Adds the descriptions of `other` where this has none yet."""
        self.inks.extend(ink for ink in other.inks if ink not in self.inks)
        self.ranged = self.ranged or other.ranged
        self.paired = self.paired or other.paired
        for name in ("tone", "size", "slot", "depth", "formation", "face", "texture", "style"):
            if not getattr(self, name):
                setattr(self, name, getattr(other, name))
        self.count = self.count or other.count
        self.outline = self.outline or other.outline
        self.weights.extend(one for one in other.weights if one not in self.weights)


@dataclass(slots=True)
class Noun:
    """A head of the prompt. `kind`: thing, ground, place, text, effect, block, genre.

    `value` is the drawing, place, role ... of the tables; `said` the word of the prompt; `words`
    what a text says; `sentence` counts sentences; `on` is the noun that carries a text.
    """

    kind: str
    value: str
    said: str
    sentence: int
    traits: Traits = field(default_factory=Traits)
    words: str = ""
    indefinite: bool = False  # "a cat": another one
    plural: bool = False
    denied: bool = False
    definite: bool = False  # "the cat": may be one named before
    speaks: bool = False
    headline: bool = False  # the prompt calls it the title
    on: Noun | None = None
    items: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    mention: int = -1  # its place in the list of mentions


@dataclass(slots=True)
class Link:
    """`subject` BOND `objects`; the bond is a value of scene.Bond or `riding`."""

    subject: Noun
    bond: str
    objects: list[Noun]


@dataclass(slots=True)
class Parse:
    """A prompt taken apart. `floating` are descriptions that met no noun."""

    nouns: list[Noun] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    floating: Traits = field(default_factory=Traits)
    denied: list[str] = field(default_factory=list)
    hours: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    genres: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    typos: list[tuple[str, str]] = field(default_factory=list)
    photo: bool = False
    asked: bool = False  # a verb or medium asks for a picture
    wished: bool = False  # "I want", "give me": of a picture or of something else
    language: str = "en"
    asks: list[str] = field(default_factory=list)  # question, greeting, task

    def of(self, kind: str) -> list[Noun]:
        """The nouns of a kind that are not denied."""
        return [noun for noun in self.nouns if noun.kind == kind and not noun.denied]
