"""The bytes of a kept file as an answer: from the disk in pieces, and never as a page of ours."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pisang.files.library import Kept
from pisang.surfaces.shared import shared


async def contents(call: Request, kept: Kept) -> Response:
    """A download. What a caller uploaded may be HTML or SVG: a browser must not run it here.

    Raises ``FileNotFoundError`` where the file was deleted just now.
    """
    blobs = shared(call).blobs
    await blobs.size(kept.blob)
    pieces: AsyncIterator[bytes] = blobs.stream(kept.blob)
    return StreamingResponse(
        pieces,
        headers={
            "content-type": kept.file.mime_type,
            "content-length": str(kept.file.size),
            "content-disposition": "attachment",
            "content-security-policy": "sandbox",
        },
    )
