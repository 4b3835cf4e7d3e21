"""Base64 as clients really send it: two alphabets, padding or none, and otherwise strict.

google-genai for Python writes ``inlineData.data`` in the URL-safe alphabet and Imagen bytes in the
standard one (surfaces contract, section 0, rule 4). We always write the standard alphabet, padded.
"""

import binascii
import re

import pybase64

from pisang.core.content import Encoded
from pisang.core.errors import EngineFailed

_STRANGE = re.compile(r"[^A-Za-z0-9+/_=-]")


class BadBase64(ValueError):
    """The text is not base64; the message says why and what to send instead."""


def decode_base64(text: str) -> bytes:
    """Decodes base64 in either alphabet, padded or not.

    The standard alphabet is tried first: a URL-safe text of any length shows itself within the
    first hundred letters, so that the second try costs nothing. Raises ``BadBase64``.
    """
    missing = -len(text) % 4
    padded = text + "=" * missing if missing in (1, 2) else text
    try:
        return pybase64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        pass
    if "+" not in padded and "/" not in padded:
        try:
            return pybase64.b64decode(padded, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            pass
    raise BadBase64(_reason(text))


def encode_base64(data: bytes) -> bytes:
    """Encodes in the standard alphabet with padding, as ASCII bytes ready for the wire."""
    return pybase64.b64encode(data)


def encoded(text: bytes) -> Encoded:
    """Base64 of an answer, to be decoded when it is needed; then it may raise ``EngineFailed``."""
    return Encoded(text, _decoded)


def is_standard(text: bytes) -> bool:
    """Whether base64 looks as we write it, so that it can go on as it came."""
    return len(text) % 4 == 0 and b"-" not in text and b"_" not in text


def _decoded(text: bytes) -> bytes:
    try:
        return decode_base64(text.decode("ascii", "replace"))
    except BadBase64 as error:
        raise EngineFailed(
            f"The server's answer cannot be read: its base64 is none; {error}"
        ) from None


def _reason(text: str) -> str:
    if text[:5].lower() == "data:":
        return "send the base64 alone, without the 'data:...;base64,' before it."
    strange = _STRANGE.search(text)
    if strange and strange.group().isspace():
        return f"there is white space at position {strange.start()}; send one unbroken line."
    if strange:
        return f"{strange.group()!r} at position {strange.start()} is not a base64 character."
    if ("+" in text or "/" in text) and ("-" in text or "_" in text):
        return "it mixes the standard alphabet (+ /) with the URL-safe one (- _); use one."
    return "its length or padding is wrong; it may have been cut off."
