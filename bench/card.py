"""The birthday card: prompt to encoded PNG, against libvips encoding the same finished pixels."""

import pyvips

from bench.report import Row
from bench.timing import pairs
from pisang.catalog.models import catalog
from pisang.core.content import Content, Part, Role
from pisang.core.image import MediaType
from pisang.core.request import GenerateRequest
from pisang.engines.sketch import fonts
from pisang.engines.sketch.engine import draw
from pisang.provenance.encode import encode

PROMPT = (
    'A birthday card: "Happy Birthday!" in gold script lettering with a soft shadow, '
    "on a dark blue gradient background with confetti"
)
MODEL = "gemini-3.1-flash-image"
TARGETS = {"1K": 4.0, "4K": 3.0}


def rows(*, runs: int = 7) -> list[Row]:
    """One row a size: how many times the bare encode the whole way from the prompt takes."""
    fonts.setup()
    found = []
    for size, target in TARGETS.items():
        canvas = catalog().cards[MODEL].canvas("1:1", size)
        request = GenerateRequest(model=MODEL, contents=(Content(Role.USER, (Part(text=PROMPT),)),))
        finished = draw(request, canvas, key=b"bench").pixels
        assert finished is not None
        picture = pyvips.Image.new_from_memory(
            finished.data, finished.width, finished.height, finished.bands, "uchar"
        )

        def whole(request: GenerateRequest = request, canvas=canvas) -> bytes:  # type: ignore[no-untyped-def]
            pixels = draw(request, canvas, key=b"bench").pixels
            assert pixels is not None
            return encode(pixels, MediaType.PNG)

        def bare(picture: pyvips.Image = picture) -> object:
            return picture.pngsave_buffer(compression=6)

        pair = pairs(whole, bare, runs=runs)
        found.append(
            Row(
                f"birthday card {size}, prompt to PNG",
                f"{pair.first * 1000:.0f} ms",
                f"bare PNG encode {pair.second * 1000:.0f} ms",
                f"{pair.ratio:.2f} ({pair.low:.2f}-{pair.high:.2f})",
                f"at most {target:.0f}",
                pair.ratio <= target,
            )
        )
    return found
