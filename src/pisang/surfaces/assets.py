"""Hands out kept pictures by their links: no key is asked for, because the link is one."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pisang.assets import library, links
from pisang.assets.links import Size
from pisang.surfaces.shared import shared

_SUFFIX: Final[Mapping[str, str]] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
}
# A picture is shown, never run: should a browser take it for a page, the page may do nothing.
_HARMLESS: Final = "default-src 'none'; sandbox"


async def fetch(call: Request) -> Response:
    """A picture, or its thumbnail, for who has the link."""
    things, query = shared(call), call.query_params
    asset_id = str(call.path_params["asset"])
    until = links.check(
        things.secret,
        asset_id,
        expires=query.get("expires", ""),
        signature=query.get("signature", ""),
        size=query.get("size", Size.WHOLE),
    )
    size = Size(query.get("size", Size.WHOLE))
    asset = await library.find(things.database, asset_id)
    etag = f'"{asset.sha256.hex()[:32]}-{size}"'
    headers = {
        "etag": etag,
        "cache-control": f"private, max-age={max(0, until - int(time.time()))}, immutable",
        "content-security-policy": _HARMLESS,
        "cross-origin-resource-policy": "cross-origin",
        "last-modified": asset.created_at.strftime("%a, %d %b %Y %H:%M:%S GMT"),
    }
    if etag in call.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    blob = await library.read(things.database, things.blobs, asset, size=size)
    name = f"{asset.id}{'' if size is Size.WHOLE else '-small'}{_SUFFIX.get(blob.mime_type, '')}"
    headers |= {
        "content-type": blob.mime_type,
        "content-length": str(len(blob.data)),
        "content-disposition": f'inline; filename="{name}"',
    }
    return Response(b"" if call.method == "HEAD" else blob.data, headers=headers)


ROUTES: Final[Sequence[Route]] = (Route("/assets/{asset}", fetch),)
