"""Edits of one part of a picture: put something there, take it away, go on beyond the edge.

The picture is fitted to the canvas first; everything after that works on its pixels, and what the
mask does not cover keeps them. What is drawn is drawn by the same layout and paint as a whole
scene, on the picture's own ground.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pyvips

from pisang.core.content import Use
from pisang.core.image import Canvas, Pixels
from pisang.core.request import AutoMask, Edit, EditMode, GenerateRequest, Mask
from pisang.engines.sketch.layout import arrange
from pisang.engines.sketch.lettering import writable
from pisang.engines.sketch.paint import edits, enlarge, heal, manner, masks, paint
from pisang.engines.sketch.paint.laying import Bytes, array, image, lay
from pisang.engines.sketch.paint.pictures import decode
from pisang.engines.sketch.paint.tones import soften
from pisang.engines.sketch.read import read, takes_away
from pisang.engines.sketch.reading import Reading, Supplied
from pisang.engines.sketch.scene import Backdrop, PixelEdit, Scene
from pisang.engines.sketch.setting import settle
from pisang.engines.sketch.supplies import Supplies, with_subjects
from pisang.engines.sketch.vocabulary import Genre

_SMALL = 320  # pixels of the short side below which layout has no room: drawn larger, then shrunk
_SCALED = 16.0  # times at most
_STRIP = 0.12  # share of the canvas below which a margin is too narrow to draw in
_GUESS = 0.012  # of the long side: what a found subject is widened by, to take its edge along
_FEATHER = 0.008  # of the long side


@dataclass(frozen=True, slots=True)
class _Work:
    """``pixels`` are the picture on its canvas, ``mask`` what of it may be changed; ``guessed``
    says that nobody drew the mask."""

    pixels: Bytes
    mask: Bytes
    words: str
    scene: Scene | None
    supplies: Supplies
    seed: int
    guessed: bool

    def painted(self, scene: Scene, ground: Bytes, *, settled: bool = False) -> Bytes:
        """A scene drawn over a ground; a scene that names no place leaves the ground as it is."""
        high, wide = ground.shape[:2]
        factor = min(max(_SMALL / min(high, wide), 1.0), _SCALED)
        size = max(round(wide * factor), 8), max(round(high * factor), 8)
        scene = settle(scene) if settled else scene
        files, sizes = self.supplies.files(), self.supplies.sizes()
        layers = arrange(scene, canvas=Canvas(*size, "", ""), seed=self.seed, sizes=sizes)
        alone = scene.backdrop == Backdrop() and not settled
        done = paint(layers, seed=self.seed, pictures=files.__getitem__, transparent=alone)
        data = np.frombuffer(done.data, np.uint8).reshape(size[1], size[0], done.bands)
        over = _sized(data, wide, high)
        if not alone:
            return over
        under = ground.copy()
        lay(over, under)
        return under

    def mixed(self, above: Bytes, below: Bytes) -> Bytes:
        """What was made, where the mask allows it; soft towards the inside of the mask."""
        share = masks.feathered(self.mask, max(self.mask.shape) * _FEATHER)[..., None]
        return (below + (above.astype(np.float32) - below) * share).round().astype(np.uint8)


def applies(edit: Edit | None, supplies: Supplies) -> bool:
    """Whether an edit is of this kind; one without a mask and without a mode is a conversation."""
    if edit is None or supplies.base is None:
        return False
    return edit.mode is not EditMode.FREE or edit.mask is not None


def understand(words: str, negative: str | None, supplies: Supplies) -> Reading:
    """What is to be drawn, apart from the picture that is there."""
    reading = read(spoken(words, negative, supplies), previous=None, pictures=())
    scene = with_subjects(reading.scene, supplies.of(Use.SUBJECT))
    if scene is None:
        return reading
    scene, notes = writable(scene)
    return replace(reading, scene=scene, notes=reading.notes + notes)


def spoken(words: str, negative: str | None, supplies: Supplies) -> str:
    """The prompt with its style in words, and with what it should not show as a denial."""
    manners = "".join(f", in the style of {said}" for said in supplies.captions(Use.STYLE))
    unwanted = [word.strip() for word in (negative or "").replace("\n", ",").split(",")]
    denied = " and ".join(f"without {word}" for word in unwanted if word)
    said = f"{words}{manners}" if words else words
    return f"{said}\n{denied}" if said and denied else said


def retouch(
    request: GenerateRequest, canvas: Canvas, *, reading: Reading, supplies: Supplies, seed: int
) -> Pixels:
    """The edited picture. Raises MalformedRequest for a picture that cannot be decoded."""
    edit = request.edit or Edit()
    assert supplies.base is not None
    pixels, mask = _placed(edit, supplies, canvas)
    words = " ".join(part.text for part in request.contents[-1].parts if part.text)
    guessed = edit.mask is not None and not supplies.of(Use.MASK)
    work = _Work(pixels, mask, words, reading.scene, supplies, seed, guessed)
    done = _MODES[edit.mode](work) if mask.any() or edit.mode is EditMode.WEAR else pixels
    whole = Pixels(canvas.width, canvas.height, 3, np.ascontiguousarray(done).tobytes())
    return finished(whole, supplies)


def finished(pixels: Pixels, supplies: Supplies) -> Pixels:
    """What style and control pictures do to a picture that is done."""
    guides, styles = supplies.decoded(Use.CONTROL), supplies.decoded(Use.STYLE)
    if not guides and not styles:
        return pixels
    shape = pixels.height, pixels.width, pixels.bands
    data = np.frombuffer(pixels.data, np.uint8).reshape(shape)
    shown = data[..., :3]
    for guide in guides:
        shown = manner.lined(shown, guide)
    for style in styles:
        shown = manner.coloured(np.ascontiguousarray(shown), style)
    return replace(pixels, data=np.dstack((shown, data[..., 3:])).tobytes())


def _placed(edit: Edit, supplies: Supplies, canvas: Canvas) -> tuple[Bytes, Bytes]:
    """The picture on the canvas, and its mask: whole with a margin where it is to be continued,
    else filling the canvas."""
    assert supplies.base is not None
    picture = decode(supplies.base.data)
    flat = picture.flatten(background=[255, 255, 255]) if picture.bands == 4 else picture
    extend = edit.mode is EditMode.EXTEND
    fit = (canvas.width / picture.width, canvas.height / picture.height)
    scale = min(fit) if extend else max(fit)
    wide, high = (max(round(side * scale), 1) for side in (picture.width, picture.height))
    x, y = (canvas.width - wide) // 2, (canvas.height - high) // 2
    shown = flat if (wide, high) == (flat.width, flat.height) else _scaled(flat, wide, high)
    mask = _mask(edit.mask, edit.mode, supplies, shown)
    beyond = [255 if extend else 0]
    room = (x, y, canvas.width, canvas.height)
    whole = shown.cast("uchar").embed(*room, extend="copy").copy(interpretation="srgb")
    put = image(np.ascontiguousarray(mask[..., None]))
    put = put.embed(*room, extend="background", background=beyond)
    covered = array(put)[..., 0]
    dilation = edit.mask.dilation if edit.mask else 0.0
    if edit.mask and edit.mask.auto is AutoMask.FOREGROUND:
        dilation = max(dilation, _GUESS)
    return array(whole), masks.widened(covered, dilation)


def _mask(mask: Mask | None, mode: EditMode, supplies: Supplies, picture: pyvips.Image) -> Bytes:
    """What may be changed, of the picture's size."""
    sent = supplies.decoded(Use.MASK)
    if mask is not None and sent:
        return masks.drawn(sent[0], mask.marks, picture.width, picture.height)
    if mask is not None and mask.auto is not None:
        return masks.found(picture, mask.auto)
    if mode is EditMode.BACKGROUND:
        return masks.found(picture, AutoMask.BACKGROUND)
    level = 0 if mode is EditMode.EXTEND else 255  # what is beyond the edge; or everything
    return np.full((picture.height, picture.width), level, np.uint8)


