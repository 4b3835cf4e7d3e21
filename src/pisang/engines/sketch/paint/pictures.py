"""Supplied pictures: decoded safely, edited, and framed in their box.

Decoding is where hostile bytes meet C code: the header's size is checked first, a truncated file is
an error and not a half grey picture, and whatever libvips refuses becomes a MalformedRequest.
"""

from collections.abc import Callable

import pyvips

from pisang.core.errors import MalformedRequest
from pisang.core.image import sniff
from pisang.engines.sketch.layers import Box, PictureLayer
from pisang.engines.sketch.paint import edits
from pisang.engines.sketch.paint.cutout import one_colour_ground, subject_mask
from pisang.engines.sketch.paint.drawing import contact_shadow
from pisang.engines.sketch.paint.easel import Easel
from pisang.engines.sketch.paint.panel import soft_shadow
from pisang.engines.sketch.paint.sheet import document, num
from pisang.engines.sketch.vocabulary import Change, Framing

_LARGEST = 120.0  # megapixels; admission refuses earlier, this is the last line


def decode(data: bytes) -> pyvips.Image:
    """The file as sRGB, 3 or 4 bands of 8 bits, the way up it was taken, in memory.

    Raises MalformedRequest for what is no picture, is cut short, or is larger than 120 megapixels.
    """
    header = sniff(data)
    if header is None:
        raise MalformedRequest("A supplied picture is in no format that can be read here.")
    if header.megapixels > _LARGEST:
        raise MalformedRequest(f"A supplied picture has more than {_LARGEST:.0f} megapixels.")
    try:
        loaded = pyvips.Image.new_from_buffer(data, "", fail_on="truncated")
        if loaded.width * loaded.height > _LARGEST * 1e6:
            raise MalformedRequest(f"A supplied picture has more than {_LARGEST:.0f} megapixels.")
        return _plain(loaded.autorot()).copy_memory()
    except pyvips.Error as error:
        raise MalformedRequest("A supplied picture is damaged and cannot be decoded.") from error


def _plain(loaded: pyvips.Image) -> pyvips.Image:
    """Any colour space and depth as 8-bit sRGB; a profile is honoured where it can be."""
    if loaded.get_typeof("icc-profile-data"):
        try:
            loaded = loaded.icc_transform("srgb", intent="perceptual", embedded=True)
        except pyvips.Error:  # a broken profile: the numbers are the best guess there is
            loaded = loaded.colourspace("srgb")
    if loaded.interpretation != "srgb" or loaded.bands < 3:
        loaded = loaded.colourspace("srgb")
    loaded = loaded.cast("uchar")
    return loaded[0 : min(loaded.bands, 4)]


def draw(easel: Easel, layer: PictureLayer, data: bytes) -> None:
    """Decodes, edits and frames one supplied picture."""
    box = layer.box
    picture = _no_larger_than_needed(decode(data), layer)
    _FRAMINGS[layer.framing](easel, layer, edits.apply(picture, layer.edits), box)


def _no_larger_than_needed(picture: pyvips.Image, layer: PictureLayer) -> pyvips.Image:
    """Shrinks before the edits what would be shrunk after them, with room for crops."""
    kept = 1.0
    for edit in layer.edits:
        if edit.change is Change.CROP:
            kept *= max(edit.amount or 0.7, 0.05)
        elif edit.change is Change.ROTATE:
            kept *= 0.6
    wanted = max(layer.box.width, layer.box.height) * 1.5 / kept
    scale = wanted / min(picture.width, picture.height)
    return picture.resize(scale).copy_memory() if scale < 0.75 else picture


def _whole(box: Box) -> tuple[int, int, int, int]:
    """The box on the pixel grid: left, top, width, height."""
    left, top = round(box.x), round(box.y)
    return left, top, max(round(box.right) - left, 1), max(round(box.bottom) - top, 1)


def _filled(picture: pyvips.Image, width: int, height: int) -> pyvips.Image:
    """Fills a size with the part of the picture that matters; RGBA."""
    part = _framed(picture, width / height)
    fitted = part.thumbnail_image(width, height=height, size="force")
    if fitted.bands == 3:
        fitted = fitted.bandjoin(255)
    return fitted.cast("uchar").copy(interpretation="srgb").copy_memory()


def _framed(picture: pyvips.Image, ratio: float) -> pyvips.Image:
    """Cuts to a ratio. A subject on a plain ground stays whole, the ground is made wider if need
    be; otherwise the sides give way around what draws the eye, and more below than above."""
    wide = min(float(picture.width), picture.height * ratio)
    high = wide / ratio
    if wide * high > 0.93 * picture.width * picture.height:
        left, top = (picture.width - wide) / 2, (picture.height - high) / 2
        return _window(picture, left, top, wide, high)
    mask = subject_mask(picture)
    if mask is not None:
        x, y, across, down = mask.find_trim(threshold=24, background=0)
        if one_colour_ground(picture):
            wide = max(wide, across * 1.12, down * 1.12 * ratio)
            high = wide / ratio
        left = _slide(x + across / 2 - wide / 2, picture.width - wide)
        top = _slide(y + down / 2 - high / 2, picture.height - high)
        return _window(picture, left, top, wide, high)
    if wide < picture.width - 1:
        return picture.smartcrop(max(round(wide), 1), picture.height, interesting="attention")
    return _window(picture, 0, (picture.height - high) * 0.4, wide, high)


