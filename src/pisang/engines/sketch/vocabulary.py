"""The words a Scene is made of: kinds of picture, places, lights, faces, bonds, effects.

Tables of the reader, of layout and of paint are all keyed by these words, and the documentation
lists them from here.
"""

from enum import StrEnum


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


class Formation(StrEnum):
    """How the members of one group, or the things of a list, stand to each other."""

    ROW = "row"  # side by side on one line
    COLUMN = "column"  # one above the other
    CIRCLE = "circle"
    PILE = "pile"


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


class Framing(StrEnum):
    """How a supplied picture meets the canvas."""

    COVER = "cover"  # fills the canvas
    INSET = "inset"  # a print on the page
    CUTOUT = "cutout"  # its plain background removed, standing in the scene
    ROUND = "round"  # in a circle
    TILE = "tile"  # one cell of a collage


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
