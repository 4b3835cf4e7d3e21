"""Puts another model into a body that passes as it came: its other bytes are not touched.

A relay may call a model by a name of its own. JSON is not written anew for that, because what we do
not know of it would be (numbers, key order, names given twice): the bytes of the one value are
exchanged. The same goes for a form.
"""

import json
import re
from typing import Final

from pisang.wire.cut import cut
from pisang.wire.splice import NotJson, Piece, Splice

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))', re.I)
_NAMED_MODEL: Final = re.compile(rb';\s*name=(?:"model"|model)\s*(?:;|\r|\n|$)', re.I)
_HEADS_END: Final = b"\r\n\r\n"


def rename(body: bytes, media_type: str, model: str) -> list[Piece]:
    """The body in pieces, with ``model`` as its model; one that names none gets it added. The
    pictures are not copied."""
    if media_type.lower().startswith("multipart/"):
        return _in_form(body, media_type, model)
    return _in_json(body, model)


def _in_json(body: bytes, model: str) -> list[Piece]:
    splice = Splice(cut(body))
    value = json.dumps(model, ensure_ascii=False).encode()
    try:
        members = splice.members(splice.root)
    except NotJson:
        return [body]
    named = [member for member in members if member.name == "model"]
    for member in named:
        if splice.read(member.value) != model:
            splice.replace(member.value, member.end, value)
    if not named:
        splice.change(splice.root, members, without=(), adding=b'"model":' + value)
    return splice.pieces()


def _in_form(body: bytes, media_type: str, model: str) -> list[Piece]:
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
        if _NAMED_MODEL.search(body, heads, begin):
            if body[begin:end] == model.encode():
                return [body]
            view = memoryview(body)
            return [view[:begin], model.encode(), view[end:]]
        at = end + 2
    first = body.find(mark)
    if first < 0:
        return [body]
    head = b'\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
    return [body[:first], mark, head, model.encode(), b"\r\n", memoryview(body)[first:]]
