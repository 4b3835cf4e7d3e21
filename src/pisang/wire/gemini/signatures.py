"""Signatures that Google would refuse, as it did not make them, and the word that stands for one.

A chat may begin on the sketch engine and go on at Google: its turns then carry the signatures of
the sketch engine, which only that engine reads.
"""

import re
from typing import Final

from pisang.core.content import Encoded
from pisang.wire.base64 import BadBase64, decode_base64, encode_base64
from pisang.wire.cut import Cut
from pisang.wire.fields import Fields, camel
from pisang.wire.splice import Member, NotJson, Splice

BYPASS: Final = b"skip_thought_signature_validator"
"""What Google takes in place of a signature (surfaces contract, 3.3)."""

SKETCHED: Final = b"psk1"
"""With what the sketch engine's signatures begin."""

_BEGINS: Final = b"cHNrM"  # that in base64, as far as it is sure
_OURS: Final = re.compile(b'"%b[Q-Za-f]' % _BEGINS)  # two bits of the last byte, four of the next
_SPELLINGS: Final = ("thought_signature", camel("thought_signature"))


def without_ours(found: Cut) -> bytes:
    """The body with ``BYPASS`` for every signature of the sketch engine; the same bytes where there
    is none."""
    long = any(found.body.startswith(_BEGINS, begin) for begin, _ in found.spans)
    if not long and _BEGINS not in found.skeleton:
        return found.body
    splice = Splice(found)
    try:
        signatures = _signatures(splice)
    except NotJson:
        return found.body
    begins = sorted(member.value for member in signatures)
    ours = {
        value
        for value, place in zip(begins, found.in_body(begins), strict=True)
        if _OURS.match(found.body, place)
    }
    for member in signatures:
        if member.value in ours:
            splice.replace(member.value, member.end, b'"%b"' % encode_base64(BYPASS))
    return b"".join(splice.pieces())


def read(part: Fields) -> bytes | None:
    """The signature of a part of an answer; none where it cannot be read: the picture beside it
    can be, and was paid."""
    said = part.take("thought_signature")
    text = said.text.decode("ascii", "replace") if isinstance(said, Encoded) else said
    try:
        return decode_base64(text) if isinstance(text, str) else None
    except BadBase64:
        return None


def _signatures(splice: Splice) -> list[Member]:
    """The signatures of all parts of all turns. Raises ``NotJson``."""
    return [
        member
        for turn in _items(splice, splice.root, "contents")
        for part in _items(splice, turn, "parts")
        for member in splice.members(part)
        if member.name in _SPELLINGS
    ]


def _items(splice: Splice, at: int, name: str) -> list[int]:
    return [
        item
        for member in splice.members(at)
        if member.name == name
        for item in splice.items(member.value)
    ]