def _free(work: _Work) -> Bytes:
    """Whatever the prompt says: another look of what is there, its end, or something new."""
    supplied = Supplied("base", work.pixels.shape[1], work.pixels.shape[0], fresh=True)
    spoken = read(work.words, previous=None, pictures=[supplied]).scene
    changes = _changes(spoken)
    if changes:
        other = edits.apply(image(work.pixels), changes)
        if (other.width, other.height) == (work.pixels.shape[1], work.pixels.shape[0]):
            return work.mixed(array(other[0:3]), work.pixels)
    if takes_away(work.words):
        return _removed(work)
    # OpenAI's prompts describe the whole picture: its place is the one that is there
    return _inserted(replace(work, scene=work.scene and _without_place(work.scene)))


def _changes(scene: Scene | None) -> tuple[PixelEdit, ...]:
    """The edits of a reading that does nothing but edit the picture."""
    if scene is None or scene.genre is not Genre.EDIT or scene.things or scene.texts:
        return ()
    return tuple(change for picture in scene.pictures for change in picture.edits)


def _inserted(work: _Work) -> Bytes:
    """The prompt's things where something else was. They are cut to a mask that was drawn; a mask
    that was found has the shape of the old thing, so they get the room around its largest part."""
    mask = masks.largest(work.mask) if work.guessed else work.mask
    ground = heal.healed(work.pixels, mask)
    box = masks.bounds(mask)
    if work.scene is None or box is None:
        return ground
    if not work.guessed:
        return work.mixed(_drawn_in(work, work.scene, ground, box), ground)
    return _drawn_in(work, _without_place(work.scene), ground, box)


