"""Puts another model or tier into a body that passes as it came: its other bytes are not touched.

A relay may call a model by a name of its own, and the limits of a project may grant less than the
tier that was asked for. JSON is not written anew for that, because what we do not know of it would
be (numbers, key order, names given twice): the bytes of the one value are exchanged. The same goes
for a form.
"""

import json
import re
from typing import Final

from pisang.wire.cut import cut
from pisang.wire.splice import NotJson, Piece, Splice

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))', re.I)
_NAMED: Final = {
    name: re.compile(
        rb';\s*name=(?:"%b"|%b)\s*(?:;|\r|\n|$)' % (name.encode(), name.encode()), re.I
    )
    for name in ("model", "service_tier")
}
_HEADS_END: Final = b"\r\n\r\n"
_TIER: Final = "service_tier"
_STANDARD: Final = "default"
"""The tier in OpenAI's words; without any, the upstream's project decides, maybe for a dear one."""


def rename(body: bytes, media_type: str, model: str) -> list[Piece]:
    """The body in pieces, with ``model`` as its model; one that names none gets it added. The
    pictures are not copied."""
    if _is_form(media_type):
        return _in_form(body, media_type, "model", model, adds=True)
    return _in_json(body, "model", model, adds=True)


def at_standard(body: bytes, media_type: str) -> bytes:
    """The body with the standard tier, where it names one."""
    if _is_form(media_type):
        return b"".join(_in_form(body, media_type, _TIER, _STANDARD))
    return b"".join(_in_json(body, _TIER, _STANDARD))


def _is_form(media_type: str) -> bool:
    return media_type.lower().startswith("multipart/")


def _in_json(body: bytes, name: str, said: str, *, adds: bool = False) -> list[Piece]:
    splice = Splice(cut(body))
    value = json.dumps(said, ensure_ascii=False).encode()
    try:
        members = splice.members(splice.root)
    except NotJson:
        return [body]
    named = [member for member in members if member.name == name]
    for member in named:
        if splice.read(member.value) != said:
            splice.replace(member.value, member.end, value)
    if adds and not named:
        splice.change(splice.root, members, without=(), adding=b'"%b":' % name.encode() + value)
    return splice.pieces()


def _in_form(
    body: bytes, media_type: str, name: str, said: str, *, adds: bool = False
) -> list[Piece]:
    found = _BOUNDARY.search(media_type)
    if found is None:
        return [body]
    mark = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    at = body.find(mark)
    while at >= 0:
        heads = at + len(mark)
        begin = body.find(_HEADS_END, heads)
        if begin < 0 or body[heads : heads + 2] == b"--":
            break
        begin += len(_HEADS_END)
        end = body.find(b"\r\n" + mark, begin)
        if end < 0:
            break
        if _NAMED[name].search(body, heads, begin):
            if body[begin:end] == said.encode():
                return [body]
            view = memoryview(body)
            return [view[:begin], said.encode(), view[end:]]
        at = end + 2
    first = body.find(mark)
    if first < 0 or not adds:
        return [body]
    head = b'\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % name.encode()
    return [body[:first], mark, head, said.encode(), b"\r\n", memoryview(body)[first:]]
