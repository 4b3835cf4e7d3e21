"""Puts another model into a body that passes as it came: its other bytes are not touched.

A relay may call a model by a name of its own. JSON is not written anew for that, because what we do
not know of it would be (numbers, key order, names given twice): the bytes of the one value are
exchanged. The same goes for a form.
"""

import json
import re
from collections.abc import Iterator
from typing import Final

from pisang.wire.cut import cut

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\]:,]|[^\s{}\[\]:,"]++', re.S)
_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,200})"|([^\s;]{1,200}))', re.I)
_NAMED_MODEL: Final = re.compile(rb';\s*name=(?:"model"|model)\s*(?:;|\r|\n|$)', re.I)
_HEADS_END: Final = b"\r\n\r\n"


def rename(body: bytes, media_type: str, model: str) -> list[bytes]:
    """The body in pieces, with ``model`` as its model; one that names none gets it added."""
    if media_type.lower().startswith("multipart/"):
        return _in_form(body, media_type, model)
    return _in_json(body, model)


def _in_json(body: bytes, model: str) -> list[bytes]:
    skeleton = cut(body)
    value = json.dumps(model, ensure_ascii=False).encode()
    spans = list(_values(skeleton.skeleton))
    if all(skeleton.skeleton[begin:end] == value for begin, end in spans) and spans:
        return [body]
    pieces, at = list[bytes](), 0
    for begin, end in spans:
        start, stop = skeleton.in_body((begin, end))
        pieces += (body[at:start], value)
        at = stop
    if not spans and (opened := body.find(b"{") + 1):
        rest = b"" if body[opened:].lstrip()[:1] == b"}" else b","
        pieces, at = [body[:opened], b'"model":', value, rest], opened
    return [*pieces, body[at:]]


def _values(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the values of the outermost object's ``model`` begin and end."""
    depth, key, expects_key, after_colon = 0, b"", False, False
    for token in _TOKEN.finditer(body):
        word = token[0]
        if word in (b"{", b"["):
            depth += 1
            expects_key = depth == 1 and word == b"{"
        elif word in (b"}", b"]"):
            depth -= 1
        elif depth != 1:
            continue
        elif word == b",":
            expects_key = True
        elif word == b":":
            after_colon = True
            continue
        elif after_colon and key == b'"model"':
            yield token.span()
        elif expects_key:
            key, expects_key = word, False
        after_colon = False


def _in_form(body: bytes, media_type: str, model: str) -> list[bytes]:
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
            return [body[:begin], model.encode(), body[end:]]
        at = end + 2
    first = body.find(mark)
    if first < 0:
        return [body]
    head = b'\r\nContent-Disposition: form-data; name="model"\r\n\r\n'
    return [body[:first], mark, head, model.encode(), b"\r\n", body[first:]]
