"""The Scene: what a picture shows, as plain data, with no word about pixels.

A prompt is read into a Scene, an edit changes a Scene, layout places one on a canvas. Because it
is small, it travels inside ``thoughtSignature`` and comes back with the next turn. It names
supplied pictures by digest and never holds them.

Every ``id`` is unique in its scene and stays the same over turns: ``t1`` texts, ``d1`` drawings,
``p1`` pictures, ``b1`` blocks. Colours are ``#rrggbb``.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all scene values: frozen, strict about names, small when written as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Genre(StrEnum):
    """The kind of picture, which decides composition, type scale and default palette."""

    SCENE = "scene"  # things in a place
    CARD = "card"  # greeting: a text is the hero
    POSTER = "poster"  # title, subtitle, details, a hero drawing
    PRODUCT = "product"  # one object, studio light
    INFOGRAPHIC = "infographic"  # title and blocks
    INTERFACE = "interface"  # app or web mock-up made of blocks
    SOCIAL = "social"  # social post or banner: bold text and one drawing
    ICON = "icon"  # logo, sticker, app icon: one mark, much room
    PATTERN = "pattern"  # seamless repetition of drawings
    COLLAGE = "collage"  # several supplied pictures side by side
    EDIT = "edit"  # a supplied picture fills the canvas


class Slot(StrEnum):
    """A place on the canvas, as people name it."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"


class Size(StrEnum):
    TINY = "tiny"
    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"
    HUGE = "huge"


class Depth(StrEnum):
    FOREGROUND = "foreground"
    MIDDLE = "middle"
    BACKGROUND = "background"
    DISTANCE = "distance"
    OUTSIDE = "outside"  # seen through the window


class Place(StrEnum):
    """A surrounding that ``paint/places`` can draw."""

    SKY = "sky"
    MEADOW = "meadow"
    HILLS = "hills"
    MOUNTAINS = "mountains"
    FOREST = "forest"
    SEA = "sea"
    BEACH = "beach"
    UNDERWATER = "underwater"
    LAKE = "lake"
    DESERT = "desert"
    SNOWFIELD = "snowfield"
    CITY = "city"
    STREET = "street"
    PARK = "park"
    GARDEN = "garden"
    FARM = "farm"
    ROOM = "room"
    KITCHEN = "kitchen"
    CAFE = "cafe"
    DESK = "desk"
    TABLE = "table"
    LIBRARY = "library"
    STAGE = "stage"
    STUDIO = "studio"
    SPACE = "space"


class Hour(StrEnum):
    """The light: it sets the palette of a place and what stands in its sky."""

    DAY = "day"
    NIGHT = "night"
    SUNSET = "sunset"
    DAWN = "dawn"


class Finish(StrEnum):
    """How a colour catches the light."""

    FLAT = "flat"
    METAL = "metal"  # gold, silver, copper: banded gradient
    NEON = "neon"  # bright core, coloured glow
    PASTEL = "pastel"
    RAINBOW = "rainbow"
    CHALK = "chalk"


class Ink(Part):
    """One or more colours and a finish; two or more colours are a gradient, first to last.

    ``name`` is the word the prompt used ("navy blue"), for the answer's sentence.
    """

    colours: tuple[str, ...]
    finish: Finish = Finish.FLAT
    name: str = ""


class Texture(StrEnum):
    PLAIN = "plain"
    GRADIENT = "gradient"
    RADIAL = "radial"
    STRIPES = "stripes"
    DOTS = "dots"
    CHECKS = "checks"
    GRID = "grid"
    RAYS = "rays"
    WAVES = "waves"
    PAPER = "paper"
    WOOD = "wood"
    MARBLE = "marble"
    BRICK = "brick"
    CHALKBOARD = "chalkboard"


class Backdrop(Part):
    """What lies behind everything: a place in some light, or a coloured, textured ground.

    ``ink`` dyes the ground, and of a place its land, water or walls; ``sky`` dyes its sky.
    """

    place: Place | None = None
    hour: Hour | None = None
    ink: Ink | None = None
    texture: Texture | None = None
    sky: Ink | None = None


class Role(StrEnum):
    """What a text is for; it decides rank, size and face when the prompt leaves them open."""

    TITLE = "title"
    SUBTITLE = "subtitle"
    BODY = "body"
    LABEL = "label"  # belongs to a drawing, picture or block
    BUTTON = "button"
    PRICE = "price"
    SIGN = "sign"  # written on a thing: sign, mug, T-shirt, cake
    SPEECH = "speech"  # in a bubble beside who says it


class Face(StrEnum):
    """A lettering style; ``fonts.py`` maps it to a font that covers the text's script."""

    SANS = "sans"
    SERIF = "serif"
    SCRIPT = "script"
    HANDWRITTEN = "handwritten"
    MONO = "mono"
    DISPLAY = "display"
    RETRO = "retro"
    ROUNDED = "rounded"
    SLAB = "slab"
    PIXEL = "pixel"
    ELEGANT = "elegant"
    NEON = "neon"
    COMIC = "comic"
    GOTHIC = "gothic"


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


