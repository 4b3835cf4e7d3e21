"""The Scene: what a picture shows, as plain data, with no word about pixels.

A prompt is read into a Scene, an edit changes a Scene, layout places one on a canvas. Because it
is small, it travels inside ``thoughtSignature`` and comes back with the next turn. It names
supplied pictures by digest and never holds them.

Every ``id`` is unique in its scene and stays the same over turns: ``t1`` texts, ``d1`` drawings,
``p1`` pictures, ``b1`` blocks. Colours are ``#rrggbb``.
"""

from pydantic import BaseModel, ConfigDict

from pisang.engines.sketch.vocabulary import (
    Absent,
    BlockKind,
    Bond,
    Change,
    Depth,
    EffectKind,
    Face,
    Finish,
    Formation,
    Framing,
    Genre,
    Hour,
    Place,
    Role,
    Size,
    Slot,
    Style,
    Texture,
)


class Part(BaseModel):
    """Base of all scene values: frozen, strict about names, small when written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Ink(Part):
    """One or more colours and a finish; two or more colours are a gradient, first to last.

    ``name`` is the word the prompt used ("navy blue"), for the answer's sentence.
    """

    colours: tuple[str, ...]
    finish: Finish = Finish.FLAT
    name: str = ""


class Backdrop(Part):
    """What lies behind everything: a place in some light, or a coloured, textured ground.

    ``ink`` dyes the ground, and of a place its land, water or walls; ``sky`` dyes its sky.
    """

    place: Place | None = None
    hour: Hour | None = None
    ink: Ink | None = None
    texture: Texture | None = None
    sky: Ink | None = None


class TextRun(Part):
    """Words to be drawn exactly as they are, line breaks included."""

    id: str
    words: str
    role: Role = Role.TITLE
    face: Face | None = None
    bold: bool = False
    italic: bool = False
    ink: Ink | None = None
    size: Size | None = None
    slot: Slot | None = None
    on: str | None = None  # id of the thing, picture or block that carries the words
    glow: bool = False
    shadow: bool = False
    outline: Ink | None = None


class Thing(Part):
    """One drawn object, or a group of ``count`` alike.

    ``drawing`` is a name that ``drawings.py`` knows, or one of ``shape:`` circle, square,
    rectangle, triangle, star, heart, diamond, hexagon, line, arrow, ring, cube, sphere, cylinder,
    cone, pyramid. ``said`` is the word of the prompt. ``formation`` is said of the members of a
    group ("eight planets in a row"); things listed with the same formation share one row.
    """

    id: str
    drawing: str
    said: str = ""
    count: int = 1
    ink: Ink | None = None
    size: Size | None = None
    slot: Slot | None = None
    depth: Depth | None = None
    flip: bool = False
    turn: float = 0.0  # degrees, clockwise
    formation: Formation | None = None


class Relation(Part):
    """``subject`` stands in ``bond`` to ``objects`` (two of them for BETWEEN); all are ids of
    things, pictures, blocks or texts."""

    subject: str
    bond: Bond
    objects: tuple[str, ...]


class PixelEdit(Part):
    change: Change
    amount: float | None = None
    ink: Ink | None = None
    slot: Slot | None = None


class Picture(Part):
    """A supplied or earlier picture: ``digest`` is the SHA-256 (hex) of its file's bytes."""

    id: str
    digest: str
    framing: Framing = Framing.COVER
    edits: tuple[PixelEdit, ...] = ()
    size: Size | None = None
    slot: Slot | None = None
    depth: Depth | None = None


class Effect(Part):
    """Something over or behind the whole picture. ``amount`` runs from 0 to 1, 0.5 is usual."""

    kind: EffectKind
    ink: Ink | None = None
    amount: float = 0.5


class Block(Part):
    """``label`` heads it, ``items`` are its rows or steps, ``values`` go with the items;
    ``drawings`` go with the items of a comparison of two."""

    id: str
    kind: BlockKind
    label: str = ""
    items: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    drawing: str | None = None
    drawings: tuple[str, ...] = ()
    ink: Ink | None = None
    slot: Slot | None = None


class Scene(Part):
    """The whole picture. ``without`` holds what was denied ("a night sky without the moon")."""

    genre: Genre = Genre.SCENE
    style: Style = Style.FLAT
    backdrop: Backdrop = Backdrop()
    things: tuple[Thing, ...] = ()
    texts: tuple[TextRun, ...] = ()
    pictures: tuple[Picture, ...] = ()
    blocks: tuple[Block, ...] = ()
    relations: tuple[Relation, ...] = ()
    effects: tuple[Effect, ...] = ()
    palette: tuple[str, ...] = ()
    without: tuple[Absent, ...] = ()

    def ids(self) -> set[str]:
        """Every id in use."""
        return {
            *(thing.id for thing in self.things),
            *(text.id for text in self.texts),
            *(picture.id for picture in self.pictures),
            *(block.id for block in self.blocks),
        }


def dump(scene: Scene) -> bytes:
    """Writes a scene as small JSON: what equals its default is left out."""
    return scene.model_dump_json(exclude_defaults=True).encode()


def load(data: bytes) -> Scene:
    """Reads what ``dump`` wrote. Raises pydantic's ``ValidationError`` for anything else."""
    return Scene.model_validate_json(data)
