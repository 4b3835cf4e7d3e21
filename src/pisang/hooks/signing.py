"""How a web hook is signed, so that who gets it knows that it is from here, new, and unchanged.

The form is that of Standard Webhooks, for which there are libraries in most languages: the headers
``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; the last is ``v1,`` and HMAC-SHA256
(base64) over ``id.timestamp.body``. A secret is ``whsec_`` and 24 to 64 bytes as base64.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Final

from pisang.core.errors import RequestError

PREFIX: Final = "whsec_"
_BYTES: Final = 32
_FEWEST, _MOST = 24, 64


def new_secret() -> str:
    """A new one; who gets the hooks has to be told it once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def checked_secret(written: str) -> str:
    """A secret that somebody chose. Raises ``RequestError``."""
    if not _FEWEST <= len(_octets(written)) <= _MOST:
        raise RequestError(
            f"The secret of a web hook is {PREFIX} and {_FEWEST} to {_MOST} bytes as base64. "
            "Without one, one is made.",
            field="hook_secret",
        )
    return written


def headers(id_: str, at: int, body: bytes, secret: str) -> Mapping[str, str]:
    """The headers of a hook that is sent at a time (seconds since 1970); unsigned without a
    secret."""
    made = {
        "content-type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(at),
    }
    if secret:
        made["webhook-signature"] = signature(id_, at, body, secret)
    return made


def signature(id_: str, at: int, body: bytes, secret: str) -> str:
    """The signature of a hook."""
    signed = b".".join((id_.encode(), str(at).encode(), body))
    digest = hmac.new(_octets(secret) or secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def _octets(secret: str) -> bytes:
    """The bytes that a secret stands for; none where it is not of the right form."""
    try:
        if secret.startswith(PREFIX):
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        pass
    return b""
