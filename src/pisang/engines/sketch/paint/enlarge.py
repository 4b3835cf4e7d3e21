"""Makes pictures larger: by a factor, and beyond their own edges."""

import numpy as np
import pyvips

from pisang.core.image import Pixels
from pisang.engines.sketch.paint.laying import Bytes, array, image
from pisang.engines.sketch.paint.masks import Floats, bounds
from pisang.engines.sketch.paint.tones import soften


def enlarged(picture: pyvips.Image, width: int, height: int) -> Pixels:
    """The picture at another size, transparency kept, its edges drawn sharp again."""
    bands = picture.bands
    scaled = picture.premultiply() if bands == 4 else picture.cast("float")
    scaled = scaled.resize(width / picture.width, vscale=height / picture.height, kernel="lanczos3")
    scaled = scaled.unpremultiply() if bands == 4 else scaled
    done = scaled.rint().cast("uchar").copy(interpretation="srgb")
    done = done.gravity("centre", width, height, extend="copy").copy_memory()
    sharp = done[0:3].sharpen(sigma=1.2, x1=1, m2=2) if min(width, height) > 16 else done[0:3]
    sharp = sharp.cast("uchar")
    whole = sharp.bandjoin(done[3]) if bands == 4 else sharp
    return Pixels(width, height, bands, whole.write_to_memory())


def continued(pixels: Bytes, mask: Bytes) -> Bytes:
    """What lies around the kept part, made from it: its edge goes on, and ever softer, as what is
    beyond a lens's focus does."""
    box = bounds(np.uint8(255) - mask)
    if box is None or not mask.any():
        return pixels
    left, top, right, bottom = box
    high, wide = mask.shape
    kept = image(np.ascontiguousarray(pixels[top:bottom, left:right]))
    around = kept.embed(left, top, wide, high, extend="copy").copy_memory()
    near, far = (soften(around, max(wide, high) * share) for share in (0.004, 0.03))
    away = _away(box, wide, high)
    mixed = _towards(array(near), array(far), away)
    mixed = _towards(array(around), mixed, np.clip(away * 12, 0, 1).astype(np.float32))
    grain = np.random.default_rng(wide * high).normal(0, 1.6, (high, wide, 1)) * away[..., None]
    done = np.clip(mixed + grain, 0, 255).round()
    return np.where(mask[..., None] > 0, done, pixels).astype(np.uint8)


def _away(box: tuple[int, int, int, int], wide: int, high: int) -> Floats:
    """0 at the edge of the box, 1 from a twelfth of the long side on."""
    left, top, right, bottom = box
    x, y = np.arange(wide)[None, :], np.arange(high)[:, None]
    off = np.maximum(np.maximum(left - x, x - right + 1), np.maximum(top - y, y - bottom + 1))
    share: Floats = np.clip(off / (max(wide, high) / 12), 0, 1).astype(np.float32)
    return share


def _towards(one: Bytes | Floats, other: Bytes | Floats, share: Floats) -> Floats:
    start = one.astype(np.float32)
    mixed: Floats = start + (other.astype(np.float32) - start) * share[..., None]
    return mixed