def _drawn_in(work: _Work, scene: Scene, ground: Bytes, box: tuple[int, int, int, int]) -> Bytes:
    """The ground with a scene drawn inside a box of it."""
    left, top, right, bottom = box
    whole = ground.copy()
    part = np.ascontiguousarray(ground[top:bottom, left:right])
    whole[top:bottom, left:right] = work.painted(scene, part)
    return whole


def _removed(work: _Work) -> Bytes:
    return heal.healed(work.pixels, work.mask)


def _background(work: _Work) -> Bytes:
    """The prompt's scene behind what is kept; where the prompt has none, the old one blurred."""
    if work.scene is None:
        behind = array(soften(image(work.pixels), max(work.mask.shape) * 0.02))
    else:
        behind = work.painted(work.scene, work.pixels, settled=True)
    return work.mixed(behind, work.pixels)


def _extended(work: _Work) -> Bytes:
    """The picture goes on; things of the prompt stand in the widest of the new margins. Where what
    is kept has every edge, the mask is a hole and no margin, and is filled as one."""
    high, wide = work.mask.shape
    if masks.bounds(np.uint8(255) - work.mask) == (0, 0, wide, high):
        return _inserted(work)
    ground = enlarge.continued(work.pixels, work.mask)
    strip = _margin(work.mask)
    if work.scene is None or not work.scene.things or strip is None:
        return ground
    scene = _without_place(work.scene)
    return np.where(work.mask[..., None] > 0, _drawn_in(work, scene, ground, strip), ground)


def _without_place(scene: Scene) -> Scene:
    """The things alone, where a place of their own would look like a window."""
    alone = scene.things or scene.pictures
    return scene.model_copy(update={"backdrop": Backdrop()}) if alone else scene


def _margin(mask: Bytes) -> tuple[int, int, int, int] | None:
    """The largest strip between what is kept and an edge; None where all are narrow."""
    high, wide = mask.shape
    kept = masks.bounds(np.uint8(255) - mask)
    if kept is None:
        return 0, 0, wide, high
    left, top, right, bottom = kept
    strips = [
        (0, 0, left, high),
        (right, 0, wide, high),
        (0, 0, wide, top),
        (0, bottom, wide, high),
    ]
    open_ = [s for s in strips if min((s[2] - s[0]) / wide, (s[3] - s[1]) / high) > _STRIP]
    return max(open_, key=lambda s: (s[2] - s[0]) * (s[3] - s[1]), default=None)


def _worn(work: _Work) -> Bytes:
    return manner.dressed(work.pixels, work.supplies.decoded(Use.GARMENT))


_MODES: Mapping[EditMode, Callable[[_Work], Bytes]] = MappingProxyType(
    {
        EditMode.FREE: _free,
        EditMode.INSERT: _inserted,
        EditMode.REMOVE: _removed,
        EditMode.EXTEND: _extended,
        EditMode.BACKGROUND: _background,
        EditMode.WEAR: _worn,
    }
)


def _sized(pixels: Bytes, wide: int, high: int) -> Bytes:
    if pixels.shape[:2] == (high, wide):
        return pixels
    return array(_scaled(image(np.ascontiguousarray(pixels)), wide, high))


def _scaled(picture: pyvips.Image, wide: int, high: int) -> pyvips.Image:
    return picture.thumbnail_image(wide, height=high, size="force").cast("uchar")