class Formation(StrEnum):
    """How the members of one group, or the things of a list, stand to each other."""

    ROW = "row"  # side by side on one line
    COLUMN = "column"  # one above the other
    CIRCLE = "circle"
    PILE = "pile"


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


class Bond(StrEnum):
    """How one thing stands to others: ``first BOND second``."""

    LEFT_OF = "left-of"
    RIGHT_OF = "right-of"
    ABOVE = "above"
    BELOW = "below"
    ON = "on"
    IN = "in"
    IN_FRONT_OF = "in-front-of"
    BEHIND = "behind"
    NEXT_TO = "next-to"
    BETWEEN = "between"
    AROUND = "around"
    HOLDING = "holding"
    WEARING = "wearing"


class Relation(Part):
    """``subject`` stands in ``bond`` to ``objects`` (two of them for BETWEEN); all are ids of
    things, pictures, blocks or texts."""

    subject: str
    bond: Bond
    objects: tuple[str, ...]


class Change(StrEnum):
    """One edit of a supplied picture's pixels, applied in order."""

    CROP = "crop"  # amount: share kept (0-1) around ``slot``
    ROTATE = "rotate"  # amount: degrees clockwise
    FLIP = "flip"  # mirror left-right
    FLIP_VERTICAL = "flip-vertical"
    BLUR = "blur"  # amount 0-1
    SHARPEN = "sharpen"
    GREYSCALE = "greyscale"
    SEPIA = "sepia"
    INVERT = "invert"
    BRIGHTNESS = "brightness"  # amount -1..1
    CONTRAST = "contrast"
    SATURATION = "saturation"
    WARMTH = "warmth"
    RECOLOUR = "recolour"  # turn the main colour to ``ink``
    TINT = "tint"
    BACKGROUND = "background"  # replace the plain background by ``ink`` (or blur it: amount)
    NIGHT = "night"
    SUNSET = "sunset"
    PIXELATE = "pixelate"
    POSTERISE = "posterise"
    VIGNETTE = "vignette"


class PixelEdit(Part):
    change: Change
    amount: float | None = None
    ink: Ink | None = None
    slot: Slot | None = None


class Framing(StrEnum):
    """How a supplied picture meets the canvas."""

    COVER = "cover"  # fills the canvas
    INSET = "inset"  # a print on the page
    CUTOUT = "cutout"  # its plain background removed, standing in the scene
    ROUND = "round"  # in a circle
    TILE = "tile"  # one cell of a collage


class Picture(Part):
    """A supplied or earlier picture: ``digest`` is the SHA-256 (hex) of its file's bytes."""

    id: str
    digest: str
    framing: Framing = Framing.COVER
    edits: tuple[PixelEdit, ...] = ()
    size: Size | None = None
    slot: Slot | None = None
    depth: Depth | None = None


class EffectKind(StrEnum):
    CONFETTI = "confetti"
    STARS = "stars"
    SNOW = "snow"
    RAIN = "rain"
    BOKEH = "bokeh"
    SPARKLES = "sparkles"
    HEARTS = "hearts"
    PETALS = "petals"
    LEAVES = "leaves"
    BUBBLES = "bubbles"
    FIREWORKS = "fireworks"
    BALLOONS = "balloons"
    FOG = "fog"
    CLOUDS = "clouds"
    SUNRAYS = "sunrays"
    LIGHTNING = "lightning"
    RAINBOW = "rainbow"
    FRAME = "frame"
    SHADOW = "shadow"
    GLOW = "glow"
    VIGNETTE = "vignette"
    GRAIN = "grain"
    BLUR = "blur"
    REFLECTION = "reflection"


class Effect(Part):
    """Something over or behind the whole picture. ``amount`` runs from 0 to 1, 0.5 is usual."""

    kind: EffectKind
    ink: Ink | None = None
    amount: float = 0.5


class BlockKind(StrEnum):
    """A piece of an infographic or an interface."""

    STEP = "step"
    STAT = "stat"
    BAR_CHART = "bar-chart"
    PIE_CHART = "pie-chart"
    LINE_CHART = "line-chart"
    TIMELINE = "timeline"
    TABLE = "table"
    COMPARISON = "comparison"
    LIST = "list"
    BUTTON = "button"
    FIELD = "field"
    CARD = "card"
    NAV = "nav"
    TABS = "tabs"
    AVATAR = "avatar"
    TOGGLE = "toggle"
    PHONE = "phone"
    BROWSER = "browser"


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


class Style(StrEnum):
    """The hand it is drawn by."""

    FLAT = "flat"
    WATERCOLOUR = "watercolour"
    PENCIL = "pencil"
    VINTAGE = "vintage"
    NEON = "neon"
    MINIMAL = "minimal"
    PASTEL = "pastel"
    MONOCHROME = "monochrome"
    PIXEL = "pixel"


class Absent(StrEnum):
    """What a place must not draw of its own accord, because the prompt denies it."""

    MOON = "moon"
    SUN = "sun"
    CLOUDS = "clouds"
    STARS = "stars"
    TREES = "trees"
    FLOWERS = "flowers"
    BIRDS = "birds"
    BUILDINGS = "buildings"
    PEOPLE = "people"


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
