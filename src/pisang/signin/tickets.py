"""Tickets: small values that a browser carries for this server and gives back unchanged.

They are signed and not secret, and good for one purpose and a short time, so that any server
process can take up what another one began. Nothing is kept here.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Final

from pisang.core.errors import SignInFailed

_MOST: Final = 4_096


def written(secret: bytes, purpose: str, values: Mapping[str, str], *, seconds: float) -> str:
    """A ticket that is good for some seconds."""
    told = json.dumps({**values, "until": f"{time.time() + seconds:.3f}"}, separators=(",", ":"))
    body = base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")
    return f"{body}.{_signature(secret, purpose, body)}"


def read(secret: bytes, purpose: str, ticket: str) -> dict[str, str]:
    """What a ticket says. Raises ``SignInFailed`` for one that was changed, made elsewhere or for
    something else, and for one whose time is over."""
    body, _, signature = ticket[:_MOST].partition(".")
    right = _signature(secret, purpose, body)
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
        raise SignInFailed("This sign-in did not begin here: begin it again.")
    told = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    if float(told.pop("until")) <= time.time():
        raise SignInFailed("This sign-in took too long: begin it again.")
    return {str(name): str(value) for name, value in told.items()}


def _signature(secret: bytes, purpose: str, body: str) -> str:
    own = hmac.digest(secret, f"pisang sign-in {purpose} 1".encode(), hashlib.sha256)
    return hmac.new(own, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
