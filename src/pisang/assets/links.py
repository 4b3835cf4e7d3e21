"""Links to kept pictures: who has one may fetch, without a key, until it expires.

The signature covers the picture, its size and the time, under a purpose of its own: the same secret
signs other things, and none of those signatures is good here. It is checked before the database is
asked, so a link that is none tells nothing about which pictures there are.
"""

import hashlib
import hmac
import re
import time
from datetime import datetime
from enum import StrEnum
from typing import Final

from pisang.core.clock import seconds_of
from pisang.core.errors import PermissionDenied

_PURPOSE: Final = b"pisang asset link 1"
_UNIX: Final = re.compile(r"[0-9]{1,12}")


class Size(StrEnum):
    """What of a picture a link is for."""

    WHOLE = "whole"
    THUMBNAIL = "thumbnail"


def signed(secret: bytes, asset_id: str, *, until: datetime, size: Size = Size.WHOLE) -> str:
    """The query string of a link that is good until a time (UTC without a zone)."""
    expires = str(seconds_of(until))
    chosen = "" if size is Size.WHOLE else f"&size={size}"
    return f"expires={expires}{chosen}&signature={_signature(secret, asset_id, expires, size)}"


def check(
    secret: bytes, asset_id: str, *, expires: str, signature: str, size: str = Size.WHOLE
) -> int:
    """The Unix time until which this link is good. Raises ``PermissionDenied`` for one that was
    changed, cut off or made elsewhere, and for one whose time is over."""
    known = size if size in list(Size) else ""
    right = _signature(secret, asset_id, expires, known)
    same = hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace"))
    if not same or not known or not _UNIX.fullmatch(expires):
        raise PermissionDenied(
            "The signature of this link is not right: use the whole address, as it was given out."
        )
    if int(expires) <= time.time():
        raise PermissionDenied(
            "This link has expired. Ask for the picture again; the operator sets how long links "
            "are good with link_minutes."
        )
    return int(expires)


def _signature(secret: bytes, asset_id: str, expires: str, size: str) -> str:
    told = "\0".join((asset_id, expires, size)).encode("utf-8", "replace")
    own = hmac.digest(secret, _PURPOSE, hashlib.sha256)
    return hmac.new(own, told, hashlib.sha256).hexdigest()