def _slide(start: float, room: float) -> float:
    """A window's start kept inside the picture, or centred where the window is larger."""
    return min(max(start, 0.0), room) if room > 0 else room / 2


def _window(
    picture: pyvips.Image, left: float, top: float, width: float, height: float
) -> pyvips.Image:
    """A part of the picture; beyond its edge the edge goes on."""
    x, y, wide, high = round(left), round(top), max(round(width), 1), max(round(height), 1)
    return picture.embed(-x, -y, wide, high, extend="copy")


def _masked(picture: pyvips.Image, shape: str) -> pyvips.Image:
    """Cuts an RGBA image to an SVG shape in its own coordinates."""
    svg = document([shape], box=(0, 0, picture.width, picture.height))
    mask = pyvips.Image.svgload_buffer(svg)[3]
    alpha = (picture[3].cast("ushort") * mask / 255).cast("uchar")
    return picture[0:3].bandjoin(alpha).copy(interpretation="srgb").copy_memory()


def _cover(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    del layer
    left, top, width, height = _whole(box)
    easel.stamp(_filled(picture, width, height), left, top)


def _inset(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    """A print: white border, thin edge, soft shadow."""
    border = min(box.width, box.height) * 0.035
    soft_shadow(easel.sheet, box, radius=border * 0.2, blur=easel.unit * 0.024, alpha=0.34)
    easel.sheet.rect(box.x, box.y, box.width, box.height, "#fffdf8", radius=border * 0.15)
    easel.sheet.touch(box.x, box.y, box.right, box.bottom)
    _cover(easel, layer, picture, box.grown(-border))


def _rounded(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    """Rounded corners and a soft shadow."""
    radius = min(box.width, box.height) * 0.06
    if layer.shadow or layer.framing is Framing.CUTOUT:
        soft_shadow(easel.sheet, box, radius=radius, blur=easel.unit * 0.022, alpha=0.3)
    left, top, width, height = _whole(box)
    shape = f'<rect width="{width}" height="{height}" rx="{num(radius)}" fill="#fff"/>'
    easel.stamp(_masked(_filled(picture, width, height), shape), left, top)


def _tile(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    """A cell of a collage: edges sharp, corners just broken."""
    del layer
    left, top, width, height = _whole(box)
    radius = min(width, height) * 0.018
    shape = f'<rect width="{width}" height="{height}" rx="{num(radius)}" fill="#fff"/>'
    easel.stamp(_masked(_filled(picture, width, height), shape), left, top)


def _round(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    """In a circle with a white ring."""
    side = min(box.width, box.height)
    square = Box(box.centre[0] - side / 2, box.centre[1] - side / 2, side, side)
    if layer.shadow:
        soft_shadow(easel.sheet, square, radius=side / 2, blur=easel.unit * 0.022, alpha=0.32)
    easel.sheet.circle(*square.centre, side / 2, "#fffdf8")
    easel.sheet.touch(square.x, square.y, square.right, square.bottom)
    left, top, width, height = _whole(square.grown(-side * 0.022))
    shape = (
        f'<circle cx="{num(width / 2)}" cy="{num(height / 2)}" r="{num(width / 2)}" fill="#fff"/>'
    )
    easel.stamp(_masked(_filled(picture, width, height), shape), left, top)


def _cutout(easel: Easel, layer: PictureLayer, picture: pyvips.Image, box: Box) -> None:
    """The subject alone, standing on the box's bottom; a rounded print where no cut is clean."""
    mask = subject_mask(picture)
    if mask is None:
        _rounded(easel, layer, picture, _fitted(picture, box))
        return
    left, top, width, height = mask.find_trim(threshold=24, background=0)
    subject = picture[0:3].bandjoin(mask).copy(interpretation="srgb")
    if width > 2 and height > 2:
        subject = subject.crop(left, top, width, height)
    place = _fitted(subject, box)
    if layer.shadow:
        contact_shadow(easel.sheet, place, dark=easel.lit and easel.light.dark)
    x, y, wide, high = _whole(place)
    subject = subject.thumbnail_image(wide, height=high, size="force")
    easel.stamp(subject.cast("uchar").copy_memory(), x, y)


def _fitted(picture: pyvips.Image, box: Box) -> Box:
    """The largest box of the picture's proportions inside, centred, standing on the bottom."""
    scale = min(box.width / picture.width, box.height / picture.height)
    width, height = picture.width * scale, picture.height * scale
    return Box(box.x + (box.width - width) / 2, box.bottom - height, width, height)


_FRAMINGS: dict[Framing, Callable[[Easel, PictureLayer, pyvips.Image, Box], None]] = {
    Framing.COVER: _cover,
    Framing.INSET: _inset,
    Framing.CUTOUT: _cutout,
    Framing.ROUND: _round,
    Framing.TILE: _tile,
}
